import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyValueOf, schemaOf, schemaText } from '../../test/avro-samples.ts'
import { type Column, createColumn } from '../types/column.ts'
import { type LogicalType, MAX_LENGTH } from '../types/logical-type.ts'
import type { Value } from '../types/value.ts'
import { ByteBuffer } from './byte-buffer.ts'
import { compileColumnDecoder, type WantedField } from './column-decoder.ts'
import { compileDecoder } from './decode.ts'
import { DecodeFailures } from './decode-failure.ts'
import { compileEncoder } from './encode.ts'
import { type AvroSchema, nullBranch, onlyBranch } from './schema.ts'
import { sqlValueOf } from './sql-value.ts'
import type { AvroValue } from './value.ts'

const decoderOfText = new TextDecoder()

/** The column type of a schema as the catalog would choose it; nested types as opaque values. */
function typeOf(schema: AvroSchema): LogicalType {
  if (schema.kind === 'union') {
    const only = onlyBranch(schema)
    if (only === undefined) return { kind: 'RAW', className: 'union', nullable: true }
    return { ...typeOf(only), nullable: nullBranch(schema) >= 0 }
  }
  const nullable = false
  const text: LogicalType = { kind: 'VARCHAR', length: MAX_LENGTH, nullable }
  const logical = schema.logical
  switch (logical?.kind) {
    case 'decimal':
      return { kind: 'DECIMAL', precision: logical.precision, scale: logical.scale, nullable }
    case 'date':
      return { kind: 'DATE', nullable }
    case 'time-millis':
      return { kind: 'TIME', precision: 3, nullable }
    case 'timestamp-millis':
      return { kind: 'TIMESTAMP_LTZ', precision: 3, nullable }
    case 'timestamp-micros':
      return { kind: 'TIMESTAMP_LTZ', precision: 6, nullable }
    case 'timestamp-nanos':
      return { kind: 'TIMESTAMP_LTZ', precision: 9, nullable }
    case 'local-timestamp-micros':
      return { kind: 'TIMESTAMP', precision: 6, nullable }
    case 'uuid':
      return text
    case 'big-decimal':
      return { kind: 'RAW', className: 'big-decimal', nullable }
  }
  switch (schema.kind) {
    case 'boolean':
      return { kind: 'BOOLEAN', nullable }
    case 'int':
      return { kind: 'INTEGER', nullable }
    case 'long':
      return { kind: 'BIGINT', nullable }
    case 'float':
      return { kind: 'FLOAT', nullable }
    case 'double':
      return { kind: 'DOUBLE', nullable }
    case 'string':
    case 'enum':
      return text
    case 'bytes':
    case 'fixed':
      return { kind: 'VARBINARY', length: MAX_LENGTH, nullable }
    default:
      return { kind: 'RAW', className: schema.kind, nullable: true }
  }
}

function readColumn(column: Column, row: number): Value {
  if (column.nulls[row] === 1) return null
  switch (column.carrier) {
    case 'timestamp':
      return { millis: column.millis[row]!, nanos: column.nanos?.[row] ?? 0 }
    case 'bytes': {
      const bytes = column.data.slice(column.starts[row], column.starts[row]! + column.lengths[row]!)
      return column.type.kind === 'VARCHAR' ? decoderOfText.decode(bytes) : bytes
    }
    case 'int32':
      return column.type.kind === 'BOOLEAN' ? column.values[row] === 1 : column.values[row]!
    default:
      return column.values[row] as Value
  }
}

type Records = { readonly data: Uint8Array; readonly starts: Int32Array; readonly lengths: Int32Array }

/** Bodies behind the five bytes of Confluent's prefix, with a byte between records that none may touch. */
function recordsOf(bodies: readonly Uint8Array[]): Records {
  const starts: number[] = []
  const out = new ByteBuffer()
  for (const body of bodies) {
    starts.push(out.append(Uint8Array.of(0, 0, 0, 0, 9), 0, 5))
    out.append(body, 0, body.length)
    out.append(Uint8Array.of(0x55), 0, 1)
  }
  return {
    data: out.bytes.slice(0, out.length),
    starts: Int32Array.from(starts),
    lengths: Int32Array.from(bodies, (body) => body.length + 5),
  }
}

function run(writer: AvroSchema, bodies: readonly Uint8Array[], wanted: readonly WantedField[], reader?: AvroSchema) {
  const decoder = compileColumnDecoder(writer, wanted, reader === undefined ? {} : { reader })
  const columns = wanted.map((field) => createColumn(field.type, bodies.length))
  const failures = new DecodeFailures()
  const { data, starts, lengths } = recordsOf(bodies)
  decoder.decode(data, starts, lengths, 0, bodies.length, columns, 0, failures)
  const failed = new Map<number, string>()
  for (let i = 0; i < failures.count; i++) {
    failed.set(failures.rows[i]!, decoder.failureAt(failures.sites[i]!).message)
  }
  return { columns, failed, decoder }
}

