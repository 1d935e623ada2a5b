// Walking and rebuilding plan expressions: children are data, one function knows them.
import type { AggregateCall, Expression } from './expression.ts'

/** Rebuilds from the leaves up. */
export function mapExpression(expression: Expression, change: (part: Expression) => Expression): Expression {
  if (expression.kind !== 'call') return change(expression)
  const parts = expression.arguments.map((argument) => mapExpression(argument, change))
  return change(
    parts.every((part, i) => part === expression.arguments[i]) ? expression : { ...expression, arguments: parts },
  )
}

/** Every column moved to where `to` says. */
export function moveColumns(expression: Expression, to: (index: number) => number): Expression {
  return mapExpression(expression, (part) => (part.kind === 'column' ? { ...part, index: to(part.index) } : part))
}

export function moveCall(call: AggregateCall, to: (index: number) => number): AggregateCall {
  return {
    ...call,
    arguments: call.arguments.map((argument) => moveColumns(argument, to)),
    ...(call.filter && { filter: moveColumns(call.filter, to) }),
  }
}

/** Adds the columns that an expression reads. */
export function addColumns(expression: Expression | undefined, into: Set<number>): void {
  if (expression?.kind === 'column') into.add(expression.index)
  if (expression?.kind === 'call') for (const argument of expression.arguments) addColumns(argument, into)
}

export function columnsOf(expression: Expression): ReadonlySet<number> {
  const columns = new Set<number>()
  addColumns(expression, columns)
  return columns
}

export function conjuncts(expression: Expression): readonly Expression[] {
  return expression.kind === 'call' && expression.function === 'AND'
    ? expression.arguments.flatMap(conjuncts)
    : [expression]
}

export function conjunctionOf(parts: readonly Expression[]): Expression | undefined {
  return parts.length === 0
    ? undefined
    : parts.reduce((left, right) => ({
        kind: 'call',
        function: 'AND',
        arguments: [left, right],
        type: { kind: 'BOOLEAN', nullable: left.type.nullable || right.type.nullable },
        span: { start: Math.min(left.span.start, right.span.start), end: Math.max(left.span.end, right.span.end) },
      }))
}
