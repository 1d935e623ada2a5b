// One Avro value outside a column, losing nothing: for tails, previews, keys, state and the slow carriers of columns.
import type { AvroSchema } from './schema.ts'

/** A union's value names its branch, because `[int, long]` and `[A, B]` could not be written back otherwise. */
export type AvroUnion = { readonly branch: string; readonly value: AvroValue }

export type BigDecimalValue = { readonly unscaled: bigint; readonly scale: number }

/**
 * null null; boolean boolean; int, float, double number; long bigint; string, enum string; bytes, fixed Uint8Array; array
 * AvroValue[]; record AvroValue[] in the order of the schema's fields; map Map; union null, or AvroUnion.
 * Logical: decimal bigint (unscaled); big-decimal BigDecimalValue; uuid string, also on fixed; duration Uint8Array; dates and times
 * the underlying int or long.
 */
export type AvroValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | BigDecimalValue
  | AvroUnion
  | readonly AvroValue[]
  | ReadonlyMap<string, AvroValue>

export function isMap(value: AvroValue): value is ReadonlyMap<string, AvroValue> {
  return value instanceof Map
}

/** Arrays and records. */
export function isList(value: AvroValue): value is readonly AvroValue[] {
  return Array.isArray(value)
}

export function isUnion(value: AvroValue): value is AvroUnion {
  return typeof value === 'object' && value !== null && 'branch' in value
}

/** Marks a value with its branch, or leaves it bare outside a union and for null. */
export function inBranch(schema: AvroSchema, branch: string, value: AvroValue): AvroValue {
  return schema.kind !== 'union' || value === null ? value : { branch, value }
}
