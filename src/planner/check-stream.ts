// What only a batch could do: sorting a stream, OVER windows that look ahead, windows without time. Flink's executable operators refuse these.
import type { Findings } from '../plan/findings.ts'
import { inputsOf, type Plan } from '../plan/plan.ts'
import type { LogicalType } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import type { Rule } from './rule.ts'

export const checkStream: Rule = {
  name: 'check stream',
  apply: (plan, findings) => {
    visit(plan, findings)
    return plan
  },
}

function visit(plan: Plan, findings: Findings): void {
  for (const input of inputsOf(plan)) visit(input, findings)
  switch (plan.kind) {
    case 'windowTable':
      requireTime(plan.input.schema[plan.window.timeColumn]!.type, plan, findings)
      return
    case 'aggregate':
      if (plan.window) checkWindowAggregate(plan, findings)
      return
    case 'sort':
      checkSort(plan, findings)
      return
    case 'over':
      checkOver(plan, findings)
      return
    case 'rank':
    case 'deduplicate':
      checkWindowed(plan, findings)
      return
    default:
  }
}

function checkWindowAggregate(plan: Plan & { kind: 'aggregate' }, findings: Findings): void {
  const window = plan.window!
  requireTime(plan.input.schema[window.timeColumn]!.type, plan, findings)
  // Panes are merged into windows, which these functions cannot do.
  const unmergeable = plan.calls.find((call) => call.function === 'FIRST_VALUE' || call.function === 'LAST_VALUE')
  if (!unmergeable || window.kind === 'tumble') return
  const message = `\`${unmergeable.function}\` is not supported in a ${window.kind} window`
  findings.error('STR018', unmergeable.span, message, {
    stage: 'codegen',
    hint: 'Use MIN or MAX, or a tumbling window.',
  })
}

function timeOf(type: LogicalType): 'rowtime' | 'proctime' | undefined {
  return 'timeAttribute' in type ? type.timeAttribute : undefined
}

function requireTime(type: LogicalType, plan: Plan, findings: Findings): void {
  if (timeOf(type)) return
  const found = printType({ ...type, nullable: true })
  findings.error('STR003', plan.span, `a window needs a time attribute, but its time column is ${found}`, {
    stage: 'plan',
    hint: 'Use the event time of a source as it is: casts, computations, joins without time bounds and groupings make an ordinary column of it.',
  })
}

function checkSort(plan: Plan & { kind: 'sort' }, findings: Findings): void {
  const [first] = plan.order
  const type = first && plan.input.schema[first.column]!.type
  if (type && timeOf(type) && !first.descending) return
  const message =
    type && timeOf(type)
      ? 'a stream cannot be sorted by time descending'
      : 'a stream can only be sorted by its time attribute'
  findings.error('STR007', plan.span, message, {
    stage: 'codegen',
    hint: 'Add LIMIT to keep the first rows only, or leave ORDER BY out.',
  })
}

function checkOver(plan: Plan & { kind: 'over' }, findings: Findings): void {
  const { span, order, frame, calls } = plan
  const refuse = (message: string, stage: 'plan' | 'codegen', hint?: string) =>
    findings.error('STR013', span, message, { stage, hint })
  const [first, second] = order
  const type = first && plan.input.schema[first.column]!.type
  const numbering = calls.find((call) => call.function === 'ROW_NUMBER')
  if (numbering && !(type && timeOf(type))) {
    findings.error('STR012', numbering.span, '`ROW_NUMBER` has no upper bound, so every row would have to be kept', {
      stage: 'plan',
      hint: 'Keep the first rows of each group in the query around it: WHERE n <= 10.',
    })
    return
  }
  const unsupported = calls.find(
    (call) => call.function === 'NTILE' || call.function === 'CUME_DIST' || call.function === 'PERCENT_RANK',
  )
  if (unsupported) {
    findings.error('STR018', unsupported.span, `\`${unsupported.function}\` is not supported on a stream`, {
      stage: 'codegen',
    })
    return
  }
  if (second || !first || !type) {
    refuse('OVER on a stream is ordered by one column', 'codegen', 'Order it by the event time.')
    return
  }
  if (first.descending) {
    refuse('OVER on a stream is ordered ascending', 'codegen')
    return
  }
  if (frame.to.kind === 'following' || frame.to.kind === 'unboundedFollowing' || frame.from.kind === 'following') {
    refuse('OVER on a stream cannot look at rows that come later', 'codegen', 'End the frame with CURRENT ROW.')
    return
  }
  if (!timeOf(type) && frame.from.kind !== 'unboundedPreceding') {
    refuse('OVER with a bounded frame is ordered by a time attribute', 'codegen')
  }
}

function checkWindowed(plan: Plan & { kind: 'rank' | 'deduplicate' }, findings: Findings): void {
  if (plan.windowEnd === undefined) return
  const table = windowTime(plan.input)
  if (table !== 'proctime') return
  findings.error('STR008', plan.span, 'a Top-N per window of processing time is not supported', { stage: 'codegen' })
}

/** The kind of time of the window that the rows of a plan belong to. */
function windowTime(plan: Plan): 'rowtime' | 'proctime' | undefined {
  if (plan.kind === 'windowTable') return timeOf(plan.input.schema[plan.window.timeColumn]!.type)
  if (plan.kind === 'aggregate') return plan.window && timeOf(plan.input.schema[plan.window.timeColumn]!.type)
  return 'input' in plan ? windowTime(plan.input) : undefined
}
