// Which casts exist: the implicit ones (sinks, common types), the explicit ones, and those the SQL validator lets pass but Flink's
// planner or generated code refuses. Rules as data: for each target kind the source kinds.
import type { LogicalType, TypeKind, TypeOf } from './logical-type.ts'
import { sameTypeIgnoringNullability } from './type-equality.ts'
import { isInFamily } from './type-family.ts'

const characters: readonly TypeKind[] = ['CHAR', 'VARCHAR']
const binaries: readonly TypeKind[] = ['BINARY', 'VARBINARY']
const exactNumbers: readonly TypeKind[] = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'DECIMAL']
const numbers: readonly TypeKind[] = [...exactNumbers, 'FLOAT', 'DOUBLE']
const timestamps: readonly TypeKind[] = ['TIMESTAMP', 'TIMESTAMP_LTZ']
const datetimes: readonly TypeKind[] = ['DATE', 'TIME', ...timestamps]
const predefined: readonly TypeKind[] = ['BOOLEAN', ...characters, ...binaries, ...numbers, ...datetimes, 'INTERVAL']

/** Flink's LogicalTypeCasts; every kind is implicitly cast to itself. */
const implicitSources: Partial<Readonly<Record<TypeKind, readonly TypeKind[]>>> = {
  VARCHAR: characters,
  VARBINARY: binaries,
  SMALLINT: ['TINYINT'],
  INTEGER: ['TINYINT', 'SMALLINT'],
  BIGINT: ['TINYINT', 'SMALLINT', 'INTEGER'],
  DECIMAL: numbers,
  FLOAT: ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'DECIMAL'],
  DOUBLE: numbers,
  DATE: ['TIMESTAMP'],
  TIME: ['TIMESTAMP'],
  TIMESTAMP: ['TIMESTAMP_LTZ'],
  TIMESTAMP_LTZ: ['TIMESTAMP'],
}

const anyToText: readonly TypeKind[] = [...predefined, 'ARRAY', 'MULTISET', 'MAP', 'ROW', 'RAW', 'STRUCTURED', 'BITMAP']
const toNumber: readonly TypeKind[] = [...numbers, ...characters, 'INTERVAL', 'BOOLEAN', ...timestamps]

const explicitSources: Partial<Readonly<Record<TypeKind, readonly TypeKind[]>>> = {
  CHAR: anyToText,
  VARCHAR: anyToText,
  BINARY: [...characters, 'VARBINARY', 'RAW'],
  VARBINARY: [...characters, 'BINARY', 'RAW'],
  TINYINT: toNumber,
  SMALLINT: toNumber,
  INTEGER: toNumber,
  BIGINT: toNumber,
  DECIMAL: toNumber,
  FLOAT: toNumber.filter((kind) => kind !== 'INTERVAL'),
  DOUBLE: toNumber.filter((kind) => kind !== 'INTERVAL'),
  BOOLEAN: [...characters, 'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT'],
  DATE: [...timestamps, ...characters],
  TIME: ['TIME', ...timestamps, ...characters],
  TIMESTAMP: [...datetimes, ...characters, ...numbers],
  TIMESTAMP_LTZ: [...datetimes, ...characters, ...numbers],
  INTERVAL: [...exactNumbers, ...characters],
}

/**
 * What CAST(x AS t) passes in the SQL validator for sources that are no array, map, multiset, row or variant: wider than the explicit
 * rules, so that some casts fail only later (see `castRefusedByRuntime`). Calcite's lenient coercion with Flink's changes.
 */
const textSources: readonly TypeKind[] = [...characters, 'BOOLEAN', ...datetimes, ...binaries, ...numbers, 'INTERVAL']
const numberSources: readonly TypeKind[] = [...numbers, ...characters, 'BOOLEAN', ...timestamps]

const validatorSources: Partial<Readonly<Record<TypeKind, readonly TypeKind[]>>> = {
  CHAR: textSources,
  VARCHAR: textSources,
  BINARY: [...binaries, ...characters],
  VARBINARY: [...binaries, ...characters],
  TINYINT: numberSources,
  SMALLINT: numberSources,
  INTEGER: numberSources,
  BIGINT: numberSources,
  DECIMAL: numberSources,
  FLOAT: numberSources,
  DOUBLE: numberSources,
  BOOLEAN: ['BOOLEAN', ...characters, ...numbers],
  DATE: ['DATE', ...timestamps, ...characters, ...binaries],
  TIME: ['TIME', ...timestamps, ...characters, ...binaries],
  TIMESTAMP: [...datetimes, ...characters, ...binaries, ...numbers],
  TIMESTAMP_LTZ: [...datetimes, ...characters, ...binaries, ...numbers],
  INTERVAL: [...exactNumbers, ...characters],
  ARRAY: characters,
}

/** Widening without loss of kind: what sinks and functions convert by themselves. NOT NULL never takes a nullable value. */
export function supportsImplicitCast(from: LogicalType, to: LogicalType): boolean {
  return supportsCast(from, to, false)
}

/** Flink's explicit casts, for nested types in every depth. */
function supportsExplicitCast(from: LogicalType, to: LogicalType): boolean {
  return supportsCast(from, to, true)
}

