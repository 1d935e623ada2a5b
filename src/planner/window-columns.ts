// Which columns of a plan are the bounds of the window that its rows belong to (Flink's window properties).
import type { Plan } from '../plan/plan.ts'

export type WindowColumns = {
  readonly start: readonly number[]
  readonly end: readonly number[]
  readonly time: readonly number[]
}

/** Undefined where rows belong to no window, or to one that is no longer known. */
export function windowColumns(plan: Plan): WindowColumns | undefined {
  switch (plan.kind) {
    case 'windowTable': {
      const width = plan.input.schema.length
      return { start: [width], end: [width + 1], time: [width + 2] }
    }
    case 'filter':
    case 'over':
      return windowColumns(plan.input)
    case 'rank':
    case 'deduplicate':
      return plan.windowEnd === undefined ? undefined : windowColumns(plan.input)
    case 'project': {
      const below = windowColumns(plan.input)
      const places = (columns: readonly number[]) =>
        plan.expressions.flatMap((expression, i) =>
          expression.kind === 'column' && columns.includes(expression.index) ? [i] : [],
        )
      return below && { start: places(below.start), end: places(below.end), time: places(below.time) }
    }
    case 'aggregate': {
      if (plan.window?.style !== 'tvf') return undefined
      const first = plan.keys.length + plan.calls.length
      const of = (property: string) =>
        plan.window!.properties.flatMap((each, i) => (each === property ? [first + i] : []))
      return { start: of('start'), end: of('end'), time: of('rowtime') }
    }
    case 'join': {
      if (plan.strategy.kind !== 'window') return undefined
      const left = windowColumns(plan.left)
      const right = plan.type === 'semi' || plan.type === 'anti' ? undefined : windowColumns(plan.right)
      const width = plan.left.schema.length
      const both = (a: readonly number[] = [], b: readonly number[] = []) => [
        ...a,
        ...b.map((column) => width + column),
      ]
      return {
        start: both(left?.start, right?.start),
        end: both(left?.end, right?.end),
        time: both(left?.time, right?.time),
      }
    }
    default:
      return undefined
  }
}
