// Whole frames: length, header, message. The client encodes requests and decodes responses, the embedded broker the other way round.
import type { Api, RequestInput, RequestOf, ResponseInput, ResponseOf } from './api.ts'
import { apiByKey } from './apis.ts'
import { MalformedMessage, WireReader, WireWriter } from './wire.ts'

const API_VERSIONS_KEY = 18

/** Chunks of one frame, ready to be written to a socket in order. Large byte strings in it are the caller's own bytes. */
export type Frame = readonly Uint8Array[]

/*
  Request Header v1 => request_api_key request_api_version correlation_id client_id          (v2: and TAG_BUFFER)
  Response Header v0 => correlation_id                                                         (v1: and TAG_BUFFER)
*/
export function encodeRequest<A extends Api>(
  api: A,
  version: number,
  correlationId: number,
  clientId: string | null,
  body: RequestInput<A>,
): Frame {
  const writer = new WireWriter()
  writer.int32(0)
  writer.int16(api.key)
  writer.int16(version)
  writer.int32(correlationId)
  if (clientId === null) writer.int16(-1)
  else {
    const length = Buffer.byteLength(clientId)
    writer.int16(length)
    writer.text(clientId, length)
  }
  if (api.isFlexible(version)) writer.unsignedVarint(0)
  api.requestCodec(version).write(writer, body as object)
  return writer.finish(true)
}

type RequestHeader = {
  readonly apiKey: number
  readonly version: number
  readonly correlationId: number
  readonly clientId: string | null
}

export type DecodedRequest = RequestHeader & {
  /** Undefined: a key or version that is not in our tables; `body` is then empty. */
  readonly api: Api | undefined
  readonly body: object
}

/** `frame` without its length. Throws MalformedMessage. Test `request.api === produce` and read `bodyOf(produce, request)`. */
export function decodeRequest(frame: Uint8Array): DecodedRequest {
  const reader = new WireReader(frame)
  const apiKey = reader.int16()
  const version = reader.int16()
  const correlationId = reader.int32()
  const length = reader.int16()
  if (length < -1) throw new MalformedMessage(`the client id's length is ${length}`)
  const clientId = length === -1 ? null : reader.text(length)
  const header = { apiKey, version, correlationId, clientId }
  const api = apiByKey.get(apiKey)
  if (api === undefined || version < api.minVersion || version > api.maxVersion) {
    return { ...header, api: undefined, body: {} }
  }
  if (api.isFlexible(version)) skipTags(reader)
  return { ...header, api, body: api.requestCodec(version).read(reader) }
}

export function bodyOf<A extends Api>(api: A, request: DecodedRequest): RequestOf<A> {
  if (request.api !== api) throw new Error(`bug in Sluice: a ${request.api?.name} request is read as ${api.name}`)
  return request.body as RequestOf<A>
}

export function encodeResponse<A extends Api>(
  api: A,
  version: number,
  correlationId: number,
  body: ResponseInput<A>,
): Frame {
  const writer = new WireWriter()
  writer.int32(0)
  writer.int32(correlationId)
  if (hasTaggedResponseHeader(api, version)) writer.unsignedVarint(0)
  api.responseCodec(version).write(writer, body as object)
  return writer.finish(true)
}

/** Which request a response answers. `frame` without its length. */
export function correlationIdOf(frame: Uint8Array): number {
  return new WireReader(frame).int32()
}

/** `frame` without its length. Byte strings in the result are views of it. Throws MalformedMessage. */
export function decodeResponse<A extends Api>(api: A, version: number, frame: Uint8Array): ResponseOf<A> {
  const reader = new WireReader(frame)
  reader.int32()
  if (hasTaggedResponseHeader(api, version)) skipTags(reader)
  return api.responseCodec(version).read(reader) as ResponseOf<A>
}

/** ApiVersions responses keep the old header so that clients can read the refusal of a version they guessed (KIP-511). */
function hasTaggedResponseHeader(api: Api, version: number): boolean {
  return api.isFlexible(version) && api.key !== API_VERSIONS_KEY
}

function skipTags(reader: WireReader): void {
  let left = reader.unsignedVarint()
  while (left-- > 0) {
    reader.unsignedVarint()
    reader.view(reader.unsignedVarint())
  }
}

/** Kafka's own default for the largest frame a peer may send. */
const DEFAULT_MAX_FRAME_BYTES = 100 * 1024 * 1024

export type FrameSplitterOptions = {
  readonly maxFrameBytes?: number
  /** The caller writes into a chunk again after `push`: every frame is then copied out. */
  readonly chunksAreReused?: boolean
  /** Where frames that are copied go. */
  readonly allocate?: (length: number) => Buffer
}

/** Cuts a byte stream into frames. A frame that lies in one chunk is a view of it; others are copied once. */
export class FrameSplitter {
  private readonly maxFrameBytes: number
  private readonly onFrame: (frame: Uint8Array) => void
  private readonly copies: boolean
  private readonly allocate: (length: number) => Buffer
  private readonly prefix = Buffer.alloc(4)
  private prefixFilled = 0
  private frame: Buffer | undefined
  private filled = 0

  constructor(onFrame: (frame: Uint8Array) => void, options: FrameSplitterOptions = {}) {
    this.onFrame = onFrame
    this.maxFrameBytes = options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES
    this.copies = options.chunksAreReused ?? false
    this.allocate = options.allocate ?? Buffer.allocUnsafeSlow
  }

  /** Throws MalformedMessage on an impossible length; the stream cannot be used further then. */
  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.frame !== undefined) {
        const take = Math.min(chunk.length - at, this.frame.length - this.filled)
        this.frame.set(chunk.subarray(at, at + take), this.filled)
        this.filled += take
        at += take
        if (this.filled === this.frame.length) this.emit(this.frame)
        continue
      }
      this.prefix[this.prefixFilled++] = chunk[at++] as number
      if (this.prefixFilled < 4) continue
      this.prefixFilled = 0
      const length = this.prefix.readInt32BE(0)
      if (length < 4 || length > this.maxFrameBytes) {
        throw new MalformedMessage(
          `a frame of ${length} bytes is announced (at most ${this.maxFrameBytes} are allowed)`,
        )
      }
      if (!this.copies && chunk.length - at >= length) {
        this.emit(chunk.subarray(at, at + length))
        at += length
      } else {
        this.frame = this.allocate(length)
        this.filled = 0
      }
    }
  }

  private emit(frame: Uint8Array): void {
    this.frame = undefined
    this.onFrame(frame)
  }
}
