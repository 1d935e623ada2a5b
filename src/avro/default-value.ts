// A reader's default as a value. JSON of a default: text with a character per byte for bytes and fixed; a union's default may
// be of any branch. Whether a new schema's default is right at all is default-fits.ts's.
import { logicalOfRaw } from './logical-value.ts'
import type { AvroField, AvroSchema, Json } from './schema.ts'
import { branchName } from './schema.ts'
import { type AvroValue, isList, isUnion } from './value.ts'

/** Undefined if there is no default, or one that is no value of the field's type. */
export function defaultValue(field: AvroField): AvroValue | undefined {
  return field.default === undefined
    ? undefined
    : valueOfJson(field.type, field.default, { open: new Set([field]), left: MAX_NODES })
}

/** A default may name defaults of its own; larger ones than this are taken as wrong. */
const MAX_NODES = 100_000

/** Fields whose default is being made: one that needs itself never ends. */
type Making = { readonly open: Set<AvroField>; left: number }

/** What Avro Java makes of it, also where that is odd: whoever reads the same topic must see the same value. */
function valueOfJson(schema: AvroSchema, json: Json, making: Making): AvroValue | undefined {
  if (making.left-- <= 0) return undefined
  switch (schema.kind) {
    case 'null':
      return json === null ? null : undefined
    case 'boolean':
      return typeof json === 'boolean' ? json : undefined
    case 'int':
      return isNumber(json) ? javaInt(json) : undefined
    case 'long':
      return isNumber(json) ? javaLong(json) : undefined
    case 'float':
      return isNumber(json) ? Math.fround(Number(json)) : undefined
    case 'double':
      return isNumber(json) ? Number(json) : undefined
    case 'string':
      return typeof json === 'string' ? json : undefined
    case 'bytes':
      return typeof json === 'string' ? logicalOfRaw(schema, latin1Bytes(json)) : undefined
    case 'fixed':
      return typeof json === 'string' ? logicalOfRaw(schema, resized(latin1Bytes(json), schema.size)) : undefined
    case 'enum':
      return typeof json === 'string' && schema.symbols.includes(json) ? json : undefined
    case 'union': {
      const branch = schema.branches.find((candidate) => mayHold(candidate, json))
      if (branch === undefined) return undefined
      const value = valueOfJson(branch, json, making)
      return value === undefined || value === null ? value : { branch: branchName(branch), value }
    }
    case 'array': {
      const items: readonly Json[] = Array.isArray(json) ? json : json instanceof Map ? [...json.values()] : []
      return allOrNothing(items, (item) => valueOfJson(schema.items, item, making))
    }
    case 'map': {
      if (!(json instanceof Map)) return Array.isArray(json) && json.length > 0 ? undefined : new Map()
      const items = allOrNothing([...json.values()], (item) => valueOfJson(schema.values, item, making))
      return items && new Map([...json.keys()].map((key, index) => [key, items[index]!]))
    }
    case 'record':
      return allOrNothing(schema.fields, (field) => {
        const given = json instanceof Map ? (json as ReadonlyMap<string, Json>).get(field.name) : undefined
        if (given !== undefined) return valueOfJson(field.type, given, making)
        if (field.default === undefined || making.open.has(field)) return undefined
        making.open.add(field)
        const value = valueOfJson(field.type, field.default, making)
        making.open.delete(field)
        return value
      })
  }
}

/** By which Avro Java picks the branch of a union's default: the first that could hold such JSON, looking no deeper. */
function mayHold(schema: AvroSchema, json: Json): boolean {
  switch (schema.kind) {
    case 'null':
      return json === null
    case 'boolean':
      return typeof json === 'boolean'
    case 'int':
    case 'long':
    case 'float':
    case 'double':
      return isNumber(json)
    case 'string':
    case 'bytes':
    case 'fixed':
      return typeof json === 'string'
    default:
      return true
  }
}

function isNumber(json: Json): json is bigint | number {
  return typeof json === 'bigint' || typeof json === 'number'
}

/** Java's conversions: integers wrap, other numbers are cut and stop at the ends of the range. */
function javaInt(json: bigint | number): number {
  if (typeof json === 'bigint') return Number(BigInt.asIntN(32, json))
  return Number.isNaN(json) ? 0 : Math.trunc(Math.min(Math.max(json, -2147483648), 2147483647))
}

function javaLong(json: bigint | number): bigint {
  if (typeof json === 'bigint') return BigInt.asIntN(64, json)
  if (Number.isNaN(json)) return 0n
  if (Math.abs(json) >= 2 ** 63) return json < 0 ? -(2n ** 63n) : 2n ** 63n - 1n
  return BigInt(Math.trunc(json))
}

function resized(bytes: Uint8Array, size: number): Uint8Array {
  const result = new Uint8Array(size)
  result.set(bytes.subarray(0, size))
  return result
}

/** The field of a record value, also of one in a union; undefined for null and for what is no record. */
export function memberOf(
  schema: AvroSchema,
  value: AvroValue,
  name: string,
): { readonly schema: AvroSchema; readonly value: AvroValue } | undefined {
  if (schema.kind === 'union') {
    if (!isUnion(value)) return undefined
    const branch = schema.branches.find((candidate) => branchName(candidate) === value.branch)
    return branch && memberOf(branch, value.value, name)
  }
  if (schema.kind !== 'record' || !isList(value)) return undefined
  const index = schema.fields.findIndex((candidate) => candidate.name === name)
  return index < 0 ? undefined : { schema: schema.fields[index]!.type, value: value[index]! }
}

function allOrNothing<T>(
  items: readonly T[],
  make: (item: T) => AvroValue | undefined,
): readonly AvroValue[] | undefined {
  const values: AvroValue[] = []
  for (const item of items) {
    const value = make(item)
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

/** Java's ISO-8859-1: what is beyond U+00FF becomes `?`. */
function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) =>
    character.length === 1 && character <= '\u00ff' ? character.charCodeAt(0) : 0x3f,
  )
}
