// What a column encoder's generated text calls for: numbers that take more than a line to convert. Positions are returned, the
// caller has made room.

/** Appends low and high half as a zigzag varint; returns the position behind. */
export function putLong(bytes: Uint8Array, position: number, low: number, high: number): number {
  const sign = high >> 31
  let rest = (low << 1) ^ sign
  let restHigh = ((high << 1) | (low >>> 31)) ^ sign
  let at = position
  while (restHigh !== 0 || rest >>> 0 > 127) {
    bytes[at++] = (rest & 127) | 128
    rest = (rest >>> 7) | (restHigh << 25)
    restHigh >>>= 7
  }
  bytes[at++] = rest
  return at
}

/** The exact long of a whole double within ±2^53, by halves. */
export function putDouble(bytes: Uint8Array, position: number, value: number): number {
  const high = Math.floor(value / 4294967296)
  return putLong(bytes, position, (value - high * 4294967296) | 0, high)
}

/** millis · unit + rest, 64 bits wide; -1 if that is out of range. `unit`: 1000 or 1,000,000; `rest` is below it. */
export function putInstant(bytes: Uint8Array, position: number, millis: number, unit: number, rest: number): number {
  if (Math.abs(millis) > 9223372036854775000 / unit) return -1
  // Split at 2^22 so that every product stays exact in a double.
  const upper = Math.floor(millis / 4194304)
  const product = upper * unit
  const quotient = Math.floor(product / 1024)
  const sum = (product - quotient * 1024) * 4194304 + (millis - upper * 4194304) * unit + rest
  const carry = Math.floor(sum / 4294967296)
  return putLong(bytes, position, (sum - carry * 4294967296) | 0, (quotient + carry) | 0)
}

/** Whether a long, as halves, is exact in a double. */
export function isExactDouble(low: number, high: number): boolean {
  if (high >= -0x200000 && high < 0x200000) return true
  const value = (BigInt(high) << 32n) | BigInt(low >>> 0)
  return BigInt(Number(value)) === value
}

/** Bytes of the shortest two's complement form of a long. */
export function decimalSize(low: number, high: number): number {
  const sign = high >> 31
  const significant = sign === high ? 32 - Math.clz32(low ^ sign) : 64 - Math.clz32(high ^ sign)
  return (significant >> 3) + 1
}

/** Big-endian two's complement of `size` bytes. */
export function putDecimal(bytes: Uint8Array, position: number, size: number, low: number, high: number): number {
  for (let i = size - 1; i >= 0; i--) {
    const shift = (size - 1 - i) * 8
    bytes[position + i] = shift < 32 ? low >> shift : shift < 64 ? high >> (shift - 32) : high >> 31
  }
  return position + size
}

/** Short texts are copied faster by hand than by `set`. */
export function putBytes(
  bytes: Uint8Array,
  position: number,
  source: Uint8Array,
  start: number,
  length: number,
): number {
  if (length > 40) bytes.set(source.subarray(start, start + length), position)
  else for (let i = 0; i < length; i++) bytes[position + i] = source[start + i]!
  return position + length
}

const hex = new Int8Array(256).fill(-1)
for (let i = 0; i < 16; i++) {
  hex['0123456789abcdef'.charCodeAt(i)] = i
  hex['0123456789ABCDEF'.charCodeAt(i)] = i
}

/** Whether 36 bytes are a UUID's text. */
export function isUuidText(data: Uint8Array, start: number, length: number): boolean {
  if (length !== 36) return false
  for (let i = 0; i < 36; i++) {
    const byte = data[start + i]!
    if (i === 8 || i === 13 || i === 18 || i === 23 ? byte !== 0x2d : hex[byte]! < 0) return false
  }
  return true
}

/** The 16 bytes of a text that `isUuidText` accepts. */
export function putUuid(bytes: Uint8Array, position: number, source: Uint8Array, start: number): number {
  let at = position
  for (let i = 0; i < 36; i += 2) {
    if (i === 8 || i === 13 || i === 18 || i === 23) i++
    bytes[at++] = (hex[source[start + i]!]! << 4) | hex[source[start + i + 1]!]!
  }
  return at
}
