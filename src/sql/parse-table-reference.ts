// FROM: tables, derived tables, table functions, UNNEST, joins, temporal tables, samples. MATCH_RECOGNIZE and PIVOT have files of their own.
import type { Span } from '../diagnostics/diagnostic.ts'
import type {
  Argument,
  Call,
  DataTypeField,
  DerivedTable,
  Identifier,
  Join,
  Query,
  Table,
  TableFunction,
  TableReference,
  Unnest,
} from './ast.ts'
import { asExpression, isQuery } from './context.ts'
import { aggregateCallWords, builtinCallWords, queryStarts } from './first-sets.ts'
import { flinkSpan } from './flink-position.ts'
import { reservedFunctionNames } from './keywords.ts'
import { startsExpression } from './lookahead.ts'
import { parseArgument, parseFirstArgument, simpleCall } from './parse-call.ts'
import { parseHints } from './parse-hint.ts'
import { lastStringValue, parseUnsignedNumber } from './parse-literal.ts'
import { parseMatchRecognize, startsMatchRecognize } from './parse-match-recognize.ts'
import { parseNameList, parseObjectName, parseTableName } from './parse-name.ts'
import { parseParenthesized } from './parse-parenthesized.ts'
import { parsePivot, parseUnpivot } from './parse-pivot.ts'
import { isNameKind, type Parser } from './parser-state.ts'

export function parseFrom(p: Parser): TableReference {
  let left = parseTableReference(p)
  for (let joins = 1; ; joins++) {
    p.checkRow(joins)
    if (p.at(',')) {
      if (!startsTableReference(p, 1)) return p.failBehind(1, 'a table')
      p.advance()
      const operatorSpan = p.lastSpan()
      const right = parseTableReference(p)
      left = {
        kind: 'join',
        type: 'COMMA',
        natural: false,
        operatorSpan,
        left,
        right,
        span: around(left, right.span.end),
      }
    } else if (startsJoin(p)) left = parseJoin(p, left)
    else return left
  }
}

function around(left: TableReference, end: number): Span {
  return { start: left.span.start, end }
}

/** By one token, and by a second where the first does not decide. */
function startsTableReference(p: Parser, distance: number, tokens = 1): boolean {
  const kind = p.peekAt(distance)
  if (isNameKind(kind)) return true
  const second = p.peekAt(distance + 1)
  switch (kind) {
    case '(':
      return tokens === 1 || startsInParentheses(p, distance + 1)
    case 'LATERAL':
      return tokens === 1 || second === '(' || second === 'UNNEST' || second === 'TABLE'
    case 'TABLE':
      return true
    case 'UNNEST':
      return tokens === 1 || second === '('
    default:
      return false
  }
}

function startsInParentheses(p: Parser, distance: number): boolean {
  const kind = p.peekAt(distance)
  return queryStarts.has(kind) || kind === 'WITH' || startsTableReference(p, distance)
}

// ------------------------------------------------------------------------------------------------------------------- joins

const joinStarts = ['NATURAL', 'JOIN', 'INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS', 'OUTER'] as const

function startsJoin(p: Parser): boolean {
  return joinStarts.some((word) => p.at(word))
}

/** How many tokens the words of a join take, or 0 if they are none. */
function joinWords(p: Parser): number {
  const natural = p.peek() === 'NATURAL' ? 1 : 0
  switch (p.peekAt(natural)) {
    case 'JOIN':
      return natural + 1
    case 'INNER':
    case 'CROSS':
      return p.peekAt(natural + 1) === 'JOIN' ? natural + 2 : 0
    case 'LEFT':
    case 'RIGHT':
    case 'FULL': {
      const outer = p.peekAt(natural + 1) === 'OUTER' ? 1 : 0
      // Flink looks three tokens far: NATURAL LEFT OUTER is a join for it whatever follows.
      if (p.peekAt(natural + outer + 1) === 'JOIN') return natural + outer + 2
      return natural + outer === 2 ? 3 : 0
    }
    default:
      return 0
  }
}

