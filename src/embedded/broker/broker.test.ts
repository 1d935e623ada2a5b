import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type BatchOptions, makeBatch, WireClient } from '../../../test/clients/wire-client.ts'
import { errorName } from '../../kafka/protocol/errors.ts'
import { apiVersions } from '../../kafka/protocol/messages/api-versions.ts'
import { fetch } from '../../kafka/protocol/messages/fetch.ts'
import { offsetCommit, offsetFetch } from '../../kafka/protocol/messages/group-offsets.ts'
import { metadata } from '../../kafka/protocol/messages/metadata.ts'
import { listOffsets } from '../../kafka/protocol/messages/offsets.ts'
import { produce } from '../../kafka/protocol/messages/produce.ts'
import { createTopics, deleteTopics } from '../../kafka/protocol/messages/topics.ts'
import { initProducerId } from '../../kafka/protocol/messages/transactions.ts'
import { type Broker, type BrokerOptions, startBroker } from './broker.ts'
import type { FaultAction, RequestSeen } from './faults.ts'
import { storageFailure } from './storage-error.ts'

let dataDir: string
let broker: Broker
let client: WireClient
const lines: string[] = []
let beforeHandle: (request: RequestSeen) => FaultAction | Promise<FaultAction>
let beforeRespond: typeof beforeHandle

async function start(options: Partial<BrokerOptions> = {}): Promise<void> {
  const faults = {
    beforeHandle: (r: RequestSeen) => beforeHandle(r),
    beforeRespond: (r: RequestSeen) => beforeRespond(r),
  }
  broker = await startBroker({
    dataDir,
    port: 0,
    topics: [{ name: 't' }],
    faults,
    log: (l) => lines.push(l),
    ...options,
  })
  client = await WireClient.open(broker.port)
}

async function restart(options: Partial<BrokerOptions> = {}): Promise<void> {
  client.close()
  await broker.close()
  await start(options)
}

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-broker-'))
  lines.length = 0
  beforeHandle = () => undefined
  beforeRespond = () => undefined
  await start()
})
afterEach(async () => {
  client.close()
  await broker.close()
  rmSync(dataDir, { recursive: true })
})

async function send(
  records: Buffer,
  changes: { acks?: number; version?: number; topic?: string; partition?: number } = {},
) {
  const { acks = -1, version = 9, topic = 't', partition = 0 } = changes
  const topicData = [{ name: topic, partitionData: [{ index: partition, records }] }]
  const answer = await client.ask(produce, version, { acks, timeoutMs: 1000, topicData })
  const { errorCode, baseOffset } = answer.responses[0]!.partitionResponses[0]!
  return errorCode === 0 ? baseOffset : errorName(errorCode)
}

const batch = (value: string, options: BatchOptions = {}) => makeBatch([value], options)

async function read(fetchOffset: number, options: { maxWaitMs?: number; minBytes?: number; topic?: string } = {}) {
  const { maxWaitMs = 0, minBytes = 1, topic = 't' } = options
  const topics = [{ topic, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }] }]
  const answer = await client.ask(fetch, 11, { maxBytes: 1 << 20, maxWaitMs, minBytes, topics })
  const partition = answer.responses[0]!.partitions[0]!
  return partition.errorCode === 0 ? partition.records!.length : errorName(partition.errorCode)
}

