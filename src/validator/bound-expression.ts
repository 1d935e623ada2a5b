// An expression whose names and types are known, before grouping, OVER and subqueries have found their operators. What the plan can
// hold (Expression) is the part without these; lowering is in validate-group.ts, validate-over.ts and lower-subquery.ts.
import type { Span } from '../diagnostics/diagnostic.ts'
import type { Expression } from '../plan/expression.ts'
import type { Frame, Plan, WindowProperty } from '../plan/plan.ts'
import type { Field, LogicalType } from '../types/logical-type.ts'
import { sameType } from '../types/type-equality.ts'
import type { Value } from '../types/value.ts'

/** A validated query: its columns as the validator sees them, and the plan that gives them (absent once something is wrong in it). */
export type BoundQuery = {
  readonly columns: readonly Field[]
  readonly plan: Plan | undefined
  /** Columns that Flink gave another name because theirs stood already: what was written. */
  readonly renamed?: ReadonlyMap<number, string>
  /**
   * Conditions that also use the enclosing query's row (`outer` columns of depth 1). Their own columns are those of `plan` behind
   * `columns`: the rows of FROM, kept for them.
   */
  readonly correlation?: readonly Bound[]
}

export type BoundOrder = { readonly value: Bound; readonly descending: boolean; readonly nullsFirst: boolean }

export type BoundWindow = {
  readonly partition: readonly Bound[]
  readonly order: readonly BoundOrder[]
  readonly frame: Frame
  /** Whether the query says ROWS or RANGE. */
  readonly explicitFrame: boolean
  readonly span: Span
}

export type Bound = { readonly type: LogicalType; readonly span: Span } & (
  | { readonly kind: 'column'; readonly index: number }
  /** A column of an enclosing query's row. */
  | { readonly kind: 'outer'; readonly depth: number; readonly index: number }
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'call'; readonly function: string; readonly arguments: readonly Bound[] }
  | {
      readonly kind: 'aggregate'
      readonly function: string
      readonly arguments: readonly Bound[]
      readonly distinct: boolean
      readonly filter?: Bound
    }
  | {
      readonly kind: 'over'
      readonly function: string
      readonly arguments: readonly Bound[]
      readonly distinct: boolean
      readonly window: BoundWindow
    }
  /** TUMBLE(time, size) in GROUP BY. Sizes in milliseconds; a size of months is NaN. */
  | {
      readonly kind: 'groupWindow'
      readonly window: 'tumble' | 'hop' | 'session'
      readonly time: Bound
      readonly sizes: readonly (number | undefined)[]
      readonly aligned: boolean
    }
  /** TUMBLE_START(time, size) and its like; `of` is the window of the same arguments. */
  | { readonly kind: 'windowProperty'; readonly property: WindowProperty; readonly of: Bound & { kind: 'groupWindow' } }
  /** GROUPING(a), GROUPING_ID(a, b), GROUP_ID(). */
  | { readonly kind: 'grouping'; readonly function: string; readonly arguments: readonly Bound[] }
  | {
      readonly kind: 'subquery'
      readonly form: 'scalar' | 'exists' | 'in' | 'some' | 'all'
      readonly operator?: string
      readonly operand?: readonly Bound[]
      readonly query: BoundQuery
    }
)

/** The expressions directly below; those of subqueries are not. */
function partsOf(bound: Bound): readonly Bound[] {
  switch (bound.kind) {
    case 'column':
    case 'outer':
    case 'literal':
      return []
    case 'call':
    case 'grouping':
      return bound.arguments
    case 'aggregate':
      return bound.filter ? [...bound.arguments, bound.filter] : bound.arguments
    case 'over':
      return [...bound.arguments, ...bound.window.partition, ...bound.window.order.map(({ value }) => value)]
    case 'groupWindow':
      return [bound.time]
    case 'windowProperty':
      return [bound.of]
    case 'subquery':
      return bound.operand ?? []
  }
}

/** The first part for which `test` holds, the expression itself included. */
export function findPart(bound: Bound, test: (part: Bound) => boolean): Bound | undefined {
  if (test(bound)) return bound
  for (const part of partsOf(bound)) {
    const found = findPart(part, test)
    if (found) return found
  }
  return undefined
}

