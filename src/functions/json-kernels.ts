// What the JSON functions compute. Numbers are kept as they are written, so that no digit is lost.
import { printDecimal } from '../types/decimal.ts'
import type { LogicalType } from '../types/logical-type.ts'
import { printDouble, printFloat, printOf } from '../types/print-value.ts'
import type { Value } from '../types/value.ts'
import type { Kernel, KernelContext } from './function-definition.ts'
import { encodeBase64 } from './text-encoding.ts'

export type JsonKind = 'VALUE' | 'OBJECT' | 'ARRAY' | 'SCALAR'

export function isJson(text: string, kind: JsonKind): boolean {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return false
  }
  const isObject = typeof value === 'object' && value !== null
  if (kind === 'ARRAY') return Array.isArray(value)
  if (kind === 'OBJECT') return isObject && !Array.isArray(value)
  return kind === 'VALUE' || !isObject
}

export function jsonQuote(text: string): string {
  return JSON.stringify(text)
}

export function jsonUnquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text
  try {
    return String(JSON.parse(text))
  } catch {
    return text
  }
}

/** Writes a value as JSON text; NULL is `null`. */
function writerOf(type: LogicalType): (value: Value) => string {
  const write = plainWriterOf(type)
  return (value) => (value === null ? 'null' : write(value))
}

function plainWriterOf(type: LogicalType): (value: Value) => string {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
      return String
    case 'DECIMAL':
      return (value) => printDecimal(value as bigint, type.scale)
    case 'FLOAT':
      return (value) => quoteIfNotFinite(value as number, printFloat)
    case 'DOUBLE':
      return (value) => quoteIfNotFinite(value as number, printDouble)
    case 'BINARY':
    case 'VARBINARY':
      return (value) => JSON.stringify(encodeBase64(value as Uint8Array))
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const print = printOf({ ...type, kind: 'TIMESTAMP' }, 'UTC')
      const suffix = type.kind === 'TIMESTAMP_LTZ' ? 'Z' : ''
      return (value) =>
        `"${print(value)
          .replace(' ', 'T')
          .replace(/\.?0+$/, (zeros) => (zeros.startsWith('.') ? '' : zeros))}${suffix}"`
    }
    case 'ARRAY': {
      const element = writerOf(type.element)
      return (value) => `[${(value as readonly Value[]).map(element).join(',')}]`
    }
    case 'MAP': {
      const write = writerOf(type.value)
      const key = printOf(type.key, 'UTC')
      return (value) => {
        const entries = value as readonly (readonly [Value, Value])[]
        return `{${entries.map(([k, v]) => `${JSON.stringify(k === null ? 'null' : key(k))}:${write(v)}`).join(',')}}`
      }
    }
    case 'MULTISET':
      return plainWriterOf({
        kind: 'MAP',
        key: type.element,
        value: { kind: 'INTEGER', nullable: false },
        nullable: false,
      })
    case 'ROW':
    case 'STRUCTURED': {
      const fields = type.fields.map((field) => ({ name: JSON.stringify(field.name), write: writerOf(field.type) }))
      return (value) =>
        `{${(value as readonly Value[]).map((v, i) => `${fields[i]!.name}:${fields[i]!.write(v)}`).join(',')}}`
    }
    default:
      return (value) => JSON.stringify(value)
  }
}

function quoteIfNotFinite(value: number, print: (value: number) => string): string {
  return Number.isFinite(value) ? print(value) : `"${print(value)}"`
}

export const jsonString = ({ argumentTypes }: KernelContext): Kernel => {
  const write = writerOf(argumentTypes[0]!)
  return ([value]) => write(value!)
}

/** Keys in order, as Flink's writer sorts them; a later equal key wins. */
function writeObject(entries: readonly (readonly [string, string])[]): string {
  const sorted = [...new Map(entries)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${sorted.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`
}

export const jsonObject = ({ argumentTypes, literals }: KernelContext): Kernel => {
  const absent = literals[0] === 'ABSENT ON NULL'
  const writers = argumentTypes.map(writerOf)
  return (args) => {
    const entries: (readonly [string, string])[] = []
    for (let i = 1; i + 1 < args.length; i += 2) {
      if (args[i + 1] !== null || !absent) entries.push([args[i] as string, writers[i + 1]!(args[i + 1]!)])
    }
    return writeObject(entries)
  }
}

export const jsonArray = ({ argumentTypes, literals }: KernelContext): Kernel => {
  const absent = literals[0] === 'ABSENT ON NULL'
  const writers = argumentTypes.map(writerOf)
  return (args) => {
    const items = args.flatMap((value, i) => (i === 0 || (value === null && absent) ? [] : [writers[i]!(value)]))
    return `[${items.join(',')}]`
  }
}

/** `types` are those of key and value, or of the value alone. */
export function jsonFromAggregate(
  name: 'JSON_OBJECTAGG' | 'JSON_ARRAYAGG',
  tuples: readonly (readonly Value[])[],
  types: readonly LogicalType[],
  absent: boolean,
): string {
  const write = writerOf(types[types.length - 1]!)
  if (name === 'JSON_ARRAYAGG') {
    return `[${tuples.flatMap(([value]) => (value === null && absent ? [] : [write(value!)])).join(',')}]`
  }
  return writeObject(
    tuples.flatMap(([key, value]) => (value === null && absent ? [] : [[String(key), write(value!)] as const])),
  )
}
