// The text of a column encoder's function: counters and checked numbers; names, symbols, defaults and helper functions come from
// an array of constants. Interface and contract: column-encoder.ts.
import { assert } from '../diagnostics/assert.ts'
import { type Column, carrierOf } from '../types/column.ts'
import type { LogicalType } from '../types/logical-type.ts'
import { localToInstant } from '../types/time-zone.ts'
import { ByteBuffer } from './byte-buffer.ts'
import { compileColumnWriter } from './column-writer.ts'
import type { DecodeFailures } from './decode-failure.ts'
import { defaultValue } from './default-value.ts'
import { type EncodeFailureKind, encodeFailureMessages } from './encode-failure.ts'
import type { EncodeConversion, EncodeField } from './encode-mapping.ts'
import {
  decimalSize,
  isExactDouble,
  isUuidText,
  putBytes,
  putDecimal,
  putDouble,
  putInstant,
  putLong,
  putUuid,
} from './encode-numbers.ts'
import { type AvroSchema, nullBranch, type UnionSchema } from './schema.ts'
import { SymbolTable } from './symbol-table.ts'
import { compileWriter, writeInt } from './value-writer.ts'

export type EncodeKernel = (
  columns: readonly Column[],
  count: number,
  selection: Int32Array | undefined,
  out: ByteBuffer,
  starts: Int32Array,
  lengths: Int32Array,
  failures: DecodeFailures,
) => void

const failureKinds = Object.keys(encodeFailureMessages) as readonly EncodeFailureKind[]
const MAX_DECIMAL_BYTES = 64

export class ColumnEncoderCode {
  readonly sites: { readonly kind: EncodeFailureKind; readonly path: string }[] = []
  private readonly types: readonly LogicalType[]
  private readonly constants: unknown[] = []
  private readonly names = new Map<unknown, string>()
  private readonly declared = new Set<number>()
  private readonly declarations: string[] = []
  private readonly lines: string[] = []
  /** Bytes of a row at most, without the contents of texts and bytes, whose lengths are summed up in `room`. */
  private fixedRoom = 0
  private readonly variableRoom: string[] = []

  constructor(target: AvroSchema, types: readonly LogicalType[], fields: readonly EncodeField[], prefix: Uint8Array) {
    this.types = types
    this.constantBytes(prefix)
    const places = target.kind === 'record' ? target.fields : [{ name: '', type: target, default: undefined }]
    assert(places.length === fields.length, 'an encoder is given one source per field of the target')
    places.forEach((place, index) => {
      const source = fields[index]!
      if (source.from === 'default') {
        assert(target.kind === 'record', 'only fields have defaults')
        const value = defaultValue(target.fields[index]!)
        if (value === undefined) {
          this.lines.push(this.fail('type', place.name))
          return
        }
        const out = new ByteBuffer()
        compileWriter(place.type)(out, value, 0)
        this.constantBytes(out.bytes.slice(0, out.length))
      } else this.emit(source.column, place.type, source.conversion, place.name)
    })
  }

  link(): EncodeKernel {
    const constants = this.constants.map((_, index) => `const k${index} = constants[${index}]`).join('\n')
    const text = `'use strict'
${constants}
return function encodeColumns(columns, count, selection, out, starts, lengths, failures) {
${this.declarations.join('\n')}
let x = 0, low = 0, high = 0, number = 0, site = 0
for (let j = 0; j < count; j++) {
const i = selection === undefined ? j : selection[j]
const start = out.length
let p = start
record: {
const room = ${[this.fixedRoom, ...this.variableRoom].join(' + ')}
out.reserve(room)
let b = out.bytes
${this.lines.join('\n')}
starts[j] = start; lengths[j] = p - start; out.length = p
continue
}
out.length = start; starts[j] = start; lengths[j] = -1
failures.add(i, site)
}
}`
    return new Function('constants', text)(this.constants) as EncodeKernel
  }

  private constant(value: unknown): string {
    let name = this.names.get(value)
    if (name === undefined) {
      name = `k${this.constants.length}`
      this.constants.push(value)
      this.names.set(value, name)
    }
    return name
  }

  private fail(kind: EncodeFailureKind, path: string): string {
    this.sites.push({ kind, path })
    return `site = ${this.sites.length - 1}; break record`
  }

  /** For nested values: their writer answers with the number of a kind. */
  private failBy(code: string, path: string): string {
    const base = this.sites.length
    for (const kind of failureKinds) this.sites.push({ kind, path })
    return `site = ${base} + ${code}; break record`
  }

  private constantBytes(bytes: Uint8Array): void {
    this.fixedRoom += bytes.length
    if (bytes.length <= 16) this.lines.push([...bytes].map((byte) => `b[p++] = ${byte}`).join('; '))
    else this.lines.push(`p = ${this.constant(putBytes)}(b, p, ${this.constant(bytes)}, 0, ${bytes.length})`)
  }

