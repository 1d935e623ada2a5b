// The output proof: every column of a query against the field of its name in the sink's registered Avro schema. All problems are
// reported at once, each with the way out. What may be written into which Avro type is the table in catalog/type-mapping.ts.
import type { AvroSchema, RecordSchema } from '../avro/schema.ts'
import { branchName, nullBranch } from '../avro/schema.ts'
import type { Conversion, OutputField, OutputMapping, RuntimeCheck } from '../catalog/output-mapping.ts'
import type { Table } from '../catalog/table.ts'
import { describeAvroType } from '../catalog/table-from-avro.ts'
import { judgeWrite } from '../catalog/type-mapping.ts'
import type { Span } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Insert } from '../sql/ast-statements.ts'
import type { Field, LogicalType } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import type { BoundQuery } from './bound-expression.ts'
import type { Context } from './context.ts'
import { provenNotNull } from './prove-not-null.ts'
import { listColumns } from './scope.ts'
import { isInstantBound, possibleTexts, spanOf } from './trace-column.ts'
import { isUnknown } from './unknown-type.ts'

export function proveOutput(
  query: BoundQuery,
  sink: Table,
  insert: Insert | undefined,
  span: Span,
  context: Context,
  timeZone: string,
): OutputMapping | undefined {
  const schema = sink.valueSchema!
  const mark = context.findings.mark()
  const proof: Proof = {
    query,
    sink,
    context,
    timeZone,
    notNull: query.plan ? provenNotNull(query.plan) : [],
    place: insert?.table.span ?? { start: span.start, end: span.start + 'SELECT'.length },
  }
  const fields = schema.kind === 'record' ? proveRecord(schema, proof) : proveValue(schema, proof)
  const key = keyColumns(sink, proof)
  return context.findings.failedSince(mark) ? undefined : { table: sink.name, fields, key }
}

type Proof = {
  readonly query: BoundQuery
  readonly sink: Table
  readonly context: Context
  readonly timeZone: string
  readonly notNull: readonly boolean[]
  /** Where what concerns no single column is reported. */
  readonly place: Span
}

function proveRecord(record: RecordSchema, proof: Proof): readonly OutputField[] {
  const { query, sink, context } = proof
  const { findings } = context
  const keyNames = new Set(sink.columns.flatMap(({ name, origin }) => (origin.kind === 'key' ? [name] : [])))
  const names = record.fields.map(({ name }) => name)
  refuseExtraColumns(proof, names, keyNames)
  const fields: OutputField[] = []
  for (const field of record.fields) {
    const column = query.columns.findIndex(({ name }) => name === field.name)
    if (column >= 0) {
      const conversion = proveColumn(column, field.type, proof)
      if (conversion) fields.push({ name: field.name, from: 'column', column, conversion })
    } else if (field.default !== undefined) {
      fields.push({ name: field.name, from: 'default' })
    } else if (!hasOtherCase(query.columns, field.name)) {
      const fix =
        nullBranch(field.type) >= 0
          ? `Add CAST(NULL AS …) AS ${field.name} to the query.`
          : `Add a column named \`${field.name}\` to the query.`
      findings.refuse(
        'AVR203',
        proof.place,
        `field \`${field.name}\` of sink \`${sink.name}\` is not filled, and has no default`,
        fix,
      )
    }
  }
  return fields
}

function hasOtherCase(columns: readonly Field[], name: string): boolean {
  return columns.some((column) => column.name !== name && column.name.toLowerCase() === name.toLowerCase())
}

/** Columns without a field, and columns that stand twice. */
function refuseExtraColumns(proof: Proof, names: readonly string[], keyNames: ReadonlySet<string>): void {
  const { query, sink, context } = proof
  query.columns.forEach(({ name }, i) => {
    const at = query.plan ? spanOf(query.plan, i) : proof.place
    const written = query.renamed?.get(i)
    if (written !== undefined) {
      const message = `two columns of the query are named \`${written}\``
      context.findings.refuse('AVR207', at, message, 'Give one of them another name with AS, or leave it out.')
      return
    }
    if (names.includes(name) || keyNames.has(name)) return
    const sameLetters = names.find((candidate) => candidate.toLowerCase() === name.toLowerCase())
    const near = sameLetters ?? didYouMean(name, names)
    const hint =
      near !== undefined
        ? `${sameLetters ? 'Names are case-sensitive' : 'One of its fields is similar'}: write AS ${near}.`
        : `Leave the column out, or name it like one of the fields. ${listColumns(names) ?? ''}`
    context.findings.refuse('AVR204', at, `the schema of sink \`${sink.name}\` has no field \`${name}\``, hint)
  })
}

