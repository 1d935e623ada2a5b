// Expressions: a row of operands and operators, read as Flink's parser reads it, then made a tree by operators.ts.
import type { BinaryOperator, Expression, ExpressionList, LikeExpression, PostfixOperator, Subquery } from './ast.ts'
import { asExpression, isQuery, refuseNonQuery } from './context.ts'
import { prefixOperators } from './first-sets.ts'
import type { TokenKind } from './lexer.ts'
import { startsExpression, startsExpressionByTwo } from './lookahead.ts'
import { type Item, treeOf } from './operators.ts'
import { parseOperand, parseRowElement } from './parse-operand.ts'
import { parseParenthesized } from './parse-parenthesized.ts'
import { type Context, isNameKind, type Parser } from './parser-state.ts'

export function parseExpression(p: Parser, context: Context): Expression {
  const items: Item[] = []
  readOperators(p, context, items)
  return treeOf(p, items)
}

/** One operand with prefix operators before and field accesses behind. */
function readOperand(p: Parser, context: Context, items: Item[]): void {
  for (;;) {
    const kind = p.peek()
    if (!prefixOperators.has(kind)) break
    p.advance()
    refuseNonQuery(p, context)
    items.push({ role: 'prefix', operator: kind as '+' | '-' | 'NOT' | 'EXISTS' | 'UNIQUE', span: p.lastSpan() })
  }
  items.push({ role: 'operand', expression: parseOperand(p, context) })
  while (p.at('.') && isNameKind(p.peekAt(1))) {
    p.advance()
    const access = parseRowElement(p)
    items.push({ role: 'access', apply: access })
  }
}

function readOperators(p: Parser, context: Context, items: Item[]): void {
  readOperand(p, context, items)
  while (readOperator(p, context, items)) {
    // Everything happens in the condition.
  }
}

/** Reads one operator with what follows it; false where the next tokens begin none. */
function readOperator(p: Parser, context: Context, items: Item[]): boolean {
  const kind = p.peek()
  switch (kind) {
    case 'NOT':
      return readNegated(p, context, items)
    case 'IN':
      if (p.peekAt(1) !== '(') return false
      return readIn(p, context, items, false, 1)
    case 'BETWEEN':
      return readBetween(p, context, items, false)
    case 'LIKE':
    case 'ILIKE':
    case 'RLIKE':
      return readLike(p, context, items, kind, false)
    case 'SIMILAR':
      return p.peekAt(1) === 'TO' && readLike(p, context, items, 'SIMILAR TO', false)
    case 'IS':
      return readIs(p, context, items)
    case '[':
      return readElement(p, items)
    case 'FORMAT':
      if (p.peekAt(1) !== 'JSON') return false
      refuseNonQuery(p, context)
      return readFormatJson(p, items)
    default:
      return readBinary(p, context, items, kind)
  }
}

const simpleBinary: ReadonlySet<string> = new Set<BinaryOperator>([
  '=',
  '<>',
  '<',
  '<=',
  '>',
  '>=',
  '+',
  '-',
  '*',
  '/',
  '%',
  '||',
  'AND',
  'OR',
  'CONTAINS',
  'OVERLAPS',
  'EQUALS',
  'PRECEDES',
  'SUCCEEDS',
])

const comparisons: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=', '!='])

function readBinary(p: Parser, context: Context, items: Item[], kind: TokenKind): boolean {
  if (comparisons.has(kind) && readQuantified(p, context, items, kind)) return true
  if (simpleBinary.has(kind) || kind === '!=') {
    if (!startsExpression(p, 1)) return false
    if (!startsExpressionByTwo(p, 1)) p.failBehind(1, 'an expression')
    p.advance()
    const span = p.lastSpan()
    if (kind === '!=') {
      const edit = { span, text: '<>' }
      p.refuse('SYN009', span, '`!=` is not allowed', 'Flink SQL writes unequal as `<>`.', edit)
    }
    refuseNonQuery(p, context)
    items.push({ role: 'binary', operator: kind as BinaryOperator, span })
    readOperand(p, 'subquery', items)
    return true
  }
  const words = wordOperator(p)
  if (words === undefined) return false
  const start = p.start()
  for (let i = 0; i < words.words; i++) p.advance()
  refuseNonQuery(p, context)
  items.push({ role: 'binary', operator: words.operator, span: p.spanFrom(start) })
  readOperand(p, 'subquery', items)
  return true
}

