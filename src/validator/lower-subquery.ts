// Subqueries in expressions become joins: EXISTS and IN in WHERE semi and anti joins, a value one left join with its single row.
import type { Plan } from '../plan/plan.ts'
import { type Bound, findPart, rewrite, toExpression } from './bound-expression.ts'
import { column, filter, join, node, nullable } from './build-plan.ts'

export function conjunctsOf(bound: Bound): readonly Bound[] {
  return bound.kind === 'call' && bound.function === 'AND' ? bound.arguments.flatMap(conjunctsOf) : [bound]
}

export function conjunction(parts: readonly Bound[]): Bound | undefined {
  return parts.length === 0
    ? undefined
    : parts.reduce((left, right) => ({
        kind: 'call',
        function: 'AND',
        arguments: [left, right],
        type: { kind: 'BOOLEAN', nullable: left.type.nullable || right.type.nullable },
        span: { start: left.span.start, end: right.span.end },
      }))
}

export function hasOuter(bound: Bound): boolean {
  return findPart(bound, (part) => part.kind === 'outer') !== undefined
}

/** Filters `plan` by a condition that may hold subqueries; undefined where Sluice knows no plan for one. */
export function filterBy(plan: Plan | undefined, condition: Bound | undefined): Plan | undefined {
  if (!plan || !condition) return plan
  let current: Plan | undefined = plan
  const plain: Bound[] = []
  for (const part of conjunctsOf(condition)) {
    const negated = part.kind === 'call' && part.function === 'NOT'
    const inner = negated ? part.arguments[0]! : part
    if (inner.kind === 'subquery' && inner.form !== 'scalar') {
      current = current && semiJoin(current, inner, negated)
      continue
    }
    plain.push(part)
  }
  const rest = conjunction(plain)
  if (!rest || !current) return current
  const width = current.schema.length
  const settled = withValues(current, rest)
  const predicate = settled && toExpression(settled.bound)
  if (!settled || !predicate) return undefined
  const filtered = filter(settled.plan, predicate)
  if (filtered.schema.length === width) return filtered
  const kept = filtered.schema.slice(0, width)
  return node(kept, predicate.span, {
    kind: 'project' as const,
    input: filtered,
    expressions: kept.map((_, index) => column(filtered, index, predicate.span)),
  })
}

function semiJoin(plan: Plan, subquery: Bound & { kind: 'subquery' }, negated: boolean): Plan | undefined {
  const { query, span } = subquery
  if (!query.plan || (subquery.form === 'all' && !negated)) return undefined
  const width = plan.schema.length
  const conditions: Bound[] = (query.correlation ?? []).map((part) =>
    rewrite(part, (inner) => {
      if (inner.kind === 'outer' && inner.depth === 1) return { ...inner, kind: 'column' }
      if (inner.kind === 'column') return { ...inner, index: width + query.columns.length + inner.index }
      return undefined
    }),
  )
  for (const [i, value] of (subquery.operand ?? []).entries()) {
    const { type } = query.columns[i]!
    const against: Bound = { kind: 'column', index: width + i, type, span: value.span }
    const comparison: Bound = {
      kind: 'call',
      function: subquery.operator ?? '=',
      arguments: [value, against],
      type: { kind: 'BOOLEAN', nullable: value.type.nullable || type.nullable },
      span,
    }
    conditions.push(comparison)
  }
  const condition = conjunction(conditions)
  const expression = condition && toExpression(condition)
  if (condition && !expression) return undefined
  return join(
    {
      left: plan,
      right: query.plan,
      type: negated ? 'anti' : 'semi',
      keys: [],
      strategy: { kind: 'regular' },
      ...(expression && { condition: expression }),
    },
    plan.schema,
    span,
  )
}

/** Appends the value of each scalar subquery to the rows and replaces the subquery by that column. */
export function withValues(plan: Plan, bound: Bound): { readonly plan: Plan; readonly bound: Bound } | undefined {
  let current: Plan = plan
  let failed = false
  const replaced = rewrite(bound, (part) => {
    if (part.kind !== 'subquery') return undefined
    if (part.form !== 'scalar' || !part.query.plan || part.query.correlation) {
      failed = true
      return part
    }
    const type = nullable(part.query.columns[0]!.type)
    const right = singleRow(part.query.plan)
    current = join(
      { left: current, right, type: 'left', keys: [], strategy: { kind: 'regular' } },
      [...current.schema, { name: part.query.columns[0]!.name, type }],
      part.span,
    )
    return { kind: 'column', index: current.schema.length - 1, type, span: part.span }
  })
  return failed ? undefined : { plan: current, bound: replaced }
}

/** A global aggregate has one row by itself; anything else is reduced to its single value, which fails when there are several. */
function singleRow(plan: Plan): Plan {
  if (isSingleRow(plan)) return plan
  const { span } = plan
  const type = nullable(plan.schema[0]!.type)
  return node([{ name: plan.schema[0]!.name, type }], span, {
    kind: 'aggregate' as const,
    input: plan,
    keys: [],
    calls: [{ function: 'SINGLE_VALUE', arguments: [column(plan, 0, span)], distinct: false, type, span }],
  })
}

function isSingleRow(plan: Plan): boolean {
  if (plan.kind === 'project') return isSingleRow(plan.input)
  return plan.kind === 'aggregate' && plan.keys.length === 0 && plan.window === undefined
}
