// One operand of an expression: literals, names, constructors, CASE, parentheses. Calls are in parse-call.ts.
import type { CaseBranch, CollectionExpression, CollectionQuery, DateDifference, Expression, Name } from './ast.ts'
import { asExpression, isQuery, refuseNonQuery } from './context.ts'
import { builtinCallWords } from './first-sets.ts'
import { contextVariables, reservedFunctionNames } from './keywords.ts'
import { startsAtomByTwo, startsExpression, startsOperand } from './lookahead.ts'
import { parseBuiltinCall } from './parse-builtin-call.ts'
import { parseArguments, parseNamedCall, simpleCall } from './parse-call.ts'
import { parseIntervalQualifier, parseLiteralIfAny, unitAt } from './parse-literal.ts'
import { parseCompoundIdentifier, parseObjectName } from './parse-name.ts'
import { type Parenthesized, parseExpressionList, parseParenthesized } from './parse-parenthesized.ts'
import { type Context, isNameKind, type Parser } from './parser-state.ts'

export function parseOperand(p: Parser, context: Context): Expression {
  if (startsAtomByTwo(p, 0)) {
    const atom = parseAtom(p)
    refuseNonQuery(p, context)
    return atom
  }
  if (p.at('CURSOR')) return parseCursor(p, context)
  const start = p.start()
  const explicit = p.accept('ROW')
  if (!p.at('(')) return explicit ? p.fail('(') : p.fail('an expression')
  const list = parseParenthesized(p, context)
  if (explicit) return { kind: 'row', explicit: true, items: list.items.map(asExpression), span: p.spanFrom(start) }
  if (unitAt(p, 0) !== undefined) return parseDateDifference(p, list)
  const only = list.items.length === 1 ? list.items[0]! : undefined
  if (only === undefined) return { kind: 'row', explicit: false, items: list.items.map(asExpression), span: list.span }
  return isQuery(only) ? { kind: 'subquery', query: only, span: list.span } : only
}

/** (a - b) DAY: nothing but a difference may stand in the parentheses. */
function parseDateDifference(p: Parser, list: Parenthesized<unknown>): DateDifference {
  const start = list.span.start
  const unit = p.position
  const qualifier = parseIntervalQualifier(p)
  const only = list.items[0] as Expression
  const span = { start, end: p.ends[unit]! }
  if (list.items.length !== 1 || only.kind !== 'binary' || only.operator !== '-') {
    p.refuse(
      'SYN012',
      span,
      'a time unit may follow parentheses only around a difference',
      'Put an alias into backquotes.',
    )
  }
  const { left, right } = only as Expression & { kind: 'binary' }
  return { kind: 'dateDifference', left, right, qualifier, span: p.spanFrom(start) }
}

function parseCursor(p: Parser, context: Context): Expression {
  const start = p.start()
  p.expect('CURSOR')
  if (context !== 'all' && context !== 'cursor') {
    p.refuse('SYN012', p.lastSpan(), 'CURSOR may not stand here')
  }
  const operand = p.rules.expression(p, 'query')
  const query = operand.kind === 'subquery' ? operand.query : undefined
  if (query === undefined) return p.fail('(')
  return { kind: 'collectionQuery', type: 'CURSOR', query, span: p.spanFrom(start) }
}

