// The text of a column decoder's function. Only counters and checked numbers go into it; names, symbols, defaults and helper
// functions are handed over in an array of constants. Interface and contract: column-decoder.ts; storing: column-store-code.ts.
import { assert } from '../diagnostics/assert.ts'
import type { Column } from '../types/column.ts'
import type { LogicalType } from '../types/logical-type.ts'
import type { ByteBuffer } from './byte-buffer.ts'
import { ColumnReadCode, INLINE_DEPTH, joinNames } from './column-read-code.ts'
import { ColumnStoreCode, type Place } from './column-store-code.ts'
import { compileValueStore } from './column-value.ts'
import type { DecodeFailures } from './decode-failure.ts'
import { defaultValue, memberOf } from './default-value.ts'
import type { Action, RecordAction } from './resolve.ts'
import type { AvroSchema } from './schema.ts'

export type Kernel = (
  data: Uint8Array,
  starts: Int32Array,
  lengths: Int32Array,
  from: number,
  to: number,
  columns: readonly Column[],
  row: number,
  failures: DecodeFailures,
) => void

type Wanted = { readonly path: readonly string[]; readonly type: LogicalType }
/** What of a value is wanted: the columns it fills itself, and those that its fields fill. */
type Want = { readonly columns: number[]; readonly fields: Map<string, Want> }
type Shape = { readonly prefixLength: number; readonly allowTrailingBytes: boolean }

export class ColumnDecoderCode {
  private readonly read: ColumnReadCode
  private readonly store: ColumnStoreCode
  private readonly shape: Shape

  constructor(action: Action, fields: readonly Wanted[], shape: Shape, sinks: readonly (ByteBuffer | undefined)[]) {
    this.shape = shape
    this.read = new ColumnReadCode((value) => this.store.constantName(value))
    this.store = new ColumnStoreCode(
      fields.map((field) => field.type),
      sinks,
      (kind, path) => this.read.fail(kind, path),
    )
    this.emit(action, wantOf(fields), '', 0)
    this.read.flush()
  }

  get sites(): ColumnReadCode['sites'] {
    return this.read.sites
  }

  buffers(): readonly (ByteBuffer | undefined)[] {
    return this.store.buffers()
  }

  get places(): readonly Place[] {
    return this.store.places
  }

  /** Sinks for a second attempt, if a column turned out to need both input bytes and constants. */
  sinksForClashes(): (ByteBuffer | undefined)[] | undefined {
    return this.store.sinksForClashes()
  }

  link(): Kernel {
    const { prefixLength, allowTrailingBytes } = this.shape
    assert(Number.isInteger(prefixLength) && prefixLength >= 0, 'a prefix length is a small whole number')
    const prologue = this.store.prologue()
    const text = `'use strict'
${this.store.declareConstants()}
const w = new Int32Array(2)
return function decodeColumns(d, starts, lengths, from, to, columns, row, failures) {
const view = new DataView(d.buffer, d.byteOffset, d.byteLength), limit = d.length
let q = 0, x = 0, u = 0, n = 0, low = 0, high = 0, millis = 0, nanos = 0, number = 0, site = 0
${prologue}
for (let i = from, r = row; i < to; i++, r++) {
let p = (starts[i] + ${prefixLength}) | 0
const e = (starts[i] + lengths[i]) | 0
record: {
if (p > e || e > limit) { site = 0; break record }
${this.read.lines.join('\n')}
${allowTrailingBytes ? '' : `if (p !== e) { ${this.read.fail('trailing', '')} }`}
continue
}
failures.add(i, site)
}
}`
    return new Function('constants', text)(this.store.constants) as Kernel
  }

  private emit(action: Action, want: Want | undefined, path: string, depth: number): void {
    if (want === undefined) {
      this.read.skip(action.writer, path, depth)
      return
    }
    switch (action.kind) {
      case 'error':
        this.read.line(this.read.fail('unresolved', path))
        return
      case 'reader-union':
        if (this.isValue(want)) {
          this.readValue(action, want, path)
          return
        }
        this.emit(action.action, want, path, depth)
        return
      case 'writer-union':
        if (this.isValue(want)) {
          this.readValue(action, want, path)
          return
        }
        this.read.branches(action.branches.length, path, (index) =>
          this.emit(action.branches[index]!, want, path, depth),
        )
        return
      case 'record':
        this.emitRecord(action, want, path, depth)
        return
      case 'array':
      case 'map':
        this.readValue(action, want, path)
        return
      case 'enum':
        this.read.index(action.writer.symbols.length, 'symbol', path)
        for (const column of want.columns) this.read.line(this.store.symbol(column, action.writer.symbols))
        return
      case 'same':
      case 'promote':
        this.emitScalar(action.writer, action.reader, want, path)
        return
    }
  }

