// InitProducerId, AddPartitionsToTxn, AddOffsetsToTxn, TxnOffsetCommit, EndTxn.
import { errorCode, type KafkaErrorName } from '../../../kafka/protocol/errors.ts'
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  txnOffsetCommit,
} from '../../../kafka/protocol/messages/transactions.ts'
import { groupOf } from './groups.ts'
import { given, handler, type Node } from './request.ts'

/** KIP-890: EndTxn v5 answers with the next epoch, TxnOffsetCommit v5 adds its group by itself. */
const transactionsV2 = 5
/** Version 6 is for two-phase commits of foreign coordinators (KIP-939), which are not offered. */
const lastInitProducerId = 5

/** Clients of old versions do not know the error PRODUCER_FENCED (KIP-588). */
function fenced(error: KafkaErrorName, version: number, knownFrom: number): number {
  return errorCode[error === 'PRODUCER_FENCED' && version < knownFrom ? 'INVALID_PRODUCER_EPOCH' : error]
}

export const initProducerIdHandler = handler(
  initProducerId,
  async (node, { version, body }) => {
    const { transactionalId, transactionTimeoutMs, producerId, producerEpoch: epoch } = body
    const expected = producerId >= 0 && epoch >= 0 ? { producerId, epoch } : undefined
    const result = await node.transactions.initProducerId(transactionalId, transactionTimeoutMs, expected)
    if (typeof result === 'string') return { errorCode: fenced(result, version, 4), producerEpoch: -1 }
    return { errorCode: 0, producerId: result.producerId, producerEpoch: result.epoch }
  },
  lastInitProducerId,
)

type TopicPartitions = readonly { readonly name: string; readonly partitions: readonly number[] }[]

export const addPartitionsToTxnHandler = handler(addPartitionsToTxn, (node, { version, body }) => {
  const transactions =
    version >= 4
      ? body.transactions
      : [
          {
            transactionalId: body.v3AndBelowTransactionalId,
            producerId: body.v3AndBelowProducerId,
            producerEpoch: body.v3AndBelowProducerEpoch,
            verifyOnly: false,
            topics: body.v3AndBelowTopics,
          },
        ]
  const results = transactions.map(({ transactionalId, producerId, producerEpoch: epoch, verifyOnly, topics }) => {
    const producer = { producerId, epoch }
    const unknown = topics.some(({ name, partitions }) => partitions.some((p) => !node.topics.partition(name, p)))
    if (unknown) return { transactionalId, topicResults: refusedBecauseUnknown(node, topics) }
    const all = topics.flatMap(({ name, partitions }) => partitions.map((p) => [name, p] as const))
    const error = verifyOnly
      ? all.map(([name, p]) => node.transactions.checkProduce(transactionalId, producer, name, p, false)).find(Boolean)
      : node.transactions.addPartitions(transactionalId, producer, all)
    const code = error === undefined ? 0 : fenced(error, version, 2)
    return { transactionalId, topicResults: topicResults(topics, () => code) }
  })
  return version >= 4 ? { resultsByTransaction: results } : { resultsByTopicV3AndBelow: results[0]!.topicResults }
})

function topicResults(topics: TopicPartitions, code: (name: string, partition: number) => number) {
  return topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((p) => ({ partitionIndex: p, partitionErrorCode: code(name, p) })),
  }))
}

/** All or nothing: the known partitions were not tried. */
function refusedBecauseUnknown(node: Node, topics: TopicPartitions) {
  const { OPERATION_NOT_ATTEMPTED, UNKNOWN_TOPIC_OR_PARTITION } = errorCode
  return topicResults(topics, (name, p) =>
    node.topics.partition(name, p) ? OPERATION_NOT_ATTEMPTED : UNKNOWN_TOPIC_OR_PARTITION,
  )
}

export const addOffsetsToTxnHandler = handler(addOffsetsToTxn, (node, { version, body }) => {
  const { transactionalId, producerId, producerEpoch: epoch, groupId } = body
  const error = node.transactions.addOffsets(transactionalId, { producerId, epoch }, groupId)
  return { errorCode: error === undefined ? 0 : fenced(error, version, 2) }
})

export const txnOffsetCommitHandler = handler(txnOffsetCommit, (node, { version, body }) => {
  const { transactionalId, producerId, producerEpoch: epoch, groupId } = body
  const speaker = { memberId: body.memberId, instanceId: given(body.groupInstanceId), generation: body.generationId }
  const known = body.topics.flatMap(({ name, partitions }) =>
    partitions
      .filter((p) => node.topics.partition(name, p.partitionIndex) !== undefined)
      .map((p) => ({
        topic: name,
        partition: p.partitionIndex,
        offset: p.committedOffset,
        leaderEpoch: p.committedLeaderEpoch,
        metadata: p.committedMetadata ?? '',
      })),
  )
  const adds = version >= transactionsV2
  const error =
    groupOf(node, groupId).commitMistake(speaker, true) ??
    node.transactions.commitOffsets(transactionalId, { producerId, epoch }, groupId, known, adds)
  const code = error === undefined ? 0 : fenced(error, version, Number.POSITIVE_INFINITY)
  return {
    topics: body.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => {
        const exists = node.topics.partition(name, partitionIndex) !== undefined
        return { partitionIndex, errorCode: exists ? code : errorCode.UNKNOWN_TOPIC_OR_PARTITION }
      }),
    })),
  }
})

export const endTxnHandler = handler(endTxn, async (node, { version, body }) => {
  const { transactionalId, producerId, producerEpoch: epoch, committed } = body
  const bumps = version >= transactionsV2
  const result = await node.transactions.end(transactionalId, { producerId, epoch }, committed, bumps)
  if (typeof result === 'string') return { errorCode: fenced(result, version, 2) }
  return { errorCode: 0, producerId: result.producerId, producerEpoch: result.epoch }
})
