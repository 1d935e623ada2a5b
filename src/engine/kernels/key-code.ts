// How the values of key columns become the bytes of one key, and back. A single string or byte column is its own key, never
// copied; anything else is put together: for each column a byte that says NULL or not, then the value, strings with their length.

import { ByteBuffer } from '../../avro/byte-buffer.ts'
import { assert } from '../../diagnostics/assert.ts'
import type { Column } from '../../types/column.ts'
import type { LogicalType } from '../../types/logical-type.ts'
import type { ByteTable } from '../state/byte-table.ts'
import type { Operand } from './operand.ts'

/** Memory in which keys of several columns are put together. */
export class KeyScratch {
  bytes = new Uint8Array(256)
  view = new DataView(this.bytes.buffer)
  #used = 0

  begin(): void {
    this.#used = 0
  }

  get length(): number {
    return this.#used
  }

  int32(value: number): void {
    this.#need(4)
    this.view.setInt32(this.#used, value, true)
    this.#used += 4
  }

  float64(value: number): void {
    this.#need(8)
    this.view.setFloat64(this.#used, value, true)
    this.#used += 8
  }

  flag(isNull: boolean): void {
    this.#need(1)
    this.bytes[this.#used++] = isNull ? 1 : 0
  }

  slice(data: Uint8Array, start: number, length: number): void {
    this.int32(length)
    this.#need(length)
    for (let i = 0; i < length; i++) this.bytes[this.#used + i] = data[start + i]!
    this.#used += length
  }

  #need(more: number): void {
    if (this.#used + more <= this.bytes.length) return
    const larger = new Uint8Array((this.#used + more) * 2)
    larger.set(this.bytes)
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }
}

/** Whether the key is the column's bytes themselves. */
export function isPlainKey(types: readonly LogicalType[], carriers: readonly string[]): boolean {
  return types.length === 1 && carriers[0] === 'bytes'
}

/** Statements that put the key of the current row into `scratch`. */
export function keyText(operands: readonly Operand[], scratch: string): string {
  const parts = operands.map((operand) => {
    const write = writeText(operand, scratch)
    if (operand.isNull === 'false') return `${scratch}.flag(false); ${write}`
    return `${scratch}.flag(${operand.isNull}); if (!(${operand.isNull})) { ${write} }`
  })
  return [`${scratch}.begin()`, ...parts].join('; ')
}

function writeText(operand: Operand, scratch: string): string {
  switch (operand.carrier) {
    case 'int32':
      return `${scratch}.int32(${operand.value})`
    case 'float64':
      return `${scratch}.float64(${operand.value})`
    case 'int64':
      return `${scratch}.int32(${operand.low}); ${scratch}.int32(${operand.high})`
    case 'timestamp':
      return `${scratch}.float64(${operand.millis}); ${scratch}.int32(${operand.nanos})`
    case 'bytes':
      return `${scratch}.slice(${operand.data}, ${operand.start}, ${operand.length})`
    case 'value':
      throw new Error('bug in Sluice: supports.ts refuses keys of this type')
  }
}

/** Reads keys of one table's slots into key columns. The columns may point into the table's memory. */
export class KeyReader {
  readonly #plain: boolean
  readonly #sink = new ByteBuffer()

  constructor(plain: boolean) {
    this.#plain = plain
  }

  read(table: ByteTable, from: number, count: number, out: readonly Column[]): void {
    if (out.length === 0) return
    const allInline = table.arenaUsed === 0
    let data = table.bytes
    const starts = new Int32Array(count)
    if (allInline) {
      for (let row = 0; row < count; row++) starts[row] = table.keyOffset(table.order[from + row]!)
    } else {
      this.#sink.clear()
      for (let row = 0; row < count; row++) {
        const at = table.order[from + row]!
        const source = table.isInline(at) ? table.bytes : table.arena
        starts[row] = this.#sink.append(source, table.keyOffset(at), Math.max(0, table.keyLength(at)))
      }
      data = this.#sink.bytes
    }
    if (this.#plain) this.#readPlain(table, from, count, out[0]!, data, starts)
    else readParts(count, out, data, starts)
  }

  #readPlain(
    table: ByteTable,
    from: number,
    count: number,
    column: Column,
    data: Uint8Array,
    starts: Int32Array,
  ): void {
    assert(column.carrier === 'bytes', 'a plain key is a bytes column')
    column.data = data
    column.starts.set(starts)
    for (let row = 0; row < count; row++) {
      const length = table.keyLength(table.order[from + row]!)
      column.nulls[row] = length < 0 ? 1 : 0
      column.lengths[row] = Math.max(0, length)
    }
  }
}

/** Moves `at` behind each part in turn. */
function readParts(count: number, out: readonly Column[], data: Uint8Array, at: Int32Array): void {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  for (const column of out) {
    if (column.carrier === 'bytes') column.data = data
    for (let row = 0; row < count; row++) {
      const start = at[row]!
      const isNull = data[start]!
      column.nulls[row] = isNull
      at[row] = start + 1 + (isNull === 1 ? 0 : readPart(column, row, view, start + 1))
    }
  }
}

/** Number of bytes the part takes. */
function readPart(column: Column, row: number, view: DataView, at: number): number {
  switch (column.carrier) {
    case 'int32':
      column.values[row] = view.getInt32(at, true)
      return 4
    case 'float64':
      column.values[row] = view.getFloat64(at, true)
      return 8
    case 'int64':
      column.words[2 * row] = view.getInt32(at, true)
      column.words[2 * row + 1] = view.getInt32(at + 4, true)
      return 8
    case 'timestamp':
      column.millis[row] = view.getFloat64(at, true)
      if (column.nanos !== undefined) column.nanos[row] = view.getInt32(at + 8, true)
      return 12
    case 'bytes': {
      const length = view.getInt32(at, true)
      column.starts[row] = at + 4
      column.lengths[row] = length
      return 4 + length
    }
    case 'value':
      throw new Error('bug in Sluice: supports.ts refuses keys of this type')
  }
}
