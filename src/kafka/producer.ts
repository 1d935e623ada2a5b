// Writes records: idempotent always, transactional with a transactional id. Batches per partition, several requests in flight.
import type { KafkaClient } from './client.ts'
import type { Compression } from './record-batch-writer.ts'
import type { RecordHeader } from './record-slices.ts'

export type ProducerOptions = {
  /** Stable name of the one writer: a new producer of the same name fences the older one. Absent: no transactions. */
  readonly transactionalId?: string
  /** The broker aborts a transaction that is open for longer. Default 60,000. */
  readonly transactionTimeoutMs?: number
  readonly compression?: Compression
  /** Records of a partition are sent when they fill a batch of this size, or by `flush`. Default 128 KiB. */
  readonly batchBytes?: number
  /** `append` still works above it, but wait for `drained` then. Default 32 MiB. */
  readonly maxBufferedBytes?: number
  /** How long a batch may stay unacknowledged before `flush` fails. Default 30,000. */
  readonly deliveryTimeoutMs?: number
}

/** A partition to write to; get it once, append often. */
export interface ProducerPartition {
  readonly topic: string
  readonly partition: number
  /**
   * Copies the bytes, allocates nothing per record, never waits. `key` or `value` null: there is none.
   * Throws the JobError that broke the producer.
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
  ): void
}

export type OffsetToCommit = {
  readonly topic: string
  readonly partition: number
  /** Of the next record to be read. */
  readonly offset: number
  readonly metadata?: string
}

export interface Producer {
  /**
   * Must be called first, and again after an error that asks for it (RUN111): gets a producer id and, with a transactional
   * id, ends what an earlier producer left open. Read the committed offsets only after it.
   */
  init(): Promise<void>
  partition(topic: string, partition: number): ProducerPartition
  /** Starts a transaction; with a transactional id every append must be inside one. */
  begin(): void
  /** Bytes of records that no broker has acknowledged. */
  readonly bufferedBytes: number
  /** Resolves when `bufferedBytes` is below the limit. */
  drained(): Promise<void>
  /** Sends what is buffered and resolves when all of it is acknowledged. */
  flush(): Promise<void>
  /** Adds input offsets to the transaction, for a group that nobody joins. */
  sendOffsets(groupId: string, offsets: readonly OffsetToCommit[]): Promise<void>
  /** Flushes, then commits. On RUN111 the outcome is unknown: `init`, then read the committed offsets. */
  commit(): Promise<void>
  /** Drops what is buffered and aborts. */
  abort(): Promise<void>
  /** Does not flush. An open transaction stays open until the next producer's `init`. */
  close(): Promise<void>
}

export declare function createProducer(client: KafkaClient, options?: ProducerOptions): Producer
