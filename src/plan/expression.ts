// A typed expression of the plan. Names are resolved: columns are positions in the input's schema, functions are rows of functions/.
import type { Span } from '../diagnostics/diagnostic.ts'
import type { LogicalType } from '../types/logical-type.ts'
import type { Value } from '../types/value.ts'

export type Expression = { readonly type: LogicalType; readonly span: Span } & (
  | { readonly kind: 'column'; readonly index: number }
  | { readonly kind: 'literal'; readonly value: Value }
  /** Operators, CASE, CAST (to this node's type) and field access are calls too, each a row of functions/. */
  | { readonly kind: 'call'; readonly function: string; readonly arguments: readonly Expression[] }
)

/** COUNT, SUM …; `filter` is `FILTER (WHERE …)`, a BOOLEAN column of the input. */
export type AggregateCall = {
  readonly function: string
  readonly arguments: readonly Expression[]
  readonly distinct: boolean
  readonly filter?: Expression
  readonly type: LogicalType
  readonly span: Span
}
