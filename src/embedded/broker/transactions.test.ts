// Transactions by way of the protocol: what clients of both versions may do, and what is left when the process is killed.
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeBatch, WireClient } from '../../../test/clients/wire-client.ts'
import { type KafkaErrorName, kafkaErrors } from '../../kafka/protocol/errors.ts'
import { fetch } from '../../kafka/protocol/messages/fetch.ts'
import { offsetFetch } from '../../kafka/protocol/messages/group-offsets.ts'
import { listOffsets } from '../../kafka/protocol/messages/offsets.ts'
import { produce } from '../../kafka/protocol/messages/produce.ts'
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  txnOffsetCommit,
} from '../../kafka/protocol/messages/transactions.ts'
import { type Broker, startBroker } from './broker.ts'
import { Journal, type JournalValue } from './journal.ts'

const topics = [{ name: 't', partitions: 2 }]
const errorName = (code: number) => kafkaErrors.find((row) => row.code === code)!.name as KafkaErrorName

let dataDir: string
let broker: Broker
let client: TransactionClient
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-transactions-'))
  broker = await startBroker({ dataDir, port: 0, topics })
  client = await TransactionClient.open(broker)
})
afterEach(async () => {
  client.close()
  await broker.close()
  rmSync(dataDir, { recursive: true })
})

type Producer = { readonly producerId: number; readonly producerEpoch: number }

/** Each call resolves to the error's name, or to what the answer is about. */
class TransactionClient {
  readonly wire: WireClient
  /** Version 1 of transactions adds partitions first; version 2 adds by producing. */
  version: 1 | 2 = 2

  constructor(wire: WireClient) {
    this.wire = wire
  }

  static async open(on: Broker): Promise<TransactionClient> {
    return new TransactionClient(await WireClient.open(on.port))
  }

  async init(transactionalId: string, producer?: Producer, transactionTimeoutMs = 60_000): Promise<Producer> {
    const answer = await this.wire.ask(initProducerId, 5, { transactionalId, transactionTimeoutMs, ...producer })
    if (answer.errorCode !== 0) throw new Error(errorName(answer.errorCode))
    return { producerId: answer.producerId, producerEpoch: answer.producerEpoch }
  }

  async addPartition(transactionalId: string, producer: Producer, partition: number): Promise<string> {
    const answer = await this.wire.ask(addPartitionsToTxn, 3, {
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: producer.producerId,
      v3AndBelowProducerEpoch: producer.producerEpoch,
      v3AndBelowTopics: [{ name: 't', partitions: [partition] }],
    })
    return errorName(answer.resultsByTopicV3AndBelow[0]!.resultsByPartition[0]!.partitionErrorCode)
  }

  async produce(transactionalId: string, producer: Producer, sequence: number, partition = 0): Promise<string> {
    const { producerId, producerEpoch: epoch } = producer
    const records = makeBatch([`${epoch}/${sequence}`], { producerId, epoch, sequence, transactional: true })
    const answer = await this.wire.ask(produce, this.version === 1 ? 11 : 12, {
      transactionalId,
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name: 't', partitionData: [{ index: partition, records }] }],
    })
    return errorName(answer.responses[0]!.partitionResponses[0]!.errorCode)
  }

  async commitOffset(transactionalId: string, producer: Producer, committedOffset: number): Promise<string> {
    const answer = await this.wire.ask(txnOffsetCommit, this.version === 1 ? 3 : 5, {
      transactionalId,
      groupId: 'g',
      ...producer,
      topics: [{ name: 't', partitions: [{ partitionIndex: 1, committedOffset, committedMetadata: 'm' }] }],
    })
    return errorName(answer.topics[0]!.partitions[0]!.errorCode)
  }

  async end(transactionalId: string, producer: Producer, committed: boolean): Promise<string | Producer> {
    const version = this.version === 1 ? 4 : 5
    const answer = await this.wire.ask(endTxn, version, { transactionalId, ...producer, committed })
    if (answer.errorCode !== 0) return errorName(answer.errorCode)
    return this.version === 1 ? 'NONE' : { producerId: answer.producerId, producerEpoch: answer.producerEpoch }
  }

  async committedOffset(requireStable = false): Promise<number | string> {
    const asked = [{ groupId: 'g', topics: [{ name: 't', partitionIndexes: [1] }] }]
    const answer = await this.wire.ask(offsetFetch, 8, { groups: asked, requireStable })
    const partition = answer.groups[0]!.topics[0]!.partitions[0]!
    return partition.errorCode === 0 ? partition.committedOffset : errorName(partition.errorCode)
  }

  /** Log end, last stable offset, and the aborted ranges' first offsets. */
  async state(partition = 0): Promise<{ end: number; stable: number; aborted: number[] }> {
    const answer = await this.wire.ask(fetch, 11, {
      maxBytes: 1 << 20,
      isolationLevel: 1,
      topics: [{ topic: 't', partitions: [{ partition, fetchOffset: 0, partitionMaxBytes: 1 << 20 }] }],
    })
    const { highWatermark, lastStableOffset, abortedTransactions } = answer.responses[0]!.partitions[0]!
    const aborted = (abortedTransactions ?? []).map(({ firstOffset }) => firstOffset)
    return { end: highWatermark, stable: lastStableOffset, aborted }
  }

  close(): void {
    this.wire.close()
  }
}

