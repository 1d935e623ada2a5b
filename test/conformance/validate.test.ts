// The verdicts of real Flink hold: how many of its goldens Sluice answers equally may only rise. Raise the floor with the count.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { goldensRoot } from '../needs.ts'
import { total } from './report.ts'
import { runValidateGoldens } from './validate.ts'

const floor: Readonly<Record<string, number>> = {
  verdict: 2370,
  stage: 1079,
  position: 763,
  columns: 1207,
  changelog: 1180,
}

const directory = join(goldensRoot, 'flink-2.3')
const present = existsSync(join(directory, 'validate'))
if (!present) console.warn(`left out: the validate goldens of Flink are not in ${directory}`)

describe.skipIf(!present)('the validate goldens', () => {
  const sum = present ? total(runValidateGoldens(directory)) : undefined

  test.each(Object.entries(floor))('%s is equal to Flink in at least %i cases', (measure, least) => {
    expect(sum!.measures[measure]!.equal).toBeGreaterThanOrEqual(least)
  })

  test('no golden crashes the validator', () => {
    expect(sum!.crashed).toBe(0)
  })
})
