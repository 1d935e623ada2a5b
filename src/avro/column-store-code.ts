// The text that puts one decoded value into its column: by carrier, and by what the Avro types mean. Also the constants of the
// generated function and its first and last lines. Reading the value is column-decoder-code.ts's.
import { assert } from '../diagnostics/assert.ts'
import { type Carrier, carrierOf } from '../types/column.ts'
import type { LogicalType } from '../types/logical-type.ts'
import { ByteBuffer } from './byte-buffer.ts'
import { readDecimal } from './decimal-bytes.ts'
import type { DecodeFailureKind } from './decode-failure.ts'
import { uuidOfBytes } from './logical-value.ts'
import type { AvroSchema, LogicalAttribute } from './schema.ts'
import { sqlValueOf } from './sql-value.ts'
import { encodeUtf8, isUtf8 } from './utf8.ts'
import type { AvroValue } from './value.ts'
import { floatOfLong } from './varint.ts'

/** `input`: the decoded data; `dictionary`: symbols and defaults of the decoder; `sink`: a buffer that bytes are copied to. */
export type Place = 'input' | 'dictionary' | 'sink'

export class ColumnStoreCode {
  readonly constants: unknown[] = []
  readonly types: readonly LogicalType[]
  readonly carriers: readonly Carrier[]
  private readonly names = new Map<unknown, string>()
  private readonly sinks: readonly (ByteBuffer | undefined)[]
  private readonly fail: (kind: DecodeFailureKind, path: string) => string
  private readonly usesInput = new Set<number>()
  private readonly usesConstants = new Set<number>()
  private readonly needsSink = new Set<number>()
  private readonly dictionary = new ByteBuffer(64)

  constructor(
    types: readonly LogicalType[],
    sinks: readonly (ByteBuffer | undefined)[],
    fail: (kind: DecodeFailureKind, path: string) => string,
  ) {
    this.types = types
    this.carriers = types.map(carrierOf)
    this.sinks = sinks
    this.fail = fail
  }

  get places(): readonly Place[] {
    return this.types.map((_, column) => this.placeOf(column))
  }

  sinksForClashes(): (ByteBuffer | undefined)[] | undefined {
    let clash = false
    const sinks = this.types.map((_, column) => {
      const mixed = this.usesInput.has(column) && this.usesConstants.has(column)
      if (this.sinks[column] !== undefined || !(mixed || this.needsSink.has(column))) return this.sinks[column]
      clash = true
      return new ByteBuffer()
    })
    return clash ? sinks : undefined
  }

  /** The name under which the generated function knows a constant. */
  constantName(value: unknown): string {
    let name = this.names.get(value)
    if (name === undefined) {
      name = `k${this.constants.length}`
      this.constants.push(value)
      this.names.set(value, name)
    }
    return name
  }

  declareConstants(): string {
    return this.constants.map((_, index) => `const k${index} = constants[${index}]`).join('\n')
  }

  prologue(): string {
    const arrays: Record<Carrier, readonly string[]> = {
      int32: ['values'],
      int64: ['words'],
      float64: ['values'],
      timestamp: ['millis', 'nanos'],
      bytes: ['starts', 'lengths'],
      value: ['values'],
    }
    const lines = this.carriers.map((carrier, column) => {
      const parts = ['nulls', ...arrays[carrier]].map((name) => `c${column}_${name} = c${column}.${name}`)
      return `const c${column} = columns[${column}], ${parts.join(', ')}`
    })
    return lines.join('\n')
  }

  /** Where the bytes of each column lie; undefined: in the input, or the column has none. */
  buffers(): readonly (ByteBuffer | undefined)[] {
    return this.carriers.map((carrier, column) => {
      if (carrier !== 'bytes') return undefined
      return this.sinks[column] ?? (this.usesConstants.has(column) ? this.dictionary : undefined)
    })
  }

  nulls(columns: readonly number[]): string {
    return columns.map((column) => `c${column}_nulls[r] = 1`).join('; ')
  }

  /** The symbol of index u, as UTF-8 from the dictionary. */
  symbol(column: number, symbols: readonly string[]): string {
    this.usesConstants.add(column)
    const texts = symbols.map(encodeUtf8)
    const starts = Int32Array.from(texts, (text) => this.dictionary.append(text, 0, text.length))
    const lengths = Int32Array.from(texts, (text) => text.length)
    const start = `${this.constantName(starts)}[u]`
    return this.dictionaryBytes(column, start, `${this.constantName(lengths)}[u]`)
  }

