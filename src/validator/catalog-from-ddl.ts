// Tables from a text of CREATE TABLE statements, for places that have no registry: tests, examples, documentation.
import type { Table } from '../catalog/table.ts'
import { makeCatalog } from '../catalog/table.ts'
import { assert } from '../diagnostics/assert.ts'
import { Findings } from '../plan/findings.ts'
import { parseStatements } from '../sql/parser.ts'
import type { Context } from './context.ts'
import { Session } from './session.ts'
import { tableFromDdl } from './table-from-ddl.ts'
import { validateQuery } from './validate-query.ts'

/** The text must be right: what is wrong in it fails as a bug of the caller. */
export function catalogFromDdl(text: string): readonly Table[] {
  const parsed = parseStatements(text, { sugar: false })
  assert(parsed.value, `the tables parse: ${parsed.diagnostics[0]?.message}`)
  const findings = new Findings(text)
  const relations = new Session(makeCatalog([])).relations(() => context)
  const context: Context = {
    findings,
    text,
    relations,
    query: (query, parent, inner) => validateQuery(query, parent, inner),
  }
  const tables = parsed.value.flatMap((statement) =>
    statement.kind === 'createTable' ? [tableFromDdl(statement, [], context)] : [],
  )
  assert(!findings.failedSince(0), `the tables are right: ${findings.diagnostics[0]?.message}`)
  return tables
}
