// A plan as text: one operator per line, its inputs indented below it.
import { byName, describeOperator } from './describe-operator.ts'
import { inputsOf, type Plan } from './plan.ts'

/** `changelog` names the mode where it is more than appends. */
export function explain(plan: Plan): string {
  const lines: string[] = []
  const visit = (operator: Plan, depth: number): void => {
    const mode = operator.changelog === 'append' ? '' : ` [${operator.changelog}]`
    lines.push(`${'  '.repeat(depth)}${describeOperator(operator, byName)}${outputNames(operator)}${mode}`)
    for (const input of inputsOf(operator)) visit(input, depth + 1)
  }
  visit(plan, 0)
  return lines.join('\n')
}

/** Names that an operator gives its columns, where they are not those of its input. */
function outputNames(plan: Plan): string {
  if (plan.kind !== 'project' && plan.kind !== 'values') return ''
  return ` as ${plan.schema.map(({ name }) => name).join(', ')}`
}
