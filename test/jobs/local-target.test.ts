// Jobs as processes: how they start, stop, fail, come back, and end with their supervisor.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Job } from '../../src/connectors/job.ts'
import { jobSettings } from '../../src/targets/local/job-settings.ts'
import { LocalTarget, type LocalTargetOptions } from '../../src/targets/local/local-target.ts'
import type { SupervisedJob } from '../../src/targets/local/supervised-job.ts'
import { type LocalWorld, startLocalWorld } from '../support/local-world.ts'
import {
  expectedLines,
  pipelineYaml,
  prepareVelocity,
  recordOf,
  transactions,
  type Velocity,
  writtenLines,
} from '../support/velocity.ts'

let world: LocalWorld
let velocity: Velocity
let job: SupervisedJob | undefined
beforeEach(async () => {
  world = await startLocalWorld()
  velocity = await prepareVelocity(world)
})
afterEach(async () => {
  await job?.stop()
  job = undefined
  await world.close()
})

const all = transactions(600, 100)
const write = (some: typeof all) =>
  world.write(
    'transactions',
    some.map((transaction, id) => recordOf(velocity, transaction, id)),
    100,
  )

async function start(options: Partial<LocalTargetOptions> = {}, yaml = pipelineYaml): Promise<SupervisedJob> {
  const target = new LocalTarget({
    kafka: world.kafka,
    registry: world.registry,
    stateDirectory: world.stateDirectory,
    notify: () => undefined,
    backoff: { firstMs: 1, longestMs: 10 },
    ...options,
  })
  const pipeline = await world.compile(yaml)
  expect(target.check(pipeline)).toEqual([])
  job = target.job(await target.deploy(pipeline))
  return job
}

