// Values as the text that CAST(x AS STRING) gives: Flink's formats, Java's notation of floating-point numbers.
import { civilFromDays, MILLIS_PER_DAY, splitMillis } from './civil-time.ts'
import { printDecimal } from './decimal.ts'
import type { LogicalType } from './logical-type.ts'
import { instantToLocal } from './time-zone.ts'
import type { TimestampValue, Value } from './value.ts'

export type Print = (value: Value) => string

/** `timeZone` matters for TIMESTAMP_LTZ, which is shown on the zone's wall clock. The value is not NULL. */
export function printOf(type: LogicalType, timeZone: string): Print {
  switch (type.kind) {
    case 'BOOLEAN':
      return (value) => (value ? 'TRUE' : 'FALSE')
    case 'DECIMAL':
      return (value) => printDecimal(value as bigint, type.scale)
    case 'FLOAT':
      return (value) => printFloat(value as number)
    case 'DOUBLE':
      return (value) => printDouble(value as number)
    case 'DATE':
      return (value) => printDate(value as number)
    case 'TIME':
      return (value) => printTimeOfDay(value as number, type.precision)
    case 'TIMESTAMP':
      return (value) => printTimestamp(value as TimestampValue, type.precision)
    case 'TIMESTAMP_LTZ':
      return (value) => {
        const { millis, nanos } = value as TimestampValue
        return printTimestamp({ millis: instantToLocal(timeZone, millis), nanos }, type.precision)
      }
    case 'INTERVAL':
      return type.unit === 'YEAR_MONTH'
        ? (value) => printMonths(value as number)
        : (value) => printDayTime(Number(value))
    case 'BINARY':
    case 'VARBINARY': {
      const decoder = new TextDecoder('utf-8')
      return (value) => decoder.decode(value as Uint8Array)
    }
    case 'ARRAY': {
      const element = printNullable(type.element, timeZone)
      return (value) => `[${(value as readonly Value[]).map(element).join(', ')}]`
    }
    case 'MAP':
      return printEntries(printNullable(type.key, timeZone), printNullable(type.value, timeZone))
    case 'MULTISET':
      return printEntries(printNullable(type.element, timeZone), String)
    case 'ROW':
    case 'STRUCTURED': {
      const fields = type.fields.map((field) => printNullable(field.type, timeZone))
      return (value) => `(${(value as readonly Value[]).map((v, i) => fields[i]!(v)).join(', ')})`
    }
    default:
      return String
  }
}

function printNullable(type: LogicalType, timeZone: string): Print {
  const print = printOf(type, timeZone)
  return (value) => (value === null ? 'NULL' : print(value))
}

function printEntries(key: Print, value: Print): Print {
  return (entries) => {
    const texts = (entries as readonly (readonly [Value, Value])[]).map(([k, v]) => `${key(k)}=${value(v)}`)
    return `{${texts.join(', ')}}`
  }
}

/** Java's Double.toString: plain from 1e-3 to below 1e7, otherwise with an exponent; always a digit after the point. */
export function printDouble(value: number): string {
  return printShortest(value, String(Math.abs(value)))
}

/** Java's Float.toString: the fewest digits that name the same float. */
export function printFloat(value: number): string {
  const absolute = Math.abs(value)
  if (!Number.isFinite(absolute)) return printShortest(value, '')
  for (let precision = 1; precision < 9; precision++) {
    const text = absolute.toPrecision(precision)
    if (Math.fround(Number(text)) === absolute) return printShortest(value, text)
  }
  return printShortest(value, absolute.toPrecision(9))
}

function printShortest(value: number, text: string): string {
  if (Number.isNaN(value)) return 'NaN'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  if (!Number.isFinite(value)) return `${sign}Infinity`
  if (value === 0) return `${sign}0.0`
  // Java always writes two digits, and of those the nearest.
  const nearest =
    /^[\d.]*[1-9](?:e|$)/.test(text) && text.replace(/e.*|[0.]/g, '').length === 1
      ? Math.abs(value).toPrecision(2)
      : text
  const [mantissa, power] = nearest.split('e') as [string, string?]
  const [whole, fraction = ''] = mantissa.split('.') as [string, string?]
  const allDigits = whole + fraction
  const leadingZeros = allDigits.length - allDigits.replace(/^0+/, '').length
  const digits = allDigits.slice(leadingZeros).replace(/0+$/, '') || '0'
  const exponent = whole.length + Number(power ?? 0) - leadingZeros - 1
  if (exponent >= -3 && exponent < 7) return sign + plainDigits(digits, exponent)
  return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${exponent}`
}

function plainDigits(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${whole}.${digits.slice(exponent + 1) || '0'}`
}

export function printDate(days: number): string {
  const { year, month, day } = civilFromDays(days)
  return `${printYear(year)}-${two(month)}-${two(day)}`
}

function printYear(year: number): string {
  if (year < 0) return `-${String(-year).padStart(4, '0')}`
  // Flink writes the last four digits.
  return String(year % 10_000).padStart(4, '0')
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

/** Fractional digits up to the precision, trailing zeros left out but for one. */
export function printTimeOfDay(millis: number, precision: number): string {
  const inDay = ((millis % MILLIS_PER_DAY) + MILLIS_PER_DAY) % MILLIS_PER_DAY
  const text = printClock(inDay)
  if (precision === 0) return text
  const fraction = String(inDay % 1000)
    .padStart(3, '0')
    .slice(0, precision)
  return `${text}.${fraction.replace(/0+$/, '') || '0'}`
}

function printClock(millis: number): string {
  const seconds = Math.floor(millis / 1000)
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

export function printTimestamp({ millis, nanos }: TimestampValue, precision: number): string {
  const { days, millisOfDay } = splitMillis(millis)
  const fraction = String((millisOfDay % 1000) * 1_000_000 + nanos).padStart(9, '0')
  return `${printDate(days)} ${printClock(millisOfDay)}${precision === 0 ? '' : `.${fraction.slice(0, precision)}`}`
}

function printMonths(months: number): string {
  const absolute = Math.abs(months)
  return `${months < 0 ? '-' : '+'}${Math.trunc(absolute / 12)}-${two(absolute % 12)}`
}

function printDayTime(millis: number): string {
  const absolute = Math.abs(millis)
  const days = Math.floor(absolute / MILLIS_PER_DAY)
  const rest = absolute % MILLIS_PER_DAY
  return `${millis < 0 ? '-' : '+'}${days} ${printClock(rest)}.${String(rest % 1000).padStart(3, '0')}`
}
