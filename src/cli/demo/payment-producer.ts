// Writes made-up card payments to the input topic: the last minutes at once when there are none yet, then as time passes.
import { compileEncoder } from '../../avro/encode.ts'
import { parseSchema } from '../../avro/parse-schema.ts'
import { assert } from '../../diagnostics/assert.ts'
import type { KafkaClient } from '../../kafka/client.ts'
import { createFetcher } from '../../kafka/fetcher.ts'
import { listOffsets } from '../../kafka/offsets.ts'
import { partitionOfKey } from '../../kafka/partitioner.ts'
import { createProducer, type Producer } from '../../kafka/producer.ts'
import { RecordSlices } from '../../kafka/record-slices.ts'
import type { SubjectVersion } from '../../registry/registry-answers.ts'
import { ID_PREFIX_LENGTH, writeSchemaId } from '../../registry/wire-format.ts'
import { CardPayments } from './card-payments.ts'

/** So much of the past is made up at a start, so that windows close at once. */
const BACKFILL_MS = 2 * 60_000
const TICK_MS = 200
const LAST_RECORD_TIMEOUT_MS = 2_000

export class PaymentProducer {
  readonly #producer: Producer
  readonly #topic: string
  readonly #partitions: number
  readonly #encode: (payment: ReturnType<CardPayments['until']>[number]) => Uint8Array
  readonly #payments: CardPayments
  #timer: NodeJS.Timeout | undefined
  #sending: Promise<void> = Promise.resolve()

  private constructor(
    producer: Producer,
    topic: string,
    partitions: number,
    schema: SubjectVersion,
    payments: CardPayments,
  ) {
    this.#producer = producer
    this.#topic = topic
    this.#partitions = partitions
    this.#payments = payments
    const { value: parsed } = parseSchema(schema.text)
    assert(parsed !== undefined, 'the demo schema parses')
    const encode = compileEncoder(parsed)
    this.#encode = ({ record }) => {
      const body = encode(record)
      const framed = new Uint8Array(ID_PREFIX_LENGTH + body.length)
      framed.set(body, writeSchemaId(framed, 0, schema.id))
      return framed
    }
  }

  /** Resolves when the past is written; from then on payments come as time passes. `fail` is told what ends that. */
  static async start(
    client: KafkaClient,
    topic: string,
    schema: SubjectVersion,
    fail: (error: unknown) => void,
  ): Promise<PaymentProducer> {
    const [description] = await client.describeTopics([topic])
    assert(description !== undefined, 'the embedded environment has made the demo topics')
    const partitions = description.partitions.length
    const startMs = Math.max(Date.now() - BACKFILL_MS, (await newestTimestamp(client, topic, partitions)) + 1)
    const producer = createProducer(client)
    await producer.init()
    const payments = new CardPayments(startMs, startMs)
    const self = new PaymentProducer(producer, topic, partitions, schema, payments)
    await self.#send()
    self.#timer = setInterval(() => {
      self.#sending = self.#sending.then(() => self.#send()).catch(fail)
    }, TICK_MS)
    return self
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#sending
    await this.#producer.close()
  }

  async #send(): Promise<void> {
    for (const payment of this.#payments.until(Date.now())) {
      const key = Buffer.from(payment.userIdentifier)
      const value = this.#encode(payment)
      const partition = partitionOfKey(key, 0, key.length, this.#partitions)
      this.#producer
        .partition(this.#topic, partition)
        .append(payment.createdAt, key, 0, key.length, value, 0, value.length)
    }
    await this.#producer.flush()
  }
}

/** Of the last record of any partition; 0 when there is none. */
async function newestTimestamp(client: KafkaClient, topic: string, partitions: number): Promise<number> {
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
  const ends = await listOffsets(client, all, 'latest')
  const positions = all.flatMap((at, i) => (ends[i]! > 0 ? [{ ...at, offset: ends[i]! - 1 }] : []))
  if (positions.length === 0) return 0
  const fetcher = createFetcher(client)
  const slices = new RecordSlices()
  let newest = 0
  try {
    fetcher.assign(positions)
    for (let index = 0; index < positions.length; index++) {
      await fetcher.ready(LAST_RECORD_TIMEOUT_MS, index)
      const fetched = fetcher.take(index)
      if (fetched === undefined) continue
      fetched.parse(slices)
      for (let i = 0; i < slices.count; i++) newest = Math.max(newest, slices.timestamps[i]!)
    }
  } finally {
    await fetcher.close()
  }
  return newest
}
