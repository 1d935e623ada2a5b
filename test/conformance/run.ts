// Every run golden that the local engine supports: fed as Flink was fed, then again in batches, and killed and restored after
// each of them. What the engine refuses by name is counted apart.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Catalog } from '../../src/catalog/table.ts'
import { batchOf, createColumns, ROW_KIND } from '../../src/engine/batch.ts'
import { readValue, writeValue } from '../../src/engine/column-values.ts'
import { createDataflow, type Dataflow } from '../../src/engine/dataflow.ts'
import { createEngineCounters } from '../../src/engine/engine-counters.ts'
import { StateStore } from '../../src/engine/state/state-store.ts'
import { unsupported } from '../../src/engine/supports.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { optimize } from '../../src/planner/optimize.ts'
import { parseStatements } from '../../src/sql/parser.ts'
import type { Field, LogicalType } from '../../src/types/logical-type.ts'
import type { Value } from '../../src/types/value.ts'
import { validate } from '../../src/validator/validate.ts'
import { goldenCatalog, readGoldenType } from './golden-type.ts'
import { type ConformanceReport, compare, emptyFamily, type FamilyResult } from './report.ts'
import { canonical, readGoldenValue } from './run-value.ts'

type RunGolden = {
  readonly id: string
  readonly tables: readonly {
    readonly name: string
    readonly columns: readonly { readonly name: string; readonly type: string }[]
    readonly changelog: 'append' | 'upsert' | 'retract'
    readonly rows?: readonly (readonly unknown[])[]
    readonly eventTime?: string
    readonly watermark?: string
    readonly primaryKey?: readonly string[]
  }[]
  readonly order?: readonly number[]
  readonly setup?: readonly string[]
  readonly config?: Readonly<Record<string, string>>
  readonly sql: string
  readonly columns?: readonly { readonly name: string; readonly type: string }[]
  readonly changelog?: readonly (readonly unknown[])[]
  readonly compare?: 'ordered-per-key' | 'multiset' | 'materialized'
  readonly key?: readonly number[]
  readonly error?: { readonly stage: 'plan' | 'run' }
}

/** Rows in the order in which Flink was fed. */
type Feed = readonly { readonly table: string; readonly row: readonly Value[] }[]

type Outcome =
  | { readonly kind: 'refused' | 'unsupported' | 'failed'; readonly text: string }
  | { readonly kind: 'rows'; readonly rows: readonly (readonly string[])[] }

export async function checkRun(goldens: string): Promise<ConformanceReport> {
  const report: ConformanceReport = {}
  const folder = join(goldens, 'flink-2.3/run')
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.jsonl'))) {
    const family = emptyFamily()
    report[`run/${basename(file, '.jsonl')}`] = family
    const lines = readFileSync(join(folder, file), 'utf8').trimEnd().split('\n')
    for (const line of lines) checkCase(JSON.parse(line), family)
  }
  return report
}

function checkCase(golden: RunGolden, family: FamilyResult): void {
  family.cases++
  const id = `${golden.id} ${golden.sql}`
  let outcome: Outcome
  try {
    outcome = runCase(golden, 'row by row')
  } catch (error) {
    family.crashed++
    compare(family, 'result', id, 'an answer', String((error as Error).stack))
    return
  }
  if (outcome.kind === 'unsupported') {
    family.unsupported++
    return
  }
  if (golden.error !== undefined) {
    const expected = golden.error.stage === 'plan' ? 'refused' : 'failed'
    compare(family, 'error', id, expected, outcome.kind)
    return
  }
  const expected = expectedRows(golden)
  const show = (result: Outcome) =>
    result.kind === 'rows' ? ordered(result.rows, golden) : `${result.kind}: ${result.text}`
  if (!compare(family, 'result', id, ordered(expected, golden), show(outcome))) return
  compare(family, 'restored', id, ordered(expected, golden), show(runCase(golden, 'restored')))
  compare(family, 'batches', id, ordered(expected, golden), show(runCase(golden, 'batches')))
}

function runCase(golden: RunGolden, mode: 'row by row' | 'restored' | 'batches'): Outcome {
  // Which changes a source brings is not in its scan: pipelines read topics of inserts only.
  if (golden.tables.some(({ changelog }) => changelog !== 'append'))
    return { kind: 'unsupported', text: 'a source of changes' }
  const catalog = catalogOf(golden)
  const timeZone = golden.config?.['table.local-time-zone'] ?? 'UTC'
  const text = [...(golden.setup ?? []), golden.sql].join(';\n')
  const parsed = parseStatements(text, { sugar: false })
  if (parsed.value === undefined) return { kind: 'refused', text: parsed.diagnostics[0]!.message }
  const validated = validate(parsed.value, catalog, { text, judgement: 'flink', timeZone })
  if (validated.value === undefined) return { kind: 'refused', text: validated.diagnostics[0]!.message }
  const plan = validated.value.inserts.at(-1)!.plan
  if (plan === undefined) return { kind: 'unsupported', text: 'no plan' }
  const planned = optimize([plan], { timeZone })
  if (planned.diagnostics.some(({ severity }) => severity === 'error')) {
    return { kind: 'refused', text: planned.diagnostics[0]!.message }
  }
  const root = planned.plans[0]!
  const sink: Plan = {
    kind: 'sink',
    id: 'sink',
    table: 'out',
    input: root,
    schema: root.schema,
    changelog: root.changelog,
    accepts: 'retract',
    primaryKey: [],
    span: root.span,
  }
  const refused = unsupported([sink], timeZone)
  if (refused.length > 0) return { kind: 'unsupported', text: refused[0]!.message }
  try {
    return { kind: 'rows', rows: execute(sink, timeZone, feedOf(golden, catalog), catalog, mode) }
  } catch (error) {
    if ((error as Error).name !== 'JobError') throw error
    return { kind: 'failed', text: (error as Error).message }
  }
}

