// What every request handler is given, and how handlers are tied to their API. Each file beside this one answers one subject.
import type { Api, RequestOf, ResponseInput } from '../../../kafka/protocol/api.ts'
import type { CommittedOffsets } from '../committed-offsets.ts'
import type { Group } from '../group.ts'
import type { Topics } from '../topics.ts'
import type { Transactions } from '../transactions.ts'

/** The state of the one node. */
export type Node = {
  readonly host: string
  readonly port: number
  readonly clusterId: string
  readonly autoCreateTopics: boolean
  readonly topics: Topics
  readonly transactions: Transactions
  readonly committed: CommittedOffsets
  /** Groups that have, or had since the start, members. */
  readonly groups: Map<string, Group>
  readonly log: (line: string) => void
}

export const nodeId = 1

export type Request<A extends Api> = {
  readonly version: number
  readonly clientId: string
  readonly clientHost: string
  /** Aborted when the client is gone: nobody waits for the answer any more. */
  readonly gone: AbortSignal
  readonly body: RequestOf<A>
}

/** `undefined`: the client expects no answer. */
type Answer<A extends Api> = ResponseInput<A> | undefined | Promise<ResponseInput<A> | undefined>

export type Handler = {
  readonly api: Api
  readonly minVersion: number
  readonly maxVersion: number
  readonly answer: (node: Node, request: Request<Api>) => Answer<Api>
}

/** Offers `api` up to `maxVersion` (default: the newest whose format is known). */
export function handler<A extends Api>(
  api: A,
  answer: (node: Node, request: Request<A>) => Answer<A>,
  maxVersion = api.maxVersion,
): Handler {
  return { api, minVersion: api.minVersion, maxVersion, answer: answer as unknown as Handler['answer'] }
}

/** Names that a version of a message lacks are read as '', which no client means as a name. */
export function given(name: string | null): string | null {
  return name === '' ? null : name
}
