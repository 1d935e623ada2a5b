// Where the accumulators of an aggregation stand in a slot, and the statements that fold one row into them.
// What an aggregate accumulates is said by functions/; finishing is in finish.ts.
import { assert } from '../../diagnostics/assert.ts'
import { findFunction } from '../../functions/find-function.ts'
import type { Accumulator, AggregatePlan } from '../../functions/function-definition.ts'
import type { AggregateCall } from '../../plan/expression.ts'
import { carrierOf } from '../../types/column.ts'
import type { LogicalType } from '../../types/logical-type.ts'
import { HEADER_WORDS } from '../state/byte-table.ts'
import type { Operand } from './operand.ts'
import { isPrecise } from './operand.ts'
import type { RowCode } from './row-code.ts'

/** One accumulator in a slot. `word` counts from the start of the slot; always even, so that doubles are aligned. */
export type AccumulatorSlot = {
  readonly accumulator: Exclude<Accumulator, { kind: 'values' }>
  /** Column of the operator's input, absent for COUNT(*). */
  readonly argument: number | undefined
  readonly filter: number | undefined
  readonly word: number
  /** Where it is known whether a value came (`min`, `max`, `first`, `last`). */
  readonly presence: { readonly word: number; readonly bit: number } | undefined
}

/** An aggregate call, by the positions of its accumulators. */
export type CallSlots = {
  readonly call: AggregateCall
  readonly plan: AggregatePlan
  readonly slots: readonly AccumulatorSlot[]
}

export type AccumulatorLayout = {
  readonly calls: readonly CallSlots[]
  readonly slots: readonly AccumulatorSlot[]
  /** Words behind the slot's header. */
  readonly words: number
}

/** Arguments and filters of `calls` must be columns: a projection below makes them so. */
export function layoutAccumulators(calls: readonly AggregateCall[]): AccumulatorLayout {
  const slots: AccumulatorSlot[] = []
  const byKey = new Map<string, AccumulatorSlot>()
  let next = HEADER_WORDS
  let present = 0
  let presenceWord = 0
  const place = (
    accumulator: AccumulatorSlot['accumulator'],
    argument: number | undefined,
    filter: number | undefined,
  ) => {
    const key = JSON.stringify([accumulator, argument, filter])
    const known = byKey.get(key)
    if (known !== undefined) return known
    let presence: AccumulatorSlot['presence']
    if (accumulator.kind !== 'count' && accumulator.kind !== 'sum') {
      if (present % 32 === 0) {
        presenceWord = next
        next += 2
      }
      presence = { word: presenceWord, bit: present++ % 32 }
    }
    const slot: AccumulatorSlot = { accumulator, argument, filter, word: next, presence }
    next += wordsOf(accumulator)
    slots.push(slot)
    byKey.set(key, slot)
    return slot
  }
  const placed = calls.map((call): CallSlots => {
    const plan = aggregatePlanOf(call)
    assert(plan !== undefined, `supports.ts lets only aggregates with a plan pass, not ${call.function}`)
    const filter = call.filter === undefined ? undefined : columnOf(call.filter)
    return {
      call,
      plan,
      slots: plan.accumulators.map((accumulator) => {
        assert(accumulator.kind !== 'values', 'supports.ts refuses aggregates that keep all values')
        const { argument } = accumulator
        return place(accumulator, argument === undefined ? undefined : columnOf(call.arguments[argument]!), filter)
      }),
    }
  })
  return { calls: placed, slots, words: next - HEADER_WORDS }
}

export function aggregatePlanOf(call: AggregateCall): AggregatePlan | undefined {
  const types = call.arguments.map((argument) => argument.type)
  return findFunction(call.function)?.aggregate?.(types, call.type)
}

function columnOf(expression: AggregateCall['arguments'][number]): number {
  assert(expression.kind === 'column', 'arguments of aggregates are columns')
  return expression.index
}

function wordsOf(accumulator: AccumulatorSlot['accumulator']): number {
  const carrier = carrierOf(accumulator.type)
  // A DECIMAL sum is kept in 128 bits; a timestamp beyond milliseconds has its nanoseconds behind.
  return carrier === 'value' || isPrecise(accumulator.type) ? 4 : 2
}

/** Folds the current row into the slot at word `at` of table `table`, whose arrays are `words` and `doubles`. */
export function foldRow(code: RowCode, slot: AccumulatorSlot): string {
  const argument = slot.argument === undefined ? undefined : code.column(slot.argument)
  const conditions: string[] = []
  if (slot.filter !== undefined) {
    const filter = code.column(slot.filter) as Operand & { carrier: 'int32' }
    conditions.push(`!(${filter.isNull}) && ${filter.value} === 1`)
  }
  if (argument !== undefined && argument.isNull !== 'false') conditions.push(`!(${argument.isNull})`)
  const update = updateText(code, slot, argument)
  return conditions.length === 0 ? update : `if (${conditions.join(' && ')}) { ${update} }`
}