describe('producing', () => {
  test('a batch that is sent again is stored once', async () => {
    const { producerId } = await client.ask(initProducerId, 2, { transactionalId: null, transactionTimeoutMs: 0 })
    const of = (sequence: number) => batch('x', { producerId, epoch: 0, sequence })
    expect(await send(of(0))).toBe(0)
    expect(await send(of(1))).toBe(1)
    expect(await send(of(1))).toBe(1)
    expect(await send(of(3))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    await restart()
    expect(await send(of(1))).toBe(1)
    expect(await send(of(2))).toBe(2)
  })

  test('what does not fit is refused by name', async () => {
    const good = batch('x')
    const changed = (at: number, value: number, from = good) => {
      const copy = Buffer.from(from)
      copy[at] = value
      return copy
    }
    expect(await send(changed(good.length - 1, 99))).toBe('CORRUPT_MESSAGE')
    expect(await send(changed(16, 1))).toBe('UNSUPPORTED_FOR_MESSAGE_FORMAT')
    expect(await send(changed(11, 200))).toBe('CORRUPT_MESSAGE')
    expect(await send(changed(8, 255))).toBe('CORRUPT_MESSAGE')
    expect(await send(Buffer.concat([good, good]))).toBe('INVALID_RECORD')
    expect(await send(Buffer.alloc(0))).toBe('INVALID_RECORD')
    expect(await send(good.subarray(0, 30))).toBe('INVALID_RECORD')
    expect(await send(batch('x', { transactional: true }))).toBe('INVALID_RECORD')
    expect(await send(batch('x'.repeat(2 << 20)))).toBe('MESSAGE_TOO_LARGE')
    expect(await send(batch('x', { compression: 'zstd' }), { version: 6 })).toBe('UNSUPPORTED_COMPRESSION_TYPE')
    expect(await send(good, { acks: 2 })).toBe('INVALID_REQUIRED_ACKS')
    expect(await send(good, { topic: 'nope' })).toBe('UNKNOWN_TOPIC_OR_PARTITION')
    expect(await send(good, { partition: 1 })).toBe('UNKNOWN_TOPIC_OR_PARTITION')
    expect(await send(good, { partition: -1 })).toBe('UNKNOWN_TOPIC_OR_PARTITION')
    expect(await send(good)).toBe(0)
  })

  test('without acks there is no answer', async () => {
    const topicData = [{ name: 't', partitionData: [{ index: 0, records: batch('x') }] }]
    client.send(produce, 9, { acks: 0, timeoutMs: 1000, topicData })
    expect(await send(batch('y'))).toBe(1)
  })
})

describe('fetching', () => {
  test('waits until enough is there', async () => {
    const producer = await WireClient.open(broker.port)
    const waiting = read(0, { maxWaitMs: 10_000, minBytes: 150 })
    const body = (value: string) => ({
      acks: -1,
      topicData: [{ name: 't', partitionData: [{ index: 0, records: batch(value) }] }],
    })
    await producer.ask(produce, 9, body('x'))
    const state = await Promise.race([waiting, producer.ask(metadata, 9, { topics: null }).then(() => 'still waiting')])
    expect(state).toBe('still waiting')
    await producer.ask(produce, 9, body('x'.repeat(100)))
    expect(await waiting).toBeGreaterThanOrEqual(150)
    producer.close()
  })

  test('answers with nothing when the time is over', async () => {
    expect(await read(0, { maxWaitMs: 20 })).toBe(0)
  })

  test('offsets outside the log are refused', async () => {
    await send(batch('x'))
    expect(await read(1)).toBe(0)
    expect(await read(2, { maxWaitMs: 10_000 })).toBe('OFFSET_OUT_OF_RANGE')
    expect(await read(-1)).toBe('OFFSET_OUT_OF_RANGE')
    expect(await read(0, { topic: 'nope', maxWaitMs: 10_000 })).toBe('UNKNOWN_TOPIC_OR_PARTITION')
  })

  test('the end of a waiting reader is noticed at once', async () => {
    const reader = await WireClient.open(broker.port)
    const topics = [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 100 }] }]
    reader.send(fetch, 11, { maxBytes: 100, maxWaitMs: 600_000, minBytes: 1, topics })
    await read(0)
    reader.close()
    await restart() // close() would wait for the reader
  })
})

describe('listing offsets', () => {
  const offsetAt = async (timestamp: number) => {
    const topics = [{ name: 't', partitions: [{ partitionIndex: 0, timestamp }] }]
    const answer = await client.ask(listOffsets, 7, { topics })
    const { offset, timestamp: found } = answer.topics[0]!.partitions[0]!
    return [offset, found]
  }

  test.for(['none', 'lz4', 'zstd'] as const)(
    'the record at a time is found inside its batch (%s)',
    async (compression) => {
      await send(makeBatch(['a', 'b', 'c'], { timestamp: 1000, compression }))
      await send(makeBatch(['d', 'e'], { timestamp: 2000, compression }))
      expect(await offsetAt(1001)).toEqual([1, 1001])
      expect(await offsetAt(1003)).toEqual([3, 2000])
      expect(await offsetAt(2001)).toEqual([4, 2001])
      expect(await offsetAt(2002)).toEqual([-1, -1])
      expect(await offsetAt(-1)).toEqual([5, -1])
      expect(await offsetAt(-2)).toEqual([0, -1])
      expect(await offsetAt(-3)).toEqual([4, 2001])
    },
  )
})

