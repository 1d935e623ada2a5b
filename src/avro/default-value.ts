// A reader's default as a value. JSON of a default: text with a character per byte for bytes and fixed; a union's default may
// be of any branch, the first that it fits.
import { defaultFits } from './default-fits.ts'
import { logicalOfRaw } from './logical-value.ts'
import type { AvroField, AvroSchema, Json, UnionSchema } from './schema.ts'
import { branchName } from './schema.ts'
import { type AvroValue, isList, isUnion } from './value.ts'

/** Undefined if there is no default, or one that is no value of the field's type. */
export function defaultValue(field: AvroField): AvroValue | undefined {
  return field.default === undefined ? undefined : valueOfJson(field.type, field.default)
}

function valueOfJson(schema: AvroSchema, json: Json): AvroValue | undefined {
  switch (schema.kind) {
    case 'null':
      return json === null ? null : undefined
    case 'boolean':
      return typeof json === 'boolean' ? json : undefined
    case 'int':
      return typeof json === 'bigint' && BigInt.asIntN(32, json) === json ? Number(json) : undefined
    case 'long':
      return typeof json === 'bigint' && BigInt.asIntN(64, json) === json ? json : undefined
    case 'float':
    case 'double': {
      if (typeof json !== 'bigint' && typeof json !== 'number') return undefined
      return schema.kind === 'float' ? Math.fround(Number(json)) : Number(json)
    }
    case 'string':
      return typeof json === 'string' ? json : undefined
    case 'bytes':
      return typeof json === 'string' ? logicalOfRaw(schema, latin1Bytes(json)) : undefined
    case 'fixed': {
      const bytes = typeof json === 'string' ? latin1Bytes(json) : undefined
      return bytes?.length === schema.size ? logicalOfRaw(schema, bytes) : undefined
    }
    case 'enum':
      return typeof json === 'string' && schema.symbols.includes(json) ? json : undefined
    case 'union':
      return unionDefault(schema, json)
    case 'array': {
      if (!Array.isArray(json)) return undefined
      return allOrNothing(json.map((item: Json) => valueOfJson(schema.items, item)))
    }
    case 'map': {
      if (!(json instanceof Map)) return undefined
      return entries([...json].map(([key, item]) => [key, valueOfJson(schema.values, item)]))
    }
    case 'record': {
      if (!(json instanceof Map)) return undefined
      return allOrNothing(
        schema.fields.map((field) => {
          const given = json.has(field.name) ? json.get(field.name) : field.default
          return given === undefined ? undefined : valueOfJson(field.type, given)
        }),
      )
    }
  }
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

function unionDefault(schema: UnionSchema, json: Json): AvroValue | undefined {
  const branch = schema.branches.find((candidate) => defaultFits(candidate, json))
  if (branch === undefined) return undefined
  const value = valueOfJson(branch, json)
  return value === undefined || value === null ? value : { branch: branchName(branch), value }
}

function allOrNothing(values: readonly (AvroValue | undefined)[]): AvroValue | undefined {
  return values.some((value) => value === undefined) ? undefined : (values as readonly AvroValue[])
}

function entries(pairs: readonly (readonly [string, AvroValue | undefined])[]): AvroValue | undefined {
  if (pairs.some(([, value]) => value === undefined)) return undefined
  return new Map(pairs as readonly (readonly [string, AvroValue])[])
}

/** Java's ISO-8859-1: what is beyond U+00FF becomes `?`. */
function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) =>
    character.length === 1 && character <= '\u00ff' ? character.charCodeAt(0) : 0x3f,
  )
}
