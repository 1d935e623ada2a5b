// What the JSON functions compute. Numbers are kept as they are written, so that no digit is lost.
import { printBigDecimal } from '../types/decimal.ts'
import type { LogicalType } from '../types/logical-type.ts'
import { printDouble, printOf } from '../types/print-value.ts'
import type { Value } from '../types/value.ts'
import type { Kernel, KernelContext } from './function-definition.ts'
import { findAll, isDefinite, type JsonPath, parsePath } from './json-path.ts'
import { type Json, numberAsWritten, parseJson, writeJson } from './json-text.ts'
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

const quotes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** As Flink's JSON_QUOTE does: all but ASCII escaped (half of a pair twice), other control characters left as they are. */
export function jsonQuote(text: string): string {
  let result = '"'
  for (let i = 0; i < text.length; i++) {
    const codePoint = text.codePointAt(i)!
    const c = text[i]!
    result += codePoint < 128 ? (quotes[c] ?? c) : `\\u${codePoint.toString(16).padStart(4, '0')}`
  }
  return `${result}"`
}

/** Quotes are taken off a text that begins with a JSON string; others stay as they are. */
export function jsonUnquote(text: string): string {
  if (text.length < 2 || !text.endsWith('"') || parseJson(text)?.kind !== 'string') return text
  const body = text.slice(1, -1)
  return body.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, hex: string | undefined, c: string) =>
    hex === undefined ? (unquotes[c] ?? c) : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

const unquotes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

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
      // Widened to a double first, as the writer behind Flink does.
      return (value) => writeFloat(value as number)
    case 'DOUBLE':
      return (value) => writeFloat(value as number)
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

function writeFloat(value: number): string {
  const text = printDouble(value)
  return Number.isFinite(value) ? numberAsWritten(text) : `"${text}"`
}

export const jsonString = (context: KernelContext): Kernel => {
  const [write] = argumentWriters(context)
  return ([value]) => write!(value!)
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
    if ((text as string).trim() === '') return 'null'
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

/** In strict mode the steps before the first wildcard must be there; in lax mode nothing is found then. */
function search(text: string, path: JsonPath): Search {
  const json = parseJson(text)
  if (!json && path.mode === 'lax') return { found: [] }
  if (!json) return { failed: 'the text is no JSON' }
  if (path.steps === undefined) return { failed: 'the path is malformed' }
  if (json.kind === 'null') return { failed: 'the text is null' }
  const wildcard = path.steps.findIndex((step) => !isDefinite(step))
  const certain = wildcard < 0 ? path.steps : path.steps.slice(0, wildcard)
  const reached = findAll(json, certain)
  if (reached.length === 0 && path.mode === 'strict') return { failed: 'the path finds nothing' }
  const indexed = wildcard >= 0 && ['slice', 'elements', 'filter'].includes(path.steps[wildcard]!.kind)
  if (indexed && path.mode === 'strict' && reached.some(({ kind }) => kind !== 'array')) {
    return { failed: 'the path expects an array' }
  }
  return { found: wildcard < 0 ? reached : reached.flatMap((value) => findAll(value, path.steps!.slice(wildcard))) }
}

export const jsonExists = (context: KernelContext): Kernel => {
  const pathFor = pathOf(context)
  return (args) => {
    if (args[0] === null || args[1] === null) return null
    const path = pathFor(args)
    const result = search(args[0] as string, path)
    if ('found' in result) return !path.definite || (result.found[0] !== undefined && result.found[0].kind !== 'null')
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
    const nothing = path.definite && (value === undefined || value.kind === 'null')
    if (nothing) return substitute(on.EMPTY, 'the path finds nothing', convert)
    // To lax mode what is no scalar is nothing, to strict mode it is an error.
    if (
      !path.definite ||
      value === undefined ||
      value.kind === 'null' ||
      value.kind === 'array' ||
      value.kind === 'object'
    ) {
      return substitute(path.mode === 'lax' ? on.EMPTY : on.ERROR, 'the path finds no scalar', convert)
    }
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
        json?.kind === 'number' && /^-?\d+$/.test(json.text) && (value as number) === ((value as number) | 0)
          ? value
          : json
            ? mismatch(value, 'INT')
            : Number(value)
    case 'DOUBLE':
      return (value, json) =>
        json?.kind === 'number' && /[.eE]/.test(json.text) ? value : json ? mismatch(value, 'DOUBLE') : Number(value)
    default:
      return (value, json) =>
        json?.kind === 'number' ? json.text : typeof value === 'boolean' ? String(value) : String(value)
  }
}

function mismatch(value: Value, kind: string): never {
  throw failedCall('JSON_VALUE', `\`${value}\` is no ${kind}`)
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
      return substituteQuery(path.mode === 'lax' ? on.EMPTY : on.ERROR, 'the path finds a scalar', asArray)
    return asArray ? stringsOf(json) : writeJson(json)
  }
}

function wrapped(found: readonly Json[], path: JsonPath, wrapper: string | undefined): Json | undefined {
  const [first] = found
  const value: Json | undefined = path.definite ? first : { kind: 'array', items: found }
  if (value === undefined || value.kind === 'null') return undefined
  if (wrapper === undefined || wrapper.startsWith('WITHOUT')) return value
  if (wrapper.includes('UNCONDITIONAL') || (wrapper.startsWith('WITH') && !wrapper.includes('CONDITIONAL')))
    return { kind: 'array', items: [value] }
  return value.kind === 'array' ? value : { kind: 'array', items: [value] }
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
