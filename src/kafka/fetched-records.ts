// What one fetch brought of one partition: record batches as the broker sent them, parsed when the reader is ready for them.
import { JobError } from '../diagnostics/job-error.ts'
import { BatchHeader, CorruptRecordBatch } from './batch-header.ts'
import type { FrameLease } from './frame-pool.ts'
import { type AbortedTransaction, parseRecordBatches } from './record-batch.ts'
import type { RecordSlices } from './record-slices.ts'

const header = new BatchHeader()

export class FetchedRecords {
  /** Of the partition in the assignment. */
  readonly index: number
  readonly topic: string
  readonly partition: number
  /** Offset asked for, and the one that follows; between them may be gaps (markers, compaction, aborted records). */
  readonly fromOffset: number
  readonly nextOffset: number
  readonly highWatermark: number
  private readonly bytes: Uint8Array
  private readonly endOffset: number
  private readonly abortedTransactions: readonly AbortedTransaction[] | undefined
  private lease: FrameLease | undefined

  /** `abortedTransactions` undefined: aborted records are kept. Throws a JobError if the batches are damaged. */
  constructor(
    source: { readonly index: number; readonly topic: string; readonly partition: number },
    fetched: {
      readonly bytes: Uint8Array
      readonly fromOffset: number
      readonly highWatermark: number
      readonly endOffset: number
      readonly abortedTransactions: readonly AbortedTransaction[] | undefined
      readonly lease: FrameLease
    },
  ) {
    this.index = source.index
    this.topic = source.topic
    this.partition = source.partition
    this.bytes = fetched.bytes
    this.fromOffset = fetched.fromOffset
    this.highWatermark = fetched.highWatermark
    this.endOffset = fetched.endOffset
    this.abortedTransactions = fetched.abortedTransactions
    this.lease = fetched.lease
    this.lease.hold()
    this.nextOffset = this.guarded(() => this.offsetAfter())
  }

  /** Size of the raw record batches. */
  get byteLength(): number {
    return this.bytes.length
  }

  private offsetAfter(): number {
    const { bytes } = this
    let next = this.fromOffset
    for (let at = 0; at < bytes.length && header.read(bytes, at, bytes.length, next); at = header.end) {
      if (header.baseOffset >= this.endOffset) break
      next = Math.max(next, header.lastOffset + 1)
    }
    return next
  }

  /** Replaces what is in `into`; `into.count` may be 0. Throws a JobError if the batches are damaged. */
  parse(into: RecordSlices): void {
    const { fromOffset, endOffset, abortedTransactions } = this
    this.guarded(() =>
      parseRecordBatches(this.bytes, 0, this.bytes.length, into, {
        fromOffset,
        endOffset,
        ...(abortedTransactions && { abortedTransactions }),
      }),
    )
  }

  /**
   * Lets a later fetch write over these bytes: nothing parsed from them may be used afterwards. Not needed for correctness, but
   * without it every fetch allocates its megabytes anew.
   */
  release(): void {
    this.lease?.release()
    this.lease = undefined
  }

  private guarded<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof CorruptRecordBatch)) throw error
      throw new JobError(
        'RUN105',
        `cannot read partition ${this.partition} of topic \`${this.topic}\` at offset ${error.offset}: ${error.message}`,
        {
          origin: 'external',
          retry: 'never',
          hint: `Start the job after offset ${error.offset} of this partition to leave the batch out.`,
          cause: error,
        },
      )
    }
  }
}
