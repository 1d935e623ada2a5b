// ROW_NUMBER() OVER (...) and a condition on it around: Top-N, or, for the first row by time, deduplication. Flink's RankUtil.
import type { Expression } from '../plan/expression.ts'
import type { Findings } from '../plan/findings.ts'
import type { Plan } from '../plan/plan.ts'
import { conjunctionOf, conjuncts } from '../plan/walk-expression.ts'
import { bottomUp, type Rule } from './rule.ts'
import { windowColumns } from './window-columns.ts'

type Over = Plan & { kind: 'over' }

export const recognizeRank: Rule = {
  name: 'recognize rank',
  apply: (plan, findings) =>
    bottomUp(plan, (operator) =>
      operator.kind === 'filter' && operator.input.kind === 'over' && isRanking(operator.input)
        ? recognize(operator, operator.input, findings)
        : operator,
    ),
}

const rankings: ReadonlySet<string> = new Set(['ROW_NUMBER', 'RANK', 'DENSE_RANK'])

function isRanking(over: Over): boolean {
  return over.calls.length === 1 && rankings.has(over.calls[0]!.function)
}

function recognize(filter: Plan & { kind: 'filter' }, over: Over, findings: Findings): Plan {
  const number = over.schema.length - 1
  const rest: Expression[] = []
  let from = 1
  let to: number | undefined
  for (const part of conjuncts(filter.predicate)) {
    const bounds = boundsOn(part, number)
    if (!bounds) {
      rest.push(part)
      continue
    }
    from = Math.max(from, bounds.from ?? from)
    if (bounds.to !== undefined) to = Math.min(to ?? bounds.to, bounds.to)
  }
  const call = over.calls[0]!
  if (to === undefined) {
    findings.error('STR012', call.span, `\`${call.function}\` has no upper bound, so every row would have to be kept`, {
      stage: 'plan',
      hint: 'Keep the first rows of each group in the query around it: WHERE n <= 10.',
    })
    return filter
  }
  if (to < 1) {
    findings.error('STR012', call.span, `a Top-N of ${to} rows has no rows`, { stage: 'plan' })
    return filter
  }
  if (call.function !== 'ROW_NUMBER') {
    findings.error('STR012', call.span, `\`${call.function}\` is not supported on a stream`, {
      stage: 'plan',
      hint: 'Use ROW_NUMBER(), which numbers equal rows one after the other.',
    })
    return filter
  }
  const ranked = rankOf(over, from, to)
  const predicate = conjunctionOf(rest)
  return predicate ? { ...filter, input: ranked, predicate } : ranked
}

function rankOf(over: Over, from: number, to: number): Plan {
  const { id, changelog, schema, span, input, partition, order } = over
  const window = windowColumns(input)
  const windowEnd =
    window && partition.some((column) => window.start.includes(column))
      ? partition.find((column) => window.end.includes(column))
      : undefined
  const windowed = windowEnd !== undefined && { windowEnd }
  const [first] = order
  const type = first && input.schema[first.column]!.type
  const byTime = type && 'timeAttribute' in type && type.timeAttribute !== undefined
  if (from === 1 && to === 1 && byTime && order.length === 1) {
    const keep = first!.descending ? ('last' as const) : ('first' as const)
    return {
      id,
      changelog,
      schema,
      span,
      kind: 'deduplicate',
      input,
      partition,
      timeColumn: first!.column,
      keep,
      numbered: true,
      ...windowed,
    }
  }
  return { id, changelog, schema, span, kind: 'rank', input, partition, order, from, to, numbered: true, ...windowed }
}

/** `n <= 3`, `3 > n`, `n = 1`, `n BETWEEN 2 AND 4` with whole numbers. */
function boundsOn(part: Expression, number: number): { from?: number; to?: number } | undefined {
  if (part.kind !== 'call') return undefined
  const [a, b, c] = part.arguments
  const isNumber = (expression: Expression | undefined) =>
    stripped(expression)?.kind === 'column' && (stripped(expression) as { index: number }).index === number
  if (part.function === 'BETWEEN' && isNumber(a)) {
    const low = literal(b)
    const high = literal(c)
    return low === undefined || high === undefined ? undefined : { from: low, to: high }
  }
  const flipped: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '=': '=' }
  const operator = isNumber(a) ? part.function : isNumber(b) ? flipped[part.function] : undefined
  const value = literal(isNumber(a) ? b : a)
  if (value === undefined) return undefined
  switch (operator) {
    case '<':
      return { to: Math.ceil(value) - 1 }
    case '<=':
      return { to: Math.floor(value) }
    case '>':
      return { from: Math.floor(value) + 1 }
    case '>=':
      return { from: Math.ceil(value) }
    case '=':
      return { from: value, to: value }
    default:
      return undefined
  }
}

function stripped(expression: Expression | undefined): Expression | undefined {
  return expression?.kind === 'call' && expression.function === 'CAST' ? stripped(expression.arguments[0]) : expression
}

function literal(expression: Expression | undefined): number | undefined {
  const value = stripped(expression)
  if (value?.kind !== 'literal' || value.value === null || typeof value.value === 'boolean') return undefined
  if (value.type.kind === 'DECIMAL') return Number(value.value) / 10 ** value.type.scale
  return typeof value.value === 'number' || typeof value.value === 'bigint' ? Number(value.value) : undefined
}
