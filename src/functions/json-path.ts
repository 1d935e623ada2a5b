// Paths of SQL/JSON as Flink takes them (`lax $.a.b[0]`): members, elements, slices, wildcards, deep scan, simple filters. Functions and
// combined filters are refused by name.
import { JobError } from '../diagnostics/job-error.ts'
import type { Json } from './json-text.ts'

export type PathStep =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'element'; readonly index: number }
  | { readonly kind: 'members'; readonly names: readonly string[] }
  | { readonly kind: 'elements'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'deep'; readonly name: string | undefined }
  | {
      readonly kind: 'filter'
      readonly steps: readonly PathStep[]
      readonly operator?: string
      readonly operand?: Json
    }

export type JsonPath = {
  readonly mode: 'lax' | 'strict'
  /** `undefined`: malformed, which is an error when the path is used. */
  readonly steps: readonly PathStep[] | undefined
  /** Finds at most one value. */
  readonly definite: boolean
}

export function isDefinite({ kind }: PathStep): boolean {
  return kind === 'member' || kind === 'element'
}

export function parsePath(text: string): JsonPath {
  const match = /^\s*(?:(lax|strict)\s+)?([\s\S]*?)\s*$/i.exec(text)!
  const mode = match[1]?.toLowerCase() === 'lax' ? 'lax' : 'strict'
  const path = match[2]!
  if (path === '') return { mode, steps: undefined, definite: true }
  // A path without its root begins at it.
  const steps = readSteps(path.startsWith('$') ? path.slice(1) : `.${path}`, text)
  return { mode, steps, definite: steps.every(isDefinite) }
}

const stepPattern =
  /\.\.(?:(\*)|([^\s.[\]*()]+))|\.(?:(\*)|([^.[\]*()]+))|\[\s*(?:(\*)|(-?\d*):(-?\d*)|(-?\d+(?:\s*,\s*-?\d+)*)|((?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?:\s*,\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))*)|\?\(\s*@([^=!<>()&|\s]*)\s*(?:(==|!=|<=|>=|<|>)\s*([^()&|]+?)\s*)?\))\s*\]/uy

function readSteps(path: string, whole: string): readonly PathStep[] {
  const steps: PathStep[] = []
  stepPattern.lastIndex = 0
  while (stepPattern.lastIndex < path.length) {
    const at = stepPattern.lastIndex
    const match = stepPattern.exec(path)
    if (!match) throw refused(whole)
    const next = stepPattern.lastIndex
    steps.push(stepOf(match, whole))
    // Reading a filter's inner path used the same pattern.
    stepPattern.lastIndex = next > at ? next : path.length
  }
  return steps
}

function stepOf(match: RegExpExecArray, whole: string): PathStep {
  const [, deepAll, deepName, anyMember, member, anyElement, from, to, indexes, names, inner, operator, operand] = match
  if (deepAll ?? deepName) return { kind: 'deep', name: deepName }
  if (anyMember ?? anyElement) return { kind: 'wildcard' }
  if (member !== undefined) return { kind: 'member', name: member }
  if (from !== undefined) return { kind: 'slice', from: bound(from), to: bound(to!) }
  if (indexes !== undefined) {
    const list = indexes.split(',').map(Number)
    return list.length === 1 ? { kind: 'element', index: list[0]! } : { kind: 'elements', indexes: list }
  }
  if (names !== undefined) {
    const list = [...names.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)].map((m) =>
      (m[1] ?? m[2]!).replace(/\\(.)/g, '$1'),
    )
    return list.length === 1 ? { kind: 'member', name: list[0]! } : { kind: 'members', names: list }
  }
  const steps = readSteps(inner!, whole)
  return operator === undefined
    ? { kind: 'filter', steps }
    : { kind: 'filter', steps, operator, operand: literal(operand!, whole) }
}

function bound(text: string): number | undefined {
  return text === '' ? undefined : Number(text)
}

function literal(text: string, whole: string): Json {
  if (/^-?\d+(\.\d+)?$/.test(text)) return { kind: 'number', text }
  if (text === 'true' || text === 'false') return { kind: 'boolean', value: text === 'true' }
  if (text === 'null') return { kind: 'null' }
  const quoted = /^'(.*)'$|^"(.*)"$/.exec(text)
  if (!quoted) throw refused(whole)
  return { kind: 'string', value: quoted[1] ?? quoted[2]! }
}

function refused(path: string): JobError {
  return new JobError('RUN303', `JSON path \`${path}\` is malformed or uses what Sluice cannot run`, {
    origin: 'user',
    retry: 'never',
    hint: 'Use members (.name), elements ([0]), slices ([0:2]), *, .. and comparisons in filters.',
  })
}

/** All that the path finds, in document order. */
export function findAll(json: Json, steps: readonly PathStep[]): readonly Json[] {
  let found: readonly Json[] = [json]
  for (const step of steps) found = found.flatMap((value) => take(value, step))
  return found
}

function take(value: Json, step: PathStep): readonly Json[] {
  switch (step.kind) {
    case 'member': {
      const field = value.kind === 'object' ? value.fields.get(step.name) : undefined
      return field ? [field] : []
    }
    case 'element': {
      const item = value.kind === 'array' ? value.items.at(step.index) : undefined
      return item ? [item] : []
    }
    case 'members':
      return step.names.flatMap((name) => take(value, { kind: 'member', name }))
    case 'elements':
      return step.indexes.flatMap((index) => take(value, { kind: 'element', index }))
    case 'slice':
      return value.kind === 'array' ? value.items.slice(step.from ?? 0, step.to) : []
    case 'wildcard':
      return childrenOf(value)
    case 'deep':
      return deep(value, step.name)
    case 'filter':
      return (value.kind === 'array' ? value.items : [value]).filter((item) => passes(item, step))
  }
}

function passes(item: Json, { steps, operator, operand }: PathStep & { kind: 'filter' }): boolean {
  const [left] = findAll(item, steps)
  if (operator === undefined || left === undefined) return left !== undefined && operator === undefined
  const right = operand!
  const equal =
    left.kind === 'number' && right.kind === 'number' ? Number(left.text) === Number(right.text) : same(left, right)
  if (operator === '==' || operator === '!=') return equal === (operator === '==')
  if (left.kind === 'number' && right.kind === 'number') return ordered(Number(left.text), Number(right.text), operator)
  return left.kind === 'string' && right.kind === 'string' && ordered(left.value, right.value, operator)
}

function same(a: Json, b: Json): boolean {
  if (a.kind === 'string' && b.kind === 'string') return a.value === b.value
  if (a.kind === 'boolean' && b.kind === 'boolean') return a.value === b.value
  return a.kind === 'null' && b.kind === 'null'
}

function ordered<T extends number | string>(a: T, b: T, operator: string): boolean {
  switch (operator) {
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    default:
      return a >= b
  }
}

function childrenOf(value: Json): readonly Json[] {
  return value.kind === 'array' ? value.items : value.kind === 'object' ? [...value.fields.values()] : []
}

function deep(value: Json, name: string | undefined): readonly Json[] {
  const own = name === undefined ? childrenOf(value) : take(value, { kind: 'member', name })
  return [...own, ...childrenOf(value).flatMap((child) => deep(child, name))]
}
