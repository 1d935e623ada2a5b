// Grouping: which columns a grouped query may use, and the aggregate operator that gives them.
// Follows Calcite's AggChecker: an expression is fine when it equals a grouped one, or when all columns in it stand inside aggregates.
import type { Span } from '../diagnostics/diagnostic.ts'
import { findFunction } from '../functions/find-function.ts'
import type { AggregateCall, Expression } from '../plan/expression.ts'
import type { Plan, Window, WindowProperty } from '../plan/plan.ts'
import type { Argument, GroupBy, GroupingElement, Node } from '../sql/ast.ts'
import { childrenOf } from '../sql/ast.ts'
import type { Field, LogicalType } from '../types/logical-type.ts'
import { type Bound, findPart, rewrite, sameBound, toExpression } from './bound-expression.ts'
import { column, extend, node, nullable, plainTime } from './build-plan.ts'
import type { Context } from './context.ts'
import { checkWindowSizes } from './window-sizes.ts'

type GroupWindow = Bound & { readonly kind: 'groupWindow' }

export type Grouping = {
  /** Without the window. */
  readonly keys: readonly Bound[]
  readonly windows: readonly GroupWindow[]
  /** Which keys each grouping set has; one set of all keys for a plain GROUP BY. */
  readonly sets: readonly (readonly number[])[]
  readonly span: Span
}

/** The first call of an aggregate in the text, not looking into subqueries. `over`: also those with OVER. */
export function findAggregateCall(expression: Argument | Node, over = false): Node | undefined {
  switch (expression.kind) {
    case 'subquery':
    case 'exists':
    case 'collectionQuery':
      return undefined
    case 'call': {
      const kind = findFunction(expression.name.parts.map(({ name }) => name).join('.'))?.kind
      if (expression.over) {
        if (over) return expression
        break
      }
      if (kind === 'aggregate') return expression
      break
    }
    case 'jsonConstructor':
      if (expression.function.endsWith('AGG')) return expression
      break
    default:
  }
  for (const child of childrenOf(expression)) {
    const found = findAggregateCall(child, over)
    if (found) return found
  }
  return undefined
}

/** An aggregate where single rows are judged. */
export function refuseAggregates(expression: Node, clause: string, context: Context): boolean {
  const found = findAggregateCall(expression, true)
  if (!found) return false
  const hint =
    clause === 'WHERE' ? 'Put conditions on aggregates into HAVING.' : 'Compute the aggregate in a query inside FROM.'
  context.findings.error('STR004', found.span, `an aggregate cannot stand in ${clause}`, { hint })
  return true
}

/** `mayBeEmpty`: a group can be without rows, so aggregates can be NULL. */
export function groupMayBeEmpty(groupBy: GroupBy | undefined): boolean {
  return groupBy === undefined || groupBy.items.some(isOrHasEmptySet)
}

function isOrHasEmptySet(item: GroupingElement): boolean {
  if (item.kind === 'emptyGrouping' || item.kind === 'rollup' || item.kind === 'cube') return true
  return item.kind === 'groupingSets' && item.items.some(isOrHasEmptySet)
}

export function bindGroupBy(
  groupBy: GroupBy | undefined,
  bind: (expression: Argument) => Bound | undefined,
  context: Context,
): Grouping | undefined {
  const span = groupBy?.span ?? { start: 0, end: 0 }
  if (!groupBy) return { keys: [], windows: [], sets: [[]], span }
  const keys: Bound[] = []
  const windows: GroupWindow[] = []
  let failed = false
  const keyOf = (element: Argument): readonly number[] => {
    if (refuseAggregates(element as Node, 'GROUP BY', context)) failed = true
    if (element.kind === 'row' && !element.explicit) return element.items.flatMap((item) => keyOf(item))
    const bound = bind(element)
    if (!bound) {
      failed = true
      return []
    }
    if (bound.kind === 'groupWindow') {
      windows.push(bound)
      return []
    }
    const existing = keys.findIndex((key) => sameBound(key, bound))
    if (existing >= 0) return [existing]
    keys.push(bound)
    return [keys.length - 1]
  }
  // Each element stands for alternatives; a list of elements for all their combinations.
  const setsOf = (element: GroupingElement): readonly (readonly number[])[] => {
    switch (element.kind) {
      case 'emptyGrouping':
        return [[]]
      case 'groupingSets':
        return element.items.flatMap(setsOf)
      case 'rollup': {
        const parts = element.items.map((item) => setsOf(item)[0] ?? [])
        return parts.map((_, i) => parts.slice(0, parts.length - i).flat()).concat([[]])
      }
      case 'cube': {
        const parts = element.items.map((item) => setsOf(item)[0] ?? [])
        return parts.reduce<(readonly number[])[]>(
          (sets, part) => sets.flatMap((set) => [[...set, ...part], set]),
          [[]],
        )
      }
      default:
        return [keyOf(element)]
    }
  }
  const sets = groupBy.items
    .map(setsOf)
    .reduce<(readonly number[])[]>((all, some) => all.flatMap((a) => some.map((b) => [...new Set([...a, ...b])])), [[]])
  return failed ? undefined : { keys, windows, sets, span }
}

