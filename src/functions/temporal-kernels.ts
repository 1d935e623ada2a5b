// What the date and time functions compute. Where Flink's own arithmetic is odd before 1970 (it divides towards zero), this is too.

import { cutTimestamp } from '../types/cast-value.ts'
import {
  addMonths,
  civilFromDays,
  dayOfWeek,
  dayOfYear,
  daysFromCivil,
  historicFromDays,
  isoWeek,
  MILLIS_PER_DAY,
  splitMillis,
} from '../types/civil-time.ts'
import { powerOfTen } from '../types/decimal.ts'
import { truncateToInteger } from '../types/integer.ts'
import type { LogicalType, TypeOf } from '../types/logical-type.ts'
import { parseDate, parseTimestamp } from '../types/parse-value.ts'
import { printTimestamp } from '../types/print-value.ts'
import { instantToLocal, isKnownZone, localToInstant } from '../types/time-zone.ts'
import { isInFamily } from '../types/type-family.ts'
import type { TimestampValue, Value } from '../types/value.ts'
import { divisionByZero } from './arithmetic-operators.ts'
import { formatMoment, type PatternPart, parseLegacy, parseMoment, parsePattern } from './date-format.ts'
import type { Kernel, KernelContext } from './function-definition.ts'
import { moveMonths } from './interval-arithmetic.ts'
import { failedCall } from './scalar-function.ts'

const DEFAULT_PATTERN = 'yyyy-MM-dd HH:mm:ss'

/** The wall-clock time of a date, time or timestamp value, in milliseconds. */
function localMillisOf(type: LogicalType, timeZone: string): (value: Value) => number {
  switch (type.kind) {
    case 'DATE':
      return (value) => (value as number) * MILLIS_PER_DAY
    case 'TIME':
      return (value) => value as number
    case 'TIMESTAMP_LTZ':
      return (value) => instantToLocal(timeZone, (value as TimestampValue).millis)
    default:
      return (value) => (value as TimestampValue).millis
  }
}

export const currentInstant = (context: KernelContext): Kernel => {
  return () => ({ millis: context.now(), nanos: 0 })
}
export const currentLocal = (context: KernelContext): Kernel => {
  return () => ({ millis: instantToLocal(context.timeZone, context.now()), nanos: 0 })
}
export const currentDate = (context: KernelContext): Kernel => {
  return () => splitMillis(instantToLocal(context.timeZone, context.now())).days
}
export const currentTime = (context: KernelContext): Kernel => {
  return () => {
    const { millisOfDay } = splitMillis(instantToLocal(context.timeZone, context.now()))
    return millisOfDay - (millisOfDay % 1000)
  }
}

const unitMillis: Readonly<Record<string, number>> = {
  SECOND: 1000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: MILLIS_PER_DAY,
  WEEK: 7 * MILLIS_PER_DAY,
}
const unitMonths: Readonly<Record<string, number>> = { MONTH: 1, QUARTER: 3, YEAR: 12 }

export const intervalOfUnits = (context: KernelContext): Kernel => {
  const unit = String(context.literals[1])
  const months = unitMonths[unit]
  if (months !== undefined) return ([count]) => Number(count) * months
  return ([count]) => BigInt(count as bigint) * BigInt(unitMillis[unit]!)
}

/** `operand`: which argument is the time. */
export function extractKernel(field: string, type: LogicalType, timeZone: string, operand = 0): Kernel {
  if (type.kind === 'INTERVAL') return ([, value]) => BigInt(extractFromInterval(field, type, value!))
  // Flink reads the clock of a DATE from its number of days.
  const clock = ['HOUR', 'MINUTE', 'SECOND', 'MILLISECOND', 'MICROSECOND'].includes(field)
  const local = type.kind === 'DATE' && clock ? (value: Value) => value as number : localMillisOf(type, timeZone)
  const nanosOf = (value: Value) => (isInFamily(type, 'TIMESTAMP') ? (value as TimestampValue).nanos : 0)
  return (args) => BigInt(extractField(field, local(args[operand]!), nanosOf(args[operand]!)))
}

