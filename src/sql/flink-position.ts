// Where Flink's validator points for a node, where that is not the node's own text.
import type { Span } from '../diagnostics/diagnostic.ts'
import type { Call, Join, Node } from './ast.ts'

/** The span that Flink reports for `node`. */
export function flinkSpan(node: Node): Span {
  switch (node.kind) {
    case 'subquery':
    case 'derivedTable':
      return flinkSpan(node.query)
    case 'call':
      return callSpan(node)
    case 'tableFunction':
      return node.wrapped ? node.span : node.call.callSpan
    case 'join':
      return joinSpan(node)
    case 'binary':
      return union(flinkSpan(node.left), union(node.operatorSpan, flinkSpan(node.right)))
    case 'postfix':
      return union(flinkSpan(node.operand), node.operatorSpan)
    case 'unary':
      return union(node.operatorSpan, flinkSpan(node.operand))
    case 'selectItem':
      return node.alias === undefined ? flinkSpan(node.expression) : union(flinkSpan(node.expression), node.alias.span)
    case 'with':
      return { start: node.items[0]!.name.span.start, end: node.items[node.items.length - 1]!.span.end }
    default:
      return node.span
  }
}

/** The clauses behind a call are operators of their own for Flink: the last one has the say. */
function callSpan(call: Call): Span {
  return (
    call.over?.span ??
    call.filter?.span ??
    call.withinGroup?.span ??
    call.withinDistinct?.span ??
    (call.nullTreatment !== undefined && call.nullTreatment.span.start >= call.callSpan.end
      ? call.nullTreatment.span
      : call.callSpan)
  )
}

/** The comma, or the word JOIN. */
function joinSpan(join: Join): Span {
  const { end } = join.operatorSpan
  return join.type === 'COMMA' ? join.operatorSpan : { start: end - 'JOIN'.length, end }
}

function union(a: Span, b: Span): Span {
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) }
}
