// Our Kafka client against a real Apache Kafka (every compression, transactions in both versions, fencing, offsets, SASL,
// crashes) and, where it applies, against the embedded broker.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JobError } from '../../src/diagnostics/job-error.ts'
import { type Broker, startBroker } from '../../src/embedded/broker/broker.ts'
import { createKafkaClient, type KafkaClient } from '../../src/kafka/client.ts'
import { createFetcher, type FetcherOptions } from '../../src/kafka/fetcher.ts'
import { listOffsets, readCommittedOffsets } from '../../src/kafka/offsets.ts'
import { createProducer, type Producer, type ProducerOptions } from '../../src/kafka/producer.ts'
import { deleteRecords } from '../../src/kafka/protocol/messages/offsets.ts'
import { RecordSlices } from '../../src/kafka/record-slices.ts'
import { reasonToSkip } from '../needs.ts'
import { apiKeys, type KafkaProxy, startKafkaProxy } from './kafka-proxy.ts'
import { type RealKafka, type RealKafkaOptions, startRealKafka } from './real-kafka.ts'

const reason = reasonToSkip('jdk')
if (reason !== undefined) console.log(`left out: the Kafka client against a real Kafka (${reason})`)
const user = { name: 'alice', password: 'secret' }
const text = new TextEncoder()

let kafka: RealKafka
let embedded: Broker | undefined
let proxy: KafkaProxy
let client: KafkaClient
let topics = 0

let dataDir: string

async function start(options: RealKafkaOptions): Promise<void> {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-kafka-test-'))
  proxy = await startKafkaProxy(() => kafka.port)
  kafka = await startRealKafka({ ...options, dataDir, advertisedPort: proxy.port })
  client = createKafkaClient({ bootstrap: [`127.0.0.1:${proxy.port}`] })
}

async function stop(): Promise<void> {
  await client?.close()
  await proxy?.close()
  await kafka?.stop()
  rmSync(dataDir, { recursive: true, force: true })
}

async function startEmbedded(): Promise<void> {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-kafka-test-'))
  proxy = await startKafkaProxy(() => embedded?.port as number)
  embedded = await startBroker({ dataDir, port: 0, advertisedPort: proxy.port })
  client = createKafkaClient({ bootstrap: [`127.0.0.1:${proxy.port}`] })
}

async function stopEmbedded(): Promise<void> {
  await client?.close()
  await proxy?.close()
  await embedded?.close()
  rmSync(dataDir, { recursive: true, force: true })
}

/** SIGKILL, and the same broker again; clients come back to it through the proxy. */
async function crashBroker(): Promise<void> {
  await kafka.kill()
  kafka = await startRealKafka({ dataDir, advertisedPort: proxy.port })
}

async function newTopic(config: Record<string, string> = {}, partitions = 1): Promise<string> {
  const name = `topic-${++topics}`
  await client.createTopics([{ name, partitions, config }])
  return name
}

/**
 * Times are of now: after a crash Kafka forgets producers whose last record is older than `producer.id.expiration.ms`, by the
 * record's own time, and then no longer knows a batch that is sent again.
 */
function write(producer: Producer, topic: string, values: readonly string[], partition = 0): void {
  const target = producer.partition(topic, partition)
  for (const value of values) {
    const bytes = text.encode(value)
    target.append(Date.now(), null, 0, 0, bytes, 0, bytes.length)
  }
}

async function producerOf(options: ProducerOptions = {}): Promise<Producer> {
  const producer = createProducer(client, options)
  await producer.init()
  return producer
}

type ReadRecord = { value: string; offset: number; timestamp: number }

/** A commit is answered before its markers are written; the last stable offset follows when they are. */
async function stableEnd(topic: string): Promise<number> {
  for (;;) {
    const [stable] = await listOffsets(client, [{ topic, partition: 0 }], 'latest')
    const [end] = await listOffsets(client, [{ topic, partition: 0 }], 'latest', 'read_uncommitted')
    if (stable === end) return end as number
  }
}

