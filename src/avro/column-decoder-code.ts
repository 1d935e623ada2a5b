// The text of a column decoder's function. Only counters and checked numbers go into it; names, symbols, defaults and helper
// functions are handed over in an array of constants. Interface and contract: column-decoder.ts; storing: column-store-code.ts.
import { assert } from '../diagnostics/assert.ts'
import type { Column } from '../types/column.ts'
import type { LogicalType } from '../types/logical-type.ts'
import type { ByteBuffer } from './byte-buffer.ts'
import { ColumnStoreCode, type Place } from './column-store-code.ts'
import { compileValueStore } from './column-value.ts'
import { type DecodeFailureKind, type DecodeFailures, decodeFailureMessages } from './decode-failure.ts'
import { defaultValue, memberOf } from './default-value.ts'
import type { Action, RecordAction } from './resolve.ts'
import { type AvroSchema, nullBranch, type UnionSchema } from './schema.ts'
import { compileSkip } from './skip.ts'
import { readInt, readLength, readLong } from './varint.ts'

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

const failureKinds = Object.keys(decodeFailureMessages) as readonly DecodeFailureKind[]
/** Records nested deeper than this are jumped over by a call instead of inlined text. */
const INLINE_DEPTH = 4

export class ColumnDecoderCode {
  readonly sites: { readonly kind: DecodeFailureKind; readonly path: string }[] = []
  private readonly store: ColumnStoreCode
  private readonly shape: Shape
  private readonly siteBases = new Map<string, number>()
  private readonly lines: string[] = []
  /** Bytes to jump over that no line does yet, and the path of the first. */
  private pending = 0
  private pendingPath = ''

