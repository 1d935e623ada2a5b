// DECIMAL values: an unscaled bigint, the scale is the type's. Java's rounding (HALF_UP, away from zero at the half) and Flink's overflow
// rule: what does not fit the precision is NULL.

const powersOfTen: bigint[] = [1n]

export function powerOfTen(exponent: number): bigint {
  for (let i = powersOfTen.length; i <= exponent; i++) powersOfTen.push(powersOfTen[i - 1]! * 10n)
  return powersOfTen[exponent]!
}

/** `value` of scale `from` at scale `to`, rounded half up where digits are lost. */
export function rescale(value: bigint, from: number, to: number): bigint {
  if (to >= from) return value * powerOfTen(to - from)
  return divideHalfUp(value, powerOfTen(from - to))
}

export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  const remainder = dividend % divisor
  if (remainder === 0n) return quotient
  const twice = (remainder < 0n ? -remainder : remainder) * 2n
  if (twice < (divisor < 0n ? -divisor : divisor)) return quotient
  return dividend < 0n === divisor < 0n ? quotient + 1n : quotient - 1n
}

/** The value itself, or null when it needs more than `precision` digits. */
function fitPrecision(value: bigint, precision: number): bigint | null {
  const limit = powerOfTen(precision)
  return value < limit && value > -limit ? value : null
}

/** `value` of scale `from` as DECIMAL(precision, scale). */
export function toDecimal(value: bigint, from: number, precision: number, scale: number): bigint | null {
  return fitPrecision(rescale(value, from, scale), precision)
}

/** Number of decimal digits of the absolute value; 1 for zero, as Java's BigDecimal.precision(). */
export function digitCount(value: bigint): number {
  return (value < 0n ? -value : value).toString().length
}

/** A decimal of any scale: what division yields before it is fitted to its type. */
export type BigDecimal = { readonly unscaled: bigint; readonly scale: number }

/**
 * a / b with at most `digits` significant digits, half up (Java's BigDecimal.divide with a MathContext). `b` is not zero.
 * An exact quotient keeps no more zeros than the preferred scale asks for; callers rescale, so trailing zeros don't matter.
 */
export function divideToDigits(a: BigDecimal, b: BigDecimal, digits: number): BigDecimal {
  if (a.unscaled === 0n) return { unscaled: 0n, scale: 0 }
  const shift = Math.max(0, digits + 3 + digitCount(b.unscaled) - digitCount(a.unscaled))
  const dividend = a.unscaled * powerOfTen(shift)
  const scale = a.scale - b.scale + shift
  const quotient = dividend / b.unscaled
  const length = digitCount(quotient)
  if (length <= digits) return { unscaled: quotient, scale }
  // One rounding only: the dropped digits and the inexact rest decide together.
  const dropped = length - digits
  return { unscaled: divideHalfUp(dividend, b.unscaled * powerOfTen(dropped)), scale: scale - dropped }
}

/** Rounds to at most `digits` significant digits, half up. */
export function roundToDigits(value: BigDecimal, digits: number): BigDecimal {
  const length = digitCount(value.unscaled)
  if (length <= digits) return value
  return {
    unscaled: divideHalfUp(value.unscaled, powerOfTen(length - digits)),
    scale: value.scale - (length - digits),
  }
}

/** As DECIMAL(precision, scale); a negative own scale means trailing zeros. */
export function fitDecimal(value: BigDecimal, precision: number, scale: number): bigint | null {
  const unscaled = value.scale < 0 ? value.unscaled * powerOfTen(-value.scale) : value.unscaled
  return toDecimal(unscaled, Math.max(value.scale, 0), precision, scale)
}

/** Plain digits with exactly `scale` fractional ones: `-0.50`. */
export function printDecimal(value: bigint, scale: number): string {
  if (scale === 0) return value.toString()
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${value < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`
}

const decimalPattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/

/** Exponents past this are refused: they would make numbers of that many digits. */
const MAX_EXPONENT = 10_000

/** Reads what Java's BigDecimal reads: sign, digits, point, exponent. */
export function parseBigDecimal(text: string): BigDecimal | undefined {
  const match = decimalPattern.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', exponent] = match
  if (whole === '' && fraction === '') return undefined
  const power = exponent === undefined ? 0 : Number(exponent)
  if (Math.abs(power) > MAX_EXPONENT) return undefined
  const unscaled = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}` || '0')
  const scale = fraction.length - power
  return scale < 0 ? { unscaled: unscaled * powerOfTen(-scale), scale: 0 } : { unscaled, scale }
}

/** Java's BigDecimal.toString: plain unless the number has zeros at its end or many behind the point. */
export function printBigDecimal({ unscaled, scale }: BigDecimal): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString()
  const exponent = digits.length - 1 - scale
  if (scale >= 0 && exponent >= -6) return printDecimal(unscaled, scale)
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
  return `${unscaled < 0n ? '-' : ''}${digits[0]}${fraction}E${exponent < 0 ? '' : '+'}${exponent}`
}

/** The nearest double. */
export function decimalToNumber(value: bigint, scale: number): number {
  if (scale === 0) return Number(value)
  return Number(printDecimal(value, scale))
}

/** The double as the decimal Java's `new BigDecimal(Double.toString(d))` gives; `undefined` for NaN and infinities. */
export function numberToDecimal(value: number): BigDecimal | undefined {
  return Number.isFinite(value) ? parseBigDecimal(String(value)) : undefined
}
