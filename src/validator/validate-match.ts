// MATCH_RECOGNIZE: partition, order, measures, pattern and conditions, in Calcite's order (pattern, then DEFINE, then MEASURES). What no
// stream can match is told with Flink's stage for it.

import type { Span } from '../diagnostics/diagnostic.ts'
import type { SortKey } from '../plan/plan.ts'
import type { Expression, MatchRecognize, Pattern } from '../sql/ast.ts'
import { childrenOf } from '../sql/ast.ts'
import type { Field } from '../types/logical-type.ts'
import { bindLiteral, intervalMs } from './bind-literal.ts'
import { requireCondition } from './binder.ts'
import { type Bound, findPart } from './bound-expression.ts'
import { isTimeAttribute } from './build-plan.ts'
import type { Context } from './context.ts'
import { type FromItem, type FromPlace, oneSource, unknownItem } from './from-item.ts'
import { lowerMatch } from './lower-pattern.ts'
import { type Scope, type Source, scopeOf } from './scope.ts'
import { unknownType } from './unknown-type.ts'
import { bindExpression } from './validate-expression.ts'
import { orderOf } from './validate-over.ts'

export function validateMatch(reference: MatchRecognize, input: FromItem, place: FromPlace): FromItem {
  const { context } = place
  if (input.sources.some(({ open }) => open)) return unknownItem(undefined, reference.span)
  const columns = input.sources.flatMap((source) => source.columns)
  const variables = new Map<string, Span>()
  collectVariables(reference.pattern, variables)
  const inPattern = new Set(variables.keys())
  for (const { name, span } of reference.define) if (!variables.has(name.name)) variables.set(name.name, span)
  for (const subset of reference.subsets) variables.set(subset.name.name, subset.span)
  const scope = patternScope(input, columns, [...variables.keys()], place.parent)
  const rows = scopeOf(input.sources, place.parent)
  const partition = reference.partitionBy.map((item) => bindExpression(item, rows, context))
  const order = reference.orderBy.map((item) => orderOf(item, bindExpression(item.expression, rows, context)))
  checkSkip(reference, variables, context)
  const conditions = new Map<string, Bound>()
  for (const { name, condition } of reference.define) {
    const bound = requireCondition(bindExpression(condition, scope, context), 'DEFINE', context)
    if (bound && inPattern.has(name.name)) conditions.set(name.name, bound)
  }
  const bounds = reference.measures.map((item) => bindMeasure(item.expression, scope, context))
  const measures = bounds.map((bound, i): Field => {
    refuseDistinct(bound, context)
    const { alias } = reference.measures[i]!
    return { name: alias?.name ?? `EXPR$${i}`, type: bound ? bound.type : unknownType }
  })
  const keys = partition.map(
    (bound, i): Field => ({
      name: nameOf(reference.partitionBy[i]!) ?? `EXPR$${i}`,
      type: bound?.type ?? unknownType,
    }),
  )
  checkOrder(order, reference, context)
  checkPattern(reference, context)
  const schema = [...keys, ...measures]
  const complete = [...partition, ...order, ...bounds].every((part) => part !== undefined)
  const plan =
    complete && input.plan
      ? lowerMatch({
          reference,
          input: input.plan,
          variables: [...variables.keys()],
          partition: partition as Bound[],
          order: order as NonNullable<Order[number]>[],
          conditions,
          measures: bounds as Bound[],
          schema,
        })
      : undefined
  return oneSource(undefined, reference.span, schema, plan)
}

type Order = readonly (({ value: Bound } & Omit<SortKey, 'column'>) | undefined)[]

/** `A.amount` is a column of the rows matched as A, `amount` of any. All have the same columns, so one stands for all. */
function patternScope(
  input: FromItem,
  columns: readonly Field[],
  variables: readonly string[],
  parent: Scope | undefined,
): Scope {
  const aliasSpan = input.sources[0]!.aliasSpan
  const own: Source = { alias: undefined, aliasSpan, columns, offset: 0, open: false }
  const named = variables.map(
    (alias, i): Source => ({ alias, aliasSpan, columns, offset: (i + 1) * columns.length, open: false }),
  )
  // A name without variable is looked up in the rows themselves.
  return { ...scopeOf([own, ...named], parent), unqualified: own }
}

