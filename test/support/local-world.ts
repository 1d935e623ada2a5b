// A Kafka, a schema registry and a folder of their own for one test: topics are filled and read without the engine.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileDecoder } from '../../src/avro/decode.ts'
import { compileEncoder } from '../../src/avro/encode.ts'
import { parseSchema } from '../../src/avro/parse-schema.ts'
import type { AvroValue } from '../../src/avro/value.ts'
import { startBroker } from '../../src/embedded/broker/broker.ts'
import { startRegistry } from '../../src/embedded/registry/registry.ts'
import { createKafkaClient } from '../../src/kafka/client.ts'
import { createFetcher } from '../../src/kafka/fetcher.ts'
import { listOffsets } from '../../src/kafka/offsets.ts'
import { createProducer } from '../../src/kafka/producer.ts'
import { headersAt } from '../../src/kafka/record-batch.ts'
import { RecordSlices } from '../../src/kafka/record-slices.ts'
import { type CompiledPipeline, compilePipeline } from '../../src/pipeline/compile.ts'
import { readPipelineSpec } from '../../src/pipeline/read-spec.ts'
import { resolveSchemas } from '../../src/pipeline/resolve-schemas.ts'
import { RegistryClient } from '../../src/registry/registry-client.ts'
import { writeSchemaId } from '../../src/registry/wire-format.ts'

export type ReadRecord = {
  readonly partition: number
  readonly offset: number
  readonly key: string | null
  readonly value: Uint8Array | null
  readonly headers: Readonly<Record<string, string>>
}

export type RecordToWrite = {
  readonly partition: number
  readonly key?: string
  readonly value: Uint8Array | null
  readonly headers?: Readonly<Record<string, string>>
}

export type LocalWorld = Awaited<ReturnType<typeof startLocalWorld>>

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export async function startLocalWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-world-'))
  // The records of tests may be of any year.
  const broker = await startBroker({ dataDir: join(folder, 'broker'), port: 0, retention: { ms: 1e15 } })
  const registry = await startRegistry({ dataDir: join(folder, 'registry'), port: 0 })
  const client = createKafkaClient({ bootstrap: [broker.bootstrap] })
  const registryClient = new RegistryClient({ urls: [registry.url], latestTtlMs: 0 })
  const world = {
    folder,
    kafka: { bootstrap: [broker.bootstrap] },
    registry: { urls: [registry.url] },
    registryRequests: registry.requests,
    client,
    stateDirectory: join(folder, 'state'),

    async createTopic(name: string, partitions: number): Promise<void> {
      await client.createTopics([{ name, partitions }])
    },

    /** The id under which a schema is registered, as its owner would do it. */
    async register(subject: string, schema: string): Promise<number> {
      const answer = await fetch(`${registry.url}/subjects/${subject}/versions`, {
        method: 'POST',
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
        body: JSON.stringify({ schema }),
      })
      return ((await answer.json()) as { id: number }).id
    },

    /** `flushEvery`: so many records make the record batches of one flush, one for each partition they go to. */
    async write(topic: string, records: readonly RecordToWrite[], flushEvery = 1_000): Promise<void> {
      const producer = createProducer(client)
      await producer.init()
      for (const [index, { partition, key, value, headers }] of records.entries()) {
        const keyBytes = key === undefined ? null : encoder.encode(key)
        const all = Object.entries(headers ?? {}).map(([name, text]) => ({ key: name, value: encoder.encode(text) }))
        const target = producer.partition(topic, partition)
        if (index % flushEvery === flushEvery - 1) await producer.flush()
        target.append(Date.now(), keyBytes, 0, keyBytes?.length ?? 0, value, 0, value?.length ?? 0, all)
      }
      await producer.flush()
      await producer.close()
    },

    /** Everything that is in a topic now, partition by partition. */
    async read(
      topic: string,
      isolation: 'read_committed' | 'read_uncommitted' = 'read_committed',
    ): Promise<ReadRecord[]> {
      const [description] = await client.describeTopics([topic])
      const partitions = description!.partitions.map((_, partition) => ({ topic, partition }))
      const ends = await listOffsets(client, partitions, 'latest', isolation)
      const fetcher = createFetcher(client, { isolation, maxWaitMs: 20 })
      const found: ReadRecord[] = []
      const slices = new RecordSlices()
      for (const { partition } of partitions) {
        fetcher.assign([{ topic, partition, offset: 0 }])
        for (let position = 0; position < ends[partition]!; ) {
          await fetcher.ready(1_000)
          const records = fetcher.take()
          if (records === undefined) continue
          records.parse(slices)
          position = records.nextOffset
          for (let i = 0; i < slices.count; i++) found.push(recordAt(slices, i, partition))
        }
      }
      await fetcher.close()
      return found
    },

    /** A pipeline file, proved; throws what is wrong with it. */
    async compile(yaml: string): Promise<CompiledPipeline> {
      const spec = readPipelineSpec(yaml, 'pipeline.yaml', () => undefined)
      if (spec.value === undefined) throw new Error(JSON.stringify(spec.diagnostics))
      const schemas = await resolveSchemas(spec.value, registryClient)
      if (schemas.value === undefined) throw new Error(JSON.stringify(schemas.diagnostics))
      const compiled = compilePipeline(spec.value, schemas.value)
      if (compiled.value === undefined) throw new Error(JSON.stringify(compiled.diagnostics))
      return compiled.value
    },

    async close(): Promise<void> {
      registryClient.close()
      await client.close()
      await registry.close()
      await broker.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return world
}

function recordAt(slices: RecordSlices, i: number, partition: number): ReadRecord {
  const bytes = (start: number, length: number) =>
    length < 0 ? null : new Uint8Array(slices.data.subarray(start, start + length))
  const key = bytes(slices.keyStarts[i]!, slices.keyLengths[i]!)
  const headers = headersAt(slices, i).map(({ key: name, value }) => [
    name,
    value === null ? '' : decoder.decode(value),
  ])
  return {
    partition,
    offset: slices.offsets[i]!,
    key: key === null ? null : decoder.decode(key),
    value: bytes(slices.valueStarts[i]!, slices.valueLengths[i]!),
    headers: Object.fromEntries(headers) as Record<string, string>,
  }
}

/** Framed values of one schema, and back. */
export function framing(schema: string, id: number) {
  const parsed = parseSchema(schema).value!
  const encode = compileEncoder(parsed)
  const decode = compileDecoder(parsed)
  return {
    encode(value: AvroValue): Uint8Array {
      const body = encode(value)
      const framed = new Uint8Array(body.length + 5)
      writeSchemaId(framed, 0, id)
      framed.set(body, 5)
      return framed
    },
    decode: (framed: Uint8Array): AvroValue => decode(framed, 5),
  }
}
