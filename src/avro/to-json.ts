// A decoded value as JSON that people can read: decimals as numbers in text, times as ISO 8601, bytes as base64, unions without
// their branch. It is for looking at (`sluice tail`), not for reading back.
import { instantText, timeText } from './iso-time.ts'
import { type AvroSchema, branchName } from './schema.ts'
import { type AvroValue, isList, isMap, isUnion } from './value.ts'

/** What JSON.stringify takes. Objects have no prototype, so every name is an ordinary key. */
export type ReadableJson =
  | null
  | boolean
  | number
  | string
  | readonly ReadableJson[]
  | { readonly [name: string]: ReadableJson }

export function readableJson(schema: AvroSchema, value: AvroValue): ReadableJson {
  if (value === null || typeof value === 'boolean') return value
  if (schema.kind === 'union') {
    if (!isUnion(value)) return null
    const branch = schema.branches.find((candidate) => branchName(candidate) === value.branch)
    return branch === undefined ? null : readableJson(branch, value.value)
  }
  if (schema.kind === 'record' && isList(value)) {
    return objectOf(schema.fields.map((field, index) => [field.name, readableJson(field.type, value[index]!)]))
  }
  if (schema.kind === 'array' && isList(value)) return value.map((item) => readableJson(schema.items, item))
  if (schema.kind === 'map' && isMap(value)) {
    return objectOf([...value].map(([key, item]) => [key, readableJson(schema.values, item)]))
  }
  if (value instanceof Uint8Array) return base64Of(value)
  if (typeof value === 'bigint') return readableLong(schema, value)
  if (typeof value === 'number') return readableNumber(schema, value)
  if (typeof value === 'object' && 'unscaled' in value) return decimalText(value.unscaled, value.scale)
  return typeof value === 'string' ? value : null
}

function objectOf(entries: readonly (readonly [string, ReadableJson])[]): ReadableJson {
  const object = Object.create(null) as Record<string, ReadableJson>
  for (const [name, value] of entries) {
    // Assigning `__proto__` is ordinary on an object without prototype.
    object[name] = value
  }
  return object
}

function readableLong(schema: AvroSchema, value: bigint): ReadableJson {
  const kind = schema.logical?.kind
  if (schema.logical?.kind === 'decimal') return decimalText(value, schema.logical.scale)
  if (kind === 'time-micros') return timeText(value, 6)
  if (kind?.includes('timestamp')) {
    const digits = kind.endsWith('nanos') ? 9 : kind.endsWith('micros') ? 6 : 3
    return instantText(value, digits, !kind.startsWith('local'))
  }
  // JSON readers round beyond this, so it is shown as text.
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : String(value)
}

function readableNumber(schema: AvroSchema, value: number): ReadableJson {
  if (schema.logical?.kind === 'date')
    return instantText(BigInt(value) * 86_400_000n, 3, false).slice(0, -'T00:00:00.000'.length)
  if (schema.logical?.kind === 'time-millis') return timeText(BigInt(value), 3)
  if (!Number.isFinite(value)) return String(value)
  // The shortest text that is the same float: 0.1, not 0.10000000149011612.
  return schema.kind === 'float' ? shortestFloat(value) : value
}

function shortestFloat(value: number): number {
  for (let digits = 6; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}

function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled)
  // A big-decimal's scale is any int: far ones are not written out.
  if (scale < 0 || scale > 1000) return `${unscaled}E${-scale}`
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

const base64Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function base64Of(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const triple = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += base64Digits[triple >> 18]! + base64Digits[(triple >> 12) & 63]!
    text += left > 1 ? base64Digits[(triple >> 6) & 63]! : '='
    text += left > 2 ? base64Digits[triple & 63]! : '='
  }
  return text
}
