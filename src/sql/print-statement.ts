// Canonical Flink SQL of statements, without a semicolon at the end.
import { unreachable } from '../diagnostics/assert.ts'
import type {
  Alter,
  AlterAction,
  Column,
  Constraint,
  CreateFunction,
  CreateMaterializedTable,
  CreateModel,
  CreateTable,
  Distribution,
  Insert,
  LikeClause,
  Option,
  PartitionValue,
  Show,
  Statement,
  TableSchema,
  Text,
  Use,
  Watermark,
} from './ast-statements.ts'
import { commaList, printDataType, printIdentifier, printName, printText, words } from './print-expression.ts'
import { indented, printExpression, printHints, printQuery } from './print-query.ts'

export function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case 'query':
      return printQuery(statement.query)
    case 'insert':
      return printInsert(statement)
    case 'update':
      return words(
        `UPDATE ${printIdentifier(statement.table)}`,
        statement.alias && `AS ${printName(statement.alias)}`,
        `SET ${statement.assignments.map(({ column, value }) => `${printIdentifier(column)} = ${printExpression(value)}`).join(', ')}`,
        statement.where && `WHERE ${printExpression(statement.where)}`,
      )
    case 'delete':
      return words(
        `DELETE FROM ${printIdentifier(statement.table)}`,
        statement.alias && `AS ${printName(statement.alias)}`,
        statement.where && `WHERE ${printExpression(statement.where)}`,
      )
    case 'merge':
      return statement.text
    case 'statementSet':
      return `STATEMENT SET BEGIN\n${statement.inserts.map((insert) => `${printInsert(insert)};\n`).join('')}END`
    case 'beginStatementSet':
      return 'BEGIN STATEMENT SET'
    case 'endStatementSet':
      return 'END'
    case 'execute':
      return `EXECUTE ${printStatement(statement.statement)}`
    case 'explain':
      return words('EXPLAIN', statement.details.join(', '), printStatement(statement.statement))
    case 'compilePlan':
      return words(
        statement.execute ? 'COMPILE AND EXECUTE PLAN' : 'COMPILE PLAN',
        text(statement.file),
        statement.ifNotExists && 'IF NOT EXISTS',
        `FOR ${printStatement(statement.statement)}`,
      )
    case 'executePlan':
      return `EXECUTE PLAN ${text(statement.file)}`
    case 'createTable':
      return printCreateTable(statement)
    case 'createMaterializedTable':
      return printCreateMaterializedTable(statement)
    case 'createView':
      return words(
        create(statement, 'VIEW'),
        statement.columns && `(${commaList(statement.columns, printName)})`,
        comment(statement.comment),
        `AS\n${printQuery(statement.query)}`,
      )
    case 'createCatalog':
      return words(
        create({ ...statement, name: undefined }, 'CATALOG'),
        printName(statement.name),
        ...commentAndOptions(statement),
      )
    case 'createDatabase':
      return words(create(statement, 'DATABASE'), ...commentAndOptions(statement))
    case 'createFunction':
      return printCreateFunction(statement)
    case 'createModel':
      return printCreateModel(statement)
    case 'createConnection':
      return words(create(statement, 'CONNECTION'), ...commentAndOptions(statement))
    case 'drop':
      return words(
        'DROP',
        statement.temporary && 'TEMPORARY',
        statement.system && 'SYSTEM',
        statement.object,
        statement.ifExists && 'IF EXISTS',
        printIdentifier(statement.name),
        statement.behavior,
      )
    case 'alter':
      return printAlter(statement)
    case 'show':
      return printShow(statement)
    case 'describe':
      return words(
        'DESCRIBE',
        statement.object !== 'TABLE' && statement.object,
        statement.extended && 'EXTENDED',
        printIdentifier(statement.name),
      )
    case 'use':
      return printUse(statement)
    case 'set':
      if (statement.key === undefined || statement.value === undefined) return 'SET'
      return `SET ${text(statement.key)} = ${text(statement.value)}`
    case 'reset':
      return words('RESET', statement.key && text(statement.key))
    case 'loadModule':
      return words('LOAD MODULE', printName(statement.name), withOptions(statement.options))
    case 'unloadModule':
      return `UNLOAD MODULE ${printName(statement.name)}`
    case 'jar':
      return `${statement.action} JAR ${text(statement.path)}`
    case 'callProcedure':
      return `CALL ${printExpression(statement.call)}`
    case 'truncateTable':
      return `TRUNCATE TABLE ${printIdentifier(statement.table)}`
    case 'analyzeTable': {
      const { columns } = statement
      const list = columns === 'ALL' ? 'FOR ALL COLUMNS' : columns && `FOR COLUMNS ${commaList(columns, printName)}`
      return words(
        `ANALYZE TABLE ${printIdentifier(statement.table)}`,
        partition(statement.partition),
        'COMPUTE STATISTICS',
        list,
      )
    }
    case 'stopJob':
      return words(
        'STOP JOB',
        text(statement.job),
        statement.savepoint && 'WITH SAVEPOINT',
        statement.drain && 'WITH DRAIN',
      )
    case 'describeJob':
      return `DESCRIBE JOB ${text(statement.job)}`
    case 'clientCommand':
      return statement.command
    case 'broken':
      return statement.partial === undefined ? '' : printStatement(statement.partial)
    default:
      return unreachable(statement)
  }
}