/** What the grouped query needs of the aggregate operator; filled while its expressions are rewritten. */
export type Aggregation = {
  readonly grouping: Grouping
  readonly calls: (Bound & { kind: 'aggregate' })[]
  readonly properties: WindowProperty[]
  readonly groupingCalls: (Bound & { kind: 'grouping' })[]
}

export function newAggregation(grouping: Grouping): Aggregation {
  return { grouping, calls: [], properties: [], groupingCalls: [] }
}

/** Where a column of the finished aggregate stands is only known when all are: placeholders are columns from these numbers on. */
const callsFrom = 100_000
const propertiesFrom = 200_000
const groupingsFrom = 300_000

/** Rewrites an expression over the rows of FROM into one over the groups; reports columns that are neither grouped nor aggregated. */
export function overGroups(bound: Bound, aggregation: Aggregation, context: Context): Bound | undefined {
  const { grouping } = aggregation
  const { findings } = context
  let failed = false
  const fail = () => {
    failed = true
    return bound
  }
  const result = rewrite(bound, (part) => {
    const key = grouping.keys.findIndex((candidate) => sameBound(candidate, part))
    if (key >= 0) return { kind: 'column', index: key, type: keyType(grouping, key), span: part.span }
    switch (part.kind) {
      case 'aggregate':
        return placeholder(aggregation.calls, part, callsFrom)
      case 'grouping':
        return placeholder(aggregation.groupingCalls, part, groupingsFrom)
      case 'windowProperty': {
        if (!grouping.windows.some((window) => sameBound(window, part.of))) {
          findings.error(
            'STR005',
            part.span,
            `\`${propertyName(part)}\` needs \`${part.of.window.toUpperCase()}\` of the same arguments in GROUP BY`,
            {
              hint: 'Write the same time column and the same intervals in both.',
            },
          )
          return fail()
        }
        let index = aggregation.properties.indexOf(part.property)
        if (index < 0) index = aggregation.properties.push(part.property) - 1
        return { kind: 'column', index: propertiesFrom + index, type: part.type, span: part.span }
      }
      case 'groupWindow':
        findings.error('STR005', part.span, `\`${part.window.toUpperCase()}\` can only stand in GROUP BY`)
        return fail()
      case 'column':
        return notGrouped(part)
      case 'call':
        // `row.field`: the whole name is at fault, not its first part.
        if (part.function === 'FIELD' && rootOf(part).kind === 'column' && !mentionsKey(part)) return notGrouped(part)
        return undefined
      default:
        return undefined
    }
  })
  return failed ? undefined : result

  function notGrouped(part: Bound): Bound {
    findings.error('STR002', part.span, 'this column is neither grouped nor inside an aggregate', {
      hint: 'Add it to GROUP BY, or take one value per group, for example with MAX.',
    })
    return fail()
  }

  function mentionsKey(part: Bound): boolean {
    return findPart(part, (inner) => grouping.keys.some((key) => sameBound(key, inner))) !== undefined
  }
}

/** In a query without groups no group window can stand. */
export function withoutWindows(bound: Bound, context: Context): Bound | undefined {
  const found = findPart(bound, (part) => part.kind === 'groupWindow' || part.kind === 'windowProperty')
  if (!found) return bound
  const window = found.kind === 'groupWindow' ? found : (found as Bound & { kind: 'windowProperty' }).of
  return context.findings.error('STR005', found.span, `\`${window.window.toUpperCase()}\` can only stand in GROUP BY`)
}

