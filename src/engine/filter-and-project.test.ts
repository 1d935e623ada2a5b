import { expect, test } from 'vitest'
import type { Expression } from '../plan/expression.ts'
import type { Plan } from '../plan/plan.ts'
import {
  at,
  BIGINT,
  BOOLEAN,
  call,
  column,
  DataflowHarness,
  INT,
  literal,
  type Row,
  STRING,
  scan,
  span,
  TIME,
} from './dataflow-harness.ts'

const input = scan([
  { name: 'user', type: STRING },
  { name: 'n', type: INT },
  { name: 'big', type: BIGINT },
  { name: 'ts', type: TIME },
])
const user = column(input, 'user')
const n = column(input, 'n')
const big = column(input, 'big')

const rows: Row[] = [
  ['ann', 1, 10n, at(1)],
  ['bob', 0, -9007199254740993n, at(2)],
  [null, null, null, null],
  ['cid', 3, 30n, at(4)],
]

const where = (predicate: Expression): Plan => ({
  kind: 'filter',
  id: 'f',
  input,
  predicate,
  schema: input.schema,
  changelog: 'append',
  span,
})
const select = (from: Plan, ...expressions: Expression[]): Plan => ({
  kind: 'project',
  id: 'p',
  input: from,
  expressions,
  schema: expressions.map(({ type }, index) => ({ name: `c${index}`, type })),
  changelog: 'append',
  span,
})

function run(plan: Plan): Row[] {
  const job = new DataflowHarness(plan)
  job.push(rows)
  return job.end()
}

test('WHERE keeps the rows for which it is TRUE: not those where it is NULL', () => {
  const kept = (predicate: Expression) => run(where(predicate)).map((row) => row[0])
  expect(kept(call('>', BOOLEAN, n, literal(0, INT)))).toEqual(['ann', 'cid'])
  expect(kept(call('=', BOOLEAN, user, literal('bob', STRING)))).toEqual(['bob'])
  expect(kept(call('IS NULL', { ...BOOLEAN, nullable: false }, user))).toEqual([null])
  expect(kept(call('<', BOOLEAN, big, literal(11n, BIGINT)))).toEqual(['ann', 'bob'])
})

test('AND and OR know three values and stop at the operand that decides', () => {
  const kept = (predicate: Expression) => run(where(predicate)).map((row) => row[0])
  const positive = call('>', BOOLEAN, n, literal(0, INT))
  // 6 / n fails for bob, whom the first operand has decided on.
  const quotient = call('=', BOOLEAN, call('/', INT, literal(6, INT), n), literal(2, INT))
  expect(kept(call('AND', BOOLEAN, positive, quotient))).toEqual(['cid'])
  const isNull = call('IS NULL', { ...BOOLEAN, nullable: false }, n)
  expect(kept(call('OR', BOOLEAN, positive, isNull))).toEqual(['ann', null, 'cid'])
})

test('CASE evaluates only the branch that is taken', () => {
  const isZero = call('=', BOOLEAN, n, literal(0, INT))
  const safe = call('CASE', INT, isZero, literal(-1, INT), call('/', INT, literal(6, INT), n))
  expect(run(select(input, user, safe))).toEqual([
    ['ann', 6],
    ['bob', -1],
    [null, null],
    ['cid', 2],
  ])
})

test('computed columns stand beside those passed on, also behind a filter', () => {
  const plan = select(
    where(call('>', BOOLEAN, n, literal(0, INT))),
    call('+', BIGINT, big, literal(1n, BIGINT)),
    call('UPPER', STRING, user),
    user,
    call('COALESCE', STRING, literal(null, STRING), user),
  )
  expect(run(plan)).toEqual([
    [11n, 'ANN', 'ann', 'ann'],
    [31n, 'CID', 'cid', 'cid'],
  ])
})

test('a failing expression names its reason', () => {
  expect(() => run(select(input, call('/', INT, literal(1, INT), n)))).toThrow('division by zero')
})

test('names and texts never become part of generated code', () => {
  const hostile = '`); process.exit(1); //\u2028$' + '{1}'
  expect(run(select(input, literal(hostile, STRING)))[0]).toEqual([hostile])
})