/** Equal but for their places in the text. */
export function sameBound(a: Bound, b: Bound): boolean {
  if (a === b) return true
  if (a.kind !== b.kind) return false
  switch (a.kind) {
    case 'column':
      return a.index === (b as typeof a).index
    case 'outer':
      return a.index === (b as typeof a).index && a.depth === (b as typeof a).depth
    case 'literal':
      return sameValue(a.value, (b as typeof a).value) && sameType(a.type, b.type)
    case 'call':
    case 'grouping': {
      const other = b as typeof a
      return a.function === other.function && sameType(a.type, b.type) && sameAll(a.arguments, other.arguments)
    }
    case 'aggregate': {
      const other = b as typeof a
      if (a.function !== other.function || a.distinct !== other.distinct) return false
      if ((a.filter === undefined) !== (other.filter === undefined)) return false
      return sameAll(partsOf(a), partsOf(other))
    }
    case 'over': {
      const other = b as typeof a
      return (
        a.function === other.function &&
        a.distinct === other.distinct &&
        sameAll(a.arguments, other.arguments) &&
        sameWindow(a.window, other.window)
      )
    }
    case 'groupWindow': {
      const other = b as typeof a
      return (
        a.window === other.window &&
        sameBound(a.time, other.time) &&
        a.sizes.length === other.sizes.length &&
        a.sizes.every((size, i) => Object.is(size, other.sizes[i]))
      )
    }
    case 'windowProperty': {
      const other = b as typeof a
      return a.property === other.property && sameBound(a.of, other.of)
    }
    case 'subquery':
      return false
  }
}

export function sameWindow(a: BoundWindow, b: BoundWindow): boolean {
  return (
    sameAll(a.partition, b.partition) &&
    a.order.length === b.order.length &&
    a.order.every((key, i) => {
      const other = b.order[i]!
      return (
        key.descending === other.descending && key.nullsFirst === other.nullsFirst && sameBound(key.value, other.value)
      )
    }) &&
    JSON.stringify(a.frame) === JSON.stringify(b.frame)
  )
}

function sameAll(a: readonly Bound[], b: readonly Bound[]): boolean {
  return a.length === b.length && a.every((part, i) => sameBound(part, b[i]!))
}

function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b)
  return printValue(a) === printValue(b)
}

function printValue(value: Value): string {
  return JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? `${part}n` : part))
}

/**
 * Rebuilds an expression from the top: where `replace` answers, its answer stands (and nothing below is looked at);
 * elsewhere the parts are rebuilt.
 */
export function rewrite(bound: Bound, replace: (part: Bound) => Bound | undefined): Bound {
  const replaced = replace(bound)
  if (replaced) return replaced
  const each = (parts: readonly Bound[]) => parts.map((part) => rewrite(part, replace))
  switch (bound.kind) {
    case 'column':
    case 'outer':
    case 'literal':
      return bound
    case 'call':
    case 'grouping':
      return { ...bound, arguments: each(bound.arguments) }
    case 'aggregate':
      return {
        ...bound,
        arguments: each(bound.arguments),
        ...(bound.filter && { filter: rewrite(bound.filter, replace) }),
      }
    case 'over':
      return {
        ...bound,
        arguments: each(bound.arguments),
        window: {
          ...bound.window,
          partition: each(bound.window.partition),
          order: bound.window.order.map((key) => ({ ...key, value: rewrite(key.value, replace) })),
        },
      }
    case 'groupWindow':
      return { ...bound, time: rewrite(bound.time, replace) }
    case 'windowProperty':
      return { ...bound, of: rewrite(bound.of, replace) as Bound & { kind: 'groupWindow' } }
    case 'subquery':
      return bound.operand ? { ...bound, operand: each(bound.operand) } : bound
  }
}

/** The expression as the plan holds it; undefined while something in it still needs an operator of its own. */
export function toExpression(bound: Bound): Expression | undefined {
  switch (bound.kind) {
    case 'column':
    case 'literal':
      return bound
    case 'call': {
      const parts = bound.arguments.map(toExpression)
      return parts.every((part) => part !== undefined) ? { ...bound, arguments: parts } : undefined
    }
    default:
      return undefined
  }
}