function extractFromInterval(field: string, type: TypeOf<'INTERVAL'>, value: Value): number {
  const amount = Number(value)
  if (type.unit === 'YEAR_MONTH')
    return field === 'YEAR'
      ? Math.trunc(amount / 12)
      : field === 'QUARTER'
        ? Math.trunc((amount % 12) / 3) + 1
        : amount % 12
  return extractField(field, amount, 0)
}

function extractField(field: string, localMillis: number, nanos: number): number {
  switch (field) {
    case 'HOUR':
      return Math.trunc((localMillis % MILLIS_PER_DAY) / 3_600_000)
    case 'MINUTE':
      return Math.trunc((localMillis % 3_600_000) / 60_000)
    case 'SECOND':
      return Math.trunc((localMillis % 60_000) / 1000)
    case 'MILLISECOND':
      return localMillis % 1000
    case 'MICROSECOND':
      return (localMillis % 1000) * 1000 + Math.trunc(nanos / 1000)
    case 'NANOSECOND':
      return (localMillis % 1000) * 1_000_000 + nanos
    case 'EPOCH':
      return Math.trunc(localMillis / 1000)
    default:
      return extractFromDays(field, Math.trunc(localMillis / MILLIS_PER_DAY))
  }
}

function extractFromDays(field: string, days: number): number {
  const { year, month, day } = civilFromDays(days)
  switch (field) {
    case 'YEAR':
      return year
    case 'MONTH':
      return month
    case 'DAY':
      return day
    case 'QUARTER':
      return Math.trunc((month + 2) / 3)
    case 'WEEK':
      return isoWeek(days).week
    case 'ISOYEAR':
      return isoWeek(days).year
    case 'DOY':
      return dayOfYear(days)
    case 'DOW':
      return dayOfWeek(days)
    case 'ISODOW':
      return ((dayOfWeek(days) + 5) % 7) + 1
    case 'DECADE':
      return Math.trunc(year / 10)
    case 'CENTURY':
      return Math.trunc((year + (year > 0 ? 99 : -99)) / 100)
    case 'MILLENNIUM':
      return Math.trunc((year + (year > 0 ? 999 : -999)) / 1000)
    default:
      throw failedCall('EXTRACT', `the field ${field} is not one of a date`)
  }
}

export function floorKernel(
  name: 'FLOOR' | 'CEIL',
  { argumentTypes, literals, resultType, timeZone }: KernelContext,
): Kernel {
  const type = argumentTypes[0]!
  if (type.kind === 'DECIMAL') {
    const unit = powerOfTen(type.scale)
    return ([value]) => floorDivide(value as bigint, unit, name === 'CEIL')
  }
  if (isInFamily(type, 'APPROXIMATE_NUMERIC')) {
    const whole = name === 'FLOOR' ? Math.floor : Math.ceil
    return ([value]) => whole(value as number)
  }
  if (argumentTypes.length === 1) return ([value]) => value!
  const unit = String(literals[1])
  // Flink's own arithmetic divides by zero there.
  if (type.kind !== 'DATE' && (unit === 'MICROSECOND' || unit === 'NANOSECOND'))
    return () => {
      throw divisionByZero()
    }
  if (type.kind === 'DATE') return ([value]) => floorDate(unit, value as number, name === 'CEIL')
  if (type.kind === 'TIME') return ([value]) => floorMillis(unit, value as number, name === 'CEIL')
  const zoned = type.kind === 'TIMESTAMP_LTZ'
  return ([value]) => {
    const { millis } = value as TimestampValue
    const local = zoned ? instantToLocal(timeZone, millis) : millis
    const moved = floorMillis(unit, local, name === 'CEIL')
    return cutTimestamp({ millis: moved - (local - millis), nanos: 0 }, (resultType as TypeOf<'TIMESTAMP'>).precision)
  }
}

function floorDivide(value: bigint, unit: bigint, up: boolean): bigint {
  const quotient = value / unit
  const rest = value % unit
  if (rest === 0n) return quotient
  return up ? quotient + (rest > 0n ? 1n : 0n) : quotient - (rest < 0n ? 1n : 0n)
}

function floorMillis(unit: string, localMillis: number, up: boolean): number {
  if (unit === 'MILLISECOND') return localMillis
  const size = unit === 'WEEK' ? undefined : unitMillis[unit]
  if (size !== undefined) return (up ? Math.ceil(localMillis / size) : Math.floor(localMillis / size)) * size
  return floorDate(unit, Math.trunc(localMillis / MILLIS_PER_DAY), up) * MILLIS_PER_DAY
}

