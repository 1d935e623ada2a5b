// Columns nobody reads are never produced: each operator asks its inputs for what it needs, down to the scan, which decodes only that.
import type { Expression } from '../plan/expression.ts'
import type { Plan } from '../plan/plan.ts'
import { addColumns, moveCall, moveColumns } from '../plan/walk-expression.ts'
import type { Rule } from './rule.ts'

export const pushDownProjection: Rule = {
  name: 'push down projection',
  apply: (plan) => narrow(plan, all(plan)).plan,
}

/** `to[i]`: where column i of the old schema is in the new one; undefined for columns that are gone. */
type Narrowed = { readonly plan: Plan; readonly to: readonly (number | undefined)[] }

function all(plan: Plan): ReadonlySet<number> {
  return new Set(plan.schema.keys())
}

/** The plan with at least the needed columns, in their old order. */
function narrow(plan: Plan, needed: ReadonlySet<number>): Narrowed {
  switch (plan.kind) {
    case 'scan': {
      const wanted = new Set(needed)
      addColumns(plan.filter, wanted)
      const { schema, to } = keepFields(plan, wanted)
      const filter = plan.filter && moveColumns(plan.filter, (index) => to[index]!)
      return { plan: { ...plan, schema, ...(filter && { filter }) }, to }
    }
    case 'watermark': {
      const wanted = new Set([...needed, plan.column])
      addColumns(plan.expression, wanted)
      const { plan: input, to } = narrow(plan.input, wanted)
      const expression = moveColumns(plan.expression, (index) => to[index]!)
      return { plan: { ...plan, input, schema: renamed(plan, input, to), column: to[plan.column]!, expression }, to }
    }
    case 'filter': {
      const wanted = new Set(needed)
      addColumns(plan.predicate, wanted)
      const { plan: input, to } = narrow(plan.input, wanted)
      const predicate = moveColumns(plan.predicate, (index) => to[index]!)
      return { plan: { ...plan, input, schema: renamed(plan, input, to), predicate }, to }
    }
    case 'project': {
      const { schema, to } = keepFields(plan, needed)
      const expressions = plan.expressions.filter((_, i) => to[i] !== undefined)
      const wanted = new Set<number>()
      for (const expression of expressions) addColumns(expression, wanted)
      const below = narrow(plan.input, wanted)
      const moved = expressions.map((expression) => moveColumns(expression, (index) => below.to[index]!))
      return { plan: { ...plan, schema, input: below.plan, expressions: moved }, to }
    }
    case 'aggregate':
      return narrowAggregate(plan, needed)
    case 'windowTable':
      return narrowWindowTable(plan, needed)
    case 'join':
      return narrowJoin(plan, needed)
    case 'union': {
      const narrowed = plan.inputs.map((input) => exactly(narrow(input, needed), needed))
      const { schema, to } = keepFields(plan, needed)
      return { plan: { ...plan, schema, inputs: narrowed }, to }
    }
    default:
      return narrowNothing(plan)
  }
}

/** Operators that need every column of their inputs, or whose columns can't be told apart from their meaning. */
function narrowNothing(plan: Plan): Narrowed {
  const to = plan.schema.map((_, i) => i)
  switch (plan.kind) {
    case 'values':
    case 'scan':
      return { plan, to }
    case 'intersect':
    case 'except':
      return { plan: { ...plan, left: complete(plan.left), right: complete(plan.right) }, to }
    case 'join':
      return { plan: { ...plan, left: complete(plan.left), right: complete(plan.right) }, to }
    case 'union':
      return { plan: { ...plan, inputs: plan.inputs.map(complete) }, to }
    default:
      return { plan: { ...plan, input: complete(plan.input) }, to }
  }
}

function complete(plan: Plan): Plan {
  return exactly(narrow(plan, all(plan)), all(plan))
}

/** The needed columns and no others. */
function exactly({ plan, to }: Narrowed, needed: ReadonlySet<number>): Plan {
  const wanted = to.flatMap((column, i) => (needed.has(i) && column !== undefined ? [column] : []))
  if (wanted.length === plan.schema.length) return plan
  return {
    id: '',
    changelog: plan.changelog,
    span: plan.span,
    schema: wanted.map((column) => plan.schema[column]!),
    kind: 'project',
    input: plan,
    expressions: wanted.map(
      (index): Expression => ({ kind: 'column', index, type: plan.schema[index]!.type, span: plan.span }),
    ),
  }
}

function keepFields(plan: Plan, needed: ReadonlySet<number>) {
  let next = 0
  const to = plan.schema.map((_, i) => (needed.has(i) ? next++ : undefined))
  return { schema: plan.schema.filter((_, i) => needed.has(i)), to }
}

/** The operator's own names and types for the columns that are left. */
function renamed(plan: Plan, input: Plan, to: readonly (number | undefined)[]): Plan['schema'] {
  return input.schema.map((field, column) => plan.schema[to.indexOf(column)] ?? field)
}

