import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyValueOf, schemaOf, schemaText } from '../../test/avro-samples.ts'
import { JobError } from '../diagnostics/job-error.ts'
import { compileDecoder } from './decode.ts'
import { compileEncoder } from './encode.ts'
import { compileSkip } from './skip.ts'
import type { AvroValue } from './value.ts'

const schemaAndValue = schemaText.chain((text) => {
  const schema = schemaOf(text)
  return anyValueOf(schema).map((value) => ({ text, schema, value }))
})

/** The decoder's answer, or the code and message of its refusal; anything else it throws is a bug. */
function answer(run: () => AvroValue): AvroValue | string {
  try {
    return run()
  } catch (error) {
    if (error instanceof JobError) return `${error.code} ${error.message}`
    throw error
  }
}

describe('any schema, any value', () => {
  test('is read back as it was written, and jumped over to the same place', () => {
    fc.assert(
      fc.property(schemaAndValue, ({ schema, value }) => {
        const bytes = compileEncoder(schema)(value)
        expect(compileDecoder(schema)(bytes)).toEqual(value)
        expect(compileSkip(schema)(bytes, 0, bytes.length, 0)).toBe(bytes.length)
      }),
      { numRuns: 300 },
    )
  })

  test('is refused when it is cut at any byte, and when bytes follow it', () => {
    fc.assert(
      fc.property(schemaAndValue, ({ schema, value }) => {
        const bytes = compileEncoder(schema)(value)
        const decode = compileDecoder(schema)
        for (let end = 0; end < bytes.length; end++) {
          expect(answer(() => decode(bytes, 0, end))).toMatch(/^AVR020 record cannot be decoded: /)
        }
        const longer = new Uint8Array(bytes.length + 1)
        longer.set(bytes)
        expect(answer(() => decode(longer))).toContain('there is data behind the end of the record')
      }),
      { numRuns: 60 },
    )
  })
})

describe('what a refusal says', () => {
  const order = schemaOf(`{"type":"record","name":"Order","fields":[
    {"name":"id","type":"int"},
    {"name":"items","type":{"type":"array","items":{"type":"record","name":"Item","fields":[
      {"name":"sku","type":"string"},{"name":"color","type":{"type":"enum","name":"Color","symbols":["RED","BLUE"]}}]}}},
    {"name":"note","type":["null","string"]}]}`)
  const read = (...bytes: number[]) => answer(() => compileDecoder(order)(Uint8Array.from(bytes)))

  test.each([
    [
      'an enum index beyond the symbols',
      [2, 2, 2, 65, 8, 0, 0],
      'field `items[0].color`: an enum has no symbol of this index',
    ],
    ['a text that is not UTF-8', [2, 2, 2, 0xff, 0, 0, 0], 'field `items[0].sku`: a text is not UTF-8'],
    [
      'a negative length',
      [2, 2, 1, 0, 0],
      'field `items[0].sku`: a length is negative or goes beyond the end of the data',
    ],
    [
      'an int of six bytes',
      [0x80, 0x80, 0x80, 0x80, 0x80, 1],
      'field `id`: a number has more bytes than its type allows',
    ],
    [
      'a count that the data cannot hold',
      [2, 0xfe, 0xff, 0x03],
      'field `items`: an array or map claims more items than the data can hold',
    ],
    ['a union index', [2, 0, 6], 'field `note`: a union has no branch of this index'],
  ])('%s', (_, bytes, message) => {
    expect(read(...bytes)).toBe(`AVR020 record cannot be decoded: ${message}`)
  })

  test.each([
    [
      'null where there is no null',
      [1, null, null],
      'field `items`: the value is NULL, and the schema has no null here',
    ],
    ['an unknown symbol', [1, [['a', 'toString']], null], 'field `items[0].color`: the text is no symbol of the enum'],
    ['a number beyond int', [2 ** 31, [], null], 'field `id`: the number is outside the range of the type'],
    [
      'half a surrogate pair',
      [1, [['\ud800', 'RED']], null],
      'field `items[0].sku`: the text holds half a surrogate pair and cannot be written as UTF-8',
    ],
  ] as const)('%s', (_, value, message) => {
    expect(answer(() => compileEncoder(order)(value) as AvroValue)).toBe(`AVR021 value cannot be encoded: ${message}`)
  })
})

describe('hostile lengths', () => {
  const long = (value: bigint) => compileEncoder(schemaOf('"long"'))(value)
  const claims = [-1n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 62n, -(2n ** 63n), 2n ** 63n - 1n]

  test.each([
    '"bytes"',
    '"string"',
    '{"type":"array","items":"long"}',
    '{"type":"map","values":"null"}',
    '{"type":"array","items":"null"}',
    '{"type":"array","items":{"type":"record","name":"E","fields":[]}}',
  ])('of %s are refused before anything is allocated', (text) => {
    const decode = compileDecoder(schemaOf(text))
    for (const claim of claims) {
      expect(answer(() => decode(long(claim)))).toMatch(/^AVR020 /)
      const twice = new Uint8Array([...long(claim), ...long(claim), 0])
      expect(answer(() => decode(twice))).toMatch(/^AVR020 /)
    }
  })

  test('items without bytes are believed up to a fixed number in the whole value', () => {
    const decode = compileDecoder(schemaOf('{"type":"array","items":{"type":"array","items":"null"}}'))
    const inner = [...long(60_000n), 0]
    expect(answer(() => decode(Uint8Array.from([2, ...inner, 0])))).toHaveLength(1)
    expect(answer(() => decode(Uint8Array.from([4, ...inner, ...inner, 0])))).toContain('claims more items')
  })

  test('nesting is bounded', () => {
    const schema = schemaOf('{"type":"record","name":"N","fields":[{"name":"next","type":["null","N"]}]}')
    const deep = new Uint8Array(100_000).fill(2)
    expect(answer(() => compileDecoder(schema)(deep))).toContain('values are nested too deeply')
    expect(compileSkip(schema)(deep, 0, deep.length, 0)).toBeLessThan(0)
    const endless = schemaOf('{"type":"record","name":"N","fields":[{"name":"next","type":"N"}]}')
    expect(answer(() => compileDecoder(endless)(new Uint8Array(0)))).toContain('values are nested too deeply')
  })
})
