// CREATE TABLE becomes a table of the session: columns, key, watermark, and what its connector says of the changelog.
import type { EventTime, Table, TableColumn } from '../catalog/table.ts'
import type { Span } from '../diagnostics/diagnostic.ts'
import type { Expression } from '../sql/ast.ts'
import type { Column, Constraint, CreateTable, Watermark } from '../sql/ast-statements.ts'
import type { Field, LogicalType } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import { isTimeAttribute, notNull } from './build-plan.ts'
import type { Context } from './context.ts'
import { resolveDataType } from './data-type.ts'
import { scopeOf } from './scope.ts'
import { bindExpression } from './validate-expression.ts'

type Elements = readonly (Column | Constraint | Watermark)[]

/** `base`: the columns that LIKE or AS bring. Reports what is contradictory; the table is made as far as it can be. */
export function tableFromDdl(statement: CreateTable, base: readonly TableColumn[], context: Context): Table {
  const elements = statement.schema?.elements ?? []
  const columns: TableColumn[] = [...base]
  for (const element of elements) if (element.kind === 'column') addColumn(element, columns, context)
  const primaryKey = primaryKeyOf(elements, columns, context)
  const withKey = columns.map((column) =>
    primaryKey.includes(column.name) ? { ...column, type: notNull(column.type) } : column,
  )
  const computed = bindComputed(elements, withKey, context)
  const eventTime = eventTimeOf(elements, computed, context)
  const connector = optionOf(statement, 'connector')
  return {
    name: statement.name.parts.at(-1)!.name,
    role: 'both',
    columns: computed,
    ...(eventTime && { eventTime }),
    primaryKey,
    changelog: connector === 'upsert-kafka' ? 'upsert' : changelogOfFormat(statement),
  }
}

function optionOf(statement: CreateTable, key: string): string | undefined {
  return statement.options?.find((option) => option.key.value === key)?.value.value
}

/** Change data capture formats bring all four kinds of rows. */
function changelogOfFormat(statement: CreateTable): Table['changelog'] {
  const format = optionOf(statement, 'format') ?? optionOf(statement, 'value.format')
  return format && /^(debezium|canal|maxwell|ogg)/.test(format) ? 'retract' : 'append'
}

const unresolved: LogicalType = { kind: 'NULL', nullable: true }

function addColumn(column: Column, columns: TableColumn[], context: Context): void {
  const { findings } = context
  const name = column.name.parts.map((part) => part.name).join('.')
  if (columns.some((known) => known.name === name)) {
    findings.error('NAM005', column.name.span, `column \`${name}\` stands twice in the table`, {
      hint: 'Give one of them another name.',
    })
    return
  }
  if (column.form === 'computed') {
    const expression = context.text.slice(column.expression.span.start, column.expression.span.end)
    columns.push({ name, type: unresolved, origin: { kind: 'computed', expression } })
    return
  }
  const type = resolveDataType(column.type, findings)
  if (!type) return
  const nullable = column.form === 'regular' && column.constraint?.type === 'PRIMARY KEY' ? notNull(type) : type
  const origin: TableColumn['origin'] =
    column.form === 'metadata'
      ? { kind: 'metadata', key: (column.from?.value ?? name) as 'timestamp', virtual: column.virtual }
      : { kind: 'value', path: [name] }
  columns.push({ name, type: nullable, origin })
}

