// Paths of SQL/JSON as Flink takes them (`lax $.a.b[0]`): members, elements, wildcards, deep scan. Filters and functions are refused.
import { JobError } from '../diagnostics/job-error.ts'
import type { Json } from './json-text.ts'

export type PathStep =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'element'; readonly index: number }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'deep'; readonly name: string | undefined }

export type JsonPath = {
  readonly mode: 'lax' | 'strict'
  readonly steps: readonly PathStep[]
  /** Finds at most one value. */
  readonly definite: boolean
}

export function parsePath(text: string): JsonPath {
  const match = /^\s*(?:(lax|strict)\s+)?([\s\S]*?)\s*$/i.exec(text)!
  const mode = match[1]?.toLowerCase() === 'lax' ? 'lax' : 'strict'
  const steps = readSteps(match[2]!, text)
  return { mode, steps, definite: steps.every(({ kind }) => kind === 'member' || kind === 'element') }
}

const stepPattern =
  /\.\.(?:(\*)|([\p{L}\p{N}_$-]+))|\.(?:(\*)|([\p{L}\p{N}_$-]+))|\[\s*(?:(\*)|(-?\d+)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*\]/uy

function readSteps(path: string, whole: string): readonly PathStep[] {
  if (!path.startsWith('$')) throw refused(whole)
  const steps: PathStep[] = []
  stepPattern.lastIndex = 1
  while (stepPattern.lastIndex < path.length) {
    const match = stepPattern.exec(path)
    if (!match) throw refused(whole)
    const [, deepAll, deepName, anyMember, member, anyElement, index, single, double] = match
    if (deepAll ?? deepName) steps.push({ kind: 'deep', name: deepName })
    else if (anyMember ?? anyElement) steps.push({ kind: 'wildcard' })
    else if (index !== undefined) steps.push({ kind: 'element', index: Number(index) })
    else steps.push({ kind: 'member', name: member ?? (single ?? double)!.replace(/\\(.)/g, '$1') })
  }
  return steps
}

function refused(path: string): JobError {
  return new JobError('RUN303', `JSON path \`${path}\` is malformed or uses what Sluice cannot run`, {
    origin: 'user',
    retry: 'never',
    hint: 'Use members (.name), elements ([0]), * and .. only.',
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
      if (value.kind !== 'array') return []
      const item = value.items.at(step.index)
      return item ? [item] : []
    }
    case 'wildcard':
      return childrenOf(value)
    case 'deep':
      return deep(value, step.name)
  }
}

function childrenOf(value: Json): readonly Json[] {
  return value.kind === 'array' ? value.items : value.kind === 'object' ? [...value.fields.values()] : []
}

function deep(value: Json, name: string | undefined): readonly Json[] {
  const own = name === undefined ? childrenOf(value) : take(value, { kind: 'member', name })
  return [...own, ...childrenOf(value).flatMap((child) => deep(child, name))]
}
