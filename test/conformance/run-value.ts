// Values as the run goldens write them: read into ours, and ours written for comparison.
import type { LogicalType } from '../../src/types/logical-type.ts'
import { printDate, printTimeOfDay, printTimestamp } from '../../src/types/print-value.ts'
import type { TimestampValue, Value } from '../../src/types/value.ts'

type Golden = unknown

/** Days and times of day are read by the platform: another reader than the engine's. */
export function readGoldenValue(golden: Golden, type: LogicalType): Value {
  if (golden === null) return null
  switch (type.kind) {
    case 'BIGINT':
      return BigInt(golden as number | string)
    case 'DECIMAL': {
      const [whole, fraction = ''] = String(golden).split('.') as [string, string?]
      return BigInt(`${whole}${fraction.padEnd(type.scale, '0')}`)
    }
    case 'FLOAT':
      return Math.fround(readDouble(golden))
    case 'DOUBLE':
      return readDouble(golden)
    case 'BINARY':
    case 'VARBINARY':
      return new Uint8Array(Buffer.from((golden as { b64: string }).b64, 'base64'))
    case 'DATE':
      return Math.floor(readInstant(`${golden}T00:00:00Z`).millis / 86_400_000)
    case 'TIME':
      // Outside a day, which Flink's TIME arithmetic can give.
      if (String(golden).startsWith('ms:')) return Number(String(golden).slice(3))
      return readInstant(`1970-01-01T${golden}Z`).millis
    case 'TIMESTAMP':
      return readInstant(`${golden}Z`)
    case 'TIMESTAMP_LTZ':
      return readInstant(String(golden))
    case 'INTERVAL': {
      const number = String(golden).split(' ')[0]!
      return type.unit === 'DAY_TIME' ? BigInt(number) : Number(number)
    }
    case 'ROW':
      return (golden as Golden[]).map((item, index) => readGoldenValue(item, type.fields[index]!.type))
    case 'ARRAY':
      return (golden as { a: Golden[] }).a.map((item) => readGoldenValue(item, type.element))
    case 'MAP':
      return (golden as { m: [Golden, Golden][] }).m.map(
        ([key, value]) => [readGoldenValue(key, type.key), readGoldenValue(value, type.value)] as const,
      )
    default:
      return golden as Value
  }
}

function readDouble(golden: Golden): number {
  return golden === '-0.0' ? -0 : Number(golden)
}

/** The fraction may have nine digits. */
function readInstant(text: string): TimestampValue {
  const match = /^([+-]?\d+-\d+-\d+T\d+:\d+(?::\d+)?)(?:\.(\d+))?Z$/.exec(text)
  if (match === null) throw new Error(`golden instant ${text} is not understood`)
  const year = /^[+-]?\d+/.exec(match[1]!)![0]
  const iso =
    year.replace('+', '').length > 4 ? match[1]!.replace(year, `+${year.replace('+', '').padStart(6, '0')}`) : match[1]!
  const seconds = Date.parse(`${iso}${iso.split(':').length === 2 ? ':00' : ''}Z`)
  const nanos = Number((match[2] ?? '').padEnd(9, '0'))
  return { millis: seconds + Math.floor(nanos / 1_000_000), nanos: nanos % 1_000_000 }
}

/** One text per value, equal where the goldens' rules call values equal. */
export function canonical(value: Value, type: LogicalType): string {
  if (value === null) return 'null'
  switch (type.kind) {
    case 'FLOAT':
      return printNumber(Math.fround(value as number))
    case 'DOUBLE':
      return printNumber(value as number)
    case 'BINARY':
    case 'VARBINARY':
      return `0x${Buffer.from(value as Uint8Array).toString('hex')}`
    case 'DATE':
      return printDate(value as number)
    case 'TIME':
      return printTimeOfDay(value as number, 3)
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return printTimestamp(value as TimestampValue, 9)
    case 'ROW':
      return `(${(value as Value[]).map((item, index) => canonical(item, type.fields[index]!.type)).join(', ')})`
    case 'ARRAY':
      return `[${(value as Value[]).map((item) => canonical(item, type.element)).join(', ')}]`
    case 'MAP':
    case 'MULTISET': {
      const [keyType, valueType] = type.kind === 'MAP' ? [type.key, type.value] : [type.element, COUNT]
      const entries = (value as [Value, Value][]).map(
        ([key, item]) => `${canonical(key, keyType)}=${canonical(item, valueType)}`,
      )
      return `{${entries.sort().join(', ')}}`
    }
    default:
      return typeof value === 'string' ? JSON.stringify(value) : String(value)
  }
}

const COUNT: LogicalType = { kind: 'INTEGER', nullable: false }

function printNumber(value: number): string {
  return Object.is(value, -0) ? '-0.0' : String(value)
}
