import { describe, expect, test } from 'vitest'
import { renderDiagnostic } from '../diagnostics/render.ts'
import { compilePipeline } from './compile.ts'
import { readPipelineSpec } from './read-spec.ts'
import type { PinnedSchema } from './resolved-schemas.ts'
import type { SinkSpec, SourceSpec } from './spec.ts'

const schemas: Readonly<Record<string, string>> = {
  payment: JSON.stringify({
    type: 'record',
    name: 'Payment',
    fields: [
      { name: 'id', type: 'long' },
      { name: 'payer', type: 'string' },
      { name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 } },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
      { name: 'note', type: ['null', 'string'], default: null },
    ],
  }),
  total: JSON.stringify({
    type: 'record',
    name: 'Total',
    fields: [
      { name: 'payer', type: 'string' },
      { name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 } },
    ],
  }),
  'total-key': JSON.stringify({
    type: 'record',
    name: 'TotalKey',
    fields: [
      { name: 'payer', type: 'string' },
      { name: 'region', type: 'string', default: 'EU' },
    ],
  }),
  'amount-key': JSON.stringify({
    type: 'record',
    name: 'AmountKey',
    fields: [
      { name: 'payer', type: 'string' },
      { name: 'amount', type: 'long' },
    ],
  }),
  broken: '{"type":"record","name":"Broken","fields":[{"name":"a","type":"Missing"}]}',
}

function pipeline(parts: { sql?: string; source?: string; sink?: string; value?: string; more?: string }): string {
  const sql = (parts.sql ?? 'SELECT payer, amount FROM payments').split('\n').join('\n  ')
  return `name: p
sources:
  payments:
    topic: payments
    value: { subject: ${parts.value ?? 'payment'} }
${parts.source ?? ''}sql: |
  ${sql}
sinks:
  totals:
    topic: totals
    value: { subject: total }
${parts.sink ?? ''}${parts.more ?? ''}`
}

function compile(text: string) {
  const { value: spec, diagnostics } = readPipelineSpec(text, 'p.yaml', () => undefined)
  expect(diagnostics).toEqual([])
  const pin = (subject: string): PinnedSchema => ({
    id: 7,
    subject,
    version: 2,
    text: schemas[subject]!,
    references: [],
  })
  const tables = (list: readonly (SourceSpec | SinkSpec)[]) =>
    new Map(
      list.map(({ name, value, key }) => {
        const keySchema = key?.schema
        const own = { value: pin(value.kind === 'subject' ? value.subject : '') }
        return [name, keySchema?.kind === 'subject' ? { ...own, key: pin(keySchema.subject) } : own]
      }),
    )
  const compiled = compilePipeline(spec!, { sources: tables(spec!.sources), sinks: tables(spec!.sinks) })
  expect(compiled.value === undefined).toBe(compiled.diagnostics.some(({ severity }) => severity === 'error'))
  return { ...compiled, shown: compiled.diagnostics.map((each) => renderDiagnostic(each, text, each.file)).join('\n') }
}

test('a bare SELECT feeds the only sink', () => {
  const { value, shown } = compile(pipeline({}))
  expect(shown).toBe('')
  expect(value!.statements).toEqual(['INSERT INTO `totals`\nSELECT `payer`, `amount`\nFROM `payments`'])
  expect(value!.plans).toMatchObject([{ kind: 'sink', table: 'totals' }])
  expect(value!.sources[0]).toMatchObject({
    spec: { topic: 'payments' },
    reader: { subject: 'payment', version: 2, id: 7 },
  })
  expect(value!.sinks[0]).toMatchObject({
    spec: { topic: 'totals' },
    writer: { subject: 'total' },
    mapping: { table: 'totals' },
  })
})

test('views and several INSERTs, one per sink', () => {
  const { value, shown } = compile(
    pipeline({
      sql: 'CREATE VIEW big AS SELECT * FROM payments WHERE amount > 100;\nINSERT INTO totals SELECT payer, amount FROM big;\nINSERT INTO notes SELECT payer, amount FROM big WHERE note IS NOT NULL;',
      more: '  notes:\n    topic: notes\n    value: { subject: total }\n',
    }),
  )
  expect(shown).toBe('')
  expect(value!.plans.map((plan) => plan.kind === 'sink' && plan.table)).toEqual(['totals', 'notes'])
  expect(value!.statements).toHaveLength(3)
})

