// HTTP to a schema registry: addresses with failover, credentials, timeouts, retries. Its calls are
// questions: a registering, deleting or configuring request cannot be expressed.
import { setTimeout as sleep } from 'node:timers/promises'
import { type HttpAnswer, HttpExchange } from './http-exchange.ts'
import { OAuthTokens } from './oauth-tokens.ts'
import {
  DEFAULT_RETRIES,
  DEFAULT_RETRY_WAIT_MS,
  DEFAULT_TIMEOUT_MS,
  type RegistryConnection,
} from './registry-connection.ts'
import { RegistryError } from './registry-error.ts'

type SchemaBody = {
  readonly schema: string
  readonly references: readonly { readonly name: string; readonly subject: string; readonly version: number }[]
}

export type ReadCall =
  | {
      readonly question: 'get'
      readonly path: readonly string[]
      readonly query?: Readonly<Record<string, string | undefined>>
    }
  /** `POST /subjects/{subject}` looks a schema up and changes nothing. */
  | { readonly question: 'lookup'; readonly subject: string; readonly body: SchemaBody }
  | {
      readonly question: 'compatibility'
      readonly subject: string
      readonly version?: number | 'latest'
      readonly body: SchemaBody
    }

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json'
const MAX_WAIT_MS = 5_000
const retriedStatus: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

export class RegistryTransport {
  readonly #connection: RegistryConnection
  readonly #addresses: readonly Address[]
  readonly #http: HttpExchange
  readonly #tokens: OAuthTokens | undefined
  #preferred = 0

  constructor(connection: RegistryConnection) {
    this.#connection = connection
    this.#addresses = connection.urls.map(readAddress)
    this.#http = new HttpExchange(connection.tls, connection.timeoutMs ?? DEFAULT_TIMEOUT_MS, unreachableError)
    const auth = connection.auth
    this.#tokens =
      auth?.kind === 'oauth'
        ? new OAuthTokens(
            auth,
            (url, headers, body) => this.#http.send(new URL(url), 'POST', headers, body),
            'registry.auth',
          )
        : undefined
  }

  /** The parsed body of a 2xx answer; everything else is thrown as RegistryError. */
  async send(call: ReadCall): Promise<unknown> {
    const retries = this.#connection.retries ?? DEFAULT_RETRIES
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#tryAddresses(call)
      } catch (error) {
        if (!(error instanceof RegistryError) || error.retry === 'never' || attempt >= retries) throw error
        await sleep(this.#waitMs(attempt, error))
      }
    }
  }

  close(): void {
    this.#http.close()
  }

  async #tryAddresses(call: ReadCall): Promise<unknown> {
    let last: unknown
    for (let i = 0; i < this.#addresses.length; i++) {
      const index = (this.#preferred + i) % this.#addresses.length
      try {
        const result = await this.#ask(this.#addresses[index]!, call)
        this.#preferred = index
        return result
      } catch (error) {
        last = error
        if (!(error instanceof RegistryError) || error.retry === 'never') throw error
      }
    }
    throw last
  }

  async #ask(address: Address, call: ReadCall): Promise<unknown> {
    const url = new URL(address.base + pathOf(call))
    if (call.question === 'get') {
      for (const [name, value] of Object.entries(call.query ?? {}))
        if (value !== undefined) url.searchParams.set(name, value)
    }
    const headers = await this.#headers(address)
    const answer =
      call.question === 'get'
        ? await this.#http.send(url, 'GET', headers)
        : await this.#http.send(url, 'POST', { ...headers, 'content-type': CONTENT_TYPE }, JSON.stringify(call.body))
    if (answer.status >= 200 && answer.status < 300) return parseBody(answer, url)
    if (answer.status === 401) this.#tokens?.forget()
    throw refusal(answer, url)
  }

  async #headers(address: Address): Promise<Record<string, string>> {
    const headers: Record<string, string> = {
      accept: `${CONTENT_TYPE}, application/json`,
      'user-agent': 'sluice',
      ...this.#connection.headers,
    }
    const auth = this.#connection.auth
    if (auth === undefined) {
      if (address.credentials !== undefined) headers.authorization = `Basic ${base64(address.credentials)}`
    } else if (auth.kind === 'basic') headers.authorization = `Basic ${base64(`${auth.username}:${auth.password}`)}`
    else if (auth.kind === 'bearer') headers.authorization = `Bearer ${auth.token}`
    else {
      headers.authorization = `Bearer ${await this.#tokens!.current()}`
      if (auth.logicalCluster !== undefined) headers['target-sr-cluster'] = auth.logicalCluster
      if (auth.identityPool !== undefined) headers['confluent-identity-pool-id'] = auth.identityPool
    }
    return headers
  }

  #waitMs(attempt: number, error: RegistryError): number {
    const longest = Math.min(MAX_WAIT_MS, (this.#connection.retryWaitMs ?? DEFAULT_RETRY_WAIT_MS) * 2 ** attempt)
    return Math.max(Math.random() * longest, Math.min(MAX_WAIT_MS, error.retryAfterMs ?? 0))
  }
}