function text(node: Text): string {
  return printText(node.value)
}

function comment(node: Text | undefined): string | undefined {
  return node && `COMMENT ${text(node)}`
}

function printOptions(options: readonly Option[]): string {
  if (options.length === 0) return '()'
  return `(\n${indented(options.map(({ key, value }) => `${text(key)} = ${text(value)}`).join(',\n'))}\n)`
}

function withOptions(options: readonly Option[] | undefined): string | undefined {
  return options && `WITH ${printOptions(options)}`
}

function commentAndOptions(statement: {
  readonly comment?: Text
  readonly options?: readonly Option[]
}): (string | undefined)[] {
  return [comment(statement.comment), withOptions(statement.options)]
}

function partition(values: readonly PartitionValue[] | undefined): string | undefined {
  return values && `PARTITION (${commaList(values, printPartitionValue)})`
}

function printPartitionValue({ name, value }: PartitionValue): string {
  return value === undefined ? printName(name) : `${printName(name)} = ${printExpression(value)}`
}

type CreateHead = {
  readonly orReplace?: boolean
  readonly temporary?: boolean
  readonly system?: boolean
  readonly ifNotExists?: boolean
  readonly name: Parameters<typeof printIdentifier>[0] | undefined
}

function create(head: CreateHead, object: string): string {
  return words(
    'CREATE',
    head.orReplace && 'OR REPLACE',
    head.temporary && 'TEMPORARY',
    head.system && 'SYSTEM',
    object,
    head.ifNotExists && 'IF NOT EXISTS',
    head.name && printIdentifier(head.name),
  )
}

function printInsert(insert: Insert): string {
  const head = words(
    insert.mode === 'UPSERT' ? 'UPSERT INTO' : `INSERT ${insert.mode}`,
    printIdentifier(insert.table),
    insert.hints.length > 0 && printHints(insert.hints),
    insert.extend &&
      `EXTEND (${commaList(insert.extend, ({ name, type }) => `${printName(name)} ${printDataType(type)}`)})`,
    partition(insert.partition),
    insert.columns && `(${commaList(insert.columns, printIdentifier)})`,
  )
  const conflict = insert.onConflict === undefined ? '' : `\nON CONFLICT DO ${insert.onConflict}`
  return `${head}\n${printQuery(insert.query)}${conflict}`
}

// ------------------------------------------------------------------------------------------------------------------ tables

function printCreateTable(statement: CreateTable): string {
  const head = statement.create
    ? create(statement, 'TABLE')
    : words(
        'REPLACE',
        statement.temporary && 'TEMPORARY',
        'TABLE',
        statement.ifNotExists && 'IF NOT EXISTS',
        printIdentifier(statement.name),
      )
  return words(
    head,
    ...tableClauses(statement),
    statement.like && printLike(statement.like),
    statement.as && `AS\n${printQuery(statement.as)}`,
  )
}

