// The one type that holds several, as the SQL validator finds it for CASE, IN, arrays, maps and set operations (Calcite's
// leastRestrictive with Flink's settings). Functions with Flink's own inference use common-type.ts, whose rules differ in places.
import { decimalType, MAX_DECIMAL_PRECISION } from './decimal-type.ts'
import { type LogicalType, type TypeOf, withNullability } from './logical-type.ts'
import { sameType, sameTypeIgnoringNullability } from './type-equality.ts'
import { isInFamily, numericPrecision } from './type-family.ts'

/** `undefined`: no such type. Bare NULLs (type NULL) only make the result nullable; only NULLs have no common type. */
export function leastRestrictive(types: readonly LogicalType[]): LogicalType | undefined {
  const first = types[0]!
  const nullable = types.some((type) => type.nullable || type.kind === 'NULL')
  const found = types.every((type) => sameType(type, first))
    ? withNullability(first, nullable)
    : (byFamily(types, nullable) ?? byAssignment(types, nullable))
  return found?.kind === 'NULL' ? undefined : found
}

function byFamily(types: readonly LogicalType[], nullable: boolean): LogicalType | undefined {
  let result: LogicalType | undefined
  for (const [i, type] of types.entries()) {
    if (type.kind === 'NULL') continue
    if (result === undefined) {
      result = type
      if (isInFamily(type, 'CONSTRUCTED')) return constructed(types, nullable)
    }
    if (familyOf(result) !== familyOf(type)) return undefined
    const next = types[i + 1]
    // A number or an interval beside a time means an offset: the time wins (the rule of datetime arithmetic).
    if (next && shiftsTime(type, next)) return withNullability(next, nullable)
    if (next && isInFamily(type, 'DATETIME') && (next.kind === 'INTERVAL' || isInFamily(next, 'INTEGER'))) {
      return withNullability(type, nullable)
    }
    const merged = mergeWithinFamily(result, type)
    if (merged === undefined) return undefined
    result = merged
  }
  return result && withNullability(result, nullable)
}

function shiftsTime(type: LogicalType, next: LogicalType): boolean {
  return (isInFamily(type, 'EXACT_NUMERIC') || type.kind === 'INTERVAL') && isInFamily(next, 'DATETIME')
}

function familyOf(type: LogicalType): string {
  if (isInFamily(type, 'NUMERIC')) return 'NUMERIC'
  if (isInFamily(type, 'CHARACTER')) return 'CHARACTER'
  if (isInFamily(type, 'BINARY')) return 'BINARY'
  if (isInFamily(type, 'TIMESTAMP')) return 'TIMESTAMP'
  if (type.kind === 'INTERVAL') return type.unit
  return type.kind
}

function mergeWithinFamily(a: LogicalType, b: LogicalType): LogicalType | undefined {
  if (isInFamily(b, 'STRING')) return mergeStrings(a as TypeOf<'VARCHAR'>, b as TypeOf<'VARCHAR'>)
  if (isInFamily(b, 'NUMERIC')) return mergeNumbers(a, b)
  if (b.kind === 'INTERVAL' || b.kind === 'DATE') return a
  if (isInFamily(b, 'DATETIME')) {
    const first = a as TypeOf<'TIMESTAMP'>
    const second = b as TypeOf<'TIMESTAMP'>
    if (first.precision === second.precision) return a
    return { kind: second.kind, precision: Math.max(first.precision, second.precision), nullable: b.nullable }
  }
  return undefined
}

/** Fixed lengths that differ become a varying length: nothing is padded. */
export function mergeStrings(a: TypeOf<'VARCHAR'>, b: TypeOf<'VARCHAR'>): LogicalType {
  const length = Math.max(a.length, b.length)
  const nullable = a.nullable || b.nullable
  if (isInFamily(a, 'BINARY')) {
    const varying = (a as LogicalType).kind === 'VARBINARY' || (b as LogicalType).kind === 'VARBINARY'
    return { kind: varying || a.length !== b.length ? 'VARBINARY' : 'BINARY', length, nullable }
  }
  const varying = a.kind === 'VARCHAR' || b.kind === 'VARCHAR'
  return { kind: varying || a.length !== b.length ? 'VARCHAR' : 'CHAR', length, nullable }
}

