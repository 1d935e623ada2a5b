// Avro to columns and back on the 15-field transaction, beside avsc in the same process. `node bench/avro.ts`, or through `npm run bench -- avro`.
import avsc from 'avsc'
import { ByteBuffer } from '../src/avro/byte-buffer.ts'
import { compileColumnDecoder } from '../src/avro/column-decoder.ts'
import { compileColumnEncoder } from '../src/avro/column-encoder.ts'
import { DecodeFailures } from '../src/avro/decode-failure.ts'
import { parseSchema } from '../src/avro/parse-schema.ts'
import { createColumn } from '../src/types/column.ts'
import { type LogicalType, MAX_LENGTH } from '../src/types/logical-type.ts'

const text: LogicalType = { kind: 'VARCHAR', length: MAX_LENGTH, nullable: true }
const double: LogicalType = { kind: 'DOUBLE', nullable: true }
const integer: LogicalType = { kind: 'INTEGER', nullable: true }
const instant: LogicalType = { kind: 'TIMESTAMP_LTZ', precision: 3, nullable: false }

const optional = (type: string) => ({ type: ['null', type], default: null })
const currency = { type: 'enum', name: 'Currency', symbols: ['EUR', 'USD', 'GBP', 'CHF', 'PLN'] } as const
const status = { type: 'enum', name: 'Status', symbols: ['APPROVED', 'DECLINED', 'PENDING', 'REVERSED'] } as const

/** Name, Avro type, column type. */
const fields: readonly (readonly [string, object, LogicalType])[] = [
  ['userIdentifier', { type: 'string' }, text],
  ['createdAt', { type: { type: 'long', logicalType: 'timestamp-millis' } }, instant],
  ['transactionId', { type: 'string' }, text],
  ['amount', { type: 'double' }, double],
  ['currency', { type: currency }, text],
  ['status', { type: status }, text],
  ['merchantId', { type: 'string' }, text],
  ['attempt', { type: 'int' }, integer],
  ['ip', { type: 'string' }, text],
  ['userAgent', { type: 'string' }, text],
  ['country', optional('string'), text],
  ['cardBin', optional('string'), text],
  ['deviceId', optional('string'), text],
  ['riskScore', optional('double'), double],
  ['loyaltyPoints', optional('int'), integer],
]
const schema = {
  type: 'record',
  name: 'Transaction',
  namespace: 'com.example.fraud',
  fields: fields.map(([name, type]) => ({ name, ...type })),
}
const projection = ['userIdentifier', 'createdAt', 'amount']
const RECORDS = 10_000

function transaction(i: number) {
  return {
    userIdentifier: `user-${i % 1000}`,
    createdAt: 1_760_000_000_000 + i,
    transactionId: `tx-${String(i).padStart(12, '0')}`,
    amount: (i * 37) % 5000,
    currency: currency.symbols[i % 5],
    status: status.symbols[i % 4],
    merchantId: `merchant-${i % 500}`,
    attempt: i % 4,
    ip: `10.0.${i % 256}.7`,
    userAgent: 'Mozilla/5.0',
    country: i % 8 === 0 ? null : 'DE',
    cardBin: i % 16 === 0 ? null : '424242',
    deviceId: i % 4 === 0 ? null : `dev-${i % 99}`,
    riskScore: i % 5 === 0 ? null : 0.25,
    loyaltyPoints: i % 3 === 0 ? null : i % 60,
  }
}

/** Best of several rounds, in nanoseconds per record; the machine may be busy. */
function nanosPerRecord(run: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 12; round++) {
    const start = process.hrtime.bigint()
    for (let i = 0; i < 10; i++) run()
    best = Math.min(best, Number(process.hrtime.bigint() - start) / (10 * RECORDS))
  }
  return best
}

export type AvroBenchResult = { readonly job: string; readonly nanosPerRecord: number; readonly timesAvsc?: number }

export function benchAvro(): readonly AvroBenchResult[] {
  const type = avsc.Type.forSchema(schema as avsc.Schema)
  const prefix = Uint8Array.of(0, 0, 0, 0, 1)
  const rows = Array.from({ length: RECORDS }, (_, i) => transaction(i))
  const bodies = rows.map((row) => type.toBuffer(row))
  const data = new Uint8Array(Buffer.concat(bodies.flatMap((body) => [prefix, body])))
  const starts = new Int32Array(RECORDS)
  const lengths = Int32Array.from(bodies, (body) => body.length + prefix.length)
  for (let i = 1; i < RECORDS; i++) starts[i] = starts[i - 1]! + lengths[i - 1]!

  const writer = parseSchema(JSON.stringify(schema)).value!
  const failures = new DecodeFailures()
  const decode = (names: readonly string[]) => {
    const wanted = fields
      .filter(([name]) => names.includes(name))
      .map(([name, , column]) => ({ path: [name], type: column }))
    const decoder = compileColumnDecoder(writer, wanted)
    const columns = wanted.map((field) => createColumn(field.type, RECORDS))
    const run = () => decoder.decode(data, starts, lengths, 0, RECORDS, columns, 0, failures)
    run()
    return { columns, run }
  }
  const all = decode(fields.map(([name]) => name))
  const out = new ByteBuffer(data.length * 2)
  const encoder = compileColumnEncoder(
    writer,
    fields.map(([, , column]) => column),
    fields.map(([name], column) => ({ name, from: 'column', column, conversion: {} })),
    prefix,
  )
  const encode = () => {
    out.clear()
    encoder.encode(all.columns, RECORDS, undefined, out, starts, lengths, failures)
  }
  const narrow = avsc.Type.forSchema({
    ...schema,
    fields: schema.fields.filter((field) => projection.includes(field.name)),
  } as avsc.Schema)
  const resolver = narrow.createResolver(type)

  const decode3 = nanosPerRecord(decode(projection).run)
  const decode15 = nanosPerRecord(all.run)
  const encode15 = nanosPerRecord(encode)
  if (failures.count > 0) throw new Error(`${failures.count} records failed`)
  const avscDecode3 = nanosPerRecord(() => {
    for (const body of bodies) narrow.fromBuffer(body, resolver, false)
  })
  const avscDecode15 = nanosPerRecord(() => {
    for (const body of bodies) type.fromBuffer(body)
  })
  const avscEncode15 = nanosPerRecord(() => {
    for (const row of rows) type.toBuffer(row)
  })
  return [
    { job: 'decode 3 of 15 fields into columns', nanosPerRecord: decode3, timesAvsc: avscDecode3 / decode3 },
    { job: 'decode 15 fields into columns', nanosPerRecord: decode15, timesAvsc: avscDecode15 / decode15 },
    { job: 'encode 15 fields from columns', nanosPerRecord: encode15, timesAvsc: avscEncode15 / encode15 },
    { job: 'avsc: decode 3 of 15 fields', nanosPerRecord: avscDecode3 },
    { job: 'avsc: decode 15 fields', nanosPerRecord: avscDecode15 },
    { job: 'avsc: encode 15 fields', nanosPerRecord: avscEncode15 },
  ]
}

if (import.meta.main) {
  for (const { job, nanosPerRecord, timesAvsc } of benchAvro()) {
    const factor = timesAvsc === undefined ? '' : `  ${timesAvsc.toFixed(1)} × avsc`
    console.log(`${job.padEnd(36)} ${nanosPerRecord.toFixed(1).padStart(8)} ns${factor}`)
  }
}
