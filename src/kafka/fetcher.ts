// Reads assigned partitions from given offsets, without a consumer group. Fetches run ahead of the reader, bounded in bytes.
// Committed offsets are in offsets.ts, parsing in record-batch.ts.
import { assert } from '../diagnostics/assert.ts'
import { JobError } from '../diagnostics/job-error.ts'
import { pauseMs, UNKNOWN_TOPIC_PATIENCE_MS } from './backoff.ts'
import type { KafkaClient } from './client.ts'
import type { Connection } from './connection.ts'
import { FetchedRecords } from './fetched-records.ts'
import { type FrameLease, FramePool } from './frame-pool.ts'
import { BrokerError, isTransient, toJobError } from './kafka-error.ts'
import { listOffsets } from './offsets.ts'
import type { ResponseOf } from './protocol/api.ts'
import { errorCode } from './protocol/errors.ts'
import { fetch } from './protocol/messages/fetch.ts'

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

/** Where a partition stands. */
export type FetchState = {
  /** Offset after the last record that was fetched (not: taken). */
  readonly fetchedTo: number
  /** End of what may be read, -1 before the first answer: the last stable offset when reading committed, else the high watermark. */
  readonly readableTo: number
  readonly highWatermark: number
}

type PartitionFetch = {
  readonly index: number
  readonly topic: string
  readonly partition: number
  nextOffset: number
  topicId: string | undefined
  highWatermark: number
  readableTo: number
  paused: boolean
  inFlight: boolean
  /** Partitions that gave data last wait behind the others: a broker fills a response in the order of the request. */
  lastServed: number
  mutedUntil: number
  failures: number
  failingSince: number
}

type Waiter = { readonly index: number | undefined; readonly wake: () => void }

const DEFAULTS = {
  maxBufferedBytes: 32 * 1024 * 1024,
  maxBytesPerFetch: 4 * 1024 * 1024,
  maxBytesPerPartition: 1024 * 1024,
  maxWaitMs: 250,
  unavailableAfterMs: 60_000,
}
/** While one answer is on its way the broker can work at the next. */
const FETCHES_IN_FLIGHT = 2

export function createFetcher(client: KafkaClient, options: FetcherOptions = {}): Fetcher {
  return new Fetcher(client, options)
}

let fetchers = 0

export class Fetcher {
  private readonly client: KafkaClient
  /** Its connections are not shared: the fetches of others would wait before its own. */
  private readonly purpose = `fetcher ${++fetchers}:`
  private readonly frames = new FramePool()
  private readonly options: typeof DEFAULTS
  private readonly readsCommitted: boolean
  private partitions: PartitionFetch[] = []
  private fetched: FetchedRecords[] = []
  private buffered = 0
  /** Bytes that fetches in flight may bring. */
  private reserved = 0
  private readonly fetchesPerBroker = new Map<number, number>()
  private assignment = 0
  private turn = 0
  private failure: JobError | undefined
  private refreshing = false
  private wakeTimer: NodeJS.Timeout | undefined
  private waiters: Waiter[] = []
  private closed = false

  constructor(client: KafkaClient, options: FetcherOptions) {
    this.client = client
    this.options = { ...DEFAULTS, ...options }
    this.readsCommitted = options.isolation !== 'read_uncommitted'
  }

  /** Replaces the assignment, drops what is buffered, and begins to fetch. */
  assign(positions: readonly FetchPosition[]): void {
    this.assignment++
    this.fetched = []
    this.buffered = 0
    this.reserved = 0
    this.fetchesPerBroker.clear()
    this.failure = undefined
    this.partitions = positions.map(({ topic, partition, offset }, index) => ({
      index,
      topic,
      partition,
      nextOffset: offset,
      topicId: undefined,
      highWatermark: -1,
      readableTo: -1,
      paused: false,
      inFlight: false,
      lastServed: 0,
      mutedUntil: 0,
      failures: 0,
      failingSince: 0,
    }))
    this.fetchMore()
  }

  get bufferedBytes(): number {
    return this.buffered
  }

