// What the validator and the planner say to queries over the tables of tables.ts.
import { renderDiagnostic } from '../../src/diagnostics/render.ts'
import { explain } from '../../src/plan/explain.ts'
import { optimize } from '../../src/planner/optimize.ts'
import { parseStatements } from '../../src/sql/parser.ts'
import { printType } from '../../src/types/print-type.ts'
import { type ValidatedInsert, validate } from '../../src/validator/validate.ts'
import { goldenTests } from './golden-file.ts'
import { goldenCatalog } from './tables.ts'

function check(text: string): { readonly inserts: readonly ValidatedInsert[]; readonly told: string } {
  const parsed = parseStatements(text, { sugar: true })
  const validated = parsed.value && validate(parsed.value, goldenCatalog, { text })
  const diagnostics = [...parsed.diagnostics, ...(validated?.diagnostics ?? [])]
  const told = diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, text)).join('\n')
  return { inserts: validated?.value?.inserts ?? [], told }
}

function plan(text: string): string {
  const { inserts, told } = check(text)
  const plans = inserts.flatMap(({ plan: operator }) => (operator ? [operator] : []))
  const optimized = optimize(plans, { timeZone: 'UTC' })
  const refused = optimized.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, text))
  return [told, ...refused, ...optimized.plans.map(explain)].filter((part) => part !== '').join('\n')
}

/** Columns with their types where a query is right; the diagnostics. */
goldenTests('validate', (text) => {
  const { inserts, told } = check(text)
  const columns = inserts.map(({ sink, columns: fields }) =>
    [`${sink?.name ?? 'no sink'}:`, ...fields.map(({ name, type }) => `  ${name} ${printType(type)}`)].join('\n'),
  )
  return [...columns, told].filter((part) => part !== '').join('\n')
})

goldenTests('plan', plan)
