// How to reach a schema registry: what sluice.yaml says, after secrets were put in.

export const DEFAULT_TIMEOUT_MS = 5_000
export const DEFAULT_RETRIES = 3
export const DEFAULT_RETRY_WAIT_MS = 200

export type RegistryAuth =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | {
      /** OAuth 2.0 client credentials (RFC 6749, 4.4). */
      readonly kind: 'oauth'
      readonly tokenUrl: string
      readonly clientId: string
      readonly clientSecret: string
      readonly scope?: string
      /** Confluent Cloud: sent as `target-sr-cluster` and `Confluent-Identity-Pool-Id`. */
      readonly logicalCluster?: string
      readonly identityPool?: string
    }

/** PEM texts. `certificate` and `key` make it mutual TLS. */
export type RegistryTls = {
  readonly ca?: string
  readonly certificate?: string
  readonly key?: string
  readonly keyPassword?: string
}

export type RegistryConnection = {
  /** Tried in order; the one that answered last is asked first. A user and password in the address are basic credentials. */
  readonly urls: readonly string[]
  readonly auth?: RegistryAuth
  readonly tls?: RegistryTls
  readonly headers?: Readonly<Record<string, string>>
  /** Registry context that ids and subjects live in; absent: the default one. */
  readonly context?: string
  /** One attempt; default 5000. */
  readonly timeoutMs?: number
  /** Attempts after the first one, all addresses counted as one attempt; default 3. */
  readonly retries?: number
  /** Wait before the first retry, doubled each time up to 5000, with full jitter; default 200. */
  readonly retryWaitMs?: number
  /** How long an answer for "latest" is believed; default 60000. */
  readonly latestTtlMs?: number
}