  private column(index: number): string {
    const c = `c${index}`
    if (this.declared.has(index)) return c
    this.declared.add(index)
    const parts = {
      int32: ['values'],
      int64: ['values', 'words'],
      float64: ['values'],
      timestamp: ['millis', 'nanos'],
      bytes: ['data', 'starts', 'lengths'],
      value: ['values'],
    }[carrierOf(this.types[index]!)]
    const names = ['nulls', ...parts].map((part) => `${c}_${part} = columns[${index}].${part}`)
    this.declarations.push(`const ${c} = columns[${index}], ${names.join(', ')}`)
    return c
  }

  private emit(index: number, target: AvroSchema, conversion: EncodeConversion, path: string): void {
    const c = this.column(index)
    if (carrierOf(this.types[index]!) === 'value') {
      this.nested(c, this.types[index]!, target, conversion, path)
      return
    }
    const union = target.kind === 'union' ? branchesOf(target, conversion) : undefined
    const inner = union === undefined ? target : union.value
    this.fixedRoom += 5
    if (union?.nullIndex !== undefined) {
      this.lines.push(`if (${c}_nulls[i] === 1) { ${putIndex(union.nullIndex)} } else {`)
    } else if (target.kind !== 'null') {
      this.lines.push(`if (${c}_nulls[i] === 1) { ${this.fail('null', path)} } {`)
    } else this.lines.push('{')
    if (union !== undefined) this.lines.push(putIndex(union.valueIndex))
    this.scalar(c, this.types[index]!, inner, conversion, path)
    this.lines.push('}')
  }

  private nested(c: string, type: LogicalType, target: AvroSchema, conversion: EncodeConversion, path: string): void {
    const write = this.constant(compileColumnWriter(type, target, conversion))
    // The writer makes its own room, behind which the row's is made anew.
    this.lines.push(`out.length = p; x = ${write}(out, ${c}_nulls[i] === 1 ? null : ${c}_values[i])
if (x >= 0) { ${this.failBy('x', path)} } p = out.length; out.reserve(room); b = out.bytes`)
  }

  private scalar(c: string, type: LogicalType, target: AvroSchema, conversion: EncodeConversion, path: string): void {
    this.fixedRoom += 10
    const carrier = carrierOf(type)
    if (target.logical?.kind === 'decimal') {
      this.decimal(c, type, target, path)
      return
    }
    switch (target.kind) {
      case 'null':
        return
      case 'boolean':
        this.lines.push(`b[p++] = ${c}_values[i]`)
        return
      case 'int':
        if (carrier === 'int64')
          this.lines.push(
            `low = ${c}_words[2 * i]; if (low >> 31 !== ${c}_words[2 * i + 1]) { ${this.fail('range', path)} }`,
          )
        else this.lines.push(`low = ${c}_values[i]`)
        this.lines.push(
          `x = ((low << 1) ^ (low >> 31)) >>> 0; while (x > 127) { b[p++] = (x & 127) | 128; x >>>= 7 } b[p++] = x`,
        )
        return
      case 'long':
        this.long(c, type, target, conversion, path)
        return
      case 'float':
      case 'double':
        this.floating(c, type, target.kind, path)
        return
      case 'enum': {
        const table = this.constant(new SymbolTable(target.symbols))
        this.lines.push(`x = ${table}.find(${c}_data, ${c}_starts[i], ${c}_lengths[i]); if (x < 0) { ${this.fail('symbol', path)} }
x <<= 1; while (x > 127) { b[p++] = (x & 127) | 128; x >>>= 7 } b[p++] = x`)
        return
      }
      case 'string':
      case 'bytes':
      case 'fixed':
        this.bytes(c, target, path)
        return
      default:
        throw new Error(`bug in Sluice: ${type.kind} is not written to Avro ${target.kind}`)
    }
  }

  private long(c: string, type: LogicalType, target: AvroSchema, conversion: EncodeConversion, path: string): void {
    const long = this.constant(putLong)
    switch (carrierOf(type)) {
      case 'int32':
        if (type.kind === 'TIME') this.lines.push(`p = ${this.constant(putDouble)}(b, p, ${c}_values[i] * 1000)`)
        else this.lines.push(`low = ${c}_values[i]; p = ${long}(b, p, low, low >> 31)`)
        return
      case 'int64':
        this.lines.push(`p = ${long}(b, p, ${c}_words[2 * i], ${c}_words[2 * i + 1])`)
        return
      case 'timestamp': {
        const kind = target.logical?.kind ?? ''
        const zone = conversion.timeZone
        const shifts = type.kind === 'TIMESTAMP' && kind.startsWith('timestamp-') && zone !== undefined
        const millis = shifts
          ? `${this.constant(localToInstant)}(${this.constant(zone)}, ${c}_millis[i])`
          : `${c}_millis[i]`
        const nanos = `(${c}_nanos === undefined ? 0 : ${c}_nanos[i])`
        const put = this.constant(kind.endsWith('-millis') ? putDouble : putInstant)
        if (kind.endsWith('-millis')) {
          this.lines.push(`if (${nanos} !== 0) { ${this.fail('exact', path)} } p = ${put}(b, p, ${millis})`)
          return
        }
        const micros = kind.endsWith('-micros')
        if (micros) this.lines.push(`if (${nanos} % 1000 !== 0) { ${this.fail('exact', path)} }`)
        const unit = micros ? `1000, ${nanos} / 1000` : `1000000, ${nanos}`
        this.lines.push(`x = ${put}(b, p, ${millis}, ${unit}); if (x < 0) { ${this.fail('range', path)} } p = x`)
        return
      }
      default:
        throw new Error(`bug in Sluice: ${type.kind} is not written to an Avro long`)
    }
  }

