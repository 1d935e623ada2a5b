import { describe, expect, test } from 'vitest'
import { schemaOf } from '../../test/avro-samples.ts'
import { type Column, createColumn } from '../types/column.ts'
import { type LogicalType, MAX_LENGTH } from '../types/logical-type.ts'
import type { Value } from '../types/value.ts'
import { ByteBuffer } from './byte-buffer.ts'
import { compileColumnEncoder, type EncodeConversion, type EncodeField } from './column-encoder.ts'
import { compileDecoder } from './decode.ts'
import { DecodeFailures } from './decode-failure.ts'
import type { AvroValue } from './value.ts'

const text: LogicalType = { kind: 'VARCHAR', length: MAX_LENGTH, nullable: true }
const bytes: LogicalType = { kind: 'VARBINARY', length: MAX_LENGTH, nullable: true }
const integer: LogicalType = { kind: 'INTEGER', nullable: true }
const bigint: LogicalType = { kind: 'BIGINT', nullable: true }
const double: LogicalType = { kind: 'DOUBLE', nullable: true }
const timestamp = (kind: 'TIMESTAMP' | 'TIMESTAMP_LTZ', precision: number): LogicalType => ({
  kind,
  precision,
  nullable: true,
})
const decimal = (precision: number, scale: number): LogicalType => ({
  kind: 'DECIMAL',
  precision,
  scale,
  nullable: true,
})

function columnOf(type: LogicalType, values: readonly Value[]): Column {
  const column = createColumn(type, values.length)
  const contents = new ByteBuffer()
  values.forEach((value, row) => {
    column.nulls[row] = value === null ? 1 : 0
    if (value === null) return
    if (column.carrier === 'bytes') {
      const raw = typeof value === 'string' ? new TextEncoder().encode(value) : (value as Uint8Array)
      column.starts[row] = contents.append(raw, 0, raw.length)
      column.lengths[row] = raw.length
      column.data = contents.bytes
    } else if (column.carrier === 'timestamp') {
      const { millis, nanos } = value as { millis: number; nanos: number }
      column.millis[row] = millis
      if (column.nanos !== undefined) column.nanos[row] = nanos
    } else if (column.carrier === 'int64') column.values[row] = value as bigint
    else if (column.carrier === 'value') column.values[row] = value
    else column.values[row] = Number(value)
  })
  return column
}

/** One column into a record of one field: per row what a reader of the record sees, or why it was not written. */
function write(
  fieldType: string,
  type: LogicalType,
  values: readonly Value[],
  conversion: EncodeConversion = {},
): readonly (AvroValue | string)[] {
  const schema = schemaOf(`{"type":"record","name":"R","fields":[{"name":"f","type":${fieldType}}]}`)
  const fields: readonly EncodeField[] = [{ name: 'f', from: 'column', column: 0, conversion }]
  const encoder = compileColumnEncoder(schema, [type], fields, Uint8Array.of(0, 0, 0, 1, 2))
  const out = new ByteBuffer(1)
  const starts = new Int32Array(values.length)
  const lengths = new Int32Array(values.length)
  const failures = new DecodeFailures()
  encoder.encode([columnOf(type, values)], values.length, undefined, out, starts, lengths, failures)
  const decode = compileDecoder(schema)
  let failed = 0
  return values.map((_, row) => {
    if (lengths[row] === -1) return encoder.failureAt(failures.sites[failed++]!).message
    const start = starts[row]!
    expect([...out.bytes.slice(start, start + 5)]).toEqual([0, 0, 0, 1, 2])
    return (decode(out.bytes, start + 5, start + lengths[row]!) as readonly AvroValue[])[0]!
  })
}