  /** The same value for every row. */
  constantValue(column: number, schema: AvroSchema, avro: AvroValue): string {
    const value = sqlValueOf(schema, this.types[column]!, avro)
    if (value === undefined) return this.fail('unresolved', '')
    const c = `c${column}`
    if (value === null) return this.nulls([column])
    const constant = () => this.constantName(value)
    switch (this.carriers[column]!) {
      case 'int32':
        return `${c}_nulls[r] = 0; ${c}_values[r] = ${this.constantName(Number(value))}`
      case 'float64':
      case 'value':
        return `${c}_nulls[r] = 0; ${c}_values[r] = ${constant()}`
      case 'int64': {
        assert(typeof value === 'bigint', 'an int64 column holds bigints')
        const low = this.constantName(Number(BigInt.asIntN(32, value)))
        const high = this.constantName(Number(BigInt.asIntN(32, value >> 32n)))
        return `${c}_nulls[r] = 0; ${c}_words[2 * r] = ${low}; ${c}_words[2 * r + 1] = ${high}`
      }
      case 'timestamp':
        return `${c}_nulls[r] = 0; ${c}_millis[r] = ${constant()}.millis; if (${c}_nanos !== undefined) ${c}_nanos[r] = ${constant()}.nanos`
      case 'bytes': {
        this.usesConstants.add(column)
        const bytes = typeof value === 'string' ? encodeUtf8(value) : value
        assert(bytes instanceof Uint8Array, 'a bytes column holds texts and bytes')
        const start = this.dictionary.append(bytes, 0, bytes.length)
        return this.dictionaryBytes(column, String(start), String(bytes.length))
      }
    }
  }

  /** What was read into x, low and high, number, or n bytes at p, by the writer's kind; it means what the reader's schema says. */
  scalar(column: number, writer: AvroSchema, reader: AvroSchema, path: string): string {
    const type = this.types[column]!
    const c = `c${column}`
    const notNull = `${c}_nulls[r] = 0; `
    switch (this.carriers[column]!) {
      case 'int32':
        if (writer.kind === 'long') return `${this.timeOfDay(reader.logical, path)} ${notNull}${c}_values[r] = millis`
        assert(writer.kind === 'int' || writer.kind === 'boolean', `Avro ${writer.kind} is no ${type.kind}`)
        return `${notNull}${c}_values[r] = x`
      case 'int64':
        if (type.kind === 'DECIMAL') {
          const read = this.constantName(readDecimal)
          assert(Number.isInteger(type.precision), 'a precision is a whole number')
          return `if (!${read}(d, p, n, ${type.precision}, w)) { ${this.fail('decimal', path)} } ${notNull}${c}_words[2 * r] = w[0]; ${c}_words[2 * r + 1] = w[1]`
        }
        if (writer.kind === 'int') return `${notNull}${c}_words[2 * r] = x; ${c}_words[2 * r + 1] = x >> 31`
        assert(writer.kind === 'long', `Avro ${writer.kind} is no ${type.kind}`)
        return `${notNull}${c}_words[2 * r] = low; ${c}_words[2 * r + 1] = high`
      case 'float64':
        return `${notNull}${c}_values[r] = ${this.number(writer, type.kind === 'FLOAT' || reader.kind === 'float')}`
      case 'timestamp': {
        const halves = writer.kind === 'int' ? 'low = x; high = x >> 31; ' : ''
        return `${halves}${this.instant(column, reader.logical, path)} ${notNull}${c}_millis[r] = millis`
      }
      case 'bytes':
        return this.bytes(column, writer, reader, path)
      case 'value':
        throw new Error('bug in Sluice: the slow carrier is filled by a reader')
    }
  }

  private number(writer: AvroSchema, single: boolean): string {
    switch (writer.kind) {
      case 'int':
        return single ? 'Math.fround(x)' : 'x'
      case 'long':
        return single ? `${this.constantName(floatOfLong)}(low, high)` : 'high * 4294967296 + (low >>> 0)'
      default:
        assert(writer.kind === 'float' || writer.kind === 'double', `Avro ${writer.kind} is no floating-point number`)
        return 'number'
    }
  }