  private floating(c: string, type: LogicalType, kind: 'float' | 'double', path: string): void {
    const exact = this.fail('exact', path)
    if (carrierOf(type) === 'int64') {
      this.lines.push(`low = ${c}_words[2 * i]; high = ${c}_words[2 * i + 1]; number = high * 4294967296 + (low >>> 0)
if (!${this.constant(isExactDouble)}(low, high)) { ${exact} }`)
    } else this.lines.push(`number = ${c}_values[i]`)
    if (kind === 'float') this.lines.push(`if (Math.fround(number) !== number && number === number) { ${exact} }`)
    const scratch = this.constant(new DataView(new ArrayBuffer(8)))
    const size = kind === 'float' ? 4 : 8
    this.lines.push(`${scratch}.setFloat${size * 8}(0, number, true)`)
    for (let i = 0; i < size; i++) this.lines.push(`b[p++] = ${scratch}.getUint8(${i})`)
  }

  private bytes(c: string, target: AvroSchema, path: string): void {
    this.variableRoom.push(`${c}_lengths[i]`)
    const source = `${c}_data, ${c}_starts[i]`
    const isUuid = target.logical?.kind === 'uuid'
    if (isUuid)
      this.lines.push(`if (!${this.constant(isUuidText)}(${source}, ${c}_lengths[i])) { ${this.fail('uuid', path)} }`)
    if (isUuid && target.kind === 'fixed') {
      this.lines.push(`p = ${this.constant(putUuid)}(b, p, ${source})`)
      return
    }
    if (target.kind === 'fixed') {
      this.lines.push(`if (${c}_lengths[i] !== ${target.size}) { ${this.fail('length', path)} }`)
    } else {
      this.lines.push(
        `x = ${c}_lengths[i] << 1 >>> 0; while (x > 127) { b[p++] = (x & 127) | 128; x >>>= 7 } b[p++] = x`,
      )
    }
    this.lines.push(`p = ${this.constant(putBytes)}(b, p, ${source}, ${c}_lengths[i])`)
  }

  /** Unscaled numbers of one scale are written from their halves; a scale that grows takes the way of nested values. */
  private decimal(c: string, type: LogicalType, target: AvroSchema, path: string): void {
    const logical = target.logical
    assert(logical?.kind === 'decimal', 'the caller has looked')
    const scale = type.kind === 'DECIMAL' ? type.scale : 0
    const digits = type.kind === 'DECIMAL' ? type.precision : 19
    const integer = carrierOf(type) === 'int32'
    if (scale !== logical.scale || digits > logical.precision) {
      const write = this.constant(compileColumnWriter(type, target, {}))
      this.lines.push(`out.length = p; x = ${write}(out, ${c}_values[i])
if (x >= 0) { ${this.failBy('x', path)} } p = out.length; out.reserve(room); b = out.bytes`)
      return
    }
    this.fixedRoom += MAX_DECIMAL_BYTES
    this.lines.push(
      integer ? `low = ${c}_values[i]; high = low >> 31` : `low = ${c}_words[2 * i]; high = ${c}_words[2 * i + 1]`,
    )
    const put = this.constant(putDecimal)
    if (target.kind === 'fixed') {
      this.fixedRoom += target.size
      this.lines.push(
        `if (${this.constant(decimalSize)}(low, high) > ${target.size}) { ${this.fail('range', path)} } p = ${put}(b, p, ${target.size}, low, high)`,
      )
    } else
      this.lines.push(`x = ${this.constant(decimalSize)}(low, high); b[p++] = x << 1; p = ${put}(b, p, x, low, high)`)
  }
}

type Branches = { readonly valueIndex: number; readonly nullIndex: number | undefined; readonly value: AvroSchema }

function branchesOf(target: UnionSchema, conversion: EncodeConversion): Branches {
  const valueIndex = conversion.union?.branch ?? target.branches.findIndex((branch) => branch.kind !== 'null')
  const nullIndex = conversion.union === undefined ? nullBranch(target) : (conversion.union.nullBranch ?? -1)
  const value = target.branches[valueIndex]
  assert(value !== undefined, 'a union is written to one of its branches')
  return { valueIndex, nullIndex: nullIndex < 0 ? undefined : nullIndex, value }
}

function putIndex(index: number): string {
  const out = new ByteBuffer(8)
  writeInt(out, index)
  return [...out.bytes.subarray(0, out.length)].map((byte) => `b[p++] = ${byte}`).join('; ')
}
