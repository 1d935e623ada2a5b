// Transactions and the disk: what is left when the process is killed, epochs at their end, timeouts. What the protocol allows is in
// test/clients/transactions.test.ts, which also runs against Kafka.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Producer, TransactionClient } from '../../../test/clients/transaction-client.ts'
import { fetch } from '../../kafka/protocol/messages/fetch.ts'
import { listOffsets } from '../../kafka/protocol/messages/offsets.ts'
import { type Broker, startBroker } from './broker.ts'
import { Journal, type JournalValue } from './journal.ts'

let dataDir: string
let broker: Broker
let client: TransactionClient
const openClient = (on: Broker) => TransactionClient.open(on.port, 't', 'g')
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-transactions-'))
  broker = await startBroker({ dataDir, port: 0 })
  client = await openClient(broker)
})
afterEach(async () => {
  client.close()
  await broker.close()
  rmSync(dataDir, { recursive: true })
})

test('offsets of transactions v1 need AddOffsetsToTxn', async () => {
  client.version = 1
  const producer = await client.init('tx')
  expect(await client.commitOffset('tx', producer, 5)).toBe('INVALID_TXN_STATE')
})

test('an epoch that is used up is followed by a fresh producer id', async () => {
  const used = await client.init('tx')
  await broker.close()
  const journal = Journal.open(join(dataDir, 'broker.journal'))
  const stored = journal.get('transaction/tx') as { readonly [key: string]: JournalValue }
  journal.append([['transaction/tx', { ...stored, epoch: 32765 }]])
  await journal.close()
  broker = await startBroker({ dataDir, port: 0 })
  client = await openClient(broker)

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

describe('when the process is killed', () => {
  /** What a process finds that is started on the folder as it was at this moment. */
  async function afterKill<T>(look: (client: TransactionClient, broker: Broker) => Promise<T>): Promise<T> {
    const copy = mkdtempSync(join(tmpdir(), 'sluice-killed-'))
    cpSync(dataDir, copy, { recursive: true })
    const restarted = await startBroker({ dataDir: copy, port: 0 })
    const restartedClient = await openClient(restarted)
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
    const instants = new Map<string, string>()
    while (!ended) {
      const content = contentOf(dataDir)
      if (!instants.has(content)) {
        const instant = `${dataDir}-${instants.size}`
        cpSync(dataDir, instant, { recursive: true })
        instants.set(content, instant)
      }
      await nextTurn()
    }
    await ending
    for (const instant of instants.values()) {
      const restarted = await startBroker({ dataDir: instant, port: 0 })
      const again = await openClient(restarted)
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

/** All bytes of a folder as one string. */
function contentOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.map(({ parentPath, name }) => `${name}:${readFileSync(join(parentPath, name), 'latin1')}`).join('\n')
}

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
