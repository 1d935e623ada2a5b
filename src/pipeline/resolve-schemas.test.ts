import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EmbeddedRegistry, startRegistry } from '../embedded/registry/registry.ts'
import { isWrite } from '../embedded/registry/request-log.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import { readPipelineSpec } from './read-spec.ts'
import { resolveSchemas } from './resolve-schemas.ts'

const money = '{"type":"record","name":"Money","namespace":"com.acme","fields":[{"name":"amount","type":"long"}]}'
const payment = '{"type":"record","name":"Payment","namespace":"com.acme","fields":[{"name":"total","type":"Money"}]}'

const spec = `name: p
sources:
  payments:
    topic: payments
    value: { strategy: RecordName, record: com.acme.Payment }
    key: { schemaId: 3, column: id }
sql: SELECT 1
sinks:
  totals:
    topic: totals
    value: { subject: com.acme.Money, version: 1 }
    key: { columns: [a, b], subject: key-schema }
`

let dataDir: string
let registry: EmbeddedRegistry
let client: RegistryClient

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-resolve-'))
  registry = await startRegistry({ dataDir, port: 0 })
  client = new RegistryClient({ urls: [registry.url], retryWaitMs: 1 })
  const register = async (subject: string, schema: string, references: object[] = []) => {
    await fetch(`${registry.url}/subjects/${subject}/versions`, {
      method: 'POST',
      body: JSON.stringify({ schema, references }),
    })
  }
  await register('com.acme.Money', money)
  await register('com.acme.Payment', payment, [{ name: 'com.acme.Money', subject: 'com.acme.Money', version: 1 }])
  await register('key-schema', '"string"')
})

afterAll(async () => {
  client.close()
  await registry.close()
  rmSync(dataDir, { recursive: true })
})

async function resolve(text: string) {
  const { value, diagnostics } = readPipelineSpec(text, 'p.yaml', () => undefined)
  expect(diagnostics).toEqual([])
  const resolved = await resolveSchemas(value!, client)
  const problems = resolved.diagnostics.map(({ code, message, span, hint }) => {
    const before = text.slice(0, span.start).split('\n')
    return `${before.length}:${before.at(-1)!.length + 1} ${code} ${message}${hint === undefined ? '' : ` (${hint})`}`
  })
  return { value: resolved.value, problems }
}

test('every schema is pinned with subject, version, id, text and what it refers to', async () => {
  const { value, problems } = await resolve(spec)
  expect(problems).toEqual([])
  expect(value!.sources.get('payments')).toEqual({
    value: { id: 2, subject: 'com.acme.Payment', version: 1, text: payment, references: [money] },
    key: { id: 3, subject: 'key-schema', version: 1, text: '"string"', references: [] },
  })
  expect(value!.sinks.get('totals')).toEqual({
    value: { id: 1, subject: 'com.acme.Money', version: 1, text: money, references: [] },
    key: { id: 3, subject: 'key-schema', version: 1, text: '"string"', references: [] },
  })
  expect(registry.requests.filter((request) => request.userAgent === 'sluice' && isWrite(request))).toEqual([])
})

test('what does not exist is told at its place, all at once', async () => {
  const { value, problems } = await resolve(
    spec
      .replace('record: com.acme.Payment', 'record: com.acme.Paiment')
      .replace('schemaId: 3', 'schemaId: 77')
      .replace('version: 1', 'version: 4')
      .replace('subject: key-schema', 'subject: nothing-like-it'),
  )
  expect(value).toBeUndefined()
  expect(problems).toEqual([
    '5:44 AVR108 subject `com.acme.Paiment` does not exist in the schema registry (Did you mean `com.acme.Payment`?)',
    '6:22 AVR110 schema id 77 does not exist in the schema registry',
    '11:48 AVR109 subject `com.acme.Money` has no version 4 (Its versions are 1.)',
    '12:38 AVR108 subject `nothing-like-it` does not exist in the schema registry (Register the schema first; Sluice never registers one.)',
  ])
})

test('a registry that is away is no mistake of the file', async () => {
  const away = new RegistryClient({ urls: ['http://127.0.0.1:1'], retries: 0 })
  const { value } = readPipelineSpec(spec, 'p.yaml', () => undefined)
  await expect(resolveSchemas(value!, away)).rejects.toMatchObject({ code: 'AVR101' })
})
