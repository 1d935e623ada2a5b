// Which kinds of rows each operator gives: Flink's FlinkChangelogModeInferenceProgram. First bottom-up whether there are updates and
// deletes at all, then top-down whether the row before an update is needed.
import { type ChangelogMode, inputsOf, type Plan, withInputs } from './plan.ts'
import { contains, sameKey, upsertKeys } from './upsert-keys.ts'

export type Changes = { readonly updates: boolean; readonly deletes: boolean }

const none: Changes = { updates: false, deletes: false }
const everything: Changes = { updates: true, deletes: true }

export type Changelog = {
  /** Per operator of the plan. */
  readonly of: ReadonlyMap<Plan, Changes>
  /** Operators that work on appended rows only, with the input that is not. */
  readonly refused: readonly { readonly operator: Plan; readonly input: Plan; readonly changes: Changes }[]
}

/** `modeOf` says what a table of the catalog brings. */
export function inferChanges(plan: Plan): Changelog {
  const of = new Map<Plan, Changes>()
  const refused: { operator: Plan; input: Plan; changes: Changes }[] = []
  const visit = (operator: Plan): Changes => {
    const inputs = inputsOf(operator).map(visit)
    if (takesAppendsOnly(operator)) {
      inputsOf(operator).forEach((input, i) => {
        const changes = inputs[i]!
        const rightOfTemporal = operator.kind === 'join' && operator.strategy.kind === 'temporal' && i === 1
        if (!rightOfTemporal && (changes.updates || changes.deletes)) refused.push({ operator, input, changes })
      })
    }
    const changes = changesOf(operator, inputs)
    of.set(operator, changes)
    return changes
  }
  visit(plan)
  return { of, refused }
}

/** Over a time attribute nothing may change any more. */
function takesAppendsOnly(plan: Plan): boolean {
  switch (plan.kind) {
    case 'match':
    case 'deduplicate':
      return true
    case 'sort':
      return true
    case 'rank':
      return plan.windowEnd !== undefined
    case 'over':
      return isTimeOrdered(plan)
    case 'join':
      return plan.strategy.kind === 'interval' || plan.strategy.kind === 'window'
    default:
      return false
  }
}

function isTimeOrdered(plan: Plan & { kind: 'over' }): boolean {
  const [first] = plan.order
  if (!first) return true
  const type = plan.input.schema[first.column]!.type
  return 'timeAttribute' in type && type.timeAttribute !== undefined
}

function changesOf(plan: Plan, inputs: readonly Changes[]): Changes {
  const input = inputs[0] ?? none
  const changing = input.updates || input.deletes
  switch (plan.kind) {
    case 'scan':
      return plan.changelog === 'append' ? none : everything
    case 'values':
    case 'match':
    case 'sort':
      return none
    case 'normalize':
      return everything
    case 'aggregate':
      return plan.window ? none : { updates: true, deletes: changing }
    case 'over':
      return isTimeOrdered(plan) ? none : everything
    case 'deduplicate':
      return plan.keep === 'first' || plan.windowEnd !== undefined ? none : everything
    case 'rank':
      if (plan.windowEnd !== undefined) return none
      if (changing) return everything
      // Flink plans the first row in ascending order of anything as insert-only (and may correct it all the same when it runs).
      if (plan.from === 1 && plan.to === 1 && plan.order[0]?.descending === false) return none
      return plan.order.length === 0 && plan.partition.length === 0 ? none : everything
    case 'join':
      return joinChanges(plan, inputs)
    case 'union':
      return merge(inputs)
    case 'intersect':
      return { updates: true, deletes: inputs.some(({ updates, deletes }) => updates || deletes) }
    case 'except':
      return everything
    default:
      return input
  }
}

function joinChanges(plan: Plan & { kind: 'join' }, inputs: readonly Changes[]): Changes {
  switch (plan.strategy.kind) {
    case 'interval':
    case 'window':
      return none
    case 'temporal':
    case 'lookup':
      return inputs[0]!
    case 'regular':
      return plan.type === 'inner' || plan.type === 'semi' ? merge(inputs) : everything
  }
}

function merge(inputs: readonly Changes[]): Changes {
  return { updates: inputs.some(({ updates }) => updates), deletes: inputs.some(({ deletes }) => deletes) }
}

/** What the end of a plan takes: `upsert` by these columns, where it has no use for the row before an update. */
export type SinkMode = { readonly changelog: ChangelogMode; readonly primaryKey: readonly number[] }

/** Whether updates can come without the row before. */
function canOmitBefore(plan: Plan, changes: ReadonlyMap<Plan, Changes>): boolean {
  if (!changes.get(plan)!.updates) return true
  switch (plan.kind) {
    case 'aggregate':
    case 'rank':
    case 'deduplicate':
    case 'normalize':
      return true
    // A row whose new version does not pass must be taken back by its old one.
    case 'filter':
    case 'scan':
    case 'over':
    case 'expand':
      return false
    case 'join':
      return inputsOf(plan).every((input, side) => {
        if (!changes.get(input)!.updates) return true
        if (plan.strategy.kind !== 'regular') return canOmitBefore(input, changes)
        const joinKey = plan.keys.map((key) => (side === 0 ? key.left : key.right))
        return upsertKeys(input).some((key) => contains(joinKey, key)) && canOmitBefore(input, changes)
      })
    default:
      return inputsOf(plan).every((input) => canOmitBefore(input, changes))
  }
}

/** The plan below a sink with every operator's mode set. */
export function settleChangelog(plan: Plan, sink: SinkMode, changes: ReadonlyMap<Plan, Changes>): Plan {
  const byKey = sink.primaryKey.length === 0 || upsertKeys(plan).some((key) => sameKey(key, sink.primaryKey))
  const omit = sink.changelog === 'upsert' && byKey && canOmitBefore(plan, changes)
  return settle(plan, omit, changes)
}

function settle(plan: Plan, omitBefore: boolean, changes: ReadonlyMap<Plan, Changes>): Plan {
  const { updates, deletes } = changes.get(plan)!
  const changelog: ChangelogMode = !updates && !deletes ? 'append' : omitBefore ? 'upsert' : 'retract'
  const stateful =
    plan.kind === 'aggregate' || plan.kind === 'rank' || plan.kind === 'over' || plan.kind === 'deduplicate'
  const inputs = inputsOf(plan).map((input) =>
    settle(input, plan.kind === 'normalize' || (omitBefore && !stateful), changes),
  )
  const settled = withInputs(plan, inputs)
  return settled.kind === 'scan' || settled.changelog === changelog ? settled : { ...settled, changelog }
}

/** As `I`, `I,UA,D`, `I,UB,UA` … : what the last operator takes in (a sink), or gives. */
export function changelogKinds(plan: Plan): string {
  const last = plan.kind === 'sink' ? plan.input : plan
  const { updates, deletes } = inferChanges(last).of.get(last)!
  const before = updates && last.changelog === 'retract'
  return ['I', ...(before ? ['UB'] : []), ...(updates ? ['UA'] : []), ...(deletes ? ['D'] : [])].join(',')
}
