// Avro's zigzag varints, exact to 64 bits as two halves. Avro Java also ignores surplus bits of a last byte; here they are an error.

/** Answers of readers instead of a position. */
const CUT_OFF = -1
const TOO_LONG = -2

/**
 * Reads the long at `start`, not looking at `end` and behind; puts its low and high half into `words` and returns the position
 * behind it, or CUT_OFF or TOO_LONG.
 */
export function readLong(data: Uint8Array, start: number, end: number, words: Int32Array): number {
  let position = start
  let low = 0
  let middle = 0
  let high = 0
  let shift = 0
  for (;;) {
    if (position >= end) return CUT_OFF
    const byte = data[position++]!
    if (shift < 28) low |= (byte & 0x7f) << shift
    else if (shift < 56) middle |= (byte & 0x7f) << (shift - 28)
    else high |= (byte & 0x7f) << (shift - 56)
    if (byte < 0x80) break
    shift += 7
    if (shift > 63) return TOO_LONG
  }
  if (shift === 63 && high > 0xff) return TOO_LONG
  const rawLow = low | (middle << 28)
  const rawHigh = (middle >>> 4) | (high << 24)
  const sign = -(rawLow & 1)
  words[0] = ((rawLow >>> 1) | (rawHigh << 31)) ^ sign
  words[1] = (rawHigh >>> 1) ^ sign
  return position
}

/** Like readLong for an int, of at most five bytes; the value is in words[0]. */
export function readInt(data: Uint8Array, start: number, end: number, words: Int32Array): number {
  let position = start
  let raw = 0
  let shift = 0
  for (;;) {
    if (position >= end) return CUT_OFF
    const byte = data[position++]!
    raw |= (byte & 0x7f) << shift
    if (byte < 0x80) {
      if (shift === 28 && byte > 0x0f) return TOO_LONG
      break
    }
    shift += 7
    if (shift > 28) return TOO_LONG
  }
  words[0] = (raw >>> 1) ^ -(raw & 1)
  return position
}

/** Answer of readLength for a long that is no length; -3 is `length` in decode-failure.ts. */
const NO_LENGTH = -3

/** Like readLong for a length, 0..2^31-1, which is then in words[0]. */
export function readLength(data: Uint8Array, start: number, end: number, words: Int32Array): number {
  const position = readLong(data, start, end, words)
  return position < 0 || isLength(words) ? position : NO_LENGTH
}

/** Whether the two halves are a number that an array index or a length can be: 0..2^31-1. */
export function isLength(words: Int32Array): boolean {
  return words[1] === 0 && words[0]! >= 0
}

/** The long of two halves as a float, rounded once: the 53 bits of a double are filled so that rounding them again to 24 gives the same (round to odd). */
export function floatOfLong(low: number, high: number): number {
  const large = high > 0x1fffff || high < -0x200000
  const sticky = large ? (low & ~0x7ff) | ((low & 0x7ff) === 0 ? 0 : 0x800) : low
  return Math.fround(high * 4294967296 + (sticky >>> 0))
}
