// Constant folding: a deterministic call of literals becomes its value, a cast that changes nothing disappears.
import { findFunction } from '../functions/find-function.ts'
import type { Expression } from '../plan/expression.ts'
import type { Findings } from '../plan/findings.ts'
import type { Plan } from '../plan/plan.ts'
import { mapExpression } from '../plan/walk-expression.ts'
import { sameTypeIgnoringNullability } from '../types/type-equality.ts'
import type { Value } from '../types/value.ts'
import { bottomUp, type PlannerOptions, type Rule } from './rule.ts'

export const foldConstants: Rule = {
  name: 'fold constants',
  apply: (plan, findings, options) => bottomUp(plan, (operator) => foldOperator(operator, findings, options)),
}

function foldOperator(plan: Plan, findings: Findings, options: PlannerOptions): Plan {
  if (plan.kind === 'project') {
    const expressions = plan.expressions.map((expression) => foldExpression(expression, options))
    for (const expression of plan.expressions) refuseDivisionByZero(expression, options, findings)
    return expressions.every((expression, i) => expression === plan.expressions[i]) ? plan : { ...plan, expressions }
  }
  if (plan.kind === 'filter') {
    const predicate = foldExpression(plan.predicate, options)
    if (predicate.kind === 'literal' && predicate.value === true) return plan.input
    return predicate === plan.predicate ? plan : { ...plan, predicate }
  }
  if (plan.kind === 'aggregate')
    for (const argument of plan.calls.flatMap((call) => call.arguments))
      refuseDivisionByZero(argument, options, findings)
  if (plan.kind === 'join' && plan.condition) return { ...plan, condition: foldExpression(plan.condition, options) }
  return plan
}

/** What can't be evaluated stays as it is: it fails when it runs, if it runs. */
function foldExpression(expression: Expression, options: PlannerOptions): Expression {
  return mapExpression(expression, (part) => {
    if (part.kind !== 'call') return part
    const [first] = part.arguments
    if (part.function === 'CAST' && sameTypeIgnoringNullability(first!.type, part.type)) return first!
    return part.arguments.every(isConstant) ? evaluate(part, options) : part
  })
}

function evaluate(part: Expression & { kind: 'call' }, options: PlannerOptions): Expression {
  const definition = findFunction(part.function)
  if (!definition?.kernel || !definition.deterministic || part.arguments.length === 0) return part
  const values = part.arguments.map((argument) => (argument as Expression & { kind: 'literal' }).value)
  const literal = (value: Value): Expression => ({ kind: 'literal', value, type: part.type, span: part.span })
  if (definition.nullRule === 'strict' && values.includes(null)) return literal(null)
  try {
    const kernel = definition.kernel({
      argumentTypes: part.arguments.map(({ type }) => type),
      resultType: part.type,
      literals: values,
      timeZone: options.timeZone,
      now: () => 0,
      random: () => 0,
    })
    return literal(kernel(values))
  } catch {
    return part
  }
}

function isConstant(expression: Expression): boolean {
  return expression.kind === 'literal'
}

/** Flink divides two constants while it plans, where the division is all of a column's expression. */
function refuseDivisionByZero(expression: Expression, options: PlannerOptions, findings: Findings): void {
  if (expression.kind !== 'call' || expression.function !== '/') return
  const [dividend, divisor] = expression.arguments.map((argument) => foldExpression(argument, options))
  if (
    dividend?.kind !== 'literal' ||
    divisor?.kind !== 'literal' ||
    Number(divisor.value) !== 0 ||
    divisor.value === null
  )
    return
  findings.error('STR019', expression.span, 'division by zero', { stage: 'plan' })
}
