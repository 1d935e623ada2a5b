// One operator in one line: what explain shows, and, with positions for names, what operator ids are made of.
import type { Plan, SortKey, Window } from './plan.ts'
import { printCall, printExpression } from './print-expression.ts'

export type NameOf = (input: Plan, index: number) => string

export const byName: NameOf = (input, index) => input.schema[index]?.name ?? `#${index}`
export const byPosition: NameOf = (_input, index) => `#${index}`

/** Without inputs, changelog and names of output columns. */
export function describeOperator(plan: Plan, nameOf: NameOf): string {
  const text = describeParts(plan, nameOf)
  return text === '' ? plan.kind : `${plan.kind} ${text}`
}

function describeParts(plan: Plan, nameOf: NameOf): string {
  switch (plan.kind) {
    case 'scan': {
      const columns = plan.schema.map(({ name }) => name).join(', ')
      const filter = plan.filter ? ` where ${printExpression(plan.filter, (index) => nameOf(plan, index))}` : ''
      return `${plan.table}(${columns})${filter}`
    }
    case 'values':
      return plan.rows.map((row) => `(${row.map((value) => printExpression(value, String)).join(', ')})`).join(', ')
    case 'sink':
      return plan.onConflict ? `${plan.table} on conflict ${plan.onConflict}` : plan.table
    case 'union':
      return ''
    case 'intersect':
    case 'except':
      return plan.all ? 'all' : ''
    case 'join':
      return describeJoin(plan, nameOf)
    default:
      return describeUnary(plan, (index) => nameOf(plan.input, index))
  }
}

type Unary = Extract<Plan, { readonly input: Plan }>

function describeUnary(plan: Exclude<Unary, { kind: 'sink' }>, name: (index: number) => string): string {
  const names = (indices: readonly number[]) => indices.map(name).join(', ')
  const partition = (by: readonly number[]) => (by.length === 0 ? '' : `by ${names(by)} `)
  switch (plan.kind) {
    case 'watermark': {
      const idle = plan.idleAfterMs === undefined ? '' : `, idle after ${plan.idleAfterMs} ms`
      return `${name(plan.column)} as ${printExpression(plan.expression, name)}${idle}`
    }
    case 'filter':
      return printExpression(plan.predicate, name)
    case 'project':
      return plan.expressions.map((expression) => printExpression(expression, name)).join(', ')
    case 'aggregate': {
      const window = plan.window ? ` over ${describeWindow(plan.window, name)} (${plan.window.style})` : ''
      const properties = plan.window?.properties.map((property) => `window ${property}`) ?? []
      const calls = [...plan.calls.map((call) => printCall(call, name)), ...properties].join(', ')
      return `${partition(plan.keys)}compute ${calls || 'nothing'}${window}`
    }
    case 'expand':
      return plan.lists.map(({ kept }) => `(${names(kept)})`).join(', ')
    case 'windowTable':
      return describeWindow(plan.window, name)
    case 'correlate': {
      const args = plan.arguments.map((argument) => printExpression(argument, name)).join(', ')
      return `${plan.outer ? 'outer ' : ''}${plan.function}(${args})`
    }
    case 'over': {
      const calls = plan.calls.map((call) => printCall(call, name)).join(', ')
      const bound = ({ kind, ...rest }: typeof plan.frame.from) => ('offset' in rest ? `${rest.offset} ${kind}` : kind)
      const frame = `${plan.frame.unit} ${bound(plan.frame.from)} to ${bound(plan.frame.to)}`
      return `${partition(plan.partition)}order ${describeOrder(plan.order, name)} ${frame}: ${calls}`
    }
    case 'rank': {
      const window = plan.windowEnd === undefined ? '' : ` within ${name(plan.windowEnd)}`
      return `${partition(plan.partition)}order ${describeOrder(plan.order, name)} rows ${plan.from} to ${plan.to}${window}`
    }
    case 'deduplicate': {
      const window = plan.windowEnd === undefined ? '' : ` within ${name(plan.windowEnd)}`
      return `${partition(plan.partition)}keep ${plan.keep} by ${name(plan.timeColumn)}${window}`
    }
    case 'sort':
      return describeOrder(plan.order, name)
    case 'match': {
      const steps = plan.pattern.steps.map(({ variable, min, max }) => `${variable}{${min},${max ?? ''}}`).join(' ')
      return `${partition(plan.partition)}order ${describeOrder(plan.order, name)} pattern ${steps}`
    }
    case 'normalize':
      return `by ${names(plan.keys)}`
  }
}

function describeOrder(order: readonly SortKey[], name: (index: number) => string): string {
  if (order.length === 0) return 'none'
  return order
    .map(({ column, descending, nullsFirst }) => {
      const nulls = nullsFirst === descending ? (nullsFirst ? ' nulls first' : ' nulls last') : ''
      return `${name(column)}${descending ? ' desc' : ''}${nulls}`
    })
    .join(', ')
}

function describeWindow(window: Window, name: (index: number) => string): string {
  const time = name(window.timeColumn)
  const offset = window.offsetMs === 0 ? '' : `, offset ${window.offsetMs} ms`
  switch (window.kind) {
    case 'tumble':
      return `tumble(${time}, ${window.sizeMs} ms${offset})`
    case 'hop':
      return `hop(${time}, slide ${window.slideMs} ms, size ${window.sizeMs} ms${offset})`
    case 'cumulate':
      return `cumulate(${time}, step ${window.stepMs} ms, size ${window.maxSizeMs} ms${offset})`
    case 'session': {
      const by = window.partition === undefined ? '' : `, by ${window.partition.map(name).join(', ')}`
      return `session(${time}, gap ${window.gapMs} ms${by})`
    }
  }
}

function describeJoin(plan: Plan & { kind: 'join' }, nameOf: NameOf): string {
  const width = plan.left.schema.length
  const left = (index: number) => nameOf(plan.left, index)
  const right = (index: number) => nameOf(plan.right, index)
  const equal = plan.keys.map((key) => `${left(key.left)} ${key.nullSafe ? 'is' : '='} ${right(key.right)}`)
  const rest = plan.condition
    ? [printExpression(plan.condition, (index) => (index < width ? left(index) : right(index - width)))]
    : []
  const on = [...equal, ...rest].join(' and ')
  return `${plan.type} ${describeStrategy(plan.strategy, left, right)}${on ? ` on ${on}` : ''}`
}

function describeStrategy(
  strategy: (Plan & { kind: 'join' })['strategy'],
  left: (index: number) => string,
  right: (index: number) => string,
): string {
  switch (strategy.kind) {
    case 'regular':
      return 'regular'
    case 'interval': {
      const { lowerMs, upperMs } = strategy
      return `interval ${left(strategy.leftTime)} between ${right(strategy.rightTime)} ${signed(lowerMs)} and ${signed(upperMs)} ms`
    }
    case 'window':
      return `window ${left(strategy.leftEnd)} = ${right(strategy.rightEnd)}`
    case 'temporal':
      return `temporal at ${left(strategy.leftTime)}`
    case 'lookup':
      return 'lookup'
  }
}

function signed(ms: number): string {
  return ms < 0 ? `- ${-ms}` : `+ ${ms}`
}