  constructor(action: Action, fields: readonly Wanted[], shape: Shape, sinks: readonly (ByteBuffer | undefined)[]) {
    this.shape = shape
    this.sites.push({ kind: 'cut-off', path: '' })
    this.store = new ColumnStoreCode(
      fields.map((field) => field.type),
      sinks,
      (kind, path) => this.fail(kind, path),
    )
    this.emit(action, wantOf(fields), '', 0)
    this.flush()
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
    const epilogue = this.store.epilogue()
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
${this.lines.join('\n')}
${allowTrailingBytes ? '' : `if (p !== e) { ${this.fail('trailing', '')} }`}
continue
}
failures.add(i, site)
}
${epilogue}
}`
    return new Function('constants', text)(this.store.constants) as Kernel
  }

  /** Text that leaves the record with a failure; `code` is text of a negative result of a reader instead of a kind. */
  private fail(kind: DecodeFailureKind, path: string): string {
    return `site = ${this.siteBase(path) + failureKinds.indexOf(kind)}; break record`
  }

  private failBy(code: string, path: string): string {
    return `site = ${this.siteBase(path) - 1} - ${code}; break record`
  }

  private siteBase(path: string): number {
    const known = this.siteBases.get(path)
    if (known !== undefined) return known
    const base = this.sites.length
    for (const kind of failureKinds) this.sites.push({ kind, path })
    this.siteBases.set(path, base)
    return base
  }

  private line(text: string): void {
    this.flush()
    this.lines.push(text)
  }

  /** Adjacent values of fixed size are jumped over by one line. */
  private jump(size: number, path: string): void {
    if (this.pending === 0) this.pendingPath = path
    this.pending += size
  }

  private flush(): void {
    if (this.pending === 0) return
    this.lines.push(`${this.need(this.pending, this.pendingPath)} p = (p + ${this.pending}) | 0`)
    this.pending = 0
  }

  /** `| 0` throughout: it spares the function overflow checks. */
  private need(count: number, path: string): string {
    const missing = count === 1 ? 'p >= e' : `((e - p) | 0) < ${count}`
    return `if (${missing}) { ${this.fail('cut-off', path)} }`
  }

  /** Text that puts the next byte into a variable. */
  private byte(variable: string, path: string): string {
    return `${this.need(1, path)} ${variable} = d[p]; p = (p + 1) | 0`
  }

  private emit(action: Action, want: Want | undefined, path: string, depth: number): void {
    if (want === undefined) {
      this.skip(action.writer, path, depth)
      return
    }
    switch (action.kind) {
      case 'error':
        this.line(this.fail('unresolved', path))
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
        this.branches(action.branches.length, path, (index) => this.emit(action.branches[index]!, want, path, depth))
        return
      case 'record':
        this.emitRecord(action, want, path, depth)
        return
      case 'array':
      case 'map':
        this.readValue(action, want, path)
        return
      case 'enum':
        this.index(action.writer.symbols.length, 'symbol', path)
        for (const column of want.columns) this.line(this.store.symbol(column, action.writer.symbols))
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
      if (inner !== undefined) this.constant(field.type, defaultValue(field), inner, join(path, field.name))
    }
    const last = this.shape.allowTrailingBytes && depth === 0 ? lastWanted(action, want) : action.fields.length - 1
    for (const field of action.fields.slice(0, last + 1)) {
      const inner = field.reader && want.fields.get(field.reader.name)
      const inside = join(path, field.writer.name)
      if (inner === undefined || field.action === undefined) this.skip(field.writer.type, inside, depth + 1)
      else this.emit(field.action, inner, inside, depth + 1)
    }
  }

  /** A default is the same for every row; one that does not fit its type fails every row, as Avro Java does. */
  private constant(schema: AvroSchema, value: ReturnType<typeof defaultValue>, want: Want, path: string): void {
    if (value === undefined) {
      this.line(this.fail('unresolved', path))
      return
    }
    for (const column of want.columns) this.line(this.store.constantValue(column, schema, value))
    for (const [name, inner] of want.fields) {
      const found = memberOf(schema, value, name)
      if (found === undefined) this.line(this.store.nulls(columnsOf(inner)))
      else this.constant(found.schema, found.value, inner, join(path, name))
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
      this.skip(writer, path, INLINE_DEPTH)
      this.line(writer.kind === 'null' ? this.store.nulls(columnsOf(want)) : this.fail('unresolved', path))
      return
    }
    switch (writer.kind) {
      case 'null':
        this.line(this.store.nulls(want.columns))
        return
      case 'boolean':
        this.line(`${this.byte('x', path)}; if (x > 1) { ${this.fail('boolean', path)} }`)
        break
      case 'int':
        this.int(path)
        break
      case 'long':
        this.long(path)
        break
      case 'float':
        this.line(`${this.need(4, path)} number = view.getFloat32(p, true); p = (p + 4) | 0`)
        break
      case 'double':
        this.line(`${this.need(8, path)} number = view.getFloat64(p, true); p = (p + 8) | 0`)
        break
      case 'bytes':
      case 'string':
        this.length(path)
        break
      case 'fixed':
        this.line(`${this.need(writer.size, path)} n = ${writer.size}`)
        break
    }
    for (const column of want.columns) this.line(this.store.scalar(column, writer, reader, path))
    if (writer.kind === 'bytes' || writer.kind === 'string' || writer.kind === 'fixed') this.line('p = (p + n) | 0')
  }

  /** The slow carrier: made by a reader outside the generated text. */
  private readValue(action: Action, want: Want, path: string, advance = true): void {
    want.columns.forEach((column, index) => {
      const store = this.store.constantName(compileValueStore(action, this.store.types[column]!))
      const last = advance && index === want.columns.length - 1
      this.line(`u = ${store}(d, p, e, c${column}, r); if (u < 0) { ${this.failBy('u', path)} }${last ? ' p = u' : ''}`)
    })
  }

  private skip(schema: AvroSchema, path: string, depth: number): void {
    switch (schema.kind) {
      case 'null':
        return
      case 'float':
        this.jump(4, path)
        return
      case 'double':
        this.jump(8, path)
        return
      case 'fixed':
        if (schema.size < 65_536) this.jump(schema.size, path)
        else this.skipByCall(schema, path)
        return
      case 'boolean':
        this.line(`${this.byte('x', path)}; if (x > 1) { ${this.fail('boolean', path)} }`)
        return
      case 'int':
      case 'long':
        this.line(`${this.byte('x', path)}; if (x > 127) { ${this.byte('x', path)}; if (x > 127) {
${this.slowNumber(schema.kind === 'int' ? readInt : readLong, '(p - 2)', path)} } }`)
        return
      case 'bytes':
      case 'string':
        this.length(path)
        this.line('p = (p + n) | 0')
        return
      case 'enum':
        this.index(schema.symbols.length, 'symbol', path)
        return
      case 'union':
        if (this.skipNullable(schema, path)) return
        if (depth > INLINE_DEPTH) {
          this.skipByCall(schema, path)
          return
        }
        this.branches(schema.branches.length, path, (index) => this.skip(schema.branches[index]!, path, depth + 1))
        return
      case 'record':
        if (depth > INLINE_DEPTH) {
          this.skipByCall(schema, path)
          return
        }
        for (const field of schema.fields) this.skip(field.type, join(path, field.name), depth + 1)
        return
      default:
        this.skipByCall(schema, path)
        return
    }
  }

  /**
   * `[null, T]` of a short T without a branch on null, which processors guess wrong: the mask `m` is 0 for null, else all ones.
   * Anything unusual, wrong or long is left to a call. False: not such a union.
   */
  private skipNullable(schema: UnionSchema, path: string): boolean {
    const empty = nullBranch(schema)
    const value = schema.branches[1 - empty]
    if (empty < 0 || schema.branches.length !== 2 || value === undefined) return false
    const fixed = value.kind === 'double' ? 8 : 4
    const isNumber = value.kind === 'int' || value.kind === 'long'
    const isBytes = value.kind === 'string' || value.kind === 'bytes'
    if (!isNumber && !isBytes && value.kind !== 'double' && value.kind !== 'float') return false
    const call = `{ ${this.skipText(schema, 'q', path)} }`
    const pass = isBytes
      ? `x = (u >> 8) & m; if ((x & 129) !== 0) ${call} else p = (p + 1 + (m & 1) + (x >>> 1)) | 0`
      : isNumber
        ? `if (((u >> 8) & m) > 127) ${call} else p = (p + 1 + (m & 1)) | 0`
        : `p = (p + 1 + (m & ${fixed})) | 0`
    const mask = empty === 0 ? '-((u >> 1) & 1)' : '((u >> 1) & 1) - 1'
    // Index and first byte are read at once; where only the index is left, it should say null.
    this.line(`q = p
