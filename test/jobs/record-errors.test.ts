// Records that cannot be used: each policy, each kind of damage, and nothing lost without a word.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Job } from '../../src/connectors/job.ts'
import { jobSettings } from '../../src/targets/local/job-settings.ts'
import { framing, type LocalWorld, type RecordToWrite, startLocalWorld } from '../support/local-world.ts'
import {
  expectedLines,
  pipelineYaml,
  prepareVelocity,
  recordOf,
  transactionSchema,
  transactions,
  type Velocity,
  writtenLines,
} from '../support/velocity.ts'

let world: LocalWorld
let velocity: Velocity
beforeEach(async () => {
  world = await startLocalWorld()
  velocity = await prepareVelocity(world)
})
afterEach(() => world.close())

const good = transactions(60, 1_000)

/** Good records with all kinds of damage between them. */
function damaged(): { records: RecordToWrite[]; bad: RecordToWrite[] } {
  const records = good.map((transaction, id) => recordOf(velocity, transaction, id))
  const whole = records[0]!.value!
  const unknown = whole.slice()
  unknown[4] = 99
  const bad: RecordToWrite[] = [
    { partition: 0, key: 'json', value: new TextEncoder().encode('{"user": "ann"}'), headers: { trace: 'abc' } },
    { partition: 0, key: 'tombstone', value: null },
    { partition: 0, key: 'empty', value: new Uint8Array(0) },
    { partition: 0, key: 'cut', value: whole.slice(0, -1) },
    { partition: 0, key: 'longer', value: new Uint8Array([...whole, 0]) },
    { partition: 0, key: 'unknown', value: unknown },
    { partition: 0, value: whole.slice(0, 3) },
  ]
  records.splice(20, 0, ...bad)
  return { records, bad }
}

async function run(yaml: string) {
  const settings = jobSettings(
    {
      pipeline: await world.compile(yaml),
      kafka: world.kafka,
      registry: { ...world.registry, retries: 0 },
      stateDirectory: world.stateDirectory,
      until: 'end and close',
    },
    () => undefined,
  )
  const job = new Job(settings)
  await job.run()
  return job.metrics()
}

test('dead-letter: bytes, key and headers are kept with the reason, and the good records count', async () => {
  const { records, bad } = damaged()
  await world.write('transactions', records)
  const metrics = await run(pipelineYaml)
  expect(metrics).toMatchObject({ recordsDeadLettered: bad.length, recordsDropped: 0, recordsIn: records.length })
  expect(await writtenLines(world, velocity)).toEqual(expectedLines(good))
  const letters = await world.read('dead-letters')
  expect(letters.map(({ key, value }) => ({ key, value }))).toEqual(
    bad.map(({ key, value }) => ({ key: key ?? null, value })),
  )
  expect(letters[0]!.headers).toEqual({
    trace: 'abc',
    'sluice.error.kind': 'decode',
    'sluice.error.reason': expect.stringContaining('does not begin with the schema registry'),
    'sluice.topic': 'transactions',
    'sluice.partition': '0',
    'sluice.offset': expect.stringMatching(/^\d+$/),
  })
  const reasons = letters.map(({ headers }) => headers['sluice.error.reason'])
  expect(reasons.slice(1)).toEqual([
    expect.stringContaining('tombstone'),
    expect.stringContaining('too short for a schema id'),
    expect.stringContaining('ends inside'),
    expect.stringContaining('behind the end of the record'),
    'the schema registry knows no schema 99',
    expect.stringContaining('too short'),
  ])
})

test('drop: they are left out and counted', async () => {
  const { records, bad } = damaged()
  await world.write('transactions', records)
  const metrics = await run(pipelineYaml.replace('decode: dead-letter', 'decode: drop'))
  expect(metrics).toMatchObject({ recordsDropped: bad.length, recordsDeadLettered: 0 })
  expect(await writtenLines(world, velocity)).toEqual(expectedLines(good))
  expect(await world.read('dead-letters')).toEqual([])
})

test('fail, the default: the job stops at the record, names it, and has written nothing of what it could not commit', async () => {
  await world.write('transactions', damaged().records)
  await expect(run(pipelineYaml.replace('onError: { decode: dead-letter }', ''))).rejects.toMatchObject({
    code: 'RUN410',
    origin: 'user',
    retry: 'never',
    message: expect.stringMatching(/^the record at offset \d+ of partition 0 of topic `transactions` cannot be used: /),
  })
  expect(await writtenLines(world, velocity)).toEqual([])
})

test('records of an older and a newer schema version in one batch are each read with their own', async () => {
  const newer = JSON.parse(
    transactionSchema.replace('"fields":[', '"fields":[{"name":"note","type":["null","string"],"default":null},'),
  )
  const id = await world.register('com.acme.payments.Transaction', JSON.stringify(newer))
  const added = framing(JSON.stringify(newer), id)
  const records = good.map((transaction, index) => {
    if (index % 3 !== 0) return recordOf(velocity, transaction, index)
    const { user, amount, createdAt, partition } = transaction
    const note = { branch: 'string', value: 'a note that only the new version has' }
    return { partition, key: user, value: added.encode([note, `t${index}`, user, amount, BigInt(createdAt)]) }
  })
  await world.write('transactions', records)
  await run(pipelineYaml)
  expect(await writtenLines(world, velocity)).toEqual(expectedLines(good))
})

test('no pipeline ever writes to the schema registry', async () => {
  await world.write(
    'transactions',
    good.map((transaction, id) => recordOf(velocity, transaction, id)),
  )
  const before = world.registryRequests.length
  await run(pipelineYaml)
  const methods = world.registryRequests.slice(before).map(({ method }) => method)
  expect(methods.length).toBeGreaterThan(0)
  expect(new Set(methods)).toEqual(new Set(['GET']))
})
