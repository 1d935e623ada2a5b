// The transaction coordinator: producer ids, epochs and fencing, and the end of a transaction in all its partitions and groups.
//
// The rules are Kafka's: KIP-98, KIP-360 (a producer may ask for its own epoch bump), KIP-890 (transactions v2: partitions are
// added by producing, and every end bumps the epoch, so that a late request of the last transaction cannot enter the next).
//
// A transaction is decided by the journal record that says `preparing`; what follows is repeated after a crash until done. An
// answer is given only when markers and offsets are durable, so a client that has it never sees its transaction undone.
import type { KafkaErrorName } from '../../kafka/protocol/errors.ts'
import type { CommittedOffset, CommittedOffsets } from './committed-offsets.ts'
import type { Change, Journal, JournalValue } from './journal.ts'
import type { PartitionLog } from './partition-log.ts'

type State = 'empty' | 'ongoing' | 'preparing commit' | 'preparing abort' | 'committed' | 'aborted'

/** What the journal keeps of a transactional id. */
type StoredTransaction = {
  readonly state: State
  readonly producerId: number
  readonly epoch: number
  /** The identity before the last bump: a client that missed the answer repeats its request under it. -1: none. */
  readonly lastProducerId: number
  readonly lastEpoch: number
  readonly timeoutMs: number
  readonly startedAt: number
  readonly partitions: readonly (readonly [topic: string, partition: number])[]
  readonly offsets: readonly (readonly [group: string, offsets: readonly CommittedOffset[]])[]
}

type Transaction = {
  readonly id: string
  state: State
  producerId: number
  epoch: number
  lastProducerId: number
  lastEpoch: number
  timeoutMs: number
  startedAt: number
  readonly partitions: Map<string, readonly [topic: string, partition: number]>
  readonly offsets: Map<string, Map<string, CommittedOffset>>
  /** While an end is being carried out. */
  ending: Promise<ProducerIdentity> | undefined
  timer: NodeJS.Timeout | undefined
}

export type ProducerIdentity = { readonly producerId: number; readonly epoch: number }

/** Finds the log of a partition, undefined after its topic was deleted. */
export type FindLog = (topic: string, partition: number) => PartitionLog | undefined

/** Kafka's transaction.max.timeout.ms. */
const maxTimeoutMs = 900_000
/** A producer never gets it, so that a last marker can still carry a higher epoch than the producer. */
const maxEpoch = 32767
const producerIdBlock = 1000
const prefix = 'transaction/'

export class Transactions {
  readonly #journal: Journal
  readonly #committed: CommittedOffsets
  readonly #findLog: FindLog
  readonly #log: (line: string) => void
  readonly #byId = new Map<string, Transaction>()
  #nextProducerId: number
  #producerIdsReserved: number

  constructor(journal: Journal, committed: CommittedOffsets, findLog: FindLog, log: (line: string) => void) {
    this.#journal = journal
    this.#committed = committed
    this.#findLog = findLog
    this.#log = log
    const reserved = journal.get('producerIds')
    this.#nextProducerId = typeof reserved === 'number' ? reserved : 0
    this.#producerIdsReserved = this.#nextProducerId
    for (const [key, value] of journal.entries(prefix)) {
      this.#byId.set(key.slice(prefix.length), restored(key.slice(prefix.length), value as StoredTransaction))
    }
  }

