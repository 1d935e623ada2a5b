// Speed of record batches: parse (CRC included), write, compress and decompress. `node bench/kafka.ts`
import { BATCH_HEADER_BYTES } from '../src/kafka/batch-header.ts'
import { ByteArena } from '../src/kafka/compression/byte-arena.ts'
import { codecs } from '../src/kafka/compression/codecs.ts'
import { parseRecordBatches } from '../src/kafka/record-batch.ts'
import { type Compression, RecordBatchWriter } from '../src/kafka/record-batch-writer.ts'
import { RecordSlices } from '../src/kafka/record-slices.ts'

const RECORD_BYTES = 110
const RECORDS_PER_BATCH = 1000
const BATCHES = 10

/** Half text that repeats, half noise: lz4 packs it to about three quarters. */
function sampleValues(): Uint8Array {
  const bytes = new Uint8Array(RECORD_BYTES * RECORDS_PER_BATCH)
  let seed = 42
  for (let i = 0; i < bytes.length; i++) {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    const column = i % RECORD_BYTES
    bytes[i] = column < 60 ? 65 + (column % 26) : seed >> 16
  }
  return bytes
}

function fill(writer: RecordBatchWriter, values: Uint8Array): void {
  for (let i = 0; i < RECORDS_PER_BATCH; i++) {
    const start = i * RECORD_BYTES
    writer.append(1.7e12 + i, values, start, start + 10, values, start, start + RECORD_BYTES)
  }
}

const seal = (compression: Compression) => ({
  compression,
  producerId: 1,
  producerEpoch: 0,
  baseSequence: 0,
  isTransactional: true,
})

/** CPU nanoseconds (user and system, all threads) per unit: the best of seven runs of 200 ms. */
function cpuNanosPer(units: number, run: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 7; round++) {
    const before = process.cpuUsage()
    const start = performance.now()
    let runs = 0
    while (performance.now() - start < 200) {
      run()
      runs++
    }
    const used = process.cpuUsage(before)
    best = Math.min(best, ((used.user + used.system) * 1000) / (runs * units))
  }
  return best
}

function report(name: string, nanos: number, unit: string, bytesPerUnit: number): void {
  const rate = `${((bytesPerUnit / nanos) * 1000).toFixed(0).padStart(6)} MB/s`
  console.log(`${name.padEnd(34)} ${nanos.toFixed(1).padStart(8)} ns/${unit.padEnd(8)} ${rate}`)
}

const values = sampleValues()
const writer = new RecordBatchWriter(256 * 1024)
report(
  'write and seal, uncompressed',
  cpuNanosPer(RECORDS_PER_BATCH, () => {
    writer.reset()
    fill(writer, values)
    writer.seal(seal('none'))
  }),
  'record',
  RECORD_BYTES,
)

const slices = new RecordSlices()
for (const compression of ['none', 'lz4', 'snappy', 'zstd', 'gzip'] as const) {
  writer.reset()
  fill(writer, values)
  const batch = Buffer.from(writer.seal(seal(compression)))
  const fetched = Buffer.concat(Array.from({ length: BATCHES }, () => batch))
  const nanos = cpuNanosPer(RECORDS_PER_BATCH * BATCHES, () => {
    parseRecordBatches(fetched, 0, fetched.length, slices, { fromOffset: 0 })
  })
  report(`parse with CRC, ${compression}`, nanos, 'record', RECORD_BYTES)
}

writer.reset()
fill(writer, values)
const plain = Buffer.from(writer.seal(seal('none'))).subarray(BATCH_HEADER_BYTES)
for (const codec of codecs) {
  if (codec === undefined) continue
  const packed = codec.compress(plain)
  const arena = new ByteArena()
  const ratio = (plain.length / packed.length).toFixed(2)
  report(
    `${codec.name} compress (ratio ${ratio})`,
    cpuNanosPer(plain.length, () => codec.compress(plain)),
    'byte',
    1,
  )
  const nanos = cpuNanosPer(plain.length, () => {
    arena.clear()
    codec.decompress(packed, 0, packed.length, arena, plain.length)
  })
  report(`${codec.name} decompress`, nanos, 'byte', 1)
}