function primaryKeyOf(elements: Elements, columns: readonly TableColumn[], context: Context): readonly string[] {
  const { findings } = context
  const keys: { readonly columns: readonly { name: string; span: Span }[]; readonly constraint: Constraint }[] = []
  for (const element of elements) {
    if (element.kind === 'constraint') keys.push({ columns: element.columns, constraint: element })
    else if (element.kind === 'column' && element.form === 'regular' && element.constraint) {
      const name = element.name.parts.at(-1)!.name
      keys.push({ columns: [{ name, span: element.name.span }], constraint: element.constraint })
    }
  }
  const [first, second] = keys
  if (second) {
    findings.error('STR020', second.constraint.span, 'a table has one primary key', { flinkSpan: null })
  }
  if (!first) return []
  if (first.constraint.type === 'UNIQUE') {
    findings.error('STR018', first.constraint.span, 'UNIQUE is not supported', {
      hint: 'Declare PRIMARY KEY … NOT ENFORCED.',
    })
    return []
  }
  if (first.constraint.enforced !== false) {
    findings.error('STR020', first.constraint.span, 'a primary key is not checked by Flink', {
      hint: 'Write PRIMARY KEY (…) NOT ENFORCED.',
      flinkSpan: null,
    })
  }
  for (const { name, span } of first.columns) {
    const column = columns.find((candidate) => candidate.name === name)
    if (column && column.origin.kind !== 'computed') continue
    findings.error('NAM001', span, `column \`${name}\` of the primary key does not exist in the table`)
  }
  return first.columns.map(({ name }) => name)
}

/** Computed columns see all others that are not computed. */
function bindComputed(elements: Elements, columns: readonly TableColumn[], context: Context): readonly TableColumn[] {
  const physical: Field[] = columns
    .filter(({ origin }) => origin.kind !== 'computed')
    .map(({ name, type }) => ({ name, type }))
  const expressions = new Map<string, Expression>()
  for (const element of elements) {
    if (element.kind !== 'column' || element.form !== 'computed') continue
    expressions.set(element.name.parts.map((part) => part.name).join('.'), element.expression)
  }
  return columns.map((column) => {
    const expression = expressions.get(column.name)
    if (!expression) return column
    const source = { alias: undefined, aliasSpan: expression.span, columns: physical, offset: 0, open: false }
    const bound = bindExpression(expression, scopeOf([source], undefined), context)
    return { ...column, type: bound?.type ?? unresolved }
  })
}

function eventTimeOf(elements: Elements, columns: readonly TableColumn[], context: Context): EventTime | undefined {
  const { findings } = context
  const watermarks = elements.filter((element) => element.kind === 'watermark')
  const [watermark, second] = watermarks
  if (second) findings.error('STR020', second.span, 'a table has one watermark', { flinkSpan: null })
  if (!watermark) return undefined
  const name = watermark.column.parts.map((part) => part.name).join('.')
  const column = columns.find((candidate) => candidate.name === name)
  if (!column) {
    findings.error('NAM001', watermark.column.span, `column \`${name}\` of the watermark does not exist in the table`, {
      flinkSpan: null,
    })
    return undefined
  }
  const { type } = column
  if (isTimeAttribute(type)) {
    findings.error('STR020', watermark.span, 'processing time has no watermark', { flinkSpan: null })
    return undefined
  }
  if ((type.kind !== 'TIMESTAMP' && type.kind !== 'TIMESTAMP_LTZ') || type.precision > 3) {
    const message = `event time needs TIMESTAMP_LTZ(3) or TIMESTAMP(3), but column \`${name}\` is ${printType({ ...type, nullable: true })}`
    findings.error('STR001', watermark.column.span, message, { flinkSpan: null })
    return undefined
  }
  const fields = columns.map((each) => ({ name: each.name, type: each.type }))
  const source = { alias: undefined, aliasSpan: watermark.span, columns: fields, offset: 0, open: false }
  const bound = bindExpression(watermark.expression, scopeOf([source], undefined), context)
  if (!bound) return undefined
  if (bound.type.kind !== type.kind) {
    const message = `the watermark of \`${name}\` must be ${type.kind}, found ${printType({ ...bound.type, nullable: true })}`
    findings.error('STR001', watermark.expression.span, message, { flinkSpan: null })
    return undefined
  }
  return { column: name, watermark: context.text.slice(watermark.expression.span.start, watermark.expression.span.end) }
}
