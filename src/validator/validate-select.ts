// SELECT, clause by clause in Calcite's order: FROM, WHERE, GROUP BY, HAVING, WINDOW, QUALIFY, the select list, ORDER BY. The plan is
// built along the way; a clause that is wrong leaves the query without a plan, and the following clauses are still looked at.
import type { Span } from '../diagnostics/diagnostic.ts'
import type { Plan } from '../plan/plan.ts'
import type { Argument, OrderedQuery, Select, SelectItem, WindowSpecification } from '../sql/ast.ts'
import type { Field } from '../types/logical-type.ts'
import { requireCondition } from './binder.ts'
import type { BoundQuery } from './bound-expression.ts'
import { type Bound, type BoundOrder, findPart, toExpression } from './bound-expression.ts'
import { node, project } from './build-plan.ts'
import type { Context } from './context.ts'
import { lowerOver } from './lower-over.ts'
import { conjunction, conjunctsOf, filterBy, hasOuter, withValues } from './lower-subquery.ts'
import { type Scope, scopeOf } from './scope.ts'
import { bindOrderItems, expandStar, type NamedBound, orderPlan } from './select-list.ts'
import { unknownType } from './unknown-type.ts'
import { bindExpression } from './validate-expression.ts'
import { checkAliases, validateFrom } from './validate-from.ts'
import {
  type Aggregation,
  bindGroupBy,
  buildAggregate,
  findAggregateCall,
  groupMayBeEmpty,
  newAggregation,
  overGroups,
  refuseAggregates,
  withoutWindows,
} from './validate-group.ts'
import { checkQueryHints } from './validate-hints.ts'

export function validateSelect(
  select: Select,
  parent: Scope | undefined,
  context: Context,
  ordered?: OrderedQuery,
  top = false,
): BoundQuery {
  const { findings } = context
  const start = findings.mark()
  if (select.from) checkAliases(select.from, context)
  const from = select.from
    ? validateFrom(select.from, { left: undefined, parent, context })
    : { sources: [], merged: new Map(), plan: node([], select.span, { kind: 'values' as const, rows: [[]] }) }
  checkQueryHints(
    select.hints,
    from.sources.flatMap(({ alias }) => alias ?? []),
    context,
  )
  const windows = new Map(select.windows.map(({ name, specification }) => [name.name, specification]))
  const scope: Scope = { ...scopeOf(from.sources, parent), merged: from.merged, windows }
  const where = select.where && !refuseAggregates(select.where, 'WHERE', context) ? select.where : undefined
  const condition = where && requireCondition(bindExpression(where, scope, context), 'WHERE', context)
  const grouped = isGrouped(select, ordered)
  const place: Scope = { ...scope, groupMayBeEmpty: grouped && groupMayBeEmpty(select.groupBy) }
  const grouping = grouped
    ? bindGroupBy(select.groupBy, (item) => bindExpression(item, scope, context), context)
    : undefined
  const aggregation = grouping && newAggregation(grouping)
  const settle = (bound: Bound | undefined) => {
    if (bound && aggregation) return overGroups(bound, aggregation, context)
    // Where GROUP BY itself is wrong, nothing more can be said about what it would have allowed.
    return bound && !grouped ? withoutWindows(bound, context) : bound
  }
  const having = select.having && bindHaving(select.having, place, settle, context)
  checkWindows(windows, place, context)
  const list = bindSelectList(select.items, place, context)
  const settled = list.map((item) => ({ ...item, bound: settle(item.bound) }))
  const aliases = new Map(list.flatMap(({ alias, bound }) => (alias && bound ? [[alias, bound] as const] : [])))
  const qualify = select.qualify && settle(bindQualify(select.qualify, { ...place, aliases }, context))
  refuseNulls(list, context)
  const order = ordered ? bindOrderItems(ordered.items, list, place, aliases, settle, context) : []
  const columns = settled.map(({ name, bound }): Field => ({ name, type: bound?.type ?? unknownType }))
  const renamed = new Map(list.flatMap(({ name, written }, i) => (written === name ? [] : [[i, written] as const])))
  const failed = findings.failedSince(start)
  if (failed || (grouped && !aggregation)) return { columns, plan: undefined }
  const parts = conjunctsOf(condition ?? trueAt(select.span))
  const outer = parts.filter(hasOuter)
  const local = condition && conjunction(parts.filter((part) => !hasOuter(part)))
  const base = filterBy(from.plan, local)
  const bounds = settled.map(({ bound }) => bound!)
  const assembled = assemble({ select, base, aggregation, having, qualify, bounds, order, columns, context })
  if (outer.length > 0)
    return { columns, ...correlated(select, base, bounds, columns, outer, grouped || order.length > 0) }
  const plan = orderPlan(assembled?.plan, assembled?.order ?? [], columns.length, ordered, top, context)
  return { columns, plan, renamed }
}

