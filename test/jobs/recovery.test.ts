// What a job does with what it finds at its start: committed offsets, state on disk, a changed query, an older copy of itself.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Job } from '../../src/connectors/job.ts'
import { jobSettings } from '../../src/targets/local/job-settings.ts'
import type { JobDescription } from '../../src/targets/local/messages.ts'
import { type LocalWorld, startLocalWorld } from '../support/local-world.ts'
import {
  expectedLines,
  pipelineYaml,
  prepareVelocity,
  recordOf,
  type Transaction,
  transactions,
  type Velocity,
  writtenLines,
} from '../support/velocity.ts'

let world: LocalWorld
let velocity: Velocity
let notices: string[]
beforeEach(async () => {
  world = await startLocalWorld()
  velocity = await prepareVelocity(world)
  notices = []
})
afterEach(() => world.close())

const all = transactions(400, 200)
const [first, second] = [all.slice(0, 200), all.slice(200)]

const write = (some: readonly Transaction[]) =>
  world.write(
    'transactions',
    some.map((transaction, id) => recordOf(velocity, transaction, id)),
    50,
  )

function description(options: Partial<JobDescription>): JobDescription {
  return {
    pipeline: velocity.pipeline,
    kafka: world.kafka,
    registry: world.registry,
    stateDirectory: world.stateDirectory,
    commitIntervalMs: 5,
    snapshotIntervalMs: 20,
    until: 'end',
    ...options,
  }
}

function job(options: Partial<JobDescription> = {}): Job {
  return new Job(jobSettings(description(options), (message) => notices.push(message)))
}

test('a job that was stopped goes on where it stopped, with its open windows', async () => {
  await write(first)
  await job().run()
  await write(second)
  await job({ until: 'end and close' }).run()
  expect(await writtenLines(world, velocity)).toEqual(expectedLines(all))
})

test('a damaged snapshot is passed over: the one before and the journal give the same state', async () => {
  await write(first)
  await job().run()
  await write(second.slice(0, 100))
  await job().run()
  const newest = (await readdir(world.stateDirectory))
    .filter((name) => name.startsWith('snapshot'))
    .sort(byNumber)
    .at(-1)!
  const file = join(world.stateDirectory, newest)
  const bytes = await readFile(file)
  bytes[bytes.length >> 1]! ^= 1
  await writeFile(file, bytes)
  await write(second.slice(100))
  await job({ until: 'end and close' }).run()
  expect(notices).toEqual([expect.stringMatching(/^snapshot \d+ is damaged; an older one is used$/)])
  expect(await writtenLines(world, velocity)).toEqual(expectedLines(all))
})

const byNumber = (a: string, b: string) => Number(/\d+/.exec(a)![0]) - Number(/\d+/.exec(b)![0])

test('lost state is never guessed: the job stops and names the choices', async () => {
  await write(first)
  await job().run()
  await rm(world.stateDirectory, { recursive: true })
  await expect(job().run()).rejects.toMatchObject({
    code: 'RUN402',
    retry: 'never',
    message: `there is no state in ${world.stateDirectory}, but the job has committed offsets`,
    hint: expect.stringContaining('--state rebuild'),
  })
})

test('state is rebuilt from the beginning of the input, and what was written is not written again', async () => {
  await write(first)
  await job().run()
  await rm(world.stateDirectory, { recursive: true })
  await write(second)
  await job({ lostState: 'rebuild', until: 'end and close' }).run()
  expect(await writtenLines(world, velocity)).toEqual(expectedLines(all))
})

test('empty state at the committed offsets leaves out what was in open windows, and only that', async () => {
  await write(first)
  await job().run()
  const before = await writtenLines(world, velocity)
  await rm(world.stateDirectory, { recursive: true })
  await write(second)
  await job({ lostState: 'empty', until: 'end and close' }).run()
  const after = await writtenLines(world, velocity)
  expect(after).toEqual(expect.arrayContaining(before))
  const counted = after.reduce((sum, line) => sum + Number(line.split(' ')[2]), 0)
  const lost = expectedLines(first).length - before.length
  expect(lost).toBeGreaterThan(0)
  expect(counted).toBeLessThan(all.length)
})

test('an edited query that needs state of another shape is refused by name', async () => {
  await write(first)
  await job().run()
  const edited = await world.compile(
    pipelineYaml.replaceAll("'10' SECONDS", "'20' SECONDS").replace('SIZE 10', 'SIZE 20'),
  )
  await expect(job({ pipeline: edited }).run()).rejects.toMatchObject({
    code: 'RUN405',
    message: expect.stringMatching(/^the SQL changed: the state of operators? aggregate:/),
  })
})

test('state of a job whose committed offsets are gone is refused, not mixed with a new beginning', async () => {
  await write(first)
  await job().run()
  const renamed = await world.compile(pipelineYaml.replace('name: velocity', 'name: another'))
  await expect(job({ pipeline: renamed }).run()).rejects.toMatchObject({ code: 'RUN403' })
})
