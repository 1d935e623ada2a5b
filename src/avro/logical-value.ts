// Logical types over bytes and fixed: from the raw bytes to the value and back. Those over int and long are the number itself.
import { bigintOfBytes, bytesOfBigint, fixedBytesOfBigint } from './decimal-bytes.ts'
import type { AvroSchema } from './schema.ts'
import type { AvroValue, BigDecimalValue } from './value.ts'
import { isLength, readInt, readLong } from './varint.ts'

/** Undefined: the bytes are none of the logical type. `bytes` may be kept. */
export function logicalOfRaw(schema: AvroSchema, bytes: Uint8Array): AvroValue | undefined {
  switch (schema.logical?.kind) {
    case 'decimal':
      return bytes.length === 0 ? undefined : bigintOfBytes(bytes, 0, bytes.length)
    case 'big-decimal':
      return bigDecimalOfBytes(bytes)
    case 'uuid':
      return schema.kind === 'fixed' ? uuidOfBytes(bytes, 0) : bytes
    default:
      return bytes
  }
}

/** Undefined: the value is none of the logical type, or does not fit into the fixed size. */
export function rawOfLogical(schema: AvroSchema, value: AvroValue): Uint8Array | undefined {
  switch (schema.logical?.kind) {
    case 'decimal': {
      if (typeof value !== 'bigint') return undefined
      const digits = (value < 0n ? -value : value).toString().length
      if (value !== 0n && digits > schema.logical.precision) return undefined
      if (schema.kind !== 'fixed') return bytesOfBigint(value)
      return BigInt.asIntN(schema.size * 8, value) === value ? fixedBytesOfBigint(value, schema.size) : undefined
    }
    case 'big-decimal':
      return typeof value === 'object' && value !== null && 'unscaled' in value ? bytesOfBigDecimal(value) : undefined
    case 'uuid':
      return typeof value === 'string' ? bytesOfUuid(value) : undefined
    default:
      return value instanceof Uint8Array ? value : undefined
  }
}

/** Avro's own layout: the unscaled number as bytes with a length, then the scale as an int. */
function bigDecimalOfBytes(bytes: Uint8Array): BigDecimalValue | undefined {
  const words = new Int32Array(2)
  const start = readLong(bytes, 0, bytes.length, words)
  if (start < 0 || !isLength(words) || words[0]! > bytes.length - start || words[0] === 0) return undefined
  const end = start + words[0]!
  const unscaled = bigintOfBytes(bytes, start, end)
  return readInt(bytes, end, bytes.length, words) === bytes.length ? { unscaled, scale: words[0]! } : undefined
}

function bytesOfBigDecimal(value: BigDecimalValue): Uint8Array {
  const digits = bytesOfBigint(value.unscaled)
  return Uint8Array.from([...varintBytes(digits.length), ...digits, ...varintBytes(value.scale)])
}

function varintBytes(value: number): number[] {
  const bytes: number[] = []
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  while (rest > 127) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  bytes.push(rest)
  return bytes
}

const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** The 16 bytes at `start` as 8-4-4-4-12 hexadecimal digits. */
export function uuidOfBytes(bytes: Uint8Array, start: number): string {
  let text = ''
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += '-'
    text += hexPairs[bytes[start + i]!]
  }
  return text
}

function bytesOfUuid(text: string): Uint8Array | undefined {
  if (!/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(text)) return undefined
  const digits = text.replaceAll('-', '')
  return Uint8Array.from({ length: 16 }, (_, index) => Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16))
}
