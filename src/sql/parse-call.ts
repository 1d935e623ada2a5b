// Calls of named functions: arguments, the clauses behind them (WITHIN GROUP, FILTER, OVER), and window specifications.
import type { Span } from '../diagnostics/diagnostic.ts'
import type { Argument, Call, Expression, Identifier, Name, OrderItem, Query, TableArgument } from './ast.ts'
import { asExpression, insideParentheses, isQuery, refuseNonQuery } from './context.ts'
import { aggregateCallWords } from './first-sets.ts'
import { reservedFunctionNames } from './keywords.ts'
import { parseNumericLiteral, parseStringLiteral } from './parse-literal.ts'
import { parseNameOrList, parseObjectName } from './parse-name.ts'
import { parseOrderBy, parseOrderItem } from './parse-order.ts'
import { parseDefaultIfAny, parseExpressionList } from './parse-parenthesized.ts'
import { parseWindowSpecification } from './parse-window.ts'
import { type Context, isNameKind, type Parser } from './parser-state.ts'

/** A call of the tokens from the name's last part to the last token read. */
export function simpleCall(
  p: Parser,
  name: Identifier,
  args: readonly Argument[],
  quantifier?: 'ALL' | 'DISTINCT',
): Call {
  const callSpan = p.spanFrom(name.parts[name.parts.length - 1]!.span.start)
  const span = p.spanFrom(name.span.start)
  const call: Call = { kind: 'call', name, parentheses: true, args, callSpan, span }
  return quantifier === undefined ? call : { ...call, quantifier }
}

/** The word just read as a function's name. */
export function lastWordAsName(p: Parser): Identifier {
  const span = p.lastSpan()
  const name: Name = { kind: 'name', name: p.lastText(), quoted: false, span }
  return { kind: 'identifier', parts: [name], span }
}

function parseFunctionName(p: Parser): Identifier {
  if (isNameKind(p.peek())) return parseObjectName(p)
  if (!reservedFunctionNames.has(p.peek())) return p.fail('identifier')
  p.advance()
  return lastWordAsName(p)
}

export function parseNamedCall(p: Parser): Expression {
  const call = aggregateCallWords.has(p.peek()) && p.peekAt(1) === '(' ? parseAggregateWord(p) : parsePlainCall(p)
  const descriptor = asDescriptor(call)
  if (descriptor !== undefined) return descriptor
  return parseCallClauses(p, call)
}

function parsePlainCall(p: Parser): Call {
  const start = p.start()
  const specific = p.accept('SPECIFIC')
  const name = parseFunctionName(p)
  const args = parseArguments(p, 'subquery')
  const call = simpleCall(p, name, args.items, args.quantifier)
  return specific ? { ...call, specific, span: p.spanFrom(start) } : call
}

/** DESCRIPTOR(a, b) names columns instead of reading them. */
function asDescriptor(call: Call): Expression | undefined {
  const { name, args } = call
  if (name.parts.length !== 1 || name.parts[0]!.name.toUpperCase() !== 'DESCRIPTOR') return undefined
  const columns: Name[] = []
  for (const arg of args) {
    if (arg.kind !== 'identifier' || arg.parts.length !== 1) return undefined
    columns.push(arg.parts[0]!)
  }
  return { kind: 'descriptor', columns, span: call.span }
}

// --------------------------------------------------------------------------------------------------------------- arguments

export type Arguments = { readonly items: readonly Argument[]; readonly quantifier?: 'ALL' | 'DISTINCT' }

/** (), (*), or ([ALL | DISTINCT] a, b). */
export function parseArguments(p: Parser, context: Context): Arguments {
  if (p.atBoth('(', '*')) {
    p.advance()
    p.advance()
    const span = p.lastSpan()
    p.expect(')')
    return { items: [{ kind: 'star', span }] }
  }
  if (p.acceptAll('(', ')')) return { items: [] }
  return parseQuantifiedArguments(p, context)
}

