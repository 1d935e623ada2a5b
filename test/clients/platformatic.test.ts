// @platformatic/kafka, which speaks the newest versions of the protocol, against the broker.
import {
  Admin,
  type Consumer,
  FetchIsolationLevels,
  type Message,
  MessagesStreamModes,
  Consumer as PlatformaticConsumer,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BrokerUnderTest, freshName, startBrokerUnderTest, startTimeoutMs } from './broker-under-test.ts'

type Text = Message<string, string, string, string>
type TextConsumer = Consumer<string, string, string, string>

describe('@platformatic/kafka', () => {
  let broker: BrokerUnderTest
  beforeAll(async () => {
    broker = await startBrokerUnderTest()
  }, startTimeoutMs)
  afterAll(() => broker.close())

  const connection = () => ({ clientId: 'test', bootstrapBrokers: [broker.bootstrap], timeout: 10_000 })

  async function makeTopic(partitions: number): Promise<string> {
    const topic = freshName('platformatic')
    const admin = new Admin(connection())
    await admin.createTopics({ topics: [topic], partitions, replicas: 1 })
    await admin.close()
    return topic
  }

  function makeProducer(transactionalId?: string): Producer<string, string, string, string> {
    return new Producer({
      ...connection(),
      serializers: stringSerializers,
      idempotent: true,
      ...(transactionalId === undefined ? {} : { transactionalId, producerId: -1n, producerEpoch: -1 }),
    })
  }

  function makeConsumer(groupId: string): TextConsumer {
    return new PlatformaticConsumer({
      ...connection(),
      groupId,
      deserializers: stringDeserializers,
      maxWaitTime: 50,
      autocommit: false,
    })
  }

  /** Reads until `count` records came. */
  async function consume(
    consumer: TextConsumer,
    topic: string,
    count: number,
    options: { mode?: 'earliest' | 'committed'; isolationLevel?: 0 | 1 } = {},
  ): Promise<Text[]> {
    const { isolationLevel = FetchIsolationLevels.READ_COMMITTED } = options
    const mode = options.mode === 'committed' ? MessagesStreamModes.COMMITTED : MessagesStreamModes.EARLIEST
    const stream = await consumer.consume({ topics: [topic], mode, isolationLevel })
    const seen: Text[] = []
    for await (const message of stream) {
      seen.push(message)
      if (seen.length === count) break
    }
    return seen
  }

  test('a group reads what was produced, and goes on where it committed', async () => {
    const topic = await makeTopic(1)
    const groupId = freshName('group')
    const producer = makeProducer()
    const messages = ['a', 'b', 'c', 'd'].map((value) => ({ topic, key: value, value, headers: { n: value } }))
    await producer.send({ messages })
    await producer.close()
    const first = makeConsumer(groupId)
    const seen = await consume(first, topic, 4)
    expect(seen.map(({ offset, key, value }) => `${offset}/${key}/${value}`)).toEqual([
      '0/a/a',
      '1/b/b',
      '2/c/c',
      '3/d/d',
    ])
    await seen[1]!.commit()
    await first.close(true)
    const second = makeConsumer(groupId)
    const rest = await consume(second, topic, 2, { mode: 'committed' })
    expect(rest.map(({ offset, value }) => `${offset}/${value}`)).toEqual(['2/c', '3/d'])
    await second.close(true)
  })

  test('aborted records stay hidden, offsets move with the transaction', async () => {
    const source = await makeTopic(1)
    const target = await makeTopic(1)
    const groupId = freshName('group')
    const plain = makeProducer()
    await plain.send({ messages: ['a', 'b', 'c'].map((value) => ({ topic: source, value })) })
    await plain.close()
    const consumer = makeConsumer(groupId)
    const [a, b, c] = await consume(consumer, source, 3)
    const producer = makeProducer(freshName('tx'))
    for (const [message, end] of [
      [a!, 'commit'],
      [b!, 'commit'],
      [c!, 'abort'],
    ] as const) {
      const transaction = await producer.beginTransaction()
      await transaction.addConsumer(consumer)
      await transaction.send({ messages: [{ topic: target, value: `${end} ${message.value}` }] })
      await transaction.addOffset(message)
      await transaction[end]()
    }
    await producer.close()
    const committed = await consumer.listCommittedOffsets({ topics: [{ topic: source, partitions: [0] }] })
    expect(committed.get(source)).toEqual([2n])
    await consumer.close(true)

    const values = async (count: number, isolationLevel: 0 | 1) => {
      const reader = makeConsumer(freshName('group'))
      const seen = await consume(reader, target, count, { isolationLevel })
      await reader.close(true)
      return seen.map(({ offset, value }) => `${offset}/${value}`)
    }
    expect(await values(2, FetchIsolationLevels.READ_COMMITTED)).toEqual(['0/commit a', '2/commit b'])
    expect(await values(3, FetchIsolationLevels.READ_UNCOMMITTED)).toEqual(['0/commit a', '2/commit b', '4/abort c'])
  })
})
