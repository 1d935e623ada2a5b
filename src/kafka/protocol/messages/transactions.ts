// Idempotence and transactions (KIP-98, KIP-447, KIP-890).
import { defineApi } from '../api.ts'
import { array, arrayOf, bool, int16, int32, int64, string } from '../codec.ts'

export const initProducerId = defineApi({
  name: 'InitProducerId',
  key: 22,
  versions: '0-6',
  flexible: '2+',
  request: {
    transactionalId: string('0+', { nullable: '0+' }),
    transactionTimeoutMs: int32('0+'),
    producerId: int64('3+', { default: -1 }),
    producerEpoch: int16('3+', { default: -1 }),
    enable2Pc: bool('6+'),
    keepPreparedTxn: bool('6+'),
  },
  response: {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    producerId: int64('0+', { default: -1 }),
    producerEpoch: int16('0+'),
    ongoingTxnProducerId: int64('6+', { default: -1 }),
    ongoingTxnProducerEpoch: int16('6+', { default: -1 }),
  },
})

export const addPartitionsToTxn = defineApi({
  name: 'AddPartitionsToTxn',
  key: 24,
  versions: '0-5',
  flexible: '3+',
  request: {
    transactions: array('4+', {
      transactionalId: string('4+'),
      producerId: int64('4+'),
      producerEpoch: int16('4+'),
      verifyOnly: bool('4+'),
      topics: array('4+', {
        name: string('0+'),
        partitions: arrayOf('int32', '0+'),
      }),
    }),
    v3AndBelowTransactionalId: string('0-3'),
    v3AndBelowProducerId: int64('0-3'),
    v3AndBelowProducerEpoch: int16('0-3'),
    v3AndBelowTopics: array('0-3', {
      name: string('0+'),
      partitions: arrayOf('int32', '0+'),
    }),
  },
  response: {
    throttleTimeMs: int32('0+'),
    errorCode: int16('4+'),
    resultsByTransaction: array('4+', {
      transactionalId: string('4+'),
      topicResults: array('4+', {
        name: string('0+'),
        resultsByPartition: array('0+', {
          partitionIndex: int32('0+'),
          partitionErrorCode: int16('0+'),
        }),
      }),
    }),
    resultsByTopicV3AndBelow: array('0-3', {
      name: string('0+'),
      resultsByPartition: array('0+', {
        partitionIndex: int32('0+'),
        partitionErrorCode: int16('0+'),
      }),
    }),
  },
})

export const addOffsetsToTxn = defineApi({
  name: 'AddOffsetsToTxn',
  key: 25,
  versions: '0-4',
  flexible: '3+',
  request: {
    transactionalId: string('0+'),
    producerId: int64('0+'),
    producerEpoch: int16('0+'),
    groupId: string('0+'),
  },
  response: {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
  },
})

export const endTxn = defineApi({
  name: 'EndTxn',
  key: 26,
  versions: '0-5',
  flexible: '3+',
  request: {
    transactionalId: string('0+'),
    producerId: int64('0+'),
    producerEpoch: int16('0+'),
    committed: bool('0+'),
  },
  response: {
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    producerId: int64('5+', { default: -1 }),
    producerEpoch: int16('5+', { default: -1 }),
  },
})

export const txnOffsetCommit = defineApi({
  name: 'TxnOffsetCommit',
  key: 28,
  versions: '0-5',
  flexible: '3+',
  request: {
    transactionalId: string('0+'),
    groupId: string('0+'),
    producerId: int64('0+'),
    producerEpoch: int16('0+'),
    generationId: int32('3+', { default: -1 }),
    memberId: string('3+'),
    groupInstanceId: string('3+', { nullable: '3+', default: null }),
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        committedOffset: int64('0+'),
        committedLeaderEpoch: int32('2+', { default: -1 }),
        committedMetadata: string('0+', { nullable: '0+' }),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32('0+'),
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        errorCode: int16('0+'),
      }),
    }),
  },
})
