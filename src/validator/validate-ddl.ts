// CREATE, DROP and ALTER of tables and views, USE and CREATE DATABASE: what they do to the session, and what Flink refuses of them.
import type { Table, TableColumn } from '../catalog/table.ts'
import type { Span } from '../diagnostics/diagnostic.ts'
import type { Identifier } from '../sql/ast.ts'
import type { Alter, CreateTable, CreateView, Drop, TableSchema } from '../sql/ast-statements.ts'
import type { Field } from '../types/logical-type.ts'
import { plainTime } from './build-plan.ts'
import type { Options } from './connector-options.ts'
import type { Context } from './context.ts'
import type { Session } from './session.ts'
import { tableFromDdl } from './table-from-ddl.ts'
import { validateQuery } from './validate-query.ts'

export function pathOf(name: Identifier): readonly string[] {
  return name.parts.map((part) => part.name)
}

function refuse(context: Context, span: Span, message: string, hint?: string): void {
  context.findings.error('STR020', span, message, { flinkSpan: null, hint })
}

/** Returns the table; `undefined` where it is left as it was. CREATE TABLE AS has its columns from the query. */
export function createTable(
  statement: CreateTable,
  session: Session,
  context: Context,
  selected?: readonly Field[],
): Table | undefined {
  const { findings } = context
  const path = pathOf(statement.name)
  if (session.has(path) && !statement.orReplace && statement.create) {
    if (statement.ifNotExists) return undefined
    findings.error('NAM005', statement.name.span, `a table or view \`${path.at(-1)}\` exists already`, {
      flinkSpan: null,
    })
    return undefined
  }
  const base = selected ? selected.map(columnOf) : likeColumns(statement, session, context)
  if (!base) return undefined
  const likeTable = statement.like && session.findTable(pathOf(statement.like.table))
  const made = tableFromDdl(statement, base, context)
  checkDistribution(statement, made, context)
  const excludes = (feature: string) =>
    statement.like?.options.some(
      (option) => option.merge === 'EXCLUDING' && (option.feature === feature || option.feature === 'ALL'),
    ) === true
  if (
    likeTable?.eventTime &&
    made.eventTime &&
    !statement.like!.options.some(({ feature }) => feature === 'WATERMARKS')
  ) {
    refuse(
      context,
      statement.name.span,
      `table \`${likeTable.name}\` has a watermark already`,
      'Write EXCLUDING WATERMARKS or OVERWRITING WATERMARKS.',
    )
  }
  const eventTime = made.eventTime ?? (excludes('WATERMARKS') ? undefined : likeTable?.eventTime)
  const order = statement.schema?.identifiers.map((identifier) => identifier.parts.at(-1)!.name) ?? []
  const added = selected ? made.columns.slice(selected.length) : []
  const ordered = selected
    ? [...added, ...made.columns.slice(0, selected.length)].sort(
        (a, b) => rankIn(order, a.name) - rankIn(order, b.name),
      )
    : made.columns
  const table: Table = {
    ...made,
    columns: ordered,
    ...(eventTime && { eventTime }),
    primaryKey: made.primaryKey.length > 0 || excludes('CONSTRAINTS') ? made.primaryKey : (likeTable?.primaryKey ?? []),
    changelog:
      likeTable && !statement.options?.some(({ key }) => key.value === 'connector')
        ? likeTable.changelog
        : made.changelog,
  }
  session.addTable(path, table, likeTable ? undefined : optionsOf(statement))
  return table
}

function rankIn(order: readonly string[], name: string): number {
  return order.length === 0 ? 0 : order.indexOf(name)
}

function optionsOf(statement: CreateTable): Options {
  return new Map(statement.options?.map(({ key, value }) => [key.value, value.value]) ?? [])
}

function columnOf({ name, type }: Field): TableColumn {
  return { name, type: plainTime(type), origin: { kind: 'value', path: [name] } }
}

function likeColumns(statement: CreateTable, session: Session, context: Context): readonly TableColumn[] | undefined {
  if (!statement.like) return []
  const source = session.findTable(pathOf(statement.like.table))
  if (!source) {
    refuse(
      context,
      statement.like.table.span,
      `table \`${pathOf(statement.like.table).join('.')}\` of LIKE does not exist`,
    )
    return undefined
  }
  for (const element of statement.schema?.elements ?? []) {
    if (element.kind !== 'column') continue
    const name = element.name.parts.at(-1)!.name
    if (!source.columns.some((column) => column.name === name)) continue
    refuse(context, element.name.span, `column \`${name}\` exists already in table \`${source.name}\``)
    return undefined
  }
  return source.columns
}

function checkDistribution(statement: CreateTable, table: Table, context: Context): void {
  const { distribution } = statement
  if (!distribution) return
  for (const column of distribution.columns) {
    const known = table.columns.some(({ name, origin }) => name === column.name && origin.kind === 'value')
    if (!known)
      refuse(context, column.span, `column \`${column.name}\` of the distribution does not exist in the table`)
  }
  if (distribution.buckets !== undefined && Number(distribution.buckets) < 1) {
    refuse(context, distribution.span, 'a distributed table has at least one bucket')
  }
}

