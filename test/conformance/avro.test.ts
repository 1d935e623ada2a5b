// The floor: what was reached once against Avro Java stays reached. `npm run conformance -- --only avro --show 20` shows the rest.
import { describe, expect, test } from 'vitest'
import { goldensRoot, reasonToSkip } from '../needs.ts'
import { checkAvro } from './avro.ts'

const reason = reasonToSkip('goldens')
if (reason !== undefined) console.warn(`Avro conformance is left out: ${reason}`)

describe.skipIf(reason !== undefined)('Avro answers as Apache Avro Java does', () => {
  test('in bytes, values, resolutions, verdicts, canonical forms and fingerprints', { timeout: 120_000 }, async () => {
    const report = await checkAvro(goldensRoot)
    const missed = Object.entries(report).flatMap(([family, { measures, crashed }]) => [
      ...(crashed > 0 ? [`${family} crashed ${crashed}`] : []),
      ...Object.entries(measures)
        .filter(([measure, { of, equal }]) => equal / of < (floors[`${family} ${measure}`] ?? 1))
        .map(([measure, { of, equal }]) => `${family} ${measure} ${equal}/${of}`),
    ])
    expect(missed).toEqual([])
    expect(Object.keys(report)).toHaveLength(7)
  })
})

/** Everything else is 1. */
const floors: Readonly<Record<string, number>> = {
  // Avro 1.11 places findings inside unions at the root; we say where they are, as 1.12 does.
  'avro/compat-levels messages': 0.9,
  // A type defined twice alike: Avro 1.12 takes it, 1.11 does not.
  'avro/parse tolerant': 0.99,
}
