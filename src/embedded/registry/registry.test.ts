import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type EmbeddedRegistry, startRegistry } from './registry.ts'
import { isWrite } from './request-log.ts'

const user = record('User', [{ name: 'id', type: 'string' }])
const userWithEmail = record('User', [
  { name: 'id', type: 'string' },
  { name: 'email', type: ['null', 'string'], default: null },
])
const userWithAge = record('User', [
  { name: 'id', type: 'string' },
  { name: 'age', type: 'int' },
])

function record(name: string, fields: readonly object[], more: object = {}): string {
  return JSON.stringify({ type: 'record', name, namespace: 'com.acme', fields, ...more })
}

let dataDir: string
let registry: EmbeddedRegistry

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-registry-'))
  registry = await startRegistry({ dataDir, port: 0 })
})

afterEach(async () => {
  await registry.close()
  rmSync(dataDir, { recursive: true })
})

async function restart(): Promise<void> {
  await registry.close()
  registry = await startRegistry({ dataDir, port: 0 })
}

/** Status and body, as a client sees them. */
async function call(method: string, path: string, body?: object): Promise<readonly [number, unknown]> {
  const response = await fetch(registry.url + path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' } }),
  })
  return [response.status, await response.json()]
}

const register = (subject: string, schema: string, more: object = {}) =>
  call('POST', `/subjects/${subject}/versions`, { schema, ...more })

describe('registering', () => {
  test('gives ids from 1 and versions per subject, and the same again for the same schema', async () => {
    expect(await register('users-value', user)).toMatchObject([200, { id: 1, version: 1 }])
    expect(await register('users-value', userWithEmail)).toMatchObject([200, { id: 2, version: 2 }])
    expect(await register('users-value', user)).toMatchObject([200, { id: 1, version: 1 }])
    expect(await call('GET', '/subjects/users-value/versions')).toEqual([200, [1, 2]])
  })

  test('takes the same schema written differently for the same, and shares its id between subjects', async () => {
    await register('a-value', user)
    const rewritten = JSON.stringify(
      { fields: [{ type: { type: 'string' }, name: 'id' }], name: 'com.acme.User', type: 'record' },
      null,
      2,
    )
    expect(await register('a-value', rewritten)).toMatchObject([200, { id: 1, version: 1 }])
    expect(await register('b-value', rewritten)).toMatchObject([200, { id: 1, version: 1 }])
    expect(await call('GET', '/schemas/ids/1/versions')).toEqual([
      200,
      [
        { subject: 'a-value', version: 1 },
        { subject: 'b-value', version: 1 },
      ],
    ])
  })

  test('stores the schema as Avro prints it', async () => {
    await register('users-value', JSON.stringify(JSON.parse(user), null, 4))
    expect(await call('GET', '/subjects/users-value/versions/latest')).toMatchObject([
      200,
      { subject: 'users-value', version: 1, id: 1, schema: user },
    ])
    const text = await fetch(`${registry.url}/schemas/ids/1/schema`)
    expect(await text.text()).toBe(user)
  })

  test('refuses what is no schema', async () => {
    expect(await register('users-value', '{"type":"record"}')).toMatchObject([422, { error_code: 42201 }])
    expect(await register('users-value', 'nonsense')).toMatchObject([422, { error_code: 42201 }])
    expect(await register('users-value', '')).toMatchObject([422, { error_code: 42201 }])
    expect(await register('users-value', '{}', { schemaType: 'PROTOBUF' })).toMatchObject([422, { error_code: 42201 }])
    expect(await call('GET', '/subjects')).toEqual([200, []])
  })

  test('asked to normalize, orders what has no order', async () => {
    const one = record('R', [{ name: 'd', type: { type: 'bytes', scale: 2, precision: 4, logicalType: 'decimal' } }], {
      aliases: ['B', 'A'],
    })
    const two = record('R', [{ name: 'd', type: { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 } }], {
      aliases: ['A', 'B'],
    })
    expect(await call('POST', '/subjects/r-value/versions?normalize=true', { schema: one })).toMatchObject([
      200,
      { id: 1 },
    ])
    expect(await call('POST', '/subjects/r-value/versions?normalize=true', { schema: two })).toMatchObject([
      200,
      { id: 1 },
    ])
    expect(await call('POST', '/subjects/r-value', { schema: one })).toMatchObject([404, { error_code: 40403 }])
    await call('PUT', '/config/r-value', { normalize: true })
    expect(await call('POST', '/subjects/r-value', { schema: one })).toMatchObject([200, { version: 1 }])
  })
})