export function createView(statement: CreateView, session: Session, context: Context): void {
  const { findings } = context
  const path = pathOf(statement.name)
  const name = path.at(-1)!
  const bound = validateQuery(statement.query, undefined, context, undefined, true)
  const names = statement.columns?.map((column) => column.name)
  if (names && names.length !== bound.columns.length) {
    const message = `view \`${name}\` has ${bound.columns.length} columns, but ${names.length} names are given`
    findings.error('NAM009', statement.name.span, message, { flinkSpan: null })
  }
  for (const written of names ? [] : (bound.renamed?.values() ?? [])) {
    findings.error('NAM005', statement.name.span, `view \`${name}\` has two columns named \`${written}\``, {
      flinkSpan: null,
      hint: 'Give one of them another name with AS.',
    })
  }
  if (session.has(path) && !statement.orReplace) {
    if (statement.ifNotExists) return
    findings.error('NAM005', statement.name.span, `a table or view \`${name}\` exists already`, {
      flinkSpan: null,
      hint: 'Give the view another name.',
    })
  }
  const columns = bound.columns.map((field, i) => ({ ...field, name: names?.[i] ?? field.name }))
  const plan = bound.plan && {
    ...bound.plan,
    schema: bound.plan.schema.map((field, i) => ({ ...field, name: columns[i]?.name ?? field.name })),
  }
  session.addView(path, { columns, plan })
}

export function drop(statement: Drop, session: Session, context: Context): void {
  const { object, name } = statement
  const path = pathOf(name)
  const missing = () => {
    if (statement.ifExists) return
    const what = object.toLowerCase()
    context.findings.error('NAM002', name.span, `${what} \`${path.join('.')}\` does not exist`, { flinkSpan: null })
  }
  switch (object) {
    case 'TABLE':
    case 'VIEW':
      if (!session.drop(path, object)) missing()
      return
    case 'DATABASE':
      if (path.at(-1) === session.database) refuse(context, name.span, 'the database in use cannot be dropped')
      else if (!session.databases.delete(path.at(-1)!)) missing()
      return
    case 'FUNCTION':
    case 'MODEL':
    case 'CONNECTION':
      missing()
      return
    default:
  }
}

export function alter(statement: Alter, session: Session, context: Context): void {
  const { action, name } = statement
  const path = pathOf(name)
  if (statement.object === 'VIEW') {
    if (action.kind !== 'asQuery') return
    const bound = validateQuery(action.query, undefined, context, undefined, true)
    session.addView(path, { columns: bound.columns, plan: bound.plan })
    return
  }
  if (statement.object !== 'TABLE') return
  const table = session.findTable(path)
  if (!table) {
    if (statement.ifExists) return
    context.findings.error('NAM002', name.span, `table \`${path.join('.')}\` does not exist`, { flinkSpan: null })
    return
  }
  const changed = alteredTable(table, action, statement, session, context)
  if (changed) session.addTable(path, changed, session.optionsOf(path))
}

function alteredTable(
  table: Table,
  action: Alter['action'],
  statement: Alter,
  session: Session,
  context: Context,
): Table | undefined {
  switch (action.kind) {
    case 'addSchema':
    case 'modifySchema': {
      const elements = action.elements.map((element) =>
        element.kind === 'positionedColumn' ? element.column : element,
      )
      const schema: TableSchema = { kind: 'tableSchema', elements, identifiers: [], span: action.span }
      const named = elements.flatMap((element) => (element.kind === 'column' ? [element.name.parts.at(-1)!.name] : []))
      const kept =
        action.kind === 'addSchema' ? table.columns : table.columns.filter((column) => !named.includes(column.name))
      const written = createFrom(statement, schema)
      const made = tableFromDdl(written, kept, context)
      const eventTime = made.eventTime ?? table.eventTime
      const time = eventTime && made.columns.find((column) => column.name === eventTime.column)
      if (time && time.type.kind !== 'TIMESTAMP' && time.type.kind !== 'TIMESTAMP_LTZ') {
        refuse(context, action.span, `the event time \`${time.name}\` must stay a timestamp`)
      }
      const primaryKey = made.primaryKey.length > 0 ? made.primaryKey : table.primaryKey
      return {
        ...made,
        name: table.name,
        role: table.role,
        changelog: table.changelog,
        primaryKey,
        ...(eventTime && { eventTime }),
      }
    }
    case 'dropColumns': {
      const names = action.columns.map((column) => column.parts.at(-1)!.name)
      for (const [i, name] of names.entries()) {
        if (!table.columns.some((column) => column.name === name))
          refuse(context, action.columns[i]!.span, `column \`${name}\` does not exist`)
      }
      return { ...table, columns: table.columns.filter((column) => !names.includes(column.name)) }
    }
    case 'dropPrimaryKey':
      if (table.primaryKey.length === 0) refuse(context, action.span, `table \`${table.name}\` has no primary key`)
      return { ...table, primaryKey: [] }
    case 'dropWatermark': {
      const { eventTime, ...rest } = table
      if (!eventTime) refuse(context, action.span, `table \`${table.name}\` has no watermark`)
      return rest
    }
    case 'renameColumn': {
      const [from, to] = [action.from, action.to].map((each) => each.parts.at(-1)!.name)
      if (!table.columns.some((column) => column.name === from))
        refuse(context, action.from.span, `column \`${from}\` does not exist`)
      return {
        ...table,
        columns: table.columns.map((column) => (column.name === from ? { ...column, name: to! } : column)),
      }
    }
    case 'rename': {
      const target = pathOf(action.to)
      if (session.has(target)) refuse(context, action.to.span, `a table or view \`${target.join('.')}\` exists already`)
      else session.addTable(target, { ...table, name: target.at(-1)! }, session.optionsOf(pathOf(statement.name)))
      session.drop(pathOf(statement.name), 'TABLE')
      return undefined
    }
    case 'resetOptions':
      if (action.keys.some(({ value }) => value === 'connector'))
        refuse(context, action.span, "option 'connector' cannot be taken back")
      return undefined
    default:
      return undefined
  }
}

function createFrom(statement: Alter, schema: TableSchema): CreateTable {
  const { name, span } = statement
  return {
    kind: 'createTable',
    create: true,
    orReplace: false,
    temporary: false,
    ifNotExists: false,
    name,
    schema,
    span,
  }
}
