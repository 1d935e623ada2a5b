// Config and mode of a subject: what it sets itself, then its context, then the global setting, then the default.

import { type Config, GLOBAL_SCOPE, type Store } from './store.ts'
import { contextOf, DEFAULT_CONTEXT } from './subject-name.ts'

export const levels = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const
export type Level = (typeof levels)[number]

export const modes = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT', 'FORWARD'] as const
export type Mode = (typeof modes)[number]

export const DEFAULT_LEVEL: Level = 'BACKWARD'
const DEFAULT_MODE: Mode = 'READWRITE'

/** `:.name:`, the scope that holds for all subjects of a context. The default context's is the global one. */
function contextScope(subject: string): string {
  const context = contextOf(subject)
  return context === DEFAULT_CONTEXT ? GLOBAL_SCOPE : `:${context}:`
}

function scopesOf(subject: string): readonly string[] {
  return [...new Set([subject, contextScope(subject), GLOBAL_SCOPE])]
}

/** The members that hold for a subject, each from the nearest scope that sets it. */
export function effectiveConfig(store: Store, subject: string): Config {
  const inherited = [...scopesOf(subject)].reverse().map((scope) => store.config(scope) ?? {})
  return Object.assign({ compatibility: DEFAULT_LEVEL }, ...inherited)
}

export function effectiveLevel(store: Store, subject: string): Level {
  return effectiveConfig(store, subject).compatibility as Level
}

export function effectiveMode(store: Store, subject: string): Mode {
  // A global READONLY_OVERRIDE beats everything below it.
  if (store.mode(GLOBAL_SCOPE) === 'READONLY_OVERRIDE') return 'READONLY_OVERRIDE'
  const set = scopesOf(subject).map((scope) => store.mode(scope))
  return (set.find((mode) => mode !== undefined) ?? DEFAULT_MODE) as Mode
}
