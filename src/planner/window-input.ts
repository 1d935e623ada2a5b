// Looks through projections and conditions to the window table below them, and takes the window columns out: what is left is an
// ordinary input with a time column, for operators that compute windows themselves.
import type { Expression } from '../plan/expression.ts'
import type { Plan, Window, WindowProperty } from '../plan/plan.ts'
import { columnsOf, moveColumns } from '../plan/walk-expression.ts'

export type WindowInput = {
  readonly input: Plan
  /** `timeColumn` counts in `input`. */
  readonly window: Window
  /** What each column of the original plan is: a column of `input`, or a property of the window. */
  readonly columns: readonly (number | WindowProperty)[]
}

/** Undefined where there is no window table, or where an expression computes with window columns. */
export function windowInput(plan: Plan): WindowInput | undefined {
  switch (plan.kind) {
    case 'windowTable': {
      const rows = plan.input.schema.map((_, i) => i)
      const time = plan.schema.at(-1)!.type
      const attribute = 'timeAttribute' in time && time.timeAttribute === 'proctime' ? 'proctime' : 'rowtime'
      return { input: plan.input, window: plan.window, columns: [...rows, 'start', 'end', attribute] }
    }
    case 'filter': {
      const below = windowInput(plan.input)
      if (!below || !usesRowsOnly(plan.predicate, below)) return undefined
      const predicate = moveColumns(plan.predicate, (index) => below.columns[index] as number)
      return { ...below, input: { ...plan, input: below.input, schema: below.input.schema, predicate } }
    }
    case 'project':
      return throughProjection(plan)
    default:
      return undefined
  }
}

function throughProjection(plan: Plan & { kind: 'project' }): WindowInput | undefined {
  const below = windowInput(plan.input)
  if (!below) return undefined
  const expressions: Expression[] = []
  const schema: { name: string; type: Expression['type'] }[] = []
  const columns: (number | WindowProperty)[] = []
  for (const [i, expression] of plan.expressions.entries()) {
    const passed = expression.kind === 'column' ? below.columns[expression.index] : undefined
    if (typeof passed === 'string') {
      columns.push(passed)
      continue
    }
    if (!usesRowsOnly(expression, below)) return undefined
    columns.push(expressions.length)
    expressions.push(moveColumns(expression, (index) => below.columns[index] as number))
    schema.push(plan.schema[i]!)
  }
  // The window still needs its time column (and a session its keys), whether the projection kept them or not.
  const keep = (column: number): number => {
    const kept = expressions.findIndex((expression) => expression.kind === 'column' && expression.index === column)
    if (kept >= 0) return kept
    const field = below.input.schema[column]!
    expressions.push({ kind: 'column', index: column, type: field.type, span: plan.span })
    return schema.push(field) - 1
  }
  const timeColumn = keep(below.window.timeColumn)
  const partition = below.window.kind === 'session' ? below.window.partition?.map(keep) : undefined
  const window = { ...below.window, timeColumn, ...(partition && { partition }) }
  return { input: { ...plan, input: below.input, expressions, schema }, window, columns }
}

function usesRowsOnly(expression: Expression, below: WindowInput): boolean {
  return [...columnsOf(expression)].every((index) => typeof below.columns[index] === 'number')
}
