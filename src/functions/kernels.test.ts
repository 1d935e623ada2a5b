import { describe, expect, test } from 'vitest'
import { JobError } from '../diagnostics/job-error.ts'
import { castOf } from '../types/cast-value.ts'
import { type LogicalType, MAX_LENGTH } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import { printOf } from '../types/print-value.ts'
import type { Value } from '../types/value.ts'
import { findFunction } from './find-function.ts'
import { type CallPlace, inferCall, isMismatch } from './function-definition.ts'

type Given = { readonly type: LogicalType; readonly value: Value; readonly symbol?: boolean }

const s = (value: string | null): Given => ({ type: { kind: 'VARCHAR', length: MAX_LENGTH, nullable: true }, value })
const i = (value: number | null): Given => ({ type: { kind: 'INTEGER', nullable: true }, value })
const l = (value: bigint): Given => ({ type: { kind: 'BIGINT', nullable: false }, value })
const d = (value: number): Given => ({ type: { kind: 'DOUBLE', nullable: false }, value })
const b = (value: boolean | null): Given => ({ type: { kind: 'BOOLEAN', nullable: true }, value })
const dec = (value: bigint, precision: number, scale: number): Given => ({
  type: { kind: 'DECIMAL', precision, scale, nullable: false },
  value,
})
const word = (value: string): Given => ({ type: { kind: 'SYMBOL', nullable: false }, value, symbol: true })
const strings = (...value: (string | null)[]): Given => ({
  type: { kind: 'ARRAY', element: s(null).type, nullable: true },
  value,
})
const date = (text: string): Given => ({
  type: { kind: 'DATE', nullable: false },
  value: castOf(s('').type, { kind: 'DATE', nullable: false }, 'UTC')(text),
})
const time = (text: string, precision = 3): Given => {
  const type: LogicalType = { kind: 'TIMESTAMP', precision, nullable: false }
  return { type, value: castOf(s('').type, type, 'UTC')(text) }
}

/** The result as text, as a cast to STRING shows it; literals are what the query wrote. */
function call(name: string, args: readonly Given[], place: CallPlace = {}, timeZone = 'UTC'): string | null {
  const definition = findFunction(name)!
  const inference = inferCall(
    definition,
    args.map(({ type, value }) => ({ type, literal: value })),
    place,
  )
  if (isMismatch(inference)) throw new Error(`refused: ${inference.mismatch.code}`)
  const received = args.map(({ type, value, symbol }, n) =>
    value === null || symbol ? value : castOf(type, inference.argumentTypes[n]!, timeZone)(value),
  )
  if (definition.nullRule === 'strict' && received.includes(null)) return null
  const kernel = definition.kernel!({
    argumentTypes: inference.argumentTypes,
    resultType: inference.type,
    literals: received,
    timeZone,
    now: () => 0,
    random: () => 0.5,
  })
  const result = kernel(received)
  return result === null ? null : printOf(inference.type, timeZone)(result)
}

function typeOf(name: string, args: readonly Given[], place: CallPlace = {}): string {
  const inference = inferCall(
    findFunction(name)!,
    args.map(({ type, value }) => ({ type, literal: value })),
    place,
  )
  return isMismatch(inference) ? inference.mismatch.code : printType(inference.type)
}

describe('numbers', () => {
  test('whole numbers wrap at their width and divide towards zero', () => {
    expect(call('+', [i(2147483647), i(1)])).toBe('-2147483648')
    expect(call('*', [l(2n ** 62n), l(4n)])).toBe('0')
    expect(call('/', [i(-7), i(2)])).toBe('-3')
    expect(call('%', [i(-7), i(3)])).toBe('-1')
  })

  test('division by zero names itself, of doubles it is infinity', () => {
    expect(() => call('/', [i(1), i(0)])).toThrow(JobError)
    expect(call('/', [d(1), d(0)])).toBe('Infinity')
  })

  test('decimals follow the type that Flink derives, and overflow to NULL', () => {
    expect(typeOf('/', [dec(1n, 5, 2), dec(1n, 5, 2)])).toBe('DECIMAL(13, 8) NOT NULL')
    expect(call('/', [dec(100n, 5, 2), dec(300n, 5, 2)])).toBe('0.33333333')
    expect(call('*', [dec(10n ** 38n - 1n, 38, 0), dec(10n ** 38n - 1n, 38, 0)])).toBeNull()
    expect(call('ROUND', [dec(125n, 5, 2), i(1)])).toBe('1.3')
  })

  test('NaN is equal to nothing', () => {
    expect(call('=', [d(Number.NaN), d(Number.NaN)])).toBe('FALSE')
    expect(call('<>', [d(Number.NaN), d(1)])).toBe('TRUE')
  })

  test('a seeded RAND gives the sequence that Java gives', () => {
    expect(call('RAND', [i(42)])).toBe('0.7275636800328681')
  })
})

