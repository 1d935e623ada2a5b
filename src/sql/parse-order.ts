// ORDER BY and its items.
import type { OrderItem } from './ast.ts'
import { startsExpression } from './lookahead.ts'
import type { Parser } from './parser-state.ts'

/** `accepted` is false behind an expression that is no query. */
export function parseOrderBy(p: Parser, accepted: boolean): readonly OrderItem[] {
  p.expect('ORDER')
  if (!accepted) p.refuse('SYN010', p.lastSpan(), 'ORDER BY may follow only a query')
  p.expect('BY')
  const items = [parseOrderItem(p)]
  while (p.at(',') && startsExpression(p, 1)) {
    p.advance()
    items.push(parseOrderItem(p))
  }
  return items
}

export function parseOrderItem(p: Parser): OrderItem {
  const start = p.start()
  const expression = p.rules.expression(p, 'subquery')
  const direction = p.acceptOneOf('ASC', 'DESC')
  let nulls: 'FIRST' | 'LAST' | undefined
  if (p.accept('NULLS')) nulls = p.expectOneOf('FIRST', 'LAST')
  return {
    kind: 'orderItem',
    expression,
    ...(direction === undefined ? {} : { direction }),
    ...(nulls === undefined ? {} : { nulls }),
    span: p.spanFrom(Math.min(start, expression.span.start)),
  }
}
