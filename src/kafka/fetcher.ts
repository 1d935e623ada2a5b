// Reads assigned partitions from given offsets, without a consumer group. Fetches run ahead of the reader, bounded in bytes.
// Committed offsets are in offsets.ts, parsing in record-batch.ts.
import type { KafkaClient } from './client.ts'
import type { RecordSlices } from './record-slices.ts'

export type FetchPosition = { readonly topic: string; readonly partition: number; readonly offset: number }

export type FetcherOptions = {
  /** Default: read_committed. Records of aborted and of open transactions are then never seen. */
  readonly isolation?: 'read_committed' | 'read_uncommitted'
  /** How many fetched bytes may wait for the reader before fetching stops. Default 32 MiB. */
  readonly maxBufferedBytes?: number
  /** Default 4 MiB. */
  readonly maxBytesPerFetch?: number
  /** Default 1 MiB. */
  readonly maxBytesPerPartition?: number
  /** How long a broker may hold an empty fetch back. Default 250. */
  readonly maxWaitMs?: number
  /** After how long without any answer of a partition's leader the job fails (retry: backoff). Default 60,000. */
  readonly unavailableAfterMs?: number
}

/** Record batches of one partition as the broker sent them. */
export interface FetchedRecords {
  /** Of the partition in the assignment. */
  readonly index: number
  readonly topic: string
  readonly partition: number
  /** Size of the raw record batches. */
  readonly byteLength: number
  /** Offset asked for, and the one that follows; between them may be gaps (markers, compaction, aborted records). */
  readonly fromOffset: number
  readonly nextOffset: number
  readonly highWatermark: number
  /** Replaces what is in `into`; `into.count` may be 0. Throws a JobError on records that are damaged. */
  parse(into: RecordSlices): void
}

/** Where a partition stands. */
export type FetchState = {
  /** Offset after the last record that was fetched (not: taken). */
  readonly fetchedTo: number
  /** End of what may be read, -1 before the first answer: the last stable offset when reading committed, else the high watermark. */
  readonly readableTo: number
  readonly highWatermark: number
}

export interface Fetcher {
  /** Replaces the assignment, drops what is buffered, and begins to fetch. */
  assign(positions: readonly FetchPosition[]): void
  /**
   * The oldest fetched records, of partition `index` of the assignment if named; undefined if there are none yet.
   * Taking frees their room in the buffer. Throws the JobError that ended fetching, once what was fetched before it is taken.
   */
  take(index?: number): FetchedRecords | undefined
  /** Resolves when `take(index)` would not return undefined (or would throw); after `timeoutMs` in any case. */
  ready(timeoutMs: number, index?: number): Promise<void>
  state(index: number): FetchState
  /** Stops fetching a partition; what is buffered of it stays. */
  pause(index: number): void
  resume(index: number): void
  readonly bufferedBytes: number
  close(): Promise<void>
}

export declare function createFetcher(client: KafkaClient, options?: FetcherOptions): Fetcher
