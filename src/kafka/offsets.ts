// Offsets that a group has committed, for a group that nobody joins, and offsets of partitions by position or time.
import { JobError } from '../diagnostics/job-error.ts'
import { retrying } from './backoff.ts'
import type { KafkaClient } from './client.ts'
import type { Connection } from './connection.ts'
import { BrokerError, isTransient, throwIfError } from './kafka-error.ts'
import { offsetFetch } from './protocol/messages/group-offsets.ts'
import { listOffsets as listOffsetsApi } from './protocol/messages/offsets.ts'

export type TopicPartition = { readonly topic: string; readonly partition: number }

export type CommittedOffset = TopicPartition & {
  /** Undefined: nothing committed. */
  readonly offset: number | undefined
  readonly metadata: string
}

export type OffsetToCommit = {
  readonly topic: string
  readonly partition: number
  /** Of the next record to be read. */
  readonly offset: number
  readonly metadata?: string
}

export type OffsetPosition = 'earliest' | 'latest' | { readonly timestampMs: number }

const TIMEOUT_MS = 60_000
const LATEST = -1
const EARLIEST = -2

/** In the order of `partitions`. Waits while a transaction that holds offsets of the group is being ended (KIP-447). */
export function readCommittedOffsets(
  client: KafkaClient,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<CommittedOffset[]> {
  return retrying(`read the offsets of group \`${groupId}\``, TIMEOUT_MS, async () => {
    const connection = await client.connectToCoordinator('group', groupId)
    try {
      return await fetchCommitted(connection, groupId, partitions)
    } catch (error) {
      client.forgetCoordinator('group', groupId)
      throw error
    }
  })
}

async function fetchCommitted(
  connection: Connection,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<CommittedOffset[]> {
  // Version 10 replaces topic names by ids; 7 is the first with requireStable, which everything here rests on.
  if ((connection.versionOf(offsetFetch) ?? 0) < 7) {
    throw new JobError('RUN107', 'the broker cannot tell stable offsets from others (KIP-447)', {
      origin: 'user',
      retry: 'never',
    })
  }
  const topics = byTopic(partitions).map(([name, indexes]) => ({ name, partitionIndexes: indexes }))
  const answer = await connection.send(
    offsetFetch,
    { groupId, topics, groups: [{ groupId, topics }], requireStable: true },
    { maxVersion: 9 },
  )
  const group = answer.groups[0] ?? answer
  throwIfError(group.errorCode)
  return partitions.map(({ topic, partition }) => {
    const entry = group.topics
      .find((candidate) => candidate.name === topic)
      ?.partitions.find((candidate) => candidate.partitionIndex === partition)
    throwIfError(entry?.errorCode ?? 0)
    const offset = entry === undefined || entry.committedOffset < 0 ? undefined : entry.committedOffset
    return { topic, partition, offset, metadata: entry?.metadata ?? '' }
  })
}

/** In the order of `partitions`; a time after the last record gives the end. 'latest' is the last stable offset when reading committed. */
export async function listOffsets(
  client: KafkaClient,
  partitions: readonly TopicPartition[],
  position: OffsetPosition,
  isolation: 'read_committed' | 'read_uncommitted' = 'read_committed',
): Promise<number[]> {
  const timestamp = position === 'latest' ? LATEST : position === 'earliest' ? EARLIEST : position.timestampMs
  const found = await retrying(
    'find the offsets of partitions',
    TIMEOUT_MS,
    () => askLeaders(client, partitions, timestamp, isolation),
    isTransient,
  )
  const unknown = partitions.filter((_, index) => found[index] === -1)
  if (unknown.length === 0 || timestamp === LATEST) return found
  const ends = await listOffsets(client, unknown, 'latest', isolation)
  return found.map((offset, index) => (offset === -1 ? (ends[unknown.indexOf(partitions[index]!)] as number) : offset))
}

async function askLeaders(
  client: KafkaClient,
  partitions: readonly TopicPartition[],
  timestamp: number,
  isolation: 'read_committed' | 'read_uncommitted',
): Promise<number[]> {
  const perBroker = new Map<Connection, number[]>()
  for (const [index, { topic, partition }] of partitions.entries()) {
    const connection = await client.connectToLeader(topic, partition)
    perBroker.set(connection, [...(perBroker.get(connection) ?? []), index])
  }
  const offsets: number[] = new Array(partitions.length).fill(-1)
  for (const [connection, indexes] of perBroker) {
    const asked = indexes.map((index) => partitions[index] as TopicPartition)
    const answer = await connection.send(listOffsetsApi, {
      replicaId: -1,
      isolationLevel: isolation === 'read_committed' ? 1 : 0,
      topics: byTopic(asked).map(([name, numbers]) => ({
        name,
        partitions: numbers.map((partitionIndex) => ({ partitionIndex, timestamp })),
      })),
      timeoutMs: 10_000,
    })
    for (const index of indexes) {
      const { topic, partition } = partitions[index] as TopicPartition
      const entry = answer.topics
        .find((candidate) => candidate.name === topic)
        ?.partitions.find((candidate) => candidate.partitionIndex === partition)
      const code = entry?.errorCode ?? 0
      if (code !== 0) {
        await client.refreshLeaders([topic])
        throw new BrokerError(code, `partition ${partition} of topic \`${topic}\``)
      }
      offsets[index] = entry?.offset ?? -1
    }
  }
  return offsets
}

/** Topics in the order of their first partition. */
export function byTopic(partitions: readonly TopicPartition[]): [string, number[]][] {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of partitions) {
    const numbers = topics.get(topic)
    if (numbers === undefined) topics.set(topic, [partition])
    else numbers.push(partition)
  }
  return [...topics]
}
