// Text read as values, as CAST from a string does: Flink's accepted forms. `undefined` where the text is no such value.
import { daysFromCivil, lastDayOfMonth, MILLIS_PER_DAY } from './civil-time.ts'
import { type BigDecimal, parseBigDecimal, powerOfTen } from './decimal.ts'
import type { TimestampValue } from './value.ts'

const trueWords = new Set(['t', 'true', 'y', 'yes', '1'])
const falseWords = new Set(['f', 'false', 'n', 'no', '0'])

export function parseBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase()
  return trueWords.has(word) ? true : falseWords.has(word) ? false : undefined
}

const integerPattern = /^[+-]?\d*(\.\d*)?$/

/** Digits with a sign; a fraction must be digits and is dropped. */
export function parseInteger(text: string): bigint | undefined {
  const trimmed = text.trim()
  if (!integerPattern.test(trimmed) || !/\d|\./.test(trimmed)) return undefined
  const whole = trimmed.replace(/\..*$/, '').replace(/^\+/, '')
  return whole === '' || whole === '-' ? 0n : BigInt(whole)
}

const floatPattern = /^[+-]?(NaN|Infinity|((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)[fFdD]?)$/

/** What Java's Double.parseDouble reads (hexadecimal forms left out). */
export function parseDouble(text: string): number | undefined {
  const trimmed = text.trim()
  if (!floatPattern.test(trimmed)) return undefined
  return Number(trimmed.replace(/(\d|\.)[fFdD]$/, '$1'))
}

/** Blanks around are dropped. */
export function parseDecimal(text: string): BigDecimal | undefined {
  return parseBigDecimal(asciiDigits(text.replace(/^[ \n\t]+|[ \n\t]+$/g, '')))
}

/** Java reads the digits of every script. */
function asciiDigits(text: string): string {
  return text.replace(/[^\0-\x7f]/gu, (c) => {
    if (!/\p{Nd}/u.test(c)) return c
    const codePoint = c.codePointAt(0)!
    let zero = codePoint
    while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--
    return String((codePoint - zero) % 10)
  })
}

const wholeNumber = /^[+-]?\d{1,10}$/

function parseField(text: string | undefined, missing: number): number | undefined {
  if (text === undefined) return missing
  const trimmed = text.trim()
  return wholeNumber.test(trimmed) ? Number(trimmed) : undefined
}

/** `2024-05-01`, `2024-5`, `2024`, or any of these followed by a space and whatever. */
export function parseDate(text: string): number | undefined {
  const space = text.indexOf(' ')
  const date = space > 0 ? text.slice(0, space) : text
  const hyphen = date.indexOf('-')
  const parts = hyphen < 0 ? [date] : [date.slice(0, hyphen), ...splitOnce(date.slice(hyphen + 1), '-')]
  const year = parseField(parts[0], 0)
  const month = parseField(parts[1], 1)
  const day = parseField(parts[2], 1)
  if (year === undefined || month === undefined || day === undefined) return undefined
  if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1 || day > lastDayOfMonth(year, month))
    return undefined
  return daysFromCivil(year, month, day)
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

/** `HH:mm:ss[.fff]`, shorter forms, and an offset such as `+02:00`, which is added. */
export function parseTimeOfDay(text: string): number | undefined {
  const minus = text.indexOf('-')
  const at = minus >= 0 ? minus : text.indexOf('+')
  const offset = at < 0 ? [] : splitOnce(text.slice(at + 1), ':')
  const clock = at < 0 ? text : text.slice(0, at)
  const [hourText, rest] = splitOnce(clock, ':')
  const [minuteText, secondText] = rest === undefined ? [] : splitOnce(rest, ':')
  const [second, fraction] = secondText === undefined ? [] : splitOnce(secondText, '.')
  const fields = [
    parseField(hourText, 0),
    parseField(minuteText, 0),
    parseField(second, 0),
    parseField(offset[0], 0),
    parseField(offset[1], 0),
  ]
  if (fields.some((field) => field === undefined)) return undefined
  const [hours, minutes, seconds, offsetHours, offsetMinutes] = fields as [number, number, number, number, number]
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) return undefined
  const direction = minus >= 0 ? -1 : 1
  return (
    (hours + direction * offsetHours) * 3_600_000 +
    (minutes + direction * offsetMinutes) * 60_000 +
    seconds * 1000 +
    parseMillisFraction(fraction?.trim() ?? '')
  )
}

/** Three digits, rounded by the fourth. */
function parseMillisFraction(digits: string): number {
  const digit = (i: number) => (/\d/.test(digits[i] ?? '') ? Number(digits[i]) : 0)
  const millis = digit(0) * 100 + digit(1) * 10 + digit(2)
  return digits.length > 3 && digits[3]! >= '5' ? millis + 1 : millis
}

const timestampPattern = /^(\d{4}|[+]\d{5,9})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{0,9}))?)?$/

/** `2024-05-01 10:11:12.123456789`, one-digit fields allowed, the time optional; digits past the precision are cut. */
export function parseTimestamp(text: string, precision: number): TimestampValue | undefined {
  const match = timestampPattern.exec(text)
  if (!match) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  // 24:00:00 is the next midnight.
  const midnight = hour === 24 && minute === 0 && second === 0 && /^0*$/.test(match[7] ?? '')
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31 || minute > 59 || second > 59) return undefined
  if (hour > 23 && !midnight) return undefined
  // Java resolves 30 February to the month's last day.
  const days = daysFromCivil(year, month, Math.min(day, lastDayOfMonth(year, month)))
  const fraction = (match[7] ?? '').slice(0, precision).padEnd(9, '0')
  const nanos = Number(fraction)
  const millis = days * MILLIS_PER_DAY + (hour * 3600 + minute * 60 + second) * 1000 + Math.floor(nanos / 1_000_000)
  return { millis, nanos: nanos % 1_000_000 }
}

/**
 * Texts of up to 18 bytes for decimals of up to 18 digits, which Flink reads by hand: the first character that is none of a number ends
 * it and is passed over, so `10f` is 10 and `t` is 0; more after it than blanks is an error.
 */
export function parseShortDecimal(text: string, precision: number, scale: number): bigint | undefined {
  const match = /^[ \n\t]*([+-]?)(\d*)(?:\.(\d*))?([\s\S]?)([\s\S]*)$/.exec(text)
  if (!match || /^[ \n\t]*[+-]?$/.test(text)) return undefined
  const [, sign, whole = '', fraction = '', stop = '', rest = ''] = match
  if (stop === '.' || stop > '\x7f') return undefined
  let exponent = 0
  let tail = rest
  if ((stop === 'e' || stop === 'E') && rest !== '') {
    const power = /^([+-]?)(\d*)([\s\S]?)([\s\S]*)$/.exec(rest)!
    if (power[1] !== '' && rest.length === 1) return undefined
    exponent = Math.min(Number(power[2] || '0'), 400) * (power[1] === '-' ? -1 : 1)
    tail = power[4]!
  }
  if (/[^ \n\t]/.test(tail)) return undefined
  const digits = whole + fraction
  const change = exponent - fraction.length + scale
  if (digits.length + change > precision) return undefined
  const significand = BigInt(digits || '0')
  if (change < -40) return 0n
  const unsigned =
    change >= 0 ? significand * powerOfTen(change) : (significand + 5n * powerOfTen(-change - 1)) / powerOfTen(-change)
  return sign === '-' ? -unsigned : unsigned
}