/** All records from `offset` to the end; no transaction may be open. */
async function readAll(topic: string, options: FetcherOptions = {}, offset = 0): Promise<ReadRecord[]> {
  const end = await stableEnd(topic)
  const fetcher = createFetcher(client, options)
  const slices = new RecordSlices()
  const found: ReadRecord[] = []
  fetcher.assign([{ topic, partition: 0, offset }])
  for (let next = offset; next < end; ) {
    await fetcher.ready(10_000)
    const fetched = fetcher.take()
    if (fetched === undefined) throw new Error(`nothing more after offset ${next} of ${end}`)
    next = fetched.nextOffset
    fetched.parse(slices)
    for (let i = 0; i < slices.count; i++) {
      const start = slices.valueStarts[i] as number
      found.push({
        value: Buffer.from(slices.data.subarray(start, start + (slices.valueLengths[i] as number))).toString(),
        offset: slices.offsets[i] as number,
        timestamp: slices.timestamps[i] as number,
      })
    }
  }
  await fetcher.close()
  return found
}

const valuesOf = (records: readonly ReadRecord[]) => records.map((record) => record.value)
const numbered = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name} ${index}`)

async function failureOf(run: () => Promise<unknown>): Promise<JobError> {
  try {
    await run()
  } catch (error) {
    return error as JobError
  }
  throw new Error('no error')
}

describe('the embedded broker', () => {
  beforeAll(startEmbedded)
  afterAll(stopEmbedded)

  clientTests()
})

describe.skipIf(reason !== undefined)('a real Kafka', () => {
  beforeAll(() => start({ saslUser: user }), 300_000)
  afterAll(stop, 60_000)

  clientTests()

  describe('a listener with SASL', () => {
    const connect = (mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512', password: string) =>
      createKafkaClient({
        bootstrap: [`127.0.0.1:${kafka.saslPort}`],
        sasl: { mechanism, username: user.name, password },
      })

    test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)(
      '%s: the right password opens it',
      async (mechanism) => {
        const authenticated = connect(mechanism, user.password)
        expect((await authenticated.listTopics()).length).toBeGreaterThan(0)
        await authenticated.close()
        const wrong = connect(mechanism, 'wrong')
        expect(await failureOf(() => wrong.listTopics())).toMatchObject({ code: 'RUN102', retry: 'never' })
        await wrong.close()
      },
    )

    test('a session is renewed on the open connection, between our requests', async () => {
      const authenticated = connect('SCRAM-SHA-256', user.password)
      const connection = await authenticated.connectToAny()
      // The broker's limit is five seconds; it closes a connection that goes on without renewal.
      for (const end = performance.now() + 7000; performance.now() < end; ) await authenticated.listTopics()
      expect(connection.isLost).toBe(false)
      await authenticated.close()
    })
  })
})

describe.skipIf(reason !== undefined)('a real Kafka that is killed', () => {
  beforeAll(() => start({}), 300_000)
  afterAll(stop, 60_000)

  test('while it is written and read: every record arrives once, in order', async () => {
    const topic = await newTopic()
    const producer = await producerOf()
    const fetcher = createFetcher(client)
    fetcher.assign([{ topic, partition: 0, offset: 0 }])
    const count = 100_000
    const written = (async () => {
      for (let next = 0; next < count; next += 500) {
        write(
          producer,
          topic,
          Array.from({ length: 500 }, (_, index) => String(next + index)),
        )
        await producer.flush()
      }
    })()
    const slices = new RecordSlices()
    let read = 0
    let crash: Promise<void> | undefined
    while (read < count) {
      await fetcher.ready(1000)
      const fetched = fetcher.take()
      if (fetched === undefined) continue
      fetched.parse(slices)
      for (let i = 0; i < slices.count; i++) {
        const start = slices.valueStarts[i] as number
        const value = Buffer.from(slices.data.subarray(start, start + (slices.valueLengths[i] as number))).toString()
        if (value !== String(read)) throw new Error(`read ${value} where ${read} is next`)
        read++
      }
      if (read > count / 4) crash ??= crashBroker()
    }
    await written
    await crash
    expect(await stableEnd(topic)).toBe(count)
    await fetcher.close()
  }, 120_000)

  test('in the middle of transactions: the committed offsets tell where to go on, nothing is lost or doubled', async () => {
    const topic = await newTopic()
    const groupId = `group-${topic}`
    const here = [{ topic, partition: 0 }]
    const producer = await producerOf({ transactionalId: `job-${topic}` })
    let crash: Promise<void> | undefined
    let failures = 0
    for (let next = 0; next < 300; ) {
      try {
        producer.begin()
        write(producer, topic, [String(next)])
        await producer.sendOffsets(groupId, [{ topic, partition: 0, offset: next + 1 }])
        await producer.commit()
        next++
      } catch (error) {
        expect((error as JobError).retry).toBe('backoff')
        failures++
        await producer.init()
        const [committed] = await readCommittedOffsets(client, groupId, here)
        next = committed?.offset ?? 0
      }
      if (next === 100) crash ??= crashBroker()
    }
    await crash
    expect(failures).toBeGreaterThan(0)
    expect(valuesOf(await readAll(topic))).toEqual(Array.from({ length: 300 }, (_, index) => String(index)))
  }, 120_000)
})

describe.skipIf(reason !== undefined)('a real Kafka with transactions of version 1', () => {
  beforeAll(() => start({ features: { 'transaction.version': 1 } }), 300_000)
  afterAll(stop, 60_000)

  transactionTests()
})

function transactionTests(): void {
  describe('transactions', () => {
    test('committed records are seen, aborted ones are not, several in a row', async () => {
      const topic = await newTopic()
      const producer = await producerOf({ transactionalId: `job-${topic}` })
      const outcomes = ['abort', 'abort', 'commit', 'abort', 'commit', 'abort'] as const
      for (const [index, outcome] of outcomes.entries()) {
        producer.begin()
        write(producer, topic, numbered(`${outcome} ${index}`, 50))
        await producer.flush()
        if (outcome === 'commit') await producer.commit()
        else await producer.abort()
      }
      const expected = [...numbered('commit 2', 50), ...numbered('commit 4', 50)]
      expect(valuesOf(await readAll(topic))).toEqual(expected)
      expect(valuesOf(await readAll(topic, { isolation: 'read_uncommitted' })).length).toBe(300)
      for (const offset of [1, 50, 51, 52, 101, 102, 110, 153]) {
        const from = (await readAll(topic, {}, offset)).map((record) => record.offset)
        expect(from).toEqual((await readAll(topic)).map((record) => record.offset).filter((at) => at >= offset))
      }
    })

    test('producers that interleave, with markers many fetches later', async () => {
      const topic = await newTopic()
      const producers = await Promise.all(
        [0, 1, 2].map((index) => producerOf({ transactionalId: `job-${topic}-${index}` })),
      )
      const expected: string[] = []
      for (let round = 0; round < 6; round++) {
        for (const producer of producers) producer.begin()
        for (let part = 0; part < 5; part++) {
          for (const [index, producer] of producers.entries()) {
            const commits = (round + index) % 3 === 0
            const values = numbered(`${'long '.repeat(20)}round ${round} part ${part} by ${index}`, 20)
            write(producer, topic, values)
            await producer.flush()
            if (commits) expected.push(...values)
          }
        }
        for (const [index, producer] of producers.entries()) {
          if ((round + index) % 3 === 0) await producer.commit()
          else await producer.abort()
        }
      }
      // 4 KiB at a time: one batch each, so that most markers lie beyond the fetch.
      expect(valuesOf(await readAll(topic, { maxBytesPerPartition: 4096 }))).toEqual(expected)
      expect(valuesOf(await readAll(topic))).toEqual(expected)
    }, 60_000)

    test('an open transaction hides what follows until it ends', async () => {
      const topic = await newTopic()
      const open = await producerOf({ transactionalId: `open-${topic}` })
      const other = await producerOf()
      open.begin()
      write(open, topic, ['open'])
      await open.flush()
      write(other, topic, ['behind it'])
      await other.flush()
      expect(await listOffsets(client, [{ topic, partition: 0 }], 'latest')).toEqual([0])
      expect(await listOffsets(client, [{ topic, partition: 0 }], 'latest', 'read_uncommitted')).toEqual([2])
      await open.commit()
      expect(valuesOf(await readAll(topic))).toEqual(['open', 'behind it'])
    })

    test('input offsets and their metadata are part of the transaction', async () => {
      const topic = await newTopic({}, 2)
      const groupId = `group-${topic}`
      const here = [0, 1].map((partition) => ({ topic, partition }))
      const producer = await producerOf({ transactionalId: `job-${topic}` })
      expect(await readCommittedOffsets(client, groupId, here)).toMatchObject([
        { offset: undefined },
        { offset: undefined },
      ])
      for (const [offset, outcome] of [
        [7, 'commit'],
        [9, 'abort'],
      ] as const) {
        producer.begin()
        write(producer, topic, [outcome])
        await producer.sendOffsets(
          groupId,
          here.map(({ partition }) => ({ topic, partition, offset: offset + partition, metadata: `at ${offset}` })),
        )
        await producer[outcome]()
      }
      expect(await readCommittedOffsets(client, groupId, here)).toEqual([
        { topic, partition: 0, offset: 7, metadata: 'at 7' },
        { topic, partition: 1, offset: 8, metadata: 'at 7' },
      ])
    })

    test('a newer producer of the same name stops the older one, whose transaction is aborted', async () => {
      const topic = await newTopic()
      const older = await producerOf({ transactionalId: `job-${topic}` })
      older.begin()
      write(older, topic, ['by the older one'])
      await older.flush()
      const newer = await producerOf({ transactionalId: `job-${topic}` })
      expect(await failureOf(() => older.commit())).toMatchObject({ code: 'RUN110', retry: 'never' })
      expect(() => older.begin()).toThrow(expect.objectContaining({ code: 'RUN110' }))
      newer.begin()
      write(newer, topic, ['by the newer one'])
      await newer.commit()
      expect(valuesOf(await readAll(topic))).toEqual(['by the newer one'])
    })

    test('a commit whose answer is lost is never sent again blindly; after init the committed offsets tell', async () => {
      const topic = await newTopic()
      const groupId = `group-${topic}`
      const producer = await producerOf({ transactionalId: `job-${topic}` })
      producer.begin()
      write(producer, topic, ['first'])
      await producer.sendOffsets(groupId, [{ topic, partition: 0, offset: 1, metadata: '' }])
      let seen = 0
      proxy.onRequest = (apiKey) => {
        if (apiKey !== apiKeys.endTxn) return 'forward'
        seen++
        return 'cut'
      }
      expect(await failureOf(() => producer.commit())).toMatchObject({ code: 'RUN111', retry: 'backoff' })
      expect(seen).toBe(1)
      proxy.onRequest = () => 'forward'
      await producer.init()
      expect(await readCommittedOffsets(client, groupId, [{ topic, partition: 0 }])).toMatchObject([
        { offset: undefined },
      ])
      producer.begin()
      write(producer, topic, ['second'])
      await producer.commit()
      expect(valuesOf(await readAll(topic))).toEqual(['second'])
    })
  })
}

function clientTests(): void {
  // With version 1 a broker fences such a producer as if another one had come.
  test('a transaction that the broker aborts for its age is no other copy of the job', async () => {
    const topic = await newTopic()
    const producer = await producerOf({ transactionalId: `job-${topic}`, transactionTimeoutMs: 1000 })
    producer.begin()
    write(producer, topic, ['too late'])
    await producer.flush()
    await stableEnd(topic)
    write(producer, topic, ['later still'])
    expect(await failureOf(() => producer.commit())).toMatchObject({ code: 'RUN111', retry: 'backoff' })
    await producer.init()
    producer.begin()
    write(producer, topic, ['in time'])
    await producer.commit()
    expect(valuesOf(await readAll(topic))).toEqual(['in time'])
  })

  describe.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)('compression %s', (compression) => {
    const values = [...numbered('a record of some length, part', 3000), ...numbered('x'.repeat(2000), 20)]

    test('Kafka reads what we write', async () => {
      // The broker has to unpack and store it plain.
      const topic = await newTopic({ 'compression.type': 'uncompressed' })
      const producer = await producerOf({ compression })
      write(producer, topic, values)
      await producer.flush()
      expect(valuesOf(await readAll(topic))).toEqual(values)
    })

    test('we read what Kafka writes', async () => {
      const topic = await newTopic({ 'compression.type': compression === 'none' ? 'uncompressed' : compression })
      const producer = await producerOf({ compression: compression === 'lz4' ? 'none' : 'lz4' })
      write(producer, topic, values)
      await producer.flush()
      expect(valuesOf(await readAll(topic))).toEqual(values)
      expect(valuesOf(await readAll(topic, {}, 2990)).slice(0, 12)).toEqual(values.slice(2990, 3002))
    })
  })

  test('on a topic with LogAppendTime records have the time of the broker', async () => {
    const topic = await newTopic({ 'message.timestamp.type': 'LogAppendTime' })
    const producer = await producerOf()
    const before = Date.now()
    write(producer, topic, ['now'])
    await producer.flush()
    const [record] = await readAll(topic)
    expect(record?.timestamp).toBeGreaterThanOrEqual(before - 1000)
  })

  test('offsets are found by position and by time', async () => {
    const topic = await newTopic()
    const producer = await producerOf()
    const partition = producer.partition(topic, 0)
    for (const time of [1000, 2000, 3000]) partition.append(time, null, 0, 0, text.encode('v'), 0, 1)
    await producer.flush()
    const here = [{ topic, partition: 0 }]
    expect(await listOffsets(client, here, 'earliest')).toEqual([0])
    expect(await listOffsets(client, here, 'latest')).toEqual([3])
    expect(await listOffsets(client, here, { timestampMs: 1500 })).toEqual([1])
    expect(await listOffsets(client, here, { timestampMs: 9000 })).toEqual([3])
  })

  test('many records go through with small buffers, in order, from three partitions', async () => {
    const topic = await newTopic({}, 3)
    const producer = await producerOf({ maxBufferedBytes: 1 << 20, compression: 'lz4' })
    const count = 300_000
    const bytes = Buffer.alloc(100)
    for (let i = 0; i < count; i++) {
      bytes.writeUInt32BE(i, 0)
      producer.partition(topic, i % 3).append(i, bytes, 0, 4, bytes, 0, 100)
      if (i % 1000 === 0) await producer.drained()
    }
    await producer.flush()
    const fetcher = createFetcher(client, { maxBufferedBytes: 1 << 20, maxBytesPerPartition: 1 << 17 })
    fetcher.assign([0, 1, 2].map((partition) => ({ topic, partition, offset: 0 })))
    const slices = new RecordSlices()
    const next = [0, 1, 2]
    let wrong = 0
    for (let read = 0; read < count; read += slices.count) {
      await fetcher.ready(10_000)
      const fetched = fetcher.take()
      if (fetched === undefined) throw new Error(`nothing after ${read} records`)
      expect(fetcher.bufferedBytes).toBeLessThan(2 << 20)
      fetched.parse(slices)
      const view = new DataView(slices.data.buffer, slices.data.byteOffset)
      for (let i = 0; i < slices.count; i++) {
        if (view.getUint32(slices.valueStarts[i] as number) !== next[fetched.partition]) wrong++
        next[fetched.partition] = (next[fetched.partition] as number) + 3
      }
    }
    expect(wrong).toBe(0)
    expect(next).toEqual([count, count + 1, count + 2])
    await fetcher.close()
  }, 60_000)

  test('an offset that was deleted is explained, never skipped', async () => {
    const topic = await newTopic()
    const producer = await producerOf()
    write(producer, topic, numbered('v', 10))
    await producer.flush()
    const connection = await client.connectToLeader(topic, 0)
    const answer = await connection.send(deleteRecords, {
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, offset: 4 }] }],
      timeoutMs: 10_000,
    })
    expect(answer.topics[0]?.partitions[0]?.errorCode).toBe(0)
    const fetcher = createFetcher(client)
    fetcher.assign([{ topic, partition: 0, offset: 2 }])
    await fetcher.ready(10_000)
    expect(() => fetcher.take()).toThrow(
      expect.objectContaining({
        code: 'RUN104',
        retry: 'never',
        message: `offset 2 of partition 0 of topic \`${topic}\` is gone: the partition now holds offsets 4 to 9`,
      }),
    )
    await fetcher.close()
  })

  test('a topic that does not exist is named', async () => {
    const error = await failureOf(() => listOffsets(client, [{ topic: 'nowhere', partition: 0 }], 'latest'))
    expect(error).toMatchObject({ code: 'RUN103', retry: 'never' })
    expect(error.message).toContain('topic `nowhere`')
    expect(await client.describeTopics(['nowhere'])).toEqual([undefined])
  })

  test('a partition that does not exist is named at once, by reader and writer', async () => {
    const topic = await newTopic()
    const message = `topic \`${topic}\` has 1 partitions, there is no partition 7`
    const fetcher = createFetcher(client)
    fetcher.assign([{ topic, partition: 7, offset: 0 }])
    await fetcher.ready(10_000)
    expect(() => fetcher.take()).toThrow(expect.objectContaining({ code: 'RUN103', message }))
    await fetcher.close()
    const producer = await producerOf()
    write(producer, topic, ['v'], 7)
    expect(await failureOf(() => producer.flush())).toMatchObject({ code: 'RUN103', message })
  })

  test('a record that is too large for the topic is named', async () => {
    const topic = await newTopic({ 'max.message.bytes': '1000' })
    const producer = await producerOf()
    write(producer, topic, ['x'.repeat(5000)])
    expect(await failureOf(() => producer.flush())).toMatchObject({ code: 'RUN108', retry: 'never' })
  })

  transactionTests()
}
