// What names mean at one place of a query: the tables of FROM with their columns, and those of the enclosing queries.
// Which name is found, and which part of a wrong one is at fault, follows Calcite's DelegatingScope.fullyQualify.

import type { Span } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Findings } from '../plan/findings.ts'
import type { Identifier, Name, WindowSpecification } from '../sql/ast.ts'
import type { Field, LogicalType } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import type { Bound } from './bound-expression.ts'
import { isUnknown } from './unknown-type.ts'

/** One table in FROM. Its columns are those of the joined row from `offset` on. */
export type Source = {
  readonly alias: string | undefined
  readonly aliasSpan: Span
  readonly columns: readonly Field[]
  readonly offset: number
  /** The table does not exist: any name could be one of its columns. */
  readonly open: boolean
}

export type Scope = {
  readonly sources: readonly Source[]
  /** Columns joined by USING or NATURAL: one name for both sides. */
  readonly merged: ReadonlyMap<string, readonly number[]>
  readonly windows: ReadonlyMap<string, WindowSpecification>
  readonly parent: Scope | undefined
  /** Names of select items, where ORDER BY and QUALIFY may use them. */
  readonly aliases?: ReadonlyMap<string, Bound>
  /** Where names without a table are looked up, if not in all sources: the rows of a pattern. */
  readonly unqualified?: Source
  /** Aggregates here may have no rows to work on, so that they give NULL. */
  readonly groupMayBeEmpty?: boolean
}

export function scopeOf(sources: readonly Source[], parent: Scope | undefined): Scope {
  return { sources, merged: new Map(), windows: new Map(), parent }
}

/** All columns of the joined row, in order. */
function rowOf(scope: Scope): readonly Field[] {
  return scope.sources.flatMap(({ columns }) => columns)
}

type Match = { readonly source: Source; readonly index: number; readonly depth: number; readonly type: LogicalType }

/** Resolves a name to a column and the fields below it. Reports what is wrong; `undefined` then, or where something else was wrong already. */
export function resolveName(identifier: Identifier, scope: Scope, findings: Findings): Bound | undefined {
  const { parts } = identifier
  const first = parts[0]!
  if (parts.length === 1) {
    const alias = scope.aliases?.get(first.name)
    if (alias) return { ...alias, span: identifier.span }
    const match = findColumn(first, scope, identifier.span, findings)
    return match && column(match, identifier.span)
  }
  for (let length = parts.length - 1; length >= 1; length--) {
    const found = findSource(parts.slice(0, length), scope)
    if (found) return resolveIn(found.source, found.depth, identifier, length, findings)
  }
  const candidates = matchesOf(first.name, scope)
  if (candidates.length !== 1) {
    if (candidates.length === 0 && isOpen(scope)) return undefined
    const prefix = { start: first.span.start, end: parts[parts.length - 2]!.span.end }
    const text = parts.slice(0, -1).map(({ name }) => name)
    const near = didYouMean(text[0]!, aliasesOf(scope))
    return findings.error('NAM006', prefix, `table or alias \`${text.join('.')}\` does not exist in FROM`, {
      hint: near !== undefined ? `Did you mean \`${near}\`?` : listAliases(scope),
      ...(near !== undefined && { edit: { span: prefix, text: near } }),
    })
  }
  return fieldsBelow(column(candidates[0]!, first.span), identifier, 0, findings)
}

function resolveIn(source: Source, depth: number, identifier: Identifier, from: number, findings: Findings) {
  const name = identifier.parts[from]!
  const index = source.columns.findIndex((field) => field.name === name.name)
  if (index < 0) {
    if (source.open) return undefined
    const names = source.columns.map((field) => field.name)
    const near = didYouMean(name.name, names)
    return findings.error('NAM001', name.span, `column \`${name.name}\` does not exist in table \`${source.alias}\``, {
      hint: near !== undefined ? `Did you mean \`${near}\`?` : listColumns(names),
      ...(near !== undefined && { edit: { span: name.span, text: near } }),
    })
  }
  const match = { source, index: source.offset + index, depth, type: source.columns[index]!.type }
  const span = { start: identifier.span.start, end: name.span.end }
  return fieldsBelow(column(match, span), identifier, from, findings)
}

/** `from`: which part of the name is the column; fields follow. */
function fieldsBelow(
  base: Bound | undefined,
  identifier: Identifier,
  from: number,
  findings: Findings,
): Bound | undefined {
  let bound = base
  const { parts } = identifier
  for (let i = from + 1; bound && i < parts.length; i++) {
    const name = parts[i]!
    const reached = { start: parts[from]!.span.start, end: name.span.end }
    bound = accessField(bound, name, { start: identifier.span.start, end: name.span.end }, reached, findings)
  }
  return bound
}

