// Aggregation over tumbling windows: one table of keys for each open window, folded by a generated kernel, sent on in the
// order of windows when the watermark reaches a window's last millisecond.
import { JobError } from '../../diagnostics/job-error.ts'
import type { PlanOf } from '../../plan/plan.ts'
import type { Column } from '../../types/column.ts'
import { carrierOf } from '../../types/column.ts'
import { type Batch, batchOf, createColumns, MIN_WATERMARK } from '../batch.ts'
import { type AccumulatorLayout, layoutAccumulators } from '../kernels/accumulators.ts'
import { finishCall } from '../kernels/finish.ts'
import { compileFold, type FoldKernel, type FoldState } from '../kernels/fold.ts'
import { isPlainKey, KeyReader } from '../kernels/key-code.ts'
import type { EvaluationSettings } from '../kernels/row-code.ts'
import type { Operator, OperatorContext } from '../operator.ts'
import { type ByteTable, slotLayout } from '../state/byte-table.ts'
import { PaneStore } from '../state/pane-store.ts'
import { type WindowTime, windowTime } from '../window-time.ts'

/** Rows of one output batch. */
const EMIT_ROWS = 4096

export type TumblePlan = PlanOf<'aggregate'> & {
  readonly window: Extract<NonNullable<PlanOf<'aggregate'>['window']>, { readonly kind: 'tumble' }>
}

export class WindowAggregateOperator implements Operator {
  readonly #plan: TumblePlan
  readonly #context: OperatorContext
  readonly #layout: AccumulatorLayout
  readonly #panes: PaneStore
  readonly #fold: FoldKernel
  readonly #state: FoldState
  readonly #keyReader: KeyReader
  readonly #sizeMs: number
  readonly #time: WindowTime
  #watermark = MIN_WATERMARK
  #out: Column[] | undefined

  /** Arguments and filters of the plan's calls must be columns of its input. */
  constructor(plan: TumblePlan, context: OperatorContext, settings: EvaluationSettings) {
    this.#plan = plan
    this.#context = context
    this.#layout = layoutAccumulators(plan.calls)
    this.#sizeMs = plan.window.sizeMs
    const input = plan.input.schema
    const keyTypes = plan.keys.map((key) => input[key]!.type)
    this.#keyReader = new KeyReader(isPlainKey(keyTypes, keyTypes.map(carrierOf)))
    this.#panes = new PaneStore(
      shapeOf(plan, this.#layout, settings.timeZone),
      slotLayout(this.#layout.words),
      context.state.seed,
    )
    context.state.add(context.operatorId, this.#panes)
    this.#time = windowTime(input[plan.window.timeColumn]!.type, settings.timeZone)
    this.#fold = compileFold(
      {
        keys: plan.keys,
        timeColumn: plan.window.timeColumn,
        sizeMs: this.#sizeMs,
        offsetMs: plan.window.offsetMs,
        time: this.#time,
      },
      this.#layout,
      input.map((field) => field.type),
      settings,
    )
    this.#state = {
      panes: this.#panes,
      table: undefined,
      startMs: 0,
      endMs: MIN_WATERMARK,
      closeMs: MIN_WATERMARK,
      late: 0,
      withoutTime: 0,
    }
  }

  process(batch: Batch): void {
    const state = this.#state
    state.late = 0
    state.withoutTime = 0
    this.#fold(batch.columns, batch, batch.watermarks, this.#watermark, state)
    this.#context.counters.recordsLate += state.late
    this.#context.counters.recordsNullTime += state.withoutTime
    if (state.withoutTime > 0 && this.#plan.window.style === 'tvf') this.#refuseNullTime()
  }

  advance(watermark: number): void {
    this.#watermark = watermark
    for (const start of this.#panes.startsDue((start) => this.#time.lastInstant(start + this.#sizeMs) <= watermark)) {
      this.#emit(start, this.#panes.get(start)!)
      this.#panes.close(start)
      this.#state.table = undefined
      this.#state.endMs = MIN_WATERMARK
    }
    this.#context.next.advance(watermark)
  }

  #emit(startMs: number, table: ByteTable): void {
    for (let from = 0; from < table.count; from += EMIT_ROWS) {
      const count = Math.min(EMIT_ROWS, table.count - from)
      this.#out ??= createColumns(this.#plan.schema, EMIT_ROWS)
      const out = this.#out
      const keys = this.#plan.keys.length
      this.#keyReader.read(table, from, count, out.slice(0, keys))
      this.#layout.calls.forEach((call, index) => {
        finishCall(call, table, from, count, out[keys + index]!)
      })
      this.#writeProperties(startMs, count, out.slice(keys + this.#plan.calls.length))
      this.#context.next.process(batchOf(out, count))
    }
  }

  #writeProperties(startMs: number, count: number, out: readonly Column[]): void {
    const endMs = startMs + this.#sizeMs
    this.#plan.window.properties.forEach((property, index) => {
      const column = out[index] as Column & { carrier: 'timestamp' }
      const millis = property === 'start' ? startMs : property === 'end' ? endMs : this.#time.lastInstant(endMs)
      column.millis.fill(millis, 0, count)
    })
  }

  #refuseNullTime(): never {
    const { timeColumn } = this.#plan.window
    throw new JobError(
      'RUN401',
      `column \`${this.#plan.input.schema[timeColumn]!.name}\` is NULL in a row that a window needs its time of`,
      {
        origin: 'user',
        retry: 'never',
        operatorId: this.#plan.id,
        hint: 'Drop such rows before the window: WHERE the column IS NOT NULL.',
      },
    )
  }
}

/** Equal shapes mean that saved panes can be gone on with. */
function shapeOf(plan: TumblePlan, layout: AccumulatorLayout, timeZone: string): string {
  const input = plan.input.schema
  const { properties: _, style: __, timeColumn, ...window } = plan.window
  const zone = input[timeColumn]!.type.kind === 'TIMESTAMP_LTZ' ? timeZone : 'UTC'
  const accumulators = layout.slots.map(({ accumulator, word, presence }) => ({ ...accumulator, word, presence }))
  return JSON.stringify(['panes 1', zone, window, plan.keys.map((key) => input[key]!.type), accumulators])
}
