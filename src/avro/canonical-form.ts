// The Parsing Canonical Form of the Avro specification and its fingerprints. Two schemas of one form read each other's data, but
// may differ in logical types, defaults and aliases: never use a fingerprint alone to tell schemas apart.
import { type AvroSchema, isNamed } from './schema.ts'
import { encodeUtf8 } from './utf8.ts'

export function canonicalForm(schema: AvroSchema): string {
  return print(schema, new Set())
}

function print(schema: AvroSchema, written: Set<string>): string {
  if (isNamed(schema)) {
    if (written.has(schema.fullName)) return `"${schema.fullName}"`
    written.add(schema.fullName)
  }
  switch (schema.kind) {
    case 'record': {
      const fields = schema.fields.map((field) => `{"name":"${field.name}","type":${print(field.type, written)}}`)
      return `{"name":"${schema.fullName}","type":"record","fields":[${fields.join(',')}]}`
    }
    case 'enum':
      return `{"name":"${schema.fullName}","type":"enum","symbols":[${schema.symbols.map((symbol) => `"${symbol}"`).join(',')}]}`
    case 'fixed':
      return `{"name":"${schema.fullName}","type":"fixed","size":${schema.size}}`
    case 'array':
      return `{"type":"array","items":${print(schema.items, written)}}`
    case 'map':
      return `{"type":"map","values":${print(schema.values, written)}}`
    case 'union':
      return `[${schema.branches.map((branch) => print(branch, written)).join(',')}]`
    default:
      return `"${schema.kind}"`
  }
}

/** CRC-64-AVRO of the canonical form: the fingerprint of single-object encoding, where it stands little-endian. */
export function fingerprint64(schema: AvroSchema): bigint {
  return crc64Avro(encodeUtf8(canonicalForm(schema)))
}

const EMPTY_LOW = 0xa4d7a795 | 0
const EMPTY_HIGH = 0xc15d213a | 0
let table: { readonly low: Int32Array; readonly high: Int32Array } | undefined

/** As an unsigned number. */
export function crc64Avro(bytes: Uint8Array): bigint {
  table ??= makeTable()
  let low = EMPTY_LOW
  let high = EMPTY_HIGH
  for (const byte of bytes) {
    const index = (low ^ byte) & 0xff
    low = ((low >>> 8) | (high << 24)) ^ table.low[index]!
    high = (high >>> 8) ^ table.high[index]!
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}

function makeTable(): { low: Int32Array; high: Int32Array } {
  const result = { low: new Int32Array(256), high: new Int32Array(256) }
  for (let index = 0; index < 256; index++) {
    let low = index
    let high = 0
    for (let bit = 0; bit < 8; bit++) {
      const mask = -(low & 1)
      low = ((low >>> 1) | (high << 31)) ^ (EMPTY_LOW & mask)
      high = (high >>> 1) ^ (EMPTY_HIGH & mask)
    }
    result.low[index] = low
    result.high[index] = high
  }
  return result
}
