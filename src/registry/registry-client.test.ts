import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type EmbeddedRegistry, startRegistry } from '../embedded/registry/registry.ts'
import { isWrite } from '../embedded/registry/request-log.ts'
import { RegistryClient } from './registry-client.ts'
import type { RegistryConnection } from './registry-connection.ts'

const user = '{"type":"record","name":"User","namespace":"com.acme","fields":[{"name":"id","type":"string"}]}'
const order = '{"type":"record","name":"Order","namespace":"com.acme","fields":[{"name":"by","type":"User"}]}'
const cart =
  '{"type":"record","name":"Cart","namespace":"com.acme","fields":[{"name":"order","type":"Order"},{"name":"by","type":"User"}]}'

const closers: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function connect(connection: RegistryConnection): RegistryClient {
  const client = new RegistryClient({ retryWaitMs: 1, ...connection })
  closers.push(() => client.close())
  return client
}

/** A server that answers as the script says: what no well-behaved registry would do. */
async function startServer(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8')
    })
    request.on('end', () => answer(request, response, body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function reply(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

describe('against a registry', () => {
  let registry: EmbeddedRegistry
  let client: RegistryClient

  beforeEach(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'sluice-client-'))
    closers.push(() => rmSync(dataDir, { recursive: true }))
    registry = await startRegistry({ dataDir, port: 0 })
    closers.push(() => registry.close())
    client = connect({ urls: [registry.url] })
    await register('com.acme.User', user)
  })

  async function register(subject: string, schema: string, references: object[] = []): Promise<void> {
    const body = JSON.stringify({ schema, references })
    const response = await fetch(`${registry.url}/subjects/${subject}/versions`, { method: 'POST', body })
    expect(response.status).toBe(200)
  }

  const asked = () => registry.requests.filter(({ userAgent }) => userAgent === 'sluice')

  test('finds a schema by id, guid, version and text', async () => {
    expect(await client.schemaById(1)).toEqual({ schemaType: 'AVRO', text: user, references: [] })
    const latest = await client.version('com.acme.User', 'latest')
    expect(latest).toMatchObject({ subject: 'com.acme.User', version: 1, id: 1, text: user })
    expect(await client.version('com.acme.User', 1)).toEqual(latest)
    expect(await client.lookup('com.acme.User', user)).toEqual(latest)
    expect(await client.lookup('com.acme.User', '"string"')).toBeUndefined()
    expect(await client.lookup('nobody', user)).toBeUndefined()
    expect(await client.versionsOfId(1)).toEqual([{ subject: 'com.acme.User', version: 1 }])
    expect(await client.subjects()).toEqual(['com.acme.User'])
    expect(await client.versions('com.acme.User')).toEqual([1])
    expect(await client.compatibilityLevel('com.acme.User')).toBe('BACKWARD')
    expect(await client.mode('com.acme.User')).toBe('READWRITE')
    expect(await client.contexts()).toEqual(['.'])
    expect(await client.checkCompatibility('com.acme.User', user)).toEqual({ compatible: true, messages: [] })
  })

  test('asks for an unknown id once, however many records wait for it', async () => {
    const answers = await Promise.all(Array.from({ length: 500 }, () => client.schemaById(1)))
    expect(new Set(answers).size).toBe(1)
    await client.schemaById(1)
    expect(asked().map(({ path }) => path)).toEqual(['/schemas/ids/1'])
  })

  test('a missing id is asked for again, so that a schema registered a moment later is found', async () => {
    const patient = connect({ urls: [registry.url], retryWaitMs: 200, retries: 30 })
    const found = patient.schemaById(2)
    await register('later', '"long"')
    expect(await found).toMatchObject({ text: '"long"' })
  })

  test('an id that stays missing is told by name, and not asked for again at once', async () => {
    await expect(client.schemaById(99)).rejects.toMatchObject({
      code: 'AVR104',
      message: 'Schema 99 not found',
      status: 404,
      errorCode: 40403,
    })
    const before = asked().length
    await expect(client.schemaById(99)).rejects.toMatchObject({ errorCode: 40403 })
    expect(asked().length).toBe(before)
  })

  test('lists referenced schemas in the order in which they must be parsed', async () => {
    const toUser = { name: 'com.acme.User', subject: 'com.acme.User', version: 1 }
    await register('orders', order, [toUser])
    await register('carts', cart, [{ name: 'com.acme.Order', subject: 'orders', version: 1 }, toUser])
    const stored = await client.version('carts', 'latest')
    expect((await client.referencedSchemas(stored)).map((schema) => schema.text)).toEqual([user, order])
    expect(await client.referencedBy('com.acme.User', 1)).toEqual([2, 3])
  })

  test('keeps to its context', async () => {
    await register(':.staging:com.acme.User', '"bytes"')
    const staging = connect({ urls: [registry.url], context: 'staging' })
    expect(await staging.schemaById(1)).toMatchObject({ text: '"bytes"' })
    expect(await staging.version('com.acme.User', 'latest')).toMatchObject({
      text: '"bytes"',
      subject: ':.staging:com.acme.User',
    })
    expect(await staging.subjects()).toEqual([':.staging:com.acme.User'])
    expect(await client.schemaById(1)).toMatchObject({ text: user })
  })

  test('changes nothing', async () => {
    await client.lookup('com.acme.User', user)
    await client.checkCompatibility('com.acme.User', '"string"', { version: 'latest' })
    await client.schemaById(1)
    expect(asked().length).toBe(3)
    expect(asked().filter(isWrite)).toEqual([])
  })

  test('goes on with the next address when one does not answer', async () => {
    const two = connect({ urls: ['http://127.0.0.1:1', registry.url], retries: 0 })
    expect(await two.schemaById(1)).toMatchObject({ text: user })
  })
})