function narrowAggregate(plan: Plan & { kind: 'aggregate' }, needed: ReadonlySet<number>): Narrowed {
  const firstCall = plan.keys.length
  const firstProperty = firstCall + plan.calls.length
  const wanted = new Set(plan.keys)
  // Keys stay: they make the groups. A global aggregate keeps a call, so that it keeps its row.
  const kept = new Set([...needed, ...plan.keys.keys()])
  if (kept.size === 0 && plan.calls.length > 0) kept.add(0)
  const calls = plan.calls.filter((_, i) => kept.has(firstCall + i))
  for (const call of calls) {
    for (const argument of call.arguments) addColumns(argument, wanted)
    addColumns(call.filter, wanted)
  }
  if (plan.window) wanted.add(plan.window.timeColumn)
  if (plan.window?.kind === 'session') for (const column of plan.window.partition ?? []) wanted.add(column)
  const below = narrow(plan.input, wanted)
  const move = (index: number) => below.to[index]!
  const { schema, to } = keepFields(plan, kept)
  const window = plan.window && {
    ...plan.window,
    timeColumn: move(plan.window.timeColumn),
    ...(plan.window.kind === 'session' && plan.window.partition && { partition: plan.window.partition.map(move) }),
    properties: plan.window.properties.filter((_, i) => kept.has(firstProperty + i)),
  }
  return {
    plan: {
      ...plan,
      schema,
      input: below.plan,
      keys: plan.keys.map(move),
      calls: calls.map((call) => moveCall(call, move)),
      ...(window && { window }),
    },
    to,
  }
}

function narrowWindowTable(plan: Plan & { kind: 'windowTable' }, needed: ReadonlySet<number>): Narrowed {
  const width = plan.input.schema.length
  const wanted = new Set([...needed].filter((index) => index < width))
  wanted.add(plan.window.timeColumn)
  if (plan.window.kind === 'session') for (const column of plan.window.partition ?? []) wanted.add(column)
  const { plan: input, to } = narrow(plan.input, wanted)
  const move = (index: number) => to[index]!
  const added = plan.schema.length - width
  const window = {
    ...plan.window,
    timeColumn: move(plan.window.timeColumn),
    ...(plan.window.kind === 'session' && plan.window.partition && { partition: plan.window.partition.map(move) }),
  }
  const schema = [...renamed(plan, input, to).slice(0, input.schema.length), ...plan.schema.slice(width)]
  return {
    plan: { ...plan, input, window, schema },
    to: [...to, ...Array.from({ length: added }, (_, i) => input.schema.length + i)],
  }
}

function narrowJoin(plan: Plan & { kind: 'join' }, needed: ReadonlySet<number>): Narrowed {
  const width = plan.left.schema.length
  const wanted = new Set(needed)
  addColumns(plan.condition, wanted)
  for (const key of plan.keys) {
    wanted.add(key.left)
    wanted.add(width + key.right)
  }
  for (const [side, column] of strategyColumns(plan)) wanted.add(side === 'left' ? column : width + column)
  const left = narrow(plan.left, new Set([...wanted].filter((index) => index < width)))
  const rightWanted = new Set([...wanted].flatMap((index) => (index >= width ? [index - width] : [])))
  const right = narrow(plan.right, rightWanted)
  const newWidth = left.plan.schema.length
  const to = [...left.to, ...right.to.map((column) => (column === undefined ? undefined : newWidth + column))]
  const condition = plan.condition && moveColumns(plan.condition, (index) => to[index]!)
  const { strategy } = plan
  const moved = {
    ...strategy,
    ...('leftTime' in strategy && { leftTime: left.to[strategy.leftTime]! }),
    ...('rightTime' in strategy && strategy.rightTime >= 0 && { rightTime: right.to[strategy.rightTime]! }),
    ...('leftEnd' in strategy && { leftEnd: left.to[strategy.leftEnd]!, rightEnd: right.to[strategy.rightEnd]! }),
  }
  const single = plan.type === 'semi' || plan.type === 'anti'
  const output = single ? to.slice(0, width) : to
  const schema = [...left.plan.schema, ...(single ? [] : right.plan.schema)].map(
    (field, column) => plan.schema[output.indexOf(column)] ?? field,
  )
  return {
    plan: {
      ...plan,
      schema,
      left: left.plan,
      right: right.plan,
      keys: plan.keys.map((key) => ({ ...key, left: left.to[key.left]!, right: right.to[key.right]! })),
      strategy: moved,
      ...(condition && { condition }),
    },
    to: output,
  }
}

function strategyColumns({ strategy }: Plan & { kind: 'join' }): readonly (readonly ['left' | 'right', number])[] {
  switch (strategy.kind) {
    case 'regular':
      return []
    case 'window':
      return [
        ['left', strategy.leftEnd],
        ['right', strategy.rightEnd],
      ]
    case 'interval':
      return [
        ['left', strategy.leftTime],
        ['right', strategy.rightTime],
      ]
    case 'temporal':
      return strategy.rightTime >= 0
        ? [
            ['left', strategy.leftTime],
            ['right', strategy.rightTime],
          ]
        : [['left', strategy.leftTime]]
    case 'lookup':
      return [['left', strategy.leftTime]]
  }
}