/** Operators of several words. */
function wordOperator(p: Parser): { operator: BinaryOperator; words: number } | undefined {
  const second = p.peekAt(1)
  switch (p.peek()) {
    case 'MEMBER':
      return second === 'OF' ? { operator: 'MEMBER OF', words: 2 } : undefined
    case 'SUBMULTISET':
      return second === 'OF' ? { operator: 'SUBMULTISET OF', words: 2 } : undefined
    case 'IMMEDIATELY':
      if (second === 'PRECEDES') return { operator: 'IMMEDIATELY PRECEDES', words: 2 }
      return second === 'SUCCEEDS' ? { operator: 'IMMEDIATELY SUCCEEDS', words: 2 } : undefined
    case 'MULTISET': {
      if (second !== 'UNION' && second !== 'INTERSECT' && second !== 'EXCEPT') return undefined
      const third = p.peekAt(2)
      if (third === 'DISTINCT') return { operator: `MULTISET ${second}`, words: 3 }
      return { operator: `MULTISET ${second} ALL`, words: third === 'ALL' ? 3 : 2 }
    }
    default:
      return undefined
  }
}

function readQuantified(p: Parser, context: Context, items: Item[], kind: TokenKind): boolean {
  const quantifier = p.peekAt(1)
  if (quantifier !== 'SOME' && quantifier !== 'ANY' && quantifier !== 'ALL') return false
  refuseNonQuery(p, context)
  p.advance()
  const operatorSpan = p.lastSpan()
  if (kind === '!=') p.refuse('SYN009', operatorSpan, '`!=` is not allowed', 'Flink SQL writes unequal as `<>`.')
  p.advance()
  const span = p.lastSpan()
  const right = readRightList(p)
  items.push({
    role: 'quantified',
    operator: kind as '=',
    quantifier,
    right,
    span: { start: operatorSpan.start, end: span.end },
  })
  return true
}

function readNegated(p: Parser, context: Context, items: Item[]): boolean {
  switch (p.peekAt(1)) {
    case 'IN':
      return readIn(p, context, items, true, 2)
    case 'BETWEEN':
      return readBetween(p, context, items, true)
    case 'LIKE':
      return readLike(p, context, items, 'LIKE', true)
    case 'ILIKE':
      return readLike(p, context, items, 'ILIKE', true)
    case 'RLIKE':
      return readLike(p, context, items, 'RLIKE', true)
    case 'SIMILAR':
      return readLike(p, context, items, 'SIMILAR TO', true)
    case 'SUBMULTISET': {
      if (p.peekAt(2) !== 'OF') return false
      const start = p.start()
      for (let i = 0; i < 3; i++) p.advance()
      items.push({ role: 'binary', operator: 'NOT SUBMULTISET OF', span: p.spanFrom(start) })
      readOperand(p, 'subquery', items)
      return true
    }
    default:
      return false
  }
}

function readIn(p: Parser, context: Context, items: Item[], negated: boolean, words: number): boolean {
  refuseNonQuery(p, context)
  const start = p.start()
  for (let i = 0; i < words; i++) p.advance()
  const span = p.spanFrom(start)
  items.push({ role: 'in', negated, right: readRightList(p), span })
  return true
}

function readRightList(p: Parser): ExpressionList | Subquery {
  const { items, span } = parseParenthesized(p, 'nonCursor')
  const only = items.length === 1 ? items[0]! : undefined
  if (only !== undefined && isQuery(only)) return { kind: 'subquery', query: only, span }
  if (only?.kind === 'subquery') return only
  return { kind: 'list', items: items.map(asExpression), span }
}

function readBetween(p: Parser, context: Context, items: Item[], negated: boolean): boolean {
  const next = p.peekAt(1)
  if (!negated && next !== 'SYMMETRIC' && next !== 'ASYMMETRIC' && !startsExpression(p, 1)) return false
  refuseNonQuery(p, context)
  const start = p.start()
  if (negated) p.advance()
  p.advance()
  const span = p.spanFrom(start)
  const symmetric = p.acceptOneOf('SYMMETRIC', 'ASYMMETRIC') === 'SYMMETRIC'
  items.push({ role: 'between', negated, symmetric, span })
  readOperand(p, 'subquery', items)
  return true
}

