// A producer's talk with the transaction coordinator: producer ids, what belongs to a transaction, and its end. Version 1 names
// each partition beforehand; version 2 (KIP-890) leaves that to Produce and TxnOffsetCommit and gives each transaction an epoch.
import { JobError } from '../diagnostics/job-error.ts'
import { retrying } from './backoff.ts'
import type { CoordinatorKind, KafkaClient } from './client.ts'
import type { Connection } from './connection.ts'
import { BrokerError, ConnectionLost, isTransient, throwIfError } from './kafka-error.ts'
import { byTopic, type OffsetToCommit, type TopicPartition } from './offsets.ts'
import { errorCode } from './protocol/errors.ts'
import { produce } from './protocol/messages/produce.ts'
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  txnOffsetCommit,
} from './protocol/messages/transactions.ts'

export type ProducerSession = {
  readonly producerId: number
  readonly producerEpoch: number
  /** KIP-890 on broker and client. */
  readonly usesV2: boolean
}

const TIMEOUT_MS = 60_000
const V2_FEATURE_LEVEL = 2
const FIRST_V2 = { produce: 12, endTxn: 5, txnOffsetCommit: 5 }

/** The request may have had its effect or have it later: only the committed offsets can tell. Never to be sent again blindly. */
export function isIndefinite(error: unknown): boolean {
  return (
    (error instanceof ConnectionLost && error.sent) ||
    (error instanceof BrokerError && error.errorName === 'REQUEST_TIMED_OUT')
  )
}

export function unknownOutcome(doing: string, cause: unknown): JobError {
  return new JobError('RUN111', `cannot tell whether Kafka did ${doing}: ${(cause as Error).message}`, {
    origin: 'external',
    retry: 'backoff',
    cause,
  })
}

export class TransactionCoordinator {
  private readonly client: KafkaClient
  private readonly transactionalId: string

  constructor(client: KafkaClient, transactionalId: string) {
    this.client = client
    this.transactionalId = transactionalId
  }

  /** Fences older producers of the same transactional id and ends what they left open. */
  initProducerId(transactionTimeoutMs: number): Promise<ProducerSession> {
    const { client, transactionalId } = this
    // Repeating it is harmless, whatever became of the first: it only raises the epoch again.
    return retrying('get a producer id', TIMEOUT_MS, async () => {
      const connection = await client.connectToCoordinator('transaction', transactionalId)
      try {
        const answer = await connection.send(initProducerId, { transactionalId, transactionTimeoutMs })
        throwIfError(answer.errorCode)
        const { producerId, producerEpoch } = answer
        return { producerId, producerEpoch, usesV2: offersV2(connection) }
      } catch (error) {
        client.forgetCoordinator('transaction', transactionalId)
        throw error
      }
    })
  }

  /**
   * After a broker refused our epoch: whether another producer has it, or just the broker that aborted a transaction which was
   * open for too long (KIP-588). Asked with our own id and epoch, which fences nobody. With transactions of version 1 a broker
   * makes no difference and the answer is always yes.
   */
  async isReplaced(session: ProducerSession, transactionTimeoutMs: number): Promise<boolean> {
    const { client, transactionalId } = this
    const { producerId, producerEpoch } = session
    try {
      await retrying('look for another producer', TIMEOUT_MS, async () => {
        const connection = await client.connectToCoordinator('transaction', transactionalId)
        const answer = await connection.send(initProducerId, {
          transactionalId,
          transactionTimeoutMs,
          producerId,
          producerEpoch,
        })
        throwIfError(answer.errorCode)
      })
      return false
    } catch (error) {
      return (error as JobError).code === 'RUN110'
    }
  }

