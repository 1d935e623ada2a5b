// One HTTP request and its whole answer, with a time limit and TLS settings: the only file of this folder that talks to the network.
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { RegistryTls } from './registry-connection.ts'

export type HttpAnswer = { readonly status: number; readonly text: string; readonly retryAfter: string | undefined }

/** A server that sends more than this for one schema is no registry. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024

/** Keeps connections open between requests; `close` ends them. */
export class HttpExchange {
  readonly #httpAgent = new HttpAgent({ keepAlive: true, maxSockets: 8 })
  readonly #httpsAgent: HttpsAgent
  readonly #timeoutMs: number
  readonly #unreachable: (url: URL, cause: unknown) => Error

  /** `unreachable` makes the error for an answer that did not arrive. */
  constructor(tls: RegistryTls = {}, timeoutMs: number, unreachable: (url: URL, cause: unknown) => Error) {
    this.#timeoutMs = timeoutMs
    this.#unreachable = unreachable
    this.#httpsAgent = new HttpsAgent({
      keepAlive: true,
      maxSockets: 8,
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
      ...(tls.key === undefined ? {} : { key: tls.key }),
      ...(tls.keyPassword === undefined ? {} : { passphrase: tls.keyPassword }),
    })
  }

  /** Any status is an answer. The time limit is for connecting, sending and the whole answer together. */
  send(url: URL, method: 'GET' | 'POST', headers: Record<string, string>, body?: string): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const secure = url.protocol === 'https:'
      const sent = body === undefined ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) }
      const fail = (cause: unknown) => {
        clearTimeout(timer)
        reject(this.#unreachable(url, cause))
      }
      const outgoing = (secure ? httpsRequest : httpRequest)(
        url,
        { method, headers: sent, agent: secure ? this.#httpsAgent : this.#httpAgent },
        (incoming) => {
          const chunks: Buffer[] = []
          let size = 0
          incoming.on('data', (chunk: Buffer) => {
            size += chunk.length
            if (size > MAX_ANSWER_BYTES)
              incoming.destroy(new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`))
            else chunks.push(chunk)
          })
          incoming.on('error', fail)
          incoming.on('end', () => {
            clearTimeout(timer)
            const text = Buffer.concat(chunks).toString('utf8')
            resolve({ status: incoming.statusCode ?? 0, text, retryAfter: incoming.headers['retry-after'] })
          })
        },
      )
      const timer = setTimeout(
        () => outgoing.destroy(new Error(`no answer within ${this.#timeoutMs} ms`)),
        this.#timeoutMs,
      )
      outgoing.on('error', fail)
      outgoing.end(body)
    })
  }

  close(): void {
    this.#httpAgent.destroy()
    this.#httpsAgent.destroy()
  }
}