describe('NULL', () => {
  test('is decided by AND and OR only where the other side does not decide', () => {
    expect(call('AND', [b(null), b(false)])).toBe('FALSE')
    expect(call('AND', [b(null), b(true)])).toBeNull()
    expect(call('OR', [b(null), b(true)])).toBe('TRUE')
  })

  test('is skipped by CONCAT_WS and makes CONCAT NULL', () => {
    expect(call('CONCAT_WS', [s('-'), s('a'), s(null), s('b')])).toBe('a-b')
    expect(call('CONCAT', [s('a'), s(null)])).toBeNull()
  })

  test('in a list leaves NOT IN unknown', () => {
    expect(call('NOT IN', [i(1), i(2), i(null)])).toBeNull()
    expect(call('NOT IN', [i(2), i(2), i(null)])).toBe('FALSE')
  })

  test('is the same as NULL to IS NOT DISTINCT FROM', () => {
    expect(call('IS NOT DISTINCT FROM', [i(null), i(null)])).toBe('TRUE')
  })
})

describe('strings', () => {
  test.each([
    ['SUBSTRING', [s('hello'), i(-3), i(2)], 'll'],
    ['SUBSTRING', [s('a😀b'), i(2), i(1)], '😀'],
    ['SUBSTRING', [s('hello'), i(2), i(-1)], null],
    ['LPAD', [s('7'), i(3), s('0')], '007'],
    ['LPAD', [s('abc'), i(2), s('x')], 'ab'],
    ['TRIM', [word('LEADING'), s('x'), s('xxaxx')], 'axx'],
    ['SPLIT_INDEX', [s('a,b,c'), s(','), i(1)], 'b'],
    ['SPLIT_INDEX', [s('a,b,c'), s(','), i(5)], null],
    ['INITCAP', [s('hello wORLD')], 'Hello World'],
    ['OVERLAY', [s('abcdef'), s('XY'), i(2), i(3)], 'aXYef'],
    ['INSTR', [s('banana'), s('a'), i(-1), i(2)], '4'],
    ['LIKE', [s('a_c'), s('a!_c'), s('!')], 'TRUE'],
    ['LIKE', [s('line\nbreak'), s('line%')], 'TRUE'],
    ['TRANSLATE', [s('abc'), s('ab'), s('1')], '1c'],
    ['REGEXP_EXTRACT', [s('order-42'), s('(\\d+)'), i(1)], '42'],
    ['REGEXP_REPLACE', [s('a1b2'), s('[0-9]'), s('$1')], 'a$1b$1'],
    ['REGEXP_EXTRACT', [s('x'), s('('), i(0)], null],
    ['URL_ENCODE', [s("a b'c")], 'a+b%27c'],
    ['PARSE_URL', [s('https://acme.com/p?q=1&r=2'), s('QUERY'), s('r')], '2'],
    ['MD5', [s('')], 'd41d8cd98f00b204e9800998ecf8427e'],
    ['FROM_BASE64', [s('aGVsbG8=')], 'hello'],
  ] as const)('%s, example %#', (name, args, expected) => {
    expect(call(name, args)).toBe(expected)
  })

  test('a Java pattern that Sluice cannot run is refused by name', () => {
    expect(() => call('REGEXP', [s('a'), s('(?>a)b')])).toThrow(/atomic group/)
  })
})