const sample = schemaText.chain((text) => {
  const schema = schemaOf(text)
  const names = schema.kind === 'record' ? schema.fields.map((field) => field.name) : []
  return fc.record({
    schema: fc.constant(schema),
    values: fc.array(anyValueOf(schema), { minLength: 1, maxLength: 4 }),
    names: fc.subarray(names),
  })
})

function wantedOf(schema: AvroSchema, names: readonly string[]): readonly WantedField[] {
  if (schema.kind !== 'record') return []
  return schema.fields
    .filter((field) => names.includes(field.name))
    .map((field) => ({ path: [field.name], type: typeOf(field.type) }))
}

/** What the value decoder says of the same field; undefined: it has no place in the column. */
function expected(schema: AvroSchema, field: WantedField, value: AvroValue): Value | undefined {
  if (schema.kind !== 'record') return undefined
  const index = schema.fields.findIndex(({ name }) => name === field.path[0])
  const found = sqlValueOf(schema.fields[index]!.type, field.type, (value as readonly AvroValue[])[index]!)
  return field.type.kind === 'BOOLEAN' && typeof found === 'number' ? found === 1 : found
}

describe('columns', () => {
  test('hold what the value decoder reads, for any schema and any choice of fields', () => {
    fc.assert(
      fc.property(sample, ({ schema, values, names }) => {
        const wanted = wantedOf(schema, names)
        const { columns, failed } = run(schema, values.map(compileEncoder(schema)), wanted)
        for (const [row, value] of values.entries()) {
          const answers = wanted.map((field) => expected(schema, field, value))
          expect(failed.has(row)).toBe(answers.includes(undefined))
          if (!failed.has(row)) expect(columns.map((column) => readColumn(column, row))).toEqual(answers)
        }
      }),
      { numRuns: 250 },
    )
  })

  test('agree with the value decoder on which damaged records are refused', () => {
    const damaged = sample.chain(({ schema, values, names }) => {
      const body = compileEncoder(schema)(values[0]!)
      const at = fc.nat({ max: Math.max(0, body.length - 1) })
      const flips = fc.array(fc.tuple(at, fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff, 0x10)), { maxLength: 3 })
      return fc.record({
        schema: fc.constant(schema),
        body: fc.constant(body),
        names: fc.constant(names),
        flips,
        cut: fc.nat({ max: body.length }),
      })
    })
    fc.assert(
      fc.property(damaged, ({ schema, body, names, flips, cut }) => {
        const changed = body.slice(0, cut)
        for (const [at, byte] of flips) if (at < changed.length) changed[at] = byte
        const wanted = wantedOf(schema, names)
        let value: AvroValue | undefined
        try {
          value = compileDecoder(schema)(changed)
        } catch {
          value = undefined
        }
        const { failed, columns } = run(schema, [changed], wanted)
        // Texts and decimals of fields that are not wanted are not looked at, so only these may be accepted beyond.
        if (value === undefined) {
          if (!failed.has(0)) expect(wanted.length < (schema.kind === 'record' ? schema.fields.length : 0)).toBe(true)
          return
        }
        const answers = wanted.map((field) => expected(schema, field, value))
        expect(failed.has(0)).toBe(answers.includes(undefined))
        if (!failed.has(0)) expect(columns.map((column) => readColumn(column, 0))).toEqual(answers)
      }),
      { numRuns: 500 },
    )
  })

  test('refuse a decimal with more digits than its schema declares, on the wire of five bytes or ten', () => {
    for (const [size, precision] of [
      [5, 9],
      [10, 20],
    ] as const) {
      const schema = schemaOf(
        `{"type":"record","name":"R","fields":[{"name":"d","type":{"type":"fixed","name":"F","size":${size},"logicalType":"decimal","precision":${precision},"scale":2}}]}`,
      )
      const wanted = wantedOf(schema, ['d'])
      const body = (unscaled: bigint) =>
        Uint8Array.from({ length: size }, (_, i) => Number((unscaled >> BigInt(8 * (size - 1 - i))) & 0xffn))
      const most = 10n ** BigInt(precision) - 1n
      expect(run(schema, [body(most)], wanted).failed.has(0)).toBe(false)
      expect(run(schema, [body(most + 1n)], wanted).failed.has(0)).toBe(true)
    }
  })

  const payment = schemaOf(`{"type":"record","name":"Payment","fields":[
    {"name":"user","type":"string"},
    {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
    {"name":"card","type":["null",{"type":"record","name":"Card","fields":[
      {"name":"bin","type":"string"},{"name":"brand","type":{"type":"enum","name":"Brand","symbols":["VISA","MC"]}}]}]},
    {"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}}]}`)
  const text: LogicalType = { kind: 'VARCHAR', length: MAX_LENGTH, nullable: true }
  const encode = compileEncoder(payment)
  const visa = { branch: 'Card', value: ['4242', 'VISA'] }

  test('reach into records inside, and are null where the record is', () => {
    const bodies = [encode(['ann', 1n, visa, 100n]), encode(['bob', 2n, null, -5n])]
    const wanted = [
      { path: ['card', 'brand'], type: text },
      { path: ['card', 'bin'], type: text },
      { path: ['amount'], type: { kind: 'DECIMAL', precision: 9, scale: 2, nullable: false } as const },
    ]
    const { columns } = run(payment, bodies, wanted)
    expect(columns.map((column) => [readColumn(column, 0), readColumn(column, 1)])).toEqual([
      ['VISA', null],
      ['4242', null],
      [100n, -5n],
    ])
  })

  test('are read from other versions by the rules of resolution: defaults, aliases, promotions', () => {
    const reader = schemaOf(`{"type":"record","name":"Payment","fields":[
      {"name":"customer","aliases":["user"],"type":"string"},
      {"name":"channel","type":{"type":"enum","name":"Channel","symbols":["WEB","APP"]},"default":"APP"},
      {"name":"since","type":{"type":"long","logicalType":"timestamp-micros"},"default":1500001},
      {"name":"risk","type":["null","double"],"default":null}]}`)
    const instant: LogicalType = { kind: 'TIMESTAMP_LTZ', precision: 6, nullable: false }
    const { columns, decoder } = run(
      payment,
      [encode(['ann', 1n, null, 0n])],
      [
        { path: ['customer'], type: text },
        { path: ['channel'], type: text },
        { path: ['since'], type: instant },
        { path: ['risk'], type: { kind: 'DOUBLE', nullable: true } },
      ],
      reader,
    )
    expect(columns.map((column) => readColumn(column, 0))).toEqual(['ann', 'APP', { millis: 1500, nanos: 1000 }, null])
    expect(decoder.places.slice(0, 2)).toEqual(['input', 'dictionary'])
  })

  test('keep the symbol that was written, also one the reader does not know', () => {
    const writer = schemaOf(
      '{"type":"record","name":"R","fields":[{"name":"e","type":{"type":"enum","name":"E","symbols":["A","NEW"]}}]}',
    )
    const reader = schemaOf(
      '{"type":"record","name":"R","fields":[{"name":"e","type":{"type":"enum","name":"E","symbols":["A"],"default":"A"}}]}',
    )
    const { columns } = run(writer, [compileEncoder(writer)(['NEW'])], [{ path: ['e'], type: text }], reader)
    expect(readColumn(columns[0]!, 0)).toBe('NEW')
  })

  test('share a batch between writer schemas when their bytes are copied', () => {
    const older = schemaOf('{"type":"record","name":"R","fields":[]}')
    const newer = schemaOf('{"type":"record","name":"R","fields":[{"name":"s","type":"string","default":"none"}]}')
    const sink = new ByteBuffer()
    const column = createColumn(text, 2)
    const failures = new DecodeFailures()
    for (const [row, writer] of [older, newer].entries()) {
      const decoder = compileColumnDecoder(writer, [{ path: ['s'], type: text }], { reader: newer, sinks: [sink] })
      const { data, starts, lengths } = recordsOf([compileEncoder(writer)(writer === older ? [] : ['some'])])
      decoder.decode(data, starts, lengths, 0, 1, [column], row, failures)
      expect(decoder.places).toEqual(['sink'])
    }
    expect([readColumn(column, 0), readColumn(column, 1)]).toEqual(['none', 'some'])
  })

  test('name the row, the field and the reason of what cannot be decoded, and go on', () => {
    const good = encode(['ann', 1n, visa, 100n])
    const bodies = [
      good,
      good.slice(0, 2),
      encode(['ann', 2n ** 62n, null, 1n]),
      Uint8Array.of(2, 0xff, 0, 0, 2, 1),
      new Uint8Array([...good, 0]),
      good,
    ]
    const wanted = [
      { path: ['user'], type: text },
      { path: ['at'], type: { kind: 'TIMESTAMP_LTZ', precision: 3, nullable: false } as const },
    ]
    const { failed, columns } = run(payment, bodies, wanted)
    expect([...failed]).toEqual([
      [1, 'field `user`: a length is negative or goes beyond the end of the data'],
      [2, 'field `at`: a number is outside the range of the column'],
      [3, 'field `user`: a text is not UTF-8'],
      [4, 'there is data behind the end of the record'],
    ])
    expect(readColumn(columns[0]!, 5)).toBe('ann')
  })
})