  /**
   * The oldest fetched records, of partition `index` of the assignment if named; undefined if there are none yet.
   * Taking frees their room in the buffer. Throws the JobError that ended fetching, once what was fetched before it is taken.
   */
  take(index?: number): FetchedRecords | undefined {
    const at = index === undefined ? 0 : this.fetched.findIndex((records) => records.index === index)
    const [records] = at < 0 ? [] : this.fetched.splice(at, 1)
    if (records === undefined) {
      if (this.failure) throw this.failure
      return undefined
    }
    this.buffered -= records.byteLength
    this.fetchMore()
    return records
  }

  /** Resolves when `take(index)` would not return undefined (or would throw); after `timeoutMs` in any case. */
  ready(timeoutMs: number, index?: number): Promise<void> {
    if (this.canTake(index) || this.closed) return Promise.resolve()
    return new Promise((resolve) => {
      const waiter = { index, wake: () => done() }
      const done = () => {
        clearTimeout(timer)
        this.waiters = this.waiters.filter((other) => other !== waiter)
        resolve()
      }
      const timer = setTimeout(done, timeoutMs)
      this.waiters.push(waiter)
    })
  }

  private canTake(index: number | undefined): boolean {
    if (this.failure !== undefined) return true
    return index === undefined ? this.fetched.length > 0 : this.fetched.some((records) => records.index === index)
  }

  private wakeWaiters(): void {
    for (const waiter of [...this.waiters]) if (this.closed || this.canTake(waiter.index)) waiter.wake()
  }

  state(index: number): FetchState {
    const { nextOffset, readableTo, highWatermark } = this.partitionAt(index)
    return { fetchedTo: nextOffset, readableTo, highWatermark }
  }

  /** Stops fetching a partition; what is buffered of it stays. */
  pause(index: number): void {
    this.partitionAt(index).paused = true
  }

  resume(index: number): void {
    this.partitionAt(index).paused = false
    this.fetchMore()
  }

  private partitionAt(index: number): PartitionFetch {
    const partition = this.partitions[index]
    assert(partition !== undefined, `partition ${index} is not in the assignment`)
    return partition
  }

  async close(): Promise<void> {
    this.closed = true
    this.assignment++
    clearTimeout(this.wakeTimer)
    this.partitions = []
    this.fetched = []
    this.wakeWaiters()
    await this.client.closeConnections(this.purpose)
  }

  /** Sends what may be sent now; everything that changes the answer calls it again. */
  private fetchMore(): void {
    if (this.closed || this.failure) return
    clearTimeout(this.wakeTimer)
    const now = performance.now()
    const perBroker = new Map<number, PartitionFetch[]>()
    let nextWake = Number.POSITIVE_INFINITY
    const unknown = new Set<string>()
    for (const partition of this.partitions) {
      if (partition.paused || partition.inFlight) continue
      if (partition.mutedUntil > now) {
        nextWake = Math.min(nextWake, partition.mutedUntil)
        continue
      }
      const leader = this.client.leaderOf(partition.topic, partition.partition)
      if (leader === undefined) {
        unknown.add(partition.topic)
        continue
      }
      const sameBroker = perBroker.get(leader.nodeId)
      if (sameBroker === undefined) perBroker.set(leader.nodeId, [partition])
      else sameBroker.push(partition)
    }
    if (unknown.size > 0) this.refreshLeaders([...unknown])
    for (const [nodeId, partitions] of perBroker) this.fetchFrom(nodeId, partitions)
    if (nextWake < Number.POSITIVE_INFINITY) {
      this.wakeTimer = setTimeout(() => this.fetchMore(), Math.max(1, nextWake - now))
    }
  }