describe('transactions v2', () => {
  test('producing adds the partition, each end gives the next epoch', async () => {
    const first = await client.init('tx')
    expect(await client.produce('tx', first, 0)).toBe('NONE')
    expect(await client.state()).toEqual({ end: 1, stable: 0, aborted: [] })
    const second = await client.end('tx', first, true)
    expect(second).toEqual({ ...first, producerEpoch: first.producerEpoch + 1 })
    expect(await client.state()).toEqual({ end: 2, stable: 2, aborted: [] })
    expect(await client.produce('tx', second as Producer, 0)).toBe('NONE')
    await client.end('tx', second as Producer, false)
    expect(await client.state()).toEqual({ end: 4, stable: 4, aborted: [2] })
  })

  test('a late batch of the last transaction cannot enter the next', async () => {
    const first = await client.init('tx')
    await client.produce('tx', first, 0)
    const second = (await client.end('tx', first, true)) as Producer
    expect(await client.produce('tx', first, 1)).toBe('INVALID_PRODUCER_EPOCH')
    await client.produce('tx', second, 0)
    expect(await client.produce('tx', first, 1)).toBe('INVALID_PRODUCER_EPOCH')
  })

  test('an end that is sent again gets the same answer, but cannot end the next transaction', async () => {
    const first = await client.init('tx')
    await client.produce('tx', first, 0)
    const second = (await client.end('tx', first, true)) as Producer
    expect(await client.end('tx', first, true)).toEqual(second)
    expect(await client.end('tx', first, false)).toBe('INVALID_TXN_STATE')
    await client.produce('tx', second, 0)
    expect(await client.end('tx', first, true)).toBe('PRODUCER_FENCED')
    expect(await client.state()).toMatchObject({ end: 3, stable: 2 })
  })

  test('aborting nothing is allowed, committing nothing is not', async () => {
    const first = await client.init('tx')
    expect(await client.end('tx', first, true)).toBe('INVALID_TXN_STATE')
    const second = await client.end('tx', first, false)
    expect(second).toEqual({ ...first, producerEpoch: first.producerEpoch + 1 })
    expect(await client.produce('tx', second as Producer, 0)).toBe('NONE')
  })

  test('offsets are seen after the commit only', async () => {
    const first = await client.init('tx')
    expect(await client.commitOffset('tx', first, 5)).toBe('NONE')
    expect(await client.committedOffset()).toBe(-1)
    expect(await client.committedOffset(true)).toBe('UNSTABLE_OFFSET_COMMIT')
    const second = (await client.end('tx', first, true)) as Producer
    expect(await client.committedOffset(true)).toBe(5)
    await client.commitOffset('tx', second, 9)
    await client.end('tx', second, false)
    expect(await client.committedOffset(true)).toBe(5)
  })
})

describe('transactions v1', () => {
  beforeEach(() => {
    client.version = 1
  })

  test('a partition must be added first, the epoch stays', async () => {
    const producer = await client.init('tx')
    expect(await client.produce('tx', producer, 0)).toBe('INVALID_TXN_STATE')
    expect(await client.addPartition('tx', producer, 0)).toBe('NONE')
    expect(await client.produce('tx', producer, 0)).toBe('NONE')
    expect(await client.produce('tx', producer, 0, 1)).toBe('INVALID_TXN_STATE')
    expect(await client.end('tx', producer, true)).toBe('NONE')
    expect(await client.end('tx', producer, true)).toBe('NONE')
    expect(await client.end('tx', producer, false)).toBe('INVALID_TXN_STATE')
    expect(await client.produce('tx', producer, 1)).toBe('INVALID_TXN_STATE')
    await client.addPartition('tx', producer, 0)
    expect(await client.produce('tx', producer, 1)).toBe('NONE')
  })

  test('offsets need AddOffsetsToTxn', async () => {
    const producer = await client.init('tx')
    expect(await client.commitOffset('tx', producer, 5)).toBe('INVALID_TXN_STATE')
    const added = await client.wire.ask(addOffsetsToTxn, 3, { transactionalId: 'tx', ...producer, groupId: 'g' })
    expect(errorName(added.errorCode)).toBe('NONE')
    expect(await client.commitOffset('tx', producer, 5)).toBe('NONE')
    await client.end('tx', producer, true)
    expect(await client.committedOffset()).toBe(5)
  })
})