describe('a column is written to a field of the registered type', () => {
  const instant = { millis: 1_760_000_000_123, nanos: 456_789 }
  const early = { millis: -1, nanos: 999_999 }

  test.each([
    ['"string"', text, ['', 'ä', 'x'.repeat(300)], ['', 'ä', 'x'.repeat(300)]],
    ['"int"', integer, [0, -1, 2147483647, -2147483648], [0, -1, 2147483647, -2147483648]],
    ['"long"', integer, [-5], [-5n]],
    ['"long"', bigint, [0n, -1n, 64n, 2n ** 63n - 1n, -(2n ** 63n)], [0n, -1n, 64n, 2n ** 63n - 1n, -(2n ** 63n)]],
    [
      '"double"',
      double,
      [0.1, -0, Number.NaN, Number.POSITIVE_INFINITY],
      [0.1, -0, Number.NaN, Number.POSITIVE_INFINITY],
    ],
    ['"double"', bigint, [2n ** 53n, -(2n ** 62n)], [2 ** 53, -(2 ** 62)]],
    ['"boolean"', { kind: 'BOOLEAN', nullable: true }, [1, 0], [true, false]],
    [
      '{"type":"long","logicalType":"timestamp-millis"}',
      timestamp('TIMESTAMP_LTZ', 3),
      [{ millis: 5, nanos: 0 }],
      [5n],
    ],
    [
      '{"type":"long","logicalType":"timestamp-micros"}',
      timestamp('TIMESTAMP_LTZ', 6),
      [{ millis: -1, nanos: 999_000 }],
      [-1n],
    ],
    [
      '{"type":"long","logicalType":"timestamp-nanos"}',
      timestamp('TIMESTAMP_LTZ', 9),
      [instant, early],
      [1_760_000_000_123_456_789n, -1n],
    ],
    [
      '{"type":"bytes","logicalType":"decimal","precision":12,"scale":2}',
      decimal(10, 2),
      [0n, 127n, 128n, -129n, 9_999_999_999n],
      [0n, 127n, 128n, -129n, 9_999_999_999n],
    ],
    ['{"type":"bytes","logicalType":"decimal","precision":12,"scale":4}', decimal(5, 2), [12345n], [1234500n]],
    ['{"type":"fixed","name":"D","size":6,"logicalType":"decimal","precision":12,"scale":0}', integer, [-2], [-2n]],
    [
      '{"type":"string","logicalType":"uuid"}',
      text,
      ['6f1c5f2e-9f0a-4c3b-8d6e-0123456789ab'],
      ['6f1c5f2e-9f0a-4c3b-8d6e-0123456789ab'],
    ],
    [
      '{"type":"fixed","name":"U","size":16,"logicalType":"uuid"}',
      text,
      ['6F1C5F2E-9f0a-4c3b-8d6e-0123456789ab'],
      ['6f1c5f2e-9f0a-4c3b-8d6e-0123456789ab'],
    ],
    [
      '{"type":"enum","name":"E","symbols":["A","__proto__","toString"]}',
      text,
      ['toString', '__proto__'],
      ['toString', '__proto__'],
    ],
    [
      '{"type":"array","items":["null","int"]}',
      { kind: 'ARRAY', element: integer, nullable: true },
      [[1, null]],
      [[{ branch: 'int', value: 1 }, null]],
    ],
  ] as const)('%s', (fieldType, type, values, expected) => {
    expect(write(fieldType, type as LogicalType, values as readonly Value[])).toEqual(expected)
  })

  test('the order of a union is the target’s', () => {
    expect(write('["null","string"]', text, ['a', null])).toEqual([{ branch: 'string', value: 'a' }, null])
    expect(write('["string","null"]', text, ['a', null])).toEqual([{ branch: 'string', value: 'a' }, null])
    expect(write('["null","int","string"]', text, ['a', null], { union: { branch: 2, nullBranch: 0 } })).toEqual([
      { branch: 'string', value: 'a' },
      null,
    ])
  })

  test('a time without zone becomes an instant by the zone that is named', () => {
    const noon = { millis: Date.UTC(2026, 6, 1, 12), nanos: 0 }
    const field = '{"type":"long","logicalType":"timestamp-millis"}'
    expect(write(field, timestamp('TIMESTAMP', 3), [noon], { timeZone: 'Europe/Berlin' })).toEqual([
      BigInt(Date.UTC(2026, 6, 1, 10)),
    ])
    expect(write(field, timestamp('TIMESTAMP', 3), [noon])).toEqual([BigInt(noon.millis)])
  })
})

describe('a row that does not fit is named and not written', () => {
  test.each([
    ['"string"', text, null, 'field `f`: the value is NULL, and the schema has no null here'],
    ['{"type":"enum","name":"E","symbols":["A"]}', text, 'constructor', 'field `f`: the text is no symbol of the enum'],
    ['"int"', bigint, 2n ** 31n, 'field `f`: the number is outside the range of the type'],
    ['"double"', bigint, 2n ** 53n + 1n, 'field `f`: the number cannot be held exactly by the type'],
    ['"float"', integer, 16_777_217, 'field `f`: the number cannot be held exactly by the type'],
    [
      '{"type":"fixed","name":"F","size":2}',
      bytes,
      Uint8Array.of(1),
      'field `f`: the bytes do not have the length of the fixed type',
    ],
    ['{"type":"string","logicalType":"uuid"}', text, 'no uuid', 'field `f`: the text is no UUID'],
    [
      '{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}',
      decimal(10, 2),
      10_000n,
      'field `f`: the number is outside the range of the type',
    ],
    [
      '{"type":"long","logicalType":"timestamp-nanos"}',
      timestamp('TIMESTAMP_LTZ', 9),
      { millis: 9_300_000_000_000, nanos: 0 },
      'field `f`: the number is outside the range of the type',
    ],
  ] as const)('%s', (fieldType, type, value, message) => {
    expect(write(fieldType, type, [value])).toEqual([message])
  })

  test('the rows around it are', () => {
    expect(write('"string"', text, ['a', null, 'b'])).toEqual([
      'a',
      'field `f`: the value is NULL, and the schema has no null here',
      'b',
    ])
  })
})

test('fields the query lacks take the default, and only the selected rows are written', () => {
  const schema = schemaOf(`{"type":"record","name":"R","fields":[
    {"name":"a","type":"int"},
    {"name":"b","type":["null","string"],"default":null},
    {"name":"c","type":{"type":"array","items":"int"},"default":[1,2]}]}`)
  const fields: readonly EncodeField[] = [
    { name: 'a', from: 'column', column: 0, conversion: {} },
    { name: 'b', from: 'default' },
    { name: 'c', from: 'default' },
  ]
  const encoder = compileColumnEncoder(schema, [integer], fields, new Uint8Array(0))
  const out = new ByteBuffer()
  const starts = new Int32Array(2)
  const lengths = new Int32Array(2)
  const column = columnOf(integer, [10, 11, 12])
  encoder.encode([column], 2, Int32Array.of(0, 2), out, starts, lengths, new DecodeFailures())
  const read = [0, 1].map((j) => compileDecoder(schema)(out.bytes, starts[j]!, starts[j]! + lengths[j]!))
  expect(read).toEqual([
    [10, null, [1, 2]],
    [12, null, [1, 2]],
  ])
})
