// MATCH_RECOGNIZE and its patterns.
import type {
  Expression,
  MatchRecognize,
  OrderItem,
  Pattern,
  PatternDefinition,
  PatternSubset,
  SelectItem,
  TableReference,
} from './ast.ts'
import { parseIntervalLiteral, parseUnsignedNumber } from './parse-literal.ts'
import { parseOrderBy } from './parse-order.ts'
import { parseExpressionList } from './parse-parenthesized.ts'
import { isNameKind, type Parser } from './parser-state.ts'

const firstClauses: ReadonlySet<string> = new Set(['PARTITION', 'ORDER', 'MEASURES', 'ONE', 'ALL', 'AFTER', 'PATTERN'])

/** Flink looks three tokens far; an alias may stand before the word. */
export function startsMatchRecognize(p: Parser): boolean {
  if (p.peek() === 'AS') return isNameKind(p.peekAt(1)) && p.peekAt(2) === 'MATCH_RECOGNIZE'
  return p.at('MATCH_RECOGNIZE') && p.peekAt(1) === '(' && firstClauses.has(p.peekAt(2))
}

type Clauses = { -readonly [K in 'rowsPerMatch' | 'afterMatch' | 'within']?: NonNullable<MatchRecognize[K]> }

export function parseMatchRecognize(p: Parser, input: TableReference): MatchRecognize {
  let table = input
  if (p.accept('AS')) table = { kind: 'aliasedTable', table, alias: p.name(), span: p.spanFrom(input.span.start) }
  p.expectAll('MATCH_RECOGNIZE', '(')
  let partitionBy: readonly Expression[] = []
  if (p.accept('PARTITION')) {
    p.expect('BY')
    partitionBy = parseExpressionList(p, 'nonQuery')
  }
  const orderBy: readonly OrderItem[] = p.at('ORDER') ? parseOrderBy(p, true) : []
  const measures = p.accept('MEASURES') ? parseMeasures(p) : []
  const clauses: Clauses = {}
  const rows = p.acceptOneOf('ONE', 'ALL')
  if (rows !== undefined) {
    p.expectAll(rows === 'ONE' ? 'ROW' : 'ROWS', 'PER', 'MATCH')
    clauses.rowsPerMatch = rows === 'ONE' ? 'ONE ROW' : 'ALL ROWS'
  }
  if (p.at('AFTER')) clauses.afterMatch = parseAfterMatch(p)
  p.expectAll('PATTERN', '(')
  const strictStart = p.accept('^')
  const pattern = parsePattern(p)
  const strictEnd = p.accept('$')
  p.expect(')')
  if (p.accept('WITHIN')) clauses.within = parseIntervalLiteral(p)
  const subsets = p.accept('SUBSET') ? parseSubsets(p) : []
  p.expect('DEFINE')
  const define = parseDefinitions(p)
  p.expect(')')
  return {
    kind: 'matchRecognize',
    table,
    partitionBy,
    orderBy,
    measures,
    ...clauses,
    strictStart,
    pattern,
    strictEnd,
    subsets,
    define,
    span: p.spanFrom(table.span.start),
  }
}

function parseMeasures(p: Parser): readonly SelectItem[] {
  const measures: SelectItem[] = []
  do {
    const start = p.start()
    const expression = p.rules.expression(p, 'nonQuery')
    p.expect('AS')
    measures.push({ kind: 'selectItem', expression, alias: p.name(), span: p.spanFrom(start) })
  } while (p.accept(','))
  return measures
}

function parseAfterMatch(p: Parser): NonNullable<MatchRecognize['afterMatch']> {
  const start = p.start()
  p.expectAll('AFTER', 'MATCH', 'SKIP')
  if (p.expectOneOf('TO', 'PAST') === 'PAST') {
    p.expectAll('LAST', 'ROW')
    return { kind: 'afterMatch', skip: 'PAST LAST ROW', span: p.spanFrom(start) }
  }
  if (p.acceptAll('NEXT', 'ROW')) return { kind: 'afterMatch', skip: 'TO NEXT ROW', span: p.spanFrom(start) }
  const word = isNameKind(p.peekAt(1)) ? p.acceptOneOf('FIRST', 'LAST') : undefined
  const variable = p.name()
  return { kind: 'afterMatch', skip: word === 'FIRST' ? 'TO FIRST' : 'TO LAST', variable, span: p.spanFrom(start) }
}

