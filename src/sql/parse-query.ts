// Queries: SELECT with its clauses, VALUES, set operations, WITH, ORDER BY and LIMIT. FROM is in parse-table-reference.ts.
import type { Span } from '../diagnostics/diagnostic.ts'
import type {
  Expression,
  GroupBy,
  GroupingElement,
  NamedWindow,
  OrderedQuery,
  OrderItem,
  Query,
  Select,
  SelectItem,
  Values,
  With,
  WithItem,
} from './ast.ts'
import { asExpression, asQuery, refuseNotAQuery, refuseQuery } from './context.ts'
import { queryStarts, unsignedNumbers } from './first-sets.ts'
import { startsExpression } from './lookahead.ts'
import { parseHints } from './parse-hint.ts'
import { parseUnsignedNumber } from './parse-literal.ts'
import { parseNameList, parseObjectName } from './parse-name.ts'
import { parseOrderBy } from './parse-order.ts'
import { parseExpressionList, parseParenthesizedWithDefault } from './parse-parenthesized.ts'
import { parseSugarEmit, parseSugarWindowIfAny } from './parse-sugar.ts'
import { parseFrom, parseParenthesizedTable } from './parse-table-reference.ts'
import { parseWindowSpecification } from './parse-window.ts'
import { type Context, isNameKind, type Parser } from './parser-state.ts'

export function parseOrderedQueryOrExpression(p: Parser, context: Context): Query | Expression {
  return parseOrderAndLimit(p, parseQueryOrExpression(p, context))
}

/** For places that take only queries: the parser has refused anything else before it comes back. */
export function parseOrderedQuery(p: Parser): Query {
  const node = parseOrderedQueryOrExpression(p, 'query')
  const query = asQuery(node)
  if (query !== undefined) return query
  refuseNotAQuery(p)
  return p.fail('SELECT')
}

export function parseQueryOrExpression(p: Parser, context: Context): Query | Expression {
  const start = p.start()
  const list = p.at('WITH') ? parseWithList(p) : undefined
  const first = parseLeaf(p, context)
  const node = parseSetOperations(p, first, context)
  return list === undefined ? node : withList(p, list, node, start)
}

/** The same, beginning with a query for certain (behind an opening parenthesis where a join could stand too). */
export function parseQuery(p: Parser, context: Context): Query {
  const node = parseQueryOrExpression(p, context)
  return asQuery(node) ?? p.fail('SELECT')
}

function withList(
  p: Parser,
  list: { items: readonly WithItem[]; recursive: boolean },
  node: Query | Expression,
  start: number,
): With {
  const body = asQuery(node)
  if (body === undefined) {
    refuseNotAQuery(p)
    return p.fail('SELECT')
  }
  return { kind: 'with', recursive: list.recursive, items: list.items, body, span: p.spanFrom(start) }
}

function parseWithList(p: Parser): { items: readonly WithItem[]; recursive: boolean } {
  p.expect('WITH')
  const recursive = p.accept('RECURSIVE')
  const items = [parseWithItem(p)]
  while (p.accept(',')) items.push(parseWithItem(p))
  return { items, recursive }
}

function parseWithItem(p: Parser): WithItem {
  const name = p.name()
  const columns = p.at('(') ? parseNameList(p) : undefined
  p.expect('AS')
  const query = asQuery(asExpression(parseParenthesizedTable(p, 'query').node as Query | Expression))
  if (query === undefined) return p.fail('SELECT')
  return {
    kind: 'withItem',
    name,
    ...(columns === undefined ? {} : { columns }),
    query,
    span: p.spanFrom(name.span.start),
  }
}

function parseLeaf(p: Parser, context: Context): Query | Expression {
  if (!queryStarts.has(p.peek())) return p.rules.expression(p, context)
  refuseQuery(p, context)
  return p.nested(() => {
    if (p.at('SELECT')) return parseSelect(p)
    if (p.at('TABLE')) {
      const start = p.start()
      p.advance()
      return { kind: 'explicitTable', name: parseObjectName(p), span: p.spanFrom(start) }
    }
    return parseValues(p)
  })
}

