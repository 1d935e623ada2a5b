// What holds between the sinks of a file and the statements of its SQL: each is filled by one INSERT, its key by columns that its key's
// schema can hold. The value's proof is the validator's.
import type { AvroSchema } from '../avro/schema.ts'
import { describeAvroType } from '../catalog/table-from-avro.ts'
import { judgeWrite } from '../catalog/type-mapping.ts'
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts'
import { inputsOf, type Plan } from '../plan/plan.ts'
import type { LogicalType } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import type { ValidatedInsert } from '../validator/validate.ts'
import type { PipelineTables } from './make-tables.ts'
import { diagnosticInFile, type PipelineSpec, type SinkSpec } from './spec.ts'

export function checkOutputs(
  spec: PipelineSpec,
  tables: PipelineTables,
  inserts: readonly ValidatedInsert[],
): readonly Diagnostic[] {
  const found: Diagnostic[] = []
  for (const { spec: sink, table } of tables.sinks) {
    const writers = inserts.filter((insert) => insert.sink?.name === sink.name)
    if (writers.length === 0) {
      const message = `sink \`${sink.name}\` is not written`
      const hint = `Add INSERT INTO ${sink.name} SELECT …, or remove the sink.`
      const span = placeOf(spec, `sinks.${sink.name}`)
      found.push({ code: 'OPT015', severity: 'error', message, file: spec.file, span, hint })
    }
    for (const second of writers.slice(1)) {
      const message = `sink \`${sink.name}\` is written twice`
      const hint = 'Join the queries with UNION ALL.'
      found.push(diagnosticInFile({ code: 'OPT016', severity: 'error', message, span: second.span, hint }, spec.sql))
    }
    for (const { plan, span } of writers) {
      if (plan !== undefined) continue
      const message = 'Flink accepts this statement, but Sluice cannot plan a part of it yet'
      found.push(diagnosticInFile({ code: 'TGT002', severity: 'error', message, span }, spec.sql))
    }
    const [first] = writers
    if (first !== undefined) found.push(...checkKey(spec, sink, first, table.keySchema))
  }
  return found
}

/** Warnings: a source may be left over from an edit. */
export function findUnreadSources(spec: PipelineSpec, inserts: readonly ValidatedInsert[]): readonly Diagnostic[] {
  // What has no plan may read anything.
  if (inserts.some(({ plan }) => plan === undefined)) return []
  const read = new Set<string>()
  const visit = (plan: Plan): void => {
    if (plan.kind === 'scan') read.add(plan.table)
    for (const input of inputsOf(plan)) visit(input)
  }
  for (const { plan } of inserts) visit(plan!)
  return spec.sources
    .filter((source) => !read.has(source.name))
    .map((source) => ({
      code: 'OPT017',
      severity: 'warning',
      message: `source \`${source.name}\` is not read`,
      file: spec.file,
      span: placeOf(spec, `sources.${source.name}`),
      hint: 'Remove it, or read it in the SQL.',
    }))
}

function checkKey(
  spec: PipelineSpec,
  sink: SinkSpec,
  insert: ValidatedInsert,
  schema: AvroSchema | undefined,
): readonly Diagnostic[] {
  if (sink.key === undefined) return []
  const path = `sinks.${sink.name}.key`
  const span = spec.spans.get(`${path}.columns`) ?? placeOf(spec, path)
  const report = (message: string, hint?: string): Diagnostic => {
    return {
      code: 'OPT020',
      severity: 'error',
      message,
      file: spec.file,
      span,
      ...(hint === undefined ? {} : { hint }),
    }
  }
  const typeOf = (name: string) => insert.columns.find((column) => column.name === name)?.type
  const missing = sink.key.columns.find((name) => typeOf(name) === undefined)
  if (missing !== undefined) {
    const names = insert.columns.map(({ name }) => `\`${name}\``).join(', ')
    const message = `key of sink \`${sink.name}\` needs the column \`${missing}\`, which the query does not have`
    return [report(message, `Its columns are ${names}.`)]
  }
  const columns = sink.key.columns.map((name) => ({ name, type: typeOf(name)! }))
  if (schema === undefined) {
    const [only] = columns
    if (columns.length === 1 && (only!.type.kind === 'VARCHAR' || only!.type.kind === 'CHAR')) return []
    const what =
      columns.length === 1 ? `column \`${only!.name}\` is ${printType(only!.type)}` : `it has ${columns.length} columns`
    const message = `key of sink \`${sink.name}\` needs a schema: ${what}, and only one STRING column is written without`
    return [report(message, 'Write `key: { columns: […], subject: … }` with the subject of a registered key schema.')]
  }
  return columns.flatMap(({ name, type }) => {
    const target = schema.kind === 'record' ? schema.fields.find((field) => field.name === name)?.type : schema
    // make-tables.ts has told of columns without a field.
    if (target === undefined || fitsKey(type, target, spec.timeZone)) return []
    const message = `key column \`${name}\` of sink \`${sink.name}\` is ${printType(type)}, which does not fit its field of type ${describeAvroType(target)}`
    return [report(message, 'Convert the column with CAST in the query, or choose another key schema.')]
  })
}

/** Keys decide the partition, so nothing about them is left to run time but NULL: no unions, no conversion by a zone. */
function fitsKey(type: LogicalType, target: AvroSchema, timeZone: string): boolean {
  if (target.kind === 'union') return false
  const verdict = judgeWrite({ ...type, nullable: false }, target)
  if (verdict.verdict === 'lossless') return verdict.needsTimeZone !== true || timeZone === 'UTC'
  return target.kind === 'enum' && type.kind === 'VARCHAR' && type.tag?.kind === 'enum'
}

function placeOf(spec: PipelineSpec, path: string): Span {
  return spec.spans.get(path) ?? { start: 0, end: 0 }
}
