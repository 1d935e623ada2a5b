import { describe, expect, test } from 'vitest'
import { schemaOf } from '../../test/avro-samples.ts'
import { crc64Avro, fingerprint64 } from './canonical-form.ts'
import { hexOf, md5, sha256 } from './digest.ts'
import { printSchema } from './print-schema.ts'
import { readableJson } from './to-json.ts'
import type { AvroValue } from './value.ts'

describe('a value for people to read', () => {
  test.each([
    ['{"type":"int","logicalType":"date"}', 20_779, '2026-11-22'],
    ['{"type":"int","logicalType":"date"}', -719_529, '-000001-12-31'],
    ['{"type":"long","logicalType":"timestamp-millis"}', 1_700_000_000_123n, '2023-11-14T22:13:20.123Z'],
    ['{"type":"long","logicalType":"local-timestamp-micros"}', -1n, '1969-12-31T23:59:59.999999'],
    ['{"type":"long","logicalType":"timestamp-nanos"}', 5n, '1970-01-01T00:00:00.000000005Z'],
    ['{"type":"long","logicalType":"timestamp-millis"}', 2n ** 63n - 1n, '+292278994-08-17T07:12:55.807Z'],
    ['{"type":"long","logicalType":"time-micros"}', 3_723_000_004n, '01:02:03.000004'],
    ['{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}', -5n, '-0.05'],
    ['{"type":"bytes","logicalType":"big-decimal"}', { unscaled: 12n, scale: -3 }, '12E3'],
    ['"long"', 9_007_199_254_740_993n, '9007199254740993'],
    ['"long"', 7n, 7],
    ['"float"', Math.fround(0.1), 0.1],
    ['"double"', Number.NaN, 'NaN'],
    ['"bytes"', Uint8Array.of(1, 2, 3, 4), 'AQIDBA=='],
    ['["null","string"]', { branch: 'string', value: 'x' }, 'x'],
    ['["null","string"]', null, null],
  ])('%s', (schema, value, expected) => {
    expect(readableJson(schemaOf(schema), value as AvroValue)).toBe(expected)
  })

  test('keeps every field name', () => {
    const schema = schemaOf(
      '{"type":"record","name":"R","fields":[{"name":"__proto__","type":{"type":"map","values":"int"}},{"name":"toString","type":"int"}]}',
    )
    const value = [new Map([['__proto__', 1]]), 2]
    expect(JSON.stringify(readableJson(schema, value))).toBe('{"__proto__":{"__proto__":1},"toString":2}')
  })
})

test('fingerprints are those of the specifications', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  // Avro's share/test/data/schema-tests.txt, RFC 1321, FIPS 180-4.
  expect(fingerprint64(schemaOf('"int"'))).toBe(8247732601305521295n)
  expect(crc64Avro(new Uint8Array(0))).toBe(0xc15d213aa4d7a795n)
  expect(hexOf(md5(bytes('message digest')))).toBe('f96b697d7cb7938d525a2f31aaf161d0')
  expect(hexOf(md5(bytes('1234567890'.repeat(8))))).toBe('57edf4a22be3c955ac49da2e2107b67a')
  expect(hexOf(sha256(bytes('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(hexOf(sha256(bytes('')))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

test('a printed schema is read as the same schema', () => {
  const text =
    '{"type":"record","name":"R","namespace":"n","doc":"d","fields":[{"name":"a","type":["null",{"type":"enum","name":"E","symbols":["X"],"default":"X"}],"default":null,"aliases":["z"]},{"name":"b","type":{"type":"long","logicalType":"timestamp-millis"},"order":"ignore","weight":1.5}]}'
  expect(printSchema(schemaOf(text))).toBe(text)
})
