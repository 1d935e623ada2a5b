// Flink's own statements: every verdict and every place of a first error is Flink's, and what is printed reads back the same.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { goldensRoot, reasonToSkip } from '../needs.ts'
import { runParseGoldens } from './parse.ts'

const reason = reasonToSkip('goldens')

describe.skipIf(reason !== undefined)(
  `the parse goldens${reason === undefined ? '' : ` (left out: ${reason})`}`,
  () => {
    const report = runParseGoldens(join(goldensRoot, 'flink-2.3'))
    for (const [name, family] of Object.entries(report)) {
      test(`${name}: ${family.cases} statements are judged as Flink judges them`, () => {
        expect(family.differing).toEqual([])
        expect(family.crashed).toBe(0)
      })
    }
  },
)