if (((e - p) | 0) < 2) ${call}
else { u = view.getUint16(p, true); if ((u & 253) !== 0) ${call} else { const m = ${mask}; ${pass} } }
if (p > e) { ${this.fail(isBytes ? 'length' : 'cut-off', path)} }`)
    return true
  }

  private skipByCall(schema: AvroSchema, path: string): void {
    this.line(this.skipText(schema, 'p', path))
  }

  private skipText(schema: AvroSchema, start: string, path: string): string {
    const skip = this.store.constantName(compileSkip(schema))
    return `u = ${skip}(d, ${start}, e, 0); if (u < 0) { ${this.failBy('u', path)} } p = u`
  }

  /** Reads an index below `count` into u. */
  private index(count: number, kind: 'branch' | 'symbol', path: string): void {
    const bad = this.fail(kind, path)
    this.line(`${this.byte('u', path)}
if ((u & 129) !== 0) { ${this.slowNumber(readInt, '(p - 1)', path)} u = w[0]; if (u < 0) { ${bad} } } else u >>>= 1
if (u >= ${count}) { ${bad} }`)
  }

  /** Text for a number of several bytes that begins at `start`: it ends up in w. */
  private slowNumber(reader: typeof readInt, start: string, path: string): string {
    return `p = ${this.store.constantName(reader)}(d, ${start} | 0, e, w); if (p < 0) { ${this.failBy('p', path)} }`
  }

  private branches(count: number, path: string, emitBranch: (index: number) => void): void {
    this.index(count, 'branch', path)
    for (let index = 0; index < count; index++) {
      this.line(index === 0 ? 'if (u === 0) {' : `else if (u === ${index}) {`)
      emitBranch(index)
      this.line('}')
    }
  }

  private int(path: string): void {
    this.line(`${this.byte('x', path)}
if (x > 127) { ${this.slowNumber(readInt, '(p - 1)', path)} x = w[0] } else x = (x >>> 1) ^ -(x & 1)`)
  }

  /** Instants have six to eight bytes, so these are read without a call. */
  private long(path: string): void {
    const byte = (into: string, shift: number, rest: string) =>
      `x = d[p]; p = (p + 1) | 0; ${into} |= (x & 127) << ${shift}; ${rest === '' ? '' : `if (x > 127) { ${rest} }`}`
    const inHigh = byte('high', 0, byte('high', 7, byte('high', 14, byte('high', 21, ''))))
    const inline = byte('low', 7, byte('low', 14, byte('low', 21, inHigh)))
    this.line(`${this.byte('x', path)}
if (x < 128) { low = (x >>> 1) ^ -(x & 1); high = low >> 31 } else {
q = (p - 1) | 0; high = 0
if (((e - p) | 0) > 6) {
low = x & 127
${inline}
u = -(low & 1); low |= high << 28; high >>>= 4
low = ((low >>> 1) | (high << 31)) ^ u; high = (high >>> 1) ^ u
}
if (x > 127) { ${this.slowNumber(readLong, 'q', path)} low = w[0]; high = w[1] }
}`)
  }

  /** Reads a length into n and makes sure that so many bytes follow. */
  private length(path: string): void {
    const bad = this.fail('length', path)
    this.line(`${this.byte('n', path)}
if ((n & 129) !== 0) { ${this.slowNumber(readLength, '(p - 1)', path)} n = w[0] } else n >>>= 1
if (n > ((e - p) | 0)) { ${bad} }`)
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

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
