// What the parts of expression validation hand to each other.
import type { Argument, Identifier } from '../sql/ast.ts'
import { printType } from '../types/print-type.ts'
import type { Bound } from './bound-expression.ts'
import type { Context } from './context.ts'
import type { Scope } from './scope.ts'
import { castTo } from './validate-call.ts'

/** One expression being bound: its names are resolved already. */
export type Binder = {
  readonly scope: Scope
  readonly context: Context
  readonly names: ReadonlyMap<Identifier, Bound | undefined>
  /** Binds a part of the expression. */
  readonly bind: (part: Argument) => Bound | undefined
  /** Binds an expression from elsewhere in the query, whose names are not resolved yet. */
  readonly bindApart: (expression: Argument) => Bound | undefined
}

/** WHERE, HAVING, ON, QUALIFY and FILTER. */
export function requireCondition(bound: Bound | undefined, clause: string, context: Context): Bound | undefined {
  if (!bound || bound.type.kind === 'BOOLEAN') return bound
  if (bound.type.kind === 'NULL') return castTo(bound, { kind: 'BOOLEAN', nullable: true })
  const found = printType({ ...bound.type, nullable: true })
  return context.findings.error('TYP020', bound.span, `${clause} needs a condition, found a value of type ${found}`)
}
