// The common type of several by Flink's own rules (LogicalTypeMerging.findCommonType), which COALESCE, GREATEST, array functions and
// the like use. CASE, IN and set operations use least-restrictive.ts.
import { supportsImplicitCast } from './casts.ts'
import { mergeExactNumbers, mergeStrings } from './least-restrictive.ts'
import { type LogicalType, type TypeOf, withNullability } from './logical-type.ts'
import { sameTypeIgnoringNullability } from './type-equality.ts'
import { isInFamily } from './type-family.ts'

/** `undefined`: there is none. The result is nullable when one of the types is; only bare NULLs have no common type. */
export function commonType(types: readonly LogicalType[]): LogicalType | undefined {
  const nullable = types.some((type) => type.nullable)
  const normalized = types.map((type) => withNullability(type, true))
  const found = byPattern(normalized) ?? byImplicitCast(normalized)
  return found === undefined || found.kind === 'NULL' ? undefined : withNullability(found, nullable)
}

function byPattern(types: readonly LogicalType[]): LogicalType | undefined {
  if (types.some((type) => type.kind === 'RAW')) {
    return types.every((type) => sameTypeIgnoringNullability(type, types[0]!)) ? types[0] : undefined
  }
  let result: LogicalType | undefined
  for (const type of types) {
    if (type.kind === 'NULL') continue
    result ??= type
    const shifted = timeBesideOffset(result, type)
    if (shifted) {
      result = shifted
      continue
    }
    if (isInFamily(type, 'CONSTRUCTED')) return constructed(types)
    const merged = merge(result, type)
    if (merged === undefined) return undefined
    result = merged
  }
  return result ?? types[0]
}

/** A time beside an interval, or a date or timestamp beside an exact number, is the time. */
function timeBesideOffset(a: LogicalType, b: LogicalType): LogicalType | undefined {
  if (isInFamily(a, 'DATETIME') && b.kind === 'INTERVAL') return a
  if (a.kind === 'INTERVAL' && isInFamily(b, 'DATETIME')) return b
  const dated = (type: LogicalType) => isInFamily(type, 'TIMESTAMP') || type.kind === 'DATE'
  if (dated(a) && isInFamily(b, 'EXACT_NUMERIC')) return a
  if (isInFamily(a, 'EXACT_NUMERIC') && dated(b)) return b
  return undefined
}

function merge(a: LogicalType, b: LogicalType): LogicalType | undefined {
  if (isInFamily(a, 'CHARACTER') && isInFamily(b, 'CHARACTER')) return mergeVarying(a, b)
  if (isInFamily(a, 'BINARY') && isInFamily(b, 'BINARY')) return mergeVarying(a, b)
  if (isInFamily(a, 'NUMERIC') && isInFamily(b, 'NUMERIC')) return mergeNumbers(a, b)
  if (isInFamily(a, 'TIMESTAMP') && isInFamily(b, 'TIMESTAMP')) {
    if (sameTypeIgnoringNullability(a, b)) return a
    const precision = Math.max((a as TypeOf<'TIMESTAMP'>).precision, (b as TypeOf<'TIMESTAMP'>).precision)
    const zoned = a.kind === 'TIMESTAMP_LTZ' || b.kind === 'TIMESTAMP_LTZ'
    return { kind: zoned ? 'TIMESTAMP_LTZ' : 'TIMESTAMP', precision, nullable: true }
  }
  if (a.kind !== b.kind) return undefined
  if (a.kind === 'DATE') return a
  if (a.kind === 'TIME') return { ...a, precision: Math.max(a.precision, (b as TypeOf<'TIME'>).precision) }
  if (a.kind === 'INTERVAL') return a.unit === (b as TypeOf<'INTERVAL'>).unit ? a : undefined
  return undefined
}

/** DOUBLE wins over FLOAT; a DECIMAL makes a FLOAT before it a DOUBLE, but leaves one after it as it is. */
function mergeNumbers(a: LogicalType, b: LogicalType): LogicalType {
  const aExact = isInFamily(a, 'EXACT_NUMERIC')
  const bExact = isInFamily(b, 'EXACT_NUMERIC')
  if (aExact && bExact) return mergeExactNumbers(a, b, true)
  if (aExact) return b
  if (bExact) return b.kind === 'DECIMAL' ? { kind: 'DOUBLE', nullable: true } : a
  return a.kind === 'DOUBLE' ? a : b
}

/** Unlike the validator's rule, a VARCHAR met after a CHAR of the same length leaves the type of the last one. */
function mergeVarying(a: LogicalType, b: LogicalType): LogicalType {
  const first = a as TypeOf<'VARCHAR'>
  const second = b as TypeOf<'VARCHAR'>
  if (first.kind === 'VARCHAR' || (a.kind as string) === 'VARBINARY') {
    return { kind: a.kind as 'VARCHAR', length: Math.max(first.length, second.length), nullable: true }
  }
  return mergeStrings(first, second)
}

function constructed(types: readonly LogicalType[]): LogicalType | undefined {
  const first = types[0]!
  if (types.some((type) => type.kind !== first.kind)) return undefined
  switch (first.kind) {
    case 'ARRAY':
    case 'MULTISET': {
      const element = commonType(types.map((type) => (type as TypeOf<'ARRAY'>).element))
      return element && { kind: first.kind, element, nullable: true }
    }
    case 'MAP': {
      const key = commonType(types.map((type) => (type as TypeOf<'MAP'>).key))
      const value = commonType(types.map((type) => (type as TypeOf<'MAP'>).value))
      return key && value && { kind: 'MAP', key, value, nullable: true }
    }
    case 'ROW': {
      const fields = []
      for (const [i, field] of first.fields.entries()) {
        const column = types.map((type) => (type as TypeOf<'ROW'>).fields[i]?.type)
        const type = column.every((t) => t !== undefined) ? commonType(column) : undefined
        if (type === undefined) return undefined
        fields.push({ name: field.name, type })
      }
      if (types.some((type) => (type as TypeOf<'ROW'>).fields.length !== fields.length)) return undefined
      return { kind: 'ROW', fields, nullable: true }
    }
    default:
      return undefined
  }
}

function byImplicitCast(types: readonly LogicalType[]): LogicalType | undefined {
  let result = types[0]!
  for (const type of types) {
    if (type.kind === 'NULL') continue
    if (supportsImplicitCast(result, type)) result = type
    else if (!supportsImplicitCast(type, result)) return undefined
  }
  return result
}
