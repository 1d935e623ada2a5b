// What a run over goldens found, per family: the shape that `npm run conformance -- --json` writes, and the rows it prints.

/** `equal` of `of`: of the cases to which the measure applies. */
export type Measure = { of: number; equal: number }

export type Differing = {
  readonly id: string
  readonly measure: string
  readonly golden: string
  readonly ours: string
}

export type FamilyResult = {
  cases: number
  /** Accepted by Flink, refused by name here. */
  unsupported: number
  crashed: number
  readonly measures: Record<string, Measure>
  /** Not written to JSON: what `--show` prints. */
  readonly differing: Differing[]
}

/** By family name with its part: `validate/velocity`, `avro/resolve`. */
export type ConformanceReport = Record<string, FamilyResult>

export function emptyFamily(): FamilyResult {
  return { cases: 0, unsupported: 0, crashed: 0, measures: {}, differing: [] }
}

/** Counts one comparison, and keeps both answers where they differ. */
export function compare(family: FamilyResult, measure: string, id: string, golden: unknown, ours: unknown): boolean {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  family.measures[measure] ??= { of: 0, equal: 0 }
  const count = family.measures[measure]
  count.of++
  const equal = text(golden) === text(ours)
  if (equal) count.equal++
  else family.differing.push({ id, measure, golden: text(golden) ?? 'undefined', ours: text(ours) ?? 'undefined' })
  return equal
}

export function total(report: ConformanceReport): FamilyResult {
  const sum = emptyFamily()
  for (const family of Object.values(report)) {
    sum.cases += family.cases
    sum.unsupported += family.unsupported
    sum.crashed += family.crashed
    for (const [name, measure] of Object.entries(family.measures)) {
      sum.measures[name] ??= { of: 0, equal: 0 }
      const count = sum.measures[name]
      count.of += measure.of
      count.equal += measure.equal
    }
  }
  return sum
}

export function formatReport(report: ConformanceReport): string {
  const rows = [...Object.entries(report), ['total', total(report)] as const].map(([name, family]) => {
    const measures = Object.entries(family.measures).map(([measure, { of, equal }]) => `${measure} ${equal}/${of}`)
    return `${name.padEnd(32)} ${String(family.cases).padStart(6)} cases  ${measures.join('  ')}  unsupported ${family.unsupported}  crashed ${family.crashed}`
  })
  return rows.join('\n')
}
