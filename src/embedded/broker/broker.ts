// The embedded Kafka broker: what `npm start` and tests use when there is no real Kafka. One node, loopback, in process.
// This file is its door: it opens the data folder, ties the parts together and closes them in order.
//
// Consumer groups use the classic protocol; KIP-848, quotas, ACLs, TLS and SASL are not offered.
import { randomBytes } from 'node:crypto'
import { accessSync, constants, existsSync, mkdirSync, readdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { JobError } from '../../diagnostics/job-error.ts'
import { CommittedOffsets } from './committed-offsets.ts'
import type { BrokerFaults } from './faults.ts'
import type { Group } from './group.ts'
import { Journal } from './journal.ts'
import type { PartitionLog } from './partition-log.ts'
import type { Node } from './requests/request.ts'
import { Connections, listen } from './server.ts'
import { damaged, storageFailure } from './storage-error.ts'
import { Topics } from './topics.ts'
import { Transactions } from './transactions.ts'

/** A topic as its creator asks for it; `config` takes Kafka's own names (`retention.ms`, `message.timestamp.type`, …). */
export type TopicSpec = {
  readonly name: string
  /** Default 1. */
  readonly partitions?: number
  readonly config?: Readonly<Record<string, string>>
}

export type BrokerOptions = {
  /** Made when absent. One process at a time: the caller holds the lock. */
  readonly dataDir: string
  /** 0 takes one from the kernel. */
  readonly port: number
  /** Default 127.0.0.1. Also the name given to clients in metadata. */
  readonly host?: string
  /** The port given to clients in metadata, where something stands before the broker. Default: the one it listens on. */
  readonly advertisedPort?: number
  /** Created at start unless they exist; an existing topic keeps its partitions and its config. */
  readonly topics?: readonly TopicSpec[]
  /** For topics whose own config says nothing; both bounds hold for each partition. Defaults: 512 MiB, any age. */
  readonly retention?: { readonly bytes?: number; readonly ms?: number }
  /** Create a topic of one partition when a client asks for the metadata of an unknown one. Default false. */
  readonly autoCreateTopics?: boolean
  /** Tests only: hold, lose or cut requests and responses. */
  readonly faults?: BrokerFaults
  /** One line about something an operator should know (a torn tail cut off, a transaction timed out). Default: nothing. */
  readonly log?: (line: string) => void
}

export type Broker = {
  readonly host: string
  readonly port: number
  /** `host:port`, as clients want it. */
  readonly bootstrap: string
  /** Resolves when the topic is durable. A topic of that name is left as it is: the result says whether it was made. */
  createTopic(spec: TopicSpec): Promise<'created' | 'exists'>
  /** Closes connections, makes everything durable and gives up the port. Safe to call twice. */
  close(): Promise<void>
}

const flushIntervalMs = 1000
const retentionIntervalMs = 60_000

/** Rejects with a `JobError` (RUN…) when the data folder is damaged or not writable, or the port is taken. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { dataDir, host = '127.0.0.1', log = () => {} } = options
  const storage = await openStorage(dataDir, retentionDefaults(options), log)
  const { journal, topics, transactions, committed, clusterId } = storage
  for (const spec of options.topics ?? []) await createTopic(topics, spec)

  const server = await listen(host, options.port).catch(async (error: unknown) => {
    await closeStorage(storage)
    throw error
  })
  const { port } = server.address() as AddressInfo
  const groups = new Map<string, Group>()
  const node: Node = {
    host,
    port: options.advertisedPort ?? port,
    clusterId,
    autoCreateTopics: options.autoCreateTopics ?? false,
    topics,
    transactions,
    committed,
    groups,
    log,
  }
  const connections = new Connections(node, options.faults ?? {})
  server.on('connection', (socket) => connections.add(socket))

  const complain = (error: unknown) => log(`cannot write to ${dataDir}: ${String(error)}`)
  const flushing = setInterval(() => {
    Promise.all([topics.flush(), journal.sync()]).catch(complain)
  }, flushIntervalMs)
  const retaining = setInterval(() => topics.applyRetention(Date.now()), retentionIntervalMs)
  flushing.unref()
  retaining.unref()

  let closed: Promise<void> | undefined
  const close = async () => {
    clearInterval(flushing)
    clearInterval(retaining)
    const portFree = new Promise((resolve) => server.close(resolve))
    connections.closeAll()
    await portFree
    for (const group of groups.values()) group.close()
    await closeStorage(storage)
  }
  return {
    host,
    port,
    bootstrap: `${host}:${port}`,
    createTopic: (spec) => createTopic(topics, spec),
    close: () => {
      closed ??= close()
      return closed
    },
  }
}

type Storage = {
  readonly journal: Journal
  readonly topics: Topics
  readonly transactions: Transactions
  readonly committed: CommittedOffsets
  readonly clusterId: string
}

async function openStorage(
  dataDir: string,
  defaults: Readonly<Record<string, string>>,
  log: (line: string) => void,
): Promise<Storage> {
  try {
    mkdirSync(dataDir, { recursive: true })
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
    const path = join(dataDir, 'broker.journal')
    const topicsFolder = join(dataDir, 'topics')
    if (!existsSync(path) && existsSync(topicsFolder) && readdirSync(topicsFolder).length > 0) {
      throw damaged(path, 'it is missing, but topics are there')
    }
    const journal = Journal.open(path)
    const stored = journal.get('clusterId')
    const clusterId = typeof stored === 'string' ? stored : randomBytes(16).toString('base64url')
    if (clusterId !== stored) journal.append([['clusterId', clusterId]])
    const topics = new Topics(dataDir, journal, defaults, log)
    const committed = new CommittedOffsets(journal)
    const findLog = (topic: string, partition: number) => topics.partition(topic, partition)
    const transactions = new Transactions(journal, committed, findLog, log)
    await transactions.recover(allLogs(topics))
    await topics.flush()
    return { journal, topics, transactions, committed, clusterId }
  } catch (error) {
    throw storageFailure(dataDir, error)
  }
}

async function closeStorage({ journal, topics, transactions }: Storage): Promise<void> {
  await transactions.close()
  await topics.close()
  await journal.close()
}

async function createTopic(topics: Topics, spec: TopicSpec): Promise<'created' | 'exists'> {
  const { name, partitions = 1, config = {} } = spec
  const mistake = topics.mistakeIn({ name, partitions, config })
  if (mistake?.refused === 'TOPIC_ALREADY_EXISTS') return 'exists'
  if (mistake !== undefined) {
    const message = `the topic \`${name}\` cannot be created: ${mistake.message}`
    throw new JobError('RUN204', message, { origin: 'user', retry: 'never' })
  }
  await topics.create({ name, partitions, config })
  return 'created'
}

function* allLogs(topics: Topics): Generator<PartitionLog> {
  for (const topic of topics.all()) yield* topic.partitions
}

function retentionDefaults({ retention = {} }: BrokerOptions): Readonly<Record<string, string>> {
  const { bytes, ms } = retention
  return {
    ...(bytes === undefined ? {} : { 'retention.bytes': String(bytes) }),
    ...(ms === undefined ? {} : { 'retention.ms': String(ms) }),
  }
}
