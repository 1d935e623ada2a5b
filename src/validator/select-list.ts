// Parts of a select list: `*`, and ORDER BY, LIMIT and OFFSET over it.
import type { Span } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Plan, SortKey } from '../plan/plan.ts'
import type { OrderedQuery, OrderItem, Star } from '../sql/ast.ts'
import type { Bound, BoundOrder } from './bound-expression.ts'
import { column, node, project } from './build-plan.ts'
import type { Context } from './context.ts'
import type { Scope, Source } from './scope.ts'
import { bindExpression } from './validate-expression.ts'
import { orderOf } from './validate-over.ts'

export type NamedBound = {
  readonly name: string
  /** Before names were made different. */
  readonly written: string
  readonly alias: string | undefined
  readonly bound: Bound | undefined
  readonly span: Span
}

/** Columns joined by USING or NATURAL come first, once; then those of each table. */
export function expandStar(star: Star, scope: Scope, context: Context): readonly NamedBound[] {
  const named = (source: Source, i: number): NamedBound => {
    const field = source.columns[i]!
    const bound: Bound = { kind: 'column', index: source.offset + i, type: field.type, span: star.span }
    return { name: field.name, written: field.name, alias: undefined, bound, span: star.span }
  }
  if (!star.qualifier) {
    const merged = [...scope.merged.values()]
    const hidden = new Set(merged.flat())
    const all = scope.sources.flatMap((source) => source.columns.map((_, i) => named(source, i)))
    if (scope.sources.length === 0) context.findings.error('STR018', star.span, '`*` needs a FROM')
    const isHidden = ({ bound }: NamedBound) => bound?.kind === 'column' && hidden.has(bound.index)
    const first = merged.flatMap(([index]) =>
      all.filter(({ bound }) => bound?.kind === 'column' && bound.index === index),
    )
    return [...first, ...all.filter((item) => !isHidden(item))]
  }
  const name = star.qualifier.parts.at(-1)!.name
  const source = scope.sources.find(({ alias }) => alias === name)
  if (source) return source.columns.map((_, i) => named(source, i))
  const aliases = scope.sources.flatMap(({ alias }) => (alias === undefined ? [] : [alias]))
  const near = didYouMean(name, aliases)
  context.findings.error('NAM006', star.qualifier.span, `table or alias \`${name}\` does not exist in FROM`, {
    hint: near === undefined ? undefined : `Did you mean \`${near}\`?`,
  })
  return []
}

/** A number is the position of a column, a name first of all an alias. */
export function bindOrderItems(
  items: readonly OrderItem[],
  list: readonly NamedBound[],
  scope: Scope,
  aliases: ReadonlyMap<string, Bound>,
  settle: (bound: Bound | undefined) => Bound | undefined,
  context: Context,
): readonly BoundOrder[] {
  return items.flatMap((item) => {
    const { expression } = item
    if (expression.kind === 'numeric' && expression.exact && !expression.text.includes('.')) {
      const position = Number(expression.text)
      const column = list[position - 1]
      if (!column) {
        const message = `there is no column ${position}: the query has ${list.length}`
        context.findings.error('NAM001', expression.span, message)
        return []
      }
      return orderOf(item, settle(column.bound)) ?? []
    }
    return orderOf(item, settle(bindExpression(expression, { ...scope, aliases }, context))) ?? []
  })
}

/**
 * Sorts and limits; takes away the sort columns behind the query's own. A sort without limit below another query means nothing and is
 * left out, as in Flink.
 */
export function orderPlan(
  input: Plan | undefined,
  order: readonly BoundOrder[],
  width: number,
  ordered: OrderedQuery | undefined,
  top: boolean,
  context: Context,
): Plan | undefined {
  if (!input || !ordered) return input
  const limits = bindLimits(ordered, context)
  if (!limits) return undefined
  const keys = order.flatMap(({ value, descending, nullsFirst }): SortKey[] =>
    value.kind === 'column' && value.index >= 0 ? [{ column: value.index, descending, nullsFirst }] : [],
  )
  let plan = input
  if (limits.fetch !== undefined) {
    const from = limits.offset + 1
    const to = limits.offset + limits.fetch
    plan = node(plan.schema, ordered.span, {
      kind: 'rank' as const,
      input: plan,
      partition: [],
      order: keys,
      from,
      to,
      numbered: false,
    })
  } else if (ordered.offset) {
    return context.findings.error('STR008', ordered.offset.span, 'OFFSET on a stream needs a LIMIT', {
      stage: 'codegen',
    })
  } else if (top && keys.length > 0) {
    plan = node(plan.schema, ordered.span, { kind: 'sort' as const, input: plan, order: keys })
  }
  if (plan.schema.length === width) return plan
  const kept = plan.schema.slice(0, width)
  const source = plan
  return project(
    source,
    kept.map(({ name }, i) => ({ name, expression: column(source, i, ordered.span) })),
    ordered.span,
  )
}

function bindLimits(
  ordered: OrderedQuery,
  context: Context,
): { offset: number; fetch: number | undefined } | undefined {
  const scope: Scope = { sources: [], merged: new Map(), windows: new Map(), parent: undefined }
  const value = (expression: OrderedQuery['fetch']): number | undefined => {
    if (!expression) return undefined
    const bound = bindExpression(expression, scope, context)
    if (bound?.kind !== 'literal') return Number.NaN
    return Number(bound.value)
  }
  const offset = value(ordered.offset) ?? 0
  const fetch = value(ordered.fetch)
  return Number.isNaN(offset) || Number.isNaN(fetch) ? undefined : { offset, fetch }
}
