import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  HAS_GUID,
  ID_PREFIX_LENGTH,
  readFraming,
  readSchemaId,
  SINGLE_OBJECT,
  TOO_SHORT,
  UNKNOWN_MAGIC,
  writeSchemaId,
} from './wire-format.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)
const guid = '01234567-89ab-cdef-0123-456789abcdef'
const guidBytes = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]

test('an id is written and read back, at any place of a buffer', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 1), fc.nat(20), (id, offset) => {
      const buffer = new Uint8Array(offset + 8)
      expect(writeSchemaId(buffer, offset, id)).toBe(offset + ID_PREFIX_LENGTH)
      expect(readSchemaId(buffer, offset, buffer.length)).toBe(id)
      expect(readFraming(buffer, offset, buffer.length)).toEqual({
        schema: { kind: 'id', id },
        payloadStart: offset + 5,
      })
    }),
  )
})

test('a guid stands in front of the payload or in a header', () => {
  const prefixed = bytes(9, 1, ...guidBytes, 42)
  expect(readSchemaId(prefixed, 1, prefixed.length)).toBe(HAS_GUID)
  expect(readFraming(prefixed, 1, prefixed.length)).toEqual({ schema: { kind: 'guid', guid }, payloadStart: 18 })
  expect(readFraming(bytes(42), 0, 1, bytes(1, ...guidBytes))).toEqual({
    schema: { kind: 'guid', guid },
    payloadStart: 0,
  })
  expect(readFraming(bytes(42), 0, 1, bytes(0, 0, 0, 0, 7))).toEqual({ schema: { kind: 'id', id: 7 }, payloadStart: 0 })
})

describe('what has no frame is told by what it looks like', () => {
  test.each([
    [bytes(), TOO_SHORT, 'record of 0 bytes (nothing) is too short for a schema id'],
    [bytes(0, 0, 0, 1), TOO_SHORT, 'record of 4 bytes (00 00 00 01) is too short for a schema id'],
    [bytes(1, 2, 3), TOO_SHORT, 'record of 3 bytes (01 02 03) is too short for a schema id'],
    [
      bytes(0x7b, 0x22, 0x61, 0x22, 0x3a, 0x31, 0x7d),
      UNKNOWN_MAGIC,
      "record of 7 bytes does not begin with the schema registry's magic byte 00 (it begins with 7b 22 61 22 3a 31 7d)",
    ],
    [
      bytes(0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4),
      UNKNOWN_MAGIC,
      "record of 9 bytes does not begin with the schema registry's magic byte 00 and an id (it begins with 00 ff ff ff ff 01 02 03 …)",
    ],
    [
      bytes(0xc3, 0x01, 1, 2, 3, 4, 5, 6, 7, 8, 9),
      SINGLE_OBJECT,
      "record has Avro's single-object encoding (C3 01), not the schema registry's framing",
    ],
  ])('%s', (data, answer, message) => {
    expect(readSchemaId(data, 0, data.length)).toBe(answer)
    expect(readFraming(data, 0, data.length)).toMatchObject({ message })
  })

  test('a header that is no schema id', () => {
    expect(readFraming(bytes(1), 0, 1, bytes(1, 2, 3))).toEqual({
      kind: 'bad-header',
      message: 'schema id header of 3 bytes (01 02 03) is no schema guid',
    })
  })
})