  private isValue(want: Want): boolean {
    return want.columns.some((column) => this.store.carriers[column] === 'value')
  }

  private emitRecord(action: RecordAction, want: Want, path: string, depth: number): void {
    if (want.columns.length > 0) {
      // A record wanted whole and by its fields is read twice.
      this.readValue(action, want, path, want.fields.size === 0)
      if (want.fields.size === 0) return
    }
    for (const field of action.defaults) {
      const inner = want.fields.get(field.name)
      if (inner !== undefined) this.constant(field.type, defaultValue(field), inner, joinNames(path, field.name))
    }
    const last = this.shape.allowTrailingBytes && depth === 0 ? lastWanted(action, want) : action.fields.length - 1
    for (const field of action.fields.slice(0, last + 1)) {
      const inner = field.reader && want.fields.get(field.reader.name)
      const inside = joinNames(path, field.writer.name)
      if (inner === undefined || field.action === undefined) this.read.skip(field.writer.type, inside, depth + 1)
      else this.emit(field.action, inner, inside, depth + 1)
    }
  }

  /** A default is the same for every row; one that does not fit its type fails every row, as Avro Java does. */
  private constant(schema: AvroSchema, value: ReturnType<typeof defaultValue>, want: Want, path: string): void {
    if (value === undefined) {
      this.read.line(this.read.fail('unresolved', path))
      return
    }
    for (const column of want.columns) this.read.line(this.store.constantValue(column, schema, value))
    for (const [name, inner] of want.fields) {
      const found = memberOf(schema, value, name)
      if (found === undefined) this.read.line(this.store.nulls(columnsOf(inner)))
      else this.constant(found.schema, found.value, inner, joinNames(path, name))
    }
  }

  private emitScalar(writer: AvroSchema, reader: AvroSchema, want: Want, path: string): void {
    if (this.isValue(want)) {
      const action = { kind: writer.kind === reader.kind ? 'same' : 'promote', writer, reader } as Action
      this.readValue(action, want, path)
      return
    }
    if (want.fields.size > 0) {
      // A branch of a union that is no record has none of the wanted fields.
      this.read.skip(writer, path, INLINE_DEPTH)
      this.read.line(writer.kind === 'null' ? this.store.nulls(columnsOf(want)) : this.read.fail('unresolved', path))
      return
    }
    switch (writer.kind) {
      case 'null':
        this.read.line(this.store.nulls(want.columns))
        return
      case 'boolean':
        this.read.line(`${this.read.byte('x', path)}; if (x > 1) { ${this.read.fail('boolean', path)} }`)
        break
      case 'int':
        this.read.int(path)
        break
      case 'long':
        this.read.long(path)
        break
      case 'float':
        this.read.line(`${this.read.need(4, path)} number = view.getFloat32(p, true); p = (p + 4) | 0`)
        break
      case 'double':
        this.read.line(`${this.read.need(8, path)} number = view.getFloat64(p, true); p = (p + 8) | 0`)
        break
      case 'bytes':
      case 'string':
        this.read.length(path)
        break
      case 'fixed':
        this.read.line(`${this.read.need(writer.size, path)} n = ${writer.size}`)
        break
    }
    for (const column of want.columns) this.read.line(this.store.scalar(column, writer, reader, path))
    if (writer.kind === 'bytes' || writer.kind === 'string' || writer.kind === 'fixed')
      this.read.line('p = (p + n) | 0')
  }

  /** The slow carrier: made by a reader outside the generated text. */
  private readValue(action: Action, want: Want, path: string, advance = true): void {
    want.columns.forEach((column, index) => {
      const store = this.store.constantName(compileValueStore(action, this.store.types[column]!))
      const last = advance && index === want.columns.length - 1
      this.read.line(
        `u = ${store}(d, p, e, c${column}, r); if (u < 0) { ${this.read.failBy('u', path)} }${last ? ' p = u' : ''}`,
      )
    })
  }
}

function wantOf(fields: readonly Wanted[]): Want {
  const root: Want = { columns: [], fields: new Map() }
  fields.forEach(({ path }, column) => {
    let want = root
    for (const name of path) {
      const inner: Want = want.fields.get(name) ?? { columns: [], fields: new Map() }
      want.fields.set(name, inner)
      want = inner
    }
    want.columns.push(column)
  })
  return root
}

function columnsOf(want: Want): number[] {
  return [...want.columns, ...[...want.fields.values()].flatMap(columnsOf)]
}

function lastWanted(action: RecordAction, want: Want): number {
  return action.fields.findLastIndex((field) => field.reader !== undefined && want.fields.has(field.reader.name))
}
