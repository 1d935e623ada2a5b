// Compatibility levels: which direction is checked against which older versions. The check of one pair is avro/'s.
import type { AvroSchema } from '../../avro/schema.ts'
import type { RegisteredText } from './schema-text.ts'
import type { Level } from './scopes.ts'

/** Confluent's messages for what makes `candidate` incompatible; `older` ascending. Unless `all`, every one of `older` counts. */
export function checkLevel(
  level: Level,
  candidate: RegisteredText,
  older: readonly RegisteredText[],
  all: boolean,
): readonly string[] {
  if (level === 'NONE') return []
  const transitive = level.endsWith('_TRANSITIVE')
  const against = all && !transitive ? older.slice(-1) : [...older].reverse()
  const backward = !level.startsWith('FORWARD')
  const forward = !level.startsWith('BACKWARD')
  for (const other of against) {
    const messages = [
      ...(backward ? incompatibilities(candidate.schema, other.schema) : []),
      ...(forward ? incompatibilities(other.schema, candidate.schema) : []),
    ]
    if (messages.length > 0) return messages
  }
  return []
}

function incompatibilities(_reader: AvroSchema, _writer: AvroSchema): readonly string[] {
  return []
}
