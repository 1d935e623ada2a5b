// Members of a YAML map by key, for trees whose shape was checked before: undefined is a key that is not there.
import type { YamlMap, YamlNode, YamlScalar } from './yaml-tree.ts'

export function childOf(node: YamlMap | undefined, key: string): YamlNode | undefined {
  return node?.entries.find((entry) => entry.key === key)?.value
}

export function mapOf(node: YamlMap | undefined, key: string): YamlMap | undefined {
  const child = childOf(node, key)
  return child?.kind === 'map' ? child : undefined
}

function scalarOf(node: YamlMap | undefined, key: string): YamlScalar['value'] | undefined {
  const child = childOf(node, key)
  return child?.kind === 'scalar' ? child.value : undefined
}

export function textOf(node: YamlMap | undefined, key: string): string | undefined {
  const value = scalarOf(node, key)
  return typeof value === 'string' ? value : undefined
}

export function numberOf(node: YamlMap | undefined, key: string): number | undefined {
  const value = scalarOf(node, key)
  return typeof value === 'number' ? value : undefined
}

export function textsOf(node: YamlNode | undefined): readonly string[] {
  if (node?.kind !== 'list') return []
  return node.items.flatMap((item) => (item.kind === 'scalar' ? [String(item.value)] : []))
}

export function entriesOf(node: YamlMap | undefined, key: string): readonly (readonly [string, YamlMap])[] {
  const entries = mapOf(node, key)?.entries ?? []
  return entries.flatMap(({ key: name, value }) => (value.kind === 'map' ? [[name, value] as const] : []))
}

export function entriesOfTexts(node: YamlMap | undefined, key: string): readonly (readonly [string, string])[] {
  const entries = mapOf(node, key)?.entries ?? []
  return entries.flatMap(({ key: name, value }) =>
    value.kind === 'scalar' ? [[name, String(value.value)] as const] : [],
  )
}
