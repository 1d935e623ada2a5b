// The tables and views that the statements of one pipeline see: those of the catalog, and what earlier statements created.
import type { Catalog, Table } from '../catalog/table.ts'
import type { Span } from '../diagnostics/diagnostic.ts'
import { checkOptions, type Options } from './connector-options.ts'
import type { Context, Relation, Relations } from './context.ts'
import { validateTable } from './validate-table.ts'

const defaultDatabase = 'default_database'

/** Names are kept with their database; those of the catalog are in the default one. */
export class Session {
  private readonly tables = new Map<string, Table>()
  private readonly views = new Map<string, Relation>()
  private readonly options = new Map<string, Options>()
  readonly databases = new Set([defaultDatabase])
  database = defaultDatabase

  constructor(catalog: Catalog) {
    for (const table of catalog.tables.values()) this.tables.set(`${defaultDatabase}.${table.name}`, table)
  }

  private key(path: readonly string[]): string | undefined {
    if (path.length === 1) return `${this.database}.${path[0]}`
    if (path.length === 2) return path.join('.')
    return path[0] === 'default_catalog' && path.length === 3 ? path.slice(1).join('.') : undefined
  }

  addTable(path: readonly string[], table: Table, options?: Options): void {
    const key = this.key(path) ?? path.join('.')
    this.tables.set(key, table)
    if (options) this.options.set(key, options)
  }

  addView(path: readonly string[], relation: Relation): void {
    this.views.set(this.key(path) ?? path.join('.'), relation)
  }

  /** Whether a table (or view) of that name was there. */
  drop(path: readonly string[], what: 'TABLE' | 'VIEW'): boolean {
    const key = this.key(path)
    return key !== undefined && (what === 'VIEW' ? this.views.delete(key) : this.tables.delete(key))
  }

  has(path: readonly string[]): boolean {
    return this.findTable(path) !== undefined || this.isView(path)
  }

  isView(path: readonly string[]): boolean {
    return this.views.has(this.key(path) ?? '')
  }

  findTable(path: readonly string[]): Table | undefined {
    return this.tables.get(this.key(path) ?? '')
  }

  optionsOf(path: readonly string[]): Options | undefined {
    return this.options.get(this.key(path) ?? '')
  }

  /** Sinks only; with exactly one, a bare SELECT feeds it. */
  get sinks(): readonly Table[] {
    return [...this.tables.values()].filter(({ role }) => role !== 'source')
  }

  /** For the names in FROM. */
  relations(context: () => Context): Relations {
    return {
      find: (path, span) => this.find(path, span, context()),
      names: () => [
        ...[...this.tables.values()].filter(({ role }) => role !== 'sink').map(({ name }) => name),
        ...[...this.views.keys()].map((key) => key.slice(key.indexOf('.') + 1)),
      ],
    }
  }

  private find(path: readonly string[], span: Span, context: Context): Relation | undefined {
    const view = this.views.get(this.key(path) ?? '')
    if (view) return view
    const table = this.findTable(path)
    if (table) this.checkUse(path, table, span, context, 'validate')
    return table && validateTable(table, span, context)
  }

  /** Options are judged when a table is used, as Flink does. */
  checkUse(path: readonly string[], table: Table, span: Span, context: Context, stage: 'validate' | 'plan'): void {
    const options = this.optionsOf(path)
    const keyless = table.changelog === 'upsert' && table.primaryKey.length === 0
    const problem = options
      ? checkOptions(options, table.primaryKey.length > 0)
      : keyless
        ? {
            message: `table \`${table.name}\` is updated by key, but has no primary key`,
            hint: 'Declare PRIMARY KEY (…) NOT ENFORCED.',
          }
        : undefined
    if (problem) context.findings.error('STR020', span, problem.message, { stage, flinkSpan: null, hint: problem.hint })
  }
}
