// What an API is: its key, the versions we speak, and its two messages as data. messages/ defines them, frames.ts sends them.
import {
  compileMessage,
  type Fields,
  type Message,
  type MessageCodec,
  type MessageInput,
  versionRange,
} from './codec.ts'

export type ApiDefinition<Q extends Fields, S extends Fields> = {
  readonly name: string
  readonly key: number
  /** Both ends included. */
  readonly versions: string
  /** From which version on lengths are compact and fields can be tagged (KIP-482); absent: never. */
  readonly flexible?: string
  readonly request: Q
  readonly response: S
}

export type Api<Q extends Fields = Fields, S extends Fields = Fields> = {
  readonly name: string
  readonly key: number
  readonly minVersion: number
  readonly maxVersion: number
  readonly definition: ApiDefinition<Q, S>
  isFlexible(version: number): boolean
  /** Compiled at the first use of a version. */
  requestCodec(version: number): MessageCodec
  responseCodec(version: number): MessageCodec
}

/** A decoded request or response of an API. */
export type RequestOf<A> = A extends Api<infer Q, Fields> ? Message<Q> : never
export type ResponseOf<A> = A extends Api<Fields, infer S> ? Message<S> : never
/** What callers pass to be encoded: left-out fields become their defaults. */
export type RequestInput<A> = MessageInput<RequestOf<A>>
export type ResponseInput<A> = MessageInput<ResponseOf<A>>

export function defineApi<const Q extends Fields, const S extends Fields>(definition: ApiDefinition<Q, S>): Api<Q, S> {
  const { min, max } = versionRange(definition.versions)
  const flexibleFrom =
    definition.flexible === undefined ? Number.POSITIVE_INFINITY : versionRange(definition.flexible).min
  const requests = new Map<number, MessageCodec>()
  const responses = new Map<number, MessageCodec>()

  function compiled(cache: Map<number, MessageCodec>, fields: Fields, version: number): MessageCodec {
    let codec = cache.get(version)
    if (codec === undefined) {
      codec = compileMessage(fields, version, version >= flexibleFrom)
      cache.set(version, codec)
    }
    return codec
  }

  return {
    name: definition.name,
    key: definition.key,
    minVersion: min,
    maxVersion: max,
    definition,
    isFlexible: (version) => version >= flexibleFrom,
    requestCodec: (version) => compiled(requests, definition.request, version),
    responseCodec: (version) => compiled(responses, definition.response, version),
  }
}
