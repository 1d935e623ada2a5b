// (query) or (expression, expression, ...), the form behind IN, ROW, ARRAY, UNNEST and plain parentheses.
import type { Span } from '../diagnostics/diagnostic.ts'
import type { DefaultArgument, Expression, Query } from './ast.ts'
import { insideParentheses, refuseNonQuery } from './context.ts'
import { startsExpression } from './lookahead.ts'
import type { Context, Parser } from './parser-state.ts'

export type Parenthesized<T> = { readonly items: readonly T[]; readonly span: Span }

export function parseParenthesized(p: Parser, context: Context): Parenthesized<Query | Expression> {
  const start = p.start()
  p.expect('(')
  const items = [p.nested(() => p.rules.orderedQueryOrExpression(p, insideParentheses(context)))]
  while (p.accept(',')) {
    refuseNonQuery(p, context)
    items.push(p.nested(() => p.rules.expression(p, context)))
  }
  p.expect(')')
  return { items, span: p.spanFrom(start) }
}

/** The same with DEFAULT in place of any value: rows of VALUES. */
export function parseParenthesizedWithDefault(
  p: Parser,
  context: Context,
): Parenthesized<Query | Expression | DefaultArgument> {
  const start = p.start()
  p.expect('(')
  const items: (Query | Expression | DefaultArgument)[] = [
    parseDefaultIfAny(p) ?? p.nested(() => p.rules.orderedQueryOrExpression(p, insideParentheses(context))),
  ]
  while (p.accept(',')) {
    refuseNonQuery(p, context)
    items.push(parseDefaultIfAny(p) ?? p.nested(() => p.rules.expression(p, context)))
  }
  p.expect(')')
  return { items, span: p.spanFrom(start) }
}

export function parseDefaultIfAny(p: Parser): DefaultArgument | undefined {
  return p.accept('DEFAULT') ? { kind: 'default', span: p.lastSpan() } : undefined
}

/** a, b, c: a comma is taken only when an expression can follow. */
export function parseExpressionList(p: Parser, context: Context): readonly Expression[] {
  const items = [p.nested(() => p.rules.expression(p, context))]
  while (p.at(',') && startsExpression(p, 1)) {
    p.advance()
    items.push(p.nested(() => p.rules.expression(p, 'subquery')))
  }
  return items
}