function supportsCast(from: LogicalType, to: LogicalType, explicit: boolean): boolean {
  if (from.nullable && !to.nullable && !explicit) return false
  if (from.kind === 'NULL' || sameTypeIgnoringNullability(withoutTimeAttribute(from), withoutTimeAttribute(to)))
    return true
  // Flink keeps months and milliseconds only, so that an interval is always a number of one unit here.
  if (from.kind === 'INTERVAL' && exactNumbers.includes(to.kind)) return true
  if (exactNumbers.includes(from.kind) && to.kind === 'INTERVAL') return true
  const fromChildren = childTypes(from)
  const toChildren = childTypes(to)
  if (fromChildren && toChildren) {
    const related = from.kind === to.kind || (isRowLike(from) && isRowLike(to))
    return (
      related &&
      fromChildren.length === toChildren.length &&
      fromChildren.every((child, i) => supportsCast(child, toChildren[i]!, explicit))
    )
  }
  if (to.kind === 'RAW') return false
  if (from.kind === 'RAW' && !isInFamily(to, 'STRING')) return false
  if (from.kind === 'INTERVAL' && to.kind === 'INTERVAL') return from.unit === to.unit
  if (from.kind === 'BITMAP' && to.kind === 'VARBINARY') return explicit
  if (from.kind === to.kind || implicitSources[to.kind]?.includes(from.kind)) return true
  return explicit && explicitSources[to.kind]?.includes(from.kind) === true
}

function isRowLike(type: LogicalType): boolean {
  return type.kind === 'ROW' || type.kind === 'STRUCTURED'
}

/** Whether a value of the type is one of the other as it is: same kind, room for its length, NULL only where NULL may be. */
export function supportsAvoidingCast(from: LogicalType, to: LogicalType): boolean {
  if (from.nullable && !to.nullable) return false
  for (const family of ['CHARACTER', 'BINARY'] as const) {
    if (isInFamily(from, family) && isInFamily(to, family)) {
      const varies = to.kind === 'VARCHAR' || to.kind === 'VARBINARY'
      return varies ? lengthOf(from)! <= lengthOf(to)! : from.kind === to.kind && lengthOf(from) === lengthOf(to)
    }
  }
  const fromChildren = childTypes(from)
  const toChildren = childTypes(to)
  if (fromChildren && toChildren) {
    const related = from.kind === to.kind || (isRowLike(from) && isRowLike(to))
    return (
      related &&
      fromChildren.length === toChildren.length &&
      fromChildren.every((child, i) => supportsAvoidingCast(child, toChildren[i]!))
    )
  }
  return sameTypeIgnoringNullability(withoutTimeAttribute(from), withoutTimeAttribute(to))
}

/** To most rules a time attribute is its plain type. */
function withoutTimeAttribute(type: LogicalType): LogicalType {
  if ((type.kind !== 'TIMESTAMP' && type.kind !== 'TIMESTAMP_LTZ') || !type.timeAttribute) return type
  return { kind: type.kind, precision: type.precision, nullable: type.nullable }
}

/** The types inside a constructed type; `undefined` for all others. */
export function childTypes(type: LogicalType): readonly LogicalType[] | undefined {
  switch (type.kind) {
    case 'ARRAY':
    case 'MULTISET':
      return [type.element]
    case 'MAP':
      return [type.key, type.value]
    case 'ROW':
    case 'STRUCTURED':
      return type.fields.map((field) => field.type)
    default:
      return undefined
  }
}

/** Whether the SQL validator accepts CAST(from AS to). A bare NULL is cast to anything. */
export function validatorAcceptsCast(from: LogicalType, to: LogicalType): boolean {
  if (from.kind === 'NULL') return true
  if (to.kind === 'VARIANT' || to.kind === 'BITMAP') return false
  if (childTypes(from) || from.kind === 'VARIANT' || from.kind === 'BITMAP' || from.kind === 'RAW') {
    return supportsExplicitCast(from, to)
  }
  if (from.kind === 'INTERVAL' && to.kind === 'INTERVAL') return from.unit === to.unit
  if (from.kind === 'INTERVAL' && exactNumbers.includes(to.kind)) return false
  if (exactNumbers.includes(from.kind) && to.kind === 'INTERVAL') return to.singleField === true
  return validatorSources[to.kind]?.includes(from.kind) === true
}

/** Whether Flink's planner or generated code refuses a cast that the validator let pass. */
export function castRefusedByRuntime(from: LogicalType, to: LogicalType): boolean {
  if (from.kind === 'NULL' || sameTypeIgnoringNullability(from, to)) return false
  if (isInFamily(from, 'TIMESTAMP') && isInFamily(to, 'NUMERIC')) return true
  if (isInFamily(from, 'NUMERIC') && isInFamily(to, 'DATETIME')) return true
  if (isInFamily(from, 'BINARY') && isInFamily(to, 'DATETIME')) return true
  if (isInFamily(from, 'CHARACTER') && (to.kind === 'INTERVAL' || to.kind === 'ARRAY')) return true
  if (from.kind === 'INTERVAL' && isInFamily(to, 'DATETIME')) return true
  const fromChildren = childTypes(from)
  const toChildren = childTypes(to)
  if (!fromChildren || !toChildren) return false
  return fromChildren.some((child, i) => castRefusedByRuntime(child, toChildren[i]!))
}

/** Length of a string type; `undefined` for all others. */
function lengthOf(type: LogicalType): number | undefined {
  return isInFamily(type, 'STRING') ? (type as TypeOf<'VARCHAR'>).length : undefined
}
