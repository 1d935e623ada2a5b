// Compatibility levels of a schema registry: which direction is checked against which earlier versions, and the messages in
// Confluent's words. The check of one pair is compatibility.ts.
import { checkCompatibility, type Incompatibility, type IncompatibilityKind } from './compatibility.ts'
import type { AvroSchema } from './schema.ts'

export type CompatibilityLevel =
  | 'NONE'
  | 'BACKWARD'
  | 'BACKWARD_TRANSITIVE'
  | 'FORWARD'
  | 'FORWARD_TRANSITIVE'
  | 'FULL'
  | 'FULL_TRANSITIVE'

/** An earlier version: its schema, and the text by which messages show it. */
export type EarlierVersion = { readonly schema: AvroSchema; readonly text: string }

/** Why `candidate` may not follow `earlier` (oldest first); none: it may. Stops at the newest version that does not fit. */
export function checkLevel(
  level: CompatibilityLevel,
  candidate: AvroSchema,
  earlier: readonly EarlierVersion[],
): readonly string[] {
  if (level === 'NONE') return []
  const newestFirst = earlier.toReversed()
  for (const version of level.endsWith('_TRANSITIVE') ? newestFirst : newestFirst.slice(0, 1)) {
    const messages = checkVersion(level, candidate, version)
    if (messages.length > 0) return messages
  }
  return []
}

function checkVersion(level: CompatibilityLevel, candidate: AvroSchema, version: EarlierVersion): readonly string[] {
  const forward = level.startsWith('BACKWARD') ? [] : describe(version.schema, candidate, 'old')
  const backward = level.startsWith('FORWARD') ? [] : describe(candidate, version.schema, 'new')
  // Confluent shows the earlier schema with the last direction it checked only.
  const shown = level.startsWith('FORWARD') ? forward : backward
  return [...forward, ...backward, ...(shown.length > 0 ? [`{oldSchema: '${version.text}'}`] : [])]
}

/** Confluent's texts of what keeps `reader`, which is the new or the old schema, from reading data of `writer`. */
function describe(reader: AvroSchema, writer: AvroSchema, side: 'new' | 'old'): readonly string[] {
  const { incompatibilities, ambiguous } = checkCompatibility(reader, writer)
  if (ambiguous !== undefined) return [`{errorType:'AMBIGUOUS', description:'${ambiguous}'}`]
  const other = side === 'new' ? 'old' : 'new'
  return incompatibilities.map((found) => {
    const description = descriptions[found.kind](found, `${side} schema`, `${other} schema`)
    return `{errorType:'${found.kind}', description:'${description}', additionalInfo:'${found.message}'}`
  })
}

const descriptions: Readonly<
  Record<IncompatibilityKind, (found: Incompatibility, reader: string, writer: string) => string>
> = {
  NAME_MISMATCH: ({ location }) => `The name of the schema has changed (path '${location}')`,
  FIXED_SIZE_MISMATCH: ({ location }, reader, writer) =>
    `The size of FIXED type field at path '${location}' in the ${reader} does not match with the ${writer}`,
  MISSING_ENUM_SYMBOLS: ({ location, message }, reader, writer) =>
    `The ${reader} is missing enum symbols '${message}' at path '${location}' in the ${writer}`,
  READER_FIELD_MISSING_DEFAULT_VALUE: ({ location, message }, reader, writer) =>
    `The field '${message}' at path '${location}' in the ${reader} has no default value and is missing in the ${writer}`,
  TYPE_MISMATCH: ({ location }, reader, writer) =>
    `The type (path '${location}') of a field in the ${reader} does not match with the ${writer}`,
  MISSING_UNION_BRANCH: ({ location }, reader, writer) =>
    `The ${reader} is missing a type inside a union field at path '${location}' in the ${writer}`,
}