export function parseQuantifiedArguments(p: Parser, context: Context): Arguments {
  p.expect('(')
  const quantifier = p.acceptOneOf('DISTINCT', 'ALL')
  const items = [parseFirstArgument(p, context)]
  while (p.accept(',')) {
    refuseNonQuery(p, context)
    items.push(parseArgument(p, context))
  }
  p.expect(')')
  return quantifier === undefined ? { items } : { items, quantifier }
}

/** The first argument may be a whole query; the others only in parentheses. */
export function parseFirstArgument(p: Parser, context: Context): Argument {
  return parseNamedArgument(p, () => {
    const start = p.start()
    if (p.at('TABLE') && isNameKind(p.peekAt(1))) return parseTableArgument(p)
    const node = p.nested(() => p.rules.orderedQueryOrExpression(p, insideParentheses(context)))
    return parseSetSemantics(p, node, start)
  })
}

export function parseArgument(p: Parser, context: Context): Argument {
  return parseNamedArgument(p, () => {
    if (p.at('TABLE')) return parseTableArgument(p)
    return p.nested(() => p.rules.expression(p, context))
  })
}

function parseNamedArgument(p: Parser, readValue: () => Argument): Argument {
  if (!isNameKind(p.peek()) || p.peekAt(1) !== '=>') return parseDefaultIfAny(p) ?? readValue()
  const name = p.name()
  p.expect('=>')
  const operatorSpan = p.lastSpan()
  const value = parseDefaultIfAny(p) ?? readValue()
  return { kind: 'namedArgument', name, operatorSpan, value, span: p.spanFrom(name.span.start) }
}

/** TABLE t [PARTITION BY a] [ORDER BY b]. */
function parseTableArgument(p: Parser): TableArgument {
  const start = p.start()
  p.expect('TABLE')
  const table = parseObjectName(p)
  return finishTableArgument(p, table, start) ?? { kind: 'tableArgument', table, span: p.spanFrom(start) }
}

/** A query as an argument, with the partitioning behind it. */
function parseSetSemantics(p: Parser, node: Query | Expression, start: number): Argument {
  const query = isQuery(node) ? node : node.kind === 'subquery' ? node.query : undefined
  const table = query ?? (node.kind === 'identifier' ? node : undefined)
  if (table === undefined) {
    // Read for Flink's sake; the validator knows no such argument either way.
    if (p.at('PARTITION')) finishTableArgument(p, { kind: 'identifier', parts: [], span: node.span }, start)
    return asExpression(node)
  }
  return finishTableArgument(p, table, start) ?? asExpression(node)
}

function finishTableArgument(p: Parser, table: Identifier | Query, start: number): TableArgument | undefined {
  let partitionBy: readonly Expression[] | undefined
  let orderBy: readonly OrderItem[] | undefined
  if (p.accept('PARTITION')) {
    p.expect('BY')
    partitionBy = parseNameOrList(p).map((name) => ({ kind: 'identifier', parts: [name], span: name.span }))
  }
  if (p.accept('ORDER')) {
    p.expect('BY')
    orderBy = parseSetOrder(p)
  }
  if (partitionBy === undefined && orderBy === undefined) return undefined
  return {
    kind: 'tableArgument',
    table,
    ...(partitionBy === undefined ? {} : { partitionBy }),
    ...(orderBy === undefined ? {} : { orderBy }),
    span: p.spanFrom(start),
  }
}

/** ORDER BY a, or ORDER BY (a, b): a comma without parentheses separates arguments. */
function parseSetOrder(p: Parser): readonly OrderItem[] {
  if (!p.accept('(')) return [parseOrderItem(p)]
  const items = [parseOrderItem(p)]
  while (p.accept(',')) items.push(parseOrderItem(p))
  p.expect(')')
  return items
}

// ----------------------------------------------------------------------------------------------- aggregates with own syntax

