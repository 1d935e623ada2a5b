// What the local engine does not run yet, by name. Whatever passes here runs with the meaning that Flink gives it.
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts'
import { findFunction } from '../functions/find-function.ts'
import type { AggregateCall, Expression } from '../plan/expression.ts'
import { inputsOf, type Plan, type PlanOf } from '../plan/plan.ts'
import { carrierOf } from '../types/column.ts'
import { aggregatePlanOf } from './kernels/accumulators.ts'
import { closesWithUtc } from './window-time.ts'

/** Spans point into the SQL that the plans were made from. */
export function unsupported(plans: readonly Plan[], timeZone: string): Diagnostic[] {
  const found: Diagnostic[] = []
  const refuse = (what: string, span: Span, hint?: string) => {
    found.push({
      code: 'TGT001',
      severity: 'error',
      message: `the local engine does not run ${what} yet`,
      span,
      hint: hint ?? 'Choose a Flink target for this pipeline.',
    })
  }
  for (const plan of plans) visit(plan, timeZone, refuse)
  return found
}

type Refuse = (what: string, span: Span, hint?: string) => void

function visit(plan: Plan, timeZone: string, refuse: Refuse): void {
  for (const input of inputsOf(plan)) visit(input, timeZone, refuse)
  switch (plan.kind) {
    case 'scan':
      if (plan.changelog !== 'append') refuse('topics of changes (mode upsert) as sources', plan.span)
      if (plan.filter !== undefined) visitExpression(plan.filter, refuse)
      return
    case 'watermark':
      visitExpression(plan.expression, refuse)
      return
    case 'filter':
      visitExpression(plan.predicate, refuse)
      return
    case 'project':
      for (const expression of plan.expressions) visitExpression(expression, refuse)
      return
    case 'aggregate':
      visitAggregate(plan, timeZone, refuse)
      return
    case 'union':
      return
    case 'sink':
      if (plan.changelog !== 'append') refuse('sinks of changes', plan.span)
      return
    default:
      refuse(operatorNames[plan.kind], plan.span)
  }
}

/** In the words of a query's author. */
const operatorNames: Readonly<
  Record<Exclude<Plan['kind'], 'scan' | 'watermark' | 'filter' | 'project' | 'aggregate' | 'union' | 'sink'>, string>
> = {
  values: 'VALUES as a source',
  expand: 'GROUPING SETS',
  windowTable: 'window table functions without an aggregation',
  join: 'joins',
  correlate: 'table functions (UNNEST, LATERAL)',
  over: 'OVER windows',
  rank: 'top-N queries',
  deduplicate: 'deduplication by ROW_NUMBER',
  sort: 'ORDER BY',
  match: 'MATCH_RECOGNIZE',
  intersect: 'INTERSECT',
  except: 'EXCEPT',
  normalize: 'topics of changes (mode upsert) as sources',
}

function visitAggregate(plan: PlanOf<'aggregate'>, timeZone: string, refuse: Refuse): void {
  const { window } = plan
  const input = plan.input.schema
  if (window === undefined) refuse('aggregations without a window', plan.span)
  else {
    if (window.kind !== 'tumble') refuse(`${window.kind.toUpperCase()} windows`, plan.span)
    const time = input[window.timeColumn]!.type
    if ('timeAttribute' in time && time.timeAttribute === 'proctime') refuse('windows over processing time', plan.span)
    if (window.kind === 'tumble' && !closesWithUtc(time, timeZone, window.sizeMs, window.offsetMs)) {
      refuse(`windows of this size in time zone ${timeZone}, which is no whole number of them from UTC,`, plan.span)
    }
    if (window.properties.includes('proctime')) refuse('processing time', plan.span)
  }
  if (plan.input.changelog !== 'append') refuse('aggregations over changes', plan.span)
  for (const key of plan.keys) {
    const field = input[key]!
    if (carrierOf(field.type) === 'value')
      refuse(`GROUP BY of ${field.type.kind} (column \`${field.name}\`)`, plan.span)
  }
  for (const call of plan.calls) visitCall(call, refuse)
}

function visitCall(call: AggregateCall, refuse: Refuse): void {
  const aggregate = aggregatePlanOf(call)
  if (call.distinct) refuse(`${call.function}(DISTINCT …)`, call.span)
  else if (aggregate === undefined || aggregate.accumulators.some(({ kind }) => kind === 'values')) {
    refuse(`function ${call.function}`, call.span)
  } else if (call.arguments.some((argument) => carrierOf(argument.type) === 'value')) {
    refuse(`${call.function} of ${call.arguments[0]!.type.kind}`, call.span)
  }
  for (const argument of call.arguments) visitExpression(argument, refuse)
  if (call.filter !== undefined) visitExpression(call.filter, refuse)
}

/** Evaluated by generated code itself, branch by branch. */
const builtIn = new Set(['AND', 'OR', 'CASE', 'IF', 'COALESCE'])

function visitExpression(expression: Expression, refuse: Refuse): void {
  if (expression.kind !== 'call') return
  const definition = findFunction(expression.function)
  if (definition !== undefined && !definition.deterministic) {
    refuse(`function ${expression.function}, which may differ from run to run,`, expression.span)
  } else if (!builtIn.has(expression.function) && definition?.kernel === undefined && definition?.emit === undefined) {
    refuse(`function ${expression.function}`, expression.span)
  }
  for (const argument of expression.arguments) visitExpression(argument, refuse)
}
