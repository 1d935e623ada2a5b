// The type of every golden expression over the table of all types, as Flink 2.3 derives it, or its refusal.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Catalog } from '../../src/catalog/table.ts'
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts'
import { parseStatements } from '../../src/sql/parser.ts'
import { validate } from '../../src/validator/validate.ts'
import { goldenCatalog, normalizeTypeText, printedType } from './golden-type.ts'
import { type ConformanceReport, compare, emptyFamily } from './report.ts'

type TypeGolden = {
  readonly id: string
  readonly group: string
  readonly expr: string
  readonly right?: string
  readonly verdict: 'ok' | 'error'
  readonly stage?: string
  readonly type?: string
}

/** One family per kind of rule: the first word of a golden's group. */
export async function checkTypes(goldens: string): Promise<ConformanceReport> {
  const lines = readFileSync(join(goldens, 'flink-2.3/types/types.jsonl'), 'utf8').trimEnd().split('\n')
  const catalogFile = readFileSync(join(goldens, 'flink-2.3/validate/catalogs/weird.json'), 'utf8')
  const catalog = goldenCatalog(JSON.parse(catalogFile).tables)
  const report: ConformanceReport = {}
  for (const line of lines) {
    const golden: TypeGolden = JSON.parse(line)
    const name = `types/${golden.group.split(' ')[0]}`
    report[name] ??= emptyFamily()
    const family = report[name]
    family.cases++
    let ours: Outcome
    try {
      ours = typeOf(golden, catalog)
    } catch (error) {
      family.crashed++
      ours = { verdict: 'crashed', text: String(error) }
    }
    const id = `${golden.id} ${golden.expr}${golden.right ? ` ∪ ${golden.right}` : ''}`
    if (!compare(family, 'verdict', id, golden.verdict, ours.verdict)) continue
    if (golden.verdict === 'ok') compare(family, 'type', id, normalizeTypeText(golden.type!), ours.text)
    else compare(family, 'stage', id, golden.stage, ours.text)
  }
  return report
}

type Outcome = { readonly verdict: 'ok' | 'error' | 'crashed'; readonly text: string }

function typeOf({ expr, right }: TypeGolden, catalog: Catalog): Outcome {
  const select = (expression: string) => `SELECT ${expression} FROM all_types`
  const text = right === undefined ? select(expr) : `${select(expr)} UNION ALL ${select(right)}`
  const { value: statements, diagnostics } = parseStatements(text, { sugar: false })
  if (!statements) return { verdict: 'error', text: stageOf(diagnostics) }
  const { value, diagnostics: found } = validate(statements, catalog, { text, judgement: 'flink' })
  if (!value) return { verdict: 'error', text: stageOf(found) }
  return { verdict: 'ok', text: printedType(value.inserts[0]!.columns[0]!.type) }
}

function stageOf(diagnostics: readonly Diagnostic[]): string {
  const error = diagnostics.find(({ severity }) => severity === 'error')
  return error?.flinkStage ?? 'none'
}
