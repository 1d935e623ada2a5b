// By which columns the rows of a changing result are told apart: FlinkRelMdUpsertKeys. A key names a row for its whole life, and all its
// changes arrive in order.
import type { Plan } from './plan.ts'

export type Key = readonly number[]

/** No key: nothing tells rows apart. The empty key: there is one row. */
export function upsertKeys(plan: Plan): readonly Key[] {
  switch (plan.kind) {
    case 'normalize':
      return [plan.keys]
    case 'filter':
    case 'watermark':
    case 'sort':
    case 'windowTable':
      return upsertKeys(plan.input)
    case 'project':
      return projected(plan)
    case 'aggregate':
      return aggregated(plan)
    case 'join':
      return joined(plan)
    case 'over':
      return upsertKeys(plan.input).filter((key) => contains(key, plan.partition))
    case 'deduplicate':
      return [plan.partition]
    case 'rank': {
      const own = plan.to === 1 ? [plan.partition] : plan.numbered ? [[...plan.partition, plan.schema.length - 1]] : []
      return distinct([...upsertKeys(plan.input).filter((key) => contains(key, plan.partition)), ...own])
    }
    case 'intersect':
    case 'except':
      return plan.all ? upsertKeys(plan.left) : [plan.schema.map((_, i) => i)]
    default:
      return []
  }
}

function projected(plan: Plan & { kind: 'project' }): readonly Key[] {
  const places = (column: number) =>
    plan.expressions.flatMap((expression, i) =>
      expression.kind === 'column' && expression.index === column ? [i] : [],
    )
  const keys = upsertKeys(plan.input).flatMap((key) =>
    key.reduce<Key[]>(
      (made, column) => made.flatMap((partial) => places(column).map((place) => [...partial, place])),
      [[]],
    ),
  )
  return distinct(keys)
}

function aggregated(plan: Plan & { kind: 'aggregate' }): readonly Key[] {
  const keys = plan.keys.map((_, i) => i)
  if (!plan.window) return [keys]
  const first = plan.keys.length + plan.calls.length
  return plan.window.properties.flatMap((property, i) => (property === 'proctime' ? [] : [[...keys, first + i]]))
}

function joined(plan: Plan & { kind: 'join' }): readonly Key[] {
  const { strategy, type } = plan
  if (type === 'semi' || type === 'anti')
    return upsertKeys(plan.left).filter((key) =>
      contains(
        key,
        plan.keys.map(({ left }) => left),
      ),
    )
  if (strategy.kind === 'temporal' || strategy.kind === 'lookup') return upsertKeys(plan.left)
  const width = plan.left.schema.length
  const leftJoin = plan.keys.map(({ left }) => left)
  const rightJoin = plan.keys.map(({ right }) => right)
  const allLeft = upsertKeys(plan.left)
  const allRight = upsertKeys(plan.right)
  // Changes of one row stay in order only if it always goes to the same place: the key must hold the join's columns.
  const left = allLeft.filter((key) => contains(key, leftJoin))
  const right = allRight.filter((key) => contains(key, rightJoin)).map((key) => key.map((column) => width + column))
  const made: Key[] = left.flatMap((a) => right.map((b) => [...a, ...b]))
  const leftUnique = allLeft.some((key) => contains(leftJoin, key))
  const rightUnique = allRight.some((key) => contains(rightJoin, key))
  if (rightUnique && type !== 'right' && type !== 'full') made.push(...left)
  if (leftUnique && type !== 'left' && type !== 'full') made.push(...right)
  return distinct(made)
}

export function contains(all: Key, some: Key): boolean {
  return some.every((column) => all.includes(column))
}

export function sameKey(a: Key, b: Key): boolean {
  return contains(a, b) && contains(b, a)
}

function distinct(keys: readonly Key[]): readonly Key[] {
  return keys.filter((key, i) => keys.findIndex((other) => sameKey(key, other)) === i)
}
