// What CAST does to a value, for every pair of types that casts.ts lets pass. A value that cannot be converted throws a JobError;
// a decimal that does not fit its precision becomes NULL.
import { assert } from '../diagnostics/assert.ts'
import { JobError } from '../diagnostics/job-error.ts'
import { MILLIS_PER_DAY, splitMillis } from './civil-time.ts'
import { decimalToNumber, fitDecimal, numberToDecimal, powerOfTen, toDecimal } from './decimal.ts'
import { truncateToInteger, wrapInteger } from './integer.ts'
import type { LogicalType, TypeOf } from './logical-type.ts'
import {
  parseBoolean,
  parseDate,
  parseDecimal,
  parseDouble,
  parseInteger,
  parseShortDecimal,
  parseTimeOfDay,
  parseTimestamp,
} from './parse-value.ts'
import { printOf } from './print-value.ts'
import { instantToLocal, localToInstant } from './time-zone.ts'
import { sameTypeIgnoringNullability } from './type-equality.ts'
import { isInFamily } from './type-family.ts'
import type { TimestampValue, Value } from './value.ts'

export type Convert = (value: Value) => Value

/** Conversion of values that are not NULL. */
export function castOf(from: LogicalType, to: LogicalType, timeZone: string): Convert {
  if (from.kind === 'NULL' || sameTypeIgnoringNullability(from, to)) return (value) => value
  if (isInFamily(to, 'CHARACTER')) return toText(from, to as TypeOf<'VARCHAR'>, timeZone)
  if (isInFamily(to, 'BINARY')) return toBytes(from, to as TypeOf<'VARBINARY'>)
  if (isInFamily(from, 'CHARACTER')) return fromText(to, timeZone)
  if (to.kind === 'BOOLEAN') return (value) => (typeof value === 'bigint' ? value !== 0n : value !== 0)
  if (isInFamily(to, 'NUMERIC')) return toNumber(from, to)
  if (isInFamily(to, 'DATETIME')) return toDatetime(from, to, timeZone)
  if (to.kind === 'INTERVAL') return (value) => (to.unit === 'YEAR_MONTH' ? Number(value) : BigInt(value as number))
  return castNested(from, to, timeZone)
}

function cannotCast(value: Value, to: string, print: (value: Value) => string = String): JobError {
  return new JobError('RUN302', `value \`${print(value)}\` cannot be cast to ${to}`, {
    origin: 'user',
    retry: 'never',
    hint: 'TRY_CAST gives NULL for such values instead of stopping the job.',
  })
}

function toText(from: LogicalType, to: TypeOf<'VARCHAR'>, timeZone: string): Convert {
  const print = printOf(from, timeZone)
  const padded = (to as LogicalType).kind === 'CHAR'
  // Flink counts characters, but UTF-16 units in what it made of bytes.
  if (isInFamily(from, 'BINARY')) {
    return (value) => {
      const text = print(value).slice(0, to.length)
      return padded ? text.padEnd(to.length) : text
    }
  }
  return (value) => fitLength(print(value), to.length, padded)
}

/** Counted in code points; cut at the right, CHAR also filled with blanks. */
function fitLength(text: string, length: number, padded: boolean): string {
  if (text.length <= length && !padded) return text
  const count = text.length <= length && !/[\ud800-\udfff]/.test(text) ? text.length : [...text].length
  if (count > length) return [...text].slice(0, length).join('')
  return padded ? text + ' '.repeat(length - count) : text
}

function toBytes(from: LogicalType, to: TypeOf<'VARBINARY'>): Convert {
  const encoder = new TextEncoder()
  const padded = (to as LogicalType).kind === 'BINARY'
  return (value) => {
    const bytes = isInFamily(from, 'CHARACTER') ? encoder.encode(value as string) : (value as Uint8Array)
    if (bytes.length > to.length) return bytes.slice(0, to.length)
    if (!padded || bytes.length === to.length) return bytes
    const filled = new Uint8Array(to.length)
    filled.set(bytes)
    return filled
  }
}