function readLike(
  p: Parser,
  context: Context,
  items: Item[],
  operator: LikeExpression['operator'],
  negated: boolean,
): boolean {
  if (!negated && operator !== 'SIMILAR TO' && !startsExpression(p, 1)) return false
  refuseNonQuery(p, context)
  const start = p.start()
  if (negated) p.advance()
  p.advance()
  if (operator === 'SIMILAR TO') p.expect('TO')
  items.push({ role: 'like', operator, negated, span: p.spanFrom(start) })
  p.nested(() => readOperators(p, 'subquery', items))
  if (p.at('ESCAPE') && startsExpression(p, 1)) {
    p.advance()
    items.push({ role: 'escape', span: p.lastSpan() })
    items.push({ role: 'operand', expression: parseOperand(p, 'subquery') })
  }
  return true
}

const isNouns = ['NULL', 'TRUE', 'FALSE', 'UNKNOWN', 'EMPTY'] as const
const jsonNouns = ['VALUE', 'OBJECT', 'ARRAY', 'SCALAR'] as const

function readIs(p: Parser, context: Context, items: Item[]): boolean {
  const second = p.peekAt(1)
  const negated = second === 'NOT'
  if (p.peekAt(negated ? 2 : 1) === 'DISTINCT' && (negated || p.peekAt(2) === 'FROM')) {
    const start = p.start()
    for (let i = negated ? 3 : 2; i > 0; i--) p.advance()
    p.expect('FROM')
    refuseNonQuery(p, context)
    const operator = negated ? 'IS NOT DISTINCT FROM' : 'IS DISTINCT FROM'
    items.push({ role: 'binary', operator, span: p.spanFrom(start) })
    readOperand(p, 'subquery', items)
    return true
  }
  const follows =
    negated || second === 'A' || second === 'JSON' || second === 'DISTINCT' || isNouns.includes(second as 'NULL')
  if (!follows) {
    if (p.position + 1 === p.recordAt) p.expected.push('NULL', 'NOT', 'TRUE', 'FALSE', 'DISTINCT')
    return false
  }
  refuseNonQuery(p, context)
  const start = p.start()
  p.advance()
  if (negated) p.advance()
  const predicate = readIsPredicate(p)
  items.push({
    role: 'postfix',
    operator: `IS ${negated ? 'NOT ' : ''}${predicate}` as PostfixOperator,
    span: p.spanFrom(start),
  })
  return true
}

function readIsPredicate(p: Parser): string {
  if (p.accept('A')) {
    p.expect('SET')
    return 'A SET'
  }
  if (p.accept('JSON')) {
    const noun = p.acceptOneOf(...jsonNouns)
    return noun === undefined ? 'JSON' : `JSON ${noun}`
  }
  return p.expectOneOf(...isNouns)
}

const elementModes = ['OFFSET', 'ORDINAL', 'SAFE_OFFSET', 'SAFE_ORDINAL'] as const

/** Flink takes the bracket without looking behind it. */
function readElement(p: Parser, items: Item[]): boolean {
  p.advance()
  const mode = p.acceptOneOf(...elementModes)
  const index = p.nested(() => parseExpression(p, 'subquery'))
  p.expect(']')
  const end = p.end()
  items.push({
    role: 'access',
    apply: (operand) => {
      const span = { start: operand.span.start, end }
      return { kind: 'element', operand, index, span, ...(mode === undefined ? {} : { mode }) }
    },
  })
  while (p.at('.') && isNameKind(p.peekAt(1))) {
    p.advance()
    const field = p.name()
    items.push({
      role: 'access',
      apply: (operand) => ({ kind: 'field', operand, field, span: { start: operand.span.start, end: field.span.end } }),
    })
  }
  return true
}

function readFormatJson(p: Parser, items: Item[]): boolean {
  const start = p.start()
  p.advance()
  p.advance()
  const encoding = p.peekAt(1)
  if (p.at('ENCODING') && (encoding === 'UTF8' || encoding === 'UTF16' || encoding === 'UTF32')) {
    p.advance()
    p.advance()
  }
  items.push({ role: 'postfix', operator: 'FORMAT JSON', span: p.spanFrom(start) })
  return true
}
