// The row pattern of MATCH_RECOGNIZE in the plan. How it is matched is the engine's business.
import type { Field } from '../types/logical-type.ts'
import type { Expression } from './expression.ts'

export type PatternStep = {
  readonly variable: string
  readonly min: number
  /** Absent: no upper bound. */
  readonly max?: number
  readonly greedy: boolean
}

/**
 * A column of the rows matched so far: `variable` absent means any row. `first` and `last` count `offset` rows from that end.
 * Conditions and measures refer to it by its position in `references`, as if the references were the input's schema.
 */
export type PatternReference =
  | {
      readonly kind: 'row'
      readonly variable?: string
      readonly column: number
      readonly from: 'first' | 'last'
      readonly offset: number
    }
  | {
      readonly kind: 'aggregate'
      readonly variable?: string
      readonly function: string
      readonly arguments: readonly Expression[]
      readonly distinct: boolean
    }

export type PatternExpression = {
  readonly references: readonly PatternReference[]
  readonly schema: readonly Field[]
  readonly expression: Expression
}

export type Pattern = {
  readonly steps: readonly PatternStep[]
  /** A variable without a condition matches every row. */
  readonly conditions: ReadonlyMap<string, PatternExpression>
  readonly measures: readonly PatternExpression[]
  readonly afterMatch:
    | { readonly kind: 'toNextRow' | 'pastLastRow' }
    | { readonly kind: 'toFirst' | 'toLast'; readonly variable: string }
  readonly withinMs?: number
}
