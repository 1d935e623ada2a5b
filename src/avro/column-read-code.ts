// The text of a column decoder that passes over bytes: numbers, lengths, indexes, and whole values that are not wanted. Every read
// is checked against the end of the record first. What is kept of a value is column-decoder-code.ts's.
import { type DecodeFailureKind, decodeFailureMessages } from './decode-failure.ts'
import { type AvroSchema, nullBranch, type UnionSchema } from './schema.ts'
import { compileSkip } from './skip.ts'
import { readInt, readLength, readLong } from './varint.ts'

const failureKinds = Object.keys(decodeFailureMessages) as readonly DecodeFailureKind[]
/** Values nested deeper than this are jumped over by a call instead of inlined text. */
export const INLINE_DEPTH = 4

/**
 * The variables of the text: d the data, view over it, p the position, e the end of the record, i the record, r the row, site the
 * place of a failure; q, x, u, n, low, high for what was read last; w the halves that a called reader gives.
 */
export class ColumnReadCode {
  readonly sites: { readonly kind: DecodeFailureKind; readonly path: string }[] = [{ kind: 'cut-off', path: '' }]
  readonly lines: string[] = []
  private readonly constantName: (value: unknown) => string
  private readonly siteBases = new Map<string, number>()
  /** Bytes to jump over that no line does yet, and the path of the first. */
  private pending = 0
  private pendingPath = ''

  constructor(constantName: (value: unknown) => string) {
    this.constantName = constantName
  }

  /** Text that leaves the record with a failure; `code` is text of a negative result of a reader instead of a kind. */
  fail(kind: DecodeFailureKind, path: string): string {
    return `site = ${this.siteBase(path) + failureKinds.indexOf(kind)}; break record`
  }

  failBy(code: string, path: string): string {
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

  line(text: string): void {
    this.flush()
    this.lines.push(text)
  }

  /** Adjacent values of fixed size are jumped over by one line. */
  jump(size: number, path: string): void {
    if (this.pending === 0) this.pendingPath = path
    this.pending += size
  }

  flush(): void {
    if (this.pending === 0) return
    this.lines.push(`${this.need(this.pending, this.pendingPath)} p = (p + ${this.pending}) | 0`)
    this.pending = 0
  }

  /** `| 0` throughout: it spares the function overflow checks. */
  need(count: number, path: string): string {
    const missing = count === 1 ? 'p >= e' : `((e - p) | 0) < ${count}`
    return `if (${missing}) { ${this.fail('cut-off', path)} }`
  }

  /** Text that puts the next byte into a variable. */
  byte(variable: string, path: string): string {
    return `${this.need(1, path)} ${variable} = d[p]; p = (p + 1) | 0`
  }

  skip(schema: AvroSchema, path: string, depth: number): void {
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
        this.skipNumber(4, 15, path)
        return
      case 'long':
        this.skipNumber(9, 1, path)
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
        for (const field of schema.fields) this.skip(field.type, joinNames(path, field.name), depth + 1)
        return
      default:
        this.skipByCall(schema, path)
        return
    }
  }

  /** `more` bytes may follow the first; the last of them holds only the bits up to `highest`. */
  private skipNumber(more: number, highest: number, path: string): void {
    const bad = this.fail('number', path)
    this.line(`${this.byte('x', path)}
if (x > 127) {
n = ${more}
do { if (n === 0) { ${bad} } n = (n - 1) | 0; ${this.byte('x', path)} } while (x > 127)
if (n === 0 && x > ${highest}) { ${bad} }
}`)
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
    const skip = this.constantName(compileSkip(schema))
    return `u = ${skip}(d, ${start}, e, 0); if (u < 0) { ${this.failBy('u', path)} } p = u`
  }

  /** Reads an index below `count` into u. */
  index(count: number, kind: 'branch' | 'symbol', path: string): void {
    const bad = this.fail(kind, path)
    this.line(`${this.byte('u', path)}
if ((u & 129) !== 0) { ${this.slowNumber(readInt, '(p - 1)', path)} u = w[0]; if (u < 0) { ${bad} } } else u >>>= 1
if (u >= ${count}) { ${bad} }`)
  }

  /** Text for a number of several bytes that begins at `start`: it ends up in w. */
  private slowNumber(reader: typeof readInt, start: string, path: string): string {
    return `p = ${this.constantName(reader)}(d, ${start} | 0, e, w); if (p < 0) { ${this.failBy('p', path)} }`
  }

  branches(count: number, path: string, emitBranch: (index: number) => void): void {
    this.index(count, 'branch', path)
    for (let index = 0; index < count; index++) {
      this.line(index === 0 ? 'if (u === 0) {' : `else if (u === ${index}) {`)
      emitBranch(index)
      this.line('}')
    }
  }

  int(path: string): void {
    this.line(`${this.byte('x', path)}
if (x > 127) { ${this.slowNumber(readInt, '(p - 1)', path)} x = w[0] } else x = (x >>> 1) ^ -(x & 1)`)
  }

  /** Instants have six to eight bytes, so these are read without a call. */
  long(path: string): void {
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
  length(path: string): void {
    const bad = this.fail('length', path)
    this.line(`${this.byte('n', path)}
if ((n & 129) !== 0) { ${this.slowNumber(readLength, '(p - 1)', path)} n = w[0] } else n >>>= 1
if (n > ((e - p) | 0)) { ${bad} }`)
  }
}

/** The path of a field inside the value at `path`. */
export function joinNames(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