function updateText(code: RowCode, slot: AccumulatorSlot, argument: Operand | undefined): string {
  const { kind, type } = slot.accumulator
  const word = (offset = 0) => `words[at + ${slot.word + offset}]`
  if (kind === 'count') return `if ((${word()} = (${word()} + 1) | 0) === 0) ${word(1)}++`
  assert(argument !== undefined, `${kind} has an argument`)
  if (kind === 'sum') return sumText(code, slot, argument, type)
  const { word: presenceWord, bit } = slot.presence!
  const mark = `words[at + ${presenceWord}] |= ${1 << bit}`
  const isFirst = `(words[at + ${presenceWord}] & ${1 << bit}) === 0`
  const put = `${storeText(slot, argument)}; ${mark}`
  if (kind === 'last') return put
  if (kind === 'first') return `if (${isFirst}) { ${put} }`
  return `if (${isFirst} || ${beatsText(code, slot, argument, kind)}) { ${put} }`
}

function sumText(code: RowCode, slot: AccumulatorSlot, argument: Operand, type: LogicalType): string {
  const word = (offset = 0) => `words[at + ${slot.word + offset}]`
  const double = `doubles[(at + ${slot.word}) >> 1]`
  if (argument.carrier === 'float64') {
    return type.kind === 'FLOAT'
      ? `${double} = Math.fround(${double} + ${argument.value})`
      : `${double} += ${argument.value}`
  }
  const [low, high] =
    argument.carrier === 'int32'
      ? [argument.value, `(${argument.value} >> 31)`]
      : argument.carrier === 'int64'
        ? [argument.low, argument.high]
        : assertNever(argument)
  switch (carrierOf(type)) {
    case 'int32': {
      const narrow = type.kind === 'TINYINT' ? 24 : type.kind === 'SMALLINT' ? 16 : 0
      const sum = `(${word()} + ${low})`
      return `${word()} = ${narrow === 0 ? `${sum} | 0` : `${sum} << ${narrow} >> ${narrow}`}`
    }
    case 'float64':
      return `${double} += ${argument.carrier === 'int32' ? argument.value : `(${high} * 4294967296 + (${low} >>> 0))`}`
    case 'int64': {
      const sum = code.local()
      return `${sum} = (${word()} >>> 0) + (${low} >>> 0); ${word()} = ${sum} | 0; ${word(1)} = (${word(1)} + ${high} + (${sum} > 4294967295 ? 1 : 0)) | 0`
    }
    default: {
      // 128 bits: 10^19 values of 18 digits fit, so that no check is needed for DECIMAL(38).
      const sum = code.local()
      const sign = `(${high} >> 31)`
      const steps = [low, high, sign, sign].map(
        (part, index) =>
          `${sum} = (${word(index)} >>> 0) + (${part} >>> 0)${index === 0 ? '' : ` + (${sum} > 4294967295 ? 1 : 0)`}; ${word(index)} = ${sum} | 0`,
      )
      return steps.join('; ')
    }
  }
}

function assertNever(operand: Operand): never {
  throw new Error(`bug in Sluice: no sum over ${operand.carrier}`)
}

function storeText(slot: AccumulatorSlot, argument: Operand): string {
  const word = (offset = 0) => `words[at + ${slot.word + offset}]`
  const double = `doubles[(at + ${slot.word}) >> 1]`
  switch (argument.carrier) {
    case 'int32':
      return `${word()} = ${argument.value}`
    case 'float64':
      return `${double} = ${argument.value}`
    case 'int64':
      return `${word()} = ${argument.low}; ${word(1)} = ${argument.high}`
    case 'timestamp':
      return `${double} = ${argument.millis}${argument.nanos === '0' ? '' : `; ${word(2)} = ${argument.nanos}`}`
    case 'bytes':
      return `${word()} = table.keep(${argument.data}, ${argument.start}, ${argument.length}); ${word(1)} = ${argument.length}`
    case 'value':
      return assertNever(argument)
  }
}

/** A comparison with NaN is FALSE, so the first of NaN and the rest stays: what Java's `<` does in Flink's MIN and MAX. */
function beatsText(code: RowCode, slot: AccumulatorSlot, argument: Operand, kind: 'min' | 'max'): string {
  const word = (offset = 0) => `words[at + ${slot.word + offset}]`
  const double = `doubles[(at + ${slot.word}) >> 1]`
  const sign = kind === 'min' ? '<' : '>'
  switch (argument.carrier) {
    case 'int32':
      return `${argument.value} ${sign} ${word()}`
    case 'float64':
      return `${argument.value} ${sign} ${double}`
    case 'int64':
      return `(${argument.high} ${sign} ${word(1)} || (${argument.high} === ${word(1)} && (${argument.low} >>> 0) ${sign} (${word()} >>> 0)))`
    case 'timestamp': {
      const later = `${argument.millis} ${sign} ${double}`
      if (argument.nanos === '0') return later
      return `(${later} || (${argument.millis} === ${double} && ${argument.nanos} ${sign} ${word(2)}))`
    }
    case 'bytes':
      return `${code.constant(compareBytes)}(${argument.data}, ${argument.start}, ${argument.length}, table.arena, ${word()}, ${word(1)}) ${sign} 0`
    case 'value':
      return assertNever(argument)
  }
}

/** Unsigned, byte by byte: Flink's order of strings is that of their UTF-8. */
function compareBytes(
  left: Uint8Array,
  leftStart: number,
  leftLength: number,
  right: Uint8Array,
  rightStart: number,
  rightLength: number,
): number {
  const shared = Math.min(leftLength, rightLength)
  for (let i = 0; i < shared; i++) {
    const difference = left[leftStart + i]! - right[rightStart + i]!
    if (difference !== 0) return difference
  }
  return leftLength - rightLength
}
