// `npm run -s conformance`: runs every golden below a folder and says where Sluice answers as Flink and Avro do.
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { goldensRoot } from '../needs.ts'
import { type ConformanceReport, formatReport, total } from './report.ts'

type Part = {
  /** Below the goldens' folder. */
  readonly folder: string
  /** Absent: no part of this kind is compared yet, and the run says so. */
  readonly check?: (goldens: string) => Promise<ConformanceReport>
}

const parts: Readonly<Record<string, Part>> = {
  parse: { folder: 'flink-2.3/parse', check: async (goldens) => (await import('./parse.ts')).checkParse(goldens) },
  validate: {
    folder: 'flink-2.3/validate',
    check: async (goldens) => (await import('./validate.ts')).checkValidate(goldens),
  },
  types: { folder: 'flink-2.3/types', check: async (goldens) => (await import('./types.ts')).checkTypes(goldens) },
  run: { folder: 'flink-2.3/run', check: async (goldens) => (await import('./run.ts')).checkRun(goldens) },
  programs: { folder: 'flink-2.3/programs' },
  nexmark: { folder: 'flink-2.3/nexmark' },
  avro: { folder: 'avro', check: async (goldens) => (await import('./avro.ts')).checkAvro(goldens) },
}

const { values } = parseArgs({
  options: {
    goldens: { type: 'string', default: goldensRoot },
    only: { type: 'string' },
    family: { type: 'string' },
    target: { type: 'string', default: 'local' },
    json: { type: 'string' },
    show: { type: 'string', default: '0' },
  },
})

if (values.only !== undefined && !(values.only in parts)) {
  console.error(`--only ${values.only}: expected one of ${Object.keys(parts).join(', ')}`)
  process.exit(1)
}

const goldens = resolve(values.goldens)
const report: ConformanceReport = {}
for (const [name, { folder, check }] of Object.entries(parts)) {
  if (values.only !== undefined && values.only !== name) continue
  if (!existsSync(join(goldens, folder))) console.error(`${name}: skipped, there is no ${folder} in the goldens`)
  else if (check === undefined) console.error(`${name}: skipped, the local engine is not compared with these yet`)
  else Object.assign(report, await check(goldens))
}
const chosen = Object.fromEntries(
  Object.entries(report).filter(
    ([family]) => values.family === undefined || family === values.family || family.endsWith(`/${values.family}`),
  ),
)

console.log(formatReport(chosen))
const shown = Object.entries(chosen).flatMap(([family, { differing }]) => differing.map((row) => ({ family, ...row })))
for (const { family, id, measure, golden, ours } of shown.slice(0, Number(values.show))) {
  console.log(`\n${family} ${id}: ${measure}\n  golden: ${golden}\n  ours:   ${ours}`)
}
if (values.json !== undefined) {
  const { differing: _, ...sum } = total(chosen)
  const families = Object.fromEntries(
    Object.entries(chosen).map(([family, { differing: __, ...counts }]) => [family, counts]),
  )
  writeFileSync(values.json, `${JSON.stringify({ families, total: sum }, null, 2)}\n`)
}
