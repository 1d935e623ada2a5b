// What the protocol lets a transactional producer do, request by request; the same on the embedded broker and on Kafka.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { reasonToSkip } from '../needs.ts'
import { type BrokerUnderTest, freshName, startBrokerUnderTest, startTimeoutMs } from './broker-under-test.ts'
import { type Producer, TransactionClient } from './transaction-client.ts'

let broker: BrokerUnderTest
let client: TransactionClient
let tx: string

describe('the embedded broker', () => {
  beforeAll(async () => {
    broker = await startBrokerUnderTest('embedded')
  })
  transactionalProducer()
})

const noKafka = reasonToSkip('jdk')
describe.skipIf(noKafka !== undefined)(`Kafka${noKafka === undefined ? '' : ` (${noKafka})`}`, () => {
  beforeAll(async () => {
    broker = await startBrokerUnderTest('kafka')
  }, startTimeoutMs)
  transactionalProducer()
})

function transactionalProducer(): void {
  afterAll(() => broker.close())
  beforeEach(async () => {
    tx = freshName('tx')
    client = await TransactionClient.open(broker.port, freshName('transactions'), freshName('group'))
  })
  afterEach(() => client.close())

  describe('transactions v2', () => {
    test('producing adds the partition, each end gives the next epoch', async () => {
      const first = await client.init(tx)
      expect(await client.produce(tx, first, 0)).toBe('NONE')
      expect(await client.state()).toEqual({ end: 1, stable: 0, aborted: [] })
      const second = (await client.end(tx, first, true)) as Producer
      expect(second).toEqual({ ...first, producerEpoch: first.producerEpoch + 1 })
      expect(await client.ended()).toEqual({ end: 2, aborted: [] })
      expect(await client.produce(tx, second, 0)).toBe('NONE')
      await client.end(tx, second, false)
      expect(await client.ended()).toEqual({ end: 4, aborted: [2] })
    })

    test('a late batch of the last transaction cannot enter the next', async () => {
      const first = await client.init(tx)
      await client.produce(tx, first, 0)
      const second = (await client.end(tx, first, true)) as Producer
      await client.ended()
      expect(await client.produce(tx, first, 1)).toBe('INVALID_PRODUCER_EPOCH')
      expect(await client.produce(tx, second, 0)).toBe('NONE')
      expect(await client.produce(tx, first, 1)).toBe('INVALID_PRODUCER_EPOCH')
    })

    test('an end that is sent again gets the same answer, but cannot end the next transaction', async () => {
      const first = await client.init(tx)
      await client.produce(tx, first, 0)
      const second = (await client.end(tx, first, true)) as Producer
      expect(await client.end(tx, first, true)).toEqual(second)
      expect(await client.end(tx, first, false)).toBe('INVALID_TXN_STATE')
      await client.produce(tx, second, 0)
      expect(await client.end(tx, first, true)).toBe('PRODUCER_FENCED')
      expect(await client.state()).toMatchObject({ end: 3, stable: 2 })
    })

    test('aborting nothing is allowed, committing nothing is not', async () => {
      const first = await client.init(tx)
      expect(await client.end(tx, first, true)).toBe('INVALID_TXN_STATE')
      const second = (await client.end(tx, first, false)) as Producer
      expect(second).toEqual({ ...first, producerEpoch: first.producerEpoch + 1 })
      expect(await client.produce(tx, second, 0)).toBe('NONE')
    })

    test('offsets are seen after the commit only', async () => {
      const first = await client.init(tx)
      expect(await client.commitOffset(tx, first, 5)).toBe('NONE')
      expect(await client.committedOffset()).toBe(-1)
      expect(await client.committedOffset(true)).toBe('UNSTABLE_OFFSET_COMMIT')
      const second = (await client.end(tx, first, true)) as Producer
      await expect.poll(() => client.committedOffset(true)).toBe(5)
      await client.commitOffset(tx, second, 9)
      await client.end(tx, second, false)
      await expect.poll(() => client.committedOffset(true)).toBe(5)
    })
  })

  describe('transactions v1', () => {
    beforeEach(() => {
      client.version = 1
    })

    test('a partition must be added first, the epoch stays', async () => {
      const producer = await client.init(tx)
      expect(await client.produce(tx, producer, 0)).toBe('TRANSACTION_ABORTABLE')
      expect(await client.addPartition(tx, producer, 0)).toBe('NONE')
      expect(await client.produce(tx, producer, 0)).toBe('NONE')
      expect(await client.produce(tx, producer, 0, 1)).toBe('TRANSACTION_ABORTABLE')
      expect(await client.end(tx, producer, true)).toBe('NONE')
      expect(await client.end(tx, producer, true)).toBe('NONE')
      expect(await client.end(tx, producer, false)).toBe('INVALID_TXN_STATE')
      await client.ended()
      expect(await client.produce(tx, producer, 1)).toBe('TRANSACTION_ABORTABLE')
      await client.addPartition(tx, producer, 0)
      expect(await client.produce(tx, producer, 1)).toBe('NONE')
    })

    test('offsets are committed after their group was added', async () => {
      const producer = await client.init(tx)
      expect(await client.addGroup(tx, producer)).toBe('NONE')
      expect(await client.commitOffset(tx, producer, 5)).toBe('NONE')
      await client.end(tx, producer, true)
      await expect.poll(() => client.committedOffset(true)).toBe(5)
    })
  })

  describe('fencing', () => {
    test('a second producer of the name aborts what the first left open', async () => {
      const old = await client.init(tx)
      await client.produce(tx, old, 0)
      const young = await client.init(tx)
      expect(young.producerId).toBe(old.producerId)
      expect(young.producerEpoch).toBeGreaterThan(old.producerEpoch)
      expect(await client.ended()).toEqual({ end: 2, aborted: [0] })
      expect(await client.produce(tx, old, 1)).toBe('INVALID_PRODUCER_EPOCH')
      expect(await client.end(tx, old, true)).toBe('PRODUCER_FENCED')
      expect(await client.commitOffset(tx, old, 1)).toBe('INVALID_PRODUCER_EPOCH')
      expect(await client.addPartition(tx, old, 0)).toBe('PRODUCER_FENCED')
      await expect(client.init(tx, old)).rejects.toThrow('PRODUCER_FENCED')
      expect(await client.produce(tx, young, 0)).toBe('NONE')
    })

    test('a replaced producer that had nothing open is fenced when it asks, not given the name back', async () => {
      const old = await client.init(tx)
      await client.init(tx)
      await expect(client.init(tx, old)).rejects.toThrow('PRODUCER_FENCED')
    })

    test('a producer may abort its own transaction by asking for its epoch bump', async () => {
      const first = await client.init(tx)
      await client.produce(tx, first, 0)
      const second = await client.init(tx, first)
      expect(second.producerId).toBe(first.producerId)
      expect(second.producerEpoch).toBeGreaterThan(first.producerEpoch)
      expect(await client.ended()).toEqual({ end: 2, aborted: [0] })
      expect(await client.produce(tx, second, 0)).toBe('NONE')
    })

    test('a producer may bump its own epoch, and repeat that', async () => {
      const first = await client.init(tx)
      const second = await client.init(tx, first)
      expect(second.producerEpoch).toBe(first.producerEpoch + 1)
      expect(await client.init(tx, first)).toEqual(second)
      expect((await client.init(tx, second)).producerEpoch).toBe(second.producerEpoch + 1)
    })

    test('two producers that start at once get different epochs', async () => {
      const other = await TransactionClient.open(broker.port, client.topic, client.group)
      await client.produce(tx, await client.init(tx), 0)
      const [a, b] = await Promise.all([client.init(tx), other.init(tx)])
      expect(a).not.toEqual(b)
      other.close()
    })

    test('names are not mixed up', async () => {
      const other = freshName('tx')
      const producer = await client.init(tx)
      await client.init(other)
      expect(await client.produce(other, producer, 0)).toBe('INVALID_PRODUCER_ID_MAPPING')
      expect(await client.end(freshName('tx'), producer, true)).toBe('INVALID_PRODUCER_ID_MAPPING')
    })

    test('timeouts outside the bounds are refused', async () => {
      await expect(client.init(tx, undefined, 0)).rejects.toThrow('INVALID_TRANSACTION_TIMEOUT')
      await expect(client.init(tx, undefined, 900_001)).rejects.toThrow('INVALID_TRANSACTION_TIMEOUT')
    })
  })
}