// ----------------------------------------------------------------------------------------------------------- set operations

const setOperators = ['UNION', 'INTERSECT', 'EXCEPT', 'MINUS'] as const

type SetStep = { operator: 'UNION' | 'INTERSECT' | 'EXCEPT'; all: boolean; span: Span; right: Query }

/** INTERSECT binds more strongly than UNION and EXCEPT. */
export function parseSetOperations<T extends { readonly kind: string; readonly span: Span }>(
  p: Parser,
  first: T,
  context: Context,
): T | Query {
  if (!setOperators.some((word) => p.at(word))) return first
  const left = asQuery(first as unknown as Query | Expression)
  if (left === undefined) {
    refuseNotAQuery(p)
    return p.fail('SELECT')
  }
  const steps: SetStep[] = []
  for (;;) {
    const start = p.start()
    const word = p.acceptOneOf(...setOperators)
    if (word === undefined) return setTree(left, steps)
    if (word === 'MINUS') {
      const edit = { span: p.lastSpan(), text: 'EXCEPT' }
      p.refuse('SYN009', p.lastSpan(), 'MINUS is not allowed', 'Flink SQL writes it as EXCEPT.', edit)
    }
    const all = p.acceptOneOf('ALL', 'DISTINCT') === 'ALL'
    const span = p.spanFrom(start)
    refuseQuery(p, context)
    const right = asQuery(parseLeaf(p, 'query'))
    if (right === undefined) {
      refuseNotAQuery(p)
      return p.fail('SELECT')
    }
    p.checkRow(steps.length)
    steps.push({ operator: word === 'MINUS' ? 'EXCEPT' : word, all, span, right })
  }
}

function setTree(first: Query, steps: readonly SetStep[]): Query {
  let left = first
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!
    let right = step.right
    while (step.operator !== 'INTERSECT' && steps[i + 1]?.operator === 'INTERSECT') right = combine(right, steps[++i]!)
    left = combine(left, { ...step, right })
  }
  return left
}

function combine(left: Query, step: SetStep): Query {
  const { operator, all, right } = step
  const span = { start: left.span.start, end: right.span.end }
  return { kind: 'setOperation', operator, all, operatorSpan: step.span, left, right, span }
}

// -------------------------------------------------------------------------------------------------------- order and limit

export function parseOrderAndLimit<T extends { readonly kind: string; readonly span: Span }>(
  p: Parser,
  node: T,
): T | OrderedQuery {
  let items: readonly OrderItem[] | undefined
  const query = asQuery(node as unknown as Query | Expression)
  if (p.at('ORDER')) items = parseOrderBy(p, query !== undefined)
  const before = p.position
  const limit = parseLimit(p)
  if (items === undefined && p.position === before) return node
  if (query === undefined) {
    refuseNotAQuery(p)
    return p.fail('SELECT')
  }
  if (items === undefined && limit.offset === undefined && limit.fetch === undefined) return node
  return { kind: 'ordered', query, items: items ?? [], ...limit, span: p.spanFrom(node.span.start) }
}

type Limit = { offset?: Expression; fetch?: Expression }

/** LIMIT n [OFFSET m], OFFSET m [LIMIT n | FETCH ...], FETCH FIRST n ROWS ONLY. */
function parseLimit(p: Parser): Limit {
  const limit: Limit = {}
  if (p.at('LIMIT')) {
    parseLimitClause(p, limit)
    if (p.at('OFFSET')) parseOffset(p, limit)
  } else if (p.at('OFFSET')) {
    const start = p.start()
    parseOffset(p, limit)
    if (p.at('LIMIT')) {
      parseLimitClause(p, limit)
      p.refuse('SYN009', p.spanFrom(start), 'LIMIT may not follow OFFSET', 'Write LIMIT first, then OFFSET.')
    } else if (p.at('FETCH')) parseFetch(p, limit)
  } else if (p.at('FETCH')) parseFetch(p, limit)
  return limit
}

