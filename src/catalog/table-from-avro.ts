// Makes a table from a registered schema and what a pipeline declares about it: event time, key, metadata columns.
import { type AvroSchema, branchName } from '../avro/schema.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import { type LogicalType, MAX_LENGTH } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import { sqlTypeOf } from './avro-type.ts'
import type { EventTime, MetadataKey, Table, TableColumn } from './table.ts'

export type EventTimeDeclaration = {
  /** A column, or the record's own timestamp, which then is a column named `timestamp`. */
  readonly column: string | { readonly record: true }
  readonly maxDelayMs: number
  readonly idleAfterMs?: number
}

export type TableDeclaration = {
  readonly name: string
  readonly role: 'source' | 'sink'
  readonly value: AvroSchema
  /** Without one, a key is raw UTF-8 text. */
  readonly key?: AvroSchema
  /** Key fields to show as columns: column name → path in the key (empty: the whole key). */
  readonly keyColumns?: readonly { readonly name: string; readonly path: readonly string[] }[]
  readonly metadata?: readonly { readonly name: string; readonly key: MetadataKey }[]
  readonly eventTime?: EventTimeDeclaration
  readonly primaryKey?: readonly string[]
  readonly changelog?: 'append' | 'upsert'
}

/** What is wrong with a declaration; `part` tells the caller which line of its file to point at. */
export type DeclarationProblem = {
  readonly code: 'NAM001' | 'NAM005' | 'STR001' | 'TYP002'
  readonly part: 'eventTime' | 'keyColumns' | 'metadata' | 'primaryKey'
  readonly message: string
  readonly hint?: string
}

/** Types of the metadata columns, Flink's Kafka connector's own. */
const metadataTypes: Readonly<Record<MetadataKey, LogicalType>> = {
  timestamp: { kind: 'TIMESTAMP_LTZ', precision: 3, nullable: false },
  partition: { kind: 'INTEGER', nullable: false },
  offset: { kind: 'BIGINT', nullable: false },
  headers: {
    kind: 'MAP',
    key: { kind: 'VARCHAR', length: MAX_LENGTH, nullable: false },
    value: { kind: 'VARBINARY', length: MAX_LENGTH, nullable: false },
    nullable: false,
  },
  topic: { kind: 'VARCHAR', length: MAX_LENGTH, nullable: false },
}

/** All problems at once; the table is made as far as it can be, without what is wrong. */
export function tableFromAvro(declaration: TableDeclaration): {
  readonly table: Table
  readonly problems: readonly DeclarationProblem[]
} {
  const problems: DeclarationProblem[] = []
  const columns = valueColumns(declaration.value)
  addColumns(columns, keyColumns(declaration, problems), 'keyColumns', problems)
  const metadata = [...(declaration.metadata ?? [])]
  const asked = declaration.eventTime?.column
  if (typeof asked === 'object' && !metadata.some(({ key }) => key === 'timestamp')) {
    metadata.push({ name: 'timestamp', key: 'timestamp' })
  }
  const metadataColumns = metadata.map(
    ({ name, key }): TableColumn => ({ name, type: metadataTypes[key], origin: { kind: 'metadata', key } }),
  )
  addColumns(columns, metadataColumns, 'metadata', problems)
  const eventTime =
    declaration.eventTime && declareEventTime(declaration.eventTime, columns, declaration.name, problems)
  const primaryKey = (declaration.primaryKey ?? []).filter((name) =>
    mustExist(name, columns, declaration.name, 'primaryKey', problems),
  )
  return {
    table: {
      name: declaration.name,
      role: declaration.role,
      columns: columns.map((column) => (column.name === eventTime?.column ? markRowtime(column) : column)),
      ...(eventTime && { eventTime }),
      primaryKey,
      changelog: declaration.changelog ?? 'append',
      valueSchema: declaration.value,
      ...(declaration.key && { keySchema: declaration.key }),
    },
    problems,
  }
}

/** The fields of a record; any other value is one column named `value`. */
function valueColumns(schema: AvroSchema): TableColumn[] {
  if (schema.kind !== 'record') {
    return [{ name: 'value', type: sqlTypeOf(schema), origin: { kind: 'value', path: [] } }]
  }
  const row = sqlTypeOf(schema)
  const fields = row.kind === 'ROW' ? row.fields : []
  return fields.map(({ name, type }) => ({ name, type, origin: { kind: 'value', path: [name] } }))
}

