// Speed of the engine alone: record batches in memory → parsed → decoded → tumbling window. `node bench/engine.ts [keys…]`
import { parseSchema } from '../src/avro/parse-schema.ts'
import { tableFromAvro } from '../src/catalog/table-from-avro.ts'
import { KafkaSource } from '../src/connectors/kafka-source.ts'
import { RecordErrors } from '../src/connectors/record-errors.ts'
import { WriterSchemas } from '../src/connectors/writer-schemas.ts'
import { createDataflow } from '../src/engine/dataflow.ts'
import { createEngineCounters } from '../src/engine/engine-counters.ts'
import { StateStore } from '../src/engine/state/state-store.ts'
import { parseRecordBatches } from '../src/kafka/record-batch.ts'
import { RecordBatchWriter } from '../src/kafka/record-batch-writer.ts'
import { RecordSlices } from '../src/kafka/record-slices.ts'
import type { SchemaSource } from '../src/registry/registry-client.ts'
import { TransactionWriter, transactionSchema } from './transactions.ts'
import { velocityPlan } from './velocity-plan.ts'

const transactions = tableFromAvro({
  name: 'transactions',
  role: 'source',
  value: parseSchema(transactionSchema).value!,
}).table
const RECORDS = 2_000_000
const BATCH_BYTES = 256 * 1024
const BATCHES_PER_FETCH = 4
const SCHEMA_ID = 1

/** Fetched chunks of about a mebibyte. */
function generate(keys: number): Uint8Array[] {
  const writer = new TransactionWriter(keys, SCHEMA_ID)
  const batch = new RecordBatchWriter(BATCH_BYTES)
  const chunks: Uint8Array[] = []
  let sealed: Uint8Array[] = []
  const seal = () => {
    const bytes = batch.seal({
      compression: 'none',
      producerId: 1,
      producerEpoch: 0,
      baseSequence: 0,
      isTransactional: false,
    })
    sealed.push(new Uint8Array(bytes))
    batch.reset()
    if (sealed.length < BATCHES_PER_FETCH) return
    chunks.push(Buffer.concat(sealed))
    sealed = []
  }
  for (let i = 0; i < RECORDS; i++) {
    const key = writer.next()
    const { bytes, length } = writer.value
    if (!batch.fits(key.length, length)) seal()
    batch.append(writer.eventMs, key, 0, key.length, bytes, 0, length)
  }
  return chunks
}

async function measure(keys: number): Promise<void> {
  const chunks = generate(keys)
  const slices = new RecordSlices()
  for (let round = 0; round < 3; round++) {
    let rowsOut = 0
    const dataflow = createDataflow([velocityPlan], {
      state: new StateStore(round),
      counters: createEngineCounters(),
      timeZone: 'UTC',
      now: () => Number.NaN,
      random: () => Number.NaN,
      sinkOutput: () => ({
        process: (batch) => {
          rowsOut += batch.count
        },
        advance: () => undefined,
      }),
    })
    const registry = {
      schemaById: async () => ({ schemaType: 'AVRO', text: transactionSchema, references: [] }),
      referencedSchemas: async () => [],
    } as unknown as SchemaSource
    const policies = {
      decode: 'fail',
      unknownType: 'fail',
      null: 'fail',
      evaluate: 'fail',
      encode: 'fail',
      semanticChange: 'fail',
    } as const
    const source = new KafkaSource(
      { table: transactions, topic: 'transactions' },
      dataflow.scans,
      new WriterSchemas(registry),
      new RecordErrors(policies, () => undefined),
    )
    let records = 0
    const before = process.cpuUsage()
    for (const chunk of chunks) {
      parseRecordBatches(chunk, 0, chunk.length, slices, { fromOffset: 0 })
      await source.prepare(slices, 0, slices.count)
      source.process(slices, 0, slices.count, 0)
      records += slices.count
    }
    dataflow.scans[0]!.end()
    const used = process.cpuUsage(before)
    const seconds = (used.user + used.system) / 1e6
    console.log(
      `${keys} keys: ${((seconds * 1e9) / records).toFixed(0)} ns/record, ${(records / seconds / 1e6).toFixed(2)} M records per CPU second, ${rowsOut} rows out`,
    )
  }
}

const sizes = process.argv.slice(2).map(Number)
for (const keys of sizes.length > 0 ? sizes : [1_000, 100_000, 1_000_000]) await measure(keys)