function mergeNumbers(a: LogicalType, b: LogicalType): LogicalType {
  const aExact = isInFamily(a, 'EXACT_NUMERIC')
  const bExact = isInFamily(b, 'EXACT_NUMERIC')
  const nullable = a.nullable || b.nullable
  if (aExact !== bExact) {
    const exact = aExact ? a : b
    return exact.kind === 'DECIMAL' ? { kind: 'DOUBLE', nullable } : withNullability(aExact ? b : a, nullable)
  }
  // To the validator FLOAT and DOUBLE are equally precise, so the first one stays.
  if (!aExact) return withNullability(a, nullable)
  return mergeExactNumbers(a, b, nullable)
}

/** Of whole numbers the wider one; with a DECIMAL, one with enough digits on both sides of the point. */
export function mergeExactNumbers(a: LogicalType, b: LogicalType, nullable: boolean): LogicalType {
  if (sameTypeIgnoringNullability(a, b)) return withNullability(a, nullable)
  const first = numericPrecision(a)
  const second = numericPrecision(b)
  if (a.kind !== 'DECIMAL' && b.kind !== 'DECIMAL') {
    return withNullability(second.precision > first.precision ? b : a, nullable)
  }
  const digits = Math.min(
    Math.max(first.precision - first.scale, second.precision - second.scale),
    MAX_DECIMAL_PRECISION,
  )
  const scale = Math.min(Math.max(first.scale, second.scale), MAX_DECIMAL_PRECISION - digits)
  return decimalType(digits + scale, scale, nullable)
}

function constructed(types: readonly LogicalType[], nullable: boolean): LogicalType | undefined {
  const first = types.find((type) => type.kind !== 'NULL')!
  // A bare NULL among rows, arrays or maps has no shape of its own: the validator finds no common type.
  if (types.some((type) => type.kind !== first.kind)) return undefined
  switch (first.kind) {
    case 'ARRAY':
    case 'MULTISET': {
      const element = leastRestrictive(types.map((type) => (type as TypeOf<'ARRAY'>).element))
      return element && { kind: first.kind, element, nullable }
    }
    case 'MAP': {
      const key = leastRestrictive(types.map((type) => (type as TypeOf<'MAP'>).key))
      const value = leastRestrictive(types.map((type) => (type as TypeOf<'MAP'>).value))
      return key && value && { kind: 'MAP', key, value, nullable }
    }
    default:
      return rows(types as readonly TypeOf<'ROW'>[], nullable)
  }
}

function rows(types: readonly TypeOf<'ROW'>[], nullable: boolean): LogicalType | undefined {
  const first = types[0]!
  if (types.some((type) => type.fields.length !== first.fields.length)) return undefined
  const fields = []
  for (const [i, field] of first.fields.entries()) {
    const type = leastRestrictive(types.map((row) => row.fields[i]!.type))
    if (type === undefined) return undefined
    fields.push({ name: field.name, type })
  }
  return { kind: 'ROW', fields, nullable }
}

/** The widest of the types themselves, when every other may be stored in it. */
function byAssignment(types: readonly LogicalType[], nullable: boolean): LogicalType | undefined {
  let result = types[0]!
  for (const type of types.slice(1)) {
    if (type.kind === 'NULL') continue
    if (isAssignable(result, type)) result = type
    else if (!isAssignable(type, result)) return undefined
  }
  return withNullability(result, nullable)
}

/** Which kinds a column of each kind takes without a cast (Calcite's SqlTypeAssignmentRule), as far as the family rules leave it open. */
function isAssignable(from: LogicalType, to: LogicalType): boolean {
  if (from.kind === 'NULL') return true
  if (from.kind === 'INTERVAL' && to.kind === 'INTERVAL') return from.unit === to.unit
  if (from.kind !== to.kind) return false
  if (from.kind === 'ARRAY' || from.kind === 'MULTISET')
    return isAssignable(from.element, (to as TypeOf<'ARRAY'>).element)
  if (from.kind === 'ROW') {
    const fields = (to as TypeOf<'ROW'>).fields
    return from.fields.length === fields.length && from.fields.every((f, i) => isAssignable(f.type, fields[i]!.type))
  }
  return true
}