describe('times', () => {
  test.each([
    ['EXTRACT', [word('WEEK'), date('2021-01-03')], '53'],
    ['FLOOR', [time('2024-02-29 12:34:56.789'), word('HOUR')], '2024-02-29 12:00:00.000'],
    ['CEIL', [date('2024-02-29'), word('MONTH')], '2024-03-01'],
    ['TIMESTAMPADD', [word('MONTH'), i(1), date('2024-01-31')], '2024-02-29'],
    ['TIMESTAMPDIFF', [word('MONTH'), date('2024-01-31'), date('2024-02-28')], '0'],
    ['DATE_FORMAT', [time('2024-02-29 12:34:56.789'), s("yyyy/MM/dd 'at' hh:mm a")], '2024/02/29 at 12:34 PM'],
    ['TO_TIMESTAMP', [s('29.02.2024 24:00'), s('dd.MM.yyyy HH:mm')], '2024-03-01 00:00:00.000'],
    ['TO_TIMESTAMP', [s('no time')], null],
    ['TO_TIMESTAMP_LTZ', [l(1_709_210_096_789n), i(3)], '2024-02-29 12:34:56.789'],
    ['FROM_UNIXTIME', [l(44n)], '1970-01-01 00:00:44'],
    ['CONVERT_TZ', [s('2024-07-01 00:00:00'), s('UTC'), s('Europe/Berlin')], '2024-07-01 02:00:00'],
  ] as const)('%s, example %#', (name, args, expected) => {
    expect(call(name, args)).toBe(expected)
  })
})

describe('casts', () => {
  const text = (target: LogicalType, given: Given) => call('CAST', [given], { target })

  test('CAST stops at what it cannot read, TRY_CAST gives NULL', () => {
    const target: LogicalType = { kind: 'INTEGER', nullable: true }
    expect(() => text(target, s('ten'))).toThrow(/cannot be cast to INTEGER/)
    expect(call('TRY_CAST', [s('ten')], { target })).toBeNull()
    expect(text(target, s(' 12.9 '))).toBe('12')
  })

  test('CHAR is filled up and cut, VARCHAR only cut', () => {
    expect(text({ kind: 'CHAR', length: 4, nullable: true }, s('ab'))).toBe('ab  ')
    expect(text({ kind: 'VARCHAR', length: 2, nullable: true }, i(1234))).toBe('12')
  })

  test('a number wraps when it is narrowed', () => {
    expect(text({ kind: 'TINYINT', nullable: true }, i(300))).toBe('44')
  })
})

describe('arrays and JSON', () => {
  test.each([
    ['ARRAY_SORT', [strings('b', null, 'a')], '[NULL, a, b]'],
    ['ARRAY_DISTINCT', [strings('a', 'b', 'a', null, null)], '[a, b, NULL]'],
    ['ARRAY_SLICE', [strings('a', 'b', 'c'), i(-2), i(-1)], '[b, c]'],
    ['ARRAY_JOIN', [strings('a', null, 'b'), s(','), s('?')], 'a,?,b'],
    ['JSON_VALUE', [s('{"a":{"b":1.50}}'), s('$.a.b')], '1.50'],
    ['JSON_VALUE', [s('{"a":1}'), s('lax $.b'), word('DEFAULT ON EMPTY'), s('none')], 'none'],
    ['JSON_QUERY', [s('{"b":[1, 2],"a":0}'), s('$')], '{"a":0,"b":[1,2]}'],
    ['JSON_EXISTS', [s('{"a":null}'), s('$.a')], 'FALSE'],
    ['JSON_OBJECT', [word('ABSENT ON NULL'), s('k'), i(1), s('n'), i(null)], '{"k":1}'],
    ['JSON_QUERY', [s('{"a":[{"b":1},{"b":2}]}'), s('$.a[?(@.b > 1)]')], '[{"b":2}]'],
  ] as const)('%s, example %#', (name, args, expected) => {
    expect(call(name, args)).toBe(expected)
  })

  test('JSON nested too deep is no JSON', () => {
    expect(call('JSON_EXISTS', [s('['.repeat(100_000)), s('$')])).toBe('FALSE')
  })
})

describe('a call that is refused', () => {
  test.each([
    ['UPPER', [i(1)], 'TYP002'],
    ['UPPER', [], 'TYP001'],
    ['CASE', [b(true), i(1), s('a')], 'TYP003'],
    ['=', [i(1), s('1')], 'TYP008'],
    ['MAX', [strings('a')], 'TYP007'],
    ['JSON_VALUE', [i(1), s('$')], 'TYP002'],
    ['LIKE', [s('a'), s('a'), s('xy')], 'TYP006'],
  ] as const)('%s, example %#', (name, args, code) => {
    expect(typeOf(name, args)).toBe(code)
  })

  test('says which argument, what was expected and what was found', () => {
    const inference = inferCall(
      findFunction('SUBSTRING')!,
      [s('a'), s('b')].map(({ type }) => ({ type })),
    )
    expect(inference).toEqual({
      mismatch: { code: 'TYP002', stage: 'validate', argument: 1, expected: ['a whole number'], found: 'STRING' },
    })
  })
})
