// A table of the catalog as a query reads it: scan, computed columns, watermark, and the changelog of an upsert source made whole.

import type { EventTime, Table } from '../catalog/table.ts'
import { assert } from '../diagnostics/assert.ts'
import type { Span } from '../diagnostics/diagnostic.ts'
import { Findings } from '../plan/findings.ts'
import type { Plan } from '../plan/plan.ts'
import { parseExpression } from '../sql/parser.ts'
import type { Field, LogicalType } from '../types/logical-type.ts'
import { type Bound, toExpression } from './bound-expression.ts'
import { column, node, project } from './build-plan.ts'
import type { Context, Relation } from './context.ts'
import { scopeOf } from './scope.ts'
import { castTo } from './validate-call.ts'
import { bindExpression } from './validate-expression.ts'

/** `span` is where the query names the table: errors of the scan lead there. */
export function validateTable(table: Table, span: Span, context: Context): Relation {
  const physical = table.columns.filter(({ origin }) => origin.kind !== 'computed')
  const schema = physical.map(({ name, type }): Field => ({ name, type: rowtimeOf(name, type, table.eventTime) }))
  const scan = node(schema, span, { kind: 'scan' as const, table: table.name })
  const sources = [{ alias: table.name, aliasSpan: span, columns: schema, offset: 0, open: false }]
  const inner: Context = { ...context, findings: new Findings('') }
  let complete = true
  const items = table.columns.map(({ name, type, origin }) => {
    if (origin.kind !== 'computed') {
      const index = physical.findIndex((candidate) => candidate.name === name)
      return { name, expression: column(scan, index, span) }
    }
    const ast = parseExpression(origin.expression).value
    const bound = ast && bindExpression(ast, scopeOf(sources, undefined), inner)
    const expression = bound && toExpression({ ...bound, span })
    if (!expression) complete = false
    return { name, expression: expression ?? { kind: 'literal' as const, value: null, type, span } }
  })
  const columns = items.map(
    ({ name, expression }): Field => ({ name, type: rowtimeOf(name, expression.type, table.eventTime) }),
  )
  const computed = physical.length < table.columns.length
  let plan: Plan = computed ? { ...project(scan, items, span), schema: columns } : scan
  if (table.eventTime) plan = withWatermark(plan, table.eventTime, span, inner)
  if (table.changelog === 'upsert') {
    const keys = table.primaryKey.map((name) => columns.findIndex((field) => field.name === name))
    plan = node(plan.schema, span, { kind: 'normalize' as const, input: plan, keys })
  }
  return { columns, plan: complete ? plan : undefined, table }
}

/** The declared column is a time attribute; its type says so wherever it came from. */
function rowtimeOf(name: string, type: LogicalType, eventTime: EventTime | undefined): LogicalType {
  if (eventTime?.column !== name || (type.kind !== 'TIMESTAMP' && type.kind !== 'TIMESTAMP_LTZ')) return type
  return { ...type, timeAttribute: 'rowtime' }
}

function withWatermark(input: Plan, eventTime: EventTime, span: Span, context: Context): Plan {
  const index = input.schema.findIndex(({ name }) => name === eventTime.column)
  assert(index >= 0, 'the event time is a column of its table')
  const time: Bound = { kind: 'column', index, type: input.schema[index]!.type, span }
  const expression =
    'maxDelayMs' in eventTime ? delayed(time, eventTime.maxDelayMs) : parsed(eventTime.watermark, input, context)
  const watermark = expression && toExpression(expression)
  if (!watermark) return input
  const { idleAfterMs } = eventTime
  return node(input.schema, span, {
    kind: 'watermark' as const,
    input,
    column: index,
    expression: watermark,
    ...(idleAfterMs !== undefined && { idleAfterMs }),
  })
}

/** time - delay. */
function delayed(time: Bound, delayMs: number): Bound {
  const { span } = time
  const type: LogicalType = { ...time.type }
  if ('timeAttribute' in type) delete (type as { timeAttribute?: string }).timeAttribute
  if (delayMs === 0) return castTo(time, type)
  const interval: Bound = {
    kind: 'literal',
    value: BigInt(delayMs),
    type: { kind: 'INTERVAL', unit: 'DAY_TIME', nullable: false },
    span,
  }
  return { kind: 'call', function: '-', arguments: [time, interval], type, span }
}

function parsed(text: string, input: Plan, context: Context): Bound | undefined {
  const ast = parseExpression(text).value
  const sources = [{ alias: undefined, aliasSpan: input.span, columns: input.schema, offset: 0, open: false }]
  return ast && bindExpression(ast, scopeOf(sources, undefined), context)
}
