// FOR SYSTEM_TIME AS OF: the right side needs a key, which the join's condition must hold completely, and an event time of its own.
import type { Findings } from '../plan/findings.ts'
import type { Plan } from '../plan/plan.ts'
import { contains, upsertKeys } from '../plan/upsert-keys.ts'
import { bottomUp, type Rule } from './rule.ts'

export const checkTemporalJoin: Rule = {
  name: 'check temporal join',
  apply: (plan, findings) =>
    bottomUp(plan, (operator) =>
      operator.kind === 'join' && operator.strategy.kind === 'temporal' ? check(operator, findings) : operator,
    ),
}

function check(join: Plan & { kind: 'join' }, findings: Findings): Plan {
  const { left, right, strategy, span } = join
  if (strategy.kind !== 'temporal') return join
  const refuse = (message: string, hint: string, stage: 'plan' | 'codegen' = 'plan') => {
    findings.error('STR014', span, message, { stage, hint })
    return join
  }
  if (join.type !== 'inner' && join.type !== 'left') {
    return refuse('FOR SYSTEM_TIME AS OF works with JOIN and LEFT JOIN only', 'Swap the tables and write LEFT JOIN.')
  }
  if (join.keys.length === 0) {
    return refuse('a temporal join needs an equality between its tables', 'Write ON left.column = right.key.')
  }
  const time = left.schema[strategy.leftTime]!.type
  if ('timeAttribute' in time && time.timeAttribute === 'proctime') {
    return refuse(
      'a temporal join at processing time is not supported',
      'Use the event time of the left table.',
      'codegen',
    )
  }
  const rightTime = right.schema.findIndex(({ type }) => 'timeAttribute' in type && type.timeAttribute === 'rowtime')
  const keys = upsertKeys(right)
  if (rightTime < 0) {
    return refuse('the right side of a temporal join needs an event time', 'Declare the event time of its source.')
  }
  const joined = join.keys.map((key) => key.right)
  if (!keys.some((key) => contains(joined, key))) {
    const names = keys.map((key) => key.map((column) => right.schema[column]!.name).join(', '))
    const hint = keys.length === 0 ? 'Make it an upsert source with a key.' : `Its key is ${names.join(' or ')}.`
    return refuse('the condition of a temporal join must hold the whole key of its right side', hint)
  }
  return { ...join, strategy: { ...strategy, rightTime } }
}
