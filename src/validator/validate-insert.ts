// INSERT INTO: which columns of the sink the query fills. A sink declared in SQL is filled by position, as Flink does; a sink with a
// registered schema by name, which prove-output.ts judges.
import type { Table } from '../catalog/table.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Expression } from '../plan/expression.ts'
import type { Plan } from '../plan/plan.ts'
import type { Identifier } from '../sql/ast.ts'
import type { Insert } from '../sql/ast-statements.ts'
import { supportsImplicitCast } from '../types/casts.ts'
import type { Field, LogicalType } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import { bindLiteral } from './bind-literal.ts'
import type { BoundQuery } from './bound-expression.ts'
import { type Bound, toExpression } from './bound-expression.ts'
import { column, node, project, rename } from './build-plan.ts'
import type { Context } from './context.ts'
import { listColumns } from './scope.ts'
import { isUnknown } from './unknown-type.ts'
import { castTo } from './validate-call.ts'

const writableMetadata: readonly string[] = ['headers', 'timestamp']

const conflicts = { ERROR: 'error', NOTHING: 'nothing', DEDUPLICATE: 'deduplicate' } as const

/** The sink operator over the query, by position. */
export function insertByPosition(insert: Insert, table: Table, query: BoundQuery, context: Context): Plan | undefined {
  const { findings } = context
  const physical = writableColumns(table)
  const readOnly = physical.find(({ origin }) => origin.kind === 'metadata' && !writableMetadata.includes(origin.key))
  if (readOnly) {
    const message = `column \`${readOnly.name}\` of sink \`${table.name}\` is metadata that cannot be written`
    findings.error('STR020', insert.table.span, message, { stage: 'plan', hint: 'Declare it VIRTUAL.' })
  }
  const targets = targetColumns(insert, table, context)
  if (!targets) return undefined
  const values = targets.list
  if (query.columns.some(({ type }) => isUnknown(type))) return undefined
  if (query.columns.length !== values.length) {
    const message = `the query has ${query.columns.length} columns, but ${insert.columns ? 'the list' : `sink \`${table.name}\``} has ${values.length}`
    return findings.error('TYP022', insert.columns ? insert.query.span : insert.table.span, message, {
      stage: insert.columns ? 'validate' : 'plan',
      hint: listColumns(values.map(({ name }) => name)),
    })
  }
  const wrong = values.findIndex(
    (target, i) => !supportsImplicitCast(query.columns[i]!.type, { ...target.type, nullable: true }),
  )
  if (wrong >= 0) {
    const from = query.columns[wrong]!
    const to = values[wrong]!
    const message = `column ${wrong + 1} (\`${from.name}\`) is ${print(from.type)}, but column \`${to.name}\` of sink \`${table.name}\` is ${print(to.type)}`
    return findings.error('TYP022', insert.table.span, message, {
      stage: 'plan',
      hint: `Columns are matched by position. CAST(${from.name} AS ${print(to.type)}) may be what is meant.`,
    })
  }
  if (!query.plan) return undefined
  const { plan } = query
  const items = physical.map(({ name, type }) => {
    const position = values.findIndex((target) => target.name === name)
    const expression = position >= 0 ? castColumn(plan, position, type) : targets.fixed.get(name)
    return { name, expression: expression ?? nullOf(type, insert.span) }
  })
  const same =
    items.length === plan.schema.length &&
    items.every(({ expression }, i) => expression.kind === 'column' && expression.index === i)
  const input = same
    ? rename(
        plan,
        physical.map(({ name }) => name),
      )
    : project(plan, items, insert.span)
  return sinkOf(insert, table, input)
}

export function sinkOf(insert: Insert | undefined, table: Table, input: Plan): Plan {
  const onConflict = insert?.onConflict && conflicts[insert.onConflict]
  const span = insert?.table.span ?? input.span
  const accepts = table.changelog
  // The key of an append sink is only the record's key.
  const names = accepts === 'append' && table.valueSchema ? [] : table.primaryKey
  const primaryKey = names
    .map((name) => input.schema.findIndex((field) => field.name === name))
    .filter((index) => index >= 0)
  return node(input.schema, span, {
    kind: 'sink' as const,
    input,
    table: table.name,
    accepts,
    primaryKey,
    ...(onConflict && { onConflict }),
  })
}

function castColumn(plan: Plan, index: number, type: LogicalType): Expression {
  const bound: Bound = column(plan, index, plan.span) as Bound
  return toExpression(castTo(bound, type))!
}

function nullOf(type: LogicalType, span: Insert['span']): Expression {
  return { kind: 'literal', value: null, type: { ...type, nullable: true }, span }
}

function print(type: LogicalType): string {
  return printType({ ...type, nullable: true })
}

/** Columns that a sink has a place for. */
function writableColumns(table: Table) {
  return table.columns.filter(
    ({ origin }) => origin.kind !== 'computed' && !(origin.kind === 'metadata' && origin.virtual),
  )
}

/** The columns that the query fills, in its order, and those that PARTITION fixes. */
function targetColumns(
  insert: Insert,
  table: Table,
  context: Context,
): { readonly list: readonly Field[]; readonly fixed: ReadonlyMap<string, Expression> } | undefined {
  const { findings } = context
  const physical = writableColumns(table)
  const fixed = new Map<string, Expression>()
  const mark = findings.mark()
  const find = (name: string, span: Insert['span']) => {
    const found = physical.find((candidate) => candidate.name === name)
    if (found) return found
    const names = physical.map((candidate) => candidate.name)
    const near = didYouMean(name, names)
    return findings.error('NAM001', span, `column \`${name}\` does not exist in sink \`${table.name}\``, {
      hint: near !== undefined ? `Did you mean \`${near}\`?` : listColumns(names),
    })
  }
  for (const { name, value } of insert.partition ?? []) {
    const target = find(name.name, name.span)
    const bound = value && bindLiteral(value, findings)
    const expression = target && bound && toExpression(castTo(bound, target.type))
    if (expression) fixed.set(name.name, expression)
  }
  if (!insert.columns) {
    const list = physical.filter(({ name }) => !fixed.has(name))
    return findings.failedSince(mark) ? undefined : { list, fixed }
  }
  const seen = new Set<string>()
  const list: Field[] = []
  for (const identifier of insert.columns) {
    const name = nameOf(identifier)
    const target = find(name, identifier.span)
    if (seen.has(name)) findings.error('NAM005', identifier.span, `column \`${name}\` is named twice`)
    seen.add(name)
    if (target) list.push(target)
  }
  for (const { name, type } of physical) {
    if (seen.has(name) || fixed.has(name) || type.nullable) continue
    findings.error(
      'TYP022',
      insert.table.span,
      `column \`${name}\` of sink \`${table.name}\` takes no NULL and is not filled`,
      {
        hint: 'Add it to the list of columns.',
      },
    )
  }
  return findings.failedSince(mark) ? undefined : { list, fixed }
}

function nameOf(identifier: Identifier): string {
  return identifier.parts.map(({ name }) => name).join('.')
}

/** The query as Flink rewrites it for a list of columns: in the sink's order, with NULL for columns that are not named. */
export function rewrittenColumns(insert: Insert, table: Table, query: BoundQuery): readonly Field[] {
  if (!insert.columns) return query.columns
  const names = insert.columns.map(nameOf)
  return writableColumns(table).map(({ name, type }, i) => {
    const field = query.columns[names.indexOf(name)]
    if (!field) return { name: `EXPR$${i}`, type: { ...type, nullable: true } }
    return { ...field, name: /^EXPR\$\d+$/.test(field.name) ? `EXPR$${i}` : field.name }
  })
}