type Address = { readonly base: string; readonly credentials: string | undefined }

function readAddress(text: string): Address {
  const url = new URL(text)
  const credentials =
    url.username === '' ? undefined : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return { base: `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`, credentials }
}

function pathOf(call: ReadCall): string {
  const parts =
    call.question === 'get'
      ? call.path
      : call.question === 'lookup'
        ? ['subjects', call.subject]
        : [
            'compatibility',
            'subjects',
            call.subject,
            'versions',
            ...(call.version === undefined ? [] : [String(call.version)]),
          ]
  const query = call.question === 'compatibility' ? '?verbose=true' : ''
  return `/${parts.map(encodeURIComponent).join('/')}${query}`
}

function parseBody(answer: HttpAnswer, url: URL): unknown {
  try {
    return JSON.parse(answer.text)
  } catch (cause) {
    throw new RegistryError('AVR102', `\`${shown(url)}\` answered ${answer.status} with something that is not JSON`, {
      status: answer.status,
      errorCode: answer.status,
      retry: 'never',
      hint: "Check that the address is the schema registry's, not a proxy's or a website's.",
      cause,
    })
  }
}

function refusal(answer: HttpAnswer, url: URL): RegistryError {
  const { errorCode, message } = readRefusal(answer)
  const told = message === undefined ? '' : `: ${message}`
  const status = answer.status
  if (status === 401 || status === 403) {
    return new RegistryError('AVR103', `schema registry \`${url.host}\` refuses access (${status})${told}`, {
      status,
      errorCode,
      retry: 'never',
      origin: 'user',
      hint: 'Check `registry.auth` of the environment in sluice.yaml; read access is enough.',
    })
  }
  if (status === 404) {
    return new RegistryError('AVR104', message ?? `schema registry has nothing at \`${shown(url)}\``, {
      status,
      errorCode,
      retry: 'never',
      origin: 'user',
    })
  }
  const retry = retriedStatus.has(status) ? 'backoff' : 'never'
  const retryAfterMs = Number(answer.retryAfter) * 1000
  return new RegistryError('AVR102', `schema registry answered ${status} to \`${shown(url)}\`${told}`, {
    status,
    errorCode,
    retry,
    ...(retryAfterMs > 0 ? { retryAfterMs } : {}),
  })
}

function readRefusal(answer: HttpAnswer): { errorCode: number; message: string | undefined } {
  try {
    const body: unknown = JSON.parse(answer.text)
    if (typeof body === 'object' && body !== null) {
      const code = 'error_code' in body && typeof body.error_code === 'number' ? body.error_code : answer.status
      const message = 'message' in body && typeof body.message === 'string' ? body.message : undefined
      return { errorCode: code, message }
    }
  } catch {
    // A proxy's page: its status says enough.
  }
  return { errorCode: answer.status, message: undefined }
}

function unreachableError(url: URL, cause: unknown): RegistryError {
  const reason = cause instanceof Error ? reasonOf(cause) : String(cause)
  return new RegistryError('AVR101', `schema registry \`${url.host}\` cannot be reached: ${reason}`, {
    status: 0,
    errorCode: 0,
    retry: 'backoff',
    hint: 'Check `registry.urls` of the environment in sluice.yaml, and that the registry runs.',
    cause,
  })
}

/** Connection failures to a name with several addresses arrive as an AggregateError without a message. */
function reasonOf(error: Error): string {
  const inner = error instanceof AggregateError ? error.errors.find((each) => each instanceof Error) : undefined
  const text = inner instanceof Error ? inner.message : error.message
  return text === '' && 'code' in error ? String(error.code) : text
}

function shown(url: URL): string {
  return `${url.host}${url.pathname}`
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
