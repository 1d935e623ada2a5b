// Offsets that a group has committed, for a group that nobody joins, and offsets of partitions by position or time.
import type { KafkaClient } from './client.ts'

export type TopicPartition = { readonly topic: string; readonly partition: number }

export type CommittedOffset = TopicPartition & {
  /** Undefined: nothing committed. */
  readonly offset: number | undefined
  readonly metadata: string
}

/** In the order of `partitions`. Waits while a transaction that holds offsets of the group is being ended (KIP-447). */
export declare function readCommittedOffsets(
  client: KafkaClient,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<CommittedOffset[]>

export type OffsetPosition = 'earliest' | 'latest' | { readonly timestampMs: number }

/** In the order of `partitions`; a time after the last record gives the end. 'latest' is the last stable offset when reading committed. */
export declare function listOffsets(
  client: KafkaClient,
  partitions: readonly TopicPartition[],
  position: OffsetPosition,
  isolation?: 'read_committed' | 'read_uncommitted',
): Promise<number[]>