/** Before 15 October 1582 Flink reads the day in the Julian calendar, and writes the result in the Gregorian one. */
function floorDate(unit: string, days: number, up: boolean): number {
  const { year, month, day } = historicFromDays(days)
  switch (unit) {
    case 'YEAR':
      return daysFromCivil(up && (month > 1 || day > 1) ? year + 1 : year, 1, 1)
    case 'QUARTER': {
      const quarter = Math.trunc((month + 2) / 3) + (up && (month > 1 || day > 1) ? 1 : 0)
      return firstOfMonth(year, quarter * 3 - 2)
    }
    case 'MONTH':
      return firstOfMonth(year, up && day > 1 ? month + 1 : month)
    case 'WEEK': {
      const sinceSunday = dayOfWeek(days) - 1
      return daysFromCivil(year, month, day) - (up && sinceSunday > 0 ? sinceSunday - 7 : sinceSunday)
    }
    case 'DECADE':
      return daysFromCivil(10 * (Math.trunc(year / 10) + (up ? 1 : 0)), 1, 1)
    case 'CENTURY':
      return daysFromCivil(100 * Math.trunc((year + 99) / 100) + (up ? 1 : -99), 1, 1)
    case 'MILLENNIUM':
      return daysFromCivil(1000 * Math.trunc((year + 999) / 1000) + (up ? 1 : -999), 1, 1)
    default:
      return days
  }
}

function firstOfMonth(year: number, month: number): number {
  return month > 12 ? daysFromCivil(year + 1, month - 12, 1) : daysFromCivil(year, month, 1)
}

export const timestampAdd = ({ argumentTypes, literals, resultType }: KernelContext): Kernel => {
  const unit = String(literals[0])
  const type = argumentTypes[2]!
  const months = unitMonths[unit]
  const millis = unitMillis[unit] ?? 1
  if (type.kind === 'DATE' && resultType.kind === 'DATE') {
    if (months !== undefined) return ([, count, days]) => addMonths(days as number, Number(count) * months)
    return ([, count, days]) => (days as number) + (Number(count) * millis) / MILLIS_PER_DAY
  }
  if (type.kind === 'TIME') {
    if (months !== undefined) return ([, , time]) => time!
    return ([, count, time]) =>
      ((((time as number) + ((Number(count) * millis) % MILLIS_PER_DAY)) % MILLIS_PER_DAY) + MILLIS_PER_DAY) %
      MILLIS_PER_DAY
  }
  const start =
    type.kind === 'DATE'
      ? (value: Value) => ({ millis: (value as number) * MILLIS_PER_DAY, nanos: 0 })
      : (value: Value) => value as TimestampValue
  return ([, count, time]) => {
    const from = start(time!)
    if (months === undefined) return { millis: from.millis + Number(count) * millis, nanos: from.nanos }
    return { millis: moveMonths(from.millis, Number(count) * months), nanos: from.nanos }
  }
}

/** Flink counts a TIMESTAMP_LTZ in UTC here. */
export const timestampDiff = ({ argumentTypes, literals }: KernelContext): Kernel => {
  const unit = String(literals[0])
  const from = localMillisOf(argumentTypes[1]!, 'UTC')
  const to = localMillisOf(argumentTypes[2]!, 'UTC')
  const months = unitMonths[unit]
  if (months !== undefined) {
    return ([, a, b]) => truncateToInteger(Math.trunc(monthsBetween(to(b!), from(a!)) / months), 'INTEGER')
  }
  const size = unitMillis[unit] ?? 1
  return ([, a, b]) => Number(BigInt.asIntN(32, BigInt(Math.trunc((to(b!) - from(a!)) / size))))
}

export const dateDifference = ({ argumentTypes, resultType, timeZone }: KernelContext): Kernel => {
  const first = localMillisOf(argumentTypes[0]!, timeZone)
  const second = localMillisOf(argumentTypes[1]!, timeZone)
  const months = (resultType as TypeOf<'INTERVAL'>).unit === 'YEAR_MONTH'
  if (months) return ([a, b]) => monthsBetween(first(a!), second(b!))
  return ([a, b]) => BigInt(first(a!) - second(b!))
}

