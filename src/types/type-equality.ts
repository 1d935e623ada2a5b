// When two logical types are the same type. Tags (enum, UUID) never count: for Flink both are plain strings.
import type { Field, LogicalType } from './logical-type.ts'

/** Same type with the same nullability at every level; time attributes count. */
export function sameType(a: LogicalType, b: LogicalType): boolean {
  return a.nullable === b.nullable && sameTypeIgnoringNullability(a, b)
}

/** As `sameType`, but the outermost nullability does not count (that of elements and fields does). */
export function sameTypeIgnoringNullability(a: LogicalType, b: LogicalType): boolean {
  if (a === b) return true
  switch (a.kind) {
    case 'CHAR':
    case 'VARCHAR':
    case 'BINARY':
    case 'VARBINARY':
      return b.kind === a.kind && a.length === b.length
    case 'DECIMAL':
      return b.kind === 'DECIMAL' && a.precision === b.precision && a.scale === b.scale
    case 'TIME':
      return b.kind === 'TIME' && a.precision === b.precision
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return b.kind === a.kind && a.precision === b.precision && a.timeAttribute === b.timeAttribute
    case 'INTERVAL':
      return b.kind === 'INTERVAL' && a.unit === b.unit
    case 'ARRAY':
    case 'MULTISET':
      return b.kind === a.kind && sameType(a.element, b.element)
    case 'MAP':
      return b.kind === 'MAP' && sameType(a.key, b.key) && sameType(a.value, b.value)
    case 'ROW':
      return b.kind === 'ROW' && sameFields(a.fields, b.fields)
    case 'STRUCTURED':
      return b.kind === 'STRUCTURED' && a.className === b.className && sameFields(a.fields, b.fields)
    case 'RAW':
      return b.kind === 'RAW' && a.className === b.className
    default:
      return a.kind === b.kind
  }
}

function sameFields(a: readonly Field[], b: readonly Field[]): boolean {
  return a.length === b.length && a.every((field, i) => field.name === b[i]!.name && sameType(field.type, b[i]!.type))
}