function trueAt(span: Span): Bound {
  return { kind: 'literal', value: true, type: { kind: 'BOOLEAN', nullable: false }, span }
}

function isGrouped(select: Select, ordered: OrderedQuery | undefined): boolean {
  if (select.groupBy || select.having) return true
  const expressions: (Argument | undefined)[] = [
    ...select.items.map((item) => item.expression),
    select.qualify,
    ...(ordered?.items.map(({ expression }) => expression) ?? []),
  ]
  return expressions.some((expression) => expression && findAggregateCall(expression) !== undefined)
}

function bindHaving(
  having: Argument,
  place: Scope,
  settle: (bound: Bound | undefined) => Bound | undefined,
  context: Context,
): Bound | undefined {
  return settle(requireCondition(bindExpression(having, place, context), 'HAVING', context))
}

/** A condition on OVER calls, which it may name by their aliases. */
function bindQualify(condition: Argument, scope: Scope, context: Context): Bound | undefined {
  const bound = requireCondition(bindExpression(condition, scope, context), 'QUALIFY', context)
  if (!bound || findPart(bound, (part) => part.kind === 'over')) return bound
  return context.findings.error('STR013', condition.span, 'QUALIFY needs a function with OVER', {
    hint: 'Use WHERE for conditions on single rows.',
  })
}

/** Windows of the WINDOW clause are judged even where nothing uses them. */
function checkWindows(windows: ReadonlyMap<string, WindowSpecification>, scope: Scope, context: Context): void {
  for (const specification of windows.values()) {
    for (const item of specification.partitionBy) bindExpression(item, scope, context)
    for (const item of specification.orderBy) bindExpression(item.expression, scope, context)
  }
}

function bindSelectList(items: readonly SelectItem[], scope: Scope, context: Context): readonly NamedBound[] {
  const used = new Set<string>()
  const unique = (name: string) => {
    let candidate = name
    for (let i = 0; used.has(candidate); i++) candidate = `${name}${i}`
    used.add(candidate)
    return candidate
  }
  const list: NamedBound[] = []
  for (const item of items) {
    if (item.expression.kind === 'star') {
      for (const column of expandStar(item.expression, scope, context))
        list.push({ ...column, name: unique(column.name) })
      continue
    }
    const bound = bindExpression(item.expression, scope, context)
    const alias = item.alias?.name
    const written = alias ?? impliedName(item.expression) ?? `EXPR$${list.length}`
    list.push({ name: unique(written), written, alias, bound, span: item.span })
  }
  return list
}

function impliedName(expression: Argument): string | undefined {
  if (expression.kind === 'identifier') return expression.parts.at(-1)!.name
  return undefined
}

/** A column of bare NULLs has no type. */
function refuseNulls(list: readonly NamedBound[], context: Context): void {
  for (const { bound } of list) {
    if (bound?.kind !== 'literal' || bound.type.kind !== 'NULL') continue
    context.findings.error('TYP005', bound.span, 'NULL has no type here', { hint: 'Write CAST(NULL AS a type).' })
  }
}

