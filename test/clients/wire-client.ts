// A Kafka client of a page: one connection, requests one after another, for tests of the broker that need exact requests.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Api, RequestInput, ResponseOf } from '../../src/kafka/protocol/api.ts'
import { decodeResponse, encodeRequest, FrameSplitter } from '../../src/kafka/protocol/frames.ts'
import { RecordBatchWriter } from '../../src/kafka/record-batch-writer.ts'

export class WireClient {
  readonly #socket: Socket
  readonly #frames: Uint8Array[] = []
  #nextCorrelationId = 1

  private constructor(socket: Socket) {
    this.#socket = socket
    const splitter = new FrameSplitter((frame) => {
      this.#frames.push(frame)
      socket.emit('frame')
    })
    socket.on('data', (chunk) => splitter.push(chunk))
    socket.on('error', () => {})
  }

  static async open(port: number): Promise<WireClient> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new WireClient(socket)
  }

  async ask<A extends Api>(api: A, version: number, body: RequestInput<A>): Promise<ResponseOf<A>> {
    this.send(api, version, body)
    const frame = await this.frame()
    if (frame === undefined) throw new Error(`the broker closed the connection instead of answering ${api.name}`)
    return decodeResponse(api, version, frame)
  }

  send<A extends Api>(api: A, version: number, body: RequestInput<A>): void {
    for (const chunk of encodeRequest(api, version, this.#nextCorrelationId++, 'wire', body)) this.#socket.write(chunk)
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** The next answer; undefined when the broker closed the connection. */
  async frame(): Promise<Uint8Array | undefined> {
    while (this.#frames.length === 0) {
      if (this.#socket.closed) return undefined
      const waiting = new AbortController()
      const { signal } = waiting
      await Promise.race([once(this.#socket, 'frame', { signal }), once(this.#socket, 'close', { signal })])
      waiting.abort()
    }
    return this.#frames.shift()
  }

  close(): void {
    this.#socket.destroy()
  }
}

export type BatchOptions = {
  readonly producerId?: number
  readonly epoch?: number
  readonly sequence?: number
  readonly transactional?: boolean
  readonly timestamp?: number
  readonly compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
}

/** A record batch with these values, each a millisecond after the other. */
export function makeBatch(values: readonly string[], options: BatchOptions = {}): Buffer {
  const writer = new RecordBatchWriter(1024 + values.reduce((sum, value) => sum + value.length + 40, 0))
  values.forEach((value, i) => {
    const bytes = Buffer.from(value)
    writer.append((options.timestamp ?? 1_700_000_000_000) + i, null, 0, 0, bytes, 0, bytes.length)
  })
  const batch = writer.seal({
    compression: options.compression ?? 'none',
    producerId: options.producerId ?? -1,
    producerEpoch: options.epoch ?? -1,
    baseSequence: options.sequence ?? -1,
    isTransactional: options.transactional ?? false,
  })
  return Buffer.from(batch)
}