describe('fencing', () => {
  test('a second producer of the name aborts what the first left open', async () => {
    const old = await client.init('tx')
    await client.produce('tx', old, 0)
    const young = await client.init('tx')
    expect(young.producerId).toBe(old.producerId)
    expect(young.producerEpoch).toBeGreaterThan(old.producerEpoch)
    expect(await client.state()).toEqual({ end: 2, stable: 2, aborted: [0] })
    expect(await client.produce('tx', old, 1)).toBe('INVALID_PRODUCER_EPOCH')
    expect(await client.end('tx', old, true)).toBe('PRODUCER_FENCED')
    expect(await client.commitOffset('tx', old, 1)).toBe('INVALID_PRODUCER_EPOCH')
    expect(await client.addPartition('tx', old, 0)).toBe('PRODUCER_FENCED')
    await expect(client.init('tx', old)).rejects.toThrow('PRODUCER_FENCED')
    expect(await client.produce('tx', young, 0)).toBe('NONE')
  })

  test('a producer may abort its own transaction by asking for its epoch bump', async () => {
    const first = await client.init('tx')
    await client.produce('tx', first, 0)
    const second = await client.init('tx', first)
    expect(second.producerEpoch).toBe(first.producerEpoch + 1)
    expect(await client.state()).toEqual({ end: 2, stable: 2, aborted: [0] })
    expect(await client.produce('tx', second, 0)).toBe('NONE')
  })

  test('a producer may bump its own epoch, and repeat that', async () => {
    const first = await client.init('tx')
    const second = await client.init('tx', first)
    expect(second.producerEpoch).toBe(first.producerEpoch + 1)
    expect(await client.init('tx', first)).toEqual(second)
    expect((await client.init('tx', second)).producerEpoch).toBe(second.producerEpoch + 1)
  })

  test('two producers that start at once get different epochs', async () => {
    const other = await TransactionClient.open(broker)
    await client.produce('tx', await client.init('tx'), 0)
    const [a, b] = await Promise.all([client.init('tx'), other.init('tx')])
    expect(a).not.toEqual(b)
    other.close()
  })

  test('names are not mixed up', async () => {
    const a = await client.init('a')
    await client.init('b')
    expect(await client.produce('b', a, 0)).toBe('INVALID_PRODUCER_ID_MAPPING')
    expect(await client.end('c', a, true)).toBe('INVALID_PRODUCER_ID_MAPPING')
  })

  test('timeouts outside the bounds are refused', async () => {
    await expect(client.init('tx', undefined, 0)).rejects.toThrow('INVALID_TRANSACTION_TIMEOUT')
    await expect(client.init('tx', undefined, 900_001)).rejects.toThrow('INVALID_TRANSACTION_TIMEOUT')
  })

  test('an epoch that is used up is followed by a fresh producer id', async () => {
    const used = await client.init('tx')
    await broker.close()
    const journal = Journal.open(join(dataDir, 'broker.journal'))
    const stored = journal.get('transaction/tx') as { readonly [key: string]: JournalValue }
    journal.append([['transaction/tx', { ...stored, epoch: 32765 }]])
    await journal.close()
    broker = await startBroker({ dataDir, port: 0 })
    client = await TransactionClient.open(broker)

    const last = await client.init('tx', { ...used, producerEpoch: 32765 })
    expect(last).toEqual({ ...used, producerEpoch: 32766 })
    await client.produce('tx', last, 0)
    const fresh = (await client.end('tx', last, true)) as Producer
    expect(fresh.producerEpoch).toBe(0)
    expect(fresh.producerId).not.toBe(used.producerId)
    expect(await client.end('tx', last, true)).toEqual(fresh)
    expect(await client.produce('tx', last, 1)).toBe('INVALID_PRODUCER_EPOCH')
    expect(await client.produce('tx', fresh, 0)).toBe('NONE')
  })
})

