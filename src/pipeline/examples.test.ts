// Every example compiles, with the schemas that examples/sluice.yaml gives the embedded registry.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { renderDiagnostic } from '../diagnostics/render.ts'
import { compilePipeline } from './compile.ts'
import { loadEnvironment } from './environment.ts'
import { loadPipelineSpec } from './load-spec.ts'
import type { PinnedSchema } from './resolved-schemas.ts'
import type { PipelineSpec, SchemaSelector } from './spec.ts'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'examples')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml') && file !== 'sluice.yaml')
  .sort()

/** The schemas a spec names, as the registry would give them. */
function schemasFor(spec: PipelineSpec, seed: ReadonlyMap<string, string>) {
  const pin = (selector: SchemaSelector): PinnedSchema => {
    const subject = selector.kind === 'subject' ? selector.subject : ''
    expect([...seed.keys()]).toContain(subject)
    return { id: 1, subject, version: 1, text: seed.get(subject)!, references: [] }
  }
  const byName = (tables: readonly { name: string; value: SchemaSelector }[]) =>
    new Map(tables.map(({ name, value }) => [name, { value: pin(value) }]))
  return { sources: byName(spec.sources), sinks: byName(spec.sinks) }
}

function compileExample(file: string) {
  const path = join(folder, file)
  const environment = loadEnvironment(dirname(path), undefined, {}).value
  const seeds = environment?.kind === 'embedded' ? environment.schemas : []
  const seed = new Map(seeds.map((schema) => [schema.subject, readFileSync(schema.file, 'utf8')]))
  const { value: spec, diagnostics, texts } = loadPipelineSpec(path)
  const shown = (all: typeof diagnostics) =>
    all.map((each) => renderDiagnostic(each, texts.get(each.file!)!, relative(folder, each.file!)))
  expect(shown(diagnostics)).toEqual([])
  const compiled = compilePipeline(spec!, schemasFor(spec!, seed))
  return {
    compiled: compiled.value,
    problems: shown(compiled.diagnostics),
    topics: environment?.kind === 'embedded' ? environment.topics : [],
  }
}

describe('examples', () => {
  test('there are some', () => {
    expect(files).toContain('card-velocity/card-velocity.yaml')
  })

  test.each(files)('%s', (file) => {
    const { compiled, problems, topics } = compileExample(file)
    expect(problems.join('\n')).toBe('')
    expect(compiled!.plans).toHaveLength(compiled!.spec.sinks.length)
    const names = topics.map(({ name }) => name)
    for (const table of [...compiled!.spec.sources, ...compiled!.spec.sinks]) expect(names).toContain(table.topic)
  })
})

test('the velocity check: what it reads, writes and pins', () => {
  const { compiled } = compileExample('card-velocity/card-velocity.yaml')
  const { sources, sinks, plans } = compiled!
  expect(sources[0]).toMatchObject({
    table: { eventTime: { column: 'createdAt', maxDelayMs: 5_000 } },
    reader: { subject: 'com.acme.payments.Transaction' },
  })
  expect(plans[0]).toMatchObject({ kind: 'sink', table: 'velocity' })
  expect(plans[0]!.schema.map(({ name }) => name)).toEqual([
    'userIdentifier',
    'windowStart',
    'windowEnd',
    'paymentAttempts',
  ])
  expect(sinks[0]!.key).toEqual({ columns: [0] })
  expect(
    sinks[0]!.mapping.fields.map((field) => (field.from === 'column' ? [field.name, field.column] : field.name)),
  ).toEqual([
    ['userIdentifier', 0],
    ['windowStart', 1],
    ['windowEnd', 2],
    ['paymentAttempts', 3],
  ])
  expect(compiled!.statements[0]).toContain("GROUP BY `userIdentifier`, TUMBLE(`createdAt`, INTERVAL '10' SECOND)")
})
