// Whether a field's default fits the field's type, by the rules of Avro Java 1.12: a union's default may fit any branch,
// an enum's any text (a symbol that is none fails when it is used).
import type { AvroSchema, Json } from './schema.ts'

export function defaultFits(schema: AvroSchema, value: Json | undefined): boolean {
  if (value === undefined) return false
  switch (schema.kind) {
    case 'null':
      return value === null
    case 'boolean':
      return typeof value === 'boolean'
    case 'int':
      return typeof value === 'bigint' && BigInt.asIntN(32, value) === value
    case 'long':
      return typeof value === 'bigint' && BigInt.asIntN(64, value) === value
    case 'float':
    case 'double':
      return typeof value === 'bigint' || typeof value === 'number'
    case 'bytes':
    case 'string':
    case 'enum':
    case 'fixed':
      return typeof value === 'string'
    case 'array':
      return Array.isArray(value) && value.every((item) => defaultFits(schema.items, item))
    case 'map':
      return value instanceof Map && [...value.values()].every((item) => defaultFits(schema.values, item))
    case 'union':
      return schema.branches.some((branch) => defaultFits(branch, value))
    case 'record':
      return (
        value instanceof Map &&
        schema.fields.every((field) =>
          defaultFits(field.type, value.get(field.name) ?? (value.has(field.name) ? null : field.default)),
        )
      )
  }
}
