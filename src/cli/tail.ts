// `sluice tail`: records of a topic as they come, each decoded with the schema its id names.
import { compileDecoder, type Decoder } from '../avro/decode.ts'
import type { AvroSchema } from '../avro/schema.ts'
import { readableJson } from '../avro/to-json.ts'
import { WriterSchemas } from '../connectors/writer-schemas.ts'
import { createKafkaClient, type KafkaClient } from '../kafka/client.ts'
import { createFetcher } from '../kafka/fetcher.ts'
import { listOffsets } from '../kafka/offsets.ts'
import { headersAt } from '../kafka/record-batch.ts'
import { RecordSlices } from '../kafka/record-slices.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import { ID_PREFIX_LENGTH, readSchemaId } from '../registry/wire-format.ts'
import { withEnvironment } from './open-environment.ts'
import { type ExitCode, exitCodes, paint, printError, printJson, printLine } from './output.ts'
import { stopSignal } from './stop-signal.ts'
import { parseTailPosition } from './tail-position.ts'

type Options = { readonly env?: string; readonly from: string; readonly limit?: number; readonly json?: boolean }

const WAIT_MS = 500

export async function tailTopic(topic: string, options: Options): Promise<ExitCode> {
  const from = parseTailPosition(options.from, Date.now())
  if (from === undefined) {
    printError(
      `sluice: --from ${options.from}: expected earliest, latest, an age like 5m, an ISO time like 2026-01-31T08:00:00Z, or an offset`,
    )
    return exitCodes.userMistake
  }
  return withEnvironment(options.env, async (environment) => {
    const client = createKafkaClient(environment.kafka)
    const registry = new RegistryClient(environment.registry)
    try {
      const [description] = await client.describeTopics([topic])
      if (description === undefined) {
        printError(`sluice: topic \`${topic}\` does not exist; \`sluice topics\` lists those that do`)
        return exitCodes.userMistake
      }
      const partitions = description.partitions.map((_, partition) => ({ topic, partition }))
      const offsets =
        typeof from === 'object' && 'offset' in from
          ? partitions.map(() => from.offset)
          : await listOffsets(client, partitions, from)
      await follow(client, new RecordPrinter(topic, registry, options), partitions, offsets, options.limit)
      return exitCodes.ok
    } finally {
      registry.close()
      await client.close()
    }
  })
}

async function follow(
  client: KafkaClient,
  printer: RecordPrinter,
  partitions: readonly { readonly topic: string; readonly partition: number }[],
  offsets: readonly number[],
  limit = Number.POSITIVE_INFINITY,
): Promise<void> {
  const stop = stopSignal(undefined)
  let stopped = false
  void stop.requested.then(() => {
    stopped = true
  })
  const fetcher = createFetcher(client)
  const slices = new RecordSlices()
  try {
    fetcher.assign(partitions.map((partition, i) => ({ ...partition, offset: offsets[i]! })))
    let printed = 0
    while (!stopped && printed < limit) {
      const fetched = fetcher.take()
      if (fetched === undefined) {
        await Promise.race([fetcher.ready(WAIT_MS), stop.requested])
        continue
      }
      fetched.parse(slices)
      for (let i = 0; i < slices.count && printed < limit && !stopped; i++, printed++) {
        await printer.print(slices, i, fetched.partition)
      }
    }
  } finally {
    stop.release()
    await fetcher.close()
  }
}

/** What a key or value holds: decoded Avro, text, or bytes that are neither. */
type Content = { readonly schemaId?: number; readonly value: unknown; readonly problem?: string }

class RecordPrinter {
  readonly #topic: string
  readonly #schemas: WriterSchemas
  readonly #decoders = new Map<AvroSchema, Decoder>()
  readonly #json: boolean

  constructor(topic: string, registry: RegistryClient, options: Options) {
    this.#topic = topic
    this.#schemas = new WriterSchemas(registry)
    this.#json = options.json ?? false
  }

  async print(slices: RecordSlices, i: number, partition: number): Promise<void> {
    const bytes = (start: number, length: number) =>
      length < 0 ? undefined : slices.data.subarray(start, start + length)
    const key = await this.#read(bytes(slices.keyStarts[i]!, slices.keyLengths[i]!))
    const value = await this.#read(bytes(slices.valueStarts[i]!, slices.valueLengths[i]!))
    const headers = headersAt(slices, i).map(({ key: name, value: content }) => ({
      key: name,
      value: content === null ? null : textOrHex(content),
    }))
    const timestamp = new Date(slices.timestamps[i]!).toISOString()
    const offset = slices.offsets[i]!
    if (this.#json) {
      printJson({
        topic: this.#topic,
        partition,
        offset,
        timestamp,
        key: key.value,
        headers,
        ...(value.schemaId === undefined ? {} : { schemaId: value.schemaId }),
        value: value.value,
        ...(value.problem === undefined ? {} : { problem: value.problem }),
      })
      return
    }
    const parts = [
      paint('dim', `${timestamp} ${partition}@${offset}`),
      paint('cyan', shown(key.value)),
      shown(value.value),
      ...headers.map((header) => paint('dim', `${header.key}=${header.value}`)),
      ...(value.problem === undefined ? [] : [paint('yellow', `(${value.problem})`)]),
    ]
    printLine(parts.join('  '))
  }

  async #read(bytes: Uint8Array | undefined): Promise<Content> {
    if (bytes === undefined) return { value: null }
    const schemaId = readSchemaId(bytes, 0, bytes.length)
    if (schemaId < 0) return { value: textOrHex(bytes) }
    await this.#schemas.load(schemaId)
    const writer = this.#schemas.get(schemaId)!
    if ('problem' in writer) return { schemaId, value: textOrHex(bytes), problem: writer.problem }
    try {
      const decode = this.#decoders.get(writer.schema) ?? compileDecoder(writer.schema)
      this.#decoders.set(writer.schema, decode)
      return { schemaId, value: readableJson(writer.schema, decode(bytes, ID_PREFIX_LENGTH)) }
    } catch (error) {
      return { schemaId, value: textOrHex(bytes), problem: (error as Error).message }
    }
  }
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/** Text where the bytes are text without control characters; else hex, so that a terminal is never given escapes. */
function textOrHex(bytes: Uint8Array): string {
  try {
    const text = strictUtf8.decode(bytes)
    if (!/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) return text
  } catch {
    // Not UTF-8: shown as hex below.
  }
  return `0x${Buffer.from(bytes).toString('hex')}`
}