describe('keys', () => {
  test('one STRING column is written as its text', () => {
    expect(compile(pipeline({ sink: '    key: [payer]\n' })).value!.sinks[0]!.key).toEqual({ columns: [0] })
  })

  test('anything else needs a schema', () => {
    expect(compile(pipeline({ sink: '    key: [amount]\n' })).shown).toBe(
      `p.yaml:12:10: error OPT020: key of sink \`totals\` needs a schema: column \`amount\` is DECIMAL(12, 2) NOT NULL, and only one STRING column is written without
  12 |     key: [amount]
     |          ^^^^^^^^
hint: Write \`key: { columns: […], subject: … }\` with the subject of a registered key schema.`,
    )
    expect(compile(pipeline({ sink: '    key: [payer, amount]\n' })).shown).toContain(
      'needs a schema: it has 2 columns',
    )
    const { value } = compile(pipeline({ sink: '    key: { columns: [payer], subject: total-key }\n' }))
    expect(value!.sinks[0]!.key).toMatchObject({ columns: [0], schema: { subject: 'total-key' } })
  })

  test('its columns must fit the key schema', () => {
    const text = pipeline({
      sql: 'SELECT payer, amount FROM payments',
      sink: '    key: { columns: [payer, amount], subject: amount-key }\n',
    })
    expect(compile(text).shown).toContain(
      'p.yaml:12:21: error OPT020: key column `amount` of sink `totals` is DECIMAL(12, 2) NOT NULL, which does not fit its field of type long',
    )
  })

  test('its columns must be there, in the query and in the schema', () => {
    expect(compile(pipeline({ sink: '    key: [payr]\n' })).shown).toContain(
      'key of sink `totals` needs the column `payr`, which the query does not have',
    )
    expect(compile(pipeline({ sink: '    key: { columns: [amount], subject: total-key }\n' })).shown).toMatch(
      /the key schema of sink `totals` has no field `amount`[\s\S]*field `payer` of the key of sink `totals` is not filled/,
    )
  })
})

describe('mistakes are shown where they were made', () => {
  test('in the SQL, in the lines of the YAML file', () => {
    expect(compile(pipeline({ sql: 'SELECT payer,\n       amuont AS amount\nFROM payments' })).shown).toContain(
      `p.yaml:8:10: error NAM001: column \`amuont\` does not exist in table \`payments\`
  8 |          amuont AS amount
    |          ^^^^^^`,
    )
    expect(compile(pipeline({ sql: 'SELECT payer,\nFROM payments' })).shown).toMatch(
      /^p\.yaml:8:3: error SYN\d+: .*\n {2}8 \| {3}FROM payments\n/,
    )
  })

  test('in every statement, the first of each', () => {
    const { diagnostics } = compile(
      pipeline({
        sql: 'CREATE VIEW a AS SELECT payer, FROM payments WHERE;\nINSERT totals SELECT payer, amount FROM a;',
      }),
    )
    expect(diagnostics.map(({ code, span }) => [code.slice(0, 3), span.start > 0])).toEqual([
      ['SYN', true],
      ['SYN', true],
    ])
  })

  test('in the time declaration', () => {
    expect(compile(pipeline({ source: '    eventTime: { column: id }\n' })).shown).toContain(
      'p.yaml:6:26: error STR001: event time needs a column of type TIMESTAMP_LTZ(3) or TIMESTAMP(3), but column `id` is BIGINT',
    )
    expect(compile(pipeline({ source: '    eventTime: { column: att }\n' })).shown).toContain(
      'p.yaml:6:26: error NAM001: column `att` does not exist',
    )
  })

  test('in what the output schema takes', () => {
    const { shown } = compile(pipeline({ sql: 'SELECT note AS payer, amount FROM payments' }))
    expect(shown).toMatch(/^p\.yaml:7:10: error AVR\d+: /)
    expect(compile(pipeline({ sql: 'SELECT payer FROM payments' })).shown).toContain(
      'field `amount` of sink `totals` is not filled, and has no default',
    )
  })

  test('in a registered schema that cannot be used', () => {
    expect(compile(pipeline({ value: 'broken' })).shown).toMatch(
      /^p\.yaml:5:5: error AVR004: the registered schema `broken` version 2 cannot be used: .*`Missing`/,
    )
  })

  test('sinks that nobody writes, or two statements', () => {
    const second = '  notes:\n    topic: notes\n    value: { subject: total }\n'
    expect(
      compile(pipeline({ sql: 'INSERT INTO totals SELECT payer, amount FROM payments', more: second })).shown,
    ).toContain('p.yaml:12:3: error OPT015: sink `notes` is not written')
    const twice =
      'INSERT INTO totals SELECT payer, amount FROM payments;\nINSERT INTO totals SELECT payer, amount FROM payments'
    expect(compile(pipeline({ sql: twice })).shown).toContain(
      'p.yaml:8:3: error OPT016: sink `totals` is written twice',
    )
    expect(compile(pipeline({ more: second })).shown).toContain(
      'p.yaml:7:3: error NAM002: it is not said which sink the query feeds',
    )
  })

  test('statements that have no place in a pipeline', () => {
    expect(compile(pipeline({ sql: "SET 'a' = 'b'; SELECT payer, amount FROM payments" })).shown).toContain(
      'p.yaml:7:3: error OPT018: only queries, INSERT and CREATE VIEW have a place in a pipeline',
    )
    expect(compile(pipeline({ sql: '-- nothing' })).shown).toMatch(/^p\.yaml:7:13: error (SYN002|OPT018)/)
  })
})

test('a source that is not read is worth a word, no more', () => {
  const { value, shown } = compile(
    pipeline({}).replace('sql: |', '  other:\n    topic: other\n    value: { subject: payment }\nsql: |'),
  )
  expect(value).toBeDefined()
  expect(shown).toContain('p.yaml:6:3: warning OPT017: source `other` is not read')
})