  private fetchFrom(nodeId: number, candidates: readonly PartitionFetch[]): void {
    const inFlight = this.fetchesPerBroker.get(nodeId) ?? 0
    if (inFlight >= FETCHES_IN_FLIGHT) return
    // A second fetch must not wait at the broker: it would hold up the next one of the partitions in the first.
    const isBehind = (partition: PartitionFetch) => partition.nextOffset < partition.readableTo
    if (inFlight > 0 && !candidates.some(isBehind)) return
    const room = this.options.maxBufferedBytes - this.buffered - this.reserved
    if (room <= 0) return
    const maxBytes = Math.min(this.options.maxBytesPerFetch, room)
    const partitions = [...candidates].sort((a, b) => a.lastServed - b.lastServed)
    for (const partition of partitions) partition.inFlight = true
    this.reserved += maxBytes
    this.fetchesPerBroker.set(nodeId, inFlight + 1)
    const { assignment } = this
    this.request(nodeId, partitions, maxBytes).then(
      (answer) => {
        if (assignment !== this.assignment) return
        this.settle(nodeId, partitions, maxBytes)
        this.accept(partitions, answer)
        this.fetchMore()
      },
      (error: unknown) => {
        if (assignment !== this.assignment) return
        this.settle(nodeId, partitions, maxBytes)
        for (const partition of partitions) this.retryLater(partition, error)
        this.refreshLeaders([...new Set(partitions.map((partition) => partition.topic))])
      },
    )
  }

  private settle(nodeId: number, partitions: readonly PartitionFetch[], maxBytes: number): void {
    this.reserved -= maxBytes
    this.fetchesPerBroker.set(nodeId, (this.fetchesPerBroker.get(nodeId) as number) - 1)
    for (const partition of partitions) partition.inFlight = false
  }

  private async request(
    nodeId: number,
    partitions: readonly PartitionFetch[],
    maxBytes: number,
  ): Promise<ResponseOf<typeof fetch>> {
    const connection: Connection = await this.client.connectTo(nodeId, this.purpose, this.frames)
    const topics = new Map<string, PartitionFetch[]>()
    for (const partition of partitions) {
      const others = topics.get(partition.topic)
      if (others === undefined) topics.set(partition.topic, [partition])
      else others.push(partition)
    }
    return connection.send(fetch, {
      maxWaitMs: this.options.maxWaitMs,
      minBytes: 1,
      maxBytes,
      isolationLevel: this.readsCommitted ? 1 : 0,
      topics: [...topics].map(([topic, members]) => ({
        topic,
        topicId: this.topicIdOf(members),
        partitions: members.map((member) => ({
          partition: member.partition,
          currentLeaderEpoch: this.client.leaderOf(topic, member.partition)?.epoch ?? -1,
          fetchOffset: member.nextOffset,
          partitionMaxBytes: this.options.maxBytesPerPartition,
        })),
      })),
    })
  }

  /** The id of the first fetch stays: a topic of the same name that was made anew is another one. */
  private topicIdOf(members: readonly PartitionFetch[]): string {
    for (const member of members) member.topicId ??= this.client.leaderOf(member.topic, member.partition)?.topicId
    return members[0]?.topicId ?? '0'.repeat(32)
  }

  private accept(partitions: readonly PartitionFetch[], answer: ResponseOf<typeof fetch>): void {
    if (answer.errorCode !== 0) {
      for (const partition of partitions) this.retryLater(partition, new BrokerError(answer.errorCode))
      return
    }
    let lease: FrameLease | undefined
    for (const topic of answer.responses) {
      for (const part of topic.partitions) {
        if (part.records !== null && part.records.length > 0)
          lease ??= this.frames.lease(part.records.buffer as ArrayBuffer)
        const partition = partitions.find(
          (candidate) =>
            candidate.partition === part.partitionIndex &&
            (topic.topic === candidate.topic || (topic.topic === '' && topic.topicId === candidate.topicId)),
        )
        if (partition === undefined) continue
        if (part.errorCode !== 0) this.refused(partition, part.errorCode)
        else this.acceptRecords(partition, part, lease)
      }
    }
    this.wakeWaiters()
  }