function tableClauses(statement: CreateTable | CreateMaterializedTable): (string | undefined)[] {
  return [
    statement.schema && printSchema(statement.schema),
    comment(statement.comment),
    statement.distribution && `DISTRIBUTED ${printDistribution(statement.distribution)}`,
    statement.partitionedBy && `PARTITIONED BY (${commaList(statement.partitionedBy, printName)})`,
    withOptions(statement.options),
  ]
}

function printCreateMaterializedTable(statement: CreateMaterializedTable): string {
  const { startMode } = statement
  return words(
    'CREATE',
    statement.orAlter && 'OR ALTER',
    `MATERIALIZED TABLE ${printIdentifier(statement.name)}`,
    ...tableClauses(statement),
    startMode &&
      `START_MODE = ${startMode.mode}${startMode.value === undefined ? '' : `(${printExpression(startMode.value)})`}`,
    statement.freshness && `FRESHNESS = ${printExpression(statement.freshness)}`,
    statement.refreshMode && `REFRESH_MODE = ${statement.refreshMode}`,
    `AS\n${printQuery(statement.as)}`,
  )
}

function printSchema(schema: TableSchema): string {
  const items =
    schema.identifiers.length > 0 ? schema.identifiers.map(printIdentifier) : schema.elements.map(printElement)
  return `(\n${indented(items.join(',\n'))}\n)`
}

function printElement(element: Column | Constraint | Watermark): string {
  if (element.kind === 'column') return printColumn(element)
  if (element.kind === 'constraint') return printConstraint(element)
  return `WATERMARK FOR ${printIdentifier(element.column)} AS ${printExpression(element.expression)}`
}

function printColumn(column: Column): string {
  const name = printIdentifier(column.name)
  switch (column.form) {
    case 'computed':
      return words(name, `AS ${printExpression(column.expression)}`, comment(column.comment))
    case 'metadata':
      return words(
        name,
        printDataType(column.type),
        'METADATA',
        column.from && `FROM ${text(column.from)}`,
        column.virtual && 'VIRTUAL',
        comment(column.comment),
      )
    case 'regular':
      return words(
        name,
        printDataType(column.type),
        column.constraint && printConstraint(column.constraint),
        comment(column.comment),
      )
    default:
      return unreachable(column)
  }
}

function printConstraint(constraint: Constraint): string {
  const { enforced } = constraint
  return words(
    constraint.name && `CONSTRAINT ${printName(constraint.name)}`,
    constraint.type,
    constraint.columns.length > 0 && `(${commaList(constraint.columns, printName)})`,
    enforced !== undefined && (enforced ? 'ENFORCED' : 'NOT ENFORCED'),
  )
}

function printDistribution(distribution: Distribution): string {
  const { by, columns, buckets } = distribution
  return words(
    columns.length > 0 && words('BY', by, `(${commaList(columns, printName)})`),
    buckets !== undefined && `INTO ${buckets} BUCKETS`,
  )
}

function printLike(like: LikeClause): string {
  const options = like.options.map(({ merge, feature }) => `${merge} ${feature}`)
  return words(`LIKE ${printIdentifier(like.table)}`, options.length > 0 && `(\n${indented(options.join('\n'))}\n)`)
}

// -------------------------------------------------------------------------------------------------------------- the others

function printCreateFunction(statement: CreateFunction): string {
  const resources = statement.resources.map(({ type, path }) => `${type} ${text(path)}`)
  return words(
    create(statement, 'FUNCTION'),
    `AS ${text(statement.className)}`,
    statement.language && `LANGUAGE ${statement.language}`,
    resources.length > 0 && `USING ${resources.join(', ')}`,
    withOptions(statement.options),
  )
}

function printCreateModel(statement: CreateModel): string {
  return words(
    create(statement, 'MODEL'),
    statement.input && `INPUT ${printSchema(statement.input)}`,
    statement.output && `OUTPUT ${printSchema(statement.output)}`,
    ...commentAndOptions(statement),
    statement.as && `AS\n${printQuery(statement.as)}`,
  )
}

