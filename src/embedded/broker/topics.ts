// Which topics there are, their partitions' logs and their configuration; durable through the journal.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { KafkaErrorName } from '../../kafka/protocol/errors.ts'
import { type Journal, type JournalValue, syncFolder } from './journal.ts'
import { PartitionLog } from './partition-log.ts'
import { damaged } from './storage-error.ts'
import { configMistake, type EffectiveConfig, effectiveConfig, type TopicConfig } from './topic-config.ts'

export type Topic = {
  readonly name: string
  /** 16 bytes in hex. */
  readonly id: string
  readonly partitions: PartitionLog[]
  readonly config: TopicConfig
  readonly effective: EffectiveConfig
}

/** Why a request about a topic is refused, in the words of the protocol. */
export type Refusal = { readonly refused: KafkaErrorName; readonly message: string }

export type NewTopic = { readonly name: string; readonly partitions: number; readonly config: TopicConfig }

type StoredTopic = {
  readonly id: string
  readonly partitions: number
  readonly config: TopicConfig
  readonly deleted?: true
}

/** Each partition holds a file open. */
const maxPartitions = 1000
const maxNameLength = 249

export class Topics {
  readonly #folder: string
  readonly #journal: Journal
  /** What stands in for a topic's own config. */
  readonly defaults: TopicConfig
  readonly #byName = new Map<string, Topic>()
  readonly #byId = new Map<string, Topic>()
  /** Their folders are on the way out, so their names are still taken. */
  readonly #beingDeleted = new Set<string>()