type Parts = {
  readonly select: Select
  readonly base: Plan | undefined
  readonly aggregation: Aggregation | undefined
  readonly having: Bound | undefined
  readonly qualify: Bound | undefined
  readonly bounds: readonly Bound[]
  readonly order: readonly BoundOrder[]
  readonly columns: readonly Field[]
  readonly context: Context
}

/** Groups, then HAVING, OVER, QUALIFY and the projection; sort expressions that are no column of the result stand behind its columns. */
function assemble(parts: Parts): { readonly plan: Plan; readonly order: readonly BoundOrder[] } | undefined {
  const { select, aggregation, columns, context } = parts
  const { span } = select
  let plan = parts.base
  let settle = (bound: Bound) => bound
  if (aggregation) {
    const built = buildAggregate(plan, aggregation, select.groupBy?.span ?? span, context)
    plan = built?.plan
    settle = built?.settle ?? settle
  }
  plan = filterBy(plan, parts.having && settle(parts.having))
  if (!plan) return undefined
  const sortValues = parts.order.map(({ value }) => settle(value))
  const all = [...parts.bounds.map(settle), ...sortValues, ...(parts.qualify ? [settle(parts.qualify)] : [])]
  let items: readonly Bound[] = all
  for (const [i, item] of items.entries()) {
    if (!findPart(item, (part) => part.kind === 'subquery')) continue
    const settled: ReturnType<typeof withValues> = withValues(plan, item)
    if (!settled) return undefined
    plan = settled.plan
    items = items.map((other, j) => (i === j ? settled.bound : other))
  }
  const over = lowerOver(plan, items, context.findings)
  if (!over) return undefined
  plan = parts.qualify ? filterBy(over.plan, over.items.at(-1)) : over.plan
  const wanted = over.items.slice(0, columns.length)
  const sorted = over.items.slice(columns.length, columns.length + sortValues.length)
  const expressions = wanted.map(toExpression)
  const sortExpressions = sorted.map(toExpression)
  if (!plan || expressions.includes(undefined) || sortExpressions.includes(undefined)) return undefined
  const hidden = select.quantifier === 'DISTINCT' ? [] : sortExpressions
  const projected = project(
    plan,
    [...expressions, ...hidden].map((expression, i) => ({
      name: columns[i]?.name ?? `$sort${i}`,
      expression: expression!,
    })),
    span,
  )
  const order = parts.order.map((key, i): BoundOrder => {
    const index = sorted[i]!.kind === 'literal' ? -1 : columns.length + i
    return { ...key, value: { kind: 'column', index, type: key.value.type, span: key.value.span } }
  })
  if (select.quantifier !== 'DISTINCT') return { plan: projected, order }
  const distinct = node(projected.schema, span, {
    kind: 'aggregate' as const,
    input: projected,
    keys: projected.schema.map((_, i) => i),
    calls: [],
  })
  return { plan: distinct, order }
}

/** The rows of FROM are kept behind the columns, for conditions that also need the enclosing row. */
function correlated(
  select: Select,
  base: Plan | undefined,
  bounds: readonly Bound[],
  columns: readonly Field[],
  outer: readonly Bound[],
  complicated: boolean,
): { readonly plan: Plan | undefined; readonly correlation?: readonly Bound[] } {
  const expressions = bounds.map(toExpression)
  if (!base || complicated || select.quantifier === 'DISTINCT' || expressions.includes(undefined))
    return { plan: undefined }
  const kept = base.schema.map((field, index) => ({
    name: field.name,
    expression: { kind: 'column', index, type: field.type, span: select.span } as const,
  }))
  const own = expressions.map((expression, i) => ({ name: columns[i]!.name, expression: expression! }))
  return { plan: project(base, [...own, ...kept], select.span), correlation: outer }
}