describe('bad input', () => {
  const closes = async (bytes: Buffer) => {
    const stranger = await WireClient.open(broker.port)
    stranger.write(bytes)
    expect(await stranger.frame()).toBeUndefined()
  }
  const frame = (...parts: readonly number[]) => {
    const bytes = Buffer.alloc(4 + parts.length)
    bytes.writeInt32BE(parts.length, 0)
    bytes.set(parts, 4)
    return bytes
  }

  test('closes the connection and harms nobody else', async () => {
    await closes(Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'))
    await closes(Buffer.from([0x7f, 0xff, 0xff, 0xff]))
    await closes(Buffer.from([0xff, 0xff, 0xff, 0xff]))
    await closes(frame(0, 0, 0, 9))
    const unknownApi = frame(3, 0xe7, 0, 0, 0, 0, 0, 1, 0xff, 0xff)
    await closes(unknownApi)
    const oldProduce = frame(0, 0, 0, 1, 0, 0, 0, 1, 0xff, 0xff)
    await closes(oldProduce)
    const truncatedMetadata = frame(0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff)
    await closes(truncatedMetadata)
    expect(await send(batch('x'))).toBe(0)
    expect(lines.every((line) => !line.includes('\n') && line.startsWith('closed a connection'))).toBe(true)
    expect(lines.length).toBe(7)
  })

  test('an unknown version of ApiVersions is answered in version 0', async () => {
    client.write(frame(0, 18, 0, 99, 0, 0, 0, 7, 0xff, 0xff))
    const bytes = Buffer.from((await client.frame())!)
    expect(bytes.readInt32BE(0)).toBe(7)
    expect(errorName(bytes.readInt16BE(4))).toBe('UNSUPPORTED_VERSION')
    expect(bytes.readInt16BE(10)).toBe(apiVersions.key)
    const answer = await client.ask(apiVersions, 3, { clientSoftwareName: 'a', clientSoftwareVersion: '1' })
    expect(answer.finalizedFeatures).toEqual([{ name: 'transaction.version', maxVersionLevel: 2, minVersionLevel: 2 }])
  })
})

describe('topics', () => {
  test('are there after a restart, deleted ones are not, and a new one of the same name is empty', async () => {
    await broker.createTopic({ name: 'other', partitions: 3, config: { 'retention.ms': '1000' } })
    await send(batch('x'), { topic: 'other', partition: 2 })
    expect(await broker.createTopic({ name: 'other' })).toBe('exists')
    await restart()
    const listed = await client.ask(metadata, 9, { topics: null })
    expect(listed.topics.map(({ name, partitions }) => [name, partitions.length])).toEqual([
      ['t', 1],
      ['other', 3],
    ])
    await client.ask(deleteTopics, 4, { topicNames: ['other'], timeoutMs: 1000 })
    await client.ask(createTopics, 4, { topics: [{ name: 'other', numPartitions: 3, replicationFactor: 1 }] })
    expect(await send(batch('x'), { topic: 'other', partition: 2 })).toBe(0)
    await restart()
    expect(await send(batch('x'), { topic: 'other', partition: 2 })).toBe(1)
  })

  test('are made by asking for them only where that was chosen', async () => {
    const ask = async () => {
      const answer = await client.ask(metadata, 9, { topics: [{ name: 'wanted' }], allowAutoTopicCreation: true })
      return errorName(answer.topics[0]!.errorCode)
    }
    expect(await ask()).toBe('UNKNOWN_TOPIC_OR_PARTITION')
    await restart({ autoCreateTopics: true })
    expect(await ask()).toBe('NONE')
  })

  test('that Kafka would refuse are refused in one line', async () => {
    await expect(broker.createTopic({ name: 'a/b' })).rejects.toMatchObject({ code: 'RUN204' })
    await expect(broker.createTopic({ name: 'a', config: { 'retention.ms': 'x' } })).rejects.toThrow(
      'the topic `a` cannot be created: invalid value x for configuration retention.ms: expected a number of at least -1',
    )
  })
})

test('committed offsets with their metadata are there after a restart, and go with their topic', async () => {
  const partitions = [{ partitionIndex: 0, committedOffset: 7, committedLeaderEpoch: 0, committedMetadata: 'why' }]
  await client.ask(offsetCommit, 8, { groupId: 'g/1', topics: [{ name: 't', partitions }] })
  await restart()
  const committed = async () => {
    const answer = await client.ask(offsetFetch, 8, { groups: [{ groupId: 'g/1', topics: null }] })
    return answer.groups[0]!.topics.flatMap(({ name, partitions }) =>
      partitions.map((p) => [name, p.committedOffset, p.metadata]),
    )
  }
  expect(await committed()).toEqual([['t', 7, 'why']])
  await client.ask(deleteTopics, 4, { topicNames: ['t'], timeoutMs: 1000 })
  expect(await committed()).toEqual([])
})

describe('faults', () => {
  test('a lost request has no effect, a lost answer has', async () => {
    beforeHandle = ({ apiName }) => (apiName === 'Produce' ? 'close' : undefined)
    await expect(send(batch('x'))).rejects.toThrow('closed the connection')
    client = await WireClient.open(broker.port)
    expect(await read(0)).toBe(0)
    beforeHandle = () => undefined
    beforeRespond = ({ apiName }) => (apiName === 'Produce' ? 'close' : undefined)
    await expect(send(batch('x'))).rejects.toThrow('closed the connection')
    client = await WireClient.open(broker.port)
    expect(await read(0)).toBeGreaterThan(0)
  })

  test('a held request waits, a dropped one is never answered', async () => {
    let release = () => {}
    beforeHandle = ({ apiName }) =>
      apiName === 'Metadata' ? new Promise((resolve) => (release = () => resolve(undefined))) : undefined
    const held = client.ask(metadata, 9, { topics: null })
    const other = await WireClient.open(broker.port)
    beforeRespond = ({ apiName, clientId }) => (apiName === 'ApiVersions' && clientId === 'wire' ? 'drop' : undefined)
    other.send(apiVersions, 0, {})
    await other.ask(listOffsets, 4, { topics: [] }) // answered, though the request before it was not
    release()
    expect((await held).brokers).toHaveLength(1)
    other.close()
  })
})

describe('a broker that cannot start says why in one line', () => {
  test('the port is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    const elsewhere = join(dataDir, 'elsewhere')
    await expect(startBroker({ dataDir: elsewhere, port })).rejects.toMatchObject({
      code: 'RUN203',
      message: `the broker cannot listen on \`127.0.0.1:${port}\`: another program has this port`,
    })
    other.close()
  })

  test('a file stands in the way', async () => {
    const file = join(dataDir, 'file')
    writeFileSync(file, '')
    for (const path of [file, join(file, 'below')]) {
      await expect(startBroker({ dataDir: path, port: 0 })).rejects.toMatchObject({
        code: 'RUN202',
        message: `the data folder \`${path}\` cannot be used: a file stands where the folder should be`,
      })
    }
  })

  test('there is no permission to write', () => {
    // Root, as whom tests often run, may write everywhere: the system's answer is made up.
    const refused = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
    expect(storageFailure('/data', refused)).toMatchObject({
      code: 'RUN202',
      message: 'the data folder `/data` cannot be used: no permission to write',
    })
  })

  test('the data is damaged', async () => {
    await send(batch('x'))
    await broker.close()
    const refusal = { code: 'RUN201', origin: 'external', retry: 'never' }
    const partition = join(dataDir, 'topics', 't-0')
    truncateSync(join(partition, readdirSync(partition).find((name) => name.endsWith('.log'))!), 20)
    await expect(startBroker({ dataDir, port: 0 })).rejects.toMatchObject(refusal)
    rmSync(partition, { recursive: true })
    await expect(startBroker({ dataDir, port: 0 })).rejects.toMatchObject(refusal)
    mkdirSync(partition)
    rmSync(join(dataDir, 'broker.journal'))
    await expect(startBroker({ dataDir, port: 0 })).rejects.toMatchObject(refusal)
  })
})
