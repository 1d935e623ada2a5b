// What Avro's check says of a change, and what logical-diff.ts sees beside it: the gap is what impact analysis is for.
import { describe, expect, test } from 'vitest'
import { schemaOf } from '../../test/avro-samples.ts'
import { checkCompatibility } from './compatibility.ts'
import { type CompatibilityLevel, checkLevel } from './compatibility-levels.ts'
import { diffSchemas, silentKinds } from './logical-diff.ts'
import { printSchema } from './print-schema.ts'

const record = (...fields: readonly string[]) => schemaOf(`{"type":"record","name":"R","fields":[${fields.join(',')}]}`)
const field = (name: string, type: string, more = '') => `{"name":"${name}","type":${type}${more && `,${more}`}}`
const enumOf = (symbols: string, more = '') => `{"type":"enum","name":"E","symbols":${symbols}${more && `,${more}`}}`
const decimal = (scale: number) => `{"type":"bytes","logicalType":"decimal","precision":10,"scale":${scale}}`

function judge(before: readonly string[], after: readonly string[]) {
  const [old, now] = [record(...before), record(...after)]
  const changes = diffSchemas(old, now)
  return {
    backward: checkCompatibility(now, old).compatible,
    forward: checkCompatibility(old, now).compatible,
    changes: changes.map(({ kind, path }) => `${kind} ${path}`),
    silent: changes.some(({ kind }) => silentKinds.has(kind)),
  }
}

describe('a change, read backward and forward', () => {
  const a = field('a', '"int"')
  test.each([
    ['add a field with default', [a], [a, field('b', '"int"', '"default":0')], true, true, ['field-added b']],
    ['add a field without default', [a], [a, field('b', '"int"')], false, true, ['field-added b']],
    ['remove a field without default', [a, field('b', '"int"')], [a], true, false, ['field-removed b']],
    ['int to long', [a], [field('a', '"long"')], true, false, ['type-widened a']],
    ['allow null', [a], [field('a', '["null","int"]')], true, false, ['null-allowed a']],
    ['forbid null', [field('a', '["null","int"]')], [a], false, true, ['null-forbidden a']],
    [
      'add a symbol without enum default',
      [field('e', enumOf('["A"]'))],
      [field('e', enumOf('["A","B"]'))],
      true,
      false,
      ['symbol-added e'],
    ],
    [
      'add a symbol with enum default',
      [field('e', enumOf('["A"]', '"default":"A"'))],
      [field('e', enumOf('["A","B"]', '"default":"A"'))],
      true,
      true,
      ['symbol-added e'],
    ],
    [
      'reorder symbols',
      [field('e', enumOf('["A","B"]'))],
      [field('e', enumOf('["B","A"]'))],
      true,
      true,
      ['symbols-reordered e'],
    ],
    ['reorder fields', [a, field('b', '"int"')], [field('b', '"int"'), a], true, true, ['fields-reordered ']],
    ['change doc', [a], [field('a', '"int"', '"doc":"x"')], true, true, ['doc-changed a']],
    ['drop a default', [field('a', '"int"', '"default":0')], [a], true, true, ['default-removed a']],
    [
      'add a branch',
      [field('u', '["int","string"]')],
      [field('u', '["int","string","boolean"]')],
      true,
      false,
      ['branch-added u'],
    ],
    ['enum to string', [field('e', enumOf('["A"]'))], [field('e', '"string"')], false, false, ['type-changed e']],
    [
      'rename without alias',
      [field('a', '"int"', '"default":0')],
      [field('b', '"int"', '"default":0')],
      true,
      true,
      ['field-added b', 'field-removed a'],
    ],
    [
      'rename with alias',
      [field('a', '"int"', '"default":0')],
      [field('b', '"int"', '"default":0,"aliases":["a"]')],
      true,
      true,
      ['field-renamed b', 'aliases-changed b'],
    ],
  ])('%s', (_, before, after, backward, forward, changes) => {
    expect(judge(before, after)).toEqual({ backward, forward, changes, silent: false })
  })

  test.each([
    [
      'millis to micros',
      [field('t', '{"type":"long","logicalType":"timestamp-millis"}')],
      [field('t', '{"type":"long","logicalType":"timestamp-micros"}')],
      ['logical-type-changed t'],
    ],
    [
      'long to an instant',
      [field('t', '"long"')],
      [field('t', '{"type":"long","logicalType":"timestamp-millis"}')],
      ['logical-type-changed t'],
    ],
    ['the scale of a decimal', [field('d', decimal(2))], [field('d', decimal(3))], ['decimal-scale-changed d']],
    ['string to bytes', [field('s', '"string"')], [field('s', '"bytes"')], ['text-and-bytes-exchanged s']],
    [
      'another default',
      [field('a', '"int"', '"default":0')],
      [field('a', '"int"', '"default":1')],
      ['default-changed a'],
    ],
  ])('Avro sees nothing in %s, the diff does', (_, before, after, changes) => {
    expect(judge(before, after)).toEqual({ backward: true, forward: true, changes, silent: true })
  })
})

test('changes deep inside are found by their path, once per type', () => {
  const inner = (type: string) => `{"type":"record","name":"I","fields":[${field('x', type)}]}`
  const before = record(
    field('items', `{"type":"array","items":${inner('"int"')}}`),
    field('map', '{"type":"map","values":"I"}'),
  )
  const after = record(
    field('items', `{"type":"array","items":${inner('"long"')}}`),
    field('map', '{"type":"map","values":"I"}'),
  )
  expect(diffSchemas(before, after)).toEqual([
    { kind: 'type-widened', path: 'items[].x', before: 'int', after: 'long' },
  ])
})

test('a finding names its kind and its place in the reader’s schema', () => {
  const reader = record(field('a', `{"type":"array","items":${enumOf('["A"]')}}`))
  const writer = record(field('a', `{"type":"array","items":${enumOf('["A","Z"]')}}`))
  expect(checkCompatibility(reader, writer).incompatibilities).toEqual([
    { kind: 'MISSING_ENUM_SYMBOLS', location: '/fields/0/type/items/symbols', message: '[Z]' },
  ])
})

describe('levels', () => {
  const versions = [record(field('a', '"int"')), record(field('a', '"int"'), field('b', '"int"', '"default":0'))].map(
    (schema) => ({ schema, text: printSchema(schema) }),
  )
  const third = record(field('a', '"int"'), field('b', '"int"'))
  const fits = (level: CompatibilityLevel) => checkLevel(level, third, versions).length === 0

  test('FULL looks at the newest version only, so the third may be unable to read the first', () => {
    expect([fits('NONE'), fits('FULL'), fits('FULL_TRANSITIVE'), fits('FORWARD_TRANSITIVE')]).toEqual([
      true,
      true,
      false,
      true,
    ])
  })

  test('messages are Confluent’s', () => {
    expect(checkLevel('BACKWARD_TRANSITIVE', third, versions)).toEqual([
      "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'b' at path '/fields/1' in the new schema has no default value and is missing in the old schema', additionalInfo:'b'}",
      `{oldSchema: '{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}'}`,
    ])
  })
})
