// Tables from a spec and its schemas. What does not fit (a column that does not exist, a key that cannot be written) is told at its place in the file.
import { parseSchema } from '../avro/parse-schema.ts'
import type { AvroSchema } from '../avro/schema.ts'
import type { Table } from '../catalog/table.ts'
import { type DeclarationProblem, type TableDeclaration, tableFromAvro } from '../catalog/table-from-avro.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { PinnedSchema, ResolvedSchemas, TableSchemas } from './resolved-schemas.ts'
import type { PipelineSpec, SinkSpec, SourceSpec } from './spec.ts'

export type PipelineTables = {
  readonly sources: readonly { readonly spec: SourceSpec; readonly table: Table; readonly schemas: TableSchemas }[]
  readonly sinks: readonly { readonly spec: SinkSpec; readonly table: Table; readonly schemas: TableSchemas }[]
  readonly diagnostics: readonly Diagnostic[]
}

/** The caller has resolved the schemas of every source and sink. A table whose schema cannot be used is left out. */
export function makeTables(spec: PipelineSpec, schemas: ResolvedSchemas): PipelineTables {
  const maker = new TableMaker(spec)
  const sources = spec.sources.flatMap((source) => {
    const found = schemas.sources.get(source.name)!
    const table = maker.makeSource(source, found)
    return table === undefined ? [] : [{ spec: source, table, schemas: found }]
  })
  const sinks = spec.sinks.flatMap((sink) => {
    const found = schemas.sinks.get(sink.name)!
    const table = maker.makeSink(sink, found)
    return table === undefined ? [] : [{ spec: sink, table, schemas: found }]
  })
  return { sources, sinks, diagnostics: maker.diagnostics }
}

class TableMaker {
  readonly diagnostics: Diagnostic[] = []
  readonly #spec: PipelineSpec

  constructor(spec: PipelineSpec) {
    this.#spec = spec
  }

  makeSource(source: SourceSpec, schemas: TableSchemas): Table | undefined {
    const path = `sources.${source.name}`
    const value = this.#parse(schemas.value, `${path}.value`)
    const key = schemas.key && this.#parse(schemas.key, `${path}.key`)
    if (value === undefined) return undefined
    return this.#make(path, {
      name: source.name,
      role: 'source',
      value,
      ...(key === undefined ? {} : { key }),
      ...(source.key === undefined ? {} : { keyColumns: source.key.columns }),
      metadata: source.metadata,
      ...(source.eventTime === undefined ? {} : { eventTime: source.eventTime }),
    })
  }

  makeSink(sink: SinkSpec, schemas: TableSchemas): Table | undefined {
    const path = `sinks.${sink.name}`
    const value = this.#parse(schemas.value, `${path}.value`)
    const key = schemas.key && this.#parse(schemas.key, `${path}.key`)
    if (value === undefined) return undefined
    const keyColumns = sink.key?.columns ?? []
    const inValue = (column: string) => value.kind === 'record' && value.fields.some((field) => field.name === column)
    if (key !== undefined) this.#checkKey(sink.name, keyColumns, key, path)
    return this.#make(path, {
      name: sink.name,
      role: 'sink',
      value,
      ...(key === undefined ? {} : { key }),
      // A key may be made of columns that the value has no field for.
      keyColumns: keyColumns
        .filter((column) => !inValue(column))
        .map((name) => ({ name, path: key?.kind === 'record' ? [name] : [] })),
      primaryKey: keyColumns,
      changelog: sink.mode,
    })
  }

  #make(path: string, declaration: TableDeclaration): Table {
    const { table, problems } = tableFromAvro(declaration)
    for (const { code, part, message, hint } of problems) this.#report(code, `${path}.${places[part]}`, message, hint)
    return table
  }

  /** Every field of the key's schema is one of its columns, and the other way round. */
  #checkKey(sink: string, columns: readonly string[], key: AvroSchema, path: string): void {
    if (key.kind !== 'record') {
      if (columns.length === 1) return
      this.#report(
        'OPT020',
        `${path}.key`,
        `key of sink \`${sink}\` has ${columns.length} columns, but its schema is no record`,
      )
      return
    }
    const fields = key.fields.map((field) => field.name)
    for (const column of columns) {
      if (fields.includes(column)) continue
      const hint = `Its fields are ${fields.map((field) => `\`${field}\``).join(', ')}.`
      this.#report('OPT020', `${path}.key`, `the key schema of sink \`${sink}\` has no field \`${column}\``, hint)
    }
    for (const field of key.fields) {
      if (columns.includes(field.name) || field.default !== undefined) continue
      const message = `field \`${field.name}\` of the key of sink \`${sink}\` is not filled, and has no default`
      this.#report('OPT020', `${path}.key`, message, `Add \`${field.name}\` to the columns of the key.`)
    }
  }

  /** Registered schemas may be older than today's rules, so they are read tolerantly; their warnings are not this user's. */
  #parse(pinned: PinnedSchema, path: string): AvroSchema | undefined {
    const { value, diagnostics } = parseSchema(pinned.text, { references: pinned.references })
    const error = diagnostics.find((diagnostic) => diagnostic.severity === 'error')
    if (error === undefined) return value
    const name = pinned.subject === undefined ? `id ${pinned.id}` : `\`${pinned.subject}\` version ${pinned.version}`
    this.#report(error.code, path, `the registered schema ${name} cannot be used: ${error.message}`, error.hint)
    return undefined
  }

  #report(code: Diagnostic['code'], path: string, message: string, hint?: string): void {
    const { file, spans } = this.#spec
    const span = spans.get(path) ?? spans.get(path.slice(0, path.lastIndexOf('.'))) ?? { start: 0, end: 0 }
    this.diagnostics.push({ code, severity: 'error', message, file, span, ...(hint === undefined ? {} : { hint }) })
  }
}

/** Which key of the file declares what. */
const places: Readonly<Record<DeclarationProblem['part'], string>> = {
  eventTime: 'eventTime.column',
  keyColumns: 'key',
  metadata: 'metadata',
  primaryKey: 'key',
}
