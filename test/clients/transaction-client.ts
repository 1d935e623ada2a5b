// A transactional producer whose every request is a test's own decision: order, version, identity, repetition.
import { setTimeout as pause } from 'node:timers/promises'
import { BatchHeader } from '../../src/kafka/batch-header.ts'
import { errorName } from '../../src/kafka/protocol/errors.ts'
import { fetch } from '../../src/kafka/protocol/messages/fetch.ts'
import { findCoordinator } from '../../src/kafka/protocol/messages/group-membership.ts'
import { offsetFetch } from '../../src/kafka/protocol/messages/group-offsets.ts'
import { produce } from '../../src/kafka/protocol/messages/produce.ts'
import { createTopics } from '../../src/kafka/protocol/messages/topics.ts'
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  txnOffsetCommit,
} from '../../src/kafka/protocol/messages/transactions.ts'
import { makeBatch, WireClient } from './wire-client.ts'

export type Producer = { readonly producerId: number; readonly producerEpoch: number }

/** What a broker answers while it is busy with something before: clients ask again. */
const passing: readonly string[] = [
  'CONCURRENT_TRANSACTIONS',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'LEADER_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'NOT_LEADER_OR_FOLLOWER',
  'UNKNOWN_TOPIC_OR_PARTITION',
]
const patienceMs = 15_000

/** Each call resolves to the error's name, or to what the answer is about. */
export class TransactionClient {
  readonly wire: WireClient
  readonly topic: string
  readonly group: string
  /** Version 1 of transactions adds partitions first; version 2 adds by producing. */
  version: 1 | 2 = 2

  private constructor(wire: WireClient, topic: string, group: string) {
    this.wire = wire
    this.topic = topic
    this.group = group
  }