function keyColumns(declaration: TableDeclaration, problems: DeclarationProblem[]): TableColumn[] {
  const columns: TableColumn[] = []
  for (const { name, path } of declaration.keyColumns ?? []) {
    const type = keyType(declaration.key, path)
    if (type) columns.push({ name, type, origin: { kind: 'key', path } })
    else {
      const message = `the key of table \`${declaration.name}\` has no field \`${path.join('.')}\``
      problems.push({ code: 'NAM001', part: 'keyColumns', message })
    }
  }
  return columns
}

function keyType(key: AvroSchema | undefined, path: readonly string[]): LogicalType | undefined {
  // A Kafka record may have no key at all, so the whole key is nullable.
  let type: LogicalType | undefined = key ? sqlTypeOf(key) : { kind: 'VARCHAR', length: MAX_LENGTH, nullable: true }
  type = { ...type, nullable: true }
  for (const name of path) {
    const nullable: boolean = type.nullable
    const field: LogicalType | undefined =
      type.kind === 'ROW' ? type.fields.find((candidate) => candidate.name === name)?.type : undefined
    if (!field) return undefined
    type = nullable ? { ...field, nullable: true } : field
  }
  return type
}

function addColumns(
  columns: TableColumn[],
  added: readonly TableColumn[],
  part: DeclarationProblem['part'],
  problems: DeclarationProblem[],
): void {
  for (const column of added) {
    if (!columns.some(({ name }) => name === column.name)) columns.push(column)
    else {
      const message = `column \`${column.name}\` exists already`
      problems.push({ code: 'NAM005', part, message, hint: 'Give the column another name.' })
    }
  }
}

function mustExist(
  name: string,
  columns: readonly TableColumn[],
  table: string,
  part: DeclarationProblem['part'],
  problems: DeclarationProblem[],
): TableColumn | undefined {
  const found = columns.find((column) => column.name === name)
  if (!found) {
    const message = `column \`${name}\` does not exist in table \`${table}\``
    const near = didYouMean(
      name,
      columns.map((column) => column.name),
    )
    problems.push({ code: 'NAM001', part, message, ...(near !== undefined && { hint: `Did you mean \`${near}\`?` }) })
  }
  return found
}

function declareEventTime(
  declaration: EventTimeDeclaration,
  columns: readonly TableColumn[],
  table: string,
  problems: DeclarationProblem[],
): EventTime | undefined {
  const { column: asked, maxDelayMs, idleAfterMs } = declaration
  const name =
    typeof asked === 'string'
      ? asked
      : columns.find(({ origin }) => origin.kind === 'metadata' && origin.key === 'timestamp')!.name
  const column = mustExist(name, columns, table, 'eventTime', problems)
  if (!column) return undefined
  // Flink: a watermark column is TIMESTAMP or TIMESTAMP_LTZ of precision 0 to 3.
  const { type } = column
  if ((type.kind !== 'TIMESTAMP' && type.kind !== 'TIMESTAMP_LTZ') || type.precision > 3) {
    const finer = type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ'
    problems.push({
      code: 'STR001',
      part: 'eventTime',
      message: `event time needs a column of type TIMESTAMP_LTZ(3) or TIMESTAMP(3), but column \`${name}\` is ${printType(type)}`,
      hint: finer
        ? 'Event time counts milliseconds: use a field of logical type timestamp-millis.'
        : 'Use a field of logical type timestamp-millis, or the timestamp of the record.',
    })
    return undefined
  }
  return { column: name, maxDelayMs, ...(idleAfterMs !== undefined && { idleAfterMs }) }
}

function markRowtime(column: TableColumn): TableColumn {
  const { type } = column
  if (type.kind !== 'TIMESTAMP' && type.kind !== 'TIMESTAMP_LTZ') return column
  return { ...column, type: { ...type, timeAttribute: 'rowtime' } }
}

/** For messages: how a field's type is called in its schema. */
export function describeAvroType(schema: AvroSchema): string {
  if (schema.kind === 'union') return schema.branches.map(describeAvroType).join(' or ')
  return schema.logical?.kind ?? branchName(schema)
}
