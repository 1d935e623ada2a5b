import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Plan } from '../plan/plan.ts'
import {
  aggregate,
  at,
  BIGINT,
  column,
  DataflowHarness,
  DOUBLE,
  INT,
  type Row,
  STRING,
  scan,
  TIME,
  tumble,
  watermark,
} from './dataflow-harness.ts'

const payments = scan([
  { name: 'user', type: STRING },
  { name: 'amount', type: INT },
  { name: 'ts', type: TIME },
])
const timed = watermark(payments, 'ts', 5_000)
const attempts = tumble(timed, 'ts', 10_000, ['user'], [aggregate('COUNT', { ...BIGINT, nullable: false })])
const amount = column(timed, 'amount')
const everything = tumble(
  timed,
  'ts',
  10_000,
  ['user'],
  [
    aggregate('COUNT', { ...BIGINT, nullable: false }),
    aggregate('SUM', INT, amount),
    aggregate('MIN', INT, amount),
    aggregate('MAX', INT, amount),
    aggregate('AVG', INT, amount),
    aggregate('COUNT', { ...BIGINT, nullable: false }, amount),
  ],
)

/** window_start and window_end in seconds, for reading. */
const shown = (rows: readonly Row[]) =>
  rows.map((row) => row.map((value) => (isTime(value) ? `${value.millis / 1000}s` : value)))
const isTime = (value: unknown): value is { millis: number } =>
  value !== null && typeof value === 'object' && 'millis' in value

test('payment attempts are counted per user and 10 seconds, as soon as no more can come', () => {
  const job = new DataflowHarness(attempts)
  job.push([
    ['ann', 1, at(1_000)],
    ['bob', 1, at(2_000)],
    ['ann', 1, at(9_999)],
  ])
  job.push([['ann', 1, at(14_998)]])
  expect(job.output).toEqual([])
  job.push([['ann', 1, at(14_999)]])
  expect(shown(job.output)).toEqual([
    ['ann', 2n, '0s', '10s'],
    ['bob', 1n, '0s', '10s'],
  ])
  job.push([['bob', 1, at(9_999)]])
  expect(job.counters.recordsLate).toBe(1)
  expect(shown(job.end()).slice(2)).toEqual([['ann', 2n, '10s', '20s']])
})

test('a row behind its window is dropped and counted, even when its batch closes the window', () => {
  const job = new DataflowHarness(attempts)
  job.push([
    ['ann', 1, at(1_000)],
    ['ann', 1, at(15_000)],
    ['ann', 1, at(9_000)],
    ['ann', 1, at(10_000)],
  ])
  expect(shown(job.end())).toEqual([
    ['ann', 1n, '0s', '10s'],
    ['ann', 2n, '10s', '20s'],
  ])
  expect(job.counters.recordsLate).toBe(1)
})

test('a partition without data holds windows open until it is declared idle', () => {
  const job = new DataflowHarness(attempts, 2)
  job.push([['ann', 1, at(1_000)]], 0)
  job.push([['ann', 1, at(60_000)]], 0)
  expect(job.output).toEqual([])
  job.scan.setIdle(1, true)
  expect(shown(job.output)).toEqual([['ann', 1n, '0s', '10s']])
})

test('a partition that wakes up does not turn the watermark back', () => {
  const job = new DataflowHarness(attempts, 2)
  job.push([['ann', 1, at(60_000)]], 0)
  job.scan.setIdle(1, true)
  job.push([['bob', 1, at(3_000)]], 1)
  job.push([['bob', 1, at(58_000)]], 1)
  expect(shown(job.end())).toEqual([
    ['bob', 1n, '50s', '60s'],
    ['ann', 1n, '60s', '70s'],
  ])
  expect(job.counters.recordsLate).toBe(1)
})

test('times before 1970 fall into windows that begin at their lower bound', () => {
  const job = new DataflowHarness(attempts)
  job.push([
    ['ann', 1, at(-1)],
    ['ann', 1, at(-10_000)],
    ['ann', 1, at(0)],
  ])
  expect(shown(job.end())).toEqual([
    ['ann', 2n, '-10s', '0s'],
    ['ann', 1n, '0s', '10s'],
  ])
})

