// A SQL value as the Avro value of a target schema: for nested values, which encoders write one by one.

import type { LogicalType } from '../types/logical-type.ts'
import { localToInstant } from '../types/time-zone.ts'
import type { Value } from '../types/value.ts'
import { defaultValue } from './default-value.ts'
import { EncodeProblem } from './encode-failure.ts'
import type { EncodeConversion } from './encode-mapping.ts'
import { type AvroSchema, branchName, nullBranch } from './schema.ts'
import type { AvroValue } from './value.ts'

/** Throws EncodeProblem where the value has no place in the target; the writer checks the rest. */
export function avroValueOf(
  type: LogicalType,
  schema: AvroSchema,
  conversion: EncodeConversion | undefined,
  value: Value,
): AvroValue {
  // An opaque value was read by the same schema and goes on as it is.
  if (type.kind === 'RAW') return value as AvroValue
  if (schema.kind === 'union') {
    if (value === null) return nullBranch(schema) >= 0 ? null : fail('null')
    const index = conversion?.union?.branch ?? schema.branches.findIndex((branch) => branch.kind !== 'null')
    const branch = schema.branches[index] ?? fail('type')
    return { branch: branchName(branch), value: avroValueOf(type, branch, conversion, value) }
  }
  if (value === null) return schema.kind === 'null' ? null : fail('null')
  switch (type.kind) {
    case 'ARRAY':
      if (schema.kind !== 'array') return fail('type')
      return (value as readonly Value[]).map((item) =>
        avroValueOf(type.element, schema.items, conversion?.element, item),
      )
    case 'MAP': {
      if (schema.kind !== 'map') return fail('type')
      const entries = value as readonly (readonly [Value, Value])[]
      return new Map(
        entries.map(([key, item]) => [
          typeof key === 'string' ? key : fail('null'),
          avroValueOf(type.value, schema.values, conversion?.element, item),
        ]),
      )
    }
    case 'ROW': {
      if (schema.kind !== 'record') return fail('type')
      const row = value as readonly Value[]
      return schema.fields.map((field, index) => {
        const source = conversion?.fields?.[index]
        if (source?.from === 'default') return defaultValue(field) ?? fail('type')
        const place = source?.column ?? type.fields.findIndex((candidate) => candidate.name === field.name)
        const inner = type.fields[place] ?? fail('type')
        return avroValueOf(inner.type, field.type, source?.conversion, row[place] ?? null)
      })
    }
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return longOfTimestamp(type.kind, schema, conversion?.timeZone, value as { millis: number; nanos: number })
    case 'TIME':
      return schema.logical?.kind === 'time-micros' ? BigInt(value as number) * 1000n : (value as number)
    case 'DECIMAL':
      return scaled(value as bigint, type.scale, schema)
    default:
      return scalarOf(schema, value)
  }
}

function fail(kind: EncodeProblem['kind']): never {
  throw new EncodeProblem(kind)
}

function scalarOf(schema: AvroSchema, value: Value): AvroValue {
  if (schema.kind === 'long' && typeof value === 'number') return BigInt(value)
  if (schema.logical?.kind === 'decimal' && (typeof value === 'number' || typeof value === 'bigint')) {
    return scaled(BigInt(value), 0, schema)
  }
  if ((schema.kind === 'double' || schema.kind === 'float') && typeof value === 'bigint') {
    return BigInt(Number(value)) === value ? Number(value) : fail('exact')
  }
  return value as AvroValue
}

function scaled(value: bigint, scale: number, schema: AvroSchema): AvroValue {
  if (schema.logical?.kind !== 'decimal' || schema.logical.scale < scale) return fail('type')
  return value * 10n ** BigInt(schema.logical.scale - scale)
}

function longOfTimestamp(
  kind: 'TIMESTAMP' | 'TIMESTAMP_LTZ',
  schema: AvroSchema,
  timeZone: string | undefined,
  value: { readonly millis: number; readonly nanos: number },
): AvroValue {
  const target = schema.logical?.kind ?? ''
  const isInstant = target.startsWith('timestamp-')
  const shifts = kind === 'TIMESTAMP' && isInstant && timeZone !== undefined
  const millis = BigInt(shifts ? localToInstant(timeZone, value.millis) : value.millis)
  if (target.endsWith('-nanos')) return millis * 1_000_000n + BigInt(value.nanos)
  if (target.endsWith('-micros')) {
    return value.nanos % 1000 === 0 ? millis * 1000n + BigInt(value.nanos / 1000) : fail('exact')
  }
  if (!target.endsWith('-millis')) return fail('type')
  return value.nanos === 0 ? millis : fail('exact')
}