describe('when things go wrong', () => {
  test('a registry that is away is told with its address', async () => {
    const client = connect({ urls: ['http://127.0.0.1:1'], retries: 1 })
    await expect(client.version('s', 'latest')).rejects.toMatchObject({
      code: 'AVR101',
      message: expect.stringMatching(/^schema registry `127\.0\.0\.1:1` cannot be reached: .*ECONNREFUSED/),
      retry: 'backoff',
    })
  })

  test('passing errors are retried, lasting ones told', async () => {
    let calls = 0
    const url = await startServer((_request, response) => {
      calls++
      if (calls === 1) reply(response, 503, {})
      else if (calls === 2) reply(response, 429, {}, { 'retry-after': '0' })
      else reply(response, 200, ['a'])
    })
    expect(await connect({ urls: [url] }).subjects()).toEqual(['a'])
    expect(calls).toBe(3)
    calls = -100
    const failing = await startServer((_request, response) =>
      reply(response, 500, { error_code: 50001, message: 'disk full' }),
    )
    await expect(connect({ urls: [failing], retries: 2 }).subjects()).rejects.toMatchObject({
      code: 'AVR102',
      status: 500,
      errorCode: 50001,
      message: expect.stringContaining('disk full'),
    })
  })

  test('a registry that accepts and never answers is given up', async () => {
    const url = await startServer(() => undefined)
    await expect(connect({ urls: [url], timeoutMs: 50, retries: 0 }).subjects()).rejects.toMatchObject({
      code: 'AVR101',
      message: expect.stringContaining('no answer within 50 ms'),
    })
  })

  test('refused access is not retried and names the setting', async () => {
    let calls = 0
    const url = await startServer((_request, response) => {
      calls++
      reply(response, 401, { error_code: 40101, message: 'Unauthorized' })
    })
    await expect(connect({ urls: [url] }).subjects()).rejects.toMatchObject({
      code: 'AVR103',
      origin: 'user',
      hint: expect.stringContaining('registry.auth'),
    })
    expect(calls).toBe(1)
  })

  test("an answer that is no registry's is told as such", async () => {
    const html = await startServer((_request, response) => response.end('<html>'))
    await expect(connect({ urls: [html] }).subjects()).rejects.toMatchObject({ code: 'AVR102', retry: 'never' })
    const other = await startServer((_request, response) => reply(response, 200, { hello: 1 }))
    await expect(connect({ urls: [other] }).version('s', 1)).rejects.toMatchObject({ code: 'AVR102', retry: 'never' })
  })
})