  /** Brings to an end what a crash interrupted; before the first request. */
  async recover(logs: Iterable<PartitionLog>): Promise<void> {
    for (const transaction of this.#byId.values()) {
      if (transaction.state === 'ongoing') this.#startTimer(transaction)
      if (isPreparing(transaction.state)) await this.#carryOut(transaction)
    }
    const ongoing = new Map(
      [...this.#byId.values()].filter((t) => t.state === 'ongoing').map((t) => [t.producerId, t] as const),
    )
    for (const log of logs) {
      for (const { producerId, epoch } of log.producers.openTransactions()) {
        const transaction = ongoing.get(producerId)
        const known = [...(transaction?.partitions.values() ?? [])].some(([t, p]) => this.#findLog(t, p) === log)
        // A power loss may have taken the journal's last records but not the batch: nobody can commit it any more.
        if (!known) log.appendMarker(producerId, epoch, false, Date.now())
      }
    }
  }

  /** `expected` is what the producer believes to be; undefined when it starts. Ends what an older producer left open. */
  async initProducerId(
    id: string | null,
    timeoutMs: number,
    expected: ProducerIdentity | undefined,
  ): Promise<ProducerIdentity | KafkaErrorName> {
    if (id === null) {
      const producerId = this.#allocateProducerId()
      await this.#journal.sync()
      return { producerId, epoch: 0 }
    }
    if (id === '') return 'INVALID_REQUEST'
    if (timeoutMs <= 0 || timeoutMs > maxTimeoutMs) return 'INVALID_TRANSACTION_TIMEOUT'
    for (;;) {
      const transaction = this.#byId.get(id)
      if (transaction === undefined) return this.#register(id, timeoutMs)
      const repeated = expected !== undefined && isLast(transaction, expected)
      if (expected !== undefined && !isCurrent(transaction, expected) && !repeated) return 'PRODUCER_FENCED'
      if (transaction.state === 'ongoing') {
        bumpEpoch(transaction)
        transaction.state = 'preparing abort'
      }
      if (isPreparing(transaction.state)) {
        await this.#carryOut(transaction)
        // Another producer may have come first meanwhile: judge anew.
        continue
      }
      if (!repeated) this.#bump(transaction)
      // A new instance leaves no epoch that an older one could repeat: who asks with it is fenced (KIP-360).
      if (expected === undefined) transaction.lastEpoch = -1
      transaction.timeoutMs = timeoutMs
      transaction.state = 'empty'
      return this.#stored(transaction)
    }
  }

  addPartitions(
    id: string,
    producer: ProducerIdentity,
    partitions: readonly (readonly [topic: string, partition: number])[],
  ): KafkaErrorName | undefined {
    const transaction = this.#find(id, producer)
    if (typeof transaction === 'string') return transaction
    const added = partitions.filter(([topic, partition]) => !transaction.partitions.has(`${topic}/${partition}`))
    for (const [topic, partition] of added) transaction.partitions.set(`${topic}/${partition}`, [topic, partition])
    if (added.length > 0) this.#begun(transaction)
    return undefined
  }

  addOffsets(id: string, producer: ProducerIdentity, group: string): KafkaErrorName | undefined {
    const transaction = this.#find(id, producer)
    if (typeof transaction === 'string') return transaction
    if (!transaction.offsets.has(group)) {
      transaction.offsets.set(group, new Map())
      this.#begun(transaction)
    }
    return undefined
  }

  /** Whether a transactional batch may be appended now. `adds`: producing adds the partition (transactions v2). */
  checkProduce(
    id: string | null,
    producer: ProducerIdentity,
    topic: string,
    partition: number,
    adds: boolean,
  ): KafkaErrorName | undefined {
    if (id === null) return 'INVALID_TXN_STATE'
    if (adds) return produceError(this.addPartitions(id, producer, [[topic, partition]]))
    const transaction = this.#find(id, producer)
    if (typeof transaction === 'string') return produceError(transaction)
    const added = transaction.state === 'ongoing' && transaction.partitions.has(`${topic}/${partition}`)
    return added ? undefined : 'INVALID_TXN_STATE'
  }

  /** The offsets become visible when the transaction commits. `adds`: no AddOffsetsToTxn was needed (transactions v2). */
  commitOffsets(
    id: string,
    producer: ProducerIdentity,
    group: string,
    offsets: readonly CommittedOffset[],
    adds: boolean,
  ): KafkaErrorName | undefined {
    const transaction = this.#find(id, producer)
    if (typeof transaction === 'string') return transaction
    let pending = transaction.offsets.get(group)
    if (pending === undefined) {
      if (!adds) return 'INVALID_TXN_STATE'
      pending = new Map()
      transaction.offsets.set(group, pending)
    }
    for (const offset of offsets) pending.set(`${offset.topic}/${offset.partition}`, offset)
    this.#begun(transaction)
    return undefined
  }

  /** Whether a transaction is open that may still change this group's offset. */
  hasPendingOffset(group: string, topic: string, partition: number): boolean {
    for (const transaction of this.#byId.values()) {
      if (transaction.offsets.get(group)?.has(`${topic}/${partition}`)) return true
    }
    return false
  }

  /** Resolves when the end is durable everywhere. `bumps`: the answer carries the next epoch (transactions v2). */
  async end(
    id: string,
    producer: ProducerIdentity,
    commit: boolean,
    bumps: boolean,
  ): Promise<ProducerIdentity | KafkaErrorName> {
    const transaction = this.#byId.get(id)
    if (transaction === undefined) return 'INVALID_PRODUCER_ID_MAPPING'
    const repeated = bumps && isLast(transaction, producer)
    if (!repeated) {
      const mistake = identityMistake(transaction, producer)
      if (mistake !== undefined) return mistake
    }
    const { state } = transaction
    if (isPreparing(state)) {
      // A failed attempt (a full disk) left the decision standing: the same request carries it on.
      if ((state === 'preparing commit') !== commit) return 'INVALID_TXN_STATE'
      if (transaction.ending !== undefined) return 'CONCURRENT_TRANSACTIONS'
    } else if (state === 'ongoing') {
      // An end of the last transaction that arrives late must not touch this one.
      if (repeated) return 'PRODUCER_FENCED'
      if (bumps) bumpEpoch(transaction)
      transaction.state = commit ? 'preparing commit' : 'preparing abort'
    } else if (state === (commit ? 'committed' : 'aborted') && (repeated || !bumps)) {
      return identityOf(transaction)
    } else if (!commit && bumps && !repeated) {
      // The producer cannot know whether its first batch arrived; aborting nothing still fences that batch.
      this.#bump(transaction)
      transaction.state = 'aborted'
      return this.#stored(transaction)
    } else {
      return 'INVALID_TXN_STATE'
    }
    return this.#carryOut(transaction)
  }

  /** A partition that is gone needs no marker. */
  forgetTopic(topic: string): void {
    for (const transaction of this.#byId.values()) {
      for (const [key, [name]] of transaction.partitions) if (name === topic) transaction.partitions.delete(key)
    }
  }

  /** Lets ends that are being carried out finish. */
  async close(): Promise<void> {
    for (const transaction of this.#byId.values()) {
      clearTimeout(transaction.timer)
      await transaction.ending?.catch(() => {})
    }
  }

  /** Carries out the decided end and resolves to the identity that it leaves; callers share one attempt. */
  #carryOut(transaction: Transaction): Promise<ProducerIdentity> {
    clearTimeout(transaction.timer)
    transaction.ending ??= this.#endEverywhere(transaction).finally(() => {
      transaction.ending = undefined
    })
    return transaction.ending
  }

  async #endEverywhere(transaction: Transaction): Promise<ProducerIdentity> {
    const commit = transaction.state === 'preparing commit'
    const logs = [...transaction.partitions.values()].flatMap(([topic, partition]) => {
      const log = this.#findLog(topic, partition)
      return log === undefined ? [] : [log]
    })
    // A decision to commit may not outlive the records that it commits.
    if (commit) await Promise.all(logs.map((log) => log.flush()))
    this.#store(transaction)
    await this.#journal.sync()

    for (const log of logs) log.appendMarker(transaction.producerId, transaction.epoch, commit, Date.now())
    await Promise.all(logs.map((log) => log.flush()))

    const offsets = [...transaction.offsets].map(([group, pending]) => [group, [...pending.values()]] as const)
    const committed = commit ? offsets : []
    const changes = committed.flatMap(([group, list]) => this.#committed.changes(group, list))
    const state = commit ? 'committed' : 'aborted'
    // Not synced: after a power loss the record above leads here again.
    this.#journal.append([
      ...changes,
      storedChange({ ...transaction, state, partitions: new Map(), offsets: new Map() }),
    ])
    for (const [group, list] of committed) this.#committed.apply(group, list)
    transaction.state = state
    transaction.partitions.clear()
    transaction.offsets.clear()
    if (transaction.epoch >= maxEpoch) {
      this.#bump(transaction)
      this.#store(transaction)
    }
    return identityOf(transaction)
  }

  #find(id: string, producer: ProducerIdentity): Transaction | KafkaErrorName {
    const transaction = this.#byId.get(id)
    if (transaction === undefined) return 'INVALID_PRODUCER_ID_MAPPING'
    if (isPreparing(transaction.state)) return 'CONCURRENT_TRANSACTIONS'
    return identityMistake(transaction, producer) ?? transaction
  }

  #begun(transaction: Transaction): void {
    if (transaction.state !== 'ongoing') {
      transaction.state = 'ongoing'
      transaction.startedAt = Date.now()
      this.#startTimer(transaction)
    }
    this.#store(transaction)
  }

  #startTimer(transaction: Transaction): void {
    clearTimeout(transaction.timer)
    const remainingMs = Math.max(0, transaction.startedAt + transaction.timeoutMs - Date.now())
    transaction.timer = setTimeout(() => this.#timeOut(transaction), remainingMs)
    transaction.timer.unref()
  }

  #timeOut(transaction: Transaction): void {
    if (transaction.state !== 'ongoing') return
    this.#log(`aborted the transaction of ${transaction.id}: it was open for more than ${transaction.timeoutMs} ms`)
    bumpEpoch(transaction)
    transaction.state = 'preparing abort'
    this.#carryOut(transaction).catch((error: unknown) => {
      this.#log(`the transaction of ${transaction.id} cannot be aborted yet: ${String(error)}`)
    })
  }

  #register(id: string, timeoutMs: number): Promise<ProducerIdentity> {
    const transaction: Transaction = {
      id,
      state: 'empty',
      producerId: this.#allocateProducerId(),
      epoch: 0,
      lastProducerId: -1,
      lastEpoch: -1,
      timeoutMs,
      startedAt: 0,
      partitions: new Map(),
      offsets: new Map(),
      ending: undefined,
      timer: undefined,
    }
    this.#byId.set(id, transaction)
    return this.#stored(transaction)
  }

  /** To the next epoch, or to a fresh producer id when the epochs are used up. */
  #bump(transaction: Transaction): void {
    if (transaction.epoch + 1 < maxEpoch) {
      bumpEpoch(transaction)
      return
    }
    // The highest epoch is in a marker only: no producer has it, the one before is who may ask again.
    if (transaction.epoch < maxEpoch) {
      transaction.lastProducerId = transaction.producerId
      transaction.lastEpoch = transaction.epoch
    }
    transaction.producerId = this.#allocateProducerId()
    transaction.epoch = 0
  }

  #allocateProducerId(): number {
    if (this.#nextProducerId === this.#producerIdsReserved) {
      this.#producerIdsReserved += producerIdBlock
      this.#journal.append([['producerIds', this.#producerIdsReserved]])
    }
    return this.#nextProducerId++
  }

  /** Resolves, when it is durable, to the identity as it is now: another producer may have the next one by then. */
  async #stored(transaction: Transaction): Promise<ProducerIdentity> {
    const identity = identityOf(transaction)
    this.#store(transaction)
    await this.#journal.sync()
    return identity
  }

  #store(transaction: Transaction): void {
    this.#journal.append([storedChange(transaction)])
  }
}