function parseLimitClause(p: Parser, limit: Limit): void {
  const start = p.start()
  p.expect('LIMIT')
  if (p.accept('ALL')) return
  const first = parseCount(p, 'ALL')
  if (!p.accept(',')) {
    limit.fetch = first
    return
  }
  if (!p.accept('ALL')) parseCount(p)
  p.refuse('SYN009', p.spanFrom(start), '`LIMIT start, count` is not allowed', 'Write LIMIT count OFFSET start.')
}

function parseOffset(p: Parser, limit: Limit): void {
  p.expect('OFFSET')
  limit.offset = parseCount(p)
  p.acceptOneOf('ROW', 'ROWS')
}

function parseFetch(p: Parser, limit: Limit): void {
  p.expect('FETCH')
  p.expectOneOf('FIRST', 'NEXT')
  limit.fetch = parseCount(p)
  p.expectOneOf('ROW', 'ROWS')
  p.expect('ONLY')
}

function parseCount(p: Parser, ...others: readonly string[]): Expression {
  if (p.accept('?')) return { kind: 'parameter', span: p.lastSpan() }
  return unsignedNumbers.has(p.peek()) ? parseUnsignedNumber(p) : p.fail('a number', ...others)
}

// ------------------------------------------------------------------------------------------------------------------ values

function parseValues(p: Parser): Values {
  const start = p.start()
  if (p.expectOneOf('VALUES', 'VALUE') === 'VALUE') {
    p.refuse('SYN009', p.lastSpan(), 'VALUE is not allowed', 'Flink SQL writes it as VALUES.', {
      span: p.lastSpan(),
      text: 'VALUES',
    })
  }
  const rows = [parseRowConstructor(p)]
  while (p.at(',') && startsRow(p)) {
    p.advance()
    rows.push(parseRowConstructor(p))
  }
  return { kind: 'values', rows, span: p.spanFrom(start) }
}

function startsRow(p: Parser): boolean {
  return p.peekAt(1) === '(' || startsExpression(p, 1)
}

/** (1, 'a'), ROW(1, 'a'), (ROW(1, 'a')), or one value without parentheses. */
function parseRowConstructor(p: Parser): Expression {
  const start = p.start()
  if (p.at('(') && p.peekAt(1) === 'ROW' && p.peekAt(2) === '(') {
    p.advance()
    const row = parseRowList(p)
    p.expect(')')
    return { ...row, span: p.spanFrom(start) }
  }
  if (p.at('(') || (p.at('ROW') && p.peekAt(1) === '(')) return parseRowList(p)
  return p.rules.expression(p, 'nonCursor')
}

function parseRowList(p: Parser): Expression {
  const start = p.start()
  const explicit = p.accept('ROW')
  const { items } = parseParenthesizedWithDefault(p, 'nonCursor')
  const values = items.map((item) => (item.kind === 'default' ? item : asExpression(item)))
  return { kind: 'row', explicit, items: values, span: p.spanFrom(start) }
}

// ------------------------------------------------------------------------------------------------------------------ select

type SelectClauses = {
  -readonly [K in 'from' | 'where' | 'groupBy' | 'having' | 'qualify' | 'sugarWindow' | 'sugarEmit']?: NonNullable<
    Select[K]
  >
}

function parseSelect(p: Parser): Select {
  const start = p.start()
  p.expect('SELECT')
  const hints = p.at('/*+') ? parseHints(p) : []
  const stream = p.accept('STREAM')
  const quantifier = p.acceptOneOf('DISTINCT', 'ALL')
  const items = [parseSelectItem(p)]
  while (p.accept(',')) items.push(parseSelectItem(p))
  const clauses: SelectClauses = {}
  let windows: readonly NamedWindow[] = []
  if (p.accept('FROM')) {
    clauses.from = parseFrom(p)
    if (p.sugar) Object.assign(clauses, parseSugarWindowIfAny(p))
    if (p.accept('WHERE')) clauses.where = p.rules.expression(p, 'subquery')
    if (p.at('GROUP')) clauses.groupBy = parseGroupBy(p)
    if (p.accept('HAVING')) clauses.having = p.rules.expression(p, 'subquery')
    if (p.accept('WINDOW')) windows = parseWindows(p)
    if (p.accept('QUALIFY')) clauses.qualify = p.rules.expression(p, 'subquery')
    if (p.sugar) Object.assign(clauses, parseSugarEmit(p))
  }
  return {
    kind: 'select',
    hints,
    stream,
    ...(quantifier === undefined ? {} : { quantifier }),
    items,
    ...clauses,
    windows,
    span: p.spanFrom(start),
  }
}

