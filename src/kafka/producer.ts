// Writes records: idempotent always, transactional with a transactional id. Batches per partition, several requests in flight.
import { assert } from '../diagnostics/assert.ts'
import { JobError } from '../diagnostics/job-error.ts'
import { retrying } from './backoff.ts'
import type { KafkaClient } from './client.ts'
import { throwIfError, toJobError } from './kafka-error.ts'
import type { OffsetToCommit } from './offsets.ts'
import { ProducerPartition, WriterPool } from './producer-partition.ts'
import { initProducerId } from './protocol/messages/transactions.ts'
import type { Compression } from './record-batch-writer.ts'
import { Sender } from './sender.ts'
import { type ProducerSession, TransactionCoordinator } from './transaction-coordinator.ts'

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

const DEFAULT_TRANSACTION_TIMEOUT_MS = 60_000
const DEFAULT_BATCH_BYTES = 128 * 1024
const DEFAULT_MAX_BUFFERED_BYTES = 32 * 1024 * 1024
const DEFAULT_DELIVERY_TIMEOUT_MS = 30_000
const INIT_TIMEOUT_MS = 60_000

export function createProducer(client: KafkaClient, options: ProducerOptions = {}): Producer {
  return new Producer(client, options)
}

/**
 * After an error of `flush`, `sendOffsets`, `commit` or `abort` nothing more can be written: call `init` again (what was not
 * committed is then gone) or `close`.
 */
export class Producer {
  private readonly client: KafkaClient
  private readonly options: ProducerOptions
  /** For the partitions. */
  readonly writers: WriterPool
  private readonly coordinator: TransactionCoordinator | undefined
  private readonly sender: Sender
  private readonly partitions = new Map<string, ProducerPartition>()
  private session: ProducerSession | undefined
  private inTransaction = false
  private isExplained = false

  constructor(client: KafkaClient, options: ProducerOptions) {
    this.client = client
    this.options = options
    this.writers = new WriterPool(options.batchBytes ?? DEFAULT_BATCH_BYTES)
    this.coordinator =
      options.transactionalId === undefined ? undefined : new TransactionCoordinator(client, options.transactionalId)
    this.sender = new Sender(client, this.writers, this.coordinator, {
      transactionalId: options.transactionalId,
      compression: options.compression ?? 'none',
      deliveryTimeoutMs: options.deliveryTimeoutMs ?? DEFAULT_DELIVERY_TIMEOUT_MS,
    })
  }

  /**
   * Must be called first, and again after an error that asks for it (RUN111): gets a producer id and, with a transactional
   * id, ends what an earlier producer left open. Read the committed offsets only after it.
   */
  async init(): Promise<void> {
    this.inTransaction = false
    this.isExplained = false
    this.sender.start(undefined)
    this.session =
      this.coordinator === undefined
        ? await this.initIdempotent()
        : await this.coordinator.initProducerId(this.options.transactionTimeoutMs ?? DEFAULT_TRANSACTION_TIMEOUT_MS)
    this.sender.start(this.session)
  }

  private initIdempotent(): Promise<ProducerSession> {
    return retrying('get a producer id', INIT_TIMEOUT_MS, async () => {
      const connection = await this.client.connectToAny()
      const answer = await connection.send(initProducerId, { transactionalId: null, transactionTimeoutMs: 0 })
      throwIfError(answer.errorCode)
      return { producerId: answer.producerId, producerEpoch: answer.producerEpoch, usesV2: false }
    })
  }

  partition(topic: string, partition: number): ProducerPartition {
    const key = `${partition} ${topic}`
    let found = this.partitions.get(key)
    if (found === undefined) {
      found = new ProducerPartition(topic, partition, this)
      this.partitions.set(key, found)
      this.sender.add(found)
    }
    return found
  }

  /** Set: nothing can be written until the next `init`. */
  get failure(): JobError | undefined {
    return this.sender.failure
  }

  /** For the partitions. */
  checkAppend(): void {
    // Whether another copy runs is found out by the calls that wait; until then a record more does no harm.
    if (this.failure && (this.failure.code !== 'RUN110' || this.isExplained)) throw this.failure
    assert(this.session !== undefined, 'a producer appends before its init')
    assert(
      this.inTransaction || this.coordinator === undefined,
      'a transactional producer appends outside a transaction',
    )
  }

