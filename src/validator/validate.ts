// The validator's door: the statements of a pipeline against its tables give one plan per INSERT, or what is wrong with them.
// The plans are as the query says; operators a stream can run are found in planner/, which goes on judging.
import type { OutputMapping } from '../catalog/output-mapping.ts'
import type { Catalog, Table } from '../catalog/table.ts'
import type { Checked, Span } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import { Findings } from '../plan/findings.ts'
import type { Plan } from '../plan/plan.ts'
import type { Query, TableReference } from '../sql/ast.ts'
import type { CreateTable, Insert, Statement } from '../sql/ast-statements.ts'
import { desugarStatement } from '../sql/desugar.ts'
import type { Field } from '../types/logical-type.ts'
import type { BoundQuery } from './bound-expression.ts'
import type { Context, Relations } from './context.ts'
import { proveOutput } from './prove-output.ts'
import { listColumns } from './scope.ts'
import { Session } from './session.ts'
import { createTable, pathOf } from './validate-ddl.ts'
import { checkTableHints } from './validate-hints.ts'
import { insertByPosition, rewrittenColumns, sinkOf } from './validate-insert.ts'
import { validateQuery } from './validate-query.ts'
import { validateStatement } from './validate-statement.ts'

export type ValidateOptions = {
  /** The text the statements were parsed from: positions are counted in it. */
  readonly text: string
  /** For diagnostics: the path as the user gave it. */
  readonly file?: string
  /** `flink`: only what Flink 2.3 itself refuses; sinks are filled by position. `sluice` (default): then also Sluice's own proofs. */
  readonly judgement?: 'flink' | 'sluice'
  /** IANA zone of the pipeline, in which times without zone are read. Default UTC. */
  readonly timeZone?: string
}

/** One INSERT, or a bare SELECT and the sink it feeds. */
export type ValidatedInsert = {
  readonly span: Span
  readonly sink: Table | undefined
  /** The query's own columns. */
  readonly columns: readonly Field[]
  /** Ends in a sink operator where there is a sink. Absent: accepted, but Sluice has no plan for something in it. */
  readonly plan: Plan | undefined
  /** How the columns fill the sink's registered schema. */
  readonly mapping?: OutputMapping
}

export type ValidatedPipeline = { readonly inserts: readonly ValidatedInsert[] }

/** `value` is undefined when any statement has an error. Diagnostics come in the order of the statements and, within one, of Flink's stages. */
export function validate(
  statements: readonly Statement[],
  catalog: Catalog,
  options: ValidateOptions,
): Checked<ValidatedPipeline> {
  const findings = new Findings(options.text, options.file)
  const session = new Session(catalog)
  const inserts: ValidatedInsert[] = []
  let context: Context
  const relations: Relations = session.relations(() => context)
  context = {
    findings,
    text: options.text,
    relations,
    query: (query, parent, inner) => validateQuery(query, parent, inner),
  }
  const actions = {
    query: (query: Query, span: Span) => inserts.push(bareQuery(query, span, session, context, options)),
    insert: (insert: Insert) => inserts.push(validateInsert(insert, session, context, options)),
    createAs: (statement: CreateTable & { readonly as: Query }) => {
      const made = validateCreateAs(statement, session, context)
      if (made) inserts.push(made)
    },
  }
  for (const statement of statements) {
    const mark = findings.mark()
    const plain = options.judgement === 'flink' ? statement : withoutSugar(statement, context)
    if (plain) validateStatement(plain, session, context, actions)
    findings.sortByStage(mark)
  }
  const failed = findings.failedSince(0)
  return { value: failed ? undefined : { inserts }, diagnostics: findings.diagnostics }
}

/** ksqlDB's clauses become Flink SQL; `undefined` where they can't, which is reported. */
function withoutSugar(statement: Statement, context: Context): Statement | undefined {
  const { value, diagnostics } = desugarStatement(statement, (from) => eventTimeOf(from, context))
  context.findings.add(diagnostics)
  return value
}

/** The only time attribute of the table that FROM names. */
function eventTimeOf(from: TableReference, context: Context): readonly string[] | undefined {
  if (from.kind === 'aliasedTable') {
    const inner = eventTimeOf(from.table, context)
    return inner && [from.alias.name, inner.at(-1)!]
  }
  if (from.kind !== 'table') return undefined
  const relation = context.relations.find(
    from.name.parts.map(({ name }) => name),
    from.span,
  )
  const times =
    relation?.columns.filter(({ type }) => 'timeAttribute' in type && type.timeAttribute === 'rowtime') ?? []
  return times.length === 1 ? [times[0]!.name] : undefined
}

