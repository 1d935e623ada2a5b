// What the JSON functions compute. Numbers are kept as they are written, so that no digit is lost.
import { type BigDecimal, printDecimal } from '../types/decimal.ts'
import type { LogicalType } from '../types/logical-type.ts'
import { printDouble, printFloat, printOf } from '../types/print-value.ts'
import type { Value } from '../types/value.ts'
import type { Kernel, KernelContext } from './function-definition.ts'
import { findAll, type JsonPath, parsePath } from './json-path.ts'
import { type Json, parseJson, writeJson } from './json-text.ts'
import { failedCall } from './scalar-function.ts'
import { encodeBase64 } from './text-encoding.ts'

export type JsonKind = 'VALUE' | 'OBJECT' | 'ARRAY' | 'SCALAR'

export function isJson(text: string, kind: JsonKind): boolean {
  const json = parseJson(text)
  if (!json) return false
  if (kind === 'ARRAY') return json.kind === 'array'
  if (kind === 'OBJECT') return json.kind === 'object'
  return kind === 'VALUE' || (json.kind !== 'array' && json.kind !== 'object')
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
      return (value) => printBigDecimal({ unscaled: value as bigint, scale: type.scale })
    case 'FLOAT':
      return (value) => writeFloat(value as number, printFloat)
    case 'DOUBLE':
      return (value) => writeFloat(value as number, printDouble)
    case 'BINARY':
    case 'VARBINARY':
      return (value) => JSON.stringify(encodeBase64(value as Uint8Array))
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const print = printOf({ kind: 'TIMESTAMP', precision: 9, nullable: false }, 'UTC')
      const suffix = type.kind === 'TIMESTAMP_LTZ' ? 'Z' : ''
      return (value) =>
        `"${print(value)
          .replace(' ', 'T')
          .replace(/\.0+$|(\.\d*?)0+$/, '$1')}${suffix}"`
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

function writeFloat(value: number, print: (value: number) => string): string {
  const text = print(value)
  const decimal = Number.isFinite(value) ? exactDecimal(text) : undefined
  return decimal ? printBigDecimal(decimal) : `"${text}"`
}

/** As java.math.BigDecimal reads it: `1.0E21` is 10 with scale -20. */
function exactDecimal(text: string): BigDecimal {
  const [mantissa, power] = text.split('E') as [string, string?]
  const fraction = mantissa.length - mantissa.indexOf('.') - 1
  return { unscaled: BigInt(mantissa.replace('.', '')), scale: fraction - Number(power ?? 0) }
}

/** Java's BigDecimal.toString: plain unless the number has zeros at its end or many behind the point. */
function printBigDecimal({ unscaled, scale }: BigDecimal): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString()
  const exponent = digits.length - 1 - scale
  if (scale >= 0 && exponent >= -6) return printDecimal(unscaled, scale)
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
  return `${unscaled < 0n ? '-' : ''}${digits[0]}${fraction}E${exponent < 0 ? '' : '+'}${exponent}`
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

const jsonMakers = new Set(['JSON_OBJECT', 'JSON_ARRAY', 'JSON'])

/** What another JSON constructor made is written as it is; everything else as a JSON value. */
function argumentWriters({ argumentTypes, argumentFunctions }: KernelContext): readonly ((value: Value) => string)[] {
  return argumentTypes.map((type, i) =>
    jsonMakers.has(argumentFunctions?.[i] ?? '')
      ? (value) => (value === null ? 'null' : (value as string))
      : writerOf(type),
  )
}

export const jsonObject = (context: KernelContext): Kernel => {
  const absent = context.literals[0] === 'ABSENT ON NULL'
  const writers = argumentWriters(context)
  return (args) => {
    const entries: (readonly [string, string])[] = []
    for (let i = 1; i + 1 < args.length; i += 2) {
      if (args[i + 1] !== null || !absent) entries.push([args[i] as string, writers[i + 1]!(args[i + 1]!)])
    }
    return writeObject(entries)
  }
}

export const jsonArray = (context: KernelContext): Kernel => {
  const absent = context.literals[0] === 'ABSENT ON NULL'
  const writers = argumentWriters(context)
  return (args) => {
    const items = args.flatMap((value, i) => (i === 0 || (value === null && absent) ? [] : [writers[i]!(value)]))
    return `[${items.join(',')}]`
  }
}

/** JSON(text) inside a constructor: the text is checked and written compactly. */
export const jsonOfText = (): Kernel => {
  return ([text]) => {
    const json = parseJson(text as string)
    if (!json) throw failedCall('JSON', `\`${text}\` is no JSON`)
    return writeJson(json)
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

/** What `NULL ON EMPTY` and the like say, by their words. */
type Behaviours = { readonly [when in 'EMPTY' | 'ERROR']?: { readonly what: string; readonly value: Value } }

function behavioursOf({ literals }: KernelContext, args: readonly Value[]): Behaviours {
  const found: { [when in 'EMPTY' | 'ERROR']?: { what: string; value: Value } } = {}
  for (const [i, literal] of literals.entries()) {
    const match = i >= 2 && typeof literal === 'string' ? /^(.+) ON (EMPTY|ERROR)$/.exec(literal) : null
    if (match) found[match[2] as 'EMPTY'] = { what: match[1]!, value: match[1] === 'DEFAULT' ? args[i + 1]! : null }
  }
  return found
}

/** Paths are compiled once where they are literals. */
function pathOf(context: KernelContext): (args: readonly Value[]) => JsonPath {
  const literal = context.literals[1]
  if (typeof literal !== 'string') return (args) => parsePath(args[1] as string)
  let path: JsonPath | undefined
  return () => (path ??= parsePath(literal))
}

type Search = { readonly found: readonly Json[] } | { readonly failed: string }

/** In strict mode a step that finds nothing is an error; in lax mode it finds nothing. */
function search(text: string, path: JsonPath): Search {
  const json = parseJson(text)
  if (!json) return { failed: 'the text is no JSON' }
  const found = findAll(json, path.steps)
  if (found.length === 0 && path.definite && path.mode === 'strict') return { failed: 'the path finds nothing' }
  return { found }
}

export const jsonExists = (context: KernelContext): Kernel => {
  const pathFor = pathOf(context)
  return (args) => {
    if (args[0] === null || args[1] === null) return null
    const result = search(args[0] as string, pathFor(args))
    if ('found' in result) return result.found.length > 0
    const what = behavioursOf(context, args).ERROR?.what ?? 'FALSE'
    if (what === 'ERROR') throw failedCall('JSON_EXISTS', result.failed)
    return what === 'UNKNOWN' ? null : what === 'TRUE'
  }
}

export const jsonValue = (context: KernelContext): Kernel => {
  const pathFor = pathOf(context)
  const convert = scalarTo(context.resultType)
  return (args) => {
    if (args[0] === null || args[1] === null) return null
    const on = behavioursOf(context, args)
    const path = pathFor(args)
    const result = search(args[0] as string, path)
    if ('failed' in result) return substitute(on.ERROR, result.failed, convert)
    const [value] = result.found
    if (!path.definite || result.found.length > 1) return substitute(on.ERROR, 'the path finds several values', convert)
    if (value === undefined || value.kind === 'null') return substitute(on.EMPTY, 'the path finds nothing', convert)
    if (value.kind === 'array' || value.kind === 'object')
      return substitute(on.ERROR, 'the path finds no scalar', convert)
    return convert(
      value.kind === 'boolean' ? value.value : value.kind === 'number' ? Number(value.text) : value.value,
      value,
    )
  }
}

function substitute(
  on: { readonly what: string; readonly value: Value } | undefined,
  why: string,
  convert: ScalarTo,
): Value {
  if (on?.what === 'ERROR') throw failedCall('JSON_VALUE', why)
  return on?.what === 'DEFAULT' && on.value !== null ? convert(on.value, undefined) : null
}

type ScalarTo = (value: Value, json: Json | undefined) => Value

/** Flink's generated code knows four types after RETURNING; a value of another kind stops the job. */
function scalarTo(type: LogicalType): ScalarTo {
  switch (type.kind) {
    case 'BOOLEAN':
      return (value) => (typeof value === 'boolean' ? value : mismatch(value, 'BOOLEAN'))
    case 'INTEGER':
      return (value, json) =>
        json?.kind === 'number' && /^-?\d+$/.test(json.text) && Math.abs(value as number) < 2 ** 31
          ? value
          : json
            ? mismatch(value, 'INT')
            : Number(value)
    case 'DOUBLE':
      return (value, json) =>
        json?.kind === 'number' && /[.eE]/.test(json.text) ? value : json ? mismatch(value, 'DOUBLE') : Number(value)
    default:
      return (value, json) =>
        json?.kind === 'number' ? numberText(json.text) : typeof value === 'boolean' ? String(value) : String(value)
  }
}

function mismatch(value: Value, kind: string): never {
  throw failedCall('JSON_VALUE', `\`${value}\` is no ${kind}`)
}

/** Whole numbers as written, others as Java prints the double. */
function numberText(text: string): string {
  return /[.eE]/.test(text) ? printDouble(Number(text)) : text
}

export const jsonQuery = (context: KernelContext): Kernel => {
  const pathFor = pathOf(context)
  const wrapper = context.literals.find((literal) => typeof literal === 'string' && literal.endsWith('WRAPPER')) as
    | string
    | undefined
  const asArray = context.resultType.kind === 'ARRAY'
  return (args) => {
    if (args[0] === null || args[1] === null) return null
    const on = behavioursOf(context, args)
    const path = pathFor(args)
    const result = search(args[0] as string, path)
    if ('failed' in result) return substituteQuery(on.ERROR, result.failed, asArray)
    const json = wrapped(result.found, path, wrapper)
    if (json === undefined) return substituteQuery(on.EMPTY, 'the path finds nothing', asArray)
    if (json.kind !== 'array' && json.kind !== 'object')
      return substituteQuery(on.ERROR, 'the path finds a scalar', asArray)
    return asArray ? stringsOf(json) : writeJson(json)
  }
}

function wrapped(found: readonly Json[], path: JsonPath, wrapper: string | undefined): Json | undefined {
  const [first] = found
  const value: Json | undefined = path.definite ? first : { kind: 'array', items: found }
  if (value === undefined || value.kind === 'null') return undefined
  const isContainer = value.kind === 'array' || value.kind === 'object'
  if (wrapper === undefined || wrapper.startsWith('WITHOUT')) return value
  if (wrapper.includes('UNCONDITIONAL') || (wrapper.startsWith('WITH') && !wrapper.includes('CONDITIONAL')))
    return { kind: 'array', items: [value] }
  return isContainer ? value : { kind: 'array', items: [value] }
}

function substituteQuery(on: { readonly what: string } | undefined, why: string, asArray: boolean): Value {
  switch (on?.what) {
    case 'ERROR':
      throw failedCall('JSON_QUERY', why)
    case 'EMPTY ARRAY':
      return asArray ? [] : '[]'
    case 'EMPTY OBJECT':
      return '{}'
    default:
      return null
  }
}

/** RETURNING ARRAY<STRING>: scalars as text, the rest as JSON. */
function stringsOf(json: Json): Value {
  if (json.kind !== 'array') return null
  return json.items.map((item) => {
    if (item.kind === 'null') return null
    return item.kind === 'string' ? item.value : writeJson(item)
  })
}
