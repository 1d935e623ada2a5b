// Joins of two tables, by ON, USING or NATURAL, and FOR SYSTEM_TIME AS OF. Which streaming join it becomes is decided in planner/.
import type { Plan } from '../plan/plan.ts'
import type { Join, Name, Snapshot } from '../sql/ast.ts'
import { flinkSpan } from '../sql/flink-position.ts'
import type { Field } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import { requireCondition } from './binder.ts'
import { type Bound, toExpression } from './bound-expression.ts'
import { join as joinPlan, node, nullable } from './build-plan.ts'
import type { Context } from './context.ts'
import {
  type FromItem,
  type FromPlace,
  lateralScope,
  shifted,
  unknownItem,
  type ValidateFrom,
  widthOf,
} from './from-item.ts'
import { filterBy } from './lower-subquery.ts'
import { type Scope, type Source, scopeOf } from './scope.ts'
import { bindCall } from './validate-call.ts'
import { bindExpression } from './validate-expression.ts'
import { refuseAggregates } from './validate-group.ts'

const planTypes = {
  COMMA: 'inner',
  CROSS: 'inner',
  INNER: 'inner',
  LEFT: 'left',
  RIGHT: 'right',
  FULL: 'full',
  'LEFT SEMI': 'semi',
  'LEFT ANTI': 'anti',
  ASOF: 'inner',
  'LEFT ASOF': 'left',
} as const

export function validateJoin(reference: Join, place: FromPlace, validateFrom: ValidateFrom): FromItem {
  const { context, parent } = place
  const { findings } = context
  const left = validateFrom(reference.left, place)
  const visible = place.left ? besideLeft(place.left, left) : left
  const right = validateFrom(reference.right, { ...place, left: visible })
  if (reference.type === 'ASOF' || reference.type === 'LEFT ASOF') {
    findings.error('STR018', reference.operatorSpan, 'ASOF joins are not supported', { flinkSpan: null, stage: 'plan' })
  }
  const type = planTypes[reference.type]
  const width = widthOf(left)
  const sources = [...left.sources, ...shifted(right.sources, width)]
  const merged = new Map(left.merged)
  const scope: Scope = { ...scopeOf(sources, parent), merged }
  const condition = joinCondition(reference, left, right, scope, merged, context)
  const nullableSources = sources.map((source): Source => {
    const isRight = source.offset >= width
    const padded =
      (isRight && (type === 'left' || type === 'full')) || (!isRight && (type === 'right' || type === 'full'))
    return padded
      ? { ...source, columns: source.columns.map((field) => ({ ...field, type: nullable(field.type) })) }
      : source
  })
  const kept = type === 'semi' || type === 'anti' ? nullableSources.slice(0, left.sources.length) : nullableSources
  return { sources: kept, merged, plan: buildJoin(reference, type, left, right, condition, kept, context) }
}

/** A nested join on the right of another sees both. */
function besideLeft(outer: FromItem, left: FromItem): FromItem {
  const width = widthOf(outer)
  return { sources: [...outer.sources, ...shifted(left.sources, width)], merged: outer.merged, plan: undefined }
}

function buildJoin(
  reference: Join,
  type: (typeof planTypes)[keyof typeof planTypes],
  left: FromItem,
  right: FromItem,
  condition: Bound | 'none' | undefined,
  sources: readonly Source[],
  context: Context,
): Plan | undefined {
  if (!condition || !left.plan || !right.plan) return undefined
  const schema: Field[] = sources.flatMap(({ columns }) => [...columns])
  const { lateral } = right
  if (lateral) {
    const holds = condition === 'none' || isTrue(condition)
    if (!holds && type !== 'inner') {
      return context.findings.error(
        'STR014',
        reference.operatorSpan,
        'a join with rows made from the left row takes ON TRUE only',
        {
          stage: 'plan',
          hint: 'Write ON TRUE, and the condition in WHERE.',
        },
      )
    }
    const made = node(schema, reference.span, {
      kind: 'correlate' as const,
      input: left.plan,
      function: lateral.function,
      arguments: lateral.arguments,
      outer: type === 'left',
    })
    return holds ? made : filterBy(made, condition as Bound)
  }
  const expression = condition === 'none' ? undefined : toExpression(condition)
  if (condition !== 'none' && !expression) return undefined
  const strategy = snapshotStrategy(right)
  return joinPlan(
    { left: left.plan, right: right.plan, type, keys: [], strategy, ...(expression && { condition: expression }) },
    schema,
    reference.span,
  )
}