test('a day of a TIMESTAMP_LTZ follows the wall clock: when the clocks go forward it has 23 hours', () => {
  const day = 86_400_000
  const job = new DataflowHarness(tumble(timed, 'ts', day, ['user'], attempts.calls), 1, 1, 'Europe/Berlin')
  const noon = (date: string, offset: number) => Date.parse(`${date}T12:00:00Z`) - offset * 3_600_000
  job.push([['ann', 1, at(noon('2024-03-31', 2))]])
  // 31 March begins at 23:00 and ends at 22:00 UTC.
  job.push([['bob', 1, at(Date.parse('2024-03-31T21:59:59.999Z'))]])
  job.push([['cid', 1, at(Date.parse('2024-03-31T22:00:04.998Z'))]])
  expect(job.output).toEqual([])
  job.push([['cid', 1, at(Date.parse('2024-03-31T22:00:04.999Z'))]])
  const start = Date.parse('2024-03-31T00:00:00Z')
  expect(job.output).toEqual([
    ['ann', 1n, at(start), at(start + day)],
    ['bob', 1n, at(start), at(start + day)],
  ])
})

test('rows without a time: a group window leaves them out, a window table function stops the job', () => {
  const job = new DataflowHarness(attempts)
  job.push([
    ['ann', 1, null],
    ['ann', 1, at(1_000)],
  ])
  expect(shown(job.end())).toEqual([['ann', 1n, '0s', '10s']])
  expect(job.counters.recordsNullTime).toBe(1)
  const strict = new DataflowHarness(tumble(timed, 'ts', 10_000, ['user'], attempts.calls, 'tvf'))
  expect(() => strict.push([['ann', 1, null]])).toThrow('column `ts` is NULL')
})

test('sums of BIGINT keep every bit, averages of whole numbers are cut, MIN and MAX know negative numbers', () => {
  const input = scan([
    { name: 'big', type: BIGINT },
    { name: 'd', type: DOUBLE },
    { name: 's', type: STRING },
    { name: 'ts', type: TIME },
  ])
  const of = (name: string) => column(input, name)
  const plan = tumble(
    watermark(input, 'ts', 0),
    'ts',
    1_000,
    [],
    [
      aggregate('SUM', BIGINT, of('big')),
      aggregate('AVG', BIGINT, of('big')),
      aggregate('MIN', BIGINT, of('big')),
      aggregate('MAX', BIGINT, of('big')),
      aggregate('SUM', DOUBLE, of('d')),
      aggregate('AVG', DOUBLE, of('d')),
      aggregate('MIN', STRING, of('s')),
      aggregate('MAX', STRING, of('s')),
    ],
  )
  const job = new DataflowHarness(plan)
  job.push([
    [9007199254740993n, 0.5, 'zoë', at(1)],
    [-9007199254740995n, null, 'a much longer text than fits into a slot', at(2)],
    [null, 0.25, 'Z', at(3)],
    [-1n, 0.25, null, at(4)],
  ])
  expect(job.end()[0]!.slice(0, 8)).toEqual([-3n, -1n, -9007199254740995n, 9007199254740993n, 1, 1 / 3, 'Z', 'zoë'])
})

test('keys of several columns, with NULL in any of them', () => {
  const input = scan([
    { name: 'a', type: STRING },
    { name: 'n', type: INT },
    { name: 'ts', type: TIME },
  ])
  const count = aggregate('COUNT', { ...BIGINT, nullable: false })
  const job = new DataflowHarness(tumble(watermark(input, 'ts', 0), 'ts', 1_000, ['n', 'a'], [count]))
  const keys: Row[] = [
    ['x', 1],
    [null, 1],
    ['x', null],
    [null, null],
    ['', 1],
    ['x'.repeat(100), 1],
  ]
  job.push([...keys, ...keys.slice(1)].map((key, index) => [...key, at(index % 2)]))
  expect(job.end().map((row) => row.slice(0, 3))).toEqual(keys.map(([a, n], i) => [n, a, i === 0 ? 1n : 2n]))
})