function bindMeasure(
  expression: MatchRecognize['measures'][number]['expression'],
  scope: Scope,
  context: Context,
): Bound | undefined {
  return expression.kind === 'star' ? undefined : bindExpression(expression, scope, context)
}

function refuseDistinct(bound: Bound | undefined, context: Context): void {
  const found = bound && findPart(bound, (part) => part.kind === 'aggregate' && part.distinct)
  if (found) context.findings.error('STR015', found.span, 'DISTINCT is not supported in MATCH_RECOGNIZE')
}

function nameOf(expression: Expression): string | undefined {
  return expression.kind === 'identifier' ? expression.parts.at(-1)!.name : undefined
}

function collectVariables(pattern: Pattern, into: Map<string, Span>): void {
  if (pattern.kind === 'patternVariable') into.set(pattern.name.name, pattern.span)
  for (const child of childrenOf(pattern))
    if (child.kind.startsWith('pattern')) collectVariables(child as Pattern, into)
}

function checkSkip(reference: MatchRecognize, variables: ReadonlyMap<string, Span>, context: Context): void {
  const { afterMatch } = reference
  if (!afterMatch || !('variable' in afterMatch) || variables.has(afterMatch.variable.name)) return
  const { variable } = afterMatch
  context.findings.error('STR015', variable.span, `pattern variable \`${variable.name}\` does not stand in PATTERN`)
}

function checkOrder(order: Order, reference: MatchRecognize, context: Context): void {
  const { findings } = context
  if (order.includes(undefined)) return
  const [first] = order
  const at = reference.orderBy[0]?.span ?? reference.span
  if (!first || !isTimeAttribute(first.value.type)) {
    findings.error('STR015', at, 'MATCH_RECOGNIZE is ordered by a time attribute', {
      stage: 'codegen',
      hint: 'Write ORDER BY and the event time of the source.',
    })
  } else if (first.descending) {
    findings.error('STR015', at, 'MATCH_RECOGNIZE is ordered by time ascending', { stage: 'codegen' })
  }
}

/** Flink's pattern translation (PatternTranslatorHelper). */
function checkPattern(reference: MatchRecognize, context: Context): void {
  const { findings } = context
  const refuse = (span: Span, message: string, hint?: string) =>
    findings.error('STR015', span, message, { stage: 'codegen', hint })
  if (reference.measures.length === 0) {
    findings.error('STR015', reference.span, 'MATCH_RECOGNIZE needs MEASURES', {
      stage: 'plan',
      hint: 'Say what each match gives: MEASURES A.id AS first.',
    })
  }
  if (reference.rowsPerMatch === 'ALL ROWS') {
    findings.error('STR015', reference.span, 'ALL ROWS PER MATCH is not supported', {
      stage: 'plan',
      hint: 'Use ONE ROW PER MATCH.',
    })
  }
  const visit = (pattern: Pattern, last: boolean, inGroup: boolean): void => {
    switch (pattern.kind) {
      case 'patternVariable':
        return
      case 'patternSequence':
        if (inGroup) refuse(pattern.span, 'groups in PATTERN are not supported')
        pattern.items.forEach((item, i) => {
          visit(item, last && i === pattern.items.length - 1, inGroup)
        })
        return
      case 'patternQuantified': {
        if (pattern.item.kind !== 'patternVariable') refuse(pattern.span, 'groups in PATTERN are not supported')
        const greedy = !pattern.reluctant && pattern.min !== pattern.max
        if (last && greedy && pattern.max !== 1) {
          refuse(
            pattern.span,
            'a pattern cannot end with a greedy quantifier',
            'Add ? behind it, or a last variable of its own.',
          )
        }
        return
      }
      case 'patternAlternation':
        refuse(pattern.span, 'alternatives in PATTERN are not supported')
        return
      case 'patternPermute':
        refuse(pattern.span, 'PERMUTE is not supported')
        return
      case 'patternExclude':
        refuse(pattern.span, 'exclusions in PATTERN are not supported')
    }
  }
  visit(reference.pattern, true, false)
  if (reference.within) {
    const bound = bindLiteral(reference.within, findings)
    if (bound && Number.isNaN(intervalMs(bound))) {
      refuse(reference.within.span, 'WITHIN takes days, hours, minutes or seconds')
    }
  }
}