/** Whole months from the second time to the first. */
function monthsBetween(a: number, b: number): number {
  const first = splitMillis(a)
  const second = splitMillis(b)
  let months = monthsBetweenDays(first.days, second.days)
  if (addMonths(second.days, months) === first.days && first.millisOfDay < second.millisOfDay) months--
  return months
}

function monthsBetweenDays(a: number, b: number): number {
  if (a < b) return -monthsBetweenDays(b, a)
  let months = Math.trunc((a - b) / 31)
  while (addMonths(b, months) < a && addMonths(b, months + 1) <= a) months++
  return months
}

/** Patterns are compiled once where they are literals. */
function patternOf(
  context: KernelContext,
  index: number,
): (args: readonly Value[]) => readonly PatternPart[] | undefined {
  const literal = context.literals[index]
  if (typeof literal === 'string') {
    const parts = parsePattern(literal)
    return () => parts
  }
  if (index >= context.argumentTypes.length) {
    const parts = parsePattern(DEFAULT_PATTERN)
    return () => parts
  }
  return (args) => parsePattern(args[index] as string)
}

export const dateFormat = (context: KernelContext): Kernel => {
  const pattern = patternOf(context, 1)
  const type = context.argumentTypes[0]!
  if (isInFamily(type, 'TIMESTAMP')) {
    const local = localMillisOf(type, context.timeZone)
    return (args) => {
      const parts = pattern(args)
      if (!parts) throw failedCall('DATE_FORMAT', `pattern \`${args[1]}\` is malformed`)
      return formatMoment(parts, {
        localMillis: local(args[0]!),
        nanos: (args[0] as TimestampValue).nanos,
        legacy: false,
      })
    }
  }
  const input = parsePattern(DEFAULT_PATTERN)!
  return (args) => {
    const localMillis = parseLegacy(input, args[0] as string)
    const parts = pattern(args)
    if (localMillis === undefined) return null
    if (!parts) throw failedCall('DATE_FORMAT', `pattern \`${args[1]}\` is malformed`)
    return formatMoment(parts, { localMillis, nanos: 0, legacy: true })
  }
}

export const fromUnixTime = (context: KernelContext): Kernel => {
  const pattern = patternOf(context, 1)
  return (args) => {
    const parts = pattern(args)
    if (!parts) throw failedCall('FROM_UNIXTIME', `pattern \`${args[1]}\` is malformed`)
    const localMillis = instantToLocal(context.timeZone, Number(BigInt.asIntN(64, (args[0] as bigint) * 1000n)))
    return formatMoment(parts, { localMillis, nanos: 0, legacy: true })
  }
}

export const unixTimestamp = (context: KernelContext): Kernel => {
  if (context.argumentTypes.length === 0) return () => BigInt(Math.floor(context.now() / 1000))
  const pattern = patternOf(context, 1)
  return (args) => {
    const parts = pattern(args)
    if (!parts) throw failedCall('UNIX_TIMESTAMP', `pattern \`${args[1]}\` is malformed`)
    const localMillis = parseLegacy(parts, args[0] as string)
    // Flink answers Long.MIN_VALUE for a text that does not fit.
    if (localMillis === undefined) return -(2n ** 63n)
    return BigInt(Math.trunc(localToInstant(context.timeZone, localMillis, 'last') / 1000))
  }
}

export const toDate = (context: KernelContext): Kernel => {
  if (context.argumentTypes.length === 1) return ([text]) => parseDate(text as string) ?? null
  const pattern = patternOf(context, 1)
  return (args) => {
    const parts = pattern(args)
    if (!parts) throw failedCall('TO_DATE', `pattern \`${args[1]}\` is malformed`)
    const localMillis = parseLegacy(parts, args[0] as string)
    return localMillis === undefined ? UNREADABLE_DATE : splitMillis(localMillis).days
  }
}

/** Flink's answer for a text that does not fit the pattern: the day of Long.MIN_VALUE milliseconds, cut to 32 bits. */
const UNREADABLE_DATE = 622_191_233

