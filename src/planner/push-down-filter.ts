// Conditions move towards the sources: through projections, window tables and joins, into the scan, so that rows nobody needs are never decoded.

import { findFunction } from '../functions/find-function.ts'
import type { Expression } from '../plan/expression.ts'
import type { Plan } from '../plan/plan.ts'
import { columnsOf, conjunctionOf, conjuncts, mapExpression, moveColumns } from '../plan/walk-expression.ts'
import { bottomUp, type Rule } from './rule.ts'

export const pushDownFilter: Rule = {
  name: 'push down filter',
  apply: (plan) => bottomUp(plan, (operator) => (operator.kind === 'filter' ? pushed(operator) : operator)),
}

function pushed(plan: Plan & { kind: 'filter' }): Plan {
  const remaining: Expression[] = []
  let input = plan.input
  for (const part of conjuncts(plan.predicate)) {
    const moved = isDeterministic(part) ? pushInto(input, part) : undefined
    if (moved) input = moved
    else remaining.push(part)
  }
  const predicate = conjunctionOf(remaining)
  return predicate ? { ...plan, input, predicate } : input
}

/** The input with the condition in it or below it; undefined where it can't move. */
function pushInto(input: Plan, predicate: Expression): Plan | undefined {
  switch (input.kind) {
    case 'scan': {
      const filter = conjunctionOf([...(input.filter ? [input.filter] : []), predicate])
      return filter && { ...input, filter }
    }
    // Not below a watermark: rows that the query drops raise it all the same.
    case 'filter': {
      const below = pushInto(input.input, predicate)
      if (below) return { ...input, input: below }
      const both = conjunctionOf([input.predicate, predicate])
      return both && { ...input, predicate: both }
    }
    case 'sort': {
      const below = pushInto(input.input, predicate)
      return below ? { ...input, input: below } : undefined
    }
    case 'project': {
      if (![...columnsOf(predicate)].every((index) => isPassed(input.expressions[index]!))) return undefined
      const moved = mapExpression(predicate, (part) =>
        part.kind === 'column' ? { ...input.expressions[part.index]!, span: part.span } : part,
      )
      return { ...input, input: pushOrFilter(input.input, moved) }
    }
    case 'windowTable': {
      const width = input.input.schema.length
      if ([...columnsOf(predicate)].some((index) => index >= width)) return undefined
      return { ...input, input: pushOrFilter(input.input, predicate) }
    }
    case 'union':
      return { ...input, inputs: input.inputs.map((each) => pushOrFilter(each, predicate)) }
    case 'join':
      return pushIntoJoin(input, predicate)
    default:
      return undefined
  }
}

function pushOrFilter(input: Plan, predicate: Expression): Plan {
  return (
    pushInto(input, predicate) ?? {
      id: '',
      changelog: input.changelog,
      schema: input.schema,
      span: predicate.span,
      kind: 'filter',
      input,
      predicate,
    }
  )
}

function pushIntoJoin(join: Plan & { kind: 'join' }, predicate: Expression): Plan | undefined {
  const width = join.left.schema.length
  const columns = [...columnsOf(predicate)]
  const leftOnly = columns.every((index) => index < width)
  const rightOnly = columns.every((index) => index >= width)
  // Conditions on a temporal table would change its versions.
  const free = join.strategy.kind !== 'temporal' && join.strategy.kind !== 'lookup'
  if (
    columns.length > 0 &&
    leftOnly &&
    (join.type === 'inner' || join.type === 'left' || join.type === 'semi' || join.type === 'anti')
  ) {
    return { ...join, left: pushOrFilter(join.left, predicate) }
  }
  if (columns.length > 0 && rightOnly && free && (join.type === 'inner' || join.type === 'right')) {
    return {
      ...join,
      right: pushOrFilter(
        join.right,
        moveColumns(predicate, (index) => index - width),
      ),
    }
  }
  if (join.type !== 'inner' || !free) return undefined
  const condition = conjunctionOf([...(join.condition ? [join.condition] : []), predicate])
  return condition && { ...join, condition }
}

function isPassed(expression: Expression): boolean {
  return expression.kind !== 'call'
}

function isDeterministic(expression: Expression): boolean {
  if (expression.kind !== 'call') return true
  return findFunction(expression.function)?.deterministic === true && expression.arguments.every(isDeterministic)
}
