// Reads one value by closures: decoding with resolution, for everything that is not a column. Contract of the outside: decode.ts.
import { type DecodeFailureKind, failureKind, MAX_DEPTH, MAX_EMPTY_ITEMS } from './decode-failure.ts'
import { defaultValue } from './default-value.ts'
import { logicalOfRaw } from './logical-value.ts'
import type { Action, RecordAction } from './resolve.ts'
import { type AvroField, type AvroSchema, branchName } from './schema.ts'
import { blockCount, compileSkip, minimumSize } from './skip.ts'
import { decodeUtf8, isUtf8 } from './utf8.ts'
import { type AvroValue, inBranch } from './value.ts'
import { floatOfLong, isLength, readInt, readLong } from './varint.ts'

export type Reader = (cursor: ReadCursor) => AvroValue

/**
 * Leaves a reader where data is malformed; no Error, because a topic may be full of such and a stack trace costs more than the
 * record. `path` is outermost first; filled on the way out.
 */
export class DecodeProblem {
  readonly kind: DecodeFailureKind
  readonly path: string[] = []
  constructor(kind: DecodeFailureKind) {
    this.kind = kind
  }
}

export class ReadCursor {
  data: Uint8Array = new Uint8Array(0)
  position = 0
  end = 0
  depth = 0
  /** Items without bytes seen so far, in the whole value. */
  emptyItems = 0
  readonly words = new Int32Array(2)
  private view: DataView = new DataView(new ArrayBuffer(0))

  start(data: Uint8Array, position: number, end: number): void {
    if (this.data !== data) this.view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    this.data = data
    this.position = position
    this.end = Math.min(end, data.length)
    this.depth = 0
    this.emptyItems = 0
  }

  fail(kind: DecodeFailureKind): never {
    throw new DecodeProblem(kind)
  }

  /** Passes `count` bytes and returns where they begin. */
  take(count: number): number {
    const start = this.position
    if (count > this.end - start) this.fail('cut-off')
    this.position = start + count
    return start
  }

  boolean(): boolean {
    const byte = this.data[this.take(1)]!
    if (byte > 1) this.fail('boolean')
    return byte === 1
  }

  int(): number {
    this.passNumber(readInt(this.data, this.position, this.end, this.words))
    return this.words[0]!
  }

  /** Into `words`. */
  long(): void {
    this.passNumber(readLong(this.data, this.position, this.end, this.words))
  }

  bigint(): bigint {
    this.long()
    return (BigInt(this.words[1]!) << 32n) | BigInt(this.words[0]! >>> 0)
  }

  /** A long, correctly rounded. */
  number(): number {
    this.long()
    return this.words[1]! * 4294967296 + (this.words[0]! >>> 0)
  }

  /** A long, rounded once to a float. */
  single(): number {
    this.long()
    return floatOfLong(this.words[0]!, this.words[1]!)
  }

  float(): number {
    return this.view.getFloat32(this.take(4), true)
  }

  double(): number {
    return this.view.getFloat64(this.take(8), true)
  }

  /** Passes a length and as many bytes; returns how many. */
  bytes(): number {
    this.long()
    if (!isLength(this.words) || this.words[0]! > this.end - this.position) this.fail('length')
    this.position += this.words[0]!
    return this.words[0]!
  }

  string(): string {
    const length = this.bytes()
    const start = this.position - length
    if (!isUtf8(this.data, start, this.position)) this.fail('text')
    return decodeUtf8(this.data, start, this.position)
  }

  /** A copy, so that a value outlives the fetched data. */
  copy(length: number): Uint8Array {
    return this.data.slice(this.position - length, this.position)
  }

  private passNumber(next: number): void {
    if (next < 0) this.fail(next === -1 ? 'cut-off' : 'number')
    this.position = next
  }
}

export function compileReader(action: Action): Reader {
  return new ReaderBuilder().build(action)
}

class ReaderBuilder {
  private readonly records = new Map<RecordAction, Reader>()

  build(action: Action): Reader {
    switch (action.kind) {
      case 'error':
        return (cursor) => cursor.fail('unresolved')
      case 'same':
      case 'promote':
        return scalarReader(action.writer, action.reader)
      case 'enum': {
        const { symbols } = action
        return (cursor) => {
          const index = cursor.int()
          if (index < 0 || index >= symbols.length) cursor.fail('symbol')
          return symbols[index] ?? cursor.fail('unresolved')
        }
      }
      case 'reader-union': {
        const read = this.build(action.action)
        const branch = branchName(action.reader.branches[action.branch]!)
        return (cursor) => inBranch(action.reader, branch, read(cursor))
      }
      case 'writer-union': {
        const branches = action.branches.map((branch) => this.build(branch))
        const { equal, reader } = action
        const names = equal && reader.kind === 'union' ? reader.branches.map(branchName) : undefined
        return (cursor) => {
          const index = cursor.int()
          const read = branches[index]
          if (read === undefined) return cursor.fail('branch')
          const value = read(cursor)
          return names === undefined ? value : inBranch(reader, names[index]!, value)
        }
      }
      case 'record':
        return this.records.get(action) ?? this.recordReader(action)
      case 'array':
        return arrayReader(this.build(action.element), minimumSize(action.writer.items))
      case 'map':
        return mapReader(this.build(action.element), 1 + minimumSize(action.writer.values))
    }
  }