/** `row.field`. A field of a nullable row is nullable. */
export function accessField(
  row: Bound,
  name: Name,
  span: Span,
  flinkSpan: Span,
  findings: Findings,
): Bound | undefined {
  const { type } = row
  if (isUnknown(type)) return undefined
  if (type.kind !== 'ROW' && type.kind !== 'STRUCTURED') {
    const message = `there is no field \`${name.name}\` in a value of type ${printType({ ...type, nullable: true })}`
    return findings.error('NAM008', name.span, message, { flinkSpan })
  }
  const field = type.fields.find((candidate) => candidate.name === name.name)
  if (!field) {
    const names = type.fields.map((candidate) => candidate.name)
    const near = didYouMean(name.name, names)
    return findings.error('NAM008', name.span, `field \`${name.name}\` does not exist`, {
      flinkSpan,
      hint: near !== undefined ? `Did you mean \`${near}\`?` : listColumns(names),
      ...(near !== undefined && { edit: { span: name.span, text: near } }),
    })
  }
  const index: Bound = {
    kind: 'literal',
    value: field.name,
    type: { kind: 'SYMBOL', nullable: false },
    span: name.span,
  }
  const result = type.nullable ? { ...field.type, nullable: true } : field.type
  return { kind: 'call', function: 'FIELD', arguments: [row, index], type: result, span }
}

function findColumn(name: Name, scope: Scope, span: Span, findings: Findings): Match | undefined {
  const matches = matchesOf(name.name, scope)
  if (matches.length === 1) return matches[0]
  if (matches.length > 1) {
    const sources = matches.map(({ source }) => `\`${source.alias}.${name.name}\``)
    return findings.error('NAM003', span, `column \`${name.name}\` is ambiguous`, {
      hint: `Write ${sources.slice(0, -1).join(', ')} or ${sources.at(-1)}.`,
    })
  }
  if (isOpen(scope)) return undefined
  const names = allNames(scope)
  const near = didYouMean(name.name, names)
  const tables = aliasesOf(scope)
  const where = tables.length === 1 ? `in table \`${tables[0]}\`` : 'in any table of the query'
  return findings.error('NAM001', span, `column \`${name.name}\` does not exist ${where}`, {
    hint: near !== undefined ? `Did you mean \`${near}\`?` : listColumns(names),
    ...(near !== undefined && { edit: { span, text: near } }),
  })
}

/** Columns of this name in the innermost query that has any. */
function matchesOf(name: string, scope: Scope): readonly Match[] {
  let depth = 0
  for (let level: Scope | undefined = scope; level; level = level.parent, depth++) {
    const matches: Match[] = []
    const merged = level.merged.get(name)
    for (const source of level.unqualified ? [level.unqualified] : level.sources) {
      source.columns.forEach((field, i) => {
        const index = source.offset + i
        if (field.name !== name || (merged && merged.indexOf(index) > 0)) return
        matches.push({ source, index, depth, type: field.type })
      })
    }
    if (matches.length > 0) return matches
  }
  return []
}

function findSource(
  path: readonly Name[],
  scope: Scope,
): { readonly source: Source; readonly depth: number } | undefined {
  // A path is catalog and database before a table that has no alias; the last part names it.
  const name = path.at(-1)!.name
  if (path.length > 1 && !isFlinkPath(path)) return undefined
  let depth = 0
  for (let level: Scope | undefined = scope; level; level = level.parent, depth++) {
    const source = level.sources.find(({ alias }) => alias === name)
    if (source) return { source, depth }
  }
  return undefined
}

function isFlinkPath(path: readonly Name[]): boolean {
  const qualifier = path
    .slice(0, -1)
    .map(({ name }) => name)
    .join('.')
  return qualifier === 'default_database' || qualifier === 'default_catalog.default_database'
}

function column(match: Match, span: Span): Bound | undefined {
  if (isUnknown(match.type)) return undefined
  return match.depth === 0
    ? { kind: 'column', index: match.index, type: match.type, span }
    : { kind: 'outer', depth: match.depth, index: match.index, type: match.type, span }
}

function isOpen(scope: Scope): boolean {
  for (let level: Scope | undefined = scope; level; level = level.parent) {
    if (level.sources.some(({ open }) => open)) return true
  }
  return false
}

function aliasesOf(scope: Scope): string[] {
  return scope.sources.flatMap(({ alias }) => (alias === undefined ? [] : [alias]))
}

function allNames(scope: Scope): string[] {
  return [...new Set(rowOf(scope).map(({ name }) => name)), ...(scope.aliases?.keys() ?? [])]
}

export function listColumns(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined
  const shown = names.slice(0, 12).map((name) => `\`${name}\``)
  return `There are ${shown.join(', ')}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}.`
}

function listAliases(scope: Scope): string | undefined {
  const names = aliasesOf(scope)
  return names.length === 0 ? undefined : `FROM has ${names.map((name) => `\`${name}\``).join(', ')}.`
}
