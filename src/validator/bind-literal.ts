// Literals with their types and values: Calcite's rules as Flink sets them (no silent rounding, a date must exist).

import type { Findings } from '../plan/findings.ts'
import type { DatetimeLiteral, IntervalLiteral, IntervalQualifier, Literal, TimeUnit } from '../sql/ast.ts'
import type { LogicalType } from '../types/logical-type.ts'
import type { Value } from '../types/value.ts'
import type { Bound } from './bound-expression.ts'

const maxInt = 2147483647n
const maxLong = 9223372036854775807n

/** `negative`: a minus stands before the number. */
export function bindLiteral(literal: Literal, findings: Findings, negative = false): Bound | undefined {
  const { span } = literal
  const bound = (type: LogicalType, value: Value): Bound => ({ kind: 'literal', value, type, span })
  switch (literal.kind) {
    case 'numeric':
      return bindNumber(literal.text, literal.exact, negative, literal, findings)
    case 'string':
      return bound({ kind: 'CHAR', length: literal.value.length, nullable: false }, literal.value)
    case 'bytes': {
      if (literal.hex.length % 2 === 1) {
        return findings.error('TYP021', span, 'a binary literal needs an even number of hexadecimal digits')
      }
      const bytes = new Uint8Array(literal.hex.length / 2)
      for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(literal.hex.slice(2 * i, 2 * i + 2), 16)
      return bound({ kind: 'BINARY', length: bytes.length, nullable: false }, bytes)
    }
    case 'boolean':
      return literal.value === undefined
        ? bound({ kind: 'BOOLEAN', nullable: true }, null)
        : bound({ kind: 'BOOLEAN', nullable: false }, literal.value)
    case 'null':
      return bound({ kind: 'NULL', nullable: true }, null)
    case 'datetime':
      return bindDatetime(literal, findings)
    case 'interval': {
      const value = intervalValue(literal, findings)
      if (value === undefined) return undefined
      const unit = isYearMonth(literal.qualifier) ? 'YEAR_MONTH' : 'DAY_TIME'
      return bound({ kind: 'INTERVAL', unit, nullable: false }, value)
    }
  }
}

function bindNumber(
  text: string,
  exact: boolean,
  negative: boolean,
  at: Literal,
  findings: Findings,
): Bound | undefined {
  const { span } = at
  const outOfRange = () => findings.error('TYP021', span, `number ${text} is out of range`)
  if (!exact) {
    const value = Number(text)
    if (!Number.isFinite(value)) return outOfRange()
    return { kind: 'literal', value: negative ? -value : value, type: { kind: 'DOUBLE', nullable: false }, span }
  }
  const point = text.indexOf('.')
  const digits = text.replace('.', '')
  const scale = point < 0 ? 0 : text.length - point - 1
  const unscaled = BigInt(digits)
  const signed = negative ? -unscaled : unscaled
  // Calcite keeps the digits of an exact number in 64 bits.
  if (unscaled > maxLong) return outOfRange()
  if (scale > 0) {
    const type: LogicalType = { kind: 'DECIMAL', precision: Math.min(digits.length, 38), scale, nullable: false }
    return { kind: 'literal', value: signed, type, span }
  }
  return signed <= maxInt && signed >= -maxInt - 1n
    ? { kind: 'literal', value: Number(signed), type: { kind: 'INTEGER', nullable: false }, span }
    : { kind: 'literal', value: signed, type: { kind: 'BIGINT', nullable: false }, span }
}

const formats = {
  DATE: 'yyyy-MM-dd',
  TIME: 'HH:mm:ss',
  TIMESTAMP: 'yyyy-MM-dd HH:mm:ss',
} as const

function bindDatetime(literal: DatetimeLiteral, findings: Findings): Bound | undefined {
  const { span, value } = literal
  const kind = literal.type === 'DATE' || literal.type === 'TIME' ? literal.type : 'TIMESTAMP'
  const parts = /^(?:(\d+)-(\d+)-(\d+))?(?:( ?)(\d+):(\d+):(\d+)(?:\.(\d*))?)?$/.exec(value)
  const malformed = () =>
    findings.error('TYP021', span, `'${value}' is no ${kind}`, { hint: `Write it as '${formats[kind]}'.` })
  if (!parts) return malformed()
  const [, year, month, day, space, hour, minute, second, fraction = ''] = parts
  // A TIMESTAMP may be a date alone: its midnight.
  if ((year !== undefined) !== (kind !== 'TIME')) return malformed()
  if (kind === 'DATE' ? hour !== undefined : kind === 'TIME' && hour === undefined) return malformed()
  if ((space === ' ') !== (kind === 'TIMESTAMP' && hour !== undefined)) return malformed()
  const days = year === undefined ? 0 : daysOf(Number(year), Number(month), Number(day))
  const ofDay = hour === undefined ? 0 : millisOfDay(Number(hour), Number(minute), Number(second))
  if (days === undefined || ofDay === undefined) return malformed()
  if (kind === 'DATE') return { kind: 'literal', value: days, type: { kind: 'DATE', nullable: false }, span }
  const nanos = Number(fraction.slice(0, 9).padEnd(9, '0'))
  const precision = Math.min(fraction.length, 9)
  const millis = ofDay + Math.floor(nanos / 1_000_000)
  if (kind === 'TIME') {
    return { kind: 'literal', value: millis, type: { kind: 'TIME', precision, nullable: false }, span }
  }
  const instant = { millis: days * 86_400_000 + millis, nanos: nanos % 1_000_000 }
  const zoned = literal.type === 'TIMESTAMP_LTZ'
  const type: LogicalType = { kind: zoned ? 'TIMESTAMP_LTZ' : 'TIMESTAMP', precision, nullable: false }
  return { kind: 'literal', value: instant, type, span }
}

