// What the parser promises besides verdicts: spans, words of client commands, limits, recovery, and that nothing makes it fail in another way.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasErrors } from '../diagnostics/diagnostic.ts'
import type { Select } from './ast.ts'
import { formatSql } from './format.ts'
import { nonReservedWords, reservedWords } from './keywords.ts'
import { parseRecovering } from './parse-recovering.ts'
import { parseExpression, parseStatements } from './parser.ts'
import { printStatement } from './print-statement.ts'

function select(text: string): Select {
  const statement = parseStatements(text, { sugar: true }).value?.[0]
  if (statement?.kind !== 'query' || statement.query.kind !== 'select') throw new Error(`no SELECT: ${text}`)
  return statement.query
}

describe('spans', () => {
  const text = 'SELECT a + (b) AS c, COUNT(*) FILTER (WHERE x) OVER w FROM cat.db.t AS t'

  function shown(span: { start: number; end: number }): string {
    return text.slice(span.start, span.end)
  }

  test('an operator spans from its left operand to its right one, parentheses around them not counted', () => {
    const { expression } = select(text).items[0]!
    expect(shown(expression.span)).toBe('a + (b')
    expect(shown(select(text).items[0]!.span)).toBe('a + (b) AS c')
  })

  test('a call spans with its clauses, and its own part from its name to its parenthesis', () => {
    const { expression } = select(text).items[1]!
    if (expression.kind !== 'call') throw new Error('no call')
    expect(shown(expression.span)).toBe('COUNT(*) FILTER (WHERE x) OVER w')
    expect(shown(expression.callSpan)).toBe('COUNT(*)')
    expect(shown(expression.over!.span)).toBe('OVER w')
  })

  test('each part of a name has a span', () => {
    const { from } = select(text)
    if (from?.kind !== 'aliasedTable' || from.table.kind !== 'table') throw new Error('no table')
    expect(from.table.name.parts.map((part) => shown(part.span))).toEqual(['cat', 'db', 't'])
  })
})

describe('words', () => {
  test('a word that is not reserved is a name of columns, aliases and tables', () => {
    for (const word of nonReservedWords) {
      const { diagnostics } = parseStatements(`SELECT t.${word} AS ${word} FROM ${word}`, { sugar: true })
      expect([word, diagnostics]).toEqual([word, []])
    }
  })

  test('a reserved word is none without backquotes, and is one with them', () => {
    for (const word of reservedWords) {
      expect([word, parseStatements(`SELECT a AS ${word} FROM t`, { sugar: false }).diagnostics.length]).toEqual([
        word,
        1,
      ])
      expect(parseStatements(`SELECT a AS \`${word}\` FROM t`, { sugar: false }).diagnostics).toEqual([])
    }
  })

  test('a name in backquotes may hold anything but a line end', () => {
    const { alias } = select('SELECT 1 AS `a ``b`` "c" -- d`').items[0]!
    expect(alias?.name).toBe('a `b` "c" -- d')
  })
})

describe('statements', () => {
  test('the client reads SET and RESET without quotes', () => {
    const { value } = parseStatements("SET a.b = c; SET 'x' = 'y;z'; RESET a.b; HELP", { sugar: false })
    expect(value?.map(printStatement)).toEqual(["SET 'a.b' = 'c'", "SET 'x' = 'y;z'", "RESET 'a.b'", 'HELP'])
  })

  test('semicolons in strings, names and comments separate nothing', () => {
    const { value } = parseStatements("SELECT ';' AS `;` -- ;\n/* ; */;SELECT 2;", { sugar: false })
    expect(value?.length).toBe(2)
  })

  test('a text without a statement is refused', () => {
    for (const text of ['', '  ', ';', '-- nothing', '/* nothing */ ;']) {
      expect(parseStatements(text, { sugar: true }).diagnostics[0]?.code).toBe('SYN002')
    }
  })

  test('sugar is Flink SQL only when asked for', () => {
    const text = 'SELECT COUNT(*) FROM t WINDOW TUMBLING (SIZE 1 HOUR) EMIT CHANGES'
    expect(parseStatements(text, { sugar: true }).diagnostics).toEqual([])
    expect(parseStatements(text, { sugar: false }).diagnostics[0]?.flinkPosition).toMatchObject({ line: 1, column: 40 })
  })

  test('an expression alone', () => {
    expect(parseExpression('a + 1').value?.kind).toBe('binary')
    expect(parseExpression('a +').diagnostics[0]?.code).toBe('SYN002')
    expect(parseExpression('a b').diagnostics.length).toBe(1)
  })
})

