// A row pattern in the plan: conditions and measures become expressions over references to matched rows.
import type { PatternExpression, PatternReference, PatternStep } from '../plan/pattern.ts'
import type { Plan, SortKey } from '../plan/plan.ts'
import type { MatchRecognize, Pattern } from '../sql/ast.ts'
import type { Field } from '../types/logical-type.ts'
import { type Bound, rewrite, toExpression } from './bound-expression.ts'
import { node } from './build-plan.ts'

/** What the validator knows of a MATCH_RECOGNIZE: columns count in the rows, shifted by their number once per variable. */
export type BoundMatch = {
  readonly reference: MatchRecognize
  readonly input: Plan
  readonly variables: readonly string[]
  readonly partition: readonly Bound[]
  readonly order: readonly { readonly value: Bound; readonly descending: boolean; readonly nullsFirst: boolean }[]
  readonly conditions: ReadonlyMap<string, Bound>
  readonly measures: readonly Bound[]
  readonly schema: readonly Field[]
}

/** Undefined where the pattern has a form that no plan has. */
export function lowerMatch(match: BoundMatch): Plan | undefined {
  const { reference, input, variables } = match
  const steps = stepsOf(reference.pattern)
  const partition = match.partition.map((bound) => (bound.kind === 'column' ? bound.index : -1))
  const order = match.order.map(
    ({ value, descending, nullsFirst }): SortKey => ({
      column: value.kind === 'column' ? value.index : -1,
      descending,
      nullsFirst,
    }),
  )
  const measures = match.measures.map((bound) => patternExpression(bound, input.schema, variables))
  const conditions = new Map<string, PatternExpression>()
  for (const [variable, bound] of match.conditions) {
    const condition = patternExpression(bound, input.schema, variables)
    if (!condition) return undefined
    conditions.set(variable, condition)
  }
  if (!steps || partition.includes(-1) || order.some(({ column }) => column < 0) || measures.includes(undefined))
    return undefined
  return node(match.schema, reference.span, {
    kind: 'match' as const,
    input,
    partition,
    order,
    pattern: {
      steps,
      conditions,
      measures: measures as PatternExpression[],
      afterMatch: afterMatch(reference),
      ...within(reference),
    },
  })
}

function within(reference: MatchRecognize): { readonly withinMs?: number } {
  const { within: interval } = reference
  if (!interval) return {}
  const unit = { DAY: 86_400_000, HOUR: 3_600_000, MINUTE: 60_000, SECOND: 1000 }[interval.qualifier.from as 'DAY']
  return unit === undefined ? {} : { withinMs: Math.round(Number(interval.value) * unit) }
}

function afterMatch({ afterMatch: clause }: MatchRecognize) {
  if (!clause || clause.skip === 'PAST LAST ROW') return { kind: 'pastLastRow' } as const
  if (!('variable' in clause)) return { kind: 'toNextRow' } as const
  return { kind: clause.skip === 'TO FIRST' ? 'toFirst' : 'toLast', variable: clause.variable.name } as const
}

function stepsOf(pattern: Pattern): readonly PatternStep[] | undefined {
  switch (pattern.kind) {
    case 'patternVariable':
      return [{ variable: pattern.name.name, min: 1, max: 1, greedy: true }]
    case 'patternSequence': {
      const parts = pattern.items.map(stepsOf)
      return parts.every((part) => part !== undefined) ? parts.flat() : undefined
    }
    case 'patternQuantified': {
      if (pattern.item.kind !== 'patternVariable') return undefined
      const { min, max } = pattern
      return [{ variable: pattern.item.name.name, min, ...(max !== undefined && { max }), greedy: !pattern.reluctant }]
    }
    default:
      return undefined
  }
}

/** Columns become references to the last row of their variable; FIRST, LAST and aggregates references of their own. */
function patternExpression(
  bound: Bound,
  rows: readonly Field[],
  variables: readonly string[],
): PatternExpression | undefined {
  const references: PatternReference[] = []
  const schema: Field[] = []
  let failed = false
  const refer = (reference: PatternReference, part: Bound): Bound => {
    references.push(reference)
    schema.push({ name: `$${schema.length}`, type: part.type })
    return { kind: 'column', index: references.length - 1, type: part.type, span: part.span }
  }
  const place = (index: number) => {
    const variable = variables[Math.floor(index / rows.length) - 1]
    return { column: index % rows.length, ...(variable !== undefined && { variable }) }
  }
  const rewritten = rewrite(bound, (part) => {
    if (part.kind === 'column') return refer({ kind: 'row', ...place(part.index), from: 'last', offset: 0 }, part)
    if (part.kind === 'call' && (part.function === 'FIRST' || part.function === 'LAST')) {
      const [column, offset] = part.arguments
      if (column?.kind !== 'column' || (offset && offset.kind !== 'literal')) {
        failed = true
        return part
      }
      const from = part.function === 'FIRST' ? 'first' : 'last'
      return refer({ kind: 'row', ...place(column.index), from, offset: offset ? Number(offset.value) : 0 }, part)
    }
    if (part.kind !== 'aggregate') return undefined
    const variablesUsed = new Set<string | undefined>()
    const inRow = part.arguments.map((argument) =>
      toExpression(
        rewrite(argument, (inner) => {
          if (inner.kind !== 'column') return undefined
          variablesUsed.add(place(inner.index).variable)
          return { ...inner, index: inner.index % rows.length }
        }),
      ),
    )
    if (variablesUsed.size > 1 || !inRow.every((argument) => argument !== undefined)) {
      failed = true
      return part
    }
    const [variable] = variablesUsed
    const { distinct } = part
    return refer(
      {
        kind: 'aggregate',
        function: part.function,
        arguments: inRow,
        distinct,
        ...(variable !== undefined && { variable }),
      },
      part,
    )
  })
  const expression = toExpression(rewritten)
  return failed || !expression ? undefined : { references, schema, expression }
}
