// A schema registry on loopback for `npm start` and tests: Confluent's REST API with a durable store. The calls are in routes.ts.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { JobError } from '../../diagnostics/job-error.ts'
import { Refusal, refusals } from './refusal.ts'
import { type LoggedRequest, RequestLog } from './request-log.ts'
import { RawText, type Route, routes } from './routes.ts'
import { Store } from './store.ts'

export type EmbeddedRegistry = {
  readonly port: number
  readonly url: string
  /** What was asked so far, oldest first; `isWrite` of request-log.ts tells questions from changes. */
  readonly requests: readonly LoggedRequest[]
  /** Ends open connections and closes the files. */
  close(): Promise<void>
}

export type RegistryOptions = {
  /** Holds `schemas.jsonl` and `requests.jsonl`; made if missing. */
  readonly dataDir: string
  /** 0: any free port. */
  readonly port: number
  readonly host?: string
}

const MAX_BODY_BYTES = 8 * 1024 * 1024
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json'

/** Throws JobError when the data is damaged or the port is taken. */
export async function startRegistry(options: RegistryOptions): Promise<EmbeddedRegistry> {
  const host = options.host ?? '127.0.0.1'
  const store = new Store(join(options.dataDir, 'schemas.jsonl'))
  const log = new RequestLog(join(options.dataDir, 'requests.jsonl'))
  const server = createServer((request, response) => {
    void serve(store, request, response).then((status) => {
      log.add({
        time: new Date().toISOString(),
        method: request.method ?? '',
        path: request.url ?? '',
        status,
        userAgent: request.headers['user-agent'] ?? '',
      })
    })
  })
  try {
    await listen(server, options.port, host)
  } catch (error) {
    store.close()
    await log.close()
    throw error
  }
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://${host}:${port}`,
    requests: log.entries,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      store.close()
      await log.close()
    },
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'EADDRINUSE' ? 'another program listens there' : cause.message
      reject(
        new JobError('AVR107', `the embedded schema registry cannot listen on port ${port}: ${reason}`, {
          origin: 'external',
          retry: 'never',
          hint: 'End the other program, or choose another port with --port.',
          cause,
        }),
      )
    })
    server.listen(port, host, resolve)
  })
}

/** Answers one request; resolves to the status that was sent. */
async function serve(store: Store, request: IncomingMessage, response: ServerResponse): Promise<number> {
  try {
    const body = await readBody(request)
    const url = new URL(request.url ?? '/', 'http://registry')
    const { route, parameters } = findRoute(request.method ?? '', url)
    const answer = route.answer({ store, parameters, query: url.searchParams, body })
    send(response, 200, answer instanceof RawText ? answer.text : JSON.stringify(answer))
    return 200
  } catch (error) {
    // Not a refusal: a bug of ours or a full disk. The client is told, and nothing was acknowledged.
    const refusal = error instanceof Refusal ? error : new Refusal(500, 50001, `Error in the store: ${String(error)}`)
    send(response, refusal.status, JSON.stringify({ error_code: refusal.errorCode, message: refusal.message }))
    return refusal.status
  }
}

function send(response: ServerResponse, status: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8')
  response.writeHead(status, { 'content-type': CONTENT_TYPE, 'content-length': bytes.length })
  response.end(bytes)
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw refusals.tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

type Found = { readonly route: Route; readonly parameters: Readonly<Record<string, string>> }

const patterns = routes.map((route) => ({ route, parts: route.path.split('/') }))

function findRoute(method: string, url: URL): Found {
  const parts = withoutContext(url.pathname.split('/').map(decode), url.searchParams)
  const matching = patterns.filter(
    (pattern) =>
      pattern.parts.length === parts.length &&
      pattern.parts.every((part, i) => part.startsWith('{') || part === parts[i]),
  )
  if (matching.length === 0) throw refusals.notFound()
  const found = matching.find((pattern) => pattern.route.method === method)
  if (found === undefined) throw refusals.methodNotAllowed()
  const parameters = Object.fromEntries(
    found.parts.flatMap((part, i) => (part.startsWith('{') ? [[part.slice(1, -1), parts[i]!]] : [])),
  )
  return { route: found.route, parameters }
}

/**
 * `/contexts/{context}/subjects/orders` is `/subjects/:.context:orders`; where the path names no subject, the query does it:
 * `subject` for ids, `subjectPrefix` for lists.
 */
function withoutContext(parts: readonly string[], query: URLSearchParams): readonly string[] {
  const trimmed = parts.length > 2 && parts.at(-1) === '' ? parts.slice(0, -1) : parts
  if (trimmed[1] !== 'contexts' || trimmed.length < 4) return trimmed
  const context = trimmed[2]!.startsWith('.') ? trimmed[2]! : `.${trimmed[2]}`
  const rest = ['', ...trimmed.slice(3)]
  const qualify = (subject: string) => (subject.startsWith(':.') ? subject : `:${context}:${subject}`)
  const at = rest[1] === 'compatibility' ? 3 : 2
  if (rest[1] === 'schemas' && rest.length > 2) query.set('subject', qualify(query.get('subject') ?? ''))
  else if (rest[at] === undefined && (rest[1] === 'config' || rest[1] === 'mode')) rest.push(qualify(''))
  else if (rest[at] === undefined) query.set('subjectPrefix', qualify(query.get('subjectPrefix') ?? ''))
  else rest[at] = qualify(rest[at])
  return rest
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw refusals.notFound()
  }
}
