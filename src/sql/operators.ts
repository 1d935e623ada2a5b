// Precedences of operators, and the tree from a flat list of operands and operators. As in Flink, the parser reads a whole
// row of operators first, then the precedences decide what belongs together.
import type { Span } from '../diagnostics/diagnostic.ts'
import type {
  BinaryExpression,
  BinaryOperator,
  Expression,
  ExpressionList,
  LikeExpression,
  PostfixOperator,
  QuantifiedComparison,
  Subquery,
  UnaryOperator,
} from './ast.ts'
import { flinkSpan } from './flink-position.ts'
import type { Parser } from './parser-state.ts'

export type Item =
  | { readonly role: 'operand'; readonly expression: Expression }
  | { readonly role: 'prefix'; readonly operator: UnaryOperator | 'EXISTS' | 'UNIQUE'; readonly span: Span }
  | { readonly role: 'binary'; readonly operator: BinaryOperator; readonly span: Span }
  | { readonly role: 'postfix'; readonly operator: PostfixOperator; readonly span: Span }
  | { readonly role: 'between'; readonly negated: boolean; readonly symmetric: boolean; readonly span: Span }
  | {
      readonly role: 'like'
      readonly operator: LikeExpression['operator']
      readonly negated: boolean
      readonly span: Span
    }
  | { readonly role: 'escape'; readonly span: Span }
  | { readonly role: 'in'; readonly negated: boolean; readonly right: ExpressionList | Subquery; readonly span: Span }
  | {
      readonly role: 'quantified'
      readonly operator: QuantifiedComparison['operator']
      readonly quantifier: QuantifiedComparison['quantifier']
      readonly right: ExpressionList | Subquery
      readonly span: Span
    }
  | { readonly role: 'access'; readonly apply: (operand: Expression) => Expression }

export const precedence = {
  access: 100,
  sign: 80,
  multiply: 60,
  add: 40,
  exists: 40,
  in: 32,
  comparison: 30,
  is: 28,
  not: 26,
  and: 24,
  or: 22,
} as const

const multisetPrecedence = { UNION: 14, EXCEPT: 14, INTERSECT: 18 } as const

export function binaryPrecedence(operator: BinaryOperator): number {
  switch (operator) {
    case 'OR':
      return precedence.or
    case 'AND':
      return precedence.and
    case '+':
    case '-':
      return precedence.add
    case '*':
    case '/':
    case '%':
    case '||':
      return precedence.multiply
    case 'MULTISET UNION':
    case 'MULTISET UNION ALL':
      return multisetPrecedence.UNION
    case 'MULTISET EXCEPT':
    case 'MULTISET EXCEPT ALL':
      return multisetPrecedence.EXCEPT
    case 'MULTISET INTERSECT':
    case 'MULTISET INTERSECT ALL':
      return multisetPrecedence.INTERSECT
    default:
      return precedence.comparison
  }
}

export function prefixPrecedence(operator: UnaryOperator | 'EXISTS' | 'UNIQUE'): number {
  if (operator === 'NOT') return precedence.not
  if (operator === '-' || operator === '+') return precedence.sign
  return precedence.exists
}

/** The tree of `items`, which begin with an operand or prefix operator and hold no gap. */
export function treeOf(p: Parser, items: readonly Item[]): Expression {
  const first = items[0]!
  if (items.length === 1 && first.role === 'operand') return first.expression
  const builder = new TreeBuilder(p, items)
  return builder.read(0)
}

class TreeBuilder {
  readonly #p: Parser
  readonly #items: readonly Item[]
  #at = 0

  constructor(p: Parser, items: readonly Item[]) {
    this.#p = p
    this.#items = items
  }

  /** An expression of operators that bind at least as strongly as `minimum`; `stop` ends it where an AND or ESCAPE belongs to somebody else. */
  read(minimum: number, stop?: 'AND' | 'escape'): Expression {
    let left = this.#readPrefix()
    for (let row = 0; ; row++) {
      this.#p.checkRow(row)
      const item = this.#items[this.#at]
      if (item === undefined) return left
      const next = this.#readOperator(left, item, minimum, stop)
      if (next === undefined) return left
      left = next
    }
  }

