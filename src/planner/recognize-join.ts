// Which join a stream can run: equal columns become keys, bounds between time attributes an interval join, equal windows a window join.
// Follows Flink's IntervalJoinUtil and WindowJoinUtil.
import type { Expression } from '../plan/expression.ts'
import type { Plan } from '../plan/plan.ts'
import { columnsOf, conjunctionOf, conjuncts, moveColumns } from '../plan/walk-expression.ts'
import { bottomUp, type Rule } from './rule.ts'
import { windowColumns } from './window-columns.ts'

type Join = Plan & { kind: 'join' }

export const recognizeJoin: Rule = {
  name: 'recognize join',
  apply: (plan) => bottomUp(plan, (operator) => (operator.kind === 'join' ? recognize(operator) : operator)),
}

function recognize(join: Join): Plan {
  const keyed = extractKeys(join)
  if (keyed.strategy.kind !== 'regular') return keyed
  return asWindowJoin(keyed) ?? asIntervalJoin(keyed) ?? keyed
}

/** `left = right` with an expression of one side each; what is no plain column is computed below the join. */
function extractKeys(join: Join): Join {
  if (!join.condition) return join
  const width = join.left.schema.length
  const keys = [...join.keys]
  const rest: Expression[] = []
  const added = { left: [] as Expression[], right: [] as Expression[] }
  for (const part of conjuncts(join.condition)) {
    const pair = equality(part, width)
    if (!pair) {
      rest.push(part)
      continue
    }
    const right = moveColumns(pair.right, (index) => index - width)
    if (pair.left.kind === 'column' && right.kind === 'column') {
      keys.push({ left: pair.left.index, right: right.index, nullSafe: pair.nullSafe })
    } else {
      // Computed keys would change the columns of the sides; they stay conditions, looked up by the engine's own means.
      rest.push(part)
      added.left.push(pair.left)
    }
  }
  const { condition: _, ...without } = join
  const condition = conjunctionOf(rest)
  return { ...without, keys, ...(condition && { condition }) }
}

function equality(part: Expression, width: number) {
  if (part.kind !== 'call' || (part.function !== '=' && part.function !== 'IS NOT DISTINCT FROM')) return undefined
  const [a, b] = part.arguments as readonly [Expression, Expression]
  const side = (expression: Expression) => {
    const columns = [...columnsOf(expression)]
    if (columns.length === 0) return undefined
    return columns.every((index) => index < width)
      ? 'left'
      : columns.every((index) => index >= width)
        ? 'right'
        : undefined
  }
  const nullSafe = part.function !== '='
  if (side(a) === 'left' && side(b) === 'right') return { left: a, right: b, nullSafe }
  if (side(a) === 'right' && side(b) === 'left') return { left: b, right: a, nullSafe }
  return undefined
}

function asWindowJoin(join: Join): Join | undefined {
  const left = windowColumns(join.left)
  const right = windowColumns(join.right)
  if (!left || !right) return undefined
  const paired = (a: readonly number[], b: readonly number[]) =>
    join.keys.find((key) => a.includes(key.left) && b.includes(key.right))
  const start = paired(left.start, right.start)
  const end = paired(left.end, right.end)
  return start && end ? { ...join, strategy: { kind: 'window', leftEnd: end.left, rightEnd: end.right } } : undefined
}

function asIntervalJoin(join: Join): Join | undefined {
  if (join.type === 'semi' || join.type === 'anti' || !join.condition) return asEqualTimes(join)
  const width = join.left.schema.length
  const rest: Expression[] = []
  let lower: number | undefined
  let upper: number | undefined
  let times: { left: number; right: number } | undefined
  for (const part of conjuncts(join.condition).flatMap(splitBetween)) {
    const bound = timeBound(part, join, width)
    if (!bound || (times && (times.left !== bound.left || times.right !== bound.right))) {
      rest.push(part)
      continue
    }
    times = { left: bound.left, right: bound.right }
    if (bound.lower !== undefined) lower = Math.max(lower ?? Number.NEGATIVE_INFINITY, bound.lower)
    if (bound.upper !== undefined) upper = Math.min(upper ?? Number.POSITIVE_INFINITY, bound.upper)
  }
  if (!times || lower === undefined || upper === undefined) return asEqualTimes(join)
  const { condition: _, ...without } = join
  const condition = conjunctionOf(rest)
  const strategy = {
    kind: 'interval',
    leftTime: times.left,
    rightTime: times.right,
    lowerMs: lower,
    upperMs: upper,
  } as const
  return { ...without, strategy, ...(condition && { condition }) }
}

/** Equal times are an interval of no length. */
function asEqualTimes(join: Join): Join | undefined {
  if (join.type === 'semi' || join.type === 'anti') return undefined
  const key = join.keys.find(({ left, right }) => sameAttribute(join, left, right))
  if (!key) return undefined
  const strategy = { kind: 'interval', leftTime: key.left, rightTime: key.right, lowerMs: 0, upperMs: 0 } as const
  return { ...join, strategy }
}

function sameAttribute(join: Join, left: number, right: number): boolean {
  const a = join.left.schema[left]!.type
  const b = join.right.schema[right]!.type
  return (
    'timeAttribute' in a && 'timeAttribute' in b && a.timeAttribute !== undefined && a.timeAttribute === b.timeAttribute
  )
}

function splitBetween(part: Expression): readonly Expression[] {
  if (part.kind !== 'call' || part.function !== 'BETWEEN') return [part]
  const [value, low, high] = part.arguments as readonly [Expression, Expression, Expression]
  return [
    { ...part, function: '>=', arguments: [value, low] },
    { ...part, function: '<=', arguments: [value, high] },
  ]
}

/** `left.time - right.time` at least `lower` or at most `upper` milliseconds. */
function timeBound(part: Expression, join: Join, width: number) {
  if (part.kind !== 'call' || !['<', '<=', '>', '>=', '='].includes(part.function)) return undefined
  const a = shifted(part.arguments[0]!)
  const b = shifted(part.arguments[1]!)
  if (!a || !b) return undefined
  const leftFirst = a.column < width && b.column >= width
  const rightFirst = b.column < width && a.column >= width
  if (!leftFirst && !rightFirst) return undefined
  const left = leftFirst ? a.column : b.column
  const right = (leftFirst ? b.column : a.column) - width
  if (!sameAttribute(join, left, right)) return undefined
  // left + x OP right + y  means  left - right OP y - x.
  const difference = leftFirst ? b.ms - a.ms : a.ms - b.ms
  const flipped: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '=': '=' }
  const operator = leftFirst ? part.function : flipped[part.function]!
  switch (operator) {
    case '<':
      return { left, right, upper: difference - 1 }
    case '<=':
      return { left, right, upper: difference }
    case '>':
      return { left, right, lower: difference + 1 }
    case '>=':
      return { left, right, lower: difference }
    default:
      return { left, right, lower: difference, upper: difference }
  }
}

/** A column plus or minus a constant interval. */
function shifted(expression: Expression): { readonly column: number; readonly ms: number } | undefined {
  if (expression.kind === 'column') return { column: expression.index, ms: 0 }
  if (expression.kind !== 'call' || (expression.function !== '+' && expression.function !== '-')) return undefined
  const [base, offset] = expression.arguments as readonly [Expression, Expression]
  const inner = shifted(base)
  if (!inner || offset.kind !== 'literal' || offset.type.kind !== 'INTERVAL' || offset.type.unit !== 'DAY_TIME')
    return undefined
  return { column: inner.column, ms: inner.ms + (expression.function === '+' ? 1 : -1) * Number(offset.value) }
}
