// Hooks by which a test makes the broker misbehave at an exact place in a client's protocol. Production passes none.

/** The header of a request, as the hooks see it. */
export type RequestSeen = {
  readonly apiKey: number
  /** Kafka's own name, for example `EndTxn`. */
  readonly apiName: string
  readonly apiVersion: number
  readonly clientId: string | null
  readonly correlationId: number
}

/** `drop`: say nothing and go on. `close`: cut the connection. Nothing: as usual. A promise holds the connection until it settles. */
export type FaultAction = 'drop' | 'close' | undefined

export type BrokerFaults = {
  /** The request was read and has had no effect yet. `drop` and `close` lose the request. */
  beforeHandle?(request: RequestSeen): FaultAction | Promise<FaultAction>
  /** The request took effect. `drop` and `close` lose the answer. */
  beforeRespond?(request: RequestSeen): FaultAction | Promise<FaultAction>
}