  /** Recovers every partition; `defaults` stand in for what a topic's own config does not say. */
  constructor(dataDir: string, journal: Journal, defaults: TopicConfig, log: (line: string) => void) {
    this.#folder = join(dataDir, 'topics')
    this.#journal = journal
    this.defaults = defaults
    mkdirSync(this.#folder, { recursive: true })
    const stored = [...journal.entries('topic/')].map(([key, value]) => [key.slice(6), value as StoredTopic] as const)
    for (const [name, topic] of stored) if (topic.deleted) this.#finishDeletion(name, topic.partitions)
    this.#removeLeftovers(new Map(stored.filter(([, topic]) => !topic.deleted)))
    for (const [name, topic] of stored) if (!topic.deleted) this.#open(name, topic, log)
  }

  get(name: string): Topic | undefined {
    return this.#byName.get(name)
  }

  byId(id: string): Topic | undefined {
    return this.#byId.get(id)
  }

  all(): Iterable<Topic> {
    return this.#byName.values()
  }

  partition(name: string, index: number): PartitionLog | undefined {
    return this.#byName.get(name)?.partitions[index]
  }

  /** What `create` would refuse. */
  mistakeIn(topic: NewTopic): Refusal | undefined {
    const { name, partitions, config } = topic
    if (!/^[a-zA-Z0-9._-]+$/.test(name) || name === '.' || name === '..' || name.length > maxNameLength) {
      return {
        refused: 'INVALID_TOPIC_EXCEPTION',
        message: 'a topic name has 1 to 249 letters, digits, `.`, `_` and `-`',
      }
    }
    if (this.#byName.has(name) || this.#beingDeleted.has(name))
      return { refused: 'TOPIC_ALREADY_EXISTS', message: `Topic '${name}' already exists.` }
    if (!Number.isInteger(partitions) || partitions < 1 || partitions > maxPartitions) {
      return { refused: 'INVALID_PARTITIONS', message: `a topic has 1 to ${maxPartitions} partitions here` }
    }
    for (const [key, value] of Object.entries(config)) {
      const mistake = configMistake(key, value)
      if (mistake !== undefined) return { refused: 'INVALID_CONFIG', message: mistake }
    }
    return undefined
  }

  /** Resolves when the topic is durable. The caller has asked `mistakeIn`. */
  async create(topic: NewTopic): Promise<Topic> {
    const { name, partitions, config } = topic
    const effective = effectiveConfig(config, this.defaults)
    // Folders first: a topic in the journal whose folder is missing is damage, an empty folder that it does not know is not.
    const logs = Array.from({ length: partitions }, (_, i) =>
      PartitionLog.create(this.#partitionFolder(name, i), effective),
    )
    syncFolder(this.#folder)
    const id = randomBytes(16).toString('hex')
    const created: Topic = { name, id, partitions: logs, config, effective }
    this.#store(created)
    this.#add(created)
    await this.#journal.sync()
    return created
  }

  /** Adds partitions up to `count`. The caller has checked that there are fewer. */
  async addPartitions(topic: Topic, count: number): Promise<void> {
    for (let i = topic.partitions.length; i < count; i++) {
      topic.partitions.push(PartitionLog.create(this.#partitionFolder(topic.name, i), topic.effective))
    }
    syncFolder(this.#folder)
    this.#store(topic)
    await this.#journal.sync()
  }

  async delete(topic: Topic): Promise<void> {
    const { name, id, config } = topic
    this.#byName.delete(name)
    this.#byId.delete(id)
    this.#beingDeleted.add(name)
    const stored: StoredTopic = { id, config, partitions: topic.partitions.length, deleted: true }
    this.#journal.append([[`topic/${name}`, stored]])
    await this.#journal.sync()
    for (const log of topic.partitions) await log.remove()
    this.#finishDeletion(name, topic.partitions.length)
    this.#beingDeleted.delete(name)
  }

  /** The log start survives a restart only if it is told here. */
  storeLogStart(name: string, partition: number, log: PartitionLog): void {
    this.#journal.append([[`logStart/${name}/${partition}`, log.logStartOffset]])
  }

  async flush(): Promise<void> {
    for (const topic of this.#byName.values()) for (const log of topic.partitions) await log.flush()
  }

  applyRetention(now: number): void {
    for (const topic of this.#byName.values()) for (const log of topic.partitions) log.applyRetention(now)
  }

  async close(): Promise<void> {
    for (const topic of this.#byName.values()) for (const log of topic.partitions) await log.close()
  }

  #add(topic: Topic): void {
    this.#byName.set(topic.name, topic)
    this.#byId.set(topic.id, topic)
  }

  #store(topic: Topic): void {
    const value: StoredTopic = { id: topic.id, partitions: topic.partitions.length, config: topic.config }
    this.#journal.append([[`topic/${topic.name}`, value as JournalValue]])
  }

  #open(name: string, stored: StoredTopic, log: (line: string) => void): void {
    const effective = effectiveConfig(stored.config, this.defaults)
    const partitions = Array.from({ length: stored.partitions }, (_, index) => {
      const folder = this.#partitionFolder(name, index)
      if (!existsSync(folder)) throw damaged(folder, 'the folder is missing')
      const logStart = this.#journal.get(`logStart/${name}/${index}`)
      return PartitionLog.open(folder, effective, typeof logStart === 'number' ? logStart : 0, log)
    })
    this.#add({ name, id: stored.id, partitions, config: stored.config, effective })
  }

  #finishDeletion(name: string, partitions: number): void {
    for (let i = 0; i < partitions; i++) rmSync(this.#partitionFolder(name, i), { recursive: true, force: true })
    const starts = Array.from({ length: partitions }, (_, i) => [`logStart/${name}/${i}`, undefined] as const)
    this.#journal.append([[`topic/${name}`, undefined], ...starts])
  }

  /** Folders made by a creation that a crash cut short. One with data in it means that the journal was lost. */
  #removeLeftovers(known: ReadonlyMap<string, StoredTopic>): void {
    for (const entry of readdirSync(this.#folder)) {
      const at = entry.lastIndexOf('-')
      const topic = known.get(entry.slice(0, at))
      if (topic !== undefined && Number(entry.slice(at + 1)) < topic.partitions) continue
      const folder = join(this.#folder, entry)
      const bytes = readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0)
      if (bytes > 0)
        throw damaged(folder, 'it belongs to no topic, so the journal beside it is not the one that was written')
      rmSync(folder, { recursive: true })
    }
  }

  #partitionFolder(name: string, index: number): string {
    return join(this.#folder, `${name}-${index}`)
  }
}