describe('credentials', () => {
  async function headersSent(
    connection: Omit<RegistryConnection, 'urls'>,
    login = '',
  ): Promise<IncomingMessage['headers']> {
    let headers: IncomingMessage['headers'] = {}
    const url = await startServer((request, response) => {
      headers = request.headers
      reply(response, 200, [])
    })
    await connect({ ...connection, urls: [url.replace('//', `//${login}`)] }).subjects()
    return headers
  }

  test('basic, from the settings or the address', async () => {
    const expected = `Basic ${Buffer.from('ann:s:cret').toString('base64')}`
    expect(await headersSent({ auth: { kind: 'basic', username: 'ann', password: 's:cret' } })).toMatchObject({
      authorization: expected,
    })
    expect(await headersSent({}, 'ann:s%3Acret@')).toMatchObject({ authorization: expected })
  })

  test("bearer, and headers of one's own", async () => {
    expect(await headersSent({ auth: { kind: 'bearer', token: 't' }, headers: { 'x-team': 'fraud' } })).toMatchObject({
      authorization: 'Bearer t',
      'x-team': 'fraud',
    })
  })

  test('OAuth: one token for many calls, a new one after a refusal', async () => {
    const forms: string[] = []
    let accepted = 'token-1'
    const url = await startServer((request, response, body) => {
      if (request.url === '/token') {
        forms.push(body)
        reply(response, 200, { access_token: `token-${forms.length}`, expires_in: 3600 })
      } else if (request.headers.authorization === `Bearer ${accepted}`)
        reply(response, 200, [String(request.headers['target-sr-cluster'])])
      else reply(response, 401, {})
    })
    const auth = {
      kind: 'oauth',
      tokenUrl: `${url}/token`,
      clientId: 'c',
      clientSecret: 's',
      scope: 'read',
      logicalCluster: 'lsrc-1',
    } as const
    const client = connect({ urls: [url], auth })
    expect(await Promise.all([client.subjects(), client.subjects()])).toEqual([['lsrc-1'], ['lsrc-1']])
    expect(forms).toEqual(['grant_type=client_credentials&scope=read'])
    accepted = 'token-2'
    await expect(client.subjects()).rejects.toMatchObject({ code: 'AVR103' })
    expect(await client.subjects()).toEqual(['lsrc-1'])
  })
})

describe('TLS', () => {
  const command = 'openssl'
  const hasOpenssl = spawnSync(command, ['version']).status === 0

  test.skipIf(!hasOpenssl)('a server is verified, and asks for a certificate itself (mutual TLS)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-tls-'))
    closers.push(() => rmSync(folder, { recursive: true }))
    const openssl = (...words: string[]) => expect(spawnSync(command, words, { cwd: folder }).status).toBe(0)
    for (const name of ['server', 'client']) {
      const subject = name === 'server' ? '/CN=localhost' : '/CN=sluice'
      openssl(
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
        '-subj',
        subject,
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.pem`,
      )
    }
    const pem = (file: string) => readFileSync(join(folder, file), 'utf8')
    const server = createSecureServer(
      {
        key: pem('server.key'),
        cert: pem('server.pem'),
        ca: pem('client.pem'),
        requestCert: true,
        rejectUnauthorized: true,
      },
      (_request, response) => reply(response, 200, ['a']),
    )
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
    closers.push(() => {
      server.closeAllConnections()
      server.close()
    })
    const urls = [`https://localhost:${(server.address() as AddressInfo).port}`]
    const client = { certificate: pem('client.pem'), key: pem('client.key') }
    expect(await connect({ urls, tls: { ca: pem('server.pem'), ...client } }).subjects()).toEqual(['a'])
    await expect(connect({ urls, tls: client, retries: 0 }).subjects()).rejects.toMatchObject({
      code: 'AVR101',
      message: expect.stringContaining('self-signed'),
    })
    await expect(connect({ urls, tls: { ca: pem('server.pem') }, retries: 0 }).subjects()).rejects.toMatchObject({
      code: 'AVR101',
    })
  })
})
