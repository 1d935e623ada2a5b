// Scripts recorded with Confluent's MockSchemaRegistryClient, played against the server. Steps that the goldens mark as the mock's own
// (`mockArtefact`) are played and not compared; the mock holds no registration against a level, so the script's level is only set to ask.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { goldensRoot, reasonToSkip } from '../../../test/needs.ts'
import { startRegistry } from './registry.ts'

type Arguments = {
  subject?: string
  schema?: string
  normalize?: boolean
  id?: number
  version?: number
  level?: string
  permanent?: boolean
}
type Step = {
  op: string
  args: Arguments
  result?: unknown
  error?: { status?: number; code?: number }
  mockArtefact?: boolean
}
type Script = { id: string; kind: string; mockArtefact?: boolean; steps: Step[] }

type Answer = { status: number; body: unknown }
type Ask = (method: string, path: string, body?: object) => Promise<Answer>

/** Where the server differs from the mock for a reason. */
const excepted: Readonly<Record<string, string>> = {
  'registry-00085': 'Avro 1.11 refuses a type that is defined twice in the same words, 1.12 and we accept it',
  'registry-00096': 'the mock compares by Schema.equals, which overlooks the default of an enum; the server by text',
  'registry-00131': 'the same',
}

/** What the mock's method would return, from the server's answer. */
const operations: Readonly<Record<string, (ask: Ask, args: Arguments, level: string) => Promise<Answer>>> = {
  register: async (ask, { subject, schema, normalize }) =>
    pick(await ask('POST', `/subjects/${subject}/versions?normalize=${normalize}`, { schema }), 'id'),
  lookupId: async (ask, { subject, schema, normalize }) =>
    pick(await ask('POST', `/subjects/${subject}?normalize=${normalize}`, { schema }), 'id'),
  lookupVersion: async (ask, { subject, schema, normalize }) =>
    pick(await ask('POST', `/subjects/${subject}?normalize=${normalize}`, { schema }), 'version'),
  versions: (ask, { subject }) => ask('GET', `/subjects/${subject}/versions`),
  schemaById: async (ask, { id }) => pick(await ask('GET', `/schemas/ids/${id}`), 'schema'),
  bySubjectVersion: async (ask, { subject, version }) =>
    metadata(await ask('GET', `/subjects/${subject}/versions/${version}`)),
  latest: async (ask, { subject }) => metadata(await ask('GET', `/subjects/${subject}/versions/latest`)),
  subjects: (ask) => ask('GET', '/subjects'),
  subjectsById: (ask, { id }) => ask('GET', `/schemas/ids/${id}/subjects`),
  versionsById: async (ask, { id }) => {
    const { status, body } = await ask('GET', `/schemas/ids/${id}/versions`)
    if (status !== 200) return { status: 200, body: [] }
    return {
      status,
      body: (body as { subject: string; version: number }[]).map((use) => `${use.subject}/${use.version}`),
    }
  },
  getCompatibility: async (ask, { subject }) => pick(await ask('GET', `/config/${subject}`), 'compatibilityLevel'),
  setCompatibility: async (ask, { subject, level }) =>
    pick(await ask('PUT', `/config/${subject}`, { compatibility: level }), 'compatibility'),
  testCompatibility: async (ask, { subject, schema }, level) =>
    withLevel(ask, subject!, level, async () =>
      pick(await ask('POST', `/compatibility/subjects/${subject}/versions`, { schema }), 'is_compatible'),
    ),
  deleteSubject: (ask, { subject, permanent }) => ask('DELETE', `/subjects/${subject}?permanent=${permanent}`),
  deleteVersion: (ask, { subject, version, permanent }) =>
    ask('DELETE', `/subjects/${subject}/versions/${version}?permanent=${permanent}`),
}

function pick({ status, body }: Answer, member: string): Answer {
  return { status, body: status === 200 ? (body as Record<string, unknown>)[member] : body }
}

function metadata({ status, body }: Answer): Answer {
  if (status !== 200) return { status, body }
  const { id, version, schema } = body as Record<string, unknown>
  return { status, body: { id, version, schemaType: 'AVRO', schema, references: [] } }
}

async function withLevel(ask: Ask, subject: string, level: string, work: () => Promise<Answer>): Promise<Answer> {
  await ask('PUT', `/config/${subject}`, { compatibility: level })
  const answer = await work()
  await ask('PUT', `/config/${subject}`, { compatibility: 'NONE' })
  return answer
}

async function play(script: Script): Promise<readonly string[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-golden-'))
  const registry = await startRegistry({ dataDir, port: 0 })
  const ask: Ask = async (method, path, body) => {
    const response = await fetch(registry.url + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: await response.json() }
  }
  const differing: string[] = []
  const levels = new Map<string, string>()
  const registered = new Set<unknown>()
  try {
    await ask('PUT', '/config', { compatibility: 'NONE' })
    for (const [i, { op, args, result, error, mockArtefact }] of script.steps.entries()) {
      const operation = operations[op]
      if (operation === undefined) continue
      if (op === 'register' && result !== undefined) registered.add(args.subject)
      if (op === 'setCompatibility') levels.set(args.subject!, args.level!)
      const { status, body } = await operation(ask, args, levels.get(args.subject ?? '') ?? 'BACKWARD')
      if (op === 'setCompatibility') await ask('PUT', `/config/${args.subject}`, { compatibility: 'NONE' })
      if (mockArtefact === true || script.mockArtefact === true || op === 'getCompatibility') continue
      // The mock lists a subject as soon as somebody asks for its latest version.
      const expected = op === 'subjects' ? (result as unknown[]).filter((subject) => registered.has(subject)) : result
      const equal =
        error === undefined
          ? status === 200 && JSON.stringify(body) === JSON.stringify(expected)
          : error.status === undefined
            ? status === 422
            : status === error.status
      if (!equal) differing.push(`${script.id} step ${i} ${op}: ${status} ${JSON.stringify(body)}`)
    }
  } finally {
    await registry.close()
    rmSync(dataDir, { recursive: true })
  }
  return differing
}

const file = join(goldensRoot, 'avro', 'registry.jsonl')

test.skipIf(reasonToSkip('goldens') !== undefined || !existsSync(file))('every recorded script', async () => {
  const scripts = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Script)
    .filter(({ id, kind }) => kind === 'mock-client' && !(id in excepted))
  expect(scripts.length).toBeGreaterThan(10)
  const differing: string[] = []
  for (const script of scripts) differing.push(...(await play(script)))
  expect(differing).toEqual([])
})
