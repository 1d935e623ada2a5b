// Whether a sink can take what the query gives: updates, keys, event times. Sets the changelog mode of every operator on the way.

import { type Changes, inferChanges, settleChangelog } from '../plan/changelog.ts'
import type { Findings } from '../plan/findings.ts'
import type { Plan } from '../plan/plan.ts'
import { contains, upsertKeys } from '../plan/upsert-keys.ts'
import type { Rule } from './rule.ts'

export const checkSink: Rule = {
  name: 'check sink and changelog',
  apply: (plan, findings) => {
    const query = plan.kind === 'sink' ? plan.input : plan
    const { of, refused } = inferChanges(query)
    for (const { operator, input, changes } of refused) refuseInput(operator, input, changes, findings)
    refuseTwoTimes(plan, query, findings)
    if (plan.kind !== 'sink') return settleChangelog(query, { changelog: 'retract', primaryKey: [] }, of)
    const changes = of.get(query)!
    if (refused.length === 0) judge(plan, query, changes, findings)
    const sink = { changelog: plan.accepts, primaryKey: plan.primaryKey }
    const input = settleChangelog(query, sink, of)
    return { ...plan, input, changelog: input.changelog }
  },
}

const operatorNames: Partial<Readonly<Record<Plan['kind'], string>>> = {
  over: 'OVER by time',
  match: 'MATCH_RECOGNIZE',
  deduplicate: 'deduplication by time',
  rank: 'a Top-N per window',
  join: 'a join bounded by time',
  sort: 'ORDER BY time',
}

function refuseInput(operator: Plan, input: Plan, changes: Changes, findings: Findings): void {
  const name = operatorNames[operator.kind] ?? operator.kind
  findings.error(
    'STR010',
    operator.span,
    `${name} works on rows that never change, but its input has ${describe(changes)}`,
    {
      stage: 'plan',
      hint: hintFor(input),
    },
  )
}

function describe({ updates, deletes }: Changes): string {
  return updates && deletes ? 'updates and deletes' : deletes ? 'deletes' : 'updates'
}

/** What makes the changes, in the user's words. */
function hintFor(plan: Plan): string {
  const cause = causeOf(plan)
  switch (cause?.kind) {
    case 'aggregate':
      return 'The updates come from a GROUP BY without window: a window (TUMBLE, HOP, SESSION) gives each result once.'
    case 'join':
      return 'The updates come from a join without time bounds: bound it by event time, or by a window.'
    case 'rank':
    case 'deduplicate':
      return 'The updates come from a Top-N, which changes while better rows arrive.'
    case 'normalize':
      return 'The updates come from an upsert source, whose rows are replaced by key.'
    default:
      return 'Write into a sink of mode upsert, or compute a result that never changes.'
  }
}

function causeOf(plan: Plan): Plan | undefined {
  if (plan.kind === 'aggregate' || plan.kind === 'join' || plan.kind === 'rank' || plan.kind === 'deduplicate')
    return plan
  if (plan.kind === 'normalize') return plan
  return 'input' in plan ? causeOf(plan.input) : undefined
}

function judge(sink: Plan & { kind: 'sink' }, query: Plan, changes: Changes, findings: Findings): void {
  if (sink.onConflict && sink.accepts === 'append') {
    findings.error('STR011', sink.span, `ON CONFLICT is for upsert sinks, and sink \`${sink.table}\` only adds rows`, {
      stage: 'plan',
    })
    return
  }
  if (sink.accepts === 'append' && (changes.updates || changes.deletes)) {
    findings.error(
      'STR009',
      sink.span,
      `sink \`${sink.table}\` only adds rows, but the query has ${describe(changes)}`,
      {
        stage: 'plan',
        hint: hintFor(query),
      },
    )
    return
  }
  if (sink.primaryKey.length === 0 || sink.accepts === 'append' || sink.onConflict) return
  const keys = upsertKeys(query)
  if (keys.some((key) => contains(sink.primaryKey, key))) return
  const name = (key: readonly number[]) => `(${key.map((column) => query.schema[column]?.name).join(', ')})`
  const found = keys.length === 0 ? 'no key' : `key ${keys.map(name).join(' or ')}`
  findings.error(
    'STR011',
    sink.span,
    `sink \`${sink.table}\` is updated by key ${name(sink.primaryKey)}, but the rows of the query have ${found}`,
    {
      stage: 'plan',
      hint: 'Group by the key of the sink, or say what happens with ON CONFLICT DO ERROR, NOTHING or DEDUPLICATE.',
    },
  )
}

/** Flink writes one timestamp per record; a second event time has no place. */
function refuseTwoTimes(plan: Plan, query: Plan, findings: Findings): void {
  const times = query.schema.filter(({ type }) => 'timeAttribute' in type && type.timeAttribute === 'rowtime')
  if (times.length < 2) return
  const names = times.map(({ name }) => `\`${name}\``).join(' and ')
  findings.error('STR016', plan.span, `the query gives more than one event time: ${names}`, {
    stage: 'codegen',
    hint: 'Keep one, and CAST the others AS TIMESTAMP_LTZ(3).',
  })
}
