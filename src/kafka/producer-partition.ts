// The records on their way to one partition: the batch being filled, full ones, and those in flight, in the order of their
// sequence numbers. sender.ts moves them on.
import { RecordBatchWriter } from './record-batch-writer.ts'
import type { RecordHeader } from './record-slices.ts'

export type SentBatch = {
  readonly writer: RecordBatchWriter
  readonly bytes: Uint8Array
  readonly sequence: number
  readonly count: number
}

/** What a partition needs of its producer. */
export type PartitionOwner = {
  readonly writers: WriterPool
  /** Throws if no record may be appended now. */
  checkAppend(): void
  onBatchFull(): void
}

/** A partition to write to; get it once from the producer, append often. */
export class ProducerPartition {
  readonly topic: string
  readonly partition: number
  /** Full batches that have no sequence number yet. */
  readonly full: RecordBatchWriter[] = []
  readonly inFlight: SentBatch[] = []
  /** Refused batches: to be sent again, before all others, when nothing is in flight. */
  readonly again: SentBatch[] = []
  nextSequence = 0
  mutedUntil = 0
  failures = 0
  failingSince = 0
  /**
   * The leader has acknowledged a batch of this producer id. Before, it takes any sequence number as the first: were the first
   * batch refused and the second accepted, the first could never be written.
   */
  isKnown = false
  /** Part of the transaction already (version 1). */
  isAdded = false
  private readonly owner: PartitionOwner
  private filling: RecordBatchWriter | undefined

  constructor(topic: string, partition: number, owner: PartitionOwner) {
    this.topic = topic
    this.partition = partition
    this.owner = owner
  }

  /**
   * Copies the bytes, allocates nothing per record, never waits. `key` or `value` null: there is none. Throws the JobError that
   * broke the producer.
   */
  append(
    timestampMs: number,
    key: Uint8Array | null,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array | null,
    valueStart: number,
    valueEnd: number,
    headers?: readonly RecordHeader[],
  ): void {
    let writer = this.filling
    if (writer === undefined || !writer.fits(keyEnd - keyStart, valueEnd - valueStart, headers)) {
      this.owner.checkAppend()
      this.closeBatch()
      if (writer !== undefined) this.owner.onBatchFull()
      writer = this.owner.writers.take()
      this.filling = writer
    }
    writer.append(timestampMs, key, keyStart, keyEnd, value, valueStart, valueEnd, headers)
  }

  /** The batch being filled counts as full from here on. */
  closeBatch(): void {
    const writer = this.filling
    if (writer === undefined || writer.count === 0) return
    this.full.push(writer)
    this.owner.writers.pendingBytes += writer.byteLength
    this.filling = undefined
  }

  /** Forgets what has no sequence number yet. */
  dropUnsent(): void {
    this.closeBatch()
    for (const writer of this.full) this.owner.writers.release(writer)
    this.full.length = 0
  }

  /** Forgets everything: the next record has sequence number 0. */
  reset(): void {
    this.dropUnsent()
    this.inFlight.length = 0
    this.again.length = 0
    this.restartSequence()
    this.isKnown = false
    this.mutedUntil = 0
    this.failures = 0
    this.isAdded = false
  }

  restartSequence(): void {
    this.nextSequence = 0
  }

  get isIdle(): boolean {
    return this.full.length === 0 && this.inFlight.length === 0 && this.again.length === 0
  }
}

/** Batch buffers are used again once their records are acknowledged. */
export class WriterPool {
  /** Of full batches that are not acknowledged. */
  pendingBytes = 0
  private readonly batchBytes: number
  private readonly free: RecordBatchWriter[] = []

  constructor(batchBytes: number) {
    this.batchBytes = batchBytes
  }

  take(): RecordBatchWriter {
    return this.free.pop() ?? new RecordBatchWriter(this.batchBytes)
  }

  release(writer: RecordBatchWriter): void {
    this.pendingBytes -= writer.byteLength
    writer.reset()
    this.free.push(writer)
  }
}
