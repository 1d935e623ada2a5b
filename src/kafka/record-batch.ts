// Reads record batches (magic 2) from the bytes of a fetch. Filled columns: record-slices.ts; writing: record-batch-writer.ts.
import type { RecordHeader, RecordSlices } from './record-slices.ts'

/** Bytes that are not the record batches they should be. `offset` is the batch's, or the next expected one. */
export class CorruptRecordBatch extends Error {
  override readonly name = 'CorruptRecordBatch'
  readonly offset: number
  constructor(offset: number, reason: string) {
    super(reason)
    this.offset = offset
  }
}

export type AbortedTransaction = { readonly producerId: number; readonly firstOffset: number }

export type ParseOptions = {
  /** Records before it are left out: a fetch from the middle of a batch brings the whole batch. */
  readonly fromOffset: number
  /** Reading committed: what the broker listed with these bytes. Absent: aborted records are kept. */
  readonly abortedTransactions?: readonly AbortedTransaction[]
  /** Batches at or after it are left out, complete or not. */
  readonly endOffset?: number
  /** Of one batch. Default 64 MiB. */
  readonly maxDecompressedBytes?: number
}

/**
 * Replaces what is in `into`. Control batches and aborted records are left out. A last batch that is cut short is ignored.
 * Returns the offset after the last whole batch (`fromOffset` if there is none). Throws CorruptRecordBatch.
 */
export declare function parseRecordBatches(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: RecordSlices,
  options: ParseOptions,
): number

/** The headers of one record. */
export declare function headersAt(slices: RecordSlices, index: number): RecordHeader[]
