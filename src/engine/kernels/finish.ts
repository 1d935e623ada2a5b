// From accumulators to result columns, by the named rules of functions/: one column at a time over the slots of a table.
import { assert } from '../../diagnostics/assert.ts'
import { type Column, carrierOf } from '../../types/column.ts'
import type { Value } from '../../types/value.ts'
import { writeValue } from '../column-values.ts'
import type { ByteTable } from '../state/byte-table.ts'
import type { AccumulatorSlot, CallSlots } from './accumulators.ts'

/** Writes the results of `call` for the slots `table.order[from .. from + count)` to rows 0.. of `out`. */
export function finishCall(call: CallSlots, table: ByteTable, from: number, count: number, out: Column): void {
  const { finish } = call.plan
  if (finish === 'single') {
    copyAccumulator(call.slots[0]!, table, from, count, out)
    return
  }
  if (finish === 'nullIfZero') {
    copyAccumulator(call.slots[0]!, table, from, count, out)
    const counter = call.slots[1]!.word
    for (let row = 0; row < count; row++) {
      const at = table.order[from + row]! + counter
      if (table.words[at] === 0 && table.words[at + 1] === 0) out.nulls[row] = 1
    }
    return
  }
  const rule = finish === 'quotient' ? (values: readonly Value[]) => quotient(values, call) : finish
  if (finish === 'quotient' && out.carrier === 'float64') {
    divideDoubles(call, table, from, count, out)
    return
  }
  if (out.carrier === 'bytes') out.data = new Uint8Array(0)
  for (let row = 0; row < count; row++) {
    const at = table.order[from + row]!
    const values = call.slots.map((slot) => accumulatorValue(slot, table, at))
    writeValue(out, row, rule(values))
  }
}

function copyAccumulator(slot: AccumulatorSlot, table: ByteTable, from: number, count: number, out: Column): void {
  const { words, doubles, order } = table
  const { word, presence } = slot
  out.nulls.fill(0, 0, count)
  if (presence !== undefined) {
    const bit = 1 << presence.bit
    for (let row = 0; row < count; row++) {
      out.nulls[row] = (words[order[from + row]! + presence.word]! & bit) === 0 ? 1 : 0
    }
  }
  switch (out.carrier) {
    case 'int32':
      for (let row = 0; row < count; row++) out.values[row] = words[order[from + row]! + word]!
      return
    case 'float64':
      for (let row = 0; row < count; row++) out.values[row] = doubles[(order[from + row]! + word) >> 1]!
      return
    case 'int64':
      for (let row = 0; row < count; row++) {
        const at = order[from + row]! + word
        out.words[2 * row] = words[at]!
        out.words[2 * row + 1] = words[at + 1]!
      }
      return
    case 'timestamp':
      for (let row = 0; row < count; row++) {
        const at = order[from + row]! + word
        out.millis[row] = doubles[at >> 1]!
        if (out.nanos !== undefined) out.nanos[row] = words[at + 2]!
      }
      return
    case 'bytes':
      // The arena lives until the pane is closed, and the batch does not outlive that.
      out.data = table.arena
      for (let row = 0; row < count; row++) {
        const at = order[from + row]! + word
        out.starts[row] = words[at]!
        out.lengths[row] = words[at + 1]!
      }
      return
    case 'value':
      for (let row = 0; row < count; row++) out.values[row] = wide(table, order[from + row]! + word)
  }
}

function divideDoubles(call: CallSlots, table: ByteTable, from: number, count: number, out: Column): void {
  assert(out.carrier === 'float64', 'divideDoubles writes doubles')
  const [sum, counter] = [call.slots[0]!, call.slots[1]!]
  const narrow = out.type.kind === 'FLOAT'
  for (let row = 0; row < count; row++) {
    const at = table.order[from + row]!
    const rows = Number(table.longs[(at + counter.word) >> 1]!)
    out.nulls[row] = rows === 0 ? 1 : 0
    const value = Number(accumulatorValue(sum, table, at)) / rows
    out.values[row] = narrow ? Math.fround(value) : value
  }
}

/** Integers are truncated, DECIMALs rounded half up to the call's scale. */
function quotient([sum, count]: readonly Value[], call: CallSlots): Value {
  const rows = count as bigint
  if (rows === 0n || sum === null) return null
  const { type } = call.call
  const sumType = call.slots[0]!.accumulator.type
  if (type.kind !== 'DECIMAL') {
    const value = BigInt(sum as number | bigint) / rows
    return carrierOf(type) === 'int32' ? Number(value) : value
  }
  const sumScale = sumType.kind === 'DECIMAL' ? sumType.scale : 0
  const scaled = BigInt(sum as number | bigint) * 10n ** BigInt(Math.max(0, type.scale - sumScale))
  const divisor = rows * 10n ** BigInt(Math.max(0, sumScale - type.scale))
  const magnitude = ((scaled < 0n ? -scaled : scaled) * 2n + divisor) / (divisor * 2n)
  return scaled < 0n ? -magnitude : magnitude
}

function accumulatorValue(slot: AccumulatorSlot, table: ByteTable, at: number): Value {
  const { presence, word } = slot
  if (presence !== undefined && (table.words[at + presence.word]! & (1 << presence.bit)) === 0) return null
  const { type } = slot.accumulator
  const first = table.words[at + word]!
  switch (carrierOf(type)) {
    case 'int32':
      return type.kind === 'BOOLEAN' ? first === 1 : first
    case 'float64':
      return table.doubles[(at + word) >> 1]!
    case 'int64':
      return table.longs[(at + word) >> 1]!
    case 'timestamp':
      return { millis: table.doubles[(at + word) >> 1]!, nanos: table.words[at + word + 2]! }
    case 'bytes': {
      const bytes = table.arena.slice(first, first + table.words[at + word + 1]!)
      return type.kind === 'VARCHAR' || type.kind === 'CHAR' ? new TextDecoder().decode(bytes) : bytes
    }
    case 'value':
      return wide(table, at + word)
  }
}

/** A 128-bit integer. */
function wide(table: ByteTable, at: number): bigint {
  return (table.longs[(at >> 1) + 1]! << 64n) | BigInt.asUintN(64, table.longs[at >> 1]!)
}
