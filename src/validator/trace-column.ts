// Where a column of a plan comes from, followed down through operators that pass columns on unchanged.
import type { Span } from '../diagnostics/diagnostic.ts'
import type { Expression } from '../plan/expression.ts'
import type { Plan } from '../plan/plan.ts'
import type { StringTag } from '../types/logical-type.ts'

export type Origin =
  /** An expression over the columns of `input`. */
  | { readonly kind: 'expression'; readonly expression: Expression; readonly input: Plan }
  /** `column` of an operator that makes it (scan, aggregate, window table, join of several …). */
  | { readonly kind: 'operator'; readonly plan: Plan; readonly column: number }

function originOf(plan: Plan, column: number): Origin {
  switch (plan.kind) {
    case 'sink':
    case 'filter':
    case 'watermark':
    case 'sort':
    case 'normalize':
      return originOf(plan.input, column)
    case 'rank':
    case 'deduplicate':
    case 'over':
    case 'correlate':
      return column < plan.input.schema.length ? originOf(plan.input, column) : { kind: 'operator', plan, column }
    case 'windowTable':
      return column < plan.input.schema.length ? originOf(plan.input, column) : { kind: 'operator', plan, column }
    case 'project': {
      const expression = plan.expressions[column]!
      if (expression.kind === 'column') return originOf(plan.input, expression.index)
      return { kind: 'expression', expression, input: plan.input }
    }
    case 'aggregate': {
      const key = plan.keys[column]
      return key === undefined ? { kind: 'operator', plan, column } : originOf(plan.input, key)
    }
    case 'join': {
      const width = plan.left.schema.length
      return column < width ? originOf(plan.left, column) : originOf(plan.right, column - width)
    }
    default:
      return { kind: 'operator', plan, column }
  }
}

/** Start or end of a window over TIMESTAMP_LTZ event time: an instant, though Flink's type for it has no zone. */
export function isInstantBound(plan: Plan, column: number): boolean {
  const origin = originOf(plan, column)
  if (origin.kind === 'expression') return false
  const { plan: from } = origin
  if (from.kind === 'windowTable') {
    const bound = origin.column - from.input.schema.length
    return bound < 2 && from.input.schema[from.window.timeColumn]!.type.kind === 'TIMESTAMP_LTZ'
  }
  if (from.kind === 'union') return from.inputs.every((input) => isInstantBound(input, origin.column))
  if (from.kind !== 'aggregate' || !from.window) return false
  const property = from.window.properties[origin.column - from.keys.length - from.calls.length]
  const instant = from.input.schema[from.window.timeColumn]!.type.kind === 'TIMESTAMP_LTZ'
  return instant && (property === 'start' || property === 'end')
}

/** The place of a column in the text: its select item where there is one. */
export function spanOf(plan: Plan, column: number): Span {
  switch (plan.kind) {
    case 'project':
      return plan.expressions[column]!.span
    case 'sink':
    case 'filter':
    case 'sort':
    case 'rank':
      return column < plan.input.schema.length ? spanOf(plan.input, column) : plan.span
    case 'aggregate':
      return plan.keys[column] === undefined ? plan.span : spanOf(plan.input, plan.keys[column])
    default:
      return plan.span
  }
}

export type PossibleText = {
  readonly literals: readonly { readonly value: string; readonly span: Span }[]
  readonly enums: readonly (StringTag & { readonly kind: 'enum' })[]
}

/** The texts a column can hold, where all are literals or symbols of enums; undefined: any text. */
export function possibleTexts(plan: Plan, column: number): PossibleText | undefined {
  const { type } = plan.schema[column]!
  if (type.kind === 'VARCHAR' && type.tag?.kind === 'enum') return { literals: [], enums: [type.tag] }
  const origin = originOf(plan, column)
  if (origin.kind === 'expression') return textsOf(origin.expression, origin.input)
  if (origin.plan.kind !== 'union') {
    const source = origin.plan.schema[origin.column]!.type
    return source.kind === 'VARCHAR' && source.tag?.kind === 'enum' ? { literals: [], enums: [source.tag] } : undefined
  }
  return merge(origin.plan.inputs.map((input) => possibleTexts(input, origin.column)))
}

/** CASE, COALESCE and the like pass one of their values on. */
function textsOf(expression: Expression, input: Plan): PossibleText | undefined {
  if (expression.kind === 'literal') {
    if (expression.value === null) return { literals: [], enums: [] }
    return typeof expression.value === 'string'
      ? { literals: [{ value: expression.value, span: expression.span }], enums: [] }
      : undefined
  }
  if (expression.kind === 'column') return possibleTexts(input, expression.index)
  const args = expression.arguments
  const values = (indices: readonly Expression[]) => merge(indices.map((argument) => textsOf(argument, input)))
  switch (expression.function) {
    case 'CASE':
      return values(args.filter((_, i) => i % 2 === 1 || i === args.length - 1))
    case 'COALESCE':
    case 'IFNULL':
      return values(args)
    case 'IF':
      return values(args.slice(1))
    case 'NULLIF':
      return values(args.slice(0, 1))
    case 'CAST':
      return expression.type.kind === 'VARCHAR' ? values(args) : undefined
    default:
      return undefined
  }
}

function merge(texts: readonly (PossibleText | undefined)[]): PossibleText | undefined {
  if (!texts.every((text) => text !== undefined)) return undefined
  return { literals: texts.flatMap((text) => text.literals), enums: texts.flatMap((text) => text.enums) }
}