  private recordReader(action: RecordAction): Reader {
    const steps: ((cursor: ReadCursor, values: AvroValue[]) => void)[] = []
    const size = action.reader.fields.length
    const places = new Map(action.reader.fields.map((field, index) => [field, index]))
    const defaults = action.defaults.map((field) => ({ place: places.get(field)!, value: lazyDefault(field) }))
    const reader: Reader = (cursor) => {
      if (++cursor.depth > MAX_DEPTH) cursor.fail('depth')
      const values: AvroValue[] = size === 0 ? [] : new Array<AvroValue>(size).fill(null)
      for (const step of steps) step(cursor, values)
      for (const { place, value } of defaults) {
        const filled = value()
        values[place] = filled === undefined ? cursor.fail('unresolved') : filled
      }
      cursor.depth--
      return values
    }
    this.records.set(action, reader)
    for (const field of action.fields) {
      const { name, type } = field.writer
      if (field.reader === undefined || field.action === undefined) {
        const skip = compileSkip(type)
        steps.push((cursor) => {
          const next = skip(cursor.data, cursor.position, cursor.end, cursor.depth)
          if (next < 0) throw at(new DecodeProblem(failureKind(next)), name)
          cursor.position = next
        })
      } else {
        const place = places.get(field.reader)!
        const read = this.build(field.action)
        steps.push((cursor, values) => {
          try {
            values[place] = read(cursor)
          } catch (problem) {
            throw at(problem, name)
          }
        })
      }
    }
    return reader
  }
}

/** Adds a step to the path of a problem on its way out. */
function at(problem: unknown, name: string): unknown {
  if (problem instanceof DecodeProblem) problem.path.unshift(name)
  return problem
}

/** Made when it is first needed: a default that is wrong harms only those who need it. */
function lazyDefault(field: AvroField): () => AvroValue | undefined {
  let made: { readonly value: AvroValue | undefined } | undefined
  return () => {
    made ??= { value: defaultValue(field) }
    return made.value
  }
}

function scalarReader(writer: AvroSchema, reader: AvroSchema): Reader {
  switch (writer.kind) {
    case 'null':
      return () => null
    case 'boolean':
      return (cursor) => cursor.boolean()
    case 'int':
      if (reader.kind === 'long') return (cursor) => BigInt(cursor.int())
      if (reader.kind === 'float') return (cursor) => Math.fround(cursor.int())
      return (cursor) => cursor.int()
    case 'long':
      if (reader.kind === 'float') return (cursor) => cursor.single()
      return reader.kind === 'long' ? (cursor) => cursor.bigint() : (cursor) => cursor.number()
    case 'float':
      return (cursor) => cursor.float()
    case 'double':
      return (cursor) => cursor.double()
    case 'string':
    case 'bytes':
      if (reader.kind === 'string') return (cursor) => cursor.string()
      return (cursor) => logicalOrFail(cursor, reader, cursor.copy(cursor.bytes()))
    case 'fixed':
      return (cursor) => {
        cursor.take(writer.size)
        return logicalOrFail(cursor, reader, cursor.copy(writer.size))
      }
    default:
      throw new Error(`bug in Sluice: ${writer.kind} is no scalar`)
  }
}

function logicalOrFail(cursor: ReadCursor, schema: AvroSchema, bytes: Uint8Array): AvroValue {
  const value = logicalOfRaw(schema, bytes)
  return value === undefined ? cursor.fail('decimal') : value
}

/** Calls `item` for each item of all blocks; the counts are checked against the bytes left before anything is made. */
function readBlocks(cursor: ReadCursor, itemSize: number, item: () => void, where: () => string): void {
  if (++cursor.depth > MAX_DEPTH) cursor.fail('depth')
  for (;;) {
    cursor.long()
    let count = blockCount(cursor.words)
    if (count === 0) break
    let blockEnd = -1
    if (count < 0) {
      count = -count
      cursor.long()
      if (!isLength(cursor.words) || cursor.words[0]! > cursor.end - cursor.position) cursor.fail('length')
      blockEnd = cursor.position + cursor.words[0]!
    }
    if (itemSize === 0) {
      cursor.emptyItems += count
      if (cursor.emptyItems > MAX_EMPTY_ITEMS) cursor.fail('count')
    } else if (count > (cursor.end - cursor.position) / itemSize) cursor.fail('count')
    try {
      for (let i = 0; i < count; i++) item()
    } catch (problem) {
      throw at(problem, where())
    }
    if (blockEnd >= 0 && cursor.position !== blockEnd) cursor.fail('length')
  }
  cursor.depth--
}

function arrayReader(read: Reader, itemSize: number): Reader {
  return (cursor) => {
    const values: AvroValue[] = []
    const item = () => values.push(read(cursor))
    readBlocks(cursor, itemSize, item, () => `[${values.length}]`)
    return values
  }
}

function mapReader(read: Reader, entrySize: number): Reader {
  return (cursor) => {
    const values = new Map<string, AvroValue>()
    let key = ''
    const entry = () => {
      key = cursor.string()
      values.set(key, read(cursor))
    }
    readBlocks(cursor, entrySize, entry, () => `[${JSON.stringify(key)}]`)
    return values
  }
}
