// A process that dies at any step of a commit loses nothing and doubles nothing: its successor goes on from the truth.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { crashSteps } from '../../src/connectors/crash-point.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { type LocalWorld, startLocalWorld } from '../support/local-world.ts'
import {
  expectedLines,
  prepareVelocity,
  recordOf,
  transactions,
  type Velocity,
  writtenLines,
} from '../support/velocity.ts'

/** How often each step is reached before the process is killed at it. */
const COUNTS = process.env.SLUICE_TORTURE === 'long' ? [1, 2, 3, 5, 8] : [6]

describe.each(crashSteps)('killed at: %s', (step) => {
  let world: LocalWorld
  let velocity: Velocity
  beforeEach(async () => {
    world = await startLocalWorld()
    velocity = await prepareVelocity(world)
  })
  afterEach(() => world.close())

  test.each(COUNTS)('for the %d. time', async (count) => {
    const all = transactions(1_200, 50)
    await world.write(
      'transactions',
      all.map((transaction, id) => recordOf(velocity, transaction, id)),
      100,
    )
    const target = new LocalTarget({
      kafka: world.kafka,
      registry: world.registry,
      stateDirectory: world.stateDirectory,
      notify: () => undefined,
      job: {
        commitIntervalMs: 0,
        snapshotIntervalMs: 0,
        maxBytesPerPartition: 4_000,
        until: 'end and close',
        crashAt: { step, count },
      },
      backoff: { firstMs: 1, longestMs: 100 },
    })
    const job = target.job(await target.deploy(velocity.pipeline))
    const status = await job.ended().finally(() => job.stop())
    expect(status).toMatchObject({ state: 'finished', restarts: 1 })
    expect(status.metrics.commitNumber).toBeGreaterThan(10)
    expect(await writtenLines(world, velocity)).toEqual(expectedLines(all))
  })
})