function fromText(to: LogicalType, timeZone: string): Convert {
  const read = textReader(to, timeZone)
  return (value) => {
    const result = read(value as string)
    if (result === undefined) throw cannotCast(value, to.kind)
    return result
  }
}

function textReader(to: LogicalType, timeZone: string): (text: string) => Value | undefined {
  switch (to.kind) {
    case 'BOOLEAN':
      return parseBoolean
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
      return (text) => {
        const whole = parseInteger(text)
        if (whole === undefined) return undefined
        const wrapped = wrapInteger(whole, to.kind)
        return BigInt(wrapped as bigint) === whole ? wrapped : undefined
      }
    case 'FLOAT':
      return (text) => {
        const value = parseDouble(text)
        return value === undefined ? undefined : Math.fround(value)
      }
    case 'DOUBLE':
      return parseDouble
    case 'DECIMAL':
      return (text) => {
        if (to.precision <= 18 && text.length <= 18) return parseShortDecimal(text, to.precision, to.scale)
        const value = parseDecimal(text)
        return (value && fitDecimal(value, to.precision, to.scale)) ?? undefined
      }
    case 'DATE':
      return parseDate
    case 'TIME':
      return (text) => {
        const millis = parseTimeOfDay(text)
        return millis === undefined ? undefined : cutTime(millis, to.precision)
      }
    case 'TIMESTAMP':
      return (text) => parseTimestamp(text, to.precision)
    case 'TIMESTAMP_LTZ':
      return (text) => {
        const local = parseTimestamp(text, to.precision)
        return local && { millis: localToInstant(timeZone, local.millis), nanos: local.nanos }
      }
    default:
      return () => undefined
  }
}

function toNumber(from: LogicalType, to: LogicalType): Convert {
  if (to.kind === 'DECIMAL') return toDecimalValue(from, to)
  if (to.kind === 'FLOAT' || to.kind === 'DOUBLE') {
    const round = to.kind === 'FLOAT' ? Math.fround : (value: number) => value
    if (from.kind === 'DECIMAL') return (value) => round(decimalToNumber(value as bigint, from.scale))
    return (value) => round(Number(value))
  }
  if (from.kind === 'DECIMAL') {
    const divisor = powerOfTen(from.scale)
    return (value) => wrapInteger((value as bigint) / divisor, to.kind)
  }
  if (isInFamily(from, 'APPROXIMATE_NUMERIC')) return (value) => truncateToInteger(value as number, to.kind)
  return (value) => wrapInteger(BigInt(value as bigint), to.kind)
}

function toDecimalValue(from: LogicalType, to: TypeOf<'DECIMAL'>): Convert {
  if (from.kind === 'DECIMAL') return (value) => toDecimal(value as bigint, from.scale, to.precision, to.scale)
  if (isInFamily(from, 'APPROXIMATE_NUMERIC')) {
    return (value) => {
      const decimal = numberToDecimal(value as number)
      // As in Flink, even TRY_CAST stops the job here; see the guide's list of differences.
      if (!decimal) {
        throw new JobError('RUN303', `value \`${value}\` is no DECIMAL`, { origin: 'user', retry: 'never' })
      }
      return fitDecimal(decimal, to.precision, to.scale)
    }
  }
  return (value) => toDecimal(BigInt(value as bigint), 0, to.precision, to.scale)
}

