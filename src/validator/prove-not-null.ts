// Which columns of a plan are never NULL, as far as it can be proved: by their types, by conditions that NULL does not pass, and by
// functions that give no NULL when they get none. Used by the output proof only; types stay Flink's.
import { findFunction } from '../functions/find-function.ts'
import { type Argument, inferCall, isMismatch } from '../functions/function-definition.ts'
import type { AggregateCall, Expression } from '../plan/expression.ts'
import type { Plan } from '../plan/plan.ts'

/** One answer per column of the plan. */
export function provenNotNull(plan: Plan): readonly boolean[] {
  const byType = plan.schema.map(({ type }) => !type.nullable)
  const also = (proven: readonly (boolean | undefined)[]) => byType.map((known, i) => known || proven[i] === true)
  switch (plan.kind) {
    case 'scan':
      return plan.filter ? also(byCondition(plan.filter, byType)) : byType
    case 'sink':
    case 'watermark':
    case 'sort':
    case 'normalize':
    case 'rank':
    case 'deduplicate':
    case 'over':
    case 'correlate':
    case 'windowTable':
      return also(provenNotNull(plan.input))
    case 'filter':
      return byCondition(plan.predicate, also(provenNotNull(plan.input)))
    case 'project': {
      const input = provenNotNull(plan.input)
      return also(plan.expressions.map((expression) => isNotNull(expression, input)))
    }
    case 'aggregate': {
      const input = provenNotNull(plan.input)
      const grouped = plan.keys.length > 0 || plan.window !== undefined
      return also([
        ...plan.keys.map((key) => input[key]),
        ...plan.calls.map((call) => grouped && aggregateNotNull(call, input)),
      ])
    }
    case 'union': {
      const inputs = plan.inputs.map(provenNotNull)
      return also(byType.map((_, i) => inputs.every((input) => input[i])))
    }
    case 'join':
      return also(joined(plan))
    default:
      return byType
  }
}

function joined(plan: Plan & { kind: 'join' }): readonly boolean[] {
  const left = provenNotNull(plan.left)
  const right = provenNotNull(plan.right)
  const keepsLeft = plan.type !== 'right' && plan.type !== 'full'
  const keepsRight = plan.type === 'inner' || plan.type === 'right'
  const sides = [
    ...left.map((known) => known && keepsLeft),
    ...(plan.type === 'semi' || plan.type === 'anti' ? [] : right.map((known) => known && keepsRight)),
  ]
  if (plan.type !== 'inner') return sides
  const known = plan.condition ? [...byCondition(plan.condition, sides)] : sides
  for (const { left: a, right: b, nullSafe } of plan.keys) {
    if (nullSafe) continue
    known[a] = true
    known[plan.left.schema.length + b] = true
  }
  return known
}

/** Functions that are NULL for a NULL argument, so that a condition of them does not hold for it. */
const nullRejecting: ReadonlySet<string> = new Set([
  ...['=', '<>', '<', '<=', '>', '>=', 'LIKE', 'NOT LIKE', 'BETWEEN', 'IN', 'IS NOT NULL', 'IS TRUE', 'IS FALSE'],
])

/** What holds of the columns in rows that pass the condition. */
function byCondition(condition: Expression, known: readonly boolean[]): readonly boolean[] {
  const proven = [...known]
  const visit = (part: Expression): void => {
    if (part.kind === 'column') proven[part.index] = true
    if (part.kind !== 'call') return
    if (part.function === 'AND') for (const argument of part.arguments) visit(argument)
    // Of BETWEEN and IN only the tested value itself: one bound may be NULL and the condition FALSE anyway.
    if (nullRejecting.has(part.function)) {
      const tested = part.function === 'BETWEEN' || part.function === 'IN' ? part.arguments.slice(0, 1) : part.arguments
      for (const argument of tested) mustBe(argument)
    }
  }
  // A strict function of a column is NULL when the column is.
  const mustBe = (part: Expression): void => {
    if (part.kind === 'column') proven[part.index] = true
    if (part.kind === 'call' && findFunction(part.function)?.nullRule === 'strict') part.arguments.forEach(mustBe)
  }
  visit(condition)
  return proven
}

function isNotNull(expression: Expression, known: readonly boolean[]): boolean {
  if (!expression.type.nullable) return true
  if (expression.kind === 'column') return known[expression.index] === true
  if (expression.kind === 'literal') return expression.value !== null
  if (expression.function === 'CASE') return caseNotNull(expression.arguments, known)
  const definition = findFunction(expression.function)
  if (!definition) return false
  const args = expression.arguments.map((argument) => narrowed(argument, known))
  const inference = inferCall(definition, args, { target: { ...expression.type, nullable: false } })
  return !isMismatch(inference) && !inference.type.nullable
}

/** Each branch is judged by what its condition proves. */
function caseNotNull(args: readonly Expression[], known: readonly boolean[]): boolean {
  for (let i = 0; i + 1 < args.length; i += 2) {
    if (!isNotNull(args[i + 1]!, byCondition(args[i]!, known))) return false
  }
  return isNotNull(args.at(-1)!, known)
}

function narrowed(argument: Expression, known: readonly boolean[]): Argument {
  const type = isNotNull(argument, known) ? { ...argument.type, nullable: false } : argument.type
  return argument.kind === 'literal' && argument.value !== null ? { type, literal: argument.value } : { type }
}

function aggregateNotNull(call: AggregateCall, known: readonly boolean[]): boolean {
  const definition = findFunction(call.function)
  if (!definition || call.filter) return false
  const inference = inferCall(
    definition,
    call.arguments.map((argument) => narrowed(argument, known)),
    { groupMayBeEmpty: false, distinct: call.distinct },
  )
  return !isMismatch(inference) && !inference.type.nullable
}