  /** For the partitions. */
  onBatchFull(): void {
    this.sender.sendMore()
  }

  /** Starts a transaction; with a transactional id every append must be inside one. */
  begin(): void {
    assert(this.coordinator !== undefined, 'begin needs a transactional id')
    if (this.failure) throw this.failure
    assert(!this.inTransaction, 'a transaction is already open')
    this.inTransaction = true
  }

  /** Bytes of full batches that no broker has acknowledged; the batches being filled are not in it. */
  get bufferedBytes(): number {
    return this.writers.pendingBytes
  }

  /** Resolves when `bufferedBytes` is below the limit. */
  drained(): Promise<void> {
    const limit = this.options.maxBufferedBytes ?? DEFAULT_MAX_BUFFERED_BYTES
    return this.orFail('write records', () => this.sender.until(() => this.writers.pendingBytes <= limit))
  }

  /** Sends what is buffered and resolves when all of it is acknowledged. */
  flush(): Promise<void> {
    for (const partition of this.partitions.values()) partition.closeBatch()
    this.sender.sendMore()
    return this.orFail('write records', () => this.sender.until(() => this.sender.isIdle))
  }

  /** Adds input offsets to the transaction, for a group that nobody joins. */
  async sendOffsets(groupId: string, offsets: readonly OffsetToCommit[]): Promise<void> {
    const { coordinator, session } = this.openTransaction()
    this.sender.hasSent = true
    await this.orFail('write offsets in a transaction', () => coordinator.sendOffsets(session, groupId, offsets))
  }

  /** Flushes, then commits. On RUN111 the outcome is unknown: `init`, then read the committed offsets. */
  async commit(): Promise<void> {
    await this.flush()
    await this.end(true)
  }

  /** Drops what is buffered and aborts. */
  async abort(): Promise<void> {
    for (const partition of this.partitions.values()) partition.dropUnsent()
    // What has a sequence number must arrive, or the numbers of the next transaction would have a gap before them.
    await this.orFail('write records', () => this.sender.until(() => this.sender.isIdle))
    await this.end(false)
  }

  private async end(committed: boolean): Promise<void> {
    const { coordinator, session } = this.openTransaction()
    if (this.sender.hasSent) {
      const doing = committed ? 'commit a transaction' : 'abort a transaction'
      this.session = await this.orFail(doing, () => coordinator.end(session, committed))
      this.sender.nextTransaction(this.session)
    }
    this.inTransaction = false
  }

  private openTransaction(): { coordinator: TransactionCoordinator; session: ProducerSession } {
    const { coordinator, session } = this
    if (this.failure) throw this.failure
    assert(coordinator !== undefined && session !== undefined && this.inTransaction, 'no transaction is open')
    return { coordinator, session }
  }

  private async orFail<T>(doing: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      this.sender.fail(toJobError(error, doing))
      throw await this.explainFailure(this.sender.failure as JobError)
    }
  }

  private async explainFailure(failure: JobError): Promise<JobError> {
    const { coordinator, session } = this
    if (failure.code !== 'RUN110' || this.isExplained || coordinator === undefined || session === undefined)
      return failure
    const timeoutMs = this.options.transactionTimeoutMs ?? DEFAULT_TRANSACTION_TIMEOUT_MS
    const isReplaced = await coordinator.isReplaced(session, timeoutMs)
    this.isExplained = true
    if (isReplaced) return failure
    const explained = new JobError(
      'RUN111',
      `Kafka aborted the transaction, which was open for longer than ${timeoutMs} ms or lost its coordinator`,
      { origin: 'external', retry: 'backoff', cause: failure },
    )
    this.sender.explain(explained)
    return explained
  }

  /** Does not flush. An open transaction stays open until the next producer's `init`. */
  async close(): Promise<void> {
    const failure = new JobError('RUN106', 'the producer is closed', { origin: 'internal', retry: 'never' })
    this.sender.stop(failure)
  }
}
