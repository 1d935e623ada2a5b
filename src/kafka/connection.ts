// One connection to one broker: requests out, responses in, several in flight, versions agreed on at the start.
import { JobError } from '../diagnostics/job-error.ts'
import type { FramePool } from './frame-pool.ts'
import { ConnectionLost } from './kafka-error.ts'
import type { Api, RequestInput, ResponseOf } from './protocol/api.ts'
import type { VersionRange } from './protocol/codec.ts'
import { errorCode } from './protocol/errors.ts'
import { correlationIdOf, decodeResponse, encodeRequest, FrameSplitter } from './protocol/frames.ts'
import { apiVersions } from './protocol/messages/api-versions.ts'
import type { KafkaConnectionSettings } from './settings.ts'
import { type BrokerAddress, describeAddress, openTransport, type Transport } from './transport.ts'

const DEFAULT_REQUEST_TIMEOUT_MS = 30_000
/** Ours count from here; the SASL library's, on the same socket, from 1. */
const FIRST_CORRELATION_ID = 0x40000000

type Pending = {
  readonly api: Api
  readonly version: number
  readonly resolve: (response: never) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

export class Connection {
  readonly address: BrokerAddress
  /** The broker's finalized features by name (KIP-584). */
  features: ReadonlyMap<string, number> = new Map()
  private readonly settings: KafkaConnectionSettings
  private readonly transport: Transport
  private readonly pending = new Map<number, Pending>()
  private readonly waiting: (() => void)[] = []
  private versions: ReadonlyMap<number, VersionRange> = new Map()
  private nextCorrelationId = FIRST_CORRELATION_ID
  private lost: ConnectionLost | undefined

  private constructor(
    address: BrokerAddress,
    settings: KafkaConnectionSettings,
    transport: Transport,
    frames: FramePool | undefined,
  ) {
    this.address = address
    this.settings = settings
    this.transport = transport
    const splitter = new FrameSplitter((frame) => this.onFrame(frame), {
      chunksAreReused: true,
      ...(frames && { allocate: (length) => frames.allocate(length) }),
    })
    transport.onData = (chunk) => {
      try {
        splitter.push(chunk)
      } catch (error) {
        this.fail(`${describeAddress(address)} sends what is not Kafka's protocol: ${(error as Error).message}`, error)
      }
    }
    transport.socket.on('error', (error) => this.fail(`${describeAddress(address)}: ${error.message}`, error))
    transport.socket.on('close', () => this.fail(`${describeAddress(address)} closed the connection`))
  }

  /** `frames`: where large answers go. Rejects with ConnectionLost or a JobError. */
  static async open(
    address: BrokerAddress,
    settings: KafkaConnectionSettings,
    frames?: FramePool,
  ): Promise<Connection> {
    const connection = new Connection(address, settings, await openTransport(address, settings), frames)
    try {
      await connection.negotiate()
    } catch (error) {
      connection.close()
      throw error
    }
    return connection
  }

  get isLost(): boolean {
    return this.lost !== undefined
  }

  private async negotiate(): Promise<void> {
    const about = { clientSoftwareName: 'sluice', clientSoftwareVersion: '0.1' }
    let answer = await this.sendVersion(apiVersions, 3, about)
    // A broker that knows no version 3 answers in version 0, which starts with the same error code (KIP-511).
    if (answer.errorCode === errorCode.UNSUPPORTED_VERSION) answer = await this.sendVersion(apiVersions, 0, {})
    this.versions = new Map(
      answer.apiKeys.map((entry) => [entry.apiKey, { min: entry.minVersion, max: entry.maxVersion }]),
    )
    this.features = new Map(answer.finalizedFeatures.map((feature) => [feature.name, feature.maxVersionLevel]))
  }

  /** The highest version that both sides speak, at most `limit`; undefined if there is none. */
  versionOf(api: Api, limit = api.maxVersion): number | undefined {
    const offered = this.versions.get(api.key)
    if (offered === undefined) return undefined
    const version = Math.min(offered.max, api.maxVersion, limit)
    return version >= Math.max(offered.min, api.minVersion) ? version : undefined
  }

  /** Rejects with ConnectionLost, or with a JobError if the broker is too old. */
  send<A extends Api>(api: A, body: RequestInput<A>, options: SendOptions = {}): Promise<ResponseOf<A>> {
    const version = this.versionOf(api, options.maxVersion)
    if (version === undefined) {
      return Promise.reject(
        new JobError(
          'RUN107',
          `the broker ${describeAddress(this.address)} offers no ${api.name} request that Sluice speaks`,
          {
            origin: 'user',
            retry: 'never',
          },
        ),
      )
    }
    return this.sendVersion(api, version, body, options.timeoutMs)
  }

  /** Requests go out in the order of the calls, also while a session is renewed. */
  private sendVersion<A extends Api>(
    api: A,
    version: number,
    body: RequestInput<A>,
    timeoutMs = this.settings.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS,
  ): Promise<ResponseOf<A>> {
    return new Promise<ResponseOf<A>>((resolve, reject) => {
      const write = () => {
        if (this.lost) reject(new ConnectionLost(this.lost.message, false, this.lost.cause))
        else this.write(api, version, body, timeoutMs, resolve, reject)
      }
      if (this.waiting.length === 0 && (this.lost || this.transport.isReady())) write()
      else if (this.waiting.push(write) === 1) this.writeWhenReady()
    })
  }

  private writeWhenReady(): void {
    this.transport
      .whenReady()
      .catch((error: Error) => this.fail(error.message, error))
      .then(() => {
        for (const write of this.waiting.splice(0)) write()
      })
  }

  private write<A extends Api>(
    api: A,
    version: number,
    body: RequestInput<A>,
    timeoutMs: number,
    resolve: (response: ResponseOf<A>) => void,
    reject: (error: Error) => void,
  ): void {
    const id = this.nextCorrelationId
    this.nextCorrelationId = id === 0x7fffffff ? FIRST_CORRELATION_ID : id + 1
    const frame = encodeRequest(api, version, id, this.settings.clientId ?? 'sluice', body)
    const timer = setTimeout(
      () => this.fail(`${describeAddress(this.address)} gave no answer to ${api.name} in ${timeoutMs} ms`),
      timeoutMs,
    )
    this.pending.set(id, { api, version, resolve, reject, timer })
    const { socket } = this.transport
    socket.cork()
    for (const chunk of frame) socket.write(chunk)
    socket.uncork()
  }

  private onFrame(frame: Uint8Array): void {
    const id = correlationIdOf(frame)
    const request = this.pending.get(id)
    if (request === undefined) {
      const whole = Buffer.allocUnsafe(frame.length + 4)
      whole.writeInt32BE(frame.length, 0)
      whole.set(frame, 4)
      this.transport.foreignFrame(whole)
      return
    }
    this.pending.delete(id)
    clearTimeout(request.timer)
    const refused =
      request.api === apiVersions &&
      new DataView(frame.buffer, frame.byteOffset + 4).getInt16(0) === errorCode.UNSUPPORTED_VERSION
    try {
      request.resolve(decodeResponse(request.api, refused ? 0 : request.version, frame) as never)
    } catch (error) {
      request.reject(
        new ConnectionLost(`the answer to ${request.api.name} is malformed: ${(error as Error).message}`, true, error),
      )
      this.fail('the answer before was malformed', error)
    }
  }

  /** All requests in flight fail with it; the connection is not used again. */
  private fail(message: string, cause?: unknown): void {
    if (this.lost) return
    this.lost = new ConnectionLost(message, true, cause)
    this.transport.close()
    for (const { reject, timer } of this.pending.values()) {
      clearTimeout(timer)
      reject(new ConnectionLost(message, true, cause))
    }
    this.pending.clear()
  }

  close(): void {
    this.fail('the connection was closed by us')
  }
}

export type SendOptions = { readonly maxVersion?: number; readonly timeoutMs?: number }