function placeholder<B extends Bound>(list: B[], part: B, from: number): Bound {
  let index = list.findIndex((known) => sameBound(known, part))
  if (index < 0) index = list.push(part) - 1
  return { kind: 'column', index: from + index, type: part.type, span: part.span }
}

function rootOf(bound: Bound): Bound {
  return bound.kind === 'call' && bound.function === 'FIELD' ? rootOf(bound.arguments[0]!) : bound
}

function propertyName(part: Bound & { kind: 'windowProperty' }): string {
  return `${part.of.window}_${part.property}`.toUpperCase()
}

function keyType(grouping: Grouping, key: number): LogicalType {
  const { type } = grouping.keys[key]!
  return grouping.sets.every((set) => set.includes(key)) ? type : nullable(type)
}

/** The operator, and how placeholders become its columns. Undefined where it can't be made; then it was reported, or the input has no plan. */
export function buildAggregate(
  input: Plan | undefined,
  aggregation: Aggregation,
  span: Span,
  context: Context,
): { readonly plan: Plan; readonly settle: (bound: Bound) => Bound } | undefined {
  const { grouping, calls, properties, groupingCalls } = aggregation
  const window = grouping.windows.length > 0 ? checkGroupWindow(grouping, properties, context) : undefined
  if (!input || (grouping.windows.length > 0 && !window)) return undefined
  const added: { name: string; expression: Expression }[] = []
  const columnOf = (bound: Bound): number | undefined => {
    if (bound.kind === 'column') return bound.index
    const expression = toExpression(bound)
    if (!expression) return undefined
    added.push({ name: `$${added.length}`, expression })
    return input.schema.length + added.length - 1
  }
  const keys = grouping.keys.map(columnOf)
  const filters = calls.map(({ filter }) => filter && columnOf(filter))
  const time = window && columnOf(grouping.windows[0]!.time)
  const args = calls.map((call) => call.arguments.map(toExpression))
  if (keys.includes(undefined) || args.flat().includes(undefined)) return undefined
  if (calls.some(({ filter }, i) => filter && filters[i] === undefined)) return undefined
  let plan = extend(input, added, span)
  let keyColumns = keys as number[]
  const several = grouping.sets.length > 1 || grouping.sets[0]!.length < keys.length
  if (several || groupingCalls.length > 0) {
    plan = expand(plan, grouping, keyColumns, span)
    keyColumns = [...keyColumns, plan.schema.length - 1]
  }
  const source = plan
  const aggregateCalls = calls.map(
    (call, i): AggregateCall => ({
      function: call.function,
      arguments: args[i] as Expression[],
      distinct: call.distinct,
      ...(filters[i] !== undefined && { filter: column(source, filters[i]!, call.filter!.span) }),
      type: call.type,
      span: call.span,
    }),
  )
  const propertyTypes = properties.map((property) => windowPropertyType(property, grouping.windows[0]!.time.type))
  const schema: Field[] = [
    ...keyColumns.map((index, i) => {
      const field = source.schema[index]!
      return { name: field.name, type: i < grouping.keys.length ? plainTime(keyType(grouping, i)) : field.type }
    }),
    ...calls.map((call, i) => ({ name: `agg$${i}`, type: call.type })),
    ...properties.map((property, i) => ({ name: `window_${property}`, type: propertyTypes[i]! })),
  ]
  const aggregate = node(schema, span, {
    kind: 'aggregate' as const,
    input: source,
    keys: keyColumns,
    calls: aggregateCalls,
    ...(window && {
      window: { ...window, timeColumn: time!, properties: [...properties], style: 'group' as const },
    }),
  })
  return { plan: aggregate, settle: (bound) => settle(bound, aggregation, keyColumns.length) }
}

function settle(bound: Bound, aggregation: Aggregation, keyCount: number): Bound {
  const { calls, grouping } = aggregation
  return rewrite(bound, (part) => {
    if (part.kind !== 'column') return undefined
    if (part.index >= groupingsFrom) {
      const call = aggregation.groupingCalls[part.index - groupingsFrom]!
      return groupingBits(call, grouping, keyCount - 1)
    }
    if (part.index >= propertiesFrom) return { ...part, index: keyCount + calls.length + part.index - propertiesFrom }
    if (part.index >= callsFrom) return { ...part, index: keyCount + part.index - callsFrom }
    return part
  })
}