/** A topic whose values are no records takes a query of one column. */
function proveValue(schema: AvroSchema, proof: Proof): readonly OutputField[] {
  const { query, sink, context } = proof
  if (query.columns.length !== 1) {
    const message = `values of sink \`${sink.name}\` are of type ${describeAvroType(schema)}, so the query needs one column, found ${query.columns.length}`
    context.findings.refuse('AVR204', proof.place, message)
    return []
  }
  const conversion = proveColumn(0, schema, proof)
  return conversion ? [{ name: 'value', from: 'column', column: 0, conversion }] : []
}

function keyColumns(sink: Table, proof: Proof): readonly number[] {
  const names = sink.primaryKey
  return names
    .map((name) => proof.query.columns.findIndex((column) => column.name === name))
    .filter((index) => index >= 0)
}

function proveColumn(column: number, target: AvroSchema, proof: Proof): Conversion | undefined {
  const { query, context } = proof
  const { name, type } = query.columns[column]!
  if (isUnknown(type)) return undefined
  const at: Place = {
    path: name,
    span: query.plan ? spanOf(query.plan, column) : proof.place,
    texts: query.plan && possibleTexts(query.plan, column),
    instant: query.plan !== undefined && isInstantBound(query.plan, column),
    proof,
  }
  const notNull = proof.notNull[column] === true
  const conversion = convert(notNull ? { ...type, nullable: false } : type, target, at)
  const checks = conversion ? checksIn(conversion) : []
  if (checks.length > 0) {
    const what = [...new Set(checks)].map((check) => checkWords[check]).join(', ')
    context.findings.warn(
      'AVR206',
      at.span,
      `each value of \`${name}\` is checked when it is written: ${what}`,
      undefined,
      'info',
    )
  }
  return conversion
}

const checkWords: Readonly<Record<RuntimeCheck, string>> = {
  null: 'it must not be NULL',
  symbol: 'it must be a symbol of the enum',
  range: 'it must be in range',
  exact: 'it must be exact',
  length: 'it must have the right length',
  uuid: 'it must be a UUID',
}

function checksIn(conversion: Conversion): readonly RuntimeCheck[] {
  const inner = [
    ...(conversion.element ? [conversion.element] : []),
    ...(conversion.fields ?? []).flatMap((field) => (field.from === 'column' ? [field.conversion] : [])),
  ]
  return [...conversion.checks, ...inner.flatMap(checksIn)]
}

type Place = {
  /** For messages: `column.field`. */
  readonly path: string
  readonly span: Span
  readonly texts: ReturnType<typeof possibleTexts>
  readonly instant: boolean
  readonly proof: Proof
}

function refuse(
  at: Place,
  code: 'AVR201' | 'AVR202' | 'AVR203' | 'AVR204' | 'AVR205',
  message: string,
  hint?: string,
): undefined {
  at.proof.context.findings.refuse(code, at.span, message, hint)
  return undefined
}

function convert(type: LogicalType, target: AvroSchema, at: Place): Conversion | undefined {
  if (target.kind === 'union') return convertToUnion(type, target, at)
  if (type.kind === 'NULL' || type.nullable) {
    if (target.kind === 'null') return { checks: [] }
    const hint = `Filter with WHERE … IS NOT NULL, or give a value with COALESCE(…, …) AS ${at.path}.`
    return refuse(at, 'AVR202', `column \`${at.path}\` can be NULL, but its field takes no null`, hint)
  }
  switch (target.kind) {
    case 'record':
      return convertToRecord(type, target, at)
    case 'array': {
      if (type.kind !== 'ARRAY' && type.kind !== 'MULTISET') return mismatch(type, target, at)
      const element = convert(type.element, target.items, { ...nested(at), path: `${at.path}[]` })
      return element && { element, checks: [] }
    }
    case 'map': {
      if (type.kind !== 'MAP' || (type.key.kind !== 'VARCHAR' && type.key.kind !== 'CHAR'))
        return mismatch(type, target, at)
      const element = convert(type.value, target.values, { ...nested(at), path: `${at.path}[]` })
      return element && { element, checks: type.key.nullable ? ['null'] : [] }
    }
    case 'enum':
      return at.texts ? convertTexts(target.symbols, target.fullName, at) : convertPlain(type, target, at)
    default:
      return convertPlain(type, target, at)
  }
}

function nested(at: Place): Place {
  return { ...at, texts: undefined, instant: false }
}

