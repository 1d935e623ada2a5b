// A validated query: its columns as the validator sees them, and the plan that gives them (absent once something is wrong in it).
import type { Plan } from '../plan/plan.ts'
import type { Field, LogicalType } from '../types/logical-type.ts'
import type { Bound } from './bound-expression.ts'

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

/** The type of a column whose expression is wrong: uses of it are not reported again. Compared by identity. */
export const unknownType: LogicalType = { kind: 'NULL', nullable: true }

export function isUnknown(type: LogicalType): boolean {
  return type === unknownType
}