function bumpEpoch(transaction: Transaction): void {
  transaction.lastProducerId = transaction.producerId
  transaction.lastEpoch = transaction.epoch
  transaction.epoch++
}

function identityOf({ producerId, epoch }: Transaction): ProducerIdentity {
  return { producerId, epoch }
}

function isPreparing(state: State): boolean {
  return state === 'preparing commit' || state === 'preparing abort'
}

function isCurrent(transaction: Transaction, { producerId, epoch }: ProducerIdentity): boolean {
  return transaction.producerId === producerId && transaction.epoch === epoch
}

function isLast(transaction: Transaction, { producerId, epoch }: ProducerIdentity): boolean {
  return transaction.lastProducerId === producerId && transaction.lastEpoch === epoch
}

function identityMistake(transaction: Transaction, producer: ProducerIdentity): KafkaErrorName | undefined {
  if (isCurrent(transaction, producer)) return undefined
  const related = transaction.producerId === producer.producerId || transaction.lastProducerId === producer.producerId
  return related ? 'PRODUCER_FENCED' : 'INVALID_PRODUCER_ID_MAPPING'
}

/** The word for fencing that producers know in answers to Produce. */
function produceError(error: KafkaErrorName | undefined): KafkaErrorName | undefined {
  return error === 'PRODUCER_FENCED' ? 'INVALID_PRODUCER_EPOCH' : error
}

function storedChange(t: Transaction): Change {
  const stored: StoredTransaction = {
    state: t.state,
    producerId: t.producerId,
    epoch: t.epoch,
    lastProducerId: t.lastProducerId,
    lastEpoch: t.lastEpoch,
    timeoutMs: t.timeoutMs,
    startedAt: t.startedAt,
    partitions: [...t.partitions.values()],
    offsets: [...t.offsets].map(([group, offsets]) => [group, [...offsets.values()]]),
  }
  return [prefix + t.id, stored as JournalValue]
}

function restored(id: string, stored: StoredTransaction): Transaction {
  return {
    ...stored,
    id,
    partitions: new Map(stored.partitions.map((partition) => [partition.join('/'), partition])),
    offsets: new Map(
      stored.offsets.map(([group, offsets]) => [group, new Map(offsets.map((o) => [`${o.topic}/${o.partition}`, o]))]),
    ),
    ending: undefined,
    timer: undefined,
  }
}