  /** Version 1 only. */
  addPartitions(session: ProducerSession, partitions: readonly TopicPartition[]): Promise<void> {
    const { transactionalId } = this
    return this.ask('add partitions to a transaction', 'transaction', transactionalId, async (connection) => {
      // From version 4 on the request is for brokers.
      const answer = await connection.send(
        addPartitionsToTxn,
        {
          v3AndBelowTransactionalId: transactionalId,
          v3AndBelowProducerId: session.producerId,
          v3AndBelowProducerEpoch: session.producerEpoch,
          v3AndBelowTopics: byTopic(partitions).map(([name, numbers]) => ({ name, partitions: numbers })),
        },
        { maxVersion: 3 },
      )
      const results = answer.resultsByTopicV3AndBelow.flatMap((topic) => topic.resultsByPartition)
      // Those after a failure are only "not attempted".
      const failed = results.filter((result) => result.partitionErrorCode !== 0)
      const cause =
        failed.find((result) => result.partitionErrorCode !== errorCode.OPERATION_NOT_ATTEMPTED) ?? failed[0]
      throwIfError(cause?.partitionErrorCode ?? 0)
    })
  }

  async sendOffsets(session: ProducerSession, groupId: string, offsets: readonly OffsetToCommit[]): Promise<void> {
    const { transactionalId } = this
    const { producerId, producerEpoch } = session
    if (!session.usesV2) {
      await this.ask('add offsets to a transaction', 'transaction', transactionalId, async (connection) => {
        const answer = await connection.send(addOffsetsToTxn, { transactionalId, producerId, producerEpoch, groupId })
        throwIfError(answer.errorCode)
      })
    }
    await this.ask('write offsets in a transaction', 'group', groupId, async (connection) => {
      const topics = byTopic(offsets).map(([name, numbers]) => ({
        name,
        partitions: numbers.map((number) => {
          const entry = offsets.find((candidate) => candidate.topic === name && candidate.partition === number)
          return {
            partitionIndex: number,
            committedOffset: entry?.offset ?? -1,
            committedMetadata: entry?.metadata ?? '',
          }
        }),
      }))
      const answer = await connection.send(
        txnOffsetCommit,
        { transactionalId, groupId, producerId, producerEpoch, topics },
        session.usesV2 ? {} : { maxVersion: FIRST_V2.txnOffsetCommit - 1 },
      )
      for (const partition of answer.topics.flatMap((topic) => topic.partitions)) throwIfError(partition.errorCode)
    })
  }

  /** The session of the next transaction. */
  async end(session: ProducerSession, committed: boolean): Promise<ProducerSession> {
    const { transactionalId } = this
    const { producerId, producerEpoch, usesV2 } = session
    const doing = committed ? 'commit a transaction' : 'abort a transaction'
    return this.ask(doing, 'transaction', transactionalId, async (connection) => {
      const answer = await connection.send(
        endTxn,
        { transactionalId, producerId, producerEpoch, committed },
        usesV2 ? {} : { maxVersion: FIRST_V2.endTxn - 1 },
      )
      throwIfError(answer.errorCode)
      return usesV2 ? { producerId: answer.producerId, producerEpoch: answer.producerEpoch, usesV2 } : session
    })
  }

  /** Tries again only what was surely not done. */
  private ask<T>(
    doing: string,
    kind: CoordinatorKind,
    key: string,
    send: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    return retrying(
      doing,
      TIMEOUT_MS,
      async () => {
        try {
          return await send(await this.client.connectToCoordinator(kind, key))
        } catch (error) {
          if (isIndefinite(error)) throw unknownOutcome(doing, error)
          if (!(error instanceof BrokerError && error.errorName === 'CONCURRENT_TRANSACTIONS')) {
            this.client.forgetCoordinator(kind, key)
          }
          throw error
        }
      },
      isTransient,
    )
  }
}

function offersV2(connection: Connection): boolean {
  return (
    (connection.features.get('transaction.version') ?? 0) >= V2_FEATURE_LEVEL &&
    (connection.versionOf(produce) ?? 0) >= FIRST_V2.produce &&
    (connection.versionOf(endTxn) ?? 0) >= FIRST_V2.endTxn &&
    (connection.versionOf(txnOffsetCommit) ?? 0) >= FIRST_V2.txnOffsetCommit
  )
}
