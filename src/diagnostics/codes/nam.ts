// NAM: names that do not exist or are ambiguous.
import type { CodeEntry } from './code-entry.ts'

export const nameCodes = {} as const satisfies Readonly<Record<string, CodeEntry>>
