// The tables and views that the statements of one pipeline see: those of the catalog, and what earlier statements created.
import type { Catalog, Table } from '../catalog/table.ts'
import type { Span } from '../diagnostics/diagnostic.ts'
import type { Context, Relation, Relations } from './context.ts'
import { validateTable } from './validate-table.ts'

/** Where unqualified names live; a longer path must name exactly these. */
const qualifiers: readonly string[] = ['', 'default_database', 'default_catalog.default_database']

export class Session {
  private readonly tables: Map<string, Table>
  private readonly views = new Map<string, Relation>()

  constructor(catalog: Catalog) {
    this.tables = new Map(catalog.tables)
  }

  addTable(table: Table): void {
    this.views.delete(table.name)
    this.tables.set(table.name, table)
  }

  addView(name: string, relation: Relation): void {
    this.views.set(name, relation)
  }

  /** Whether something of that name was there. */
  drop(name: string): boolean {
    const wasView = this.views.delete(name)
    return this.tables.delete(name) || wasView
  }

  has(name: string): boolean {
    return this.tables.has(name) || this.views.has(name)
  }

  isView(name: string): boolean {
    return this.views.has(name)
  }

  findTable(path: readonly string[]): Table | undefined {
    return qualifiers.includes(path.slice(0, -1).join('.')) ? this.tables.get(path.at(-1)!) : undefined
  }

  /** Sinks only; with exactly one, a bare SELECT feeds it. */
  get sinks(): readonly Table[] {
    return [...this.tables.values()].filter(({ role }) => role !== 'source')
  }

  tableNames(): readonly string[] {
    return [...this.tables.keys()]
  }

  /** For the names in FROM. `span` is filled in by whoever names the table. */
  relations(context: () => Context): Relations {
    return {
      find: (path, span) => this.find(path, span, context()),
      names: () => [
        ...[...this.tables.values()].filter(({ role }) => role !== 'sink').map(({ name }) => name),
        ...this.views.keys(),
      ],
    }
  }

  private find(path: readonly string[], span: Span, context: Context): Relation | undefined {
    if (!qualifiers.includes(path.slice(0, -1).join('.'))) return undefined
    const name = path.at(-1)!
    const view = this.views.get(name)
    if (view) return view
    const table = this.tables.get(name)
    return table && validateTable(table, span, context)
  }
}