describe('compatibility', () => {
  beforeEach(async () => {
    await register('users-value', user)
  })

  test('what readers could not read is refused, with the reason', async () => {
    const [status, body] = await register('users-value', userWithAge)
    expect(status).toBe(409)
    expect(body).toMatchObject({
      error_code: 409,
      message: expect.stringMatching(
        /^Schema being registered is incompatible with an earlier schema for subject "users-value", details: \[\{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE'.*'age'/,
      ),
    })
    expect(await call('GET', '/subjects/users-value/versions')).toEqual([200, [1]])
  })

  test('the level of the subject decides', async () => {
    await call('PUT', '/config/users-value', { compatibility: 'FORWARD' })
    expect(await register('users-value', userWithAge)).toMatchObject([200, { id: 2, version: 2 }])
    expect(await register('users-value', userWithEmail)).toMatchObject([409, { error_code: 409 }])
    await call('PUT', '/config/users-value', { compatibility: 'NONE' })
    expect(await register('users-value', '"string"')).toMatchObject([200, { version: 3 }])
  })

  test('can be asked before registering, against one version or all that count', async () => {
    const ask = (path: string, schema: string) => call('POST', `/compatibility/subjects/${path}`, { schema })
    expect(await ask('users-value/versions', userWithEmail)).toEqual([200, { is_compatible: true }])
    expect(await ask('users-value/versions/latest', userWithAge)).toEqual([200, { is_compatible: false }])
    expect(await ask('users-value/versions/1?verbose=true', userWithAge)).toMatchObject([
      200,
      { is_compatible: false, messages: [expect.stringContaining("'age'"), expect.stringContaining('{oldSchema: ')] },
    ])
    expect(await ask('users-value/versions/9', user)).toMatchObject([404, { error_code: 40402 }])
    expect(await ask('nobody/versions', user)).toEqual([200, { is_compatible: true }])
    expect(await ask('nobody/versions/latest', user)).toEqual([200, { is_compatible: true }])
    expect(await ask('users-value/versions', '{}')).toMatchObject([422, { error_code: 42201 }])
    expect(await call('GET', '/subjects/users-value/versions')).toEqual([200, [1]])
  })

  test('with a compatibility group, only versions of the same value count', async () => {
    await call('PUT', '/config/users-value', { compatibilityGroup: 'major' })
    const metadata = { properties: { major: '2' } }
    expect(await register('users-value', userWithAge, { metadata })).toMatchObject([200, { version: 2 }])
    expect(await register('users-value', user, { metadata })).toMatchObject([200, { version: 3 }])
    expect(await register('users-value', userWithAge)).toMatchObject([409, { error_code: 409 }])
  })

  test('deleted versions do not count', async () => {
    await call('DELETE', '/subjects/users-value/versions/1')
    expect(await register('users-value', userWithAge)).toMatchObject([200, { version: 2 }])
  })
})

describe('asking', () => {
  beforeEach(async () => {
    await register('users-value', user)
    await register('users-value', userWithEmail)
  })

  test('finds schemas by id, guid, version and text', async () => {
    const [, byId] = await call('GET', '/schemas/ids/2')
    expect(byId).toMatchObject({ schema: userWithEmail })
    const { guid } = byId as { guid: string }
    expect(await call('GET', `/schemas/guids/${guid}`)).toMatchObject([200, { schema: userWithEmail }])
    expect(await call('GET', `/schemas/guids/${guid}/ids`)).toEqual([200, [{ context: '.', id: 2 }]])
    expect(await call('GET', '/subjects/users-value/versions/1')).toMatchObject([200, { id: 1 }])
    expect(await call('GET', '/subjects/users-value/versions/-1')).toMatchObject([200, { version: 2 }])
    expect(await call('POST', '/subjects/users-value', { schema: user })).toMatchObject([200, { version: 1, id: 1 }])
  })

  test("says what is missing with Confluent's codes", async () => {
    expect(await call('GET', '/schemas/ids/99')).toEqual([404, { error_code: 40403, message: 'Schema 99 not found' }])
    expect(await call('GET', '/subjects/nobody/versions')).toEqual([
      404,
      { error_code: 40401, message: "Subject 'nobody' not found." },
    ])
    expect(await call('GET', '/subjects/users-value/versions/9')).toEqual([
      404,
      { error_code: 40402, message: 'Version 9 not found.' },
    ])
    expect(await call('GET', '/subjects/users-value/versions/zero')).toMatchObject([422, { error_code: 42202 }])
    expect(await call('POST', '/subjects/users-value', { schema: userWithAge })).toMatchObject([
      404,
      { error_code: 40403 },
    ])
    expect(await call('POST', '/subjects/nobody', { schema: user })).toMatchObject([404, { error_code: 40401 }])
    expect(await call('GET', '/nowhere')).toMatchObject([404, { error_code: 404 }])
    expect(await call('PUT', '/subjects')).toMatchObject([405, { error_code: 405 }])
  })

  test('lists subjects by prefix and page', async () => {
    await register('orders-value', user)
    expect(await call('GET', '/subjects')).toEqual([200, ['orders-value', 'users-value']])
    expect(await call('GET', '/subjects?subjectPrefix=us')).toEqual([200, ['users-value']])
    expect(await call('GET', '/subjects?offset=1&limit=1')).toEqual([200, ['users-value']])
    expect(await call('GET', '/schemas?latestOnly=true&subjectPrefix=users')).toMatchObject([200, [{ version: 2 }]])
  })
})

describe('deleting', () => {
  beforeEach(async () => {
    await register('users-value', user)
    await register('users-value', userWithEmail)
  })

  test('softly hides a version; its id stays readable and its number is not used again', async () => {
    expect(await call('DELETE', '/subjects/users-value/versions/2')).toEqual([200, 2])
    expect(await call('GET', '/subjects/users-value/versions')).toEqual([200, [1]])
    expect(await call('GET', '/subjects/users-value/versions?deleted=true')).toEqual([200, [1, 2]])
    expect(await call('GET', '/schemas/ids/2')).toMatchObject([200, { schema: userWithEmail }])
    expect(await register('users-value', userWithEmail)).toMatchObject([200, { id: 2, version: 3 }])
  })

  test('for good only what was softly deleted before', async () => {
    expect(await call('DELETE', '/subjects/users-value/versions/2?permanent=true')).toMatchObject([
      404,
      { error_code: 40407 },
    ])
    expect(await call('DELETE', '/subjects/users-value?permanent=true')).toMatchObject([404, { error_code: 40405 }])
    expect(await call('DELETE', '/subjects/users-value')).toEqual([200, [1, 2]])
    expect(await call('DELETE', '/subjects/users-value')).toMatchObject([404, { error_code: 40404 }])
    expect(await call('GET', '/subjects')).toEqual([200, []])
    expect(await call('GET', '/subjects?deletedOnly=true')).toEqual([200, ['users-value']])
    expect(await call('DELETE', '/subjects/users-value?permanent=true')).toEqual([200, [1, 2]])
    expect(await call('GET', '/schemas/ids/2')).toMatchObject([404, { error_code: 40403 }])
    expect(await register('users-value', user)).toMatchObject([200, { id: 3, version: 1 }])
  })

  test('nothing that others refer to', async () => {
    await register('orders-value', record('Order', [{ name: 'by', type: 'com.acme.User' }]), {
      references: [{ name: 'com.acme.User', subject: 'users-value', version: 1 }],
    })
    expect(await call('GET', '/subjects/users-value/versions/1/referencedby')).toEqual([200, [3]])
    expect(await call('DELETE', '/subjects/users-value/versions/1')).toMatchObject([422, { error_code: 42206 }])
    expect(await call('DELETE', '/subjects/users-value')).toMatchObject([422, { error_code: 42206 }])
    expect(await call('DELETE', '/subjects/users-value/versions/2')).toEqual([200, 2])
  })
})

describe('references', () => {
  test('are needed, resolved in depth, and left as names in the stored text', async () => {
    const order = record('Order', [{ name: 'by', type: 'com.acme.User' }])
    expect(await register('orders-value', order)).toMatchObject([422, { error_code: 42201 }])
    await register('users-value', user)
    const references = [{ name: 'com.acme.User', subject: 'users-value', version: 1 }]
    expect(await register('orders-value', order, { references })).toMatchObject([200, { id: 2 }])
    const cart = record('Cart', [{ name: 'orders', type: { type: 'array', items: 'com.acme.Order' } }])
    const toOrder = [{ name: 'com.acme.Order', subject: 'orders-value', version: 1 }]
    expect(await register('carts-value', cart, { references: toOrder })).toMatchObject([200, { id: 3 }])
    expect(await call('GET', '/schemas/ids/3')).toMatchObject([
      200,
      { schema: cart.replace('com.acme.Order', 'Order'), references: toOrder },
    ])
  })

  test('inlined or not, it is the same schema', async () => {
    await register('users-value', user)
    const references = [{ name: 'com.acme.User', subject: 'users-value', version: 1 }]
    await register('orders-value', record('Order', [{ name: 'by', type: 'com.acme.User' }]), { references })
    const inlined = record('Order', [{ name: 'by', type: JSON.parse(user) }])
    expect(await call('POST', '/subjects/orders-value', { schema: inlined })).toMatchObject([200, { version: 1 }])
  })
})

describe('configuration', () => {
  test('is inherited from the context and from the global one', async () => {
    expect(await call('GET', '/config')).toMatchObject([200, { compatibilityLevel: 'BACKWARD' }])
    expect(await call('GET', '/config/users-value')).toMatchObject([404, { error_code: 40408 }])
    expect(await call('PUT', '/config', { compatibility: 'FULL' })).toEqual([200, { compatibility: 'FULL' }])
    expect(await call('GET', '/config/users-value?defaultToGlobal=true')).toMatchObject([
      200,
      { compatibilityLevel: 'FULL' },
    ])
    await call('PUT', '/config/:.staging:', { compatibility: 'NONE' })
    expect(await call('GET', '/config/:.staging:users?defaultToGlobal=true')).toMatchObject([
      200,
      { compatibilityLevel: 'NONE' },
    ])
    expect(await call('PUT', '/config/users-value', { compatibility: 'SIDEWAYS' })).toMatchObject([
      422,
      { error_code: 42203 },
    ])
    await call('PUT', '/config/users-value', { compatibility: 'FORWARD' })
    expect(await call('DELETE', '/config/users-value')).toMatchObject([200, { compatibilityLevel: 'FORWARD' }])
    expect(await call('DELETE', '/config/users-value')).toMatchObject([404, { error_code: 40401 }])
  })

  test('read-only mode refuses new schemas and answers old ones', async () => {
    await register('users-value', user)
    expect(await call('PUT', '/mode/users-value', { mode: 'READONLY' })).toEqual([200, { mode: 'READONLY' }])
    expect(await register('users-value', user)).toMatchObject([200, { id: 1 }])
    expect(await register('users-value', userWithEmail)).toMatchObject([422, { error_code: 42205 }])
    expect(await call('DELETE', '/subjects/users-value')).toMatchObject([422, { error_code: 42205 }])
    expect(await call('DELETE', '/mode/users-value')).toEqual([200, { mode: 'READONLY' }])
    expect(await call('GET', '/mode/users-value')).toMatchObject([404, { error_code: 40409 }])
    expect(await call('GET', '/mode/users-value?defaultToGlobal=true')).toEqual([200, { mode: 'READWRITE' }])
    expect(await call('PUT', '/mode', { mode: 'ASLEEP' })).toMatchObject([422, { error_code: 42204 }])
  })

  test('import mode takes ids as they are given', async () => {
    await register('users-value', user)
    expect(await call('PUT', '/mode', { mode: 'IMPORT' })).toMatchObject([422, { error_code: 42205 }])
    await call('PUT', '/mode/moved-value', { mode: 'IMPORT' })
    expect(await register('moved-value', userWithAge, { id: 70, version: 4 })).toMatchObject([
      200,
      { id: 70, version: 4 },
    ])
    expect(await register('moved-value', userWithEmail, { id: 70 })).toMatchObject([422, { error_code: 42205 }])
    await call('PUT', '/mode/moved-value', { mode: 'READWRITE' })
    expect(await register('other-value', userWithEmail)).toMatchObject([200, { id: 71 }])
    expect(await register('other-value', userWithAge, { id: 5 })).toMatchObject([422, { error_code: 42205 }])
  })
})

describe('contexts', () => {
  test('have ids of their own', async () => {
    await register('users-value', user)
    await register(':.staging:users-value', userWithAge)
    expect(await call('GET', '/contexts')).toEqual([200, ['.', '.staging']])
    expect(await call('GET', '/subjects')).toEqual([200, [':.staging:users-value', 'users-value']])
    expect(await call('GET', '/subjects?subjectPrefix=:.staging:')).toEqual([200, [':.staging:users-value']])
    expect(await call('GET', '/schemas/ids/1')).toMatchObject([200, { schema: user }])
    expect(await call('GET', '/schemas/ids/1?subject=:.staging:')).toMatchObject([200, { schema: userWithAge }])
    expect(await call('GET', '/contexts/.staging/schemas/ids/1')).toMatchObject([200, { schema: userWithAge }])
    expect(await call('GET', '/contexts/.staging/subjects')).toEqual([200, [':.staging:users-value']])
    expect(await call('GET', '/contexts/.staging/subjects/users-value/versions')).toEqual([200, [1]])
  })
})

describe('what it holds survives', () => {
  test('a restart', async () => {
    await register('users-value', user)
    await call('PUT', '/config/users-value', { compatibility: 'FULL' })
    await register('gone-value', userWithAge)
    await call('DELETE', '/subjects/gone-value')
    await call('DELETE', '/subjects/gone-value?permanent=true')
    await restart()
    expect(await call('GET', '/subjects?deleted=true')).toEqual([200, ['users-value']])
    expect(await call('GET', '/config/users-value')).toMatchObject([200, { compatibilityLevel: 'FULL' }])
    expect(await register('next-value', userWithEmail)).toMatchObject([200, { id: 3 }])
  })

  test('a crash in the middle of a write', async () => {
    await register('users-value', user)
    await register('users-value', userWithEmail)
    await registry.close()
    const path = join(dataDir, 'schemas.jsonl')
    truncateSync(path, readFileSync(path).length - 20)
    registry = await startRegistry({ dataDir, port: 0 })
    expect(await call('GET', '/subjects/users-value/versions')).toEqual([200, [1]])
    expect(await register('users-value', userWithEmail)).toMatchObject([200, { id: 2, version: 2 }])
    await restart()
    expect(await call('GET', '/subjects/users-value/versions')).toEqual([200, [1, 2]])
  })

  test('damage elsewhere is told, not guessed at', async () => {
    await register('users-value', user)
    await register('users-value', userWithEmail)
    const path = join(dataDir, 'schemas.jsonl')
    writeFileSync(path, readFileSync(path, 'utf8').replace('{', '#'))
    await expect(startRegistry({ dataDir, port: 0 })).rejects.toMatchObject({
      code: 'AVR106',
      message: `file \`${path}\` of the embedded schema registry is damaged in line 1`,
    })
  })

  test('a taken port is told in one line', async () => {
    await expect(startRegistry({ dataDir, port: registry.port })).rejects.toMatchObject({
      code: 'AVR107',
      message: `the embedded schema registry cannot listen on port ${registry.port}: another program listens there`,
    })
  })
})

describe('the request log', () => {
  test('tells questions from changes', async () => {
    await register('users-value', user)
    await call('POST', '/subjects/users-value', { schema: user })
    await call('POST', '/compatibility/subjects/users-value/versions', { schema: user })
    await call('GET', '/contexts/.east/subjects/users-value/versions')
    await call('POST', '/contexts/.east/subjects/users-value/versions', { schema: user })
    await call('PUT', '/config', { compatibility: 'NONE' })
    await call('DELETE', '/subjects/nobody')
    const seen = registry.requests.map((request) => `${request.method} ${request.path} ${request.status}`)
    expect(seen).toHaveLength(7)
    expect(
      registry.requests.filter(isWrite).map((request) => `${request.method} ${request.path} ${request.status}`),
    ).toEqual([
      'POST /subjects/users-value/versions 200',
      'POST /contexts/.east/subjects/users-value/versions 200',
      'PUT /config 200',
      'DELETE /subjects/nobody 404',
    ])
    await restart()
    const lines = readFileSync(join(dataDir, 'requests.jsonl'), 'utf8').trim().split('\n')
    expect(
      lines.map((line) => JSON.parse(line)).map((request) => `${request.method} ${request.path} ${request.status}`),
    ).toEqual(seen)
  })
})

test("kafkajs' registry client registers, encodes and decodes", async () => {
  const client = new SchemaRegistry({ host: registry.url })
  const { id } = await client.register({ type: 'AVRO' as never, schema: userWithEmail }, { subject: 'users-value' })
  const bytes = await client.encode(id, { id: 'u-1', email: null })
  expect([...bytes.subarray(0, 5)]).toEqual([0, 0, 0, 0, id])
  const other = new SchemaRegistry({ host: registry.url })
  expect(await other.decode(bytes)).toEqual({ id: 'u-1', email: null })
  expect(await other.getLatestSchemaId('users-value')).toBe(id)
  await expect(other.getSchema(77)).rejects.toThrow('not found')
})