/** A literal, call, constructor or name. */
export function parseAtom(p: Parser): Expression {
  const start = p.start()
  const kind = p.peek()
  if (kind === 'identifier' || kind === 'quotedIdentifier') {
    return isNamedCall(p) ? parseNamedCall(p) : parseCompoundIdentifier(p)
  }
  const literal = parseLiteralIfAny(p)
  if (literal !== undefined) return literal
  if (p.accept('?')) return { kind: 'parameter', span: p.lastSpan() }
  if (builtinCallWords.has(kind) && p.peekAt(1) === '(') return parseBuiltinCall(p)
  switch (kind) {
    case 'RUNNING':
    case 'FINAL':
      if (startsOperand(p, 1)) return parseRunningOrFinal(p, kind)
      break
    case 'MODEL':
      if (isNameKind(p.peekAt(1))) {
        p.advance()
        return { kind: 'modelArgument', model: parseObjectName(p), span: p.spanFrom(start) }
      }
      break
    case '{fn':
      return parseJdbcCall(p)
    case 'MULTISET':
      return parseMultiset(p)
    case 'ARRAY':
      return parseArrayOrMap(p, 'ARRAY')
    case 'MAP':
      if (startsMap(p)) return parseArrayOrMap(p, 'MAP')
      break
    case 'PERIOD':
      return parsePeriod(p)
    case 'NEW': {
      p.advance()
      const name = parseObjectName(p)
      const args = parseArguments(p, 'subquery')
      const call = simpleCall(p, name, args.items)
      return { ...call, isNew: true, span: p.spanFrom(start) }
    }
    case 'CASE':
      return parseCase(p)
    case 'NEXT':
    case 'CURRENT':
      if (p.peekAt(1) === 'VALUE') return parseSequenceValue(p, kind)
      break
  }
  if (isNamedCall(p)) return parseNamedCall(p)
  if (contextVariables.has(kind)) return parseContextVariable(p)
  return parseCompoundIdentifier(p)
}

/** Does a function's name, of however many parts, and a parenthesis stand here? */
function isNamedCall(p: Parser): boolean {
  let distance = p.peek() === 'SPECIFIC' ? 1 : 0
  if (!isNameKind(p.peekAt(distance)))
    return reservedFunctionNames.has(p.peekAt(distance)) && p.peekAt(distance + 1) === '('
  distance++
  while (p.peekAt(distance) === '.' && isNameKind(p.peekAt(distance + 1))) distance += 2
  return p.peekAt(distance) === '('
}

function parseContextVariable(p: Parser): Expression {
  const span = p.spanOf(p.position)
  p.advance()
  const name: Name = { kind: 'name', name: p.lastText(), quoted: false, span }
  const identifier = { kind: 'identifier', parts: [name], span } as const
  return { kind: 'call', name: identifier, parentheses: false, args: [], callSpan: span, span }
}

function parseRunningOrFinal(p: Parser, mode: 'RUNNING' | 'FINAL'): Expression {
  const start = p.start()
  p.advance()
  const operand = parseOperand(p, 'nonQuery')
  return { kind: 'runningOrFinal', mode, operand, span: p.spanFrom(start) }
}

function parseMultiset(p: Parser): CollectionExpression | CollectionQuery {
  const start = p.start()
  p.expect('MULTISET')
  if (p.accept('(')) {
    const node = p.nested(() => p.rules.queryOrExpression(p, 'query'))
    p.expect(')')
    const query = isQuery(node) ? node : node.kind === 'subquery' ? node.query : p.fail('SELECT')
    return { kind: 'collectionQuery', type: 'MULTISET', query, span: p.spanFrom(start) }
  }
  p.expect('[')
  const items = [p.nested(() => p.rules.expression(p, 'nonQuery'))]
  while (p.accept(',')) items.push(p.nested(() => p.rules.expression(p, 'nonQuery')))
  p.expect(']')
  return { kind: 'collection', type: 'MULTISET', items, span: p.spanFrom(start) }
}

/** MAP is a name too: it begins a map only if what follows can. */
function startsMap(p: Parser): boolean {
  const bracket = p.peekAt(1)
  if (bracket === '[') return p.peekAt(2) === ']' || startsExpression(p, 2)
  if (bracket !== '(') return false
  const third = p.peekAt(2)
  return (
    third === ')' ||
    startsExpression(p, 2) ||
    third === 'SELECT' ||
    third === 'VALUES' ||
    third === 'TABLE' ||
    third === 'WITH'
  )
}

