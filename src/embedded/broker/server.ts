// Sockets and frames: reads requests, has them answered one after another per connection, as Kafka does, and writes the answers.
// What requests mean is in requests/.
import { createServer, type Server, type Socket } from 'node:net'
import { type DecodedRequest, decodeRequest, encodeResponse, FrameSplitter } from '../../kafka/protocol/frames.ts'
import { apiVersions } from '../../kafka/protocol/messages/api-versions.ts'
import type { BrokerFaults, FaultAction, RequestSeen } from './faults.ts'
import type { Node } from './requests/request.ts'
import { handlerOf, unsupportedApiVersions } from './requests/table.ts'
import { portFailure } from './storage-error.ts'

/** Unanswered requests of one connection: beyond either bound its socket is not read. */
const maxQueuedRequests = 100
const maxQueuedBytes = 16 << 20

/** Rejects with a `JobError` when the port cannot be had. */
export async function listen(host: string, port: number): Promise<Server> {
  const server = createServer({ noDelay: true, pauseOnConnect: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(portFailure(host, port, error)))
    server.listen(port, host, resolve)
  })
  return server
}

export class Connections {
  readonly #node: Node
  readonly #faults: BrokerFaults
  readonly #open = new Set<Connection>()

  constructor(node: Node, faults: BrokerFaults) {
    this.#node = node
    this.#faults = faults
  }

  add(socket: Socket): void {
    const connection = new Connection(socket, this.#node, this.#faults)
    this.#open.add(connection)
    socket.once('close', () => this.#open.delete(connection))
    socket.resume()
  }

  closeAll(): void {
    for (const connection of this.#open) connection.close()
  }
}

class Connection {
  readonly #socket: Socket
  readonly #node: Node
  readonly #faults: BrokerFaults
  readonly #clientHost: string
  readonly #queue: Uint8Array[] = []
  #queuedBytes = 0
  #answering = false
  readonly #gone = new AbortController()

  constructor(socket: Socket, node: Node, faults: BrokerFaults) {
    this.#socket = socket
    this.#node = node
    this.#faults = faults
    this.#clientHost = `/${socket.remoteAddress ?? ''}`
    const splitter = new FrameSplitter((frame) => {
      this.#queue.push(frame)
      this.#queuedBytes += frame.length
    })
    socket.on('data', (chunk: Buffer) => {
      try {
        splitter.push(chunk)
      } catch (error) {
        return this.#cut(error)
      }
      if (this.#queue.length > maxQueuedRequests || this.#queuedBytes > maxQueuedBytes) socket.pause()
      void this.#answerQueued()
    })
    // A client that resets its connection is gone like any other: `close` follows.
    socket.on('error', () => {})
    socket.once('close', () => this.#gone.abort())
  }

  close(): void {
    this.#socket.destroy()
  }

  async #answerQueued(): Promise<void> {
    if (this.#answering) return
    this.#answering = true
    try {
      for (let frame = this.#queue.shift(); frame !== undefined; frame = this.#queue.shift()) {
        this.#queuedBytes -= frame.length
        await this.#answer(decodeRequest(frame))
        if (this.#gone.signal.aborted) return
        if (this.#socket.isPaused() && this.#queuedBytes <= maxQueuedBytes) this.#socket.resume()
      }
    } catch (error) {
      this.#cut(error)
    } finally {
      this.#answering = false
    }
  }

  async #answer(request: DecodedRequest): Promise<void> {
    const { api, version, correlationId } = request
    const found = api && handlerOf(api, version)
    if (found === undefined) {
      if (request.apiKey !== apiVersions.key) throw new Error(`API ${request.apiKey} version ${version} is not offered`)
      return this.#send(encodeResponse(apiVersions, 0, correlationId, unsupportedApiVersions))
    }
    const seen: RequestSeen = {
      apiKey: request.apiKey,
      apiName: found.api.name,
      apiVersion: version,
      clientId: request.clientId,
      correlationId,
    }
    if (this.#obeys(await this.#faults.beforeHandle?.(seen))) return
    const body = await found.answer(this.#node, {
      version,
      clientId: request.clientId ?? '',
      clientHost: this.#clientHost,
      gone: this.#gone.signal,
      body: request.body as never,
    })
    if (body === undefined || this.#obeys(await this.#faults.beforeRespond?.(seen))) return
    await this.#send(encodeResponse(found.api, version, correlationId, body))
  }

  #obeys(action: FaultAction): boolean {
    if (action === 'close') this.#socket.destroy()
    return action !== undefined
  }

  /** Waits for a slow reader, so that what it has not read stays bounded. */
  async #send(frame: readonly Uint8Array[]): Promise<void> {
    const socket = this.#socket
    if (socket.destroyed) return
    socket.cork()
    let flowing = true
    for (const chunk of frame) flowing = socket.write(chunk)
    socket.uncork()
    if (flowing || this.#gone.signal.aborted) return
    await new Promise<void>((resolve) => {
      const go = () => {
        socket.off('drain', go)
        socket.off('close', go)
        resolve()
      }
      socket.on('drain', go)
      socket.on('close', go)
    })
  }

  /** Bytes that are no request, or a failure of ours that has no answer: the client sees the connection close. */
  #cut(error: unknown): void {
    if (!this.#gone.signal.aborted) {
      this.#node.log(
        `closed a connection of ${this.#clientHost}: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
    this.#socket.destroy()
  }
}