export const toTimestamp = (context: KernelContext): Kernel => {
  if (context.argumentTypes.length === 1) return ([text]) => parseTimestamp(text as string, 3) ?? null
  const pattern = patternOf(context, 1)
  return (args) => {
    const parts = pattern(args)
    const fitting = parts && parseMoment(parts, args[0] as string)
    if (fitting) return cutTimestamp({ millis: fitting.localMillis, nanos: fitting.nanos }, 3)
    // Digits of a text in JDBC's form are all kept.
    const moment = parts && jdbcTimestamp(args[0] as string)
    return moment ? { millis: moment.localMillis, nanos: moment.nanos } : null
  }
}

/** A date with a time or alone. */
function jdbcTimestamp(text: string) {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?)?$/.exec(text.trim())
  if (!match) return undefined
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number]
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined
  const seconds = Number(match[4] ?? 0) * 3600 + Number(match[5] ?? 0) * 60 + Number(match[6] ?? 0)
  const nanos = Number((match[7] ?? '').padEnd(9, '0'))
  const days = daysFromCivil(year, month, 1) + day - 1
  return {
    localMillis: days * MILLIS_PER_DAY + seconds * 1000 + Math.floor(nanos / 1_000_000),
    nanos: nanos % 1_000_000,
  }
}

/** Years 0000 to 9999. */
const MIN_EPOCH_SECONDS = -62_167_219_200
const MAX_EPOCH_SECONDS = 253_402_300_799

export const toTimestampLtz = (context: KernelContext): Kernel => {
  const [type] = context.argumentTypes
  if (isInFamily(type!, 'NUMERIC')) {
    return ([epoch, precision]) => epochToTimestamp(epoch!, type!, precision === undefined ? 3 : (precision as number))
  }
  const precision = (context.resultType as TypeOf<'TIMESTAMP_LTZ'>).precision
  const pattern = patternOf(context, 1)
  return (args) => {
    const [text, , zone] = args
    if (args.length === 1) {
      const moment = parseTimestamp(text as string, 3)
      if (!moment) throw failedCall('TO_TIMESTAMP_LTZ', `\`${text}\` is no timestamp`)
      return { millis: moment.millis, nanos: moment.nanos }
    }
    const parts = pattern(args)
    const fitting = parts && parseMoment(parts, text as string)
    const moment = fitting ?? (parts && jdbcTimestamp(text as string))
    if (!moment) return null
    const zoneName = zone === undefined ? 'UTC' : (zone as string)
    if (!isKnownZone(zoneName)) return null
    const instant = { millis: localToInstant(zoneName, moment.localMillis), nanos: moment.nanos }
    return fitting ? cutTimestamp(instant, precision) : instant
  }
}

function epochToTimestamp(epoch: Value, type: LogicalType, precision: number): Value {
  let units: bigint
  let digits = precision
  if (type.kind === 'FLOAT' || type.kind === 'DOUBLE') {
    const seconds = (epoch as number) / 10 ** precision
    // NaN passes, as in Flink, and is the epoch.
    if (seconds < MIN_EPOCH_SECONDS || seconds > MAX_EPOCH_SECONDS) return null
    units = BigInt(truncateToInteger((epoch as number) * 10 ** (9 - precision), 'BIGINT') as bigint)
    digits = 9
  } else units = type.kind === 'DECIMAL' ? (epoch as bigint) / powerOfTen(type.scale) : BigInt(epoch as bigint)
  const factor = powerOfTen(digits)
  let seconds = units / factor
  let rest = units % factor
  if (rest < 0n) {
    rest += factor
    seconds -= 1n
  }
  if (seconds < MIN_EPOCH_SECONDS || seconds > MAX_EPOCH_SECONDS) return null
  const nanos = Number(rest * powerOfTen(9 - digits))
  return { millis: Number(seconds) * 1000 + Math.floor(nanos / 1_000_000), nanos: nanos % 1_000_000 }
}

export const convertTimeZone = (): Kernel => {
  const pattern = parsePattern(DEFAULT_PATTERN)!
  return ([text, from, to]) => {
    const local = parseLegacy(pattern, text as string)
    if (local === undefined) return null
    // Java reads a zone it does not know as GMT.
    const zone = (name: Value | undefined) => (isKnownZone(name as string) ? (name as string) : 'GMT')
    const instant = localToInstant(zone(from), local, 'last')
    return printTimestamp({ millis: instantToLocal(zone(to), instant), nanos: 0 }, 0)
  }
}