function snapshotStrategy(right: FromItem) {
  if (!right.snapshot) return { kind: 'regular' } as const
  const { leftTime } = right.snapshot
  // Whether the right side is a versioned table or one to look up is known in planner/.
  return { kind: 'temporal', leftTime, rightTime: -1 } as const
}

function isTrue(bound: Bound): boolean {
  return bound.kind === 'literal' && bound.value === true
}

/** `none`: there is nothing to hold. `undefined`: something is wrong. */
function joinCondition(
  reference: Join,
  left: FromItem,
  right: FromItem,
  scope: Scope,
  merged: Map<string, readonly number[]>,
  context: Context,
): Bound | 'none' | undefined {
  const { findings } = context
  const { condition } = reference
  if (reference.natural) {
    const names = columnsOf(left).filter((name) => columnsOf(right).includes(name))
    return byNames(
      names.map((name) => ({ name, span: reference.operatorSpan })),
      left,
      right,
      merged,
      context,
    )
  }
  if (condition?.kind === 'using') {
    const missing = condition.columns.filter((column) => !hasColumn(left, column) || !hasColumn(right, column))
    for (const column of missing) {
      findings.error('NAM001', column.span, `column \`${column.name}\` is not in both tables of the join`)
    }
    return missing.length > 0 ? undefined : byNames(condition.columns, left, right, merged, context)
  }
  if (condition?.kind === 'on') {
    if (refuseAggregates(condition.expression, 'ON', context)) return undefined
    return requireCondition(bindExpression(condition.expression, scope, context), 'ON', context)
  }
  if (reference.type === 'COMMA' || reference.type === 'CROSS') return 'none'
  return findings.error('STR014', reference.operatorSpan, 'this join needs a condition', {
    hint: 'Write ON left.column = right.column behind the second table.',
    flinkSpan: flinkSpan(reference),
  })
}

function columnsOf(item: FromItem): readonly string[] {
  return item.sources.flatMap(({ columns }) => columns.map(({ name }) => name))
}

function hasColumn(item: FromItem, column: Name): boolean {
  return item.sources.some(({ open }) => open) || columnsOf(item).includes(column.name)
}

function byNames(
  names: readonly Pick<Name, 'name' | 'span'>[],
  left: FromItem,
  right: FromItem,
  merged: Map<string, readonly number[]>,
  context: Context,
): Bound | 'none' | undefined {
  const width = widthOf(left)
  let result: Bound | 'none' | undefined = 'none'
  for (const { name, span } of names) {
    const a = columnNamed(left, name, 0, span)
    const b = columnNamed(right, name, width, span)
    if (!a || !b) return undefined
    merged.set(name, [...(left.merged.get(name) ?? [a.index]), b.index])
    const equal = bindCall('=', [a, b], { span, name: span }, context.findings)
    result =
      result === 'none'
        ? equal
        : result && equal && bindCall('AND', [result, equal], { span, name: span }, context.findings)
  }
  return result
}

function columnNamed(item: FromItem, name: string, offset: number, span: Name['span']) {
  for (const source of item.sources) {
    const index = source.columns.findIndex((field) => field.name === name)
    if (index < 0) continue
    return { kind: 'column' as const, index: offset + source.offset + index, type: source.columns[index]!.type, span }
  }
  return undefined
}

/** t FOR SYSTEM_TIME AS OF left.time: the version of t at that time. */
export function validateSnapshot(reference: Snapshot, place: FromPlace, validateFrom: ValidateFrom): FromItem {
  const { context, left } = place
  const item = validateFrom(reference.table, { ...place, left: undefined })
  const scope = left ? lateralScope(left, place.parent) : scopeOf([], place.parent)
  const period = bindExpression(reference.period, scope, context)
  if (!period) return { ...item, plan: undefined }
  const { type } = period
  if (type.kind !== 'TIMESTAMP' && type.kind !== 'TIMESTAMP_LTZ') {
    const found = printType({ ...type, nullable: true })
    context.findings.error('STR014', period.span, `FOR SYSTEM_TIME AS OF needs a timestamp, found ${found}`)
    return unknownItem(item.sources[0]?.alias, reference.span)
  }
  if (period.kind !== 'column' || !('timeAttribute' in type) || !type.timeAttribute) {
    context.findings.error('STR014', period.span, "FOR SYSTEM_TIME AS OF takes the left table's time attribute only", {
      stage: 'plan',
    })
    return { ...item, plan: undefined }
  }
  return { ...item, snapshot: { leftTime: period.index } }
}
