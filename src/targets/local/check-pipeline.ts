// What the local engine does not run yet of what stands beside the SQL: policies and keys. The SQL itself: engine/supports.ts.
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { unsupported } from '../../engine/supports.ts'
import type { CompiledPipeline } from '../../pipeline/compile.ts'
import { diagnosticInFile, type RecordErrorKind, type RecordErrorPolicy } from '../../pipeline/spec.ts'
import { inputsOf, type Plan } from '../../plan/plan.ts'

/** Policies that need more than the connectors do: a failing expression or row is not led back to its record. */
const missingPolicies: Readonly<Partial<Record<RecordErrorKind, readonly RecordErrorPolicy[]>>> = {
  evaluate: ['drop', 'dead-letter'],
  null: ['dead-letter'],
  encode: ['dead-letter'],
  semanticChange: ['drop', 'dead-letter'],
}

export function checkPipeline(pipeline: CompiledPipeline): readonly Diagnostic[] {
  const { spec, plans, onError } = pipeline
  const inSql = unsupported(plans, spec.timeZone).map((each) => diagnosticInFile(each, spec.sql))
  const policies = Object.entries(missingPolicies).flatMap(([kind, policies]) => {
    const policy = onError[kind as RecordErrorKind]
    return policies.includes(policy)
      ? [refuse(pipeline, `onError.${kind}`, `the policy \`${policy}\` for \`${kind}\``)]
      : []
  })
  return [...inSql, ...policies, ...checkKeys(pipeline)]
}

function checkKeys(pipeline: CompiledPipeline): readonly Diagnostic[] {
  return pipeline.sources.flatMap(({ spec, table, keyReader }) => {
    if (keyReader === undefined) return []
    const read = new Set(pipeline.plans.flatMap((plan) => columnsRead(plan, table.name)))
    return table.columns
      .filter(({ name, origin }) => origin.kind === 'key' && read.has(name))
      .map(({ name }) => refuse(pipeline, `sources.${spec.name}`, `columns from an Avro key (column \`${name}\`)`))
  })
}

function columnsRead(plan: Plan, table: string): readonly string[] {
  if (plan.kind === 'scan') return plan.table === table ? plan.schema.map(({ name }) => name) : []
  return inputsOf(plan).flatMap((input) => columnsRead(input, table))
}

function refuse({ spec }: CompiledPipeline, place: string, what: string): Diagnostic {
  return {
    code: 'TGT001',
    severity: 'error',
    message: `the local engine does not run ${what} yet`,
    file: spec.file,
    span: spec.spans.get(place) ?? { start: 0, end: 0 },
    hint: 'Choose a Flink target for this pipeline.',
  }
}
