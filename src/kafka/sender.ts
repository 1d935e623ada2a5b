// Sends full batches to the leaders of their partitions: several requests in flight per broker, in sequence order per partition.
import type { JobError } from '../diagnostics/job-error.ts'
import { pauseMs, UNKNOWN_TOPIC_PATIENCE_MS } from './backoff.ts'
import type { KafkaClient } from './client.ts'
import type { Connection } from './connection.ts'
import { BrokerError, isTransient, toJobError } from './kafka-error.ts'
import type { ProducerPartition, SentBatch, WriterPool } from './producer-partition.ts'
import type { ResponseOf } from './protocol/api.ts'
import { errorCode } from './protocol/errors.ts'
import { produce } from './protocol/messages/produce.ts'
import type { Compression } from './record-batch-writer.ts'
import {
  isIndefinite,
  type ProducerSession,
  type TransactionCoordinator,
  unknownOutcome,
} from './transaction-coordinator.ts'

export type SenderOptions = {
  readonly transactionalId: string | undefined
  readonly compression: Compression
  readonly deliveryTimeoutMs: number
}

/** With more, a broker could not recognise a batch that it already has (it remembers five). */
const REQUESTS_IN_FLIGHT = 5
const MAX_REQUEST_BYTES = 1024 * 1024
/** Version 13 names topics by id only. */
const MAX_PRODUCE_VERSION = 12
const MAX_PRODUCE_VERSION_V1 = 11
const MAX_SEQUENCE = 0x7fffffff

const PURPOSE = 'produce'

type Sending = { readonly partition: ProducerPartition; readonly batch: SentBatch }

export class Sender {
  private readonly client: KafkaClient
  private readonly options: SenderOptions
  private readonly writers: WriterPool
  private readonly coordinator: TransactionCoordinator | undefined
  private readonly partitions: ProducerPartition[] = []
  private readonly requests = new Map<number, number>()
  private readonly waiters: {
    readonly isDone: () => boolean
    readonly resolve: () => void
    readonly reject: (e: Error) => void
  }[] = []
  private readonly connecting = new Set<number>()
  private session: ProducerSession | undefined
  /** Answers of an earlier session are not ours any more. */
  private generation = 0
  private adding = false
  private refreshing = false
  private wakeTimer: NodeJS.Timeout | undefined
  failure: JobError | undefined
  /** Something was sent in this transaction. */
  hasSent = false

  constructor(
    client: KafkaClient,
    writers: WriterPool,
    coordinator: TransactionCoordinator | undefined,
    options: SenderOptions,
  ) {
    this.client = client
    this.writers = writers
    this.coordinator = coordinator
    this.options = options
  }

  add(partition: ProducerPartition): void {
    this.partitions.push(partition)
  }

  /** Begins anew: what was buffered is gone. */
  start(session: ProducerSession | undefined): void {
    this.generation++
    this.session = session
    this.failure = undefined
    this.hasSent = false
    this.adding = false
    this.requests.clear()
    for (const partition of this.partitions) partition.reset()
    this.writers.pendingBytes = 0
  }

  /** After the end of a transaction, when nothing is on its way. With a new epoch, sequence numbers begin at 0. */
  nextTransaction(session: ProducerSession): void {
    const isNew =
      session.producerEpoch !== this.session?.producerEpoch || session.producerId !== this.session.producerId
    this.session = session
    this.hasSent = false
    for (const partition of this.partitions) {
      partition.isAdded = false
      if (isNew) partition.restartSequence()
    }
  }

  stop(failure: JobError): void {
    this.fail(failure)
    clearTimeout(this.wakeTimer)
  }

  fail(error: JobError): void {
    this.failure ??= error
    for (const waiter of this.waiters.splice(0)) waiter.reject(this.failure)
  }

  /** The same failure, better understood. */
  explain(error: JobError): void {
    this.failure = error
  }

  /** Resolves when `isDone`, which is asked after each acknowledgement; rejects with the failure. */
  until(isDone: () => boolean): Promise<void> {
    if (this.failure) return Promise.reject(this.failure)
    if (isDone()) return Promise.resolve()
    return new Promise((resolve, reject) => this.waiters.push({ isDone, resolve, reject }))
  }

  private wakeWaiters(): void {
    for (let i = this.waiters.length - 1; i >= 0; i--) {
      if (this.waiters[i]?.isDone()) this.waiters.splice(i, 1)[0]?.resolve()
    }
  }

  get isIdle(): boolean {
    return this.partitions.every((partition) => partition.isIdle)
  }

  /** Sends what may be sent now; everything that changes the answer calls it again. */
  sendMore(): void {
    if (this.failure || this.session === undefined) return
    clearTimeout(this.wakeTimer)
    while (this.sendRound()) {
      // One request per broker and round.
    }
  }

