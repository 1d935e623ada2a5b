// An Avro value as the SQL value that a column of the matching type holds. Which types match is the catalog's type mapping.
import type { LogicalType } from '../types/logical-type.ts'
import type { TimestampValue, Value } from '../types/value.ts'
import { type AvroSchema, branchName } from './schema.ts'
import { type AvroValue, isList, isMap, isUnion } from './value.ts'

/**
 * Undefined if the value has no place in the type (a time finer than it, a number out of range). RAW columns hold the Avro value
 * itself, as `unknown` to everybody but the encoder.
 */
export function sqlValueOf(schema: AvroSchema, type: LogicalType, value: AvroValue): Value | undefined {
  if (type.kind === 'RAW') return value as Value
  if (value === null) return null
  if (schema.kind === 'union') {
    if (!isUnion(value)) return undefined
    const branch = schema.branches.find((candidate) => branchName(candidate) === value.branch)
    return branch && sqlValueOf(branch, type, value.value)
  }
  switch (type.kind) {
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return typeof value === 'bigint' ? timestampOf(schema, type.precision, value) : undefined
    case 'TIME':
      if (typeof value === 'bigint') return value % 1000n === 0n ? Number(value / 1000n) : undefined
      return typeof value === 'number' ? value : undefined
    case 'ARRAY': {
      if (schema.kind !== 'array' || !isList(value)) return undefined
      return allOf(value.map((item) => sqlValueOf(schema.items, type.element, item)))
    }
    case 'MAP': {
      if (schema.kind !== 'map' || !isMap(value)) return undefined
      const items = [...value].map(([key, item]) => [key, sqlValueOf(schema.values, type.value, item)] as const)
      return items.some(([, item]) => item === undefined) ? undefined : (items as [Value, Value][])
    }
    case 'ROW': {
      if (schema.kind !== 'record' || !isList(value)) return undefined
      const places = new Map(schema.fields.map((field, index) => [field.name, index]))
      return allOf(
        type.fields.map((field) => {
          const place = places.get(field.name)
          return place === undefined ? undefined : sqlValueOf(schema.fields[place]!.type, field.type, value[place]!)
        }),
      )
    }
    case 'BIGINT':
      return typeof value === 'number' ? BigInt(value) : (value as Value)
    case 'DECIMAL':
      return typeof value === 'bigint' && hasDigits(value, type.precision) ? value : undefined
    case 'FLOAT':
    case 'DOUBLE':
      return typeof value === 'bigint' ? Number(value) : (value as Value)
    default:
      return value as Value
  }
}

/** Avro's bytes can hold more digits than their schema declares; the column cannot. */
function hasDigits(unscaled: bigint, precision: number): boolean {
  const bound = 10n ** BigInt(precision)
  return unscaled < bound && unscaled > -bound
}

function allOf(values: readonly (Value | undefined)[]): Value | undefined {
  return values.some((value) => value === undefined) ? undefined : (values as readonly Value[])
}

/** Undefined if milliseconds are not exact in a double, or the type is coarser than the value. */
function timestampOf(schema: AvroSchema, precision: number, value: bigint): TimestampValue | undefined {
  const kind = schema.logical?.kind ?? ''
  const perMilli = kind.endsWith('-nanos') ? 1_000_000n : kind.endsWith('-micros') ? 1000n : 1n
  const rest = ((value % perMilli) + perMilli) % perMilli
  const millis = Number((value - rest) / perMilli)
  if (!Number.isSafeInteger(millis) || (rest !== 0n && precision <= 3)) return undefined
  return { millis, nanos: Number((rest * 1_000_000n) / perMilli) }
}
