// Parsed records as columns of numbers: where each record's bytes lie in one buffer. No object per record; one RecordSlices
// is reused for chunk after chunk. record-batch.ts fills it.
import { ByteArena } from './compression/byte-arena.ts'

/** Caller must be done with the slices before the next parse into the same object: arrays and `data` are reused. */
export class RecordSlices {
  /** The buffer that all starts point into. */
  data: Uint8Array = new Uint8Array(0)
  count = 0
  offsets = new Float64Array(0)
  /** Milliseconds: the producer's, or the broker's on topics with LogAppendTime. */
  timestamps = new Float64Array(0)
  keyStarts = new Int32Array(0)
  /** -1: no key. */
  keyLengths = new Int32Array(0)
  valueStarts = new Int32Array(0)
  /** -1: no value, a tombstone. */
  valueLengths = new Int32Array(0)
  /** The encoded headers without their count; `headersAt` decodes them. */
  headerStarts = new Int32Array(0)
  headerEnds = new Int32Array(0)
  headerCounts = new Int32Array(0)
  /** Record batches that contributed: `batchEnds[i]` is the index after the last record of batch i. Filtered batches have no entry. */
  batchCount = 0
  batchEnds = new Int32Array(0)
  /** Holds decompressed batches; `data` is its buffer then. */
  readonly arena = new ByteArena()

  clear(): void {
    this.count = 0
    this.batchCount = 0
  }

  /** Room for `count` records in all; growing keeps what is there. */
  reserve(count: number): void {
    if (count <= this.offsets.length) return
    const size = Math.max(count, this.offsets.length * 2, 1024)
    this.offsets = grown(this.offsets, new Float64Array(size))
    this.timestamps = grown(this.timestamps, new Float64Array(size))
    this.keyStarts = grown(this.keyStarts, new Int32Array(size))
    this.keyLengths = grown(this.keyLengths, new Int32Array(size))
    this.valueStarts = grown(this.valueStarts, new Int32Array(size))
    this.valueLengths = grown(this.valueLengths, new Int32Array(size))
    this.headerStarts = grown(this.headerStarts, new Int32Array(size))
    this.headerEnds = grown(this.headerEnds, new Int32Array(size))
    this.headerCounts = grown(this.headerCounts, new Int32Array(size))
  }

  endBatch(): void {
    if (this.batchCount === this.batchEnds.length) {
      this.batchEnds = grown(this.batchEnds, new Int32Array(Math.max(64, this.batchCount * 2)))
    }
    this.batchEnds[this.batchCount++] = this.count
  }
}

function grown<A extends Float64Array | Int32Array>(from: A, to: A): A {
  to.set(from)
  return to
}

export type RecordHeader = { readonly key: string; readonly value: Uint8Array | null }