function printAlter(alter: Alter): string {
  const { action } = alter
  if (action.kind === 'alterFunction') {
    return words(
      'ALTER',
      action.temporary && 'TEMPORARY',
      action.system && 'SYSTEM',
      'FUNCTION',
      alter.ifExists && 'IF EXISTS',
      printIdentifier(alter.name),
      `AS ${text(action.className)}`,
      action.language && `LANGUAGE ${action.language}`,
    )
  }
  return words('ALTER', alter.object, alter.ifExists && 'IF EXISTS', printIdentifier(alter.name), printAction(action))
}

function printAction(action: Exclude<AlterAction, { kind: 'alterFunction' }>): string {
  switch (action.kind) {
    case 'rename':
      return `RENAME TO ${printIdentifier(action.to)}`
    case 'renameColumn':
      return `RENAME ${printIdentifier(action.from)} TO ${printIdentifier(action.to)}`
    case 'setOptions':
      return `SET ${printOptions(action.options)}`
    case 'resetOptions':
      return `RESET (${commaList(action.keys, text)})`
    case 'setComment':
      return `COMMENT ${text(action.comment)}`
    case 'addSchema':
    case 'modifySchema': {
      const elements = action.elements.map((element) =>
        element.kind === 'positionedColumn' ? printPositioned(element) : printElement(element),
      )
      return `${action.kind === 'addSchema' ? 'ADD' : 'MODIFY'} (\n${indented(elements.join(',\n'))}\n)`
    }
    case 'addDistribution':
    case 'modifyDistribution':
      return `${action.kind === 'addDistribution' ? 'ADD' : 'MODIFY'} DISTRIBUTION ${printDistribution(action.distribution)}`
    case 'addPartitions': {
      const partitions = action.partitions.map(({ values, options }) => words(partition(values), withOptions(options)))
      return words('ADD', action.ifNotExists && 'IF NOT EXISTS', ...partitions)
    }
    case 'dropPartitions':
      return words(
        'DROP',
        action.ifExists && 'IF EXISTS',
        action.partitions.map(({ values }) => partition(values)).join(', '),
      )
    case 'dropColumns':
      return `DROP (${commaList(action.columns, printIdentifier)})`
    case 'dropPrimaryKey':
      return 'DROP PRIMARY KEY'
    case 'dropWatermark':
      return 'DROP WATERMARK'
    case 'dropDistribution':
      return 'DROP DISTRIBUTION'
    case 'dropConstraint':
      return `DROP CONSTRAINT ${printName(action.name)}`
    case 'asQuery':
      return `AS\n${printQuery(action.query)}`
    case 'suspend':
      return 'SUSPEND'
    case 'resume':
      return words('RESUME', withOptions(action.options))
    case 'refresh':
      return words('REFRESH', partition(action.partition))
    case 'setFreshness':
      return `SET FRESHNESS = ${printExpression(action.freshness)}`
    case 'setRefreshMode':
      return `SET REFRESH_MODE = ${action.mode}`
    default:
      return unreachable(action)
  }
}

function printPositioned({
  column,
  position,
}: {
  readonly column: Column
  readonly position?: 'FIRST' | { readonly after: Parameters<typeof printIdentifier>[0] }
}): string {
  const place = position === undefined || position === 'FIRST' ? position : `AFTER ${printIdentifier(position.after)}`
  return words(printColumn(column), place)
}

function printShow(show: Show): string {
  const { like, from } = show
  return words(
    'SHOW',
    show.subject,
    show.name && printIdentifier(show.name),
    from && `${from.word} ${printIdentifier(from.name)}`,
    like && words(like.negated && 'NOT', like.word, text(like.pattern)),
    partition(show.partition),
  )
}

function printUse(use: Use): string {
  if (use.object === 'MODULES') return `USE MODULES ${commaList(use.names, printName)}`
  return words('USE', use.object === 'CATALOG' && 'CATALOG', printIdentifier(use.name))
}