function parseJoin(p: Parser, left: TableReference): TableReference {
  const start = p.start()
  const words = joinWords(p)
  if (words === 0 || (words < 3 && !startsTableReference(p, words, 3 - words))) return failOrApply(p, words)
  const natural = p.accept('NATURAL')
  const word = p.acceptOneOf('INNER', 'CROSS', 'LEFT', 'RIGHT', 'FULL')
  if (word !== undefined && word !== 'INNER' && word !== 'CROSS') p.accept('OUTER')
  p.expect('JOIN')
  const operatorSpan = p.spanFrom(start)
  const right = parseTableReference(p)
  const condition = parseJoinCondition(p)
  const join = {
    kind: 'join',
    type: word ?? 'INNER',
    natural,
    operatorSpan,
    left,
    right,
    span: around(left, p.end()),
  } as const
  return condition === undefined ? join : { ...join, condition }
}

/** CROSS APPLY and OUTER APPLY are read and refused; anything else is no join. */
function failOrApply(p: Parser, words: number): never {
  const word = p.acceptOneOf('CROSS', 'OUTER') ?? (words > 0 ? p.failBehind(words, 'a table') : p.fail('JOIN'))
  p.expect('APPLY')
  parseTableReference(p)
  const hint = `Write ${word === 'CROSS' ? 'CROSS JOIN LATERAL' : 'LEFT JOIN LATERAL ... ON TRUE'}.`
  p.refuse('SYN009', p.lastSpan(), `${word} APPLY is not allowed`, hint)
  return p.fail('JOIN')
}

function parseJoinCondition(p: Parser): Join['condition'] | undefined {
  const start = p.start()
  if (p.accept('ON')) {
    const expression = p.rules.expression(p, 'subquery')
    return { kind: 'on', expression, span: p.spanFrom(start) }
  }
  if (!p.accept('USING')) return undefined
  const columns = parseNameList(p)
  return { kind: 'using', columns, span: p.spanFrom(start) }
}

// ---------------------------------------------------------------------------------------------------------- one reference

export function parseTableReference(p: Parser): TableReference {
  let table = p.nested(() => parsePrimary(p))
  if (p.atBoth('PIVOT', '(')) table = parsePivot(p, table)
  const second = p.peekAt(1)
  if (p.at('UNPIVOT') && (second === '(' || second === 'INCLUDE' || second === 'EXCLUDE'))
    table = parseUnpivot(p, table)
  table = parseAlias(p, table)
  return p.at('TABLESAMPLE') ? parseSample(p, table) : table
}

function parsePrimary(p: Parser): TableReference {
  if (p.atName()) return parseNamedTable(p)
  const second = p.peekAt(1)
  const lateral = p.at('LATERAL')
  if ((lateral && second === '(') || (p.at('(') && startsInParentheses(p, 1))) return parseDerivedTable(p)
  if (p.atBoth('UNNEST', '(') || (lateral && second === 'UNNEST')) return parseUnnest(p)
  p.accept('LATERAL')
  if (!p.at('TABLE'))
    return p.fail(...(lateral ? ['TABLE', 'UNNEST', '('] : ['identifier', '(', 'LATERAL', 'TABLE', 'UNNEST']))
  return parseWrappedFunction(p, lateral)
}

function parseNamedTable(p: Parser): TableReference {
  const name = parseTableName(p)
  if (p.at('(') && startsRoutineArguments(p)) {
    const args = parseRoutineArguments(p)
    const call = simpleCall(p, name, args)
    return { kind: 'tableFunction', lateral: false, wrapped: false, call, span: call.span }
  }
  const hints = p.at('/*+') ? parseHints(p) : []
  const extend = p.at('EXTEND') || p.at('(') ? parseExtension(p) : undefined
  const plain: Table = { kind: 'table', name, hints, span: p.spanFrom(name.span.start) }
  let table: TableReference = extend === undefined ? plain : { ...plain, extend }
  if (p.at('FOR')) table = parseSnapshot(p, table)
  return startsMatchRecognize(p) ? parseMatchRecognize(p, table) : table
}

