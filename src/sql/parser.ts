// The parser's entry: texts to statements or expressions. Strict parsing stops at the first error, where Flink does;
// recovering parsing is in parse-recovering.ts.
import type { Checked, Diagnostic } from '../diagnostics/diagnostic.ts'
import { positionAt } from '../diagnostics/render.ts'
import type { Expression } from './ast.ts'
import type { Statement } from './ast-statements.ts'
import { withExpected } from './expectations.ts'
import { END, type Tokens, tokenize } from './lexer.ts'
import { parseExpression as parseExpressionRule } from './parse-expression.ts'
import { parseCompoundIdentifier } from './parse-name.ts'
import { parseAtom } from './parse-operand.ts'
import {
  parseOrderAndLimit,
  parseOrderedQueryOrExpression,
  parseQuery,
  parseQueryOrExpression,
  parseSetOperations,
} from './parse-query.ts'
import { parseStatement } from './parse-statement.ts'
import { parseDataType } from './parse-type.ts'
import { Parser, ParseStop, type Rules } from './parser-state.ts'

/** `sugar`: also read ksqlDB's WINDOW TUMBLING (...) and EMIT CHANGES, which Flink does not know. */
export type ParseOptions = { readonly sugar: boolean }

const rules: Rules = {
  expression: parseExpressionRule,
  queryOrExpression: parseQueryOrExpression,
  orderedQueryOrExpression: parseOrderedQueryOrExpression,
  orderedQuery: (p, context) => parseOrderAndLimit(p, parseQuery(p, context)),
  setOperations: parseSetOperations,
  atom: parseAtom,
  dataType: parseDataType,
  compoundIdentifier: parseCompoundIdentifier,
}

/** The statements of a script, separated by `;`. On an error: its first, with the position that Flink reports. */
export function parseStatements(text: string, options: ParseOptions): Checked<readonly Statement[]> {
  return parseAll(text, options, readStatements)
}

/** One expression that fills the text. */
export function parseExpression(text: string): Checked<Expression> {
  return parseAll(text, { sugar: false }, (p) => {
    const expression = parseExpressionRule(p, 'subquery')
    p.expect(END)
    return expression
  })
}

/** A parser at the beginning of `tokens`, with all productions. */
export function newParser(tokens: Tokens, options: ParseOptions): Parser {
  return new Parser(tokens, options.sugar, rules)
}

function readStatements(p: Parser): readonly Statement[] {
  const statements: Statement[] = []
  do {
    if (statements.length > 0 && p.accept(';')) continue
    statements.push(parseStatement(p))
    if (!p.at(END) && !p.at(';')) p.fail(END, ';')
  } while (!p.at(END))
  return statements
}

/** Half a megabyte of SQL reads in well under a second; nobody writes more by hand. */
const MAXIMUM_LENGTH = 512 * 1024

export function tooLong(text: string): Diagnostic | undefined {
  if (text.length <= MAXIMUM_LENGTH) return undefined
  const message = `the text has ${text.length} characters, more than ${MAXIMUM_LENGTH}`
  const span = { start: MAXIMUM_LENGTH, end: MAXIMUM_LENGTH + 1 }
  const hint = 'Load data from a topic or file instead of writing it into the statement.'
  return { code: 'SYN016', severity: 'error', message, span, hint, flinkPosition: null, flinkStage: 'parse' }
}

function parseAll<T>(text: string, options: ParseOptions, read: (p: Parser) => T): Checked<T> {
  const long = tooLong(text)
  if (long !== undefined) return { value: undefined, diagnostics: [long] }
  const tokens = tokenize(text)
  try {
    return { value: read(newParser(tokens, options)), diagnostics: [] }
  } catch (stop) {
    if (!(stop instanceof ParseStop)) throw stop
    return { value: undefined, diagnostics: [withExpectations(stop, tokens, options, read)] }
  }
}

/** Reads again up to the error to learn what could have stood there, so that reading without errors costs nothing for it. */
export function withExpectations(
  stop: ParseStop,
  tokens: Tokens,
  options: ParseOptions,
  read: (p: Parser) => unknown,
): Diagnostic {
  const diagnostic = withFlinkPosition(stop, tokens.text)
  if (diagnostic.expected === undefined || stop.flinkSpan !== undefined) return diagnostic
  const p = newParser(tokens, options)
  p.recordAt = stop.token
  // Reading a very long text twice would cost more than the list is worth.
  if (stop.token < MAXIMUM_REREAD) rereadTo(p, read)
  return withExpected(diagnostic, [...diagnostic.expected, ...p.expected.reverse()], tokens, stop.token)
}

const MAXIMUM_REREAD = 20_000

function rereadTo(p: Parser, read: (p: Parser) => unknown): void {
  try {
    read(p)
  } catch (again) {
    if (!(again instanceof ParseStop)) throw again
  }
}

function withFlinkPosition({ diagnostic, flinkSpan }: ParseStop, text: string): Diagnostic {
  const span = flinkSpan ?? diagnostic.span
  // Flink's end of text has the place of the last character.
  const atEnd = diagnostic.code === 'SYN002' && flinkSpan === undefined
  const start = atEnd ? Math.max(0, span.start - 1) : span.start
  const from = positionAt(text, start)
  const to = positionAt(text, atEnd ? start : Math.max(start, span.end - 1))
  const flinkPosition = { line: from.line, column: from.column, endLine: to.line, endColumn: to.column }
  return { ...diagnostic, flinkPosition }
}