const kinds = Object.keys(ROW_KIND) as (keyof typeof ROW_KIND)[]
const signs = { insert: '+I', updateBefore: '-U', updateAfter: '+U', delete: '-D' }

function execute(
  sink: Plan,
  timeZone: string,
  feed: Feed,
  catalog: Catalog,
  mode: 'row by row' | 'restored' | 'batches',
) {
  const rows: string[][] = []
  const start = (): { dataflow: Dataflow; state: StateStore } => {
    const state = new StateStore(rows.length)
    const dataflow = createDataflow([sink], {
      state,
      counters: createEngineCounters(),
      timeZone,
      now: () => Number.NaN,
      random: () => Number.NaN,
      sinkOutput: (_, schema) => ({
        process: (batch) => {
          for (let j = 0; j < batch.count; j++) {
            const row = batch.selection?.[j] ?? j
            const kind = signs[kinds[batch.rowKinds?.[row] ?? 0]!]
            rows.push([
              kind,
              ...batch.columns.map((column, index) => canonical(readValue(column, row), schema[index]!.type)),
            ])
          }
        },
        advance: () => undefined,
      }),
    })
    for (const scan of dataflow.scans) scan.setPartitions(1)
    return { dataflow, state }
  }
  let { dataflow, state } = start()
  for (const batch of batches(feed, mode === 'batches' && dataflow.scans.length === 1 ? feed.length : 1)) {
    for (const scan of dataflow.scans) {
      if (scan.table === batch[0]!.table)
        push(
          scan,
          batch.map(({ row }) => row),
          catalog,
        )
    }
    if (mode !== 'restored') continue
    const saved = state.snapshot()
    ;({ dataflow, state } = start())
    state.restore(saved)
  }
  for (const scan of dataflow.scans) scan.end()
  return rows
}

/** Columns are read by name: a scan has only those that are used. */
function push(scan: Dataflow['scans'][number], rows: readonly (readonly Value[])[], catalog: Catalog): void {
  const table = catalog.tables.get(scan.table)!
  const columns = createColumns(scan.schema, rows.length)
  scan.schema.forEach((field, index) => {
    const from = table.columns.findIndex(({ name }) => name === field.name)
    rows.forEach((row, at) => {
      writeValue(columns[index]!, at, row[from]!)
    })
  })
  scan.push(batchOf(columns, rows.length))
}

function batches(feed: Feed, size: number): Feed[] {
  const cut: Feed[] = []
  for (let at = 0; at < feed.length; at += size) cut.push(feed.slice(at, at + size))
  return cut
}

function catalogOf(golden: RunGolden): Catalog {
  return goldenCatalog(
    golden.tables.map((table) => ({
      ...table,
      role: 'source',
      eventTime:
        table.eventTime === undefined || table.eventTime === null
          ? null
          : { column: table.eventTime, watermark: table.watermark! },
      primaryKey: table.primaryKey ?? null,
    })),
  )
}

function feedOf(golden: RunGolden, catalog: Catalog): Feed {
  const rows = golden.tables.map((table) =>
    (table.rows ?? []).map(([, ...values]) => ({
      table: table.name,
      row: values.map((value, index) => readGoldenValue(value, catalog.tables.get(table.name)!.columns[index]!.type)),
    })),
  )
  if (golden.order === undefined) return rows.flat()
  const next = rows.map(() => 0)
  return golden.order.map((table) => rows[table]![next[table]!++]!)
}

/** Results may have a type that no DDL can declare. */
function readResultType(text: string): LogicalType {
  const plain = text.replace(' NOT NULL', '')
  if (plain.startsWith('INTERVAL SECOND')) return { kind: 'INTERVAL', unit: 'DAY_TIME', nullable: true }
  if (plain.startsWith('INTERVAL')) return { kind: 'INTERVAL', unit: 'YEAR_MONTH', nullable: true }
  return readGoldenType(plain)
}

function expectedRows(golden: RunGolden): string[][] {
  const schema: Field[] = golden.columns!.map(({ name, type }) => ({ name, type: readResultType(type) }))
  return golden.changelog!.map(([kind, ...values]) => [
    String(kind),
    ...values.map((value, index) => canonical(readGoldenValue(value, schema[index]!.type), schema[index]!.type)),
  ])
}

/** Rows in the order that counts: per key, or none. */
function ordered(rows: readonly (readonly string[])[], golden: RunGolden): readonly string[] {
  const text = (row: readonly string[]) => row.join(' ')
  if (golden.compare !== 'ordered-per-key') return rows.map(text).sort()
  const key = (row: readonly string[]) => (golden.key ?? []).map((column) => row[column + 1]).join(' ')
  const groups = new Map<string, string[]>()
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), text(row)])
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, group]) => group)
}
