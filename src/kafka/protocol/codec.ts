// The one generic encoder and decoder of Kafka messages. A message is data (fields with the versions that carry them, in the
// notation of Kafka's own message definitions: '3+', '0-8'); it is compiled into closures once per version.
// Framing and headers are in frames.ts, the messages in messages/.
import { assert } from '../../diagnostics/assert.ts'
import { MalformedMessage, WireReader, WireWriter } from './wire.ts'

type Primitive = 'bool' | 'int8' | 'int16' | 'int32' | 'int64' | 'string' | 'bytes' | 'uuid' | 'records'

type FieldOptions<T> = {
  /** Versions in which the value may be null. */
  readonly nullable?: string
  /** Tagged fields travel after the others and only in flexible versions, when they differ from the default. */
  readonly tag?: number
  readonly default?: T
}

/** `T` is the type of the value in a decoded message. */
export type Field<T> = FieldOptions<unknown> & {
  readonly kind: Primitive | 'array' | 'struct'
  readonly versions: string
  readonly element?: Field<unknown>
  readonly fields?: Fields
  /** Never present: carries `T` for the type checker only. */
  readonly type?: T
}

export type Fields = { readonly [name: string]: Field<unknown> }

/** The decoded form: every field present, those that the version lacks with their default. */
export type Message<F extends Fields> = { [K in keyof F]: F[K] extends Field<infer T> ? T : never }

/** The form that is encoded: what is left out is written as its default. */
export type MessageInput<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer U)[]
    ? readonly MessageInput<U>[]
    : T extends object
      ? { readonly [K in keyof T]?: MessageInput<T[K]> }
      : T

type Nullable<T> = FieldOptions<T | null> & { readonly nullable: string }

function primitive<T>(kind: Primitive) {
  function field(versions: string, options: Nullable<T>): Field<T | null>
  function field(versions: string, options?: FieldOptions<T>): Field<T>
  function field(versions: string, options: FieldOptions<T | null> = {}): Field<T | null> {
    return { kind, versions, ...options }
  }
  return field
}

export const bool = primitive<boolean>('bool')
export const int8 = primitive<number>('int8')
export const int16 = primitive<number>('int16')
export const int32 = primitive<number>('int32')
export const int64 = primitive<number>('int64')
export const string = primitive<string>('string')
export const bytes = primitive<Uint8Array>('bytes')
export const uuid = primitive<string>('uuid')
/** Record batches: a view of the frame, never a copy. */
export const records = primitive<Uint8Array>('records')

export function struct<F extends Fields>(
  versions: string,
  fields: F,
  options: Nullable<never>,
): Field<Message<F> | null>
export function struct<F extends Fields>(versions: string, fields: F, options?: FieldOptions<never>): Field<Message<F>>
export function struct<F extends Fields>(versions: string, fields: F, options: FieldOptions<unknown> = {}) {
  return { kind: 'struct', versions, fields, ...options } as Field<Message<F> | null>
}

export function array<F extends Fields>(
  versions: string,
  fields: F,
  options: Nullable<Message<F>[]>,
): Field<Message<F>[] | null>
export function array<F extends Fields>(
  versions: string,
  fields: F,
  options?: FieldOptions<Message<F>[]>,
): Field<Message<F>[]>
export function array<F extends Fields>(versions: string, fields: F, options: FieldOptions<unknown> = {}) {
  return { kind: 'array', versions, element: struct('0+', fields), ...options } as Field<Message<F>[] | null>
}

type ElementOf = { int32: number; int64: number; string: string; uuid: string; int8: number; int16: number }

export function arrayOf<K extends keyof ElementOf>(
  kind: K,
  versions: string,
  options: Nullable<ElementOf[K][]>,
): Field<ElementOf[K][] | null>
export function arrayOf<K extends keyof ElementOf>(
  kind: K,
  versions: string,
  options?: FieldOptions<ElementOf[K][]>,
): Field<ElementOf[K][]>
export function arrayOf<K extends keyof ElementOf>(kind: K, versions: string, options: FieldOptions<unknown> = {}) {
  return { kind: 'array', versions, element: { kind, versions: '0+' }, ...options } as Field<ElementOf[K][] | null>
}

export type VersionRange = { readonly min: number; readonly max: number }

