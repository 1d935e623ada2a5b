// How to reach a Kafka cluster, as the pipeline's environment gives it, secrets resolved.

export type SaslSettings =
  | {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
      readonly username: string
      readonly password: string
    }
  /** `token` is called for each connection and before the session ends. */
  | { readonly mechanism: 'OAUTHBEARER'; readonly token: () => Promise<string> }

/** PEM texts. Certificates of brokers are always verified. */
type TlsSettings = {
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
