// The embedded Kafka broker: what `npm start` and tests use when there is no real Kafka. One node, loopback, in process.
// This file is its door; it leaves bytes on the wire to server.ts and meaning to the request handlers it is given.
import type { BrokerFaults } from './faults.ts'

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
  /** Created at start unless they exist; an existing topic keeps its partitions and its config. */
  readonly topics?: readonly TopicSpec[]
  /** For topics whose own config says nothing; both bounds hold for each partition. Defaults: 512 MiB, 7 days. */
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

/** Rejects with a `JobError` (RUN…) when the data folder is damaged or not writable, or the port is taken. */
export async function startBroker(_options: BrokerOptions): Promise<Broker> {
  throw new Error('not written yet')
}