function bareQuery(
  query: Query,
  span: Span,
  session: Session,
  context: Context,
  options: ValidateOptions,
): ValidatedInsert {
  const mark = context.findings.mark()
  const bound = validateQuery(query, undefined, context, undefined, true)
  const failed = context.findings.failedSince(mark)
  const sinks = options.judgement === 'flink' ? [] : session.sinks
  if (options.judgement !== 'flink' && sinks.length !== 1) {
    const names = sinks.map(({ name }) => `\`${name}\``).join(', ')
    context.findings.refuse(
      'NAM002',
      { start: span.start, end: span.start + 'SELECT'.length },
      sinks.length === 0 ? 'the query feeds no sink' : 'it is not said which sink the query feeds',
      sinks.length === 0 ? 'Declare a sink in the pipeline.' : `Write INSERT INTO and one of ${names} before it.`,
    )
  }
  const sink = sinks.length === 1 ? sinks[0] : undefined
  return finish(sink, bound, undefined, span, context, options, failed)
}

function validateInsert(insert: Insert, session: Session, context: Context, options: ValidateOptions): ValidatedInsert {
  const path = insert.table.parts.map(({ name }) => name)
  const sink = session.findTable(path)
  if (!sink) {
    const names = session.sinks.map(({ name }) => name)
    const near = didYouMean(path.at(-1)!, names)
    context.findings.error('NAM002', insert.table.span, `sink \`${path.join('.')}\` does not exist`, {
      hint: near !== undefined ? `Did you mean \`${near}\`?` : listColumns(names),
      ...(near !== undefined && { edit: { span: insert.table.span, text: near } }),
      flinkSpan: null,
    })
  }
  if (sink) checkTableHints(insert.hints, sink, context, 'plan')
  if (sink) session.checkUse(path, sink, insert.table.span, context, 'plan')
  const mark = context.findings.mark()
  const bound = validateQuery(insert.query, undefined, context, undefined, true)
  return finish(sink, bound, insert, insert.span, context, options, context.findings.failedSince(mark))
}

function finish(
  sink: Table | undefined,
  query: BoundQuery,
  insert: Insert | undefined,
  span: Span,
  context: Context,
  options: ValidateOptions,
  failed: boolean,
): ValidatedInsert {
  const { columns } = query
  if (!sink) return { span, sink, columns, plan: query.plan }
  if (options.judgement === 'flink' || !sink.valueSchema) {
    const plan = insert
      ? insertByPosition(insert, sink, query, context)
      : query.plan && sinkOf(undefined, sink, query.plan)
    return { span, sink, columns: insert ? rewrittenColumns(insert, sink, query) : columns, plan }
  }
  // A query that is wrong itself would only give follow-on errors.
  if (failed) return { span, sink, columns, plan: undefined }
  const named = insert?.columns ? renamedBy(insert, query) : query
  const mapping = proveOutput(named, sink, insert, span, context, options.timeZone ?? 'UTC')
  const plan = named.plan && sinkOf(insert, sink, { ...named.plan, schema: named.plan.schema })
  return { span, sink, columns: named.columns, plan, ...(mapping && { mapping }) }
}

/** CREATE TABLE t AS query: the query makes the columns, then fills them. */
function validateCreateAs(
  statement: CreateTable & { readonly as: Query },
  session: Session,
  context: Context,
): ValidatedInsert | undefined {
  const { findings } = context
  const query = validateQuery(statement.as, undefined, context, undefined, true)
  if (statement.temporary) {
    findings.error('STR018', statement.name.span, 'CREATE TEMPORARY TABLE AS is not supported', { flinkSpan: null })
  }
  const table = createTable(statement, session, context, query.columns)
  if (!table) return undefined
  session.checkUse(pathOf(statement.name), table, statement.name.span, context, 'plan')
  const columns = table.columns.map(({ name, type }, i) => {
    const field = query.columns.find((candidate) => candidate.name === name)
    return field ?? { name: `EXPR$${i}`, type: { ...type, nullable: true } }
  })
  const same = columns.every(({ name }, i) => query.columns[i]?.name === name)
  const plan = same && query.plan ? sinkOf(undefined, table, query.plan) : undefined
  return { span: statement.span, sink: table, columns, plan }
}

/** INSERT INTO t (a, b): the list names the query's columns, in order. */
function renamedBy(insert: Insert, query: BoundQuery): BoundQuery {
  const names = insert.columns!.map(({ parts }) => parts.map(({ name }) => name).join('.'))
  if (names.length !== query.columns.length) return query
  const columns = query.columns.map((field, i) => ({ ...field, name: names[i]! }))
  const plan = query.plan && {
    ...query.plan,
    schema: query.plan.schema.map((field, i) => ({ ...field, name: names[i]! })),
  }
  return { columns, plan }
}
