// Two's complement numbers of any length, big-endian, as Avro's decimals hold them.

export function bigintOfBytes(data: Uint8Array, start: number, end: number): bigint {
  if (start >= end) return 0n
  let text = '0x'
  for (let i = start; i < end; i++) text += data[i]!.toString(16).padStart(2, '0')
  return BigInt.asIntN((end - start) * 8, BigInt(text))
}

/** The shortest form, at least one byte. */
export function bytesOfBigint(value: bigint): Uint8Array {
  let size = 1
  while (BigInt.asIntN(size * 8, value) !== value) size++
  return fixedBytesOfBigint(value, size)
}

/** The caller knows that `value` fits into `size` bytes. */
export function fixedBytesOfBigint(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let text = BigInt.asUintN(size * 8, value).toString(16)
  if (text.length % 2 === 1) text = `0${text}`
  const first = size - text.length / 2
  for (let i = Math.max(first, 0); i < size; i++) {
    bytes[i] = Number.parseInt(text.slice((i - first) * 2, (i - first) * 2 + 2), 16)
  }
  return bytes
}

/** Bounds 10^p as high and low halves, p = 0..18. */
const bounds = Array.from({ length: 19 }, (_, precision) => {
  const bound = 10n ** BigInt(precision)
  return { high: Number(bound >> 32n), low: Number(bound & 0xffffffffn) }
})

/**
 * Reads data[start .. start + length) as a number of at most `precision` (≤ 18) digits into `words` (low, high half).
 * False: no bytes, or too many digits. Surplus sign bytes are fine.
 */
export function readDecimal(
  data: Uint8Array,
  start: number,
  length: number,
  precision: number,
  words: Int32Array,
): boolean {
  if (length === 0) return false
  const sign = data[start]! >= 0x80 ? -1 : 0
  let low = sign
  let high = sign
  const end = start + length
  for (let i = start; i < end; i++) {
    if (end - i > 8 && data[i] !== (sign & 0xff)) return false
    high = (high << 8) | (low >>> 24)
    low = (low << 8) | data[i]!
  }
  if (length > 8 && high >> 31 !== sign) return false
  words[0] = low
  words[1] = high
  if (sign < 0) {
    low = -low | 0
    high = (~high + (low === 0 ? 1 : 0)) | 0
  }
  const bound = bounds[precision]!
  return high >= 0 && (high < bound.high || (high === bound.high && low >>> 0 < bound.low))
}
