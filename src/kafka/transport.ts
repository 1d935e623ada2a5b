// Opens sockets to brokers: TCP, TLS, and SASL by @platformatic/kafka, which is imported here only and only for SASL (it takes a
// third of a second). Authenticated sockets are then ours; the library keeps renewing the session on them (KIP-368).
import { createConnection, type Socket } from 'node:net'
import { connect as createTlsConnection, type ConnectionOptions as TlsOptions } from 'node:tls'
import { JobError } from '../diagnostics/job-error.ts'
import { ConnectionLost } from './kafka-error.ts'
import type { KafkaConnectionSettings, SaslSettings } from './settings.ts'

export type BrokerAddress = { readonly host: string; readonly port: number }

export type Transport = {
  readonly socket: Socket
  /** The chunk's buffer is used again after the call. */
  onData: (chunk: Uint8Array) => void
  /** False while the session is renewed: the broker accepts no other requests then. */
  isReady(): boolean
  /** Resolves when `isReady`. */
  whenReady(): Promise<void>
  /** Takes a frame (with its length) that answers no request of ours. */
  foreignFrame(frame: Uint8Array): void
  close(): void
}

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000
const READ_BYTES = 256 * 1024

export function openTransport(address: BrokerAddress, settings: KafkaConnectionSettings): Promise<Transport> {
  return settings.sasl === undefined
    ? openPlain(address, settings)
    : openAuthenticated(address, settings, settings.sasl)
}

export function describeAddress({ host, port }: BrokerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function tlsOptions(settings: KafkaConnectionSettings): TlsOptions | undefined {
  if (settings.tls === undefined) return undefined
  const { ca, cert, key, serverName } = settings.tls
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(serverName !== undefined && { servername: serverName }),
  }
}

function openPlain(address: BrokerAddress, settings: KafkaConnectionSettings): Promise<Transport> {
  const tls = tlsOptions(settings)
  return new Promise((resolve, reject) => {
    const timeoutMs = settings.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS
    // One buffer for all reads: a new one for each costs more than the copy out of it.
    const onread = {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback: (length: number, buffer: Uint8Array) => {
        transport.onData(buffer.subarray(0, length))
        return true
      },
    }
    const socket = tls ? openTls(address, tls) : createConnection({ ...address, onread })
    const transport: Transport = {
      socket,
      onData: () => {},
      isReady: () => true,
      whenReady: () => Promise.resolve(),
      foreignFrame: () => {},
      close: () => socket.destroy(),
    }
    if (tls) socket.on('data', (chunk: Buffer) => transport.onData(chunk))
    const fail = (reason: string, cause?: unknown) => {
      clearTimeout(timer)
      socket.destroy()
      reject(
        certificateFailure(address, reason, cause) ??
          new ConnectionLost(`the connection to ${describeAddress(address)} failed: ${reason}`, false, cause),
      )
    }
    const timer = setTimeout(() => fail(`no answer in ${timeoutMs} ms`), timeoutMs)
    const onError = (error: NodeJS.ErrnoException) => fail(error.code ?? error.message, error)
    socket.setNoDelay(true)
    socket.once('error', onError)
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      socket.removeListener('error', onError)
      resolve(transport)
    })
  })
}

function openTls(address: BrokerAddress, tls: TlsOptions): Socket {
  try {
    return createTlsConnection({ ...address, ...tls })
  } catch (error) {
    throw new JobError('RUN109', `the TLS settings cannot be used: ${(error as Error).message}`, {
      origin: 'user',
      retry: 'never',
      hint: 'The certificates and the key are PEM texts, from -----BEGIN to -----END.',
      cause: error,
    })
  }
}

/** Node's names for a certificate that is not to be trusted; trying again does not help. */
function certificateFailure(address: BrokerAddress, code: string, cause: unknown): JobError | undefined {
  if (!/CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/.test(code)) return undefined
  return new JobError('RUN102', `the certificate of ${describeAddress(address)} is not trusted: ${code}`, {
    origin: 'user',
    retry: 'never',
    hint: 'Give the certificate of the authority that signed it, and connect by a host name that the certificate names.',
    cause,
  })
}

async function openAuthenticated(
  address: BrokerAddress,
  settings: KafkaConnectionSettings,
  sasl: SaslSettings,
): Promise<Transport> {
  const { Connection } = await import('@platformatic/kafka')
  const tls = tlsOptions(settings)
  const connection = new Connection(settings.clientId ?? 'sluice', {
    connectTimeout: settings.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    ...(tls && { tls }),
    sasl: sasl.mechanism === 'OAUTHBEARER' ? { mechanism: sasl.mechanism, token: sasl.token } : { ...sasl },
  })
  connection.on('error', () => {})
  try {
    await connection.connect(address.host, address.port)
  } catch (error) {
    connection.socket?.destroy()
    throw saslFailure(address, error)
  }
  const { socket } = connection
  const libraryListeners = socket.listeners('data')
  socket.removeAllListeners('data')
  const transport: Transport = {
    socket,
    onData: () => {},
    isReady: () => connection.isConnected(),
    whenReady: () => (connection.isConnected() ? Promise.resolve() : connection.ready()),
    foreignFrame: (frame) => {
      for (const listener of libraryListeners) listener.call(socket, frame)
    },
    close: () => {
      connection.close().catch(() => {})
      socket.destroy()
    },
  }
  socket.on('data', (chunk: Buffer) => transport.onData(chunk))
  return transport
}

/** The library wraps a refusal several times; a broker that just hangs up is unreachable, one that refuses is not. */
function saslFailure(address: BrokerAddress, error: unknown): Error {
  const where = describeAddress(address)
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: string }
    const untrusted = certificateFailure(address, code ?? '', error)
    if (untrusted) return untrusted
    if (code === 'PLT_KFK_AUTHENTICATION' || /authenticat|mechanism/i.test(cause.message)) {
      return new JobError('RUN102', `the broker ${where} refuses the credentials (${cause.message})`, {
        origin: 'user',
        retry: 'never',
        hint: 'Check the SASL mechanism, the user name and the password or token of the connection.',
        cause: error,
      })
    }
  }
  return new ConnectionLost(`the connection to ${where} failed: ${(error as Error).message}`, false, error)
}