/** GROUPING(a, b): bit by bit whether the set lacks a key; a CASE over the number of the set. */
function groupingBits(call: Bound & { kind: 'grouping' }, grouping: Grouping, setColumn: number): Bound {
  const { span, type } = call
  const number = (value: bigint): Bound => ({ kind: 'literal', value, type: { kind: 'BIGINT', nullable: false }, span })
  const column: Bound = { kind: 'column', index: setColumn, type: { kind: 'BIGINT', nullable: false }, span }
  const args = call.arguments.map((argument) => grouping.keys.findIndex((key) => sameBound(key, argument)))
  const bits = grouping.sets.map((set) => args.reduce((sum, key) => sum * 2n + (set.includes(key) ? 0n : 1n), 0n))
  const branches = bits.slice(0, -1).flatMap((value, i): Bound[] => [
    {
      kind: 'call',
      function: '=',
      arguments: [column, number(BigInt(i))],
      type: { kind: 'BOOLEAN', nullable: false },
      span,
    },
    number(value),
  ])
  const last = number(bits.at(-1)!)
  return branches.length === 0 ? last : { kind: 'call', function: 'CASE', arguments: [...branches, last], type, span }
}

function expand(input: Plan, grouping: Grouping, keys: readonly number[], span: Span): Plan {
  const schema = [
    ...input.schema.map((field, index) => {
      const key = keys.indexOf(index)
      return key >= 0 ? { ...field, type: keyType(grouping, key) } : field
    }),
    { name: '$grouping', type: { kind: 'BIGINT', nullable: false } as const },
  ]
  const lists = grouping.sets.map((set, groupingId) => ({ kept: set.map((key) => keys[key]!), groupingId }))
  return node(schema, span, { kind: 'expand', input, lists, blanked: keys })
}

export function windowPropertyType(property: WindowProperty, time: LogicalType): LogicalType {
  const zoned = time.kind === 'TIMESTAMP_LTZ'
  switch (property) {
    case 'start':
    case 'end':
      return { kind: 'TIMESTAMP', precision: 3, nullable: false }
    case 'rowtime':
      return { kind: zoned ? 'TIMESTAMP_LTZ' : 'TIMESTAMP', precision: 3, timeAttribute: 'rowtime', nullable: false }
    case 'proctime':
      return { kind: 'TIMESTAMP_LTZ', precision: 3, timeAttribute: 'proctime', nullable: false }
  }
}

type WithoutTime<W> = W extends unknown ? Omit<W, 'timeColumn'> : never

function checkGroupWindow(
  grouping: Grouping,
  properties: readonly WindowProperty[],
  context: Context,
): WithoutTime<Window> | undefined {
  const { findings } = context
  const [window, second] = grouping.windows
  if (!window) return undefined
  const name = window.window.toUpperCase()
  if (second) {
    return findings.error('STR008', second.span, 'GROUP BY takes one window only', { stage: 'plan' })
  }
  if (window.aligned) {
    return findings.error('STR018', window.span, `\`${name}\` with an alignment is not supported`, { stage: 'plan' })
  }
  const processing = 'timeAttribute' in window.time.type && window.time.type.timeAttribute === 'proctime'
  if (processing && properties.includes('rowtime')) {
    return findings.error('STR005', window.span, `a window of processing time has no ${name}_ROWTIME`, {
      stage: 'plan',
    })
  }
  if (grouping.sets.length > 1) {
    return findings.error('STR018', grouping.span, 'GROUPING SETS cannot be combined with a window', { stage: 'plan' })
  }
  const sizes = checkWindowSizes(window.window, window.sizes, window.span, findings, 'group')
  if (!sizes) return undefined
  const [first, other] = sizes
  switch (window.window) {
    case 'tumble':
      return { kind: 'tumble', sizeMs: first!, offsetMs: 0 }
    case 'hop':
      return { kind: 'hop', slideMs: first!, sizeMs: other!, offsetMs: 0 }
    case 'session':
      return { kind: 'session', gapMs: first!, offsetMs: 0 }
  }
}
