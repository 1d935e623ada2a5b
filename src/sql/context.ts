// What may stand at a place: Flink's parser reads queries and expressions by the same productions and refuses afterwards.
import type { Expression, Query } from './ast.ts'
import type { Context, Parser } from './parser-state.ts'

const queryKinds: ReadonlySet<string> = new Set([
  'select',
  'setOperation',
  'values',
  'explicitTable',
  'with',
  'ordered',
])

export function isQuery(node: { readonly kind: string }): node is Query {
  return queryKinds.has(node.kind)
}

/** A query that stands bare where an expression may stand, such as the only argument of a call. */
export function asExpression(node: Query | Expression): Expression {
  return isQuery(node) ? { kind: 'subquery', query: node, span: node.span } : node
}

/** The query in parentheses, where only a query may stand. */
export function asQuery(node: Query | Expression): Query | undefined {
  if (isQuery(node)) return node
  return node.kind === 'subquery' ? node.query : undefined
}

/** Where only a query may stand, anything else is refused as soon as it is seen. */
export function refuseNonQuery(p: Parser, context: Context): void {
  if (context === 'query') refuseNotAQuery(p)
}

export function refuseNotAQuery(p: Parser): void {
  p.refuse('SYN010', p.lastSpan(), 'a query is needed here, not an expression')
}

/** Called before a query is read, as Flink does: the place is that of the token before it. */
export function refuseQuery(p: Parser, context: Context): void {
  if (context !== 'nonQuery' && context !== 'subquery' && context !== 'cursor') return
  const hint = context === 'nonQuery' ? 'Only an expression can stand here.' : 'Put parentheses around it.'
  p.refuse('SYN011', p.lastSpan(), 'a query may not stand here', hint)
}

/** In parentheses more may stand than outside. */
export function insideParentheses(context: Context): Context {
  if (context === 'subquery') return 'nonCursor'
  return context === 'cursor' ? 'all' : context
}