function parseSelectItem(p: Parser): SelectItem {
  const start = p.start()
  if (p.accept('*')) {
    const span = p.lastSpan()
    return finishSelectItem(p, { kind: 'star', span }, start)
  }
  return finishSelectItem(p, p.rules.expression(p, 'subquery'), start)
}

function finishSelectItem(p: Parser, expression: Expression, start: number): SelectItem {
  const as = p.accept('AS')
  if (p.at('string')) {
    p.advance()
    const span = p.lastSpan()
    const name = p.text.slice(span.start + 1, span.end - 1)
    const edit = { span, text: `\`${name}\`` }
    p.refuse('SYN013', span, 'a string cannot be an alias', 'Put names into backquotes.', edit)
  }
  if (!as && !(isNameKind(p.peek()) && p.atName())) {
    if (p.position === p.recordAt) p.expected.push('AS')
    return { kind: 'selectItem', expression, span: { start: Math.min(start, expression.span.start), end: p.end() } }
  }
  const alias = p.name()
  return { kind: 'selectItem', expression, alias, span: p.spanFrom(start) }
}

function parseWindows(p: Parser): readonly NamedWindow[] {
  const windows = [parseNamedWindow(p)]
  while (p.at(',') && isNameKind(p.peekAt(1))) {
    p.advance()
    windows.push(parseNamedWindow(p))
  }
  return windows
}

function parseNamedWindow(p: Parser): NamedWindow {
  const name = p.name()
  p.expect('AS')
  const specification = parseWindowSpecification(p)
  return { kind: 'namedWindow', name, specification, span: p.spanFrom(name.span.start) }
}

// ---------------------------------------------------------------------------------------------------------------- group by

function parseGroupBy(p: Parser): GroupBy {
  const start = p.start()
  p.expectAll('GROUP', 'BY')
  const quantifier = p.acceptOneOf('DISTINCT', 'ALL')
  const items = parseGroupingElements(p)
  return { kind: 'groupBy', ...(quantifier === undefined ? {} : { quantifier }), items, span: p.spanFrom(start) }
}

function parseGroupingElements(p: Parser): readonly GroupingElement[] {
  const items = [parseGroupingElement(p)]
  while (p.at(',') && startsGroupingElement(p)) {
    p.advance()
    items.push(parseGroupingElement(p))
  }
  return items
}

function startsGroupingElement(p: Parser): boolean {
  const kind = p.peekAt(1)
  return kind === 'GROUPING' || kind === 'ROLLUP' || kind === 'CUBE' || startsExpression(p, 1)
}

function parseGroupingElement(p: Parser): GroupingElement {
  const start = p.start()
  if (p.atBoth('GROUPING', 'SETS')) {
    p.expectAll('GROUPING', 'SETS', '(')
    const items = p.nested(() => parseGroupingElements(p))
    p.expect(')')
    return { kind: 'groupingSets', items, span: p.spanFrom(start) }
  }
  const word = p.acceptOneOf('ROLLUP', 'CUBE')
  if (word !== undefined) {
    p.expect('(')
    const items = parseExpressionList(p, 'subquery')
    p.expect(')')
    return { kind: word === 'ROLLUP' ? 'rollup' : 'cube', items, span: p.spanFrom(start) }
  }
  if (p.acceptAll('(', ')')) return { kind: 'emptyGrouping', span: p.spanFrom(start) }
  return p.rules.expression(p, 'subquery')
}
