// FROM: tables, views, aliases, derived tables and table functions become sources of columns, and the plan that joins them.
// Joins are in validate-join.ts, window tables in validate-window-table.ts, patterns in validate-match.ts.
import type { Span } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import { findTableFunction } from '../functions/find-function.ts'
import type { AliasedTable, Hint, Identifier, TableReference } from '../sql/ast.ts'
import { rename } from './build-plan.ts'
import type { Context } from './context.ts'
import { type FromItem, type FromPlace, lateralScope, oneSource, unknownItem } from './from-item.ts'
import { listColumns } from './scope.ts'
import { validateChangelogFunction } from './validate-changelog-function.ts'
import { checkTableHints } from './validate-hints.ts'
import { validateJoin, validateSnapshot } from './validate-join.ts'
import { validateLateralFunction, validateUnnest } from './validate-lateral.ts'
import { validateMatch } from './validate-match.ts'
import { validateWindowTable } from './validate-window-table.ts'

export function validateFrom(reference: TableReference, place: FromPlace): FromItem {
  const { context } = place
  const { findings } = context
  switch (reference.kind) {
    case 'table': {
      if (reference.extend) findings.error('STR018', reference.span, 'EXTEND is not supported')
      return validateTableName(reference.name, place, reference.hints)
    }
    case 'aliasedTable':
      return applyAlias(reference, validateFrom(reference.table, place), context)
    case 'derivedTable': {
      const parent = reference.lateral && place.left ? lateralScope(place.left, place.parent) : place.parent
      const query = context.query(reference.query, parent, context)
      return oneSource(undefined, reference.span, query.columns, query.plan)
    }
    case 'join':
      return validateJoin(reference, place, validateFrom)
    case 'snapshot':
      return validateSnapshot(reference, place, validateFrom)
    case 'unnest':
      return validateUnnest(reference, place)
    case 'matchRecognize':
      return validateMatch(reference, validateFrom(reference.table, place), place)
    case 'tableFunction': {
      const name = reference.call.name.parts.map((part) => part.name).join('.')
      const definition = findTableFunction(name)
      if (definition?.kind === 'windowTable') return validateWindowTable(reference.call, place, validateFrom)
      if (definition?.name.endsWith('_CHANGELOG')) return validateChangelogFunction(reference.call, place, validateFrom)
      return validateLateralFunction(reference, definition, place)
    }
    case 'tableSample':
    case 'pivot':
    case 'unpivot': {
      const what = { tableSample: 'TABLESAMPLE', pivot: 'PIVOT', unpivot: 'UNPIVOT' }[reference.kind]
      validateFrom(reference.table, place)
      findings.error('STR018', reference.span, `${what} is not supported`, { flinkSpan: null, stage: 'plan' })
      return unknownItem(undefined, reference.span)
    }
  }
}

export function validateTableName(name: Identifier, place: FromPlace, hints: readonly Hint[] = []): FromItem {
  const { relations, findings } = place.context
  const path = name.parts.map((part) => part.name)
  const relation = relations.find(path, name.span)
  const alias = path.at(-1)!
  if (relation?.table) checkTableHints(hints, relation.table, place.context, 'validate')
  if (relation) return oneSource(alias, name.span, relation.columns, relation.plan)
  const near = didYouMean(path.at(-1)!, relations.names())
  findings.error('NAM002', name.span, `table \`${path.join('.')}\` does not exist`, {
    hint: near !== undefined ? `Did you mean \`${near}\`?` : listTables(relations.names()),
    ...(near !== undefined && { edit: { span: name.span, text: near } }),
  })
  return unknownItem(alias, name.span)
}

function listTables(names: readonly string[]): string | undefined {
  return names.length === 0 ? 'The pipeline declares no source.' : listColumns(names)
}

function applyAlias(reference: AliasedTable, item: FromItem, context: Context): FromItem {
  const columns = item.sources.flatMap((source) => source.columns)
  const open = item.sources.some((source) => source.open)
  const single = reference.table.kind === 'unnest' && columns.length === 1 ? [reference.alias.name] : undefined
  const names = reference.columns?.map(({ name }) => name) ?? single
  if (names && names.length !== columns.length && !open) {
    const first = reference.columns![0]!.span
    const span = { start: first.start, end: reference.columns!.at(-1)!.span.end }
    context.findings.error(
      'NAM009',
      span,
      `table \`${reference.alias.name}\` has ${columns.length} columns, but ${names.length} aliases are given`,
      { hint: listColumns(columns.map(({ name }) => name)) },
    )
    return unknownItem(reference.alias.name, reference.alias.span)
  }
  const renamed = names ? columns.map((field, i) => ({ ...field, name: names[i] ?? field.name })) : columns
  const plan =
    item.plan &&
    rename(
      item.plan,
      renamed.map(({ name }) => name),
    )
  const source = { alias: reference.alias.name, aliasSpan: reference.alias.span, columns: renamed, offset: 0, open }
  return { ...item, sources: [source], merged: new Map(), plan }
}

/** Every alias of FROM is used once. Checked before anything else of the query. */
export function checkAliases(reference: TableReference, context: Context): void {
  const seen = new Set<string>()
  const visit = (item: TableReference): void => {
    const named = nameOf(item)
    if (named) {
      if (seen.has(named.name)) {
        context.findings.error('NAM005', named.span, `table or alias \`${named.name}\` stands twice in FROM`, {
          hint: 'Give one of them another alias.',
          flinkSpan: named.whole ?? named.span,
        })
      }
      seen.add(named.name)
    } else if (item.kind === 'join') {
      visit(item.left)
      visit(item.right)
    }
  }
  visit(reference)
}

function nameOf(
  item: TableReference,
): { readonly name: string; readonly span: Span; readonly whole?: Span } | undefined {
  switch (item.kind) {
    case 'aliasedTable':
      return { name: item.alias.name, span: item.alias.span, whole: item.span }
    case 'table':
      return { name: item.name.parts.at(-1)!.name, span: item.name.span }
    case 'snapshot':
    case 'tableSample':
      return nameOf(item.table)
    default:
      return undefined
  }
}