// ---------------------------------------------------------------------------------------------------------------- patterns

function parsePattern(p: Parser): Pattern {
  const start = p.start()
  const items = [parseSequence(p)]
  while (p.accept('|')) items.push(parseSequence(p))
  return items.length === 1 ? items[0]! : { kind: 'patternAlternation', items, span: p.spanFrom(start) }
}

function parseSequence(p: Parser): Pattern {
  const start = p.start()
  const items: Pattern[] = []
  do parseFactor(p, items)
  while (isNameKind(p.peek()) || p.at('(') || p.at('{') || p.at('PERMUTE'))
  return items.length === 1 ? items[0]! : { kind: 'patternSequence', items, span: p.spanFrom(start) }
}

function parseFactor(p: Parser, items: Pattern[]): void {
  const start = p.start()
  const item = p.nested(() => parsePatternPrimary(p))
  const quantifierStart = p.start()
  const bounds = parseQuantifier(p)
  if (bounds === undefined) items.push(item)
  else if (bounds === 'exclude') items.push(item, finishExclusion(p, quantifierStart))
  else {
    const reluctant = p.accept('?')
    const text = p.text.slice(quantifierStart, p.end())
    items.push({ kind: 'patternQuantified', item, ...bounds, reluctant, text, span: p.spanFrom(start) })
  }
}

type Bounds = { min: number; max?: number }

/** Behind `{-` a new pattern begins: an exclusion, which Flink reads here. */
function parseQuantifier(p: Parser): Bounds | 'exclude' | undefined {
  const word = p.acceptOneOf('*', '+', '?', '{')
  if (word === undefined) return undefined
  if (word === '*') return { min: 0 }
  if (word === '+') return { min: 1 }
  if (word === '?') return { min: 0, max: 1 }
  if (p.accept('-')) return 'exclude'
  if (p.accept(',')) {
    const max = Number(parseUnsignedNumber(p).text)
    p.expect('}')
    return { min: 0, max }
  }
  const min = Number(parseUnsignedNumber(p).text)
  if (!p.accept(',')) {
    p.expect('}')
    return { min, max: min }
  }
  if (p.accept('}')) return { min }
  const max = Number(parseUnsignedNumber(p).text)
  p.expect('}')
  return { min, max }
}

function finishExclusion(p: Parser, start: number): Pattern {
  const item = p.nested(() => parsePattern(p))
  p.expectAll('-', '}')
  return { kind: 'patternExclude', item, span: p.spanFrom(start) }
}

function parsePatternPrimary(p: Parser): Pattern {
  const start = p.start()
  if (p.accept('(')) {
    const pattern = parsePattern(p)
    p.expect(')')
    return pattern
  }
  if (p.accept('{')) {
    p.expect('-')
    return finishExclusion(p, start)
  }
  if (p.accept('PERMUTE')) {
    p.expect('(')
    const items = [parsePattern(p)]
    while (p.accept(',')) items.push(parsePattern(p))
    p.expect(')')
    return { kind: 'patternPermute', items, span: p.spanFrom(start) }
  }
  const name = p.name()
  return { kind: 'patternVariable', name, span: name.span }
}

// ------------------------------------------------------------------------------------------------------- subset and define

function parseSubsets(p: Parser): readonly PatternSubset[] {
  const subsets: PatternSubset[] = []
  do {
    const name = p.name()
    p.expectAll('=', '(')
    const variables = parseExpressionList(p, 'nonQuery')
    p.expect(')')
    subsets.push({ kind: 'patternSubset', name, variables, span: p.spanFrom(name.span.start) })
  } while (p.accept(','))
  return subsets
}

function parseDefinitions(p: Parser): readonly PatternDefinition[] {
  const definitions: PatternDefinition[] = []
  do {
    const name = p.name()
    p.expect('AS')
    const condition = p.rules.expression(p, 'subquery')
    definitions.push({ kind: 'patternDefinition', name, condition, span: p.spanFrom(name.span.start) })
  } while (p.accept(','))
  return definitions
}
