// Two projections in a row become one where no work is done twice; a projection that changes nothing disappears.
import type { Expression } from '../plan/expression.ts'
import type { Plan } from '../plan/plan.ts'
import { mapExpression } from '../plan/walk-expression.ts'
import { bottomUp, type Rule } from './rule.ts'

export const mergeProjections: Rule = {
  name: 'merge projections',
  apply: (plan) => bottomUp(plan, merge),
}

/** Operators whose columns may be called anything. A scan's are called as in its table. */
const nameable: ReadonlySet<string> = new Set(['project', 'aggregate', 'join', 'values'])

function merge(plan: Plan): Plan {
  if (plan.kind !== 'project') return plan
  const { input } = plan
  if (isIdentity(plan) && nameable.has(input.kind)) return { ...input, schema: sameNames(plan, input) }
  if (input.kind !== 'project') return plan
  const uses = new Map<number, number>()
  for (const expression of plan.expressions) countUses(expression, uses)
  const cheap = [...uses].every(([index, count]) => count === 1 || input.expressions[index]!.kind !== 'call')
  if (!cheap) return plan
  const expressions = plan.expressions.map((expression) => inline(expression, input.expressions))
  return merge({ ...plan, input: input.input, expressions })
}

function isIdentity(plan: Plan & { kind: 'project' }): boolean {
  if (plan.expressions.length !== plan.input.schema.length) return false
  return plan.expressions.every((expression, i) => expression.kind === 'column' && expression.index === i)
}

function sameNames(plan: Plan, input: Plan) {
  return input.schema.map((field, i) => ({ ...field, name: plan.schema[i]!.name }))
}

function inline(expression: Expression, by: readonly Expression[]): Expression {
  return mapExpression(expression, (part) => {
    if (part.kind !== 'column') return part
    // Errors of the merged expression lead to where the value is used.
    return { ...by[part.index]!, span: part.span }
  })
}

function countUses(expression: Expression, uses: Map<number, number>): void {
  if (expression.kind === 'column') uses.set(expression.index, (uses.get(expression.index) ?? 0) + 1)
  if (expression.kind === 'call') for (const argument of expression.arguments) countUses(argument, uses)
}
