// A batch: rows as columns, on their way from one operator to the next. Who makes a batch owns its memory; it is valid
// only until the call that handed it over returns.
import { type Column, createColumn } from '../types/column.ts'
import type { Field } from '../types/logical-type.ts'

/** Flink's row kinds as the bytes of `Batch.rowKinds`. */
export const ROW_KIND = { insert: 0, updateBefore: 1, updateAfter: 2, delete: 3 } as const

/** Before any row; after the last row of a bounded input. */
export const MIN_WATERMARK = Number.NEGATIVE_INFINITY
export const MAX_WATERMARK = Number.POSITIVE_INFINITY

export type Batch = {
  readonly columns: readonly Column[]
  /** Live rows: all of `0..count-1`, or the first `count` entries of `selection`. */
  readonly count: number
  /** Rows of the columns that are live, in rising order; undefined: every row below `count`. */
  readonly selection: Int32Array | undefined
  /** Row kind by row of the columns; undefined: all are inserts. */
  readonly rowKinds: Uint8Array | undefined
  /**
   * By row of the columns, the watermark just before that row came, so that a result never depends on where a batch was
   * cut. Undefined: the watermark of the last `advance` holds for all rows.
   */
  readonly watermarks: Float64Array | undefined
  /** The partition of the scan that the rows came from; 0 behind the watermark. */
  readonly partition: number
}

/** A batch of inserts over whole columns. */
export function batchOf(columns: readonly Column[], count: number, partition = 0): Batch {
  return { columns, count, selection: undefined, rowKinds: undefined, watermarks: undefined, partition }
}

export function createColumns(schema: readonly Field[], capacity: number): Column[] {
  return schema.map((field) => createColumn(field.type, capacity))
}

/** One more than the highest row that is live: what a kernel that works on whole columns must cover. */
export function rowsOf(batch: Batch): number {
  if (batch.selection === undefined || batch.count === 0) return batch.count
  return batch.selection[batch.count - 1]! + 1
}