function convertPlain(type: LogicalType, target: AvroSchema, at: Place): Conversion | undefined {
  const verdict = judgeWrite(type, target)
  switch (verdict.verdict) {
    case 'checked':
      return { checks: verdict.checks }
    case 'refused':
      return mismatch(type, target, at, verdict.fix)
    case 'lossless': {
      if (!verdict.needsTimeZone) return { checks: [] }
      if (at.instant) return { checks: [], timeZone: at.proof.timeZone }
      const message = `column \`${at.path}\` is ${print(type)}, a time without zone, but its field is an instant`
      return refuse(
        at,
        'AVR201',
        message,
        'Say in which zone it is meant: CAST(… AS TIMESTAMP_LTZ(3)) reads it in the time zone of the pipeline.',
      )
    }
  }
}

function mismatch(type: LogicalType, target: AvroSchema, at: Place, fix = 'CAST'): undefined {
  const message = `column \`${at.path}\` is ${print(type)}, which does not fit its field of type ${describeAvroType(target)}`
  const hint =
    fix === 'CAST' ? 'Convert it with CAST or a function, so that the query says how it is meant.' : `Write ${fix}.`
  return refuse(at, 'AVR201', message, hint)
}

function print(type: LogicalType): string {
  return printType({ ...type, nullable: true })
}

/** Literals must be symbols; enums of the input may have symbols that the target lacks, which are then looked at one by one. */
function convertTexts(symbols: readonly string[], name: string, at: Place): Conversion | undefined {
  const texts = at.texts!
  for (const { value, span } of texts.literals) {
    if (symbols.includes(value)) continue
    const near = didYouMean(value, symbols)
    const hint =
      near !== undefined
        ? `Did you mean '${near}'?`
        : `Its symbols are ${symbols.map((symbol) => `'${symbol}'`).join(', ')}.`
    const edit = near !== undefined ? { span, text: `'${near}'` } : undefined
    at.proof.context.findings.refuse('AVR205', span, `'${value}' is no symbol of enum \`${name}\``, hint, edit)
  }
  const missing = [...new Set(texts.enums.flatMap((tag) => tag.symbols))].filter((symbol) => !symbols.includes(symbol))
  return { checks: missing.length > 0 ? ['symbol'] : [] }
}

function convertToRecord(type: LogicalType, target: RecordSchema, at: Place): Conversion | undefined {
  if (type.kind !== 'ROW') return mismatch(type, target, at)
  const fields: OutputField[] = []
  let failed = false
  for (const { name } of type.fields) {
    if (target.fields.some((field) => field.name === name)) continue
    failed = true
    refuse(at, 'AVR204', `record \`${target.fullName}\` has no field \`${name}\` (column \`${at.path}\`)`)
  }
  for (const field of target.fields) {
    const column = type.fields.findIndex(({ name }) => name === field.name)
    if (column >= 0) {
      const conversion = convert(type.fields[column]!.type, field.type, {
        ...nested(at),
        path: `${at.path}.${field.name}`,
      })
      if (conversion) fields.push({ name: field.name, from: 'column', column, conversion })
      else failed = true
    } else if (field.default !== undefined) {
      fields.push({ name: field.name, from: 'default' })
    } else {
      failed = true
      refuse(at, 'AVR203', `field \`${at.path}.${field.name}\` is not filled, and has no default`)
    }
  }
  return failed ? undefined : { fields, checks: [] }
}

/** The only branch but null, or, of several, the first that takes the value without loss. */
function convertToUnion(type: LogicalType, target: AvroSchema & { kind: 'union' }, at: Place): Conversion | undefined {
  const nulls = nullBranch(target)
  const branches = target.branches.flatMap((branch, index) => (branch.kind === 'null' ? [] : [{ branch, index }]))
  const nullOnly = { checks: [], union: { branch: nulls, nullBranch: nulls } }
  if (type.kind === 'NULL')
    return nulls >= 0 ? nullOnly : refuse(at, 'AVR202', `column \`${at.path}\` is NULL, but its field takes no null`)
  const taken = branches.length === 1 ? branches[0] : branches.find(({ branch }) => fitsBranch(type, branch))
  if (!taken) {
    const names = branches.map(({ branch }) => branchName(branch)).join(', ')
    return refuse(at, 'AVR201', `column \`${at.path}\` is ${print(type)}, which is none of ${names}`)
  }
  const inner = convert(nulls >= 0 ? { ...type, nullable: false } : type, taken.branch, at)
  return inner && { ...inner, union: { branch: taken.index, ...(nulls >= 0 && { nullBranch: nulls }) } }
}

function fitsBranch(type: LogicalType, branch: AvroSchema): boolean {
  if (branch.kind === 'record') return type.kind === 'ROW'
  if (branch.kind === 'array') return type.kind === 'ARRAY'
  if (branch.kind === 'map') return type.kind === 'MAP'
  return branch.kind !== 'union' && judgeWrite({ ...type, nullable: false }, branch).verdict === 'lossless'
}