  private sendRound(): boolean {
    const now = performance.now()
    const perBroker = new Map<number, ProducerPartition[]>()
    const unknown = new Set<string>()
    const toAdd: ProducerPartition[] = []
    let nextWake = Number.POSITIVE_INFINITY
    for (const partition of this.partitions) {
      if (partition.again.length > 0 ? partition.inFlight.length > 0 : partition.full.length === 0) continue
      if (partition.inFlight.length >= (partition.isKnown ? REQUESTS_IN_FLIGHT : 1)) continue
      if (partition.mutedUntil > now) {
        nextWake = Math.min(nextWake, partition.mutedUntil)
        continue
      }
      if (this.coordinator !== undefined && !this.session?.usesV2 && !partition.isAdded) {
        toAdd.push(partition)
        continue
      }
      const leader = this.client.leaderOf(partition.topic, partition.partition)
      if (leader === undefined) {
        unknown.add(partition.topic)
        continue
      }
      if ((this.requests.get(leader.nodeId) ?? 0) >= REQUESTS_IN_FLIGHT) continue
      const sameBroker = perBroker.get(leader.nodeId)
      if (sameBroker === undefined) perBroker.set(leader.nodeId, [partition])
      else sameBroker.push(partition)
    }
    if (toAdd.length > 0) this.addToTransaction(toAdd)
    if (unknown.size > 0) this.refreshLeaders([...unknown])
    if (nextWake < Number.POSITIVE_INFINITY) {
      clearTimeout(this.wakeTimer)
      this.wakeTimer = setTimeout(() => this.sendMore(), Math.max(1, nextWake - now))
    }
    let sent = false
    for (const [nodeId, partitions] of perBroker) {
      const connection = this.client.connectionTo(nodeId, PURPOSE)
      if (connection === undefined) this.connect(nodeId, partitions)
      else {
        this.sendTo(nodeId, connection, partitions)
        sent = true
      }
    }
    return sent
  }

  private connect(nodeId: number, partitions: readonly ProducerPartition[]): void {
    if (this.connecting.has(nodeId)) return
    this.connecting.add(nodeId)
    const { generation } = this
    this.client
      .connectTo(nodeId, PURPOSE)
      .then(
        () => {},
        (error: unknown) => {
          if (generation !== this.generation) return
          for (const partition of partitions) this.retryLater(partition, error)
          this.refreshLeaders([...new Set(partitions.map((partition) => partition.topic))])
        },
      )
      .finally(() => {
        this.connecting.delete(nodeId)
        this.sendMore()
      })
  }

  private sendTo(nodeId: number, connection: Connection, partitions: readonly ProducerPartition[]): void {
    const sendings: Sending[] = []
    let size = 0
    for (const partition of partitions) {
      if (size >= MAX_REQUEST_BYTES) break
      const batch = partition.again.shift() ?? this.sealNext(partition)
      partition.inFlight.push(batch)
      sendings.push({ partition, batch })
      size += batch.bytes.length
    }
    this.hasSent = true
    this.requests.set(nodeId, (this.requests.get(nodeId) ?? 0) + 1)
    const { generation } = this
    this.request(connection, sendings).then(
      (answer) => {
        if (generation !== this.generation) return
        this.requests.set(nodeId, (this.requests.get(nodeId) as number) - 1)
        this.accept(sendings, answer)
        this.wakeWaiters()
        this.sendMore()
      },
      (error: unknown) => {
        if (generation !== this.generation) return
        this.requests.set(nodeId, (this.requests.get(nodeId) as number) - 1)
        if (this.coordinator !== undefined && isIndefinite(error)) {
          this.fail(unknownOutcome('write records in a transaction', error))
          return
        }
        for (const { partition, batch } of sendings) this.sendAgain(partition, batch, error)
        this.refreshLeaders([...new Set(sendings.map(({ partition }) => partition.topic))])
      },
    )
  }

  private sealNext(partition: ProducerPartition): SentBatch {
    const writer = partition.full.shift()!
    const { producerId, producerEpoch } = this.session!
    const sequence = partition.nextSequence
    const next = sequence + writer.count
    partition.nextSequence = next > MAX_SEQUENCE ? next - MAX_SEQUENCE - 1 : next
    const bytes = writer.seal({
      compression: this.options.compression,
      producerId,
      producerEpoch,
      baseSequence: sequence,
      isTransactional: this.coordinator !== undefined,
    })
    return { writer, bytes, sequence, count: writer.count }
  }

