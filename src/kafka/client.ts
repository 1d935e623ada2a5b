// A connection to a Kafka cluster: brokers, metadata, requests of ours sent to the right broker, and the admin calls.
import { JobError } from '../diagnostics/job-error.ts'
import { retrying } from './backoff.ts'
import { Connection } from './connection.ts'
import type { FramePool } from './frame-pool.ts'
import { BrokerError, ConnectionLost, throwIfError } from './kafka-error.ts'
import { errorCode } from './protocol/errors.ts'
import { findCoordinator } from './protocol/messages/group-membership.ts'
import { metadata } from './protocol/messages/metadata.ts'
import { createTopics } from './protocol/messages/topics.ts'
import type { KafkaConnectionSettings } from './settings.ts'
import { type BrokerAddress, describeAddress } from './transport.ts'

export type TopicDescription = {
  readonly name: string
  readonly topicId: string
  readonly internal: boolean
  /** By partition number. */
  readonly partitions: readonly PartitionDescription[]
}

type PartitionDescription = {
  /** -1: there is none now. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
}

export type NewTopic = {
  readonly name: string
  readonly partitions: number
  readonly replicationFactor?: number
  readonly config?: Readonly<Record<string, string>>
}

/** Where a partition's leader is now. */
export type Leader = { readonly nodeId: number; readonly epoch: number; readonly topicId: string }

export type CoordinatorKind = 'group' | 'transaction'

/** How long calls that are not part of the data's way try again: somebody waits for them. */
const CALL_TIMEOUT_MS = 5_000
const REQUESTS = 'requests'
const coordinatorKeyTypes: Readonly<Record<CoordinatorKind, number>> = { group: 0, transaction: 1 }

export function createKafkaClient(settings: KafkaConnectionSettings): KafkaClient {
  return new KafkaClient(settings)
}

/** Made without connecting; the first call connects. Public calls reject with a JobError. */
export class KafkaClient {
  readonly settings: KafkaConnectionSettings
  private readonly bootstrap: readonly BrokerAddress[]
  private readonly brokers = new Map<number, BrokerAddress>()
  private readonly connections = new Map<string, Promise<Connection>>()
  private readonly established = new Map<string, Connection>()
  private readonly topics = new Map<string, TopicDescription>()
  private readonly coordinators = new Map<string, number>()
  private controller = -1
  private closed = false

  constructor(settings: KafkaConnectionSettings) {
    this.settings = settings
    this.bootstrap = settings.bootstrap.map(parseAddress)
  }

  listTopics(): Promise<TopicDescription[]> {
    return retrying('list the topics', CALL_TIMEOUT_MS, async () => {
      const topics = await this.loadMetadata(null)
      return topics.filter((topic) => topic !== undefined)
    })
  }

  /** Undefined where a topic does not exist. */
  describeTopics(names: readonly string[]): Promise<(TopicDescription | undefined)[]> {
    return retrying('describe topics', CALL_TIMEOUT_MS, async () => {
      const topics = await this.loadMetadata(names)
      return names.map((name) => topics.find((topic) => topic?.name === name))
    })
  }

  createTopics(topics: readonly NewTopic[]): Promise<void> {
    return retrying('create topics', CALL_TIMEOUT_MS, async () => {
      const answer = await this.askController((connection) =>
        connection.send(createTopics, {
          topics: topics.map((topic) => ({
            name: topic.name,
            numPartitions: topic.partitions,
            replicationFactor: topic.replicationFactor ?? -1,
            configs: Object.entries(topic.config ?? {}).map(([name, value]) => ({ name, value })),
          })),
        }),
      )
      for (const topic of answer.topics) {
        if (topic.errorCode !== 0) throw new BrokerError(topic.errorCode, topic.errorMessage ?? topic.name)
      }
    })
  }

  async close(): Promise<void> {
    this.closed = true
    await this.closeConnections('')
  }

  /** Those that were opened for one purpose. */
  async closeConnections(purpose: string): Promise<void> {
    for (const [name, opening] of [...this.connections]) {
      if (!name.startsWith(purpose)) continue
      this.connections.delete(name)
      this.established.delete(name)
      await opening.then(
        (connection) => connection.close(),
        () => {},
      )
    }
  }

  // What follows is for the other files of this folder. It rejects with BrokerError, ConnectionLost or a JobError.

  /** `purpose`: requests that wait at the broker hold up those behind them, so that every fetcher has connections of its own. */
  async connectTo(nodeId: number, purpose = REQUESTS, frames?: FramePool): Promise<Connection> {
    if (!this.brokers.has(nodeId)) await this.loadMetadata([])
    const address = this.brokers.get(nodeId)
    if (address === undefined) throw new ConnectionLost(`the cluster has no broker ${nodeId} now`, false)
    return this.openOnce(`${purpose} ${nodeId}`, address, frames)
  }

  /** Without waiting, so that what callers send is sent in the order of their calls. */
  connectionTo(nodeId: number, purpose = REQUESTS): Connection | undefined {
    const connection = this.established.get(`${purpose} ${nodeId}`)
    return connection?.isLost ? undefined : connection
  }

  private async openOnce(name: string, address: BrokerAddress, frames?: FramePool): Promise<Connection> {
    if (this.closed) throw new JobError('RUN106', 'the Kafka client is closed', { origin: 'internal', retry: 'never' })
    const known = this.connections.get(name)
    if (known !== undefined) {
      const connection = await known
      if (!connection.isLost) return connection
      if (this.connections.get(name) === known) this.connections.delete(name)
      return this.openOnce(name, address, frames)
    }
    const opening = Connection.open(address, this.settings, frames)
    this.connections.set(name, opening)
    try {
      const connection = await opening
      if (this.connections.get(name) === opening) this.established.set(name, connection)
      return connection
    } catch (error) {
      if (this.connections.get(name) === opening) this.connections.delete(name)
      throw error
    }
  }

  /** Any broker: one that is connected, else the known ones and the bootstrap servers in turn. */
  async connectToAny(): Promise<Connection> {
    for (const [name, opening] of [...this.connections]) {
      if (!name.startsWith(REQUESTS)) continue
      const connection = await opening.catch(() => undefined)
      if (connection !== undefined && !connection.isLost) return connection
    }
    let failure: unknown
    for (const address of [...this.brokers.values(), ...this.bootstrap]) {
      try {
        return await this.openOnce(`${REQUESTS} ${describeAddress(address)}`, address)
      } catch (error) {
        if (error instanceof JobError) throw error
        failure = error
      }
    }
    throw failure
  }

  private async askController<T>(ask: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.controller < 0) await this.loadMetadata([])
    const controller = this.controller
    // With KRaft, brokers pass such requests on; the id that they name may be any of them.
    this.controller = -1
    return ask(controller < 0 ? await this.connectToAny() : await this.connectTo(controller))
  }

  /** `null`: all topics. Topics that do not exist are undefined, in the order of the answer. */
  private async loadMetadata(names: readonly string[] | null): Promise<(TopicDescription | undefined)[]> {
    const connection = await this.connectToAny()
    const answer = await connection.send(metadata, {
      topics: names === null ? null : names.map((name) => ({ name })),
      allowAutoTopicCreation: false,
    })
    throwIfError(answer.errorCode)
    this.controller = answer.controllerId
    for (const broker of answer.brokers) this.brokers.set(broker.nodeId, { host: broker.host, port: broker.port })
    return answer.topics.map((topic) => {
      if (topic.errorCode === errorCode.UNKNOWN_TOPIC_OR_PARTITION) {
        this.topics.delete(topic.name ?? '')
        return undefined
      }
      throwIfError(topic.errorCode, topic.name)
      const partitions: PartitionDescription[] = []
      for (const partition of topic.partitions) {
        partitions[partition.partitionIndex] = {
          leader: partition.leaderId,
          leaderEpoch: partition.leaderEpoch,
          replicas: partition.replicaNodes,
        }
      }
      const name = topic.name ?? ''
      const description = { name, topicId: topic.topicId, internal: topic.isInternal, partitions }
      this.topics.set(name, description)
      return description
    })
  }

  /** From the cache, undefined if it is not there: then `refreshLeaders`. */
  leaderOf(topic: string, partition: number): Leader | undefined {
    const description = this.topics.get(topic)
    const entry = description?.partitions[partition]
    if (description === undefined || entry === undefined || entry.leader < 0) return undefined
    return { nodeId: entry.leader, epoch: entry.leaderEpoch, topicId: description.topicId }
  }

  /** Forgets and asks again. Rejects with UNKNOWN_TOPIC_OR_PARTITION, which may be transient just after a topic was made. */
  async refreshLeaders(names: readonly string[]): Promise<void> {
    const topics = await this.loadMetadata(names)
    const missing = names.find((name) => !topics.some((topic) => topic?.name === name))
    if (missing !== undefined) throw new BrokerError(errorCode.UNKNOWN_TOPIC_OR_PARTITION, `topic \`${missing}\``)
  }

  /** Why `leaderOf` gives none after a refresh: the partition waits for a leader, or there is no such partition. */
  missingLeader(topic: string, partition: number): BrokerError | JobError {
    const count = this.topics.get(topic)?.partitions.length
    if (count === undefined || partition < count) {
      return new BrokerError(errorCode.LEADER_NOT_AVAILABLE, `partition ${partition} of topic \`${topic}\``)
    }
    const message = `topic \`${topic}\` has ${count} partitions, there is no partition ${partition}`
    return new JobError('RUN103', message, { origin: 'user', retry: 'never' })
  }

  async connectToLeader(topic: string, partition: number): Promise<Connection> {
    if (this.leaderOf(topic, partition) === undefined) await this.refreshLeaders([topic])
    const leader = this.leaderOf(topic, partition)
    if (leader === undefined) throw this.missingLeader(topic, partition)
    return this.connectTo(leader.nodeId)
  }

  /** After NOT_COORDINATOR and the like call `forgetCoordinator` first. */
  async connectToCoordinator(kind: CoordinatorKind, key: string): Promise<Connection> {
    let nodeId = this.coordinators.get(`${kind} ${key}`)
    if (nodeId === undefined) {
      const connection = await this.connectToAny()
      const answer = await connection.send(findCoordinator, {
        key,
        keyType: coordinatorKeyTypes[kind],
        coordinatorKeys: [key],
      })
      const found = answer.coordinators[0] ?? answer
      throwIfError(found.errorCode, found.errorMessage)
      nodeId = found.nodeId
      this.brokers.set(nodeId, { host: found.host, port: found.port })
      this.coordinators.set(`${kind} ${key}`, nodeId)
    }
    return this.connectTo(nodeId)
  }

  forgetCoordinator(kind: CoordinatorKind, key: string): void {
    this.coordinators.delete(`${kind} ${key}`)
  }
}

function parseAddress(text: string): BrokerAddress {
  const colon = text.lastIndexOf(':')
  const host = text.slice(0, Math.max(0, colon)).replace(/^\[|\]$/g, '')
  const port = Number(text.slice(colon + 1))
  if (host === '' || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new JobError('RUN109', `bootstrap server \`${text}\` is not written host:port`, {
      origin: 'user',
      retry: 'never',
      hint: 'Write it as `localhost:9092`.',
    })
  }
  return { host, port }
}
