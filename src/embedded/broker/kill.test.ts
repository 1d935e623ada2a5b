// The broker as a process of its own, killed with SIGKILL while it is written to.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeBatch, WireClient } from '../../../test/clients/wire-client.ts'
import { errorName } from '../../kafka/protocol/errors.ts'
import { fetch } from '../../kafka/protocol/messages/fetch.ts'
import { produce } from '../../kafka/protocol/messages/produce.ts'
import { initProducerId } from '../../kafka/protocol/messages/transactions.ts'
import { parseRecordBatches } from '../../kafka/record-batch.ts'
import { RecordSlices } from '../../kafka/record-slices.ts'

const brokerModule = new URL('./broker.ts', import.meta.url).href
const program = `
  const { startBroker } = await import(${JSON.stringify(brokerModule)})
  const topics = [{ name: 't', config: { 'segment.bytes': '4096' } }]
  const broker = await startBroker({ dataDir: process.argv[1], port: 0, topics, log: console.error })
  console.log(broker.port)`

async function startProcess(dataDir: string): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, dataDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const port = Number(String((await once(child.stdout!, 'data'))[0]))
  return { child, port }
}

test('every acknowledged record is there once, in order, after three kills', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-kill-'))
  let next = 0
  let producerId: number | undefined
  for (const lifeLength of [1, 97, 0]) {
    const { child, port } = await startProcess(dataDir)
    const client = await WireClient.open(port)
    producerId ??= (await client.ask(initProducerId, 2, { transactionalId: null, transactionTimeoutMs: 0 })).producerId
    const records = () => makeBatch([`record ${next}`], { producerId: producerId!, epoch: 0, sequence: next })
    const body = () => ({ acks: -1, topicData: [{ name: 't', partitionData: [{ index: 0, records: records() }] }] })
    // The first of each life is the one that the last life may or may not have stored.
    for (const end = next + lifeLength; next < end; next++) {
      const { errorCode, baseOffset } = (await client.ask(produce, 9, body())).responses[0]!.partitionResponses[0]!
      expect([errorName(errorCode), baseOffset]).toEqual(['NONE', next])
    }
    client.send(produce, 9, body())
    child.kill('SIGKILL')
    await once(child, 'exit')
    client.close()
  }

  const { child, port } = await startProcess(dataDir)
  const client = await WireClient.open(port)
  const slices = new RecordSlices()
  const values: string[] = []
  for (let fetchOffset = 0; ; ) {
    const topics = [{ topic: 't', partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }] }]
    const answer = await client.ask(fetch, 11, { maxBytes: 1 << 20, topics })
    const { records, highWatermark } = answer.responses[0]!.partitions[0]!
    fetchOffset = parseRecordBatches(records!, 0, records!.length, slices, { fromOffset: fetchOffset })
    for (let i = 0; i < slices.count; i++) {
      const start = slices.valueStarts[i]!
      values.push(Buffer.from(slices.data).toString('utf8', start, start + slices.valueLengths[i]!))
    }
    if (fetchOffset >= highWatermark) break
  }
  // The very last request was never answered: both outcomes are right.
  expect([next, next + 1]).toContain(values.length)
  expect(values).toEqual(values.map((_, i) => `record ${i}`))
  client.close()
  child.kill('SIGKILL')
  await once(child, 'exit')
  rmSync(dataDir, { recursive: true })
})