/**
 * Flink looks three tokens far, and in doing so does not see that a name with a parenthesis behind it is a call:
 * `FROM f(g(x))` is for it the table f with the column g.
 */
function startsRoutineArguments(p: Parser): boolean {
  const first = p.peekAt(1)
  const named = isNameKind(first) || reservedFunctionNames.has(first)
  const hasGrammar = builtinCallWords.has(first) || aggregateCallWords.has(first) || first === 'MAP'
  if (named && !hasGrammar && p.peekAt(2) === '(') return false
  // Nor does it look behind SELECT, unless the query is one word long.
  if (first === 'SELECT') return p.peekAt(3) === ')'
  return p.lookahead(3, () => parseRoutineArguments(p))
}

/** EXTEND (a INT, b STRING): columns that the table's declaration lacks. */
export function parseExtension(p: Parser): readonly DataTypeField[] {
  p.accept('EXTEND')
  p.expect('(')
  const fields: DataTypeField[] = []
  do {
    const name = parseObjectName(p)
    const type = p.rules.dataType(p)
    if (p.accept('NOT')) p.expect('NULL')
    const last = name.parts[name.parts.length - 1]!
    fields.push({ kind: 'dataTypeField', name: last, type, span: p.spanFrom(name.span.start) })
  } while (p.accept(','))
  p.expect(')')
  return fields
}

function parseSnapshot(p: Parser, table: TableReference): TableReference {
  p.expectAll('FOR', 'SYSTEM_TIME', 'AS', 'OF')
  const period = p.rules.expression(p, 'nonQuery')
  return { kind: 'snapshot', table, period, span: p.spanFrom(table.span.start) }
}

function parseDerivedTable(p: Parser): TableReference {
  const start = p.start()
  const lateral = p.accept('LATERAL')
  const { node, span } = parseParenthesizedTable(p, 'queryOrJoin')
  if (!isQuery(node)) {
    if (lateral) refuseJoin(p, node)
    return startsMatchRecognize(p) ? parseMatchRecognize(p, node) : node
  }
  const table: DerivedTable = { kind: 'derivedTable', lateral, query: node, span: { start, end: span.end } }
  return startsMatchRecognize(p) ? parseMatchRecognize(p, table) : table
}

/** What stands in parentheses in FROM (a query or joined tables) or behind WITH name AS (only a query). */
export function parseParenthesizedTable(
  p: Parser,
  context: 'query' | 'queryOrJoin',
): { node: Query | TableReference; span: Span } {
  const start = p.start()
  p.expect('(')
  const node = p.nested(() => readParenthesizedTable(p, context))
  p.expect(')')
  if (!isQuery(node) && !(context === 'queryOrJoin' && node.kind === 'join')) {
    if (context === 'query') p.refuse('SYN010', flinkSpan(node), 'a query is needed here, not a table')
    p.refuse('SYN010', flinkSpan(node), 'parentheses in FROM hold a query or a join, not a single table')
  }
  return { node, span: p.spanFrom(start) }
}

function readParenthesizedTable(p: Parser, context: 'query' | 'queryOrJoin'): Query | TableReference {
  if (startsQuery(p)) return p.rules.orderedQuery(p, context)
  let table = parseTableReference(p)
  while (startsJoin(p)) table = parseJoin(p, table)
  const node = table.kind === 'derivedTable' && !table.lateral ? table.query : table
  return p.rules.setOperations(p, node, context) as Query | TableReference
}

/** A query for certain: by two tokens, so that `TABLE f(x)` is left to table functions. */
function startsQuery(p: Parser): boolean {
  const second = p.peekAt(1)
  switch (p.peek()) {
    case 'SELECT':
      return true
    case 'VALUES':
    case 'VALUE':
      return startsExpression(p, 1)
    case 'TABLE':
      return isNameKind(second)
    case 'WITH':
      return isNameKind(second) || second === 'RECURSIVE'
    default:
      return false
  }
}

