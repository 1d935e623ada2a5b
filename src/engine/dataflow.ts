// From plans to connected operators. Rows go in at the scans and come out at the sinks, one call after the other: all order,
// and so every result, is decided by who calls.
import { assert } from '../diagnostics/assert.ts'
import type { AggregateCall, Expression } from '../plan/expression.ts'
import type { Plan, PlanOf } from '../plan/plan.ts'
import type { Field } from '../types/logical-type.ts'
import { type Batch, MAX_WATERMARK } from './batch.ts'
import type { EngineCounters } from './engine-counters.ts'
import { compileFilter, compileProjection, compileWatermark } from './kernels/kernel.ts'
import type { EvaluationSettings } from './kernels/row-code.ts'
import type { Output } from './operator.ts'
import { FilterOperator } from './operators/filter.ts'
import { ProjectOperator } from './operators/project.ts'
import { createUnion } from './operators/union.ts'
import { WatermarkOperator } from './operators/watermark.ts'
import { type TumblePlan, WindowAggregateOperator } from './operators/window-aggregate.ts'
import type { StateStore } from './state/state-store.ts'

export type DataflowSettings = EvaluationSettings & {
  readonly state: StateStore
  readonly counters: EngineCounters
  /** Where the rows of an INSERT into `table` go. */
  readonly sinkOutput: (table: string, schema: readonly Field[]) => Output
}

/** An entry of the dataflow: one scan of one table. */
export type ScanInput = {
  readonly table: string
  readonly schema: readonly Field[]
  /** The batch's columns are `schema`, its partition counts among those of the table. */
  push(batch: Batch): void
  /** How many partitions the table has; those without data hold the watermark back. */
  setPartitions(count: number): void
  setIdle(partition: number, idle: boolean): void
  /** No more rows will come: every window closes. */
  end(): void
  /** Absent: nothing about idleness is to be decided. */
  readonly idleAfterMs: number | undefined
  /** The watermark so far, MIN_WATERMARK when there is none. */
  watermark(): number
  /** Lifts the watermark to what it was before the state was lost. Lower values change nothing. */
  raiseWatermark(watermark: number): void
}

export type Dataflow = { readonly scans: readonly ScanInput[] }

/** `plans` passed `unsupported`; each root is a sink. */
export function createDataflow(plans: readonly Plan[], settings: DataflowSettings): Dataflow {
  const builder = new DataflowBuilder(settings)
  for (const plan of plans) {
    assert(plan.kind === 'sink', 'the root of a plan is a sink')
    builder.build(plan.input, settings.sinkOutput(plan.table, plan.input.schema), undefined)
  }
  return { scans: builder.scans }
}

class DataflowBuilder {
  readonly scans: ScanInput[] = []
  readonly #settings: DataflowSettings
  readonly #ids = new Map<string, number>()

  constructor(settings: DataflowSettings) {
    this.#settings = settings
  }

  /** `watermark`: the operator and its plan through which the scans below reach `next`. */
  build(
    plan: Plan,
    next: Output,
    watermark: { operator: WatermarkOperator; plan: PlanOf<'watermark'> } | undefined,
  ): void {
    switch (plan.kind) {
      case 'scan':
        this.scans.push(this.#scan(plan, next, watermark))
        return
      case 'watermark': {
        const kernel = compileWatermark(plan.expression, typesOf(plan.input.schema), this.#settings)
        const operator = new WatermarkOperator(kernel, next)
        this.#settings.state.add(this.#stateId(plan), operator)
        this.build(plan.input, operator, { operator, plan })
        return
      }
      case 'filter': {
        const kernel = compileFilter(plan.predicate, typesOf(plan.input.schema), this.#settings)
        this.build(plan.input, new FilterOperator(kernel, next), watermark)
        return
      }
      case 'project':
        this.build(plan.input, this.#project(plan.expressions, plan.input.schema, next), watermark)
        return
      case 'aggregate':
        this.#aggregate(plan, next)
        return
      case 'union': {
        const inputs = createUnion(plan.inputs.length, next)
        plan.inputs.forEach((input, index) => {
          this.build(input, inputs[index]!, undefined)
        })
        return
      }
      default:
        assert(false, `supports.ts lets only operators that exist pass, not ${plan.kind}`)
    }
  }

  #scan(
    plan: PlanOf<'scan'>,
    next: Output,
    watermark: { operator: WatermarkOperator; plan: PlanOf<'watermark'> } | undefined,
  ): ScanInput {
    const filtered =
      plan.filter === undefined
        ? next
        : new FilterOperator(compileFilter(plan.filter, typesOf(plan.schema), this.#settings), next)
    return {
      table: plan.table,
      schema: plan.schema,
      push: (batch) => filtered.process(batch),
      setPartitions: (count) => watermark?.operator.setPartitions(count),
      setIdle: (partition, idle) => watermark?.operator.setIdle(partition, idle),
      end: () => next.advance(MAX_WATERMARK),
      idleAfterMs: watermark?.plan.idleAfterMs,
      raiseWatermark: (to) => watermark?.operator.raise(to),
      watermark: () => watermark?.operator.current ?? Number.NEGATIVE_INFINITY,
    }
  }

  #project(expressions: readonly Expression[], input: readonly Field[], next: Output): Output {
    const computed = expressions.filter((expression) => expression.kind !== 'column')
    const kernel = compileProjection(computed, typesOf(input), this.#settings)
    return new ProjectOperator(expressions, kernel, next)
  }

  /** Arguments that are no plain columns are computed by a projection in front. */
  #aggregate(plan: PlanOf<'aggregate'>, next: Output): void {
    const { plan: columnar, expressions } = withColumnArguments(plan)
    assert(columnar.window?.kind === 'tumble', 'supports.ts lets only tumbling windows pass')
    const operator = new WindowAggregateOperator(
      columnar as TumblePlan,
      { operatorId: this.#stateId(plan), next, state: this.#settings.state, counters: this.#settings.counters },
      this.#settings,
    )
    const input = plan.input.schema
    const entry = expressions.length === input.length ? operator : this.#project(expressions, input, operator)
    this.build(plan.input, entry, undefined)
  }

  /** Operators of equal text in one pipeline get a number behind their id. */
  #stateId(plan: Plan): string {
    const base = `${plan.kind}:${plan.id}`
    const uses = this.#ids.get(base) ?? 0
    this.#ids.set(base, uses + 1)
    return uses === 0 ? base : `${base}#${uses}`
  }
}

function typesOf(schema: readonly Field[]) {
  return schema.map((field) => field.type)
}

/** The same aggregation over an input that has a column for every argument and filter, and what makes that input. */
function withColumnArguments(plan: PlanOf<'aggregate'>) {
  const schema = [...plan.input.schema]
  const expressions: Expression[] = schema.map((field, index) => ({
    kind: 'column',
    index,
    type: field.type,
    span: plan.span,
  }))
  const toColumn = (expression: Expression): Expression => {
    if (expression.kind === 'column') return expression
    const index = expressions.push(expression) - 1
    schema.push({ name: `$${index}`, type: expression.type })
    return { kind: 'column', index, type: expression.type, span: expression.span }
  }
  const calls = plan.calls.map(
    (call): AggregateCall => ({
      ...call,
      arguments: call.arguments.map(toColumn),
      ...(call.filter === undefined ? {} : { filter: toColumn(call.filter) }),
    }),
  )
  return { plan: { ...plan, calls, input: { ...plan.input, schema } }, expressions }
}
