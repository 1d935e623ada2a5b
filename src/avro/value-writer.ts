// Writes one value by closures, checking everything Avro Java would let through damaged. Contract of the outside: encode.ts.
import type { ByteBuffer } from './byte-buffer.ts'
import { MAX_DEPTH } from './decode-failure.ts'
import { type EncodeFailureKind, EncodeProblem } from './encode-failure.ts'
import { rawOfLogical } from './logical-value.ts'
import { type AvroSchema, branchName, type RecordSchema, type UnionSchema } from './schema.ts'
import { encodeUtf8, isWellFormed } from './utf8.ts'
import { type AvroValue, isList, isMap, isUnion } from './value.ts'

/** Appends a value; throws EncodeProblem, after which the end of `out` is of no use. */
export type Writer = (out: ByteBuffer, value: AvroValue, depth: number) => void

export function compileWriter(schema: AvroSchema): Writer {
  return build(schema, new Map())
}

function writeLong(out: ByteBuffer, value: bigint): void {
  out.reserve(10)
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  while (rest > 127n) {
    out.bytes[out.length++] = Number(rest & 127n) | 128
    rest >>= 7n
  }
  out.bytes[out.length++] = Number(rest)
}

export function writeInt(out: ByteBuffer, value: number): void {
  out.reserve(5)
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  while (rest > 127) {
    out.bytes[out.length++] = (rest & 127) | 128
    rest >>>= 7
  }
  out.bytes[out.length++] = rest
}

function writeBytes(out: ByteBuffer, bytes: Uint8Array): void {
  writeLong(out, BigInt(bytes.length))
  out.append(bytes, 0, bytes.length)
}

function fail(kind: EncodeFailureKind): never {
  throw new EncodeProblem(kind)
}

const scratch = new DataView(new ArrayBuffer(8))
const scratchBytes = new Uint8Array(scratch.buffer)

function build(schema: AvroSchema, records: Map<RecordSchema, Writer>): Writer {
  switch (schema.kind) {
    case 'null':
      return (_out, value) => {
        if (value !== null) fail('type')
      }
    case 'boolean':
      return (out, value) => {
        if (typeof value !== 'boolean') fail(typeFailure(value))
        out.reserve(1)
        out.bytes[out.length++] = value ? 1 : 0
      }
    case 'int':
      return (out, value) => {
        if (typeof value !== 'number') fail(typeFailure(value))
        if (value !== (value | 0)) fail(Number.isInteger(value) ? 'range' : 'type')
        writeInt(out, value)
      }
    case 'long':
      return (out, value) => {
        if (typeof value !== 'bigint') fail(typeFailure(value))
        if (BigInt.asIntN(64, value) !== value) fail('range')
        writeLong(out, value)
      }
    case 'float':
      return (out, value) => {
        if (typeof value !== 'number') fail(typeFailure(value))
        if (!Object.is(Math.fround(value), value)) fail('exact')
        scratch.setFloat32(0, value, true)
        out.append(scratchBytes, 0, 4)
      }
    case 'double':
      return (out, value) => {
        if (typeof value !== 'number') fail(typeFailure(value))
        scratch.setFloat64(0, value, true)
        out.append(scratchBytes, 0, 8)
      }
    case 'string':
      return (out, value) => {
        if (typeof value !== 'string') fail(typeFailure(value))
        writeText(out, value)
      }
    case 'bytes':
      return (out, value) => {
        const bytes = rawOfLogical(schema, value)
        writeBytes(out, bytes === undefined ? fail(rawFailure(schema, value)) : bytes)
      }
    case 'fixed':
      return (out, value) => {
        const bytes = rawOfLogical(schema, value)
        if (bytes === undefined) fail(rawFailure(schema, value))
        if (bytes.length !== schema.size) fail('length')
        out.append(bytes, 0, bytes.length)
      }
    case 'enum': {
      const indexes = new Map(schema.symbols.map((symbol, index) => [symbol, index]))
      return (out, value) => {
        const index = typeof value === 'string' ? indexes.get(value) : fail(typeFailure(value))
        writeInt(out, index === undefined ? fail('symbol') : index)
      }
    }
    case 'union':
      return unionWriter(schema, records)
    case 'array': {
      const item = build(schema.items, records)
      return (out, value, depth) => {
        if (!isList(value)) fail(typeFailure(value))
        if (value.length > 0) writeInt(out, value.length)
        writeItems(depth, value.length, (index) => item(out, value[index]!, depth + 1))
        writeInt(out, 0)
      }
    }
    case 'map': {
      const item = build(schema.values, records)
      return (out, value, depth) => {
        if (!isMap(value)) fail(typeFailure(value))
        if (value.size > 0) writeInt(out, value.size)
        const entries = [...value]
        writeItems(depth, entries.length, (index) => {
          writeText(out, entries[index]![0])
          item(out, entries[index]![1], depth + 1)
        })
        writeInt(out, 0)
      }
    }
    case 'record':
      return records.get(schema) ?? recordWriter(schema, records)
  }
}

function writeText(out: ByteBuffer, text: string): void {
  if (!isWellFormed(text)) fail('text')
  writeBytes(out, encodeUtf8(text))
}

function writeItems(depth: number, count: number, write: (index: number) => void): void {
  if (depth > MAX_DEPTH) fail('depth')
  for (let index = 0; index < count; index++) inside(`[${index}]`, () => write(index))
}

function unionWriter(schema: UnionSchema, records: Map<RecordSchema, Writer>): Writer {
  const branches = schema.branches.map((branch, index) => ({ index, write: build(branch, records) }))
  const byName = new Map(schema.branches.map((branch, index) => [branchName(branch), branches[index]!]))
  const empty = byName.get('null')
  return (out, value, depth) => {
    if (value === null) {
      writeInt(out, empty === undefined ? fail('null') : empty.index)
      return
    }
    const branch = isUnion(value) ? byName.get(value.branch) : undefined
    if (branch === undefined) fail('type')
    writeInt(out, branch.index)
    branch.write(out, isUnion(value) ? value.value : value, depth)
  }
}

function recordWriter(schema: RecordSchema, records: Map<RecordSchema, Writer>): Writer {
  const fields: { readonly name: string; readonly write: Writer }[] = []
  const write: Writer = (out, value, depth) => {
    if (depth > MAX_DEPTH) fail('depth')
    if (!isList(value) || value.length !== fields.length) fail(typeFailure(value))
    for (const [index, field] of fields.entries()) inside(field.name, () => field.write(out, value[index]!, depth + 1))
  }
  records.set(schema, write)
  for (const field of schema.fields) fields.push({ name: field.name, write: build(field.type, records) })
  return write
}

function inside(name: string, write: () => void): void {
  try {
    write()
  } catch (problem) {
    if (problem instanceof EncodeProblem) problem.path.unshift(name)
    throw problem
  }
}

function typeFailure(value: AvroValue): EncodeFailureKind {
  return value === null ? 'null' : 'type'
}

function rawFailure(schema: AvroSchema, value: AvroValue): EncodeFailureKind {
  if (value === null) return 'null'
  if (schema.logical?.kind === 'decimal' && typeof value === 'bigint') return 'range'
  return schema.logical?.kind === 'uuid' && typeof value === 'string' ? 'uuid' : 'type'
}
