// The validate goldens: statements on a catalog of tables, with the verdict, stage, position, columns and changelog of real Flink.
// Only Flink's stage of judgement is compared: sugar and Sluice's own refusals are off.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Catalog, makeCatalog } from '../../src/catalog/table.ts'
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts'
import { changelogKinds } from '../../src/plan/changelog.ts'
import { optimize } from '../../src/planner/optimize.ts'
import { parseStatements } from '../../src/sql/parser.ts'
import { printType } from '../../src/types/print-type.ts'
import { catalogFromDdl } from '../../src/validator/catalog-from-ddl.ts'
import { validate } from '../../src/validator/validate.ts'
import { type ConformanceReport, compare, emptyFamily, type FamilyResult } from './report.ts'

export type ValidateGolden = {
  readonly id: string
  readonly catalog: string
  readonly sql: string
  readonly verdict: 'ok' | 'error'
  readonly stage: string
  readonly message?: string
  readonly line?: number | null
  readonly column?: number | null
  readonly columns?: readonly { readonly name: string; readonly type: string }[]
  readonly changelog?: string
}

export type Answer = {
  readonly verdict: 'ok' | 'error'
  readonly stage: string
  readonly position: string
  readonly columns: readonly string[] | undefined
  readonly changelog: string | undefined
  readonly diagnostic: Diagnostic | undefined
}

/** For `npm run conformance`: `goldens` is the folder of all goldens. */
export async function checkValidate(goldens: string): Promise<ConformanceReport> {
  return runValidateGoldens(join(goldens, 'flink-2.3'))
}

/** `directory` is that of one Flink version (`flink-2.3`); a missing part gives an empty report. */
export function runValidateGoldens(directory: string, family?: string): ConformanceReport {
  const folder = join(directory, 'validate')
  const report: ConformanceReport = {}
  if (!existsSync(folder)) return report
  const catalogs = readCatalogs(join(folder, 'catalogs'))
  for (const file of readdirSync(folder).sort()) {
    const name = file.replace(/\.jsonl$/, '')
    if (!file.endsWith('.jsonl') || (family !== undefined && family !== name)) continue
    const result = emptyFamily()
    report[`validate/${name}`] = result
    for (const golden of readGoldens(join(folder, file))) judge(golden, catalogs, result)
  }
  return report
}

export function readGoldens(file: string): readonly ValidateGolden[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ValidateGolden)
}

/** Tables are declared by the DDL that Flink was given. */
export function readCatalogs(folder: string): ReadonlyMap<string, Catalog> {
  const catalogs = new Map<string, Catalog>()
  for (const file of readdirSync(folder)) {
    const { name, tables } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
      readonly name: string
      readonly tables: readonly { readonly ddl: string }[]
    }
    catalogs.set(name, makeCatalog(tables.flatMap(({ ddl }) => catalogFromDdl(ddl))))
  }
  return catalogs
}

function judge(golden: ValidateGolden, catalogs: ReadonlyMap<string, Catalog>, result: FamilyResult): void {
  result.cases++
  let answer: Answer
  try {
    answer = ask(golden.sql, catalogs.get(golden.catalog)!)
  } catch (error) {
    result.crashed++
    const ours =
      error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 3).join(' ') : String(error)
    result.differing.push({ id: golden.id, measure: 'crashed', golden: golden.verdict, ours })
    compare(result, 'verdict', `${golden.id}!`, golden.verdict, 'crashed')
    return
  }
  const told = answer.diagnostic ? `${answer.verdict} (${answer.stage}: ${answer.diagnostic.message})` : answer.verdict
  const same = golden.verdict === answer.verdict
  compare(result, 'verdict', golden.id, golden.verdict, same ? answer.verdict : told)
  if (golden.verdict === 'error') {
    compare(result, 'stage', golden.id, golden.stage, answer.stage)
    if (golden.line) compare(result, 'position', golden.id, `${golden.line}:${golden.column}`, answer.position)
    return
  }
  if (golden.columns) {
    const expected = golden.columns.map(({ name, type }) => `${name} ${normalizedType(type)}`)
    compare(result, 'columns', golden.id, expected, answer.columns ?? [])
  }
  if (golden.changelog) compare(result, 'changelog', golden.id, golden.changelog, answer.changelog)
}

/** What Sluice says to a script. */
export function ask(sql: string, catalog: Catalog): Answer {
  const parsed = parseStatements(sql, { sugar: false })
  if (!parsed.value) return refusal(parsed.diagnostics[0]!, 'parse')
  const validated = validate(parsed.value, catalog, { text: sql, judgement: 'flink' })
  const wrong = validated.diagnostics.find(({ severity }) => severity === 'error')
  const plans = validated.value?.inserts.flatMap(({ plan }) => (plan ? [plan] : [])) ?? []
  const optimized = optimize(plans, { timeZone: 'UTC' })
  const first = wrong ?? optimized.diagnostics.find(({ severity }) => severity === 'error')
  if (first) return refusal(first, first.flinkStage ?? 'none')
  const last = validated.value?.inserts.at(-1)
  const plan = last?.plan ? optimized.plans.at(-1) : undefined
  return {
    verdict: 'ok',
    stage: 'ok',
    position: 'none',
    columns: last?.columns.map(({ name, type }) => `${name} ${normalizedType(printType(type))}`),
    changelog: plan && changelogKinds(plan),
    diagnostic: undefined,
  }
}

function refusal(diagnostic: Diagnostic, stage: string): Answer {
  const at = diagnostic.flinkPosition
  const position = at ? `${at.line}:${at.column}` : 'none'
  return { verdict: 'error', stage, position, columns: undefined, changelog: undefined, diagnostic }
}

/** Both spellings of the same type in one. */
export function normalizedType(type: string): string {
  return type
    .replaceAll('VARCHAR(2147483647)', 'STRING')
    .replaceAll('VARBINARY(2147483647)', 'BYTES')
    .replaceAll(/TIMESTAMP\((\d)\) WITH LOCAL TIME ZONE/g, 'TIMESTAMP_LTZ($1)')
}