  #readPrefix(): Expression {
    const item = this.#items[this.#at++]!
    if (item.role === 'operand') return item.expression
    if (item.role !== 'prefix') throw new Error('bug in Sluice: an operator has no operand before it')
    const operand = this.#p.nested(() => this.read(prefixPrecedence(item.operator)))
    const span = { start: item.span.start, end: operand.span.end }
    if (item.operator === 'EXISTS' || item.operator === 'UNIQUE') {
      return { kind: 'exists', operator: item.operator, operatorSpan: item.span, operand, span }
    }
    return { kind: 'unary', operator: item.operator, operatorSpan: item.span, operand, span }
  }

  #readOperator(
    left: Expression,
    item: Item,
    minimum: number,
    stop: 'AND' | 'escape' | undefined,
  ): Expression | undefined {
    switch (item.role) {
      case 'access':
        this.#at++
        return item.apply(left)
      case 'binary': {
        if (stop === 'AND' && item.operator === 'AND') return undefined
        const own = binaryPrecedence(item.operator)
        if (own < minimum) return undefined
        this.#at++
        return binary(item.operator, item.span, left, this.read(own + 1, stop))
      }
      case 'postfix': {
        if (precedence.is < minimum) return undefined
        this.#at++
        const span = { start: left.span.start, end: item.span.end }
        return { kind: 'postfix', operator: item.operator, operatorSpan: item.span, operand: left, span }
      }
      case 'between':
        return precedence.in < minimum ? undefined : this.#readBetween(left, item, stop)
      case 'like':
        return precedence.in < minimum ? undefined : this.#readLike(left, item, stop)
      case 'in': {
        if (precedence.in < minimum) return undefined
        this.#at++
        const span = { start: left.span.start, end: item.right.span.end }
        return { kind: 'in', negated: item.negated, operatorSpan: item.span, operand: left, right: item.right, span }
      }
      case 'quantified': {
        if (precedence.comparison < minimum) return undefined
        this.#at++
        const { operator, quantifier, right } = item
        const span = { start: left.span.start, end: right.span.end }
        return { kind: 'quantified', operator, quantifier, operatorSpan: item.span, operand: left, right, span }
      }
      default:
        return undefined
    }
  }

  #readBetween(left: Expression, item: Item & { role: 'between' }, stop: 'AND' | 'escape' | undefined): Expression {
    this.#at++
    const low = this.read(0, 'AND')
    const and = this.#items[this.#at]
    if (and?.role !== 'binary' || and.operator !== 'AND') return this.#betweenWithoutAnd(low)
    this.#at++
    const high = this.read(precedence.in + 1, stop)
    const { negated, symmetric } = item
    const span = { start: left.span.start, end: high.span.end }
    return { kind: 'between', negated, symmetric, operatorSpan: item.span, operand: left, low, high, span }
  }

  #betweenWithoutAnd(low: Expression): Expression {
    const end = this.#endOfItems()
    const hint = 'Write BETWEEN low AND high.'
    this.#p.refuse('SYN008', { start: end, end: end + 1 }, 'BETWEEN has no AND behind its lower bound', hint)
    return low
  }

  #endOfItems(): number {
    const last = this.#items[this.#items.length - 1]!
    if (last.role === 'operand') return flinkSpan(last.expression).end
    if (last.role === 'in' || last.role === 'quantified') return last.right.span.end
    return last.role === 'access' ? this.#p.end() : last.span.end
  }

  #readLike(left: Expression, item: Item & { role: 'like' }, stop: 'AND' | 'escape' | undefined): Expression {
    this.#at++
    const pattern = this.read(precedence.in + 1, stop)
    let escapedBy: Expression | undefined
    if (this.#items[this.#at]?.role === 'escape') {
      this.#at++
      escapedBy = this.read(precedence.in + 1, stop)
    }
    const { operator, negated } = item
    const span = { start: left.span.start, end: (escapedBy ?? pattern).span.end }
    const like = { kind: 'like', operator, negated, operatorSpan: item.span, operand: left, pattern, span } as const
    return escapedBy === undefined ? like : { ...like, escape: escapedBy }
  }
}

function binary(operator: BinaryOperator, operatorSpan: Span, left: Expression, right: Expression): BinaryExpression {
  return { kind: 'binary', operator, operatorSpan, left, right, span: { start: left.span.start, end: right.span.end } }
}
