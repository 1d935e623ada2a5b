import { describe, expect, test } from 'vitest'
import { goldenCatalog } from '../../test/golden/tables.ts'
import { optimize } from '../planner/optimize.ts'
import { parseStatements } from '../sql/parser.ts'
import { validate } from '../validator/validate.ts'
import { fingerprint } from './fingerprint.ts'
import { inputsOf, type Plan } from './plan.ts'

function plansOf(text: string): readonly Plan[] {
  const { value } = validate(parseStatements(text, { sugar: true }).value!, goldenCatalog, { text })
  return optimize(
    value!.inserts.map(({ plan }) => plan!),
    { timeZone: 'UTC' },
  ).plans
}

function ids(plan: Plan): readonly string[] {
  return [plan.id, ...inputsOf(plan).flatMap(ids)]
}

const count = (columns: string, rest = '') =>
  `INSERT INTO totals SELECT ${columns} FROM transactions${rest} GROUP BY userIdentifier`

describe('operator ids', () => {
  test('stay the same when the text is only laid out anew', () => {
    const one = plansOf(count('userIdentifier, COUNT(*) AS payments'))
    const other = plansOf(count('\n  userIdentifier,\n  COUNT(*)   AS payments'))
    expect(ids(other[0]!)).toEqual(ids(one[0]!))
    expect(fingerprint(other)).toBe(fingerprint(one))
  })

  test('change above an edited operator, and stay below it', () => {
    const one = ids(plansOf(count('userIdentifier, COUNT(*) AS payments'))[0]!)
    const other = ids(plansOf(count('userIdentifier, COUNT(DISTINCT currency) AS payments'))[0]!)
    expect(other[0]).not.toBe(one[0])
    expect(fingerprint(plansOf(count('userIdentifier, COUNT(*) AS payments', ' WHERE risk > 1')))).not.toBe(
      fingerprint(plansOf(count('userIdentifier, COUNT(*) AS payments'))),
    )
  })

  test('are different for equal operators of one pipeline', () => {
    const text = `${count('userIdentifier, COUNT(*) AS payments')};\n${count('userIdentifier, COUNT(*) AS payments')}`
    const all = plansOf(text).flatMap(ids)
    expect(new Set(all).size).toBe(all.length)
  })
})
