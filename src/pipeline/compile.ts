// The one door: a pipeline's spec and the schemas it names → tables, SQL, proofs, plans. Pure; fetching is resolve-schemas.ts's.
import type { OutputMapping } from '../catalog/output-mapping.ts'
import { type Catalog, makeCatalog, type Table } from '../catalog/table.ts'
import { assert } from '../diagnostics/assert.ts'
import { type Checked, type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts'
import { fingerprint } from '../plan/fingerprint.ts'
import type { Plan } from '../plan/plan.ts'
import { optimize } from '../planner/optimize.ts'
import type { TableReference } from '../sql/ast.ts'
import type { Statement } from '../sql/ast-statements.ts'
import { desugarStatement } from '../sql/desugar.ts'
import { parseRecovering } from '../sql/parse-recovering.ts'
import { parseStatements } from '../sql/parser.ts'
import { printStatement } from '../sql/print-statement.ts'
import { type ValidatedInsert, validate } from '../validator/validate.ts'
import { checkOutputs, findUnreadSources } from './check-outputs.ts'
import { makeTables, type PipelineTables } from './make-tables.ts'
import type { PinnedSchema, ResolvedSchemas } from './resolved-schemas.ts'
import {
  diagnosticInFile,
  type PipelineSpec,
  type RecordErrorKind,
  type RecordErrorPolicy,
  type SinkSpec,
  type SourceSpec,
} from './spec.ts'

type CompiledSource = {
  readonly spec: SourceSpec
  readonly table: Table
  /** Records are resolved to this version, whatever version wrote them. */
  readonly reader: PinnedSchema
  readonly keyReader?: PinnedSchema
}

type CompiledSink = {
  readonly spec: SinkSpec
  readonly table: Table
  readonly writer: PinnedSchema
  /** How the columns of its plan fill the fields of the writer's record. */
  readonly mapping: OutputMapping
  /** Positions of the key's columns in the sink's input; without `schema`, the one STRING column's UTF-8 bytes. */
  readonly key?: { readonly columns: readonly number[]; readonly schema?: PinnedSchema }
}

export type CompiledPipeline = {
  readonly spec: PipelineSpec
  /** Canonical Flink SQL, one text per statement, views included. */
  readonly statements: readonly string[]
  /** Equal for equal plans: state made by one can be used by the other. */
  readonly fingerprint: string
  /** One per sink; its root is a `sink` whose `table` is the name of one of `sinks`. */
  readonly plans: readonly Plan[]
  readonly sources: readonly CompiledSource[]
  readonly sinks: readonly CompiledSink[]
  readonly onError: Readonly<Record<RecordErrorKind, RecordErrorPolicy>>
}

/** Diagnostics point into `spec.file` or the file of the SQL. The value is there when none is an error. */
export function compilePipeline(spec: PipelineSpec, schemas: ResolvedSchemas): Checked<CompiledPipeline> {
  const tables = makeTables(spec, schemas)
  const parsed = parseStatements(spec.sql.text, { sugar: true })
  const inSql = (diagnostics: readonly Diagnostic[]) => diagnostics.map((each) => diagnosticInFile(each, spec.sql))
  const syntax = parsed.value === undefined ? firstOfEachStatement(spec.sql.text, parsed.diagnostics) : []
  const found = [...tables.diagnostics, ...inSql(syntax)]
  // Names of tables that could not be made would only give follow-on errors.
  if (parsed.value === undefined || hasErrors(found)) return { value: undefined, diagnostics: found }
  found.push(...inSql(refuseStatements(parsed.value)))
  if (hasErrors(found)) return { value: undefined, diagnostics: found }
  const catalog = makeCatalog([...tables.sources, ...tables.sinks].map(({ table }) => table))
  const options = { text: spec.sql.text, timeZone: spec.timeZone }
  const statements = desugar(parsed.value, catalog)
  found.push(...inSql(statements.diagnostics))
  if (statements.value === undefined) return { value: undefined, diagnostics: found }
  const validated = validate(statements.value, catalog, options)
  found.push(...inSql(validated.diagnostics))
  if (validated.value === undefined || hasErrors(found)) return { value: undefined, diagnostics: found }
  const { inserts } = validated.value
  found.push(...checkOutputs(spec, tables, inserts), ...findUnreadSources(spec, inserts))
  if (hasErrors(found)) return { value: undefined, diagnostics: found }
  const written = inserts.map((insert) => insert.plan!)
  const planned = optimize(written, { timeZone: spec.timeZone })
  found.push(...inSql(planned.diagnostics))
  if (hasErrors(found)) return { value: undefined, diagnostics: found }
  return { value: assemble(spec, tables, statements.value, inserts, planned.plans), diagnostics: found }
}

function assemble(
  spec: PipelineSpec,
  tables: PipelineTables,
  statements: readonly Statement[],
  inserts: readonly ValidatedInsert[],
  plans: readonly Plan[],
): CompiledPipeline {
  const sinks = inserts.map((insert): CompiledSink => {
    const sink = tables.sinks.find(({ table }) => table.name === insert.sink?.name)
    assert(sink !== undefined && insert.mapping !== undefined, 'a valid INSERT has a sink and its mapping')
    const { key } = sink.schemas
    const columns = insert.mapping.key
    return {
      spec: sink.spec,
      table: sink.table,
      writer: sink.schemas.value,
      mapping: insert.mapping,
      ...(columns.length === 0 ? {} : { key: { columns, ...(key === undefined ? {} : { schema: key }) } }),
    }
  })
  const sources = tables.sources.map(({ spec: source, table, schemas }) => ({
    spec: source,
    table,
    reader: schemas.value,
    ...(schemas.key === undefined ? {} : { keyReader: schemas.key }),
  }))
  const texts = statements.map((statement) => canonicalText(statement, spec))
  return { spec, statements: texts, fingerprint: fingerprint(plans), plans, sources, sinks, onError: spec.onError }
}

/** What stands behind a syntax error up to the next `;` is likely to be misread too: one error per statement is told. */
function firstOfEachStatement(text: string, first: readonly Diagnostic[]): readonly Diagnostic[] {
  const kept = [...first]
  for (const diagnostic of parseRecovering(text, { sugar: true }).diagnostics) {
    const behind = kept.at(-1)?.span.start ?? 0
    if (text.slice(behind, diagnostic.span.start).includes(';')) kept.push(diagnostic)
  }
  return kept
}

/** ksqlDB's clauses as the Flink SQL they stand for. */
function desugar(statements: readonly Statement[], catalog: Catalog): Checked<readonly Statement[]> {
  const timeColumnOf = (from: TableReference): readonly string[] | undefined => {
    if (from.kind === 'aliasedTable') {
      const column = timeColumnOf(from.table)?.at(-1)
      return column === undefined ? undefined : [from.alias.name, column]
    }
    const column =
      from.kind === 'table' ? catalog.tables.get(from.name.parts.at(-1)!.name)?.eventTime?.column : undefined
    return column === undefined ? undefined : [column]
  }
  const rewritten = statements.map((statement) => desugarStatement(statement, timeColumnOf))
  const diagnostics = rewritten.flatMap((each) => each.diagnostics)
  const values = rewritten.flatMap(({ value }) => (value === undefined ? [] : [value]))
  return { value: values.length === statements.length ? values : undefined, diagnostics }
}

/** A bare SELECT says which sink it feeds. */
function canonicalText(statement: Statement, spec: PipelineSpec): string {
  const text = printStatement(statement)
  return statement.kind === 'query' ? `INSERT INTO \`${spec.sinks[0]!.name}\`\n${text}` : text
}

/** A pipeline is views and INSERTs; everything else is a key of the file or has no meaning here. */
function refuseStatements(statements: readonly Statement[]): readonly Diagnostic[] {
  const refused = statements.filter(({ kind }) => !allowedStatements.has(kind))
  if (statements.length === 0) {
    return [
      {
        code: 'OPT018',
        severity: 'error',
        message: 'there is no statement',
        span: { start: 0, end: 0 },
        hint: 'Write a SELECT.',
      },
    ]
  }
  return refused.map((statement) => ({
    code: 'OPT018',
    severity: 'error',
    message: 'only queries, INSERT and CREATE VIEW have a place in a pipeline',
    span: statement.span,
    hint:
      statement.kind === 'createTable'
        ? 'Tables are the `sources` and `sinks` of the pipeline file.'
        : 'Remove the statement; what it sets may be a key of the pipeline file.',
  }))
}

const allowedStatements: ReadonlySet<Statement['kind']> = new Set([
  'query',
  'insert',
  'createView',
  'statementSet',
  'beginStatementSet',
  'endStatementSet',
  'execute',
])
