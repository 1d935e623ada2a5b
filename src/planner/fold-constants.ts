// Constant folding: a deterministic call of literals becomes its value. As in Flink a failing one in a projection refuses the query,
// while one in a condition is left for the run.
import { findFunction } from '../functions/find-function.ts'
import type { Expression } from '../plan/expression.ts'
import type { Findings } from '../plan/findings.ts'
import type { Plan } from '../plan/plan.ts'
import { mapExpression } from '../plan/walk-expression.ts'
import type { Value } from '../types/value.ts'
import { bottomUp, type PlannerOptions, type Rule } from './rule.ts'

export const foldConstants: Rule = {
  name: 'fold constants',
  apply: (plan, findings, options) => bottomUp(plan, (operator) => foldOperator(operator, findings, options)),
}

function foldOperator(plan: Plan, findings: Findings, options: PlannerOptions): Plan {
  if (plan.kind === 'project') {
    const expressions = plan.expressions.map((expression) => foldExpression(expression, options, findings))
    return expressions.every((expression, i) => expression === plan.expressions[i]) ? plan : { ...plan, expressions }
  }
  if (plan.kind === 'filter') {
    const predicate = foldExpression(plan.predicate, options)
    if (predicate.kind === 'literal' && predicate.value === true) return plan.input
    return predicate === plan.predicate ? plan : { ...plan, predicate }
  }
  if (plan.kind === 'join' && plan.condition) return { ...plan, condition: foldExpression(plan.condition, options) }
  return plan
}

/** With `findings`, what fails is reported; without, it stays as it is. */
export function foldExpression(expression: Expression, options: PlannerOptions, findings?: Findings): Expression {
  return mapExpression(expression, (part) => {
    if (part.kind !== 'call' || !part.arguments.every(isConstant)) return part
    const definition = findFunction(part.function)
    if (!definition?.kernel || !definition.deterministic || part.arguments.length === 0) return part
    const values = part.arguments.map((argument) => (argument as Expression & { kind: 'literal' }).value)
    if (definition.nullRule === 'strict' && values.includes(null))
      return { kind: 'literal', value: null, type: part.type, span: part.span }
    const kernel = definition.kernel({
      argumentTypes: part.arguments.map(({ type }) => type),
      resultType: part.type,
      literals: values,
      timeZone: options.timeZone,
      now: () => 0,
      random: () => 0,
    })
    try {
      const value: Value = kernel(values)
      return { kind: 'literal', value, type: part.type, span: part.span }
    } catch (error) {
      findings?.error('STR019', part.span, error instanceof Error ? error.message : String(error), { stage: 'plan' })
      return part
    }
  })
}

function isConstant(expression: Expression): boolean {
  return expression.kind === 'literal'
}
