// A window table grouped by its window_start and window_end is one windowed aggregate: rows are never copied into their windows.
import type { Plan, WindowProperty } from '../plan/plan.ts'
import { addColumns, moveCall } from '../plan/walk-expression.ts'
import { bottomUp, type Rule } from './rule.ts'
import { windowInput } from './window-input.ts'

export const recognizeWindowAggregate: Rule = {
  name: 'recognize window aggregate',
  apply: (plan) => bottomUp(plan, (operator) => (operator.kind === 'aggregate' ? recognize(operator) : operator)),
}

/** Output of the new aggregate: plain keys, calls, window properties; a projection above puts them in the query's order. */
function recognize(plan: Plan & { kind: 'aggregate' }): Plan {
  const found = plan.window ? undefined : windowInput(plan.input)
  if (!found) return plan
  const { columns, input, window } = found
  const of = (key: number) => columns[key]!
  if (!plan.keys.some((key) => of(key) === 'start') || !plan.keys.some((key) => of(key) === 'end')) return plan
  const used = new Set<number>()
  for (const call of plan.calls) {
    for (const argument of call.arguments) addColumns(argument, used)
    addColumns(call.filter, used)
  }
  if ([...used].some((column) => typeof of(column) === 'string')) return plan
  const plainKeys = plan.keys.flatMap((key, i) =>
    typeof of(key) === 'number' ? [{ column: of(key) as number, i }] : [],
  )
  // Sessions are of the rows that PARTITION BY puts together; groups of other columns cut across them.
  if (window.kind === 'session') {
    const partition = window.partition ?? []
    const same = partition.length === plainKeys.length && plainKeys.every(({ column }) => partition.includes(column))
    if (!same) return plan
  }
  const windowKeys = plan.keys.flatMap((key, i) =>
    typeof of(key) === 'string' ? [{ property: of(key) as WindowProperty, i }] : [],
  )
  const calls = plan.calls.map((call) => moveCall(call, (index) => of(index) as number))
  const aggregate: Plan = {
    ...plan,
    input,
    keys: plainKeys.map(({ column }) => column),
    calls,
    window: { ...window, properties: windowKeys.map(({ property }) => property), style: 'tvf' },
    schema: [
      ...plainKeys.map(({ i }) => plan.schema[i]!),
      ...plan.schema.slice(plan.keys.length),
      ...windowKeys.map(({ i }) => ({ ...plan.schema[i]!, type: plan.input.schema[plan.keys[i]!]!.type })),
    ],
  }
  const position = (i: number): number => {
    if (i >= plan.keys.length) return plainKeys.length + i - plan.keys.length
    const plain = plainKeys.findIndex((key) => key.i === i)
    return plain >= 0 ? plain : plainKeys.length + calls.length + windowKeys.findIndex((key) => key.i === i)
  }
  if (plan.schema.every((_, i) => position(i) === i)) return aggregate
  const { span } = plan
  const schema = plan.schema.map((field, i) => ({ ...field, type: aggregate.schema[position(i)]!.type }))
  const expressions = schema.map(({ type }, i) => ({ kind: 'column' as const, index: position(i), type, span }))
  return { id: '', changelog: 'append', span, schema, kind: 'project', input: aggregate, expressions }
}
