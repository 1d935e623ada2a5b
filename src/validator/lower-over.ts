// OVER calls in a select list become OVER operators: one per different window, each appending its calls to the rows.
import type { AggregateCall, Expression } from '../plan/expression.ts'
import type { Findings } from '../plan/findings.ts'
import type { Plan, SortKey } from '../plan/plan.ts'
import {
  type Bound,
  type BoundWindow,
  findPart,
  rewrite,
  sameBound,
  sameWindow,
  toExpression,
} from './bound-expression.ts'
import { extend, node } from './build-plan.ts'

type Over = Bound & { readonly kind: 'over' }

/** Undefined where something in a call has no plan. */
export function lowerOver(
  plan: Plan,
  items: readonly Bound[],
  findings: Findings,
): { readonly plan: Plan; readonly items: readonly Bound[] } | undefined {
  const calls: Over[] = []
  for (const item of items) collect(item, calls)
  if (calls.length === 0) return { plan, items }
  const groups: { window: BoundWindow; calls: Over[] }[] = []
  for (const call of calls) {
    const group = groups.find(({ window }) => sameWindow(window, call.window))
    if (group) group.calls.push(call)
    else groups.push({ window: call.window, calls: [call] })
  }
  const second = groups[1]?.calls[0]
  if (second) {
    findings.error('STR013', second.span, 'all OVER calls of one SELECT need the same window', {
      stage: 'plan',
      hint: 'Compute the other one in a query around this one.',
    })
    return undefined
  }
  let current: Plan = plan
  const columns = new Map<Over, number>()
  for (const group of groups) {
    const next = overOperator(current, group.window, group.calls)
    if (!next) return undefined
    group.calls.forEach((call, i) => {
      columns.set(call, next.schema.length - group.calls.length + i)
    })
    current = next
  }
  const replace = (part: Bound): Bound | undefined => {
    if (part.kind !== 'over') return undefined
    const call = calls.find((known) => sameBound(known, part))!
    return { kind: 'column', index: columns.get(call)!, type: part.type, span: part.span }
  }
  return { plan: current, items: items.map((item) => rewrite(item, replace)) }
}

function collect(item: Bound, into: Over[]): void {
  findPart(item, (part) => {
    if (part.kind === 'over' && !into.some((known) => sameBound(known, part))) into.push(part)
    return false
  })
}

function overOperator(input: Plan, window: BoundWindow, calls: readonly Over[]): Plan | undefined {
  const added: { name: string; expression: Expression }[] = []
  const columnOf = (bound: Bound): number | undefined => {
    if (bound.kind === 'column') return bound.index
    const expression = toExpression(bound)
    if (!expression) return undefined
    added.push({ name: `$${added.length}`, expression })
    return input.schema.length + added.length - 1
  }
  const partition = window.partition.map(columnOf)
  const order = window.order.map(({ value, descending, nullsFirst }) => ({
    column: columnOf(value),
    descending,
    nullsFirst,
  }))
  const args = calls.map((call) => call.arguments.map(toExpression))
  if (
    partition.includes(undefined) ||
    order.some((key) => key.column === undefined) ||
    args.flat().includes(undefined)
  ) {
    return undefined
  }
  const source = extend(input, added, window.span)
  const aggregateCalls = calls.map(
    (call, i): AggregateCall => ({
      function: call.function,
      arguments: args[i] as Expression[],
      distinct: call.distinct,
      type: call.type,
      span: call.span,
    }),
  )
  const schema = [...source.schema, ...calls.map((call, i) => ({ name: `over$${i}`, type: call.type }))]
  return node(schema, window.span, {
    kind: 'over' as const,
    input: source,
    partition: partition as number[],
    order: order as SortKey[],
    frame: window.frame,
    calls: aggregateCalls,
  })
}
