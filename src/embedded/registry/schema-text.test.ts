import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { goldensRoot, reasonToSkip } from '../../../test/needs.ts'
import { readSchemaText } from './schema-text.ts'

const stored = (schema: object | string, references: readonly string[] = []) =>
  readSchemaText(typeof schema === 'string' ? schema : JSON.stringify(schema), references, {
    normalize: false,
    strict: false,
  }).canonical
const normalized = (schema: object) =>
  readSchemaText(JSON.stringify(schema), [], { normalize: true, strict: false }).canonical

test('a schema is stored as Avro for Java prints it', () => {
  expect(stored(' { "type" : "string" } ')).toBe('"string"')
  expect(stored({ fields: [{ type: { type: 'int' }, name: 'a' }], namespace: 'n', name: 'R', type: 'record' })).toBe(
    '{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":"int"}]}',
  )
  expect(
    stored({
      type: 'record',
      name: 'n.R',
      doc: 'd',
      prop: { b: 1, a: [1.5, 1e10] },
      aliases: ['n.Old', 'm.Older'],
      fields: [{ order: 'descending', default: 2, name: 'x', type: 'double', aliases: ['y'], note: 'ü\u0001' }],
    }),
  ).toBe(
    '{"type":"record","name":"R","namespace":"n","doc":"d","fields":[{"name":"x","type":"double","default":2,"order":"descending","aliases":["y"],"note":"ü\\u0001"}],"prop":{"b":1,"a":[1.5,10000000000]},"aliases":["Old","m.Older"]}',
  )
})

test('a type is printed once, and referred to by the shortest name afterwards', () => {
  const inner = { type: 'enum', name: 'm.E', symbols: ['A'] }
  const schema = {
    type: 'record',
    name: 'n.R',
    fields: [
      { name: 'a', type: inner },
      { name: 'b', type: 'm.E' },
      { name: 'c', type: ['null', 'n.R'] },
    ],
  }
  expect(stored(schema)).toBe(
    '{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":{"type":"enum","name":"E","namespace":"m","symbols":["A"]}},{"name":"b","type":"m.E"},{"name":"c","type":["null","R"]}]}',
  )
})

test('types of references stay names', () => {
  const reference = '{"type":"record","name":"n.User","fields":[]}'
  const schema = { type: 'record', name: 'n.Order', fields: [{ name: 'by', type: 'User' }] }
  expect(stored(schema, [reference])).toBe(
    '{"type":"record","name":"Order","namespace":"n","fields":[{"name":"by","type":"User"}]}',
  )
  const { resolved } = readSchemaText(JSON.stringify(schema), [reference], { normalize: false, strict: false })
  expect(resolved).toContain('"type":{"type":"record","name":"User","fields":[]}')
})

test('normalized, what has no order is sorted and defaults are values of their types', () => {
  expect(normalized({ type: 'bytes', z: 1, scale: 2, precision: 4, logicalType: 'decimal', a: 1 })).toBe(
    '{"type":"bytes","logicalType":"decimal","precision":4,"scale":2,"a":1,"z":1}',
  )
  const field = (type: unknown, value: unknown) => ({
    type: 'record',
    name: 'R',
    fields: [{ name: 'f', type, default: value }],
  })
  expect(normalized(field('double', 1))).toContain('"default":1.0')
  expect(normalized(field(['null', 'double'], 1.5))).not.toContain('default')
  expect(normalized(field({ type: 'map', values: 'long' }, { b: 1, a: 2 }))).toContain('"default":{"a":2,"b":1}')
})

test('what is no schema is refused with its reason', () => {
  expect(() => stored('{"type":"record","name":"R"}')).toThrow(/^Invalid schema: /)
  expect(() => stored('[')).toThrow(/^Invalid schema: schema is not JSON/)
})

const file = join(goldensRoot, 'avro', 'canonical.jsonl')

test.skipIf(reasonToSkip('goldens') !== undefined || !existsSync(file))(
  "every golden text of Confluent's client",
  () => {
    type Row = { id: string; schema: string; references?: { schema: string }[]; confluent?: Record<string, string> }
    const rows = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row)
    const differing = rows.flatMap(({ id, schema, references, confluent }) => {
      // Rows whose references stand in an order that one parser cannot read; the registry sorts them before it parses.
      const texts = (references ?? [])
        .map((reference) => reference.schema)
        .sort((a, b) => Number(a.includes('Ref2')) - Number(b.includes('Ref2')))
      return (['canonicalString', 'normalizedString'] as const)
        .filter((form) => {
          if (confluent?.[form] === undefined) return false
          return (
            readSchemaText(schema, texts, { normalize: form === 'normalizedString', strict: false }).canonical !==
            confluent[form]
          )
        })
        .map((form) => `${id} ${form}`)
    })
    expect(rows.length).toBeGreaterThan(100)
    expect(differing).toEqual([])
  },
)
