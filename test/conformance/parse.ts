// The parse goldens: texts of Flink's own tests and mutations of them, with the parser's verdict and the place of its first error.
// The texts stay where they are; every accepted one is also printed and read again.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts'
import type { Statement } from '../../src/sql/ast-statements.ts'
import { parseStatements } from '../../src/sql/parser.ts'
import { printStatement } from '../../src/sql/print-statement.ts'
import { type ConformanceReport, compare, emptyFamily, type FamilyResult } from './report.ts'

type ParseGolden = {
  readonly sql: string
  readonly parse: 'ok' | 'error'
  readonly line?: number | null
  readonly column?: number | null
  readonly message?: string
  /** Flink's client took it before its parser: accepted. */
  readonly extendedParser?: unknown
}

/** For `npm run conformance`: `goldens` is the folder of all goldens. */
export async function checkParse(goldens: string): Promise<ConformanceReport> {
  return runParseGoldens(join(goldens, 'flink-2.3'))
}

/** `directory` is that of one Flink version (`flink-2.3`); a missing part gives an empty report. */
export function runParseGoldens(directory: string): ConformanceReport {
  const folder = join(directory, 'parse')
  const report: ConformanceReport = {}
  if (!existsSync(folder)) return report
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.jsonl')) continue
    const family = emptyFamily()
    report[`parse/${file.replace(/\.jsonl$/, '')}`] = family
    const lines = readFileSync(join(folder, file), 'utf8').split('\n')
    lines.forEach((line, index) => {
      if (line !== '') judge(JSON.parse(line) as ParseGolden, `line ${index + 1}`, family)
    })
  }
  return report
}

function judge(golden: ParseGolden, id: string, family: FamilyResult): void {
  family.cases++
  try {
    const { value, diagnostics } = parseStatements(golden.sql, { sugar: false })
    const expected = golden.extendedParser === undefined ? golden.parse : 'ok'
    const verdict = value === undefined ? 'error' : 'ok'
    if (!compare(family, 'verdict', id, expected, verdict)) return
    if (value !== undefined) compare(family, 'round trip', id, 'the same tree', roundTrip(value))
    else if (golden.line != null)
      compare(family, 'position', id, `${golden.line}:${golden.column}`, placeOf(diagnostics[0]))
  } catch (problem) {
    family.crashed++
    const ours = problem instanceof Error ? (problem.stack ?? '') : String(problem)
    family.differing.push({ id, measure: 'crash', golden: golden.parse, ours })
  }
}

function placeOf(diagnostic: Diagnostic | undefined): string {
  const position = diagnostic?.flinkPosition
  return position == null ? 'none' : `${position.line}:${position.column}`
}

/** Prints and reads again; the answer is the same sentence when the trees are equal but for places and quotes. */
export function roundTrip(statements: readonly Statement[]): string {
  const printed = statements.map(printStatement).join(';\n')
  const again = parseStatements(printed, { sugar: true })
  if (again.value === undefined) return `${again.diagnostics[0]?.message} in ${printed}`
  return shapeOf(statements) === shapeOf(again.value) ? 'the same tree' : printed
}

/** Of texts kept as written (MERGE, PIVOT), white space may change. */
function shapeOf(statements: readonly Statement[]): string {
  return JSON.stringify(statements, (key, value: unknown) => {
    if (key === 'quoted' || key === 'span' || key.endsWith('Span') || key === 'sugarEmit') return undefined
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