function parseAggregateWord(p: Parser): Call {
  const start = p.start()
  const word = p.peek()
  p.advance()
  const name = lastWordAsName(p)
  p.expect('(')
  if (word === 'PERCENTILE_CONT' || word === 'PERCENTILE_DISC') return parsePercentile(p, name)
  const quantifier = p.acceptOneOf('DISTINCT', 'ALL')
  const args = [parseArgument(p, 'subquery')]
  while (p.accept(',')) args.push(parseArgument(p, 'subquery'))
  const nullTreatment = parseNullTreatment(p)
  const orderBy = p.at('ORDER') ? parseOrderBy(p, true) : undefined
  const separator = p.accept('SEPARATOR') ? parseStringLiteral(p) : undefined
  p.expect(')')
  return {
    ...simpleCall(p, name, args, quantifier),
    ...(nullTreatment === undefined ? {} : { nullTreatment }),
    ...(orderBy === undefined ? {} : { orderBy }),
    ...(separator === undefined ? {} : { separator }),
    span: p.spanFrom(start),
  }
}

function parsePercentile(p: Parser, name: Identifier): Call {
  const args = [parseArgument(p, 'subquery')]
  if (p.accept(')')) return simpleCall(p, name, args)
  p.expect(',')
  args.push(parseNumericLiteral(p))
  const nullTreatment = parseNullTreatment(p)
  p.expect(')')
  const call = simpleCall(p, name, args)
  return nullTreatment === undefined ? call : { ...call, nullTreatment }
}

// ------------------------------------------------------------------------------------------------------ clauses behind calls

type Clauses = {
  -readonly [K in 'withinDistinct' | 'withinGroup' | 'filter' | 'nullTreatment' | 'over']?: NonNullable<Call[K]>
}

function parseCallClauses(p: Parser, call: Call): Call {
  const clauses: Clauses = {}
  const nullTreatment = parseNullTreatment(p)
  if (nullTreatment !== undefined) clauses.nullTreatment = nullTreatment
  if (p.atBoth('WITHIN', 'DISTINCT')) {
    const start = p.start()
    p.expectAll('WITHIN', 'DISTINCT', '(')
    const items = parseExpressionList(p, 'subquery')
    p.expect(')')
    clauses.withinDistinct = { items, span: p.spanFrom(start) }
  }
  const group = parseWithinGroup(p)
  if (group !== undefined) clauses.withinGroup = group
  if (p.accept('FILTER')) {
    const start = p.lastSpan().start
    p.expectAll('(', 'WHERE')
    const condition = p.nested(() => p.rules.expression(p, 'subquery'))
    p.expect(')')
    clauses.filter = { condition, span: p.spanFrom(start) }
  }
  const over = parseOver(p)
  if (over !== undefined) clauses.over = over
  for (const _ in clauses) return { ...call, ...clauses, span: p.spanFrom(call.span.start) }
  return call
}

export function parseWithinGroup(p: Parser): (Call['withinGroup'] & {}) | undefined {
  if (!p.accept('WITHIN')) return undefined
  const start = p.lastSpan().start
  p.expectAll('GROUP', '(')
  const items = parseOrderBy(p, true)
  p.expect(')')
  return { items, span: p.spanFrom(start) }
}

function parseNullTreatment(p: Parser): (Call['nullTreatment'] & {}) | undefined {
  if (p.peekAt(1) !== 'NULLS') return undefined
  const start = p.start()
  const word = p.acceptOneOf('IGNORE', 'RESPECT')
  if (word === undefined) return undefined
  p.advance()
  return { treatment: `${word} NULLS`, span: p.spanFrom(start) }
}

export function parseOver(p: Parser): (Call['over'] & {}) | undefined {
  if (!p.accept('OVER')) return undefined
  const start = p.lastSpan().start
  const window = p.at('(') ? parseWindowSpecification(p) : p.name()
  const span: Span = { start, end: window.span.end }
  return { window, span }
}