describe('when the process is killed', () => {
  /** What a process finds that is started on the folder as it was at this moment. */
  async function afterKill<T>(look: (client: TransactionClient, broker: Broker) => Promise<T>): Promise<T> {
    const copy = mkdtempSync(join(tmpdir(), 'sluice-killed-'))
    cpSync(dataDir, copy, { recursive: true })
    const restarted = await startBroker({ dataDir: copy, port: 0 })
    const restartedClient = await TransactionClient.open(restarted)
    try {
      return await look(restartedClient, restarted)
    } finally {
      restartedClient.close()
      await restarted.close()
      rmSync(copy, { recursive: true })
    }
  }

  test('an open transaction goes on, or is fenced by the next producer', async () => {
    const producer = await client.init('tx')
    await client.produce('tx', producer, 0)
    await client.commitOffset('tx', producer, 7)
    await afterKill(async (again) => {
      expect(await again.state()).toMatchObject({ end: 1, stable: 0 })
      expect(await again.committedOffset(true)).toBe('UNSTABLE_OFFSET_COMMIT')
      expect(await again.produce('tx', producer, 1)).toBe('NONE')
      await again.end('tx', producer, true)
      expect(await again.state()).toEqual({ end: 3, stable: 3, aborted: [] })
      expect(await again.committedOffset()).toBe(7)
    })
    await afterKill(async (again) => {
      await again.init('tx')
      expect(await again.state()).toEqual({ end: 2, stable: 2, aborted: [0] })
      expect(await again.committedOffset(true)).toBe(-1)
    })
  })

  test.for([true, false])('at any step of an end, records and offsets agree (commit: %s)', async (commit) => {
    const producer = await client.init('tx')
    await client.produce('tx', producer, 0, 0)
    await client.produce('tx', producer, 0, 1)
    await client.commitOffset('tx', producer, 7)
    const seen = new Set<string>()
    let ended = false
    const ending = client.end('tx', producer, commit).then((answer) => {
      ended = true
      return answer
    })
    const instants: string[] = []
    for (let i = 0; !ended; i++) {
      const instant = join(dataDir, '..', `${dataDir}-${i}`)
      cpSync(dataDir, instant, { recursive: true })
      instants.push(instant)
      await nextTurn()
    }
    await ending
    for (const instant of instants) {
      const restarted = await startBroker({ dataDir: instant, port: 0 })
      const again = await TransactionClient.open(restarted)
      const states = [await again.state(0), await again.state(1)]
      const offset = await again.committedOffset()
      const open = states[0]!.stable === 0
      seen.add(open ? 'open' : 'ended')
      expect(states[1]!.stable === 0, 'both partitions are ended or none').toBe(open)
      expect(offset).toBe(!open && commit ? 7 : -1)
      if (!open) for (const { aborted } of states) expect(aborted).toEqual(commit ? [] : [0])
      // The client has no answer and repeats its request.
      expect(await again.end('tx', producer, commit)).toEqual({
        ...producer,
        producerEpoch: producer.producerEpoch + 1,
      })
      for (const partition of [0, 1]) {
        expect(await again.state(partition)).toEqual({ end: 2, stable: 2, aborted: commit ? [] : [0] })
      }
      expect(await again.committedOffset()).toBe(commit ? 7 : -1)
      again.close()
      await restarted.close()
      rmSync(instant, { recursive: true })
    }
    await afterKill(async (again) => {
      expect(await again.state(0)).toMatchObject({ stable: 2 })
      seen.add('ended')
    })
    expect(seen).toEqual(new Set(['open', 'ended']))
  })
})

test('a transaction that is open for too long is aborted', async () => {
  const producer = await client.init('tx', undefined, 50)
  await client.produce('tx', producer, 0)
  // The next answer waits for the abort marker, which moves the last stable offset.
  const answer = await client.wire.ask(fetch, 11, {
    maxBytes: 1 << 20,
    maxWaitMs: 10_000,
    minBytes: 1,
    isolationLevel: 1,
    topics: [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }] }],
  })
  expect(answer.responses[0]!.partitions[0]!).toMatchObject({
    lastStableOffset: 2,
    abortedTransactions: [{ firstOffset: 0 }],
  })
  expect(await client.end('tx', producer, true)).toBe('INVALID_TXN_STATE')
  const found = await client.wire.ask(listOffsets, 7, {
    isolationLevel: 1,
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
  })
  expect(found.topics[0]!.partitions[0]!.offset).toBe(2)
})
