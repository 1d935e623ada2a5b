// What stands in FROM, once validated, and how the items of one FROM are laid side by side in the joined row.
import type { Span } from '../diagnostics/diagnostic.ts'
import type { Expression } from '../plan/expression.ts'
import type { Plan } from '../plan/plan.ts'
import type { TableReference } from '../sql/ast.ts'
import type { Field } from '../types/logical-type.ts'
import type { Context } from './context.ts'
import type { Scope, Source } from './scope.ts'

export type FromItem = {
  readonly sources: readonly Source[]
  readonly merged: ReadonlyMap<string, readonly number[]>
  readonly plan: Plan | undefined
  /** Evaluated per row of what stands to its left. */
  readonly lateral?: { readonly function: string; readonly arguments: readonly Expression[] }
  /** The version at the time in this column of the left row. */
  readonly snapshot?: { readonly leftTime: number }
}

/**
 * `left`: what stands to the left in the same FROM (its columns come first in the joined row); only LATERAL, UNNEST and table functions
 * may use it. `parent`: the enclosing query's scope.
 */
export type FromPlace = {
  readonly left: FromItem | undefined
  readonly parent: Scope | undefined
  readonly context: Context
}

export type ValidateFrom = (reference: TableReference, place: FromPlace) => FromItem

export function oneSource(
  alias: string | undefined,
  aliasSpan: Span,
  columns: readonly Field[],
  plan: Plan | undefined,
): FromItem {
  return { sources: [{ alias, aliasSpan, columns, offset: 0, open: false }], merged: new Map(), plan }
}

/** Something that was reported already: any column may be in it. */
export function unknownItem(alias: string | undefined, aliasSpan: Span): FromItem {
  return { sources: [{ alias, aliasSpan, columns: [], offset: 0, open: true }], merged: new Map(), plan: undefined }
}

/** What LATERAL sees: the tables to its left, then the enclosing query. */
export function lateralScope(left: FromItem, parent: Scope | undefined): Scope {
  return { sources: left.sources, merged: left.merged, windows: new Map(), parent }
}

/** Sources of the right side stand behind those of the left in the joined row. */
export function shifted(sources: readonly Source[], by: number): readonly Source[] {
  return sources.map((source) => ({ ...source, offset: source.offset + by }))
}

export function widthOf(item: FromItem): number {
  return item.sources.reduce((sum, { columns }) => sum + columns.length, 0)
}
