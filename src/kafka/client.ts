// A connection to a Kafka cluster: brokers, metadata, requests of ours sent to the right broker, and the admin calls.

export type SaslSettings =
  | {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
      readonly username: string
      readonly password: string
    }
  /** `token` is called for each connection and before the session ends. */
  | { readonly mechanism: 'OAUTHBEARER'; readonly token: () => Promise<string> }

/** PEM texts. Certificates of brokers are always verified. */
export type TlsSettings = {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly serverName?: string
}

export type KafkaConnectionSettings = {
  /** `host:port` of some brokers; the others are learned from them. */
  readonly bootstrap: readonly string[]
  readonly clientId?: string
  readonly tls?: TlsSettings
  readonly sasl?: SaslSettings
  /** Default 10,000. */
  readonly connectTimeoutMs?: number
  /** Default 30,000. */
  readonly requestTimeoutMs?: number
}

export type TopicDescription = {
  readonly name: string
  readonly topicId: string
  readonly internal: boolean
  /** By partition number. */
  readonly partitions: readonly { readonly leader: number; readonly replicas: readonly number[] }[]
}

export type NewTopic = {
  readonly name: string
  readonly partitions: number
  readonly replicationFactor?: number
  readonly config?: Readonly<Record<string, string>>
}

/** Made without connecting; the first call connects. All calls reject with a JobError. */
export interface KafkaClient {
  readonly settings: KafkaConnectionSettings
  listTopics(): Promise<TopicDescription[]>
  /** Undefined where a topic does not exist. */
  describeTopics(names: readonly string[]): Promise<(TopicDescription | undefined)[]>
  createTopics(topics: readonly NewTopic[]): Promise<void>
  close(): Promise<void>
}

export declare function createKafkaClient(settings: KafkaConnectionSettings): KafkaClient
