// From what the parser would have taken at an error to what helps a person: at most five things, the telling ones first.
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { reservedWords } from './keywords.ts'
import { END, type Tokens } from './lexer.ts'

/** Said by "an expression" already, or so rare that they only hide the others. */
const partsOfExpressions: ReadonlySet<string> = new Set([
  '(',
  'ROW',
  'CURSOR',
  'GROUPING',
  'ROLLUP',
  'CUBE',
  'WITH',
  'identifier',
])
const rare: ReadonlySet<string> = new Set([
  ';',
  'FETCH',
  'OFFSET',
  'QUALIFY',
  'TABLESAMPLE',
  'MATCH_RECOGNIZE',
  'PIVOT',
  'UNPIVOT',
  'EXTEND',
  'MINUS',
  'INTERSECT',
  'EXCEPT',
  'NATURAL',
  'OUTER',
  'INNER',
  'CROSS',
  'FULL',
  'RIGHT',
  '/*+',
  'STREAM',
  'PARTITION',
  'FOR',
  'SEPARATOR',
])

/** Words that begin or join parts of statements: whoever writes one of them does not mean a name. */
const structuralWords: ReadonlySet<string> = new Set(
  `SELECT FROM WHERE GROUP HAVING ORDER BY LIMIT OFFSET FETCH UNION INTERSECT EXCEPT MINUS JOIN ON USING INNER LEFT RIGHT
  FULL CROSS NATURAL AS AND OR NOT IN IS LIKE BETWEEN CASE WHEN THEN ELSE END WITH INTO INSERT VALUES CREATE DROP ALTER TABLE
  OVER PARTITION WINDOW QUALIFY DISTINCT ALL EXISTS SET INTERVAL CAST NULL TRUE FALSE PRIMARY CONSTRAINT WATERMARK`.split(
    /\s+/,
  ),
)

const descriptions: Readonly<Record<string, string>> = {
  identifier: 'a name',
  string: 'a string',
  integer: 'a number',
  [END]: 'the end of the statement',
}

/** `expected`: token kinds and descriptions, the surest first. `index`: the token at which reading stopped. */
export function withExpected(
  diagnostic: Diagnostic,
  expected: readonly string[],
  tokens: Tokens,
  index: number,
): Diagnostic {
  const distinct = [...new Set(expected)]
  const kind = tokens.kinds[index]!
  const written = tokens.text.slice(tokens.starts[index], tokens.ends[index])
  const named = asReservedName(diagnostic, kind, written, distinct)
  if (named !== undefined) return named
  const some = distinct.includes('an expression') ? distinct.filter((one) => !partsOfExpressions.has(one)) : distinct
  const telling = some.filter((one) => !rare.has(one))
  const chosen = telling.length > 0 ? telling : some
  return { ...diagnostic, expected: [...new Set(chosen.map(describe))].slice(0, 5) }
}

/** A reserved word where a name could stand: that is the mistake, whatever else could stand there. */
function asReservedName(
  diagnostic: Diagnostic,
  kind: string,
  written: string,
  expected: readonly string[],
): Diagnostic | undefined {
  if (diagnostic.code !== 'SYN001' || !reservedWords.has(kind) || structuralWords.has(kind)) return undefined
  if (!expected.includes('identifier') && !expected.includes('an expression')) return undefined
  const { expected: _, ...rest } = diagnostic
  return {
    ...rest,
    code: 'SYN003',
    message: `\`${written}\` is a reserved word and cannot be a name without quotes`,
    hint: 'Put it into backquotes.',
    edit: { span: diagnostic.span, text: `\`${written}\`` },
  }
}

function describe(kind: string): string {
  return descriptions[kind] ?? (/^[a-z]/.test(kind) ? kind : `\`${kind}\``)
}
