// For tests: runs plans made by hand over rows made by hand, whole, cut into batches, and killed and restored between them.
import type { AggregateCall, Expression } from '../plan/expression.ts'
import type { Plan, PlanOf } from '../plan/plan.ts'
import type { Field, LogicalType } from '../types/logical-type.ts'
import type { Value } from '../types/value.ts'
import { batchOf, createColumns } from './batch.ts'
import { readValue, writeValue } from './column-values.ts'
import { createDataflow, type Dataflow } from './dataflow.ts'
import { createEngineCounters, type EngineCounters } from './engine-counters.ts'
import { StateStore } from './state/state-store.ts'

export type Row = readonly Value[]

export const span = { start: 0, end: 0 }
export const STRING: LogicalType = { kind: 'VARCHAR', length: 2147483647, nullable: true }
export const INT: LogicalType = { kind: 'INTEGER', nullable: true }
export const BIGINT: LogicalType = { kind: 'BIGINT', nullable: true }
export const DOUBLE: LogicalType = { kind: 'DOUBLE', nullable: true }
export const BOOLEAN: LogicalType = { kind: 'BOOLEAN', nullable: true }
export const TIME: LogicalType = { kind: 'TIMESTAMP_LTZ', precision: 3, nullable: true, timeAttribute: 'rowtime' }
const BOUND: LogicalType = { kind: 'TIMESTAMP', precision: 3, nullable: false }

export function scan(schema: readonly Field[]): PlanOf<'scan'> {
  return { kind: 'scan', id: 'scan', table: 't', schema, changelog: 'append', span }
}

export function column(input: Plan, name: string): Expression {
  const index = input.schema.findIndex((field) => field.name === name)
  return { kind: 'column', index, type: input.schema[index]!.type, span }
}

export function call(name: string, type: LogicalType, ...args: Expression[]): Expression {
  return { kind: 'call', function: name, arguments: args, type, span }
}

export function literal(value: Value, type: LogicalType): Expression {
  return { kind: 'literal', value, type: { ...type, nullable: value === null }, span }
}

/** WATERMARK FOR column AS column - delayMs. */
export function watermark(input: Plan, name: string, delayMs: number, idleAfterMs?: number): PlanOf<'watermark'> {
  const time = column(input, name)
  const delay = literal(BigInt(delayMs), { kind: 'INTERVAL', unit: 'DAY_TIME', nullable: false })
  const expression = call('-', time.type, time, delay)
  const index = input.schema.findIndex((field) => field.name === name)
  const idle = idleAfterMs === undefined ? {} : { idleAfterMs }
  return {
    kind: 'watermark',
    id: 'wm',
    input,
    column: index,
    expression,
    schema: input.schema,
    changelog: 'append',
    span,
    ...idle,
  }
}

export function tumble(
  input: Plan,
  time: string,
  sizeMs: number,
  keys: readonly string[],
  calls: readonly AggregateCall[],
  style: 'group' | 'tvf' = 'group',
): PlanOf<'aggregate'> {
  const indexOf = (name: string) => input.schema.findIndex((field) => field.name === name)
  const schema = [
    ...keys.map((key) => input.schema[indexOf(key)]!),
    ...calls.map((each, index) => ({ name: `a${index}`, type: each.type })),
    { name: 'window_start', type: BOUND },
    { name: 'window_end', type: BOUND },
  ]
  return {
    kind: 'aggregate',
    id: 'agg',
    input,
    keys: keys.map(indexOf),
    calls,
    window: { kind: 'tumble', timeColumn: indexOf(time), offsetMs: 0, sizeMs, properties: ['start', 'end'], style },
    schema,
    changelog: 'append',
    span,
  }
}

export function aggregate(name: string, type: LogicalType, ...args: Expression[]): AggregateCall {
  return { function: name, arguments: args, distinct: false, type, span }
}

export const at = (millis: number): Value => ({ millis, nanos: 0 })

/** A plan that runs: rows in by partition, rows out. */
export class DataflowHarness {
  readonly plan: Plan
  readonly state: StateStore
  readonly counters: EngineCounters = createEngineCounters()
  readonly dataflow: Dataflow
  output: Row[] = []

  constructor(plan: Plan, partitions = 1, seed = 1, timeZone = 'UTC') {
    this.plan = plan
    this.state = new StateStore(seed)
    const sink: Plan = {
      kind: 'sink',
      id: 'sink',
      table: 'out',
      input: plan,
      schema: plan.schema,
      changelog: 'append',
      accepts: 'append',
      primaryKey: [],
      span,
    }
    this.dataflow = createDataflow([sink], {
      state: this.state,
      counters: this.counters,
      timeZone,
      now: () => Number.NaN,
      random: () => Number.NaN,
      sinkOutput: () => ({
        process: (batch) => {
          for (let j = 0; j < batch.count; j++) {
            const row = batch.selection?.[j] ?? j
            this.output.push(batch.columns.map((each) => readValue(each, row)))
          }
        },
        advance: () => undefined,
      }),
    })
    this.scan.setPartitions(partitions)
  }

  get scan() {
    return this.dataflow.scans[0]!
  }

  push(rows: readonly Row[], partition = 0): void {
    const columns = createColumns(this.scan.schema, rows.length)
    rows.forEach((row, index) => {
      row.forEach((value, position) => {
        writeValue(columns[position]!, index, value)
      })
    })
    this.scan.push(batchOf(columns, rows.length, partition))
  }

  end(): Row[] {
    this.scan.end()
    return this.output
  }

  /** Another process with the state of this one, and the rows it has given. */
  killAndRestore(seed: number): DataflowHarness {
    const next = new DataflowHarness(this.plan, 1, seed)
    next.state.restore(this.state.snapshot())
    next.output = this.output
    Object.assign(next.counters, this.counters)
    return next
  }
}