export function versionRange(text: string): VersionRange {
  const [first, last] = text.split('-') as [string, string?]
  if (first.endsWith('+')) return { min: Number(first.slice(0, -1)), max: Number.MAX_SAFE_INTEGER }
  return { min: Number(first), max: Number(last ?? first) }
}

function covers(text: string | undefined, version: number): boolean {
  if (text === undefined) return false
  const range = versionRange(text)
  return version >= range.min && version <= range.max
}

type Values = Record<string, unknown>
type Codec = {
  readonly write: (writer: WireWriter, value: unknown) => void
  readonly read: (reader: WireReader) => unknown
}

export type MessageCodec = {
  readonly write: (writer: WireWriter, value: object) => void
  readonly read: (reader: WireReader) => object
}

/** Compiles the fields of one message for one version. */
export function compileMessage(fields: Fields, version: number, flexible: boolean): MessageCodec {
  const codec = structCodec(fields, version, flexible)
  return { write: codec.write, read: codec.read as (reader: WireReader) => object }
}

function structCodec(fields: Fields, version: number, flexible: boolean): Codec {
  const all = Object.entries(fields).map(([name, field]) => ({
    name,
    field,
    present: covers(field.versions, version) && (field.tag === undefined || flexible),
    fallback: defaultOf(field, version),
    codec: fieldCodec(field, version, flexible),
  }))
  const plain = all.filter((entry) => entry.present && entry.field.tag === undefined)
  const tagged = all
    .filter((entry) => entry.present && entry.field.tag !== undefined)
    .sort((a, b) => (a.field.tag as number) - (b.field.tag as number))
  // A decoded message starts as all defaults, in one order, so that every version's result has the same hidden class.
  const blank = (): Values => {
    const values: Values = {}
    for (const entry of all) values[entry.name] = entry.fallback()
    return values
  }

  function writeTagged(writer: WireWriter, values: Values): void {
    const sent = tagged.filter((entry) => {
      const value = values[entry.name]
      return value !== undefined && !isDefault(value, entry.fallback())
    })
    writer.unsignedVarint(sent.length)
    for (const entry of sent) {
      const body = new WireWriter(64)
      entry.codec.write(body, values[entry.name])
      writer.unsignedVarint(entry.field.tag as number)
      writer.unsignedVarint(body.length)
      for (const chunk of body.finish(false)) writer.raw(chunk)
    }
  }

  function readTagged(reader: WireReader, values: Values): void {
    let left = reader.unsignedVarint()
    while (left-- > 0) {
      const tag = reader.unsignedVarint()
      const size = reader.unsignedVarint()
      const body = reader.view(size)
      const entry = tagged.find((candidate) => candidate.field.tag === tag)
      // Tags of newer peers are skipped, which is what they are for (KIP-482).
      if (entry) values[entry.name] = entry.codec.read(new WireReader(body))
    }
  }

  return {
    write(writer, value) {
      const values = value as Values
      for (const entry of plain) {
        const given = values[entry.name]
        entry.codec.write(writer, given === undefined ? entry.fallback() : given)
      }
      if (flexible) writeTagged(writer, values)
    },
    read(reader) {
      const values = blank()
      for (const entry of plain) values[entry.name] = entry.codec.read(reader)
      if (flexible) readTagged(reader, values)
      return values
    },
  }
}

function isDefault(value: unknown, fallback: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0 && Array.isArray(fallback)
  if (typeof value === 'object' && value !== null) return false
  return value === fallback
}

function defaultOf(field: Field<unknown>, version: number): () => unknown {
  if (field.default !== undefined && (field.default !== null || covers(field.nullable, version))) {
    return () => field.default
  }
  switch (field.kind) {
    case 'bool':
      return () => false
    case 'string':
      return () => ''
    case 'uuid':
      return () => '0'.repeat(32)
    case 'bytes':
    case 'records':
      return () => new Uint8Array(0)
    case 'array':
      return () => []
    case 'struct': {
      const fields = Object.entries(field.fields as Fields).map(
        ([name, child]) => [name, defaultOf(child, version)] as const,
      )
      return () => Object.fromEntries(fields.map(([name, value]) => [name, value()]))
    }
    default:
      return () => 0
  }
}

