// Compatibility levels: which direction is checked against which older versions, and Confluent's words for what is found
// (CompatibilityLevel, Difference in the client). The check of one pair is avro/'s.
import { checkCompatibility, type Incompatibility, type IncompatibilityKind } from '../../avro/compatibility.ts'
import type { RegisteredText } from './schema-text.ts'
import type { Level } from './scopes.ts'

/**
 * Confluent's messages for what makes `candidate` incompatible with the first of the older ones that is; empty: compatible.
 * `older` ascending. With `byLevel` the level says which count: all of them when it is transitive, else the last.
 */
export function checkLevel(
  level: Level,
  candidate: RegisteredText,
  older: readonly RegisteredText[],
  byLevel: boolean,
): readonly string[] {
  if (level === 'NONE') return []
  const against = byLevel && !level.endsWith('_TRANSITIVE') ? older.slice(-1) : older.toReversed()
  for (const other of against) {
    const forward = level.startsWith('BACKWARD') ? [] : differences(other, candidate, 'old', 'new')
    const backward = level.startsWith('FORWARD') ? [] : differences(candidate, other, 'new', 'old')
    if (forward.length + backward.length === 0) continue
    // Confluent leaves the schema out where FULL fails in the forward direction only.
    const withSchema = backward.length > 0 || level.startsWith('FORWARD')
    return [...forward, ...backward, ...(withSchema ? [`{oldSchema: '${other.canonical}'}`] : [])]
  }
  return []
}

type Age = 'old' | 'new'

function differences(
  reader: RegisteredText,
  writer: RegisteredText,
  readerAge: Age,
  writerAge: Age,
): readonly string[] {
  const { incompatibilities, ambiguous } = checkCompatibility(reader.schema, writer.schema)
  if (ambiguous !== undefined) return [`Unexpected exception during compatibility check: ${ambiguous}`]
  return incompatibilities.map((found) => {
    const description = descriptions[found.kind](found, readerAge, writerAge)
    return `{errorType:'${found.kind}', description:'${description}', additionalInfo:'${found.message}'}`
  })
}

type Describe = (found: Incompatibility, reader: Age, writer: Age) => string

const descriptions: Readonly<Record<IncompatibilityKind, Describe>> = {
  NAME_MISMATCH: ({ location }) => `The name of the schema has changed (path '${location}')`,
  FIXED_SIZE_MISMATCH: ({ location }, reader, writer) =>
    `The size of FIXED type field at path '${location}' in the ${reader} schema does not match with the ${writer} schema`,
  MISSING_ENUM_SYMBOLS: ({ location, message }, reader, writer) =>
    `The ${reader} schema is missing enum symbols '${message}' at path '${location}' in the ${writer} schema`,
  READER_FIELD_MISSING_DEFAULT_VALUE: ({ location, message }, reader, writer) =>
    `The field '${message}' at path '${location}' in the ${reader} schema has no default value and is missing in the ${writer} schema`,
  TYPE_MISMATCH: ({ location }, reader, writer) =>
    `The type (path '${location}') of a field in the ${reader} schema does not match with the ${writer} schema`,
  MISSING_UNION_BRANCH: ({ location }, reader, writer) =>
    `The ${reader} schema is missing a type inside a union field at path '${location}' in the ${writer} schema`,
}