function daysOf(year: number, month: number, day: number): number | undefined {
  if (year < 1 || year > 9999 || month < 1 || month > 12) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && day >= 1 ? Math.round(date.getTime() / 86_400_000) : undefined
}

function millisOfDay(hour: number, minute: number, second: number): number | undefined {
  if (hour > 23 || minute > 59 || second > 59) return undefined
  return ((hour * 60 + minute) * 60 + second) * 1000
}

const unitMillis: Partial<Readonly<Record<TimeUnit, number>>> = {
  WEEK: 604_800_000,
  DAY: 86_400_000,
  HOUR: 3_600_000,
  MINUTE: 60_000,
  SECOND: 1000,
}
const unitMonths: Partial<Readonly<Record<TimeUnit, number>>> = { YEAR: 12, QUARTER: 3, MONTH: 1 }
const unitOrder: readonly TimeUnit[] = ['YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND']
/** What may stand above a lower unit: 59 minutes, 59 seconds, 23 hours, 11 months. */
const unitLimit: Partial<Readonly<Record<TimeUnit, number>>> = { MONTH: 11, HOUR: 23, MINUTE: 59, SECOND: 59 }

export function isYearMonth(qualifier: IntervalQualifier): boolean {
  return qualifier.from in unitMonths
}

/** Months of a year-month interval, else milliseconds. */
function intervalValue(literal: IntervalLiteral, findings: Findings): Value | undefined {
  const { qualifier, span } = literal
  const text = literal.value.trim()
  const units = unitsOf(qualifier)
  const parts = splitInterval(text, units)
  const name = qualifier.to === undefined ? qualifier.from : `${qualifier.from} TO ${qualifier.to}`
  if (!parts || parts.fields.slice(1).some((field, i) => Number(field) > (unitLimit[units[i + 1]!] ?? 0))) {
    return findings.error('TYP021', span, `'${literal.value}' is no interval of ${name}`, { hint: intervalHint(units) })
  }
  const precision = qualifier.precision ?? 2
  const leading = parts.fields[0]!
  if (precision > 10 || (isYearMonth(qualifier) && precision > 4) || (!isYearMonth(qualifier) && precision > 3)) {
    const message = `${name}(${precision}) has too many digits`
    return findings.error('TYP021', span, message, { flinkSpan: null })
  }
  if (leading.replace(/^0+/, '').length > precision) {
    const shorter = `${qualifier.from}(${leading.length})`
    return findings.error('TYP021', span, `an interval of ${name} takes ${precision} digits, found ${leading}`, {
      hint: `Write INTERVAL '${literal.value}' ${shorter}, or use a larger unit.`,
    })
  }
  const negative = literal.negative !== parts.negative
  if (isYearMonth(qualifier)) {
    const months = parts.fields.reduce((sum, field, i) => sum + Number(field) * unitMonths[units[i]!]!, 0)
    return negative ? -months : months
  }
  const millis = parts.fields.reduce((sum, field, i) => sum + BigInt(field) * BigInt(unitMillis[units[i]!]!), 0n)
  const total = millis + BigInt(parts.fraction.slice(0, 3).padEnd(3, '0'))
  return negative ? -total : total
}

function unitsOf({ from, to }: IntervalQualifier): readonly TimeUnit[] {
  return to === undefined ? [from] : unitOrder.slice(unitOrder.indexOf(from), unitOrder.indexOf(to) + 1)
}

/** `1-6`, `3 04:05:06.789`: one number per unit, digits behind the point of seconds. */
function splitInterval(text: string, units: readonly TimeUnit[]) {
  const separators = units.slice(1).map((unit) => (unit === 'MONTH' ? '-' : unit === 'HOUR' ? ' ' : ':'))
  let pattern = '(\\d+)'
  for (const separator of separators) pattern += `${separator}(\\d+)`
  const seconds = units.at(-1) === 'SECOND'
  const match = new RegExp(`^([+-]?)${pattern}${seconds ? '(?:\\.(\\d{1,9}))?' : ''}$`).exec(text)
  if (!match) return undefined
  return {
    negative: match[1] === '-',
    fields: match.slice(2, 2 + units.length) as string[],
    fraction: (seconds && match[2 + units.length]) || '',
  }
}

function intervalHint(units: readonly TimeUnit[]): string {
  const example: Partial<Record<string, string>> = {
    'YEAR MONTH': "INTERVAL '1-6' YEAR TO MONTH",
    'HOUR MINUTE': "INTERVAL '1:30' HOUR TO MINUTE",
    'DAY HOUR MINUTE SECOND': "INTERVAL '1 02:03:04' DAY TO SECOND",
  }
  return `An example is ${example[units.join(' ')] ?? `INTERVAL '10' ${units[0]}`}.`
}

/** Milliseconds of a constant interval; NaN for months; `undefined` for anything else. */
export function intervalMs(bound: Bound): number | undefined {
  if (bound.kind === 'call' && bound.function === '-x' && bound.arguments.length === 1) {
    const inner = intervalMs(bound.arguments[0]!)
    return inner === undefined ? undefined : -inner
  }
  if (bound.kind !== 'literal' || bound.type.kind !== 'INTERVAL') return undefined
  return bound.type.unit === 'YEAR_MONTH' ? Number.NaN : Number(bound.value)
}
