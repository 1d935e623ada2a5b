// What every part of the validator is handed: where to report, which tables exist, and how a nested query is validated
// (queries and expressions contain each other, so the call goes through here).

import type { Table } from '../catalog/table.ts'
import type { Span } from '../diagnostics/diagnostic.ts'
import type { Findings } from '../plan/findings.ts'
import type { Plan } from '../plan/plan.ts'
import type { Query } from '../sql/ast.ts'
import type { Field } from '../types/logical-type.ts'
import type { BoundQuery } from './bound-expression.ts'
import type { Scope } from './scope.ts'

/** A table or view as a query reads it. `table` is absent for views and WITH. */
export type Relation = {
  readonly columns: readonly Field[]
  readonly plan: Plan | undefined
  readonly table?: Table
}

/** Tables and views by name; WITH adds to it for the query below. */
export type Relations = {
  /** `span`: where the query names it. */
  readonly find: (path: readonly string[], span: Span) => Relation | undefined
  readonly names: () => readonly string[]
}

export type Context = {
  readonly findings: Findings
  /** What the statements were parsed from. */
  readonly text: string
  readonly relations: Relations
  readonly query: (query: Query, parent: Scope | undefined, context: Context) => BoundQuery
}

export function withRelation(context: Context, name: string, relation: Relation): Context {
  const outer = context.relations
  return {
    ...context,
    relations: {
      find: (path, span) => (path.length === 1 && path[0] === name ? relation : outer.find(path, span)),
      names: () => [...new Set([name, ...outer.names()])],
    },
  }
}