function parseArrayOrMap(p: Parser, type: 'ARRAY' | 'MAP'): Expression {
  const start = p.start()
  p.expect(type)
  if (p.accept('[')) {
    const items = p.at(']') ? [] : parseExpressionList(p, 'nonQuery')
    p.expect(']')
    return { kind: 'collection', type, items, span: p.spanFrom(start) }
  }
  const name: Name = { kind: 'name', name: p.lastText(), quoted: false, span: p.lastSpan() }
  const identifier = { kind: 'identifier', parts: [name], span: name.span } as const
  if (p.acceptAll('(', ')')) return simpleCall(p, identifier, [])
  const list = parseParenthesized(p, 'all')
  const only = list.items.length === 1 ? list.items[0]! : undefined
  if (only !== undefined && isQuery(only))
    return { kind: 'collectionQuery', type, query: only, span: p.spanFrom(start) }
  return simpleCall(p, identifier, list.items.map(asExpression))
}

function parsePeriod(p: Parser): Expression {
  const start = p.start()
  p.expectAll('PERIOD', '(')
  const from = p.nested(() => p.rules.expression(p, 'subquery'))
  p.expect(',')
  const to = p.nested(() => p.rules.expression(p, 'subquery'))
  p.expect(')')
  return { kind: 'period', start: from, end: to, span: p.spanFrom(start) }
}

function parseSequenceValue(p: Parser, word: 'NEXT' | 'CURRENT'): Expression {
  const start = p.start()
  p.advance()
  p.expectAll('VALUE', 'FOR')
  const operatorSpan = p.spanFrom(start)
  const operand = parseCompoundIdentifier(p)
  return { kind: 'unary', operator: `${word} VALUE FOR`, operatorSpan, operand, span: p.spanFrom(start) }
}

function parseCase(p: Parser): Expression {
  const start = p.start()
  p.expect('CASE')
  const operand = p.at('WHEN') ? undefined : p.nested(() => p.rules.expression(p, 'subquery'))
  const branches: CaseBranch[] = []
  if (!p.at('WHEN')) p.fail('WHEN')
  while (p.at('WHEN')) branches.push(parseCaseBranch(p))
  const otherwise = p.accept('ELSE') ? p.nested(() => p.rules.expression(p, 'subquery')) : undefined
  p.expect('END')
  return {
    kind: 'case',
    ...(operand === undefined ? {} : { operand }),
    branches,
    ...(otherwise === undefined ? {} : { otherwise }),
    span: p.spanFrom(start),
  }
}

function parseCaseBranch(p: Parser): CaseBranch {
  const start = p.start()
  p.expect('WHEN')
  const conditions = parseExpressionList(p, 'subquery')
  p.expect('THEN')
  const result = p.nested(() => p.rules.expression(p, 'subquery'))
  return { kind: 'caseBranch', conditions, result, span: p.spanFrom(start) }
}

/** {fn NAME(...)}: JDBC's escape. */
function parseJdbcCall(p: Parser): Expression {
  const start = p.start()
  p.expect('{fn')
  const kind = p.peek()
  const isWord = isNameKind(kind) || reservedFunctionNames.has(kind) || builtinCallWords.has(kind) || kind === 'INSERT'
  if (!isWord) return p.fail('identifier')
  const span = p.spanOf(p.position)
  p.advance()
  const name: Name = { kind: 'name', name: p.text.slice(span.start, span.end), quoted: false, span }
  const identifier = { kind: 'identifier', parts: [name], span } as const
  const args = p.acceptAll('(', ')') ? [] : parseParenthesized(p, 'subquery').items.map(asExpression)
  const call = simpleCall(p, identifier, args)
  p.expect('}')
  return { ...call, jdbc: true, span: p.spanFrom(start) }
}

/** What may follow a dot behind an operand: a field, or a method call. */
export function parseRowElement(p: Parser): (operand: Expression) => Expression {
  const field = p.name()
  if (!p.at('(')) {
    return (operand) => ({ kind: 'field', operand, field, span: { start: operand.span.start, end: field.span.end } })
  }
  const args = parseArguments(p, 'subquery')
  const identifier = { kind: 'identifier', parts: [field], span: field.span } as const
  const call = simpleCall(p, identifier, args.items)
  return (operand) => ({ ...call, receiver: operand, span: { start: operand.span.start, end: call.span.end } })
}