const rowsOf = fc.array(
  fc.tuple(
    fc.constantFrom('ann', 'bob', null, '', 'a user with a very long name that needs the arena of the table'),
    fc.option(fc.integer()),
    // Times at the very bounds of windows, and others.
    fc.oneof(
      fc.integer({ min: 0, max: 12 }).map((k) => Math.max(0, k * 5_000 - 1)),
      fc.integer({ min: 0, max: 60_000 }),
    ),
    fc.nat(2),
  ),
  { maxLength: 80 },
)

/** By the words of the standard, one row after the other: windows, late rows, watermarks of three partitions. */
function naive(rows: readonly (readonly [string | null, number | null, number, number])[]): Row[] {
  const marks = [-Infinity, -Infinity, -Infinity]
  const windows = new Map<number, Map<string | null, (number | null)[]>>()
  for (const [user, value, time, partition] of rows) {
    const start = Math.floor(time / 10_000) * 10_000
    if (Math.min(...marks) < start + 9_999) {
      const users = windows.get(start) ?? new Map()
      windows.set(start, users.set(user, [...(users.get(user) ?? []), value]))
    }
    marks[partition] = Math.max(marks[partition]!, time - 5_000)
  }
  return [...windows]
    .sort(([a], [b]) => a - b)
    .flatMap(([start, users]) =>
      [...users].map(([user, values]) => [user, ...summary(values), at(start), at(start + 10_000)]),
    )
}

function summary(all: readonly (number | null)[]): Row {
  const values = all.filter((value) => value !== null)
  if (values.length === 0) return [BigInt(all.length), null, null, null, null, 0n]
  const sum = values.reduce((a, b) => a + b, 0)
  const average = Math.trunc(sum / values.length)
  const least = values.reduce((a, b) => Math.min(a, b))
  const most = values.reduce((a, b) => Math.max(a, b))
  return [BigInt(all.length), sum | 0, least, most, average, BigInt(values.length)]
}

/** Cuts rows into batches of one partition each. */
function cut<T extends readonly unknown[]>(rows: readonly T[], sizes: readonly number[]): T[][] {
  const batches: T[][] = []
  let left = 0
  for (const row of rows) {
    const last = batches.at(-1)
    if (left-- > 0 && last !== undefined && last[0]![3] === row[3]) last.push(row)
    else {
      batches.push([row])
      left = (sizes[batches.length % sizes.length] ?? 0) - 1
    }
  }
  return batches
}

function run(
  plan: Plan,
  batches: readonly (readonly (readonly [string | null, number | null, number, number])[])[],
  restore: boolean,
) {
  let job = new DataflowHarness(plan, 3)
  batches.forEach((batch, index) => {
    job.push(
      batch.map(([user, value, time]) => [user, value, at(time)]),
      batch[0]![3],
    )
    if (restore) job = job.killAndRestore(index)
  })
  return job.end()
}

test('any input gives what the definition says: whole, row by row, and killed and restored after every batch', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(rowsOf, sizes, (rows, cuts) => {
      const expected = naive(rows)
      expect(run(everything, cut(rows, [100]), false)).toEqual(expected)
      expect(run(everything, cut(rows, [1]), false)).toEqual(expected)
      expect(run(everything, cut(rows, cuts), true)).toEqual(expected)
    }),
  )
})

test('the same input gives the same state, byte for byte, in two processes of one seed', () => {
  fc.assert(
    fc.property(rowsOf, (rows) => {
      const states = [1, 2].map(() => {
        const job = new DataflowHarness(everything, 3, 99)
        for (const batch of cut(rows, [7])) {
          job.push(
            batch.map(([user, value, time]) => [user, value, at(time)]),
            batch[0]![3],
          )
        }
        return job.state.snapshot()
      })
      expect(states[0]).toEqual(states[1])
    }),
    { numRuns: 20 },
  )
})