/** Waits, without a clock of its own, until the job says so. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10))
}

test('a job runs until it is stopped, and tells what it does', async () => {
  await write(all)
  const running = await start()
  await until(() => running.status.metrics.recordsIn === all.length)
  expect(running.status).toMatchObject({ state: 'running', restarts: 0 })
  await running.stop()
  expect(running.status).toMatchObject({
    state: 'stopped',
    metrics: { recordsIn: all.length, recordsLate: 0, lag: 0, recordsDropped: 0 },
  })
  expect(running.status.metrics.stateRows).toBeGreaterThan(0)
  expect(running.status.metrics.watermark).toBeGreaterThan(all[0]!.createdAt)
})

test('killed at any moment, again and again, it comes back and gives each result once', async () => {
  const running = await start({ job: { commitIntervalMs: 20, snapshotIntervalMs: 50 } })
  for (let round = 0; round < 4; round++) {
    await write(all.slice(round * 150, (round + 1) * 150))
    await until(() => running.status.state === 'running' && (running.status.metrics.recordsIn ?? 0) > 0)
    process.kill(running.pid!, 'SIGKILL')
    await until(() => running.status.restarts === round + 1)
  }
  await until(() => running.status.state === 'running')
  await running.stop()
  const last = await start({ job: { until: 'end and close' } })
  expect(await last.ended()).toMatchObject({ state: 'finished' })
  expect(await writtenLines(world, velocity)).toEqual(expectedLines(all))
})

test('what repeats is not tried again: a job that meets a record it must not use has failed', async () => {
  await world.write('transactions', [{ partition: 0, value: new Uint8Array([1, 2, 3]) }])
  const running = await start({}, pipelineYaml.replace('onError: { decode: dead-letter }', ''))
  expect(await running.ended()).toMatchObject({
    state: 'failed',
    restarts: 0,
    failure: { code: 'RUN410', origin: 'user', retry: 'never', hint: expect.stringContaining('onError') },
  })
})

test('a topic that does not exist is told with the command that makes it', async () => {
  const running = await start({}, pipelineYaml.replace('topic: velocity', 'topic: nowhere'))
  expect((await running.ended()).failure).toMatchObject({
    code: 'RUN103',
    message: 'topic `nowhere` does not exist',
    hint: expect.stringContaining('--create --topic nowhere'),
  })
})

test('while the broker stays away, a stop is still a stop', async () => {
  const running = await start({ kafka: { bootstrap: ['127.0.0.1:1'] } })
  await running.stop()
  expect(running.status).toEqual({ state: 'stopped', restarts: 0, metrics: {} })
})

test('a process that slept while another copy took over writes nothing any more, and stops for good', async () => {
  const [first, second] = [all.slice(0, 300), all.slice(300)]
  await write(first)
  const sleeper = await start({ job: { commitIntervalMs: 20 } })
  await until(() => sleeper.status.metrics.recordsIn === first.length)
  process.kill(sleeper.pid!, 'SIGSTOP')
  await write(second)
  const stateDirectory = join(world.stateDirectory, velocity.pipeline.spec.name)
  const { pipeline } = velocity
  const other = { pipeline, kafka: world.kafka, registry: world.registry, stateDirectory, until: 'end' } as const
  await new Job(jobSettings(other, () => undefined)).run()
  process.kill(sleeper.pid!, 'SIGCONT')
  expect(await sleeper.ended()).toMatchObject({ state: 'failed', failure: { code: 'RUN110', retry: 'never' } })
  const last = await start({ job: { until: 'end and close' } })
  expect(await last.ended()).toMatchObject({ state: 'finished' })
  expect(await writtenLines(world, velocity)).toEqual(expectedLines(all))
})

test('a job ends when its supervisor is killed, having committed what it read', async () => {
  await write(all)
  const supervisor: ChildProcess = fork(fileURLToPath(new URL('../support/supervisor-process.ts', import.meta.url)), {
    serialization: 'advanced',
  })
  supervisor.send({
    pipeline: velocity.pipeline,
    kafka: world.kafka,
    registry: world.registry,
    stateDirectory: join(world.stateDirectory, velocity.pipeline.spec.name),
  })
  const [pid] = (await once(supervisor, 'message')) as [number]
  supervisor.kill('SIGKILL')
  await until(() => !isAlive(pid))
  const last = await start({ job: { until: 'end and close' } })
  expect(await last.ended()).toMatchObject({ state: 'finished' })
  expect(await writtenLines(world, velocity)).toEqual(expectedLines(all))
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('at-least-once writes without a transaction, and all of it is there', async () => {
  await write(all)
  const last = await start({ job: { until: 'end and close' } }, pipelineYaml.replace('exactly-once', 'at-least-once'))
  expect(await last.ended()).toMatchObject({ state: 'finished' })
  expect(await writtenLines(world, velocity)).toEqual(expectedLines(all))
})

test('a partition that stays silent stops holding windows open, and the decision survives a restart', async () => {
  const onlyTwo = all.filter(({ partition }) => partition < 2)
  await write(onlyTwo)
  const yaml = pipelineYaml.replace('idleAfter: 30s', 'idleAfter: 100ms')
  const running = await start({ job: { commitIntervalMs: 50 } }, yaml)
  await until(() => (running.status.metrics.recordsOut ?? 0) > 0)
  process.kill(running.pid!, 'SIGKILL')
  await until(() => running.status.restarts === 1 && running.status.state === 'running')
  await running.stop()
  const last = await start({ job: { until: 'end and close' } }, yaml)
  expect(await last.ended()).toMatchObject({ state: 'finished' })
  expect(await writtenLines(world, velocity)).toEqual(expectedLines(onlyTwo))
})

test('state is rebuilt although a silent partition would now hold open what was written', async () => {
  const onlyTwo = all.filter(({ partition }) => partition < 2)
  await write(onlyTwo)
  const yaml = pipelineYaml.replace('idleAfter: 30s', 'idleAfter: 100ms')
  const running = await start({ job: { commitIntervalMs: 50 } }, yaml)
  await until(() => (running.status.metrics.recordsOut ?? 0) > 0)
  await running.stop()
  const written = await writtenLines(world, velocity)
  expect(written.length).toBeGreaterThan(0)
  const last = await start(
    { stateDirectory: join(world.folder, 'lost'), job: { lostState: 'rebuild', until: 'end and close' } },
    yaml,
  )
  expect(await last.ended()).toMatchObject({ state: 'finished' })
  expect(await writtenLines(world, velocity)).toEqual(expectedLines(onlyTwo))
})

test('what the local engine cannot do yet is refused by name before anything starts', async () => {
  const check = async (yaml: string) => {
    const target = new LocalTarget({
      kafka: world.kafka,
      registry: world.registry,
      stateDirectory: '',
      notify: () => undefined,
    })
    const pipeline = await world.compile(yaml)
    return target.check(pipeline).map(({ message, span }) => `${message}: ${yaml.slice(span.start, span.end)}`)
  }
  expect(await check(pipelineYaml.replace('decode: dead-letter', 'evaluate: drop'))).toEqual([
    expect.stringMatching(/^the local engine does not run the policy `drop` for `evaluate` yet: /),
  ])
  const session =
    "SELECT userIdentifier, SESSION_START(createdAt, INTERVAL '10' SECONDS) AS windowStart, SESSION_END(createdAt, INTERVAL '10' SECONDS) AS windowEnd, COUNT(*) AS paymentAttempts, SUM(amount) AS total FROM transactions GROUP BY userIdentifier, SESSION(createdAt, INTERVAL '10' SECONDS)"
  const yaml = pipelineYaml.replace(/sql: \|[\s\S]*sinks:/, `sql: |\n  ${session}\nsinks:`)
  expect(await check(yaml)).toEqual([
    expect.stringMatching(/^the local engine does not run SESSION windows yet: GROUP BY/),
  ])
})