describe('limits', () => {
  const deep = ['(', 'f(', 'CASE WHEN ', 'a[', 'CAST(', 'NOT ', '- ', 'x LIKE ', 'ARRAY[', '(SELECT ']

  test.each(deep)('ten thousand times %s is an error, not a crash', (part) => {
    const { diagnostics } = parseStatements(`SELECT ${part.repeat(10_000)}1`, { sugar: true })
    expect(diagnostics.map(({ code }) => code)).toEqual(['SYN005'])
  })

  test('nesting that people write is read', () => {
    expect(parseStatements(`SELECT ${'('.repeat(300)}1${')'.repeat(300)}`, { sugar: true }).diagnostics).toEqual([])
    const conditions = Array.from({ length: 1500 }, (_, i) => `a = ${i}`).join(' OR ')
    const { value } = parseStatements(`SELECT a FROM t WHERE ${conditions}`, { sugar: true })
    expect(printStatement(value![0]!)).toContain('`a` = 1499')
  })

  test('operators without end, and texts without end, are refused', () => {
    expect(parseStatements(`SELECT ${'1 + '.repeat(5000)}1`, { sugar: true }).diagnostics[0]?.code).toBe('SYN005')
    expect(parseStatements('x'.repeat(1_000_000), { sugar: true }).diagnostics[0]?.code).toBe('SYN016')
  })
})

describe('recovery', () => {
  function recovered(text: string): { codes: string[]; printed: string[] } {
    const { statements, diagnostics } = parseRecovering(text, { sugar: true })
    return {
      codes: diagnostics.map(({ code }) => code),
      printed: statements.map((one) => printStatement(one).replaceAll('\n', ' ')),
    }
  }

  test('several mistakes of a script are reported, and each statement has a tree', () => {
    expect(recovered('SELECT a, FROM t WHERE x = ; SELECT b FROM; SELECT 1')).toEqual({
      codes: ['SYN001', 'SYN002', 'SYN002'],
      printed: ['SELECT `a`, `` FROM `t` WHERE `x` = ``', 'SELECT `b` FROM ``', 'SELECT 1'],
    })
  })

  test('a dot without a name behind keeps the rest of the query', () => {
    expect(recovered('SELECT t. FROM orders AS t').printed).toEqual(['SELECT `t`.`` FROM `orders` AS `t`'])
  })

  test('unclosed parentheses are closed', () => {
    expect(recovered('SELECT a FROM (SELECT b FROM t').printed).toEqual(['SELECT `a` FROM (   SELECT `b`   FROM `t` )'])
  })

  test('characters that are no SQL are skipped', () => {
    expect(recovered('SELECT @a # b FROM t')).toEqual({
      codes: ['SYN004', 'SYN004'],
      printed: ['SELECT `a` AS `b` FROM `t`'],
    })
  })

  test('what parses strictly gives the same statements', () => {
    const text = 'INSERT INTO a SELECT * FROM b WHERE c > 1; SELECT 1'
    expect(parseRecovering(text, { sugar: true })).toEqual({
      statements: parseStatements(text, { sugar: true }).value,
      diagnostics: [],
    })
  })
})

describe('any text', () => {
  const word = fc.constantFrom(
    ...'SELECT FROM WHERE GROUP BY a b t , ( ) [ ] . * + - = <> AND OR NOT IN BETWEEN LIKE CASE WHEN THEN END AS JOIN ON WITH INSERT INTO CREATE TABLE INT'.split(
      ' ',
    ),
    ...[
      "'x'",
      '1',
      '1.5e3',
      '`q`',
      'INTERVAL',
      'DAY',
      'CAST',
      'OVER',
      'ROW',
      'VALUES',
      'UNION',
      ';',
      '/*+',
      '*/',
      "'",
      '`',
      '--\n',
      '$',
      '{fn',
      'ü',
      '?',
    ],
  )

  test('gives statements or an error with a place, in every mode', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 25 }), (words) => {
        const text = words.join(' ')
        const strict = parseStatements(text, { sugar: true })
        expect(strict.value === undefined).toBe(hasErrors(strict.diagnostics))
        for (const { span, flinkPosition } of strict.diagnostics) {
          expect(span.start).toBeLessThanOrEqual(text.length)
          expect(flinkPosition?.line).toBeGreaterThan(0)
        }
        const recovered = parseRecovering(text, { sugar: true })
        // Empty statements are no mistake while somebody types.
        if (strict.value !== undefined) expect(recovered.diagnostics).toEqual([])
        else if (!text.includes(';') && words.length > 0) {
          expect(recovered.diagnostics.length + Number(recovered.statements.length === 0)).toBeGreaterThan(0)
        }
        formatSql(text, { sugar: true })
      }),
      { numRuns: 500, seed: 1 },
    )
  })
})
