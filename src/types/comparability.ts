// Which types may stand on the two sides of a comparison.

import { childTypes } from './casts.ts'
import type { LogicalType } from './logical-type.ts'
import { isInFamily } from './type-family.ts'

/** The SQL validator's rule for `=`, `<`, BETWEEN and IN: one family, or a string beside anything that strings are written for. */
export function isComparable(a: LogicalType, b: LogicalType): boolean {
  const aIsRow = a.kind === 'ROW' || a.kind === 'STRUCTURED'
  const bIsRow = b.kind === 'ROW' || b.kind === 'STRUCTURED'
  if (aIsRow && bIsRow) {
    return a.fields.length === b.fields.length && a.fields.every((f, i) => isComparable(f.type, b.fields[i]!.type))
  }
  if (aIsRow !== bIsRow) return false
  if (a.kind === 'NULL' || b.kind === 'NULL') return true
  const first = comparisonFamily(a)
  const second = comparisonFamily(b)
  if (first === second) return true
  return (first === 'CHARACTER' && comparesWithStrings(b)) || (second === 'CHARACTER' && comparesWithStrings(a))
}

function comparisonFamily(type: LogicalType): string {
  if (isInFamily(type, 'NUMERIC')) return 'NUMERIC'
  if (isInFamily(type, 'CHARACTER')) return 'CHARACTER'
  if (isInFamily(type, 'BINARY')) return 'BINARY'
  if (isInFamily(type, 'TIMESTAMP')) return 'TIMESTAMP'
  return type.kind === 'INTERVAL' ? type.unit : type.kind
}

function comparesWithStrings(type: LogicalType): boolean {
  return (
    isInFamily(type, 'NUMERIC') || isInFamily(type, 'DATETIME') || type.kind === 'INTERVAL' || type.kind === 'BOOLEAN'
  )
}

/** Flink's own rule for GREATEST, ARRAY_SORT and the like: related kinds with an order, which nested types have not. */
export function areOrdered(a: LogicalType, b: LogicalType): boolean {
  if (a.kind === 'NULL' || b.kind === 'NULL') return true
  if (childTypes(a) || childTypes(b)) return false
  if (a.kind === 'RAW' || a.kind === 'VARIANT' || a.kind === 'BITMAP') return false
  return comparisonFamily(a) === comparisonFamily(b)
}

/** Whether a value of the type can hold a NULL a comparison may meet: itself, or a field of a row. */
export function containsNullable(type: LogicalType): boolean {
  if (type.nullable || type.kind === 'NULL') return true
  return (
    (type.kind === 'ROW' || type.kind === 'STRUCTURED') && type.fields.some((field) => containsNullable(field.type))
  )
}
