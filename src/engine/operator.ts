// What an operator is. Operators are small: state, snapshots and counters belong to the job and are handed in.
import type { Batch } from './batch.ts'
import type { EngineCounters } from './engine-counters.ts'
import type { StateStore } from './state/state-store.ts'

/**
 * The next step of a dataflow. Calls come one at a time, in the order of the stream.
 * Both calls finish their work before they return; neither keeps a reference to the batch.
 */
export type Output = {
  /** Rows. */
  process(batch: Batch): void
  /** The watermark rose to `watermark`; it never falls and is never announced twice. */
  advance(watermark: number): void
}

/** An operator with one input is an `Output` itself; one with several gives an `Output` for each. */
export type Operator = Output

export type OperatorContext = {
  readonly operatorId: string
  readonly next: Output
  readonly state: StateStore
  readonly counters: EngineCounters
}