function toDatetime(from: LogicalType, to: LogicalType, timeZone: string): Convert {
  if (from.kind === 'TIME') {
    if (to.kind === 'TIME') return (value) => cutTime(value as number, to.precision)
    assert(to.kind === 'TIMESTAMP' || to.kind === 'TIMESTAMP_LTZ', 'TIME is cast to times only')
    const zoned = to.kind === 'TIMESTAMP_LTZ'
    return (value) => ({ millis: zoned ? localToInstant(timeZone, value as number) : (value as number), nanos: 0 })
  }
  if (from.kind === 'DATE') {
    const zoned = to.kind === 'TIMESTAMP_LTZ'
    return (value) => {
      const millis = (value as number) * MILLIS_PER_DAY
      return { millis: zoned ? localToInstant(timeZone, millis) : millis, nanos: 0 }
    }
  }
  const toLocal = (value: Value): TimestampValue => {
    const { millis, nanos } = value as TimestampValue
    return from.kind === 'TIMESTAMP_LTZ' ? { millis: instantToLocal(timeZone, millis), nanos } : { millis, nanos }
  }
  switch (to.kind) {
    case 'DATE':
      // Flink divides towards zero here, so a time before 1970 belongs to the day behind it.
      if (from.kind === 'TIMESTAMP') return (value) => Math.trunc((value as TimestampValue).millis / MILLIS_PER_DAY)
      return (value) => splitMillis(toLocal(value).millis).days
    case 'TIME':
      // Divided towards zero as well: a time before 1970 becomes a negative one.
      if (from.kind === 'TIMESTAMP') {
        return (value) => cutTime((value as TimestampValue).millis % MILLIS_PER_DAY, to.precision)
      }
      return (value) => cutTime(splitMillis(toLocal(value).millis).millisOfDay, to.precision)
    default:
      return timestampToTimestamp(from, to as TypeOf<'TIMESTAMP'>, timeZone, toLocal)
  }
}

function timestampToTimestamp(
  from: LogicalType,
  to: TypeOf<'TIMESTAMP'>,
  timeZone: string,
  toLocal: (value: Value) => TimestampValue,
): Convert {
  const target: LogicalType = to
  if (from.kind === target.kind) return (value) => cutByDigits(value as TimestampValue, to.precision)
  if (target.kind === 'TIMESTAMP_LTZ') {
    return (value) => {
      const { millis, nanos } = value as TimestampValue
      return cutByDigits({ millis: localToInstant(timeZone, millis), nanos }, to.precision)
    }
  }
  return (value) => cutByDigits(toLocal(value), to.precision)
}

/** Flink looks how many digits the nanoseconds have as a number, and leaves alone what seems short enough: 1 ns stays in TIMESTAMP(3). */
function cutByDigits(timestamp: TimestampValue, precision: number): TimestampValue {
  const millisOfSecond = ((timestamp.millis % 1000) + 1000) % 1000
  const nanosOfSecond = millisOfSecond * 1_000_000 + timestamp.nanos
  return String(nanosOfSecond).length <= precision ? timestamp : cutTimestamp(timestamp, precision)
}

/** Digits past the precision are cut towards 1970, never rounded. */
export function cutTimestamp({ millis, nanos }: TimestampValue, precision: number): TimestampValue {
  if (precision >= 9) return { millis, nanos }
  if (precision > 3) {
    const unit = 10 ** (9 - precision)
    return { millis, nanos: nanos - (nanos % unit) }
  }
  const unit = 10 ** (3 - precision)
  return { millis: millis - (millis % unit), nanos: 0 }
}

function cutTime(millis: number, precision: number): number {
  const unit = 10 ** (3 - Math.min(precision, 3))
  return millis - (millis % unit)
}

function castNested(from: LogicalType, to: LogicalType, timeZone: string): Convert {
  if ((from.kind === 'ARRAY' && to.kind === 'ARRAY') || (from.kind === 'MULTISET' && to.kind === 'MULTISET')) {
    const element = nullable(castOf(from.element, to.element, timeZone))
    if (from.kind === 'ARRAY') return (value) => (value as readonly Value[]).map(element)
    return (value) => (value as readonly (readonly [Value, Value])[]).map(([k, n]) => [element(k), n] as const)
  }
  if (from.kind === 'MAP' && to.kind === 'MAP') {
    const key = nullable(castOf(from.key, to.key, timeZone))
    const mapped = nullable(castOf(from.value, to.value, timeZone))
    return (value) => (value as readonly (readonly [Value, Value])[]).map(([k, v]) => [key(k), mapped(v)] as const)
  }
  assert('fields' in from && 'fields' in to, 'only types of one shape are cast to each other')
  const fields = from.fields.map((field, i) => nullable(castOf(field.type, to.fields[i]!.type, timeZone)))
  return (value) => (value as readonly Value[]).map((v, i) => fields[i]!(v))
}

function nullable(convert: Convert): Convert {
  return (value) => (value === null ? null : convert(value))
}
