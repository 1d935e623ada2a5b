// The planner's door: the rules in order, then the ids. Rules are tried once each; their order is their dependency.
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { Findings } from '../plan/findings.ts'
import { assignIds } from '../plan/fingerprint.ts'
import type { Plan } from '../plan/plan.ts'
import { checkSink } from './check-sink.ts'
import { checkStream } from './check-stream.ts'
import { checkTemporalJoin } from './check-temporal-join.ts'
import { foldConstants } from './fold-constants.ts'
import { mergeProjections } from './merge-projections.ts'
import { pushDownFilter } from './push-down-filter.ts'
import { pushDownProjection } from './push-down-projection.ts'
import { recognizeJoin } from './recognize-join.ts'
import { recognizeRank } from './recognize-rank.ts'
import { recognizeWindowAggregate } from './recognize-window-aggregate.ts'
import type { PlannerOptions, Rule } from './rule.ts'
import { settleTime } from './settle-time.ts'

const rules: readonly Rule[] = [
  mergeProjections,
  foldConstants,
  pushDownFilter,
  recognizeWindowAggregate,
  pushDownFilter,
  recognizeJoin,
  settleTime,
  recognizeRank,
  checkTemporalJoin,
  checkStream,
  checkSink,
  mergeProjections,
  pushDownProjection,
  mergeProjections,
]

/**
 * All plans of one pipeline, improved and with stable ids that are unique within it. Diagnostics are those of Flink's stages `plan` and
 * `codegen`: what is valid SQL, but cannot run as a stream.
 */
export function optimize(
  plans: readonly Plan[],
  options: PlannerOptions,
): { readonly plans: readonly Plan[]; readonly diagnostics: readonly Diagnostic[] } {
  const findings = new Findings('')
  const taken = new Map<string, number>()
  const optimized = plans.map((plan) => {
    const improved = rules.reduce((current, rule) => rule.apply(current, findings, options), plan)
    return assignIds(improved, taken)
  })
  return { plans: optimized, diagnostics: findings.diagnostics }
}
