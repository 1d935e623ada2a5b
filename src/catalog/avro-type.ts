// The SQL type of any Avro schema, nested ones included. Single types are rows of type-mapping.ts.
import { type AvroSchema, nullBranch, onlyBranch } from '../avro/schema.ts'
import { type LogicalType, MAX_LENGTH, withNullability } from '../types/logical-type.ts'
import { mappingOf } from './type-mapping.ts'

/**
 * A union of null and one type is that type, nullable. Unions of several other types and records that contain themselves
 * have no SQL type: they are opaque (RAW), can be passed on whole and compared with nothing.
 */
export function sqlTypeOf(schema: AvroSchema, within: readonly AvroSchema[] = []): LogicalType {
  switch (schema.kind) {
    case 'union': {
      const only = onlyBranch(schema)
      if (only === undefined) return opaque('union', nullBranch(schema) >= 0)
      return withNullability(sqlTypeOf(only, within), nullBranch(schema) >= 0)
    }
    case 'record': {
      if (within.includes(schema)) return opaque(schema.fullName, false)
      const inside = [...within, schema]
      const fields = schema.fields.map((field) => ({ name: field.name, type: sqlTypeOf(field.type, inside) }))
      return { kind: 'ROW', fields, nullable: false }
    }
    case 'array':
      return { kind: 'ARRAY', element: sqlTypeOf(schema.items, within), nullable: false }
    case 'map': {
      const key: LogicalType = { kind: 'VARCHAR', length: MAX_LENGTH, nullable: false }
      return { kind: 'MAP', key, value: sqlTypeOf(schema.values, within), nullable: false }
    }
    default:
      return mappingOf(schema)?.toSql(schema) ?? opaque(schema.kind, false)
  }
}

function opaque(name: string, nullable: boolean): LogicalType {
  return { kind: 'RAW', className: `avro:${name}`, nullable }
}