function fieldCodec(field: Field<unknown>, version: number, flexible: boolean): Codec {
  const nullable = covers(field.nullable, version)
  switch (field.kind) {
    case 'string':
      return stringCodec(flexible, nullable)
    case 'bytes':
    case 'records':
      return bytesCodec(flexible, nullable)
    case 'array':
      return arrayCodec(fieldCodec(field.element as Field<unknown>, version, flexible), flexible, nullable)
    case 'struct': {
      const codec = structCodec(field.fields as Fields, version, flexible)
      return nullable ? nullableStruct(codec) : codec
    }
    default:
      return primitiveCodecs[field.kind]
  }
}

const primitiveCodecs: Record<Exclude<Primitive, 'string' | 'bytes' | 'records'>, Codec> = {
  bool: { write: (writer, value) => writer.bool(value as boolean), read: (reader) => reader.bool() },
  int8: { write: (writer, value) => writer.int8(value as number), read: (reader) => reader.int8() },
  int16: { write: (writer, value) => writer.int16(value as number), read: (reader) => reader.int16() },
  int32: { write: (writer, value) => writer.int32(value as number), read: (reader) => reader.int32() },
  int64: { write: (writer, value) => writer.int64(value as number), read: (reader) => reader.int64() },
  uuid: { write: (writer, value) => writer.uuid(value as string), read: (reader) => reader.uuid() },
}

/** Lengths: -1 is null; in flexible versions an unsigned varint of length + 1, where 0 is null. */
function readLength(reader: WireReader, flexible: boolean, short: boolean, nullable: boolean): number {
  const length = flexible ? reader.unsignedVarint() - 1 : short ? reader.int16() : reader.int32()
  if (length < -1 || (length === -1 && !nullable)) throw new MalformedMessage(`a length is ${length}`)
  return length
}

function writeLength(writer: WireWriter, length: number, flexible: boolean, short: boolean): void {
  if (flexible) writer.unsignedVarint(length + 1)
  else if (short) writer.int16(length)
  else writer.int32(length)
}

function stringCodec(flexible: boolean, nullable: boolean): Codec {
  return {
    write(writer, value) {
      assert(value !== null || nullable, 'a null string is written where this version of the message allows none')
      if (value === null) return writeLength(writer, -1, flexible, true)
      const length = Buffer.byteLength(value as string)
      writeLength(writer, length, flexible, true)
      writer.text(value as string, length)
    },
    read(reader) {
      const length = readLength(reader, flexible, true, nullable)
      return length < 0 ? null : reader.text(length)
    },
  }
}

function bytesCodec(flexible: boolean, nullable: boolean): Codec {
  return {
    write(writer, value) {
      assert(value !== null || nullable, 'null bytes are written where this version of the message allows none')
      if (value === null) return writeLength(writer, -1, flexible, false)
      writeLength(writer, (value as Uint8Array).length, flexible, false)
      writer.raw(value as Uint8Array)
    },
    read(reader) {
      const length = readLength(reader, flexible, false, nullable)
      return length < 0 ? null : reader.view(length)
    },
  }
}

function arrayCodec(element: Codec, flexible: boolean, nullable: boolean): Codec {
  return {
    write(writer, value) {
      assert(value !== null || nullable, 'a null array is written where this version of the message allows none')
      if (value === null) return writeLength(writer, -1, flexible, false)
      const items = value as readonly unknown[]
      writeLength(writer, items.length, flexible, false)
      for (const item of items) element.write(writer, item)
    },
    read(reader) {
      const length = readLength(reader, flexible, false, nullable)
      if (length < 0) return null
      // Every element takes at least one byte, so a longer array cannot be true.
      if (length > reader.remaining())
        throw new MalformedMessage(`an array of ${length} is announced where few bytes are left`)
      const items: unknown[] = []
      for (let i = 0; i < length; i++) items.push(element.read(reader))
      return items
    },
  }
}

/** A struct that may be null starts with one byte: -1 or 1. */
function nullableStruct(codec: Codec): Codec {
  return {
    write(writer, value) {
      writer.int8(value === null ? -1 : 1)
      if (value !== null) codec.write(writer, value)
    },
    read(reader) {
      return reader.int8() < 0 ? null : codec.read(reader)
    },
  }
}
