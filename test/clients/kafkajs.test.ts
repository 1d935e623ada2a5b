// kafkajs, which speaks old versions of the protocol, against the broker.
import { type Consumer, type EachMessagePayload, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BrokerUnderTest, freshName, startBrokerUnderTest, startTimeoutMs } from './broker-under-test.ts'

describe('kafkajs', () => {
  let broker: BrokerUnderTest
  let kafka: Kafka
  beforeAll(async () => {
    broker = await startBrokerUnderTest()
    kafka = new Kafka({ brokers: [broker.bootstrap], logLevel: logLevel.NOTHING })
  }, startTimeoutMs)
  afterAll(() => broker.close())

  async function makeTopic(numPartitions: number): Promise<string> {
    const topic = freshName('kafkajs')
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor: 1 }], waitForLeaders: true })
    await admin.disconnect()
    return topic
  }

  /** Reads until `count` records came, each as `partition/offset/value`. */
  async function consume(consumer: Consumer, topic: string, count: number): Promise<string[]> {
    const seen: string[] = []
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await new Promise<void>((resolve) => {
      consumer.run({
        eachMessage: async ({ partition, message }: EachMessagePayload) => {
          seen.push(`${partition}/${message.offset}/${message.value}`)
          if (seen.length === count) resolve()
        },
      })
    })
    await consumer.disconnect()
    return seen.sort()
  }

  test('a group reads what was produced, and goes on where it stopped', async () => {
    const topic = await makeTopic(2)
    const groupId = freshName('group')
    const producer = kafka.producer()
    await producer.connect()
    const send = (values: readonly string[]) =>
      producer.send({ topic, messages: values.map((value, i) => ({ value, partition: i % 2, headers: { n: value } })) })
    await send(['a', 'b', 'c', 'd'])
    const group = () => kafka.consumer({ groupId, maxWaitTimeInMs: 100 })
    expect(await consume(group(), topic, 4)).toEqual(['0/0/a', '0/1/c', '1/0/b', '1/1/d'])
    await send(['e', 'f'])
    expect(await consume(group(), topic, 2)).toEqual(['0/2/e', '1/2/f'])
    await producer.disconnect()
  })

  test('aborted records stay hidden, offsets move with the transaction', async () => {
    const topic = await makeTopic(1)
    const groupId = freshName('group')
    const producer = kafka.producer({ transactionalId: freshName('tx'), idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    for (const [offset, end] of [
      ['5', 'commit'],
      ['7', 'abort'],
      ['6', 'commit'],
      ['9', 'abort'],
    ] as const) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ value: `${end} ${offset}` }] })
      const topics = [{ topic, partitions: [{ partition: 0, offset }] }]
      await transaction.sendOffsets({ consumerGroupId: groupId, topics })
      await transaction[end]()
    }
    await producer.disconnect()
    const admin = kafka.admin()
    await admin.connect()
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] })
    expect(committed?.partitions.map((partition) => partition.offset)).toEqual(['6'])
    expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ high: '8', low: '0' }])
    await admin.disconnect()
    const reader = (readUncommitted: boolean) =>
      kafka.consumer({ groupId: freshName('group'), readUncommitted, maxWaitTimeInMs: 100 })
    expect(await consume(reader(false), topic, 2)).toEqual(['0/0/commit 5', '0/4/commit 6'])
    expect(await consume(reader(true), topic, 4)).toHaveLength(4)
  })
})