function parseUnnest(p: Parser): Unnest {
  const start = p.start()
  const lateral = p.accept('LATERAL')
  p.expect('UNNEST')
  const items = parseParenthesized(p, 'subquery').items.map(asExpression)
  const withOrdinality = p.accept('WITH')
  if (withOrdinality) p.expect('ORDINALITY')
  return { kind: 'unnest', lateral, items, withOrdinality, span: p.spanFrom(start) }
}

/** TABLE(f(a, b)). */
function parseWrappedFunction(p: Parser, lateral: boolean): TableFunction {
  const start = lateral ? p.lastSpan().start : p.start()
  p.expectAll('TABLE', '(')
  const specific = p.accept('SPECIFIC')
  const call = parseRoutineCall(p)
  p.expect(')')
  const span = p.spanFrom(start)
  return { kind: 'tableFunction', lateral, wrapped: true, call: specific ? { ...call, specific } : call, span }
}

/** A call whose name is never reserved: table functions and procedures. */
export function parseRoutineCall(p: Parser, context: 'cursor' | 'subquery' = 'cursor'): Call {
  const name: Identifier = parseObjectName(p)
  const args = parseRoutineArguments(p, context)
  return simpleCall(p, name, args)
}

function parseRoutineArguments(p: Parser, context: 'cursor' | 'subquery' = 'cursor'): readonly Argument[] {
  p.expect('(')
  if (p.accept(')')) return []
  const args = [parseFirstArgument(p, context)]
  while (p.accept(',')) args.push(parseArgument(p, context))
  p.expect(')')
  return args
}

// ---------------------------------------------------------------------------------------------------------- alias, sample

function parseAlias(p: Parser, table: TableReference): TableReference {
  if (p.sugar && isEmitChanges(p)) return table
  if (!p.accept('AS') && !p.atName()) return table
  const alias = p.name()
  const columns = p.at('(') ? parseNameList(p) : undefined
  if (table.kind === 'join') refuseJoin(p, table)
  const aliased = { kind: 'aliasedTable', table, alias, span: p.spanFrom(table.span.start) } as const
  return columns === undefined ? aliased : { ...aliased, columns }
}

function isEmitChanges(p: Parser): boolean {
  const { position, text, starts, ends } = p
  const word = (index: number): string => text.slice(starts[index], ends[index]).toUpperCase()
  return (
    p.peek() === 'identifier' && word(position) === 'EMIT' && p.peekAt(1) !== ',' && word(position + 1) === 'CHANGES'
  )
}

function refuseJoin(p: Parser, join: TableReference): void {
  p.refuse(
    'SYN012',
    flinkSpan(join),
    'a join in parentheses takes no alias, LATERAL or sample',
    'Write a query around it: (SELECT * FROM ... JOIN ...) AS name.',
  )
}

function parseSample(p: Parser, table: TableReference): TableReference {
  p.expect('TABLESAMPLE')
  if (table.kind === 'join') refuseJoin(p, table)
  const method = p.expectOneOf('SUBSTITUTE', 'BERNOULLI', 'SYSTEM')
  p.expect('(')
  const argument = method === 'SUBSTITUTE' ? parseSampleName(p) : parseUnsignedNumber(p).text
  p.expect(')')
  const sample = { kind: 'tableSample', table, method, argument } as const
  if (method === 'SUBSTITUTE' || !p.accept('REPEATABLE')) return { ...sample, span: p.spanFrom(table.span.start) }
  p.expect('(')
  const sign = p.acceptOneOf('-', '+') === '-' ? -1 : 1
  p.expect('integer')
  const repeatable = sign * Number(p.lastText())
  p.expect(')')
  return { ...sample, repeatable, span: p.spanFrom(table.span.start) }
}

function parseSampleName(p: Parser): string {
  p.expect('string')
  return lastStringValue(p)
}