  private acceptRecords(
    partition: PartitionFetch,
    part: ResponseOf<typeof fetch>['responses'][number]['partitions'][number],
    lease: FrameLease | undefined,
  ): void {
    partition.highWatermark = part.highWatermark
    const hasStableOffset = this.readsCommitted && part.lastStableOffset >= 0
    partition.readableTo = hasStableOffset ? part.lastStableOffset : part.highWatermark
    const bytes = part.records
    if (bytes === null || bytes.length === 0 || lease === undefined) {
      partition.failures = 0
      return
    }
    try {
      const records = new FetchedRecords(partition, {
        bytes,
        fromOffset: partition.nextOffset,
        highWatermark: part.highWatermark,
        endOffset: hasStableOffset ? part.lastStableOffset : Number.POSITIVE_INFINITY,
        lease,
        abortedTransactions: this.readsCommitted ? (part.abortedTransactions ?? []) : undefined,
      })
      if (records.nextOffset === partition.nextOffset) {
        this.retryLater(partition, new BrokerError(errorCode.CORRUPT_MESSAGE, 'the answer holds no whole record batch'))
        return
      }
      partition.failures = 0
      partition.nextOffset = records.nextOffset
      partition.lastServed = ++this.turn
      this.buffered += records.byteLength
      this.fetched.push(records)
    } catch (error) {
      this.fail(error, partition)
    }
  }

  private refused(partition: PartitionFetch, code: number): void {
    const error = new BrokerError(code)
    if (code === errorCode.OFFSET_OUT_OF_RANGE) this.explainMissingOffset(partition)
    else if (error.retriable) {
      this.retryLater(partition, error)
      this.refreshLeaders([partition.topic])
    } else this.fail(error, partition)
  }

  /** Pauses the partition; fails if that has gone on for too long. */
  private retryLater(partition: PartitionFetch, error: unknown): void {
    if (!isTransient(error)) {
      this.fail(error, partition)
      return
    }
    const now = performance.now()
    if (partition.failures++ === 0) partition.failingSince = now
    const unknownTopic =
      error instanceof BrokerError &&
      (error.errorName === 'UNKNOWN_TOPIC_OR_PARTITION' || error.errorName.includes('TOPIC_ID'))
    const wasThere = partition.highWatermark >= 0
    const patience = unknownTopic && !wasThere ? UNKNOWN_TOPIC_PATIENCE_MS : this.options.unavailableAfterMs
    if (now - partition.failingSince > patience) this.fail(error, partition)
    else partition.mutedUntil = now + pauseMs(partition.failures)
  }

  private refreshLeaders(topics: readonly string[]): void {
    if (this.refreshing || this.closed || this.failure) return
    this.refreshing = true
    this.client
      .refreshLeaders(topics)
      .catch((error: unknown) => {
        for (const partition of this.partitions) {
          if (topics.includes(partition.topic) && !partition.inFlight) this.retryLater(partition, error)
        }
      })
      .finally(() => {
        this.refreshing = false
        for (const partition of this.partitions) {
          const leader = this.client.leaderOf(partition.topic, partition.partition)
          const isMuted = partition.mutedUntil > performance.now()
          if (leader === undefined && !isMuted) {
            this.retryLater(partition, this.client.missingLeader(partition.topic, partition.partition))
          }
        }
        this.fetchMore()
      })
  }

  /** Never a jump to another offset: that would lose records without a word. */
  private explainMissingOffset(partition: PartitionFetch): void {
    const { assignment } = this
    const { topic, nextOffset } = partition
    const here = [{ topic, partition: partition.partition }]
    partition.paused = true
    Promise.all([
      listOffsets(this.client, here, 'earliest'),
      listOffsets(this.client, here, 'latest', 'read_uncommitted'),
    ]).then(
      ([[first], [end]]) => {
        if (assignment !== this.assignment) return
        const error = new JobError(
          'RUN104',
          `offset ${nextOffset} of partition ${partition.partition} of topic \`${topic}\` is gone: the partition now holds offsets ${first} to ${(end as number) - 1}`,
          {
            origin: 'user',
            retry: 'never',
            hint:
              nextOffset < (first as number)
                ? `Records were deleted before they were read. Start the job anew from the earliest offset, and give the topic a longer retention.`
                : `The topic is shorter than what was already read: it was made anew or lost data. Start the job anew.`,
          },
        )
        this.fail(error, partition)
      },
      (error: unknown) => {
        if (assignment === this.assignment) this.fail(error, partition)
      },
    )
  }

  private fail(error: unknown, partition: PartitionFetch): void {
    this.failure ??= toJobError(error, `read partition ${partition.partition} of topic \`${partition.topic}\``)
    this.wakeWaiters()
  }
}
