// Window specifications of OVER and of the WINDOW clause.
import type { Expression, FrameBound, WindowFrame, WindowSpecification } from './ast.ts'
import { parseOrderBy } from './parse-order.ts'
import { parseExpressionList } from './parse-parenthesized.ts'
import type { Parser } from './parser-state.ts'

export function parseWindowSpecification(p: Parser): WindowSpecification {
  const start = p.start()
  p.expect('(')
  // PARTIAL, RANGE and the like: of the words that may follow, none is a name.
  const reference = p.atName() ? p.name() : undefined
  let partitionBy: readonly Expression[] = []
  if (p.accept('PARTITION')) {
    p.expect('BY')
    partitionBy = parseExpressionList(p, 'nonQuery')
  }
  const orderBy = p.at('ORDER') ? parseOrderBy(p, true) : []
  const frame = parseFrameIfAny(p)
  const partial = p.acceptOneOf('ALLOW', 'DISALLOW')
  if (partial !== undefined) p.expect('PARTIAL')
  p.expect(')')
  return {
    kind: 'windowSpecification',
    ...(reference === undefined ? {} : { reference }),
    partitionBy,
    orderBy,
    ...(frame === undefined ? {} : { frame }),
    ...(partial === undefined ? {} : { allowPartial: partial === 'ALLOW' }),
    span: p.spanFrom(start),
  }
}

function parseFrameIfAny(p: Parser): WindowFrame | undefined {
  const start = p.start()
  const unit = p.acceptOneOf('ROWS', 'RANGE')
  if (unit === undefined) return undefined
  if (!p.accept('BETWEEN')) {
    const from = parseFrameBound(p)
    return { kind: 'windowFrame', unit, from, span: p.spanFrom(start) }
  }
  const from = parseFrameBound(p)
  p.expect('AND')
  const to = parseFrameBound(p)
  return { kind: 'windowFrame', unit, from, to, span: p.spanFrom(start) }
}

function parseFrameBound(p: Parser): FrameBound {
  const start = p.start()
  if (p.acceptAll('CURRENT', 'ROW')) return { kind: 'frameBound', bound: 'CURRENT ROW', span: p.spanFrom(start) }
  const second = p.peekAt(1)
  if (p.at('UNBOUNDED') && (second === 'PRECEDING' || second === 'FOLLOWING')) {
    p.advance()
    p.advance()
    return { kind: 'frameBound', bound: `UNBOUNDED ${second}`, span: p.spanFrom(start) }
  }
  const offset = p.nested(() => p.rules.expression(p, 'nonQuery'))
  const bound = p.expectOneOf('PRECEDING', 'FOLLOWING')
  return { kind: 'frameBound', bound, offset, span: p.spanFrom(start) }
}