  /** TIME columns count milliseconds; microseconds that are none are refused rather than cut. */
  private timeOfDay(logical: LogicalAttribute | undefined, path: string): string {
    assert(logical?.kind === 'time-micros', 'a long that is a TIME counts microseconds')
    const range = this.fail('range', path)
    return `number = high * 4294967296 + (low >>> 0); millis = number / 1000
if (millis !== Math.floor(millis) || millis < 0 || millis >= 86400000) { ${range} }`
  }

  /** From low and high to millis and nanos, exact for all 64 bits: 2^32 is split by the unit first. */
  private instant(column: number, logical: LogicalAttribute | undefined, path: string): string {
    const range = this.fail('range', path)
    const nanos = `c${column}_nanos`
    switch (logical?.kind) {
      case 'timestamp-millis':
      case 'local-timestamp-millis':
        return `millis = high * 4294967296 + (low >>> 0); if (millis > 9007199254740991 || millis < -9007199254740991) { ${range} }
if (${nanos} !== undefined) ${nanos}[r] = 0;`
      case 'timestamp-micros':
      case 'local-timestamp-micros':
        return `number = high * 296 + (low >>> 0); millis = Math.floor(number / 1000); nanos = (number - millis * 1000) * 1000; millis += high * 4294967
if (millis > 9007199254740991 || millis < -9007199254740991) { ${range} }
if (${nanos} !== undefined) ${nanos}[r] = nanos; else if (nanos !== 0) { ${range} }`
      case 'timestamp-nanos':
      case 'local-timestamp-nanos':
        return `number = high * 967296 + (low >>> 0); millis = Math.floor(number / 1000000); nanos = number - millis * 1000000
if (nanos < 0) { nanos += 1000000; millis-- } else if (nanos >= 1000000) { nanos -= 1000000; millis++ }
millis += high * 4294
if (${nanos} !== undefined) ${nanos}[r] = nanos; else if (nanos !== 0) { ${range} }`
      default:
        throw new Error('bug in Sluice: a timestamp column needs an Avro timestamp')
    }
  }

  private bytes(column: number, writer: AvroSchema, reader: AvroSchema, path: string): string {
    const kind = this.types[column]!.kind
    const c = `c${column}`
    if (writer.kind === 'fixed' && (kind === 'VARCHAR' || kind === 'CHAR')) {
      assert(reader.logical?.kind === 'uuid', 'only a uuid is fixed bytes and a text')
      this.needsSink.add(column)
      const append = this.constantName(appendUuid)
      return `${c}_nulls[r] = 0; ${c}_starts[r] = ${append}(${this.constantName(this.sinks[column])}, d, p); ${c}_lengths[r] = 36`
    }
    this.usesInput.add(column)
    const isText = (kind === 'VARCHAR' || kind === 'CHAR') && writer.kind !== 'fixed'
    const check = isText ? this.textCheck(path) : ''
    const sink = this.sinks[column]
    const start = sink === undefined ? 'p' : `${this.constantName(sink)}.append(d, p, n)`
    return `${check}${c}_nulls[r] = 0; ${c}_starts[r] = ${start}; ${c}_lengths[r] = n`
  }

  /**
   * UTF-8 of the n bytes at p. As long as texts are ASCII, four bytes are looked at at once; the last four overlap those before,
   * so that texts of nearly the same length take the same branches.
   */
  private textCheck(path: string): string {
    const slow = `${this.constantName(isUtf8)}(d, p, (p + n) | 0)`
    return `q = (p + n - 4) | 0; x = 0x80
if (q >= p) { x = view.getInt32(q, true); for (let t = p; t < q; t = (t + 4) | 0) x |= view.getInt32(t, true) }
if ((x & 0x80808080) !== 0 && !${slow}) { ${this.fail('text', path)} }
`
  }

  private dictionaryBytes(column: number, start: string, length: string): string {
    const c = `c${column}`
    const sink = this.sinks[column]
    const at =
      sink === undefined
        ? start
        : `${this.constantName(sink)}.append(${this.constantName(this.dictionary)}.bytes, ${start}, ${length})`
    return `${c}_nulls[r] = 0; ${c}_starts[r] = ${at}; ${c}_lengths[r] = ${length}`
  }

  private placeOf(column: number): Place {
    if (this.sinks[column] !== undefined) return 'sink'
    return this.usesConstants.has(column) ? 'dictionary' : 'input'
  }
}

function appendUuid(sink: ByteBuffer, data: Uint8Array, start: number): number {
  const text = encodeUtf8(uuidOfBytes(data, start))
  return sink.append(text, 0, text.length)
}