  private request(connection: Connection, sendings: readonly Sending[]): Promise<ResponseOf<typeof produce>> {
    const topics = new Map<string, { index: number; records: Uint8Array }[]>()
    for (const { partition, batch } of sendings) {
      const entry = { index: partition.partition, records: batch.bytes }
      const others = topics.get(partition.topic)
      if (others === undefined) topics.set(partition.topic, [entry])
      else others.push(entry)
    }
    const isV1 = this.coordinator !== undefined && !this.session?.usesV2
    return connection.send(
      produce,
      {
        transactionalId: this.options.transactionalId ?? null,
        acks: -1,
        timeoutMs: this.options.deliveryTimeoutMs,
        topicData: [...topics].map(([name, partitionData]) => ({ name, partitionData })),
      },
      { maxVersion: isV1 ? MAX_PRODUCE_VERSION_V1 : MAX_PRODUCE_VERSION },
    )
  }

  private accept(sendings: readonly Sending[], answer: ResponseOf<typeof produce>): void {
    const stale = new Set<string>()
    for (const { partition, batch } of sendings) {
      const result = answer.responses
        .find((topic) => topic.name === partition.topic)
        ?.partitionResponses.find((candidate) => candidate.index === partition.partition)
      const code = result?.errorCode ?? errorCode.UNKNOWN_SERVER_ERROR
      if (code === 0 || code === errorCode.DUPLICATE_SEQUENCE_NUMBER) {
        this.acknowledge(partition, batch)
        continue
      }
      const error = new BrokerError(code, result?.errorMessage)
      // A batch that follows a refused one is out of order; it goes again behind it.
      const followsRefused = code === errorCode.OUT_OF_ORDER_SEQUENCE_NUMBER && partition.again.length > 0
      if (this.coordinator !== undefined && isIndefinite(error)) {
        this.fail(unknownOutcome('write records in a transaction', error))
      } else if (followsRefused) this.putBack(partition, batch)
      else {
        this.sendAgain(partition, batch, error)
        if (code !== errorCode.CONCURRENT_TRANSACTIONS) stale.add(partition.topic)
      }
    }
    if (stale.size > 0) this.refreshLeaders([...stale])
  }

  private acknowledge(partition: ProducerPartition, batch: SentBatch): void {
    partition.inFlight.splice(partition.inFlight.indexOf(batch), 1)
    partition.failures = 0
    partition.isKnown = true
    this.writers.release(batch.writer)
  }

  private putBack(partition: ProducerPartition, batch: SentBatch): void {
    partition.inFlight.splice(partition.inFlight.indexOf(batch), 1)
    partition.again.push(batch)
    // Sequence numbers wrap, but batches in flight lie close together.
    partition.again.sort((a, b) => (a.sequence - b.sequence) | 0)
  }

  private sendAgain(partition: ProducerPartition, batch: SentBatch, error: unknown): void {
    this.putBack(partition, batch)
    this.retryLater(partition, error)
  }

  private retryLater(partition: ProducerPartition, error: unknown): void {
    const doing = `write to partition ${partition.partition} of topic \`${partition.topic}\``
    if (!isTransient(error)) {
      this.fail(toJobError(error, doing))
      return
    }
    const now = performance.now()
    if (partition.failures++ === 0) partition.failingSince = now
    const isUnknownTopic = error instanceof BrokerError && error.errorName === 'UNKNOWN_TOPIC_OR_PARTITION'
    const patience = isUnknownTopic && !partition.isKnown ? UNKNOWN_TOPIC_PATIENCE_MS : this.options.deliveryTimeoutMs
    if (now - partition.failingSince > patience) this.fail(toJobError(error, doing))
    else partition.mutedUntil = now + pauseMs(partition.failures - 1)
  }

  private addToTransaction(partitions: readonly ProducerPartition[]): void {
    if (this.adding) return
    this.adding = true
    const { generation } = this
    this.hasSent = true
    this.coordinator!.addPartitions(this.session!, partitions).then(
      () => {
        if (generation !== this.generation) return
        this.adding = false
        for (const partition of partitions) partition.isAdded = true
        this.sendMore()
      },
      (error: JobError) => {
        if (generation === this.generation) this.fail(error)
      },
    )
  }

  private refreshLeaders(topics: readonly string[]): void {
    if (this.refreshing) return
    this.refreshing = true
    const retry = (error: unknown) => {
      const now = performance.now()
      for (const partition of this.partitions) {
        if (topics.includes(partition.topic) && !partition.isIdle && partition.mutedUntil <= now) {
          this.retryLater(partition, error)
        }
      }
    }
    this.client
      .refreshLeaders(topics)
      .then(() => {
        const lost = this.partitions.find(
          (entry) => topics.includes(entry.topic) && this.client.leaderOf(entry.topic, entry.partition) === undefined,
        )
        if (lost) retry(this.client.missingLeader(lost.topic, lost.partition))
      }, retry)
      .finally(() => {
        this.refreshing = false
        this.sendMore()
      })
  }
}
