import { describe, expect, test } from 'vitest'
import { parseSchema } from './parse-schema.ts'
import type { RecordSchema } from './schema.ts'

/** `code: message [the text it points at]` of every finding. */
function findings(text: string, options: Parameters<typeof parseSchema>[1] = { strict: true }): readonly string[] {
  return parseSchema(text, options).diagnostics.map(
    ({ code, message, span }) => `${code}: ${message} [${text.slice(span.start, span.end)}]`,
  )
}

describe('a schema that is wrong says what and where', () => {
  test.each([
    ['{"type": "int",}', 'AVR001: schema is not JSON: expected a key in double quotes [}]'],
    ['{"type": "map"}', 'AVR002: attribute `values` is missing [{"type": "map"}]'],
    ['{"type": "fixed", "name": "F", "size": -1}', 'AVR002: `size` must be a whole number from 0 to 2147483639 [-1]'],
    ['{"type": "enum", "name": "E", "symbols": ["a-b"]}', 'AVR003: symbol name `a-b` is not a valid name ["a-b"]'],
    [
      '{"type": "record", "name": "int", "fields": []}',
      'AVR003: a type may not be named after the primitive `int` ["int"]',
    ],
    ['["null", "com.acme.Money"]', 'AVR004: type `com.acme.Money` is not defined ["com.acme.Money"]'],
    [
      '["int", {"type": "int", "logicalType": "date"}]',
      'AVR005: union has two branches of type `int` [{"type": "int", "logicalType": "date"}]',
    ],
    [
      '{"type": "record", "name": "R", "fields": [{"name": "a", "type": "long", "default": "0"}]}',
      'AVR006: default of field `a` does not fit its type ["0"]',
    ],
    [
      '{"type": "string", "logicalType": "date"}',
      'AVR007: logical type `date` is ignored: it is unknown or does not fit type `string` ["date"]',
    ],
  ])('%s', (text, finding) => {
    expect(findings(text)).toEqual([finding])
  })

  test('what nests too deeply is refused, not followed to the end of the stack', () => {
    expect(findings('['.repeat(100_000))[0]).toContain('nesting is deeper than 500')
  })
})

test('a registered schema is read although its namespace and defaults are not what they should be', () => {
  const text = '{"type":"record","name":"R","namespace":"my-team","fields":[{"name":"é","type":"int","default":"x"}]}'
  expect(parseSchema(text).value).toMatchObject({ fullName: 'my-team.R', fields: [{ name: 'é', default: 'x' }] })
  expect(parseSchema(text, { strict: true }).value).toBeUndefined()
})

test('names are resolved: by namespace, before their definition, in referenced schemas, in themselves', () => {
  const text = `{"type":"record","name":"a.Node","fields":[
    {"name":"next","type":["null","Node"]},
    {"name":"early","type":"a.Late"},
    {"name":"late","type":{"type":"fixed","name":"Late","size":2}},
    {"name":"other","type":"b.Other"}]}`
  const references = ['{"type":"enum","name":"b.Other","symbols":["X"]}']
  const node = parseSchema(text, { strict: true, references }).value as RecordSchema
  const [next, early, late, other] = node.fields.map((field) => field.type)
  expect(next?.kind === 'union' && next.branches[1]).toBe(node)
  expect(early).toBe(late)
  expect(other).toMatchObject({ kind: 'enum', symbols: ['X'] })
})

test('names that are traps in JavaScript are ordinary', () => {
  const text = `{"type":"record","name":"__proto__","fields":[
    {"name":"__proto__","type":"int","default":1,"constructor":"yes"},
    {"name":"toString","type":{"type":"enum","name":"valueOf","symbols":["constructor"],"default":"constructor"}}]}`
  const { value } = parseSchema(text, { strict: true })
  const { fields } = value as RecordSchema
  expect(fields.map((field) => field.name)).toEqual(['__proto__', 'toString'])
  expect(fields[0]?.properties.get('constructor')).toBe('yes')
  expect(findings('"toString"')).toEqual(['AVR004: type `toString` is not defined ["toString"]'])
})

test('numbers in defaults and attributes stay exact', () => {
  const text =
    '{"type":"record","name":"R","fields":[{"name":"a","type":"long","default":9223372036854775807,"weight":1.50}]}'
  const field = (parseSchema(text, { strict: true }).value as RecordSchema).fields[0]
  expect(field?.default).toBe(9223372036854775807n)
  expect(field?.properties.get('weight')).toBe(1.5)
})
