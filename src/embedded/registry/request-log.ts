// What was asked of the embedded registry: in memory for tests, in a bounded file for people. Proves that a pipeline only reads.
import { createWriteStream, mkdirSync, renameSync, statSync, type WriteStream } from 'node:fs'
import { dirname } from 'node:path'

export type LoggedRequest = {
  /** ISO 8601. */
  readonly time: string
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly status: number
  readonly userAgent: string
}

/** Whether a request changes what the registry holds, or would have, had it been accepted. */
export function isWrite(request: { readonly method: string; readonly path: string }): boolean {
  if (request.method === 'PUT' || request.method === 'DELETE') return true
  // POST /subjects/{s} is a lookup and POST /compatibility/… a question; POST /subjects/{s}/versions registers.
  const path = request.path
    .replace(/\?.*$/s, '')
    .replace(/\/+$/, '')
    .replace(/^\/contexts\/[^/]+/, '')
  return request.method === 'POST' && /^\/subjects\/[^/]+\/versions$/.test(path)
}

const MAX_IN_MEMORY = 10_000
const MAX_FILE_BYTES = 16 * 1024 * 1024

export class RequestLog {
  readonly #entries: LoggedRequest[] = []
  readonly #path: string
  #stream: WriteStream
  #size: number

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true })
    this.#path = path
    this.#size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    this.#stream = createWriteStream(path, { flags: 'a' })
  }

  /** The newest requests, oldest first. */
  get entries(): readonly LoggedRequest[] {
    return this.#entries
  }

  add(request: LoggedRequest): void {
    this.#entries.push(request)
    if (this.#entries.length > MAX_IN_MEMORY) this.#entries.splice(0, MAX_IN_MEMORY / 10)
    const line = `${JSON.stringify(request)}\n`
    if (this.#size > MAX_FILE_BYTES) this.#rotate()
    this.#size += Buffer.byteLength(line)
    this.#stream.write(line)
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#stream.end(resolve))
  }

  /** One old file is kept. */
  #rotate(): void {
    this.#stream.end()
    renameSync(this.#path, `${this.#path}.1`)
    this.#stream = createWriteStream(this.#path, { flags: 'a' })
    this.#size = 0
  }
}