  /** The topic has two partitions; it is made here unless it exists. */
  static async open(port: number, topic: string, group: string): Promise<TransactionClient> {
    const client = new TransactionClient(await WireClient.open(port), topic, group)
    const topics = [{ name: topic, numPartitions: 2, replicationFactor: 1 }]
    await client.wire.ask(createTopics, 4, { topics, timeoutMs: 10_000 })
    for (const [key, keyType] of [
      [topic, 1],
      [group, 0],
    ] as const) {
      const asked = { keyType, coordinatorKeys: [key] }
      await settled(async () => {
        const answer = await client.wire.ask(findCoordinator, 4, asked)
        return errorName(answer.coordinators[0]!.errorCode)
      })
    }
    for (const partition of [0, 1]) await settled(async () => (await client.#fetch(partition)).error)
    return client
  }

  async init(transactionalId: string, producer?: Producer, transactionTimeoutMs = 60_000): Promise<Producer> {
    let identity: Producer | undefined
    const result = await settled(async () => {
      const answer = await this.wire.ask(initProducerId, 5, { transactionalId, transactionTimeoutMs, ...producer })
      identity = { producerId: answer.producerId, producerEpoch: answer.producerEpoch }
      return errorName(answer.errorCode)
    })
    if (result !== 'NONE') throw new Error(result)
    return identity!
  }

  addPartition(transactionalId: string, producer: Producer, partition: number): Promise<string> {
    return settled(async () => {
      const answer = await this.wire.ask(addPartitionsToTxn, 3, {
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: producer.producerId,
        v3AndBelowProducerEpoch: producer.producerEpoch,
        v3AndBelowTopics: [{ name: this.topic, partitions: [partition] }],
      })
      return errorName(answer.resultsByTopicV3AndBelow[0]!.resultsByPartition[0]!.partitionErrorCode)
    })
  }

  produce(transactionalId: string, producer: Producer, sequence: number, partition = 0): Promise<string> {
    const { producerId, producerEpoch: epoch } = producer
    return settled(async () => {
      const records = makeBatch([`${epoch}/${sequence}`], { producerId, epoch, sequence, transactional: true })
      const answer = await this.wire.ask(produce, this.version === 1 ? 11 : 12, {
        transactionalId,
        acks: -1,
        timeoutMs: 1000,
        topicData: [{ name: this.topic, partitionData: [{ index: partition, records }] }],
      })
      return errorName(answer.responses[0]!.partitionResponses[0]!.errorCode)
    })
  }

  addGroup(transactionalId: string, producer: Producer): Promise<string> {
    return settled(async () => {
      const answer = await this.wire.ask(addOffsetsToTxn, 3, { transactionalId, ...producer, groupId: this.group })
      return errorName(answer.errorCode)
    })
  }

  /** For partition 1. */
  commitOffset(transactionalId: string, producer: Producer, committedOffset: number): Promise<string> {
    return settled(async () => {
      const answer = await this.wire.ask(txnOffsetCommit, this.version === 1 ? 3 : 5, {
        transactionalId,
        groupId: this.group,
        ...producer,
        topics: [{ name: this.topic, partitions: [{ partitionIndex: 1, committedOffset, committedMetadata: 'm' }] }],
      })
      return errorName(answer.topics[0]!.partitions[0]!.errorCode)
    })
  }

  async end(transactionalId: string, producer: Producer, committed: boolean): Promise<string | Producer> {
    const version = this.version === 1 ? 4 : 5
    let identity: Producer | undefined
    const result = await settled(async () => {
      const answer = await this.wire.ask(endTxn, version, { transactionalId, ...producer, committed })
      identity = { producerId: answer.producerId, producerEpoch: answer.producerEpoch }
      return errorName(answer.errorCode)
    })
    return result === 'NONE' && this.version === 2 ? identity! : result
  }

  /** Of partition 1. */
  async committedOffset(requireStable = false): Promise<number | string> {
    const asked = [{ groupId: this.group, topics: [{ name: this.topic, partitionIndexes: [1] }] }]
    const answer = await this.wire.ask(offsetFetch, 8, { groups: asked, requireStable })
    const partition = answer.groups[0]!.topics[0]!.partitions[0]!
    return partition.errorCode === 0 ? partition.committedOffset : errorName(partition.errorCode)
  }

  /** Log end, last stable offset, and the first offsets of aborted transactions. */
  async state(partition = 0): Promise<{ end: number; stable: number; aborted: number[] }> {
    const { end, stable, aborted } = await this.#fetch(partition)
    return { end, stable, aborted }
  }

  /** `state` as soon as nothing is open: Kafka answers EndTxn before its markers are written. */
  async ended(partition = 0): Promise<{ end: number; aborted: number[] }> {
    const until = Date.now() + patienceMs
    for (;;) {
      const { end, stable } = await this.state(partition)
      // Asked once more: the offsets of an answer may be newer than its records.
      if (end === stable) return { end, aborted: (await this.state(partition)).aborted }
      if (Date.now() > until) throw new Error('the transaction stays open')
      await pause(20)
    }
  }

  /** From the beginning to the last stable offset; a broker may give it in portions. */
  async #fetch(partition: number) {
    const aborted = new Set<number>()
    for (let fetchOffset = 0; ; ) {
      const answer = await this.wire.ask(fetch, 11, {
        maxBytes: 1 << 20,
        isolationLevel: 1,
        sessionEpoch: -1,
        topics: [{ topic: this.topic, partitions: [{ partition, fetchOffset, partitionMaxBytes: 1 << 20 }] }],
      })
      const { errorCode, highWatermark, lastStableOffset, abortedTransactions, records } =
        answer.responses[0]!.partitions[0]!
      for (const { firstOffset } of abortedTransactions ?? []) aborted.add(firstOffset)
      const nextOffset = offsetAfter(records!)
      if (nextOffset === undefined || nextOffset >= lastStableOffset) {
        return { error: errorName(errorCode), end: highWatermark, stable: lastStableOffset, aborted: [...aborted] }
      }
      fetchOffset = nextOffset
    }
  }

  close(): void {
    this.wire.close()
  }
}

function offsetAfter(batches: Uint8Array): number | undefined {
  const header = new BatchHeader()
  let at = 0
  while (header.read(batches, at, batches.length, 0)) at = header.end
  return at === 0 ? undefined : header.lastOffset + 1
}

async function settled(ask: () => Promise<string>): Promise<string> {
  const until = Date.now() + patienceMs
  for (;;) {
    const result = await ask()
    if (!passing.includes(result) || Date.now() > until) return result
    await pause(20)
  }
}
