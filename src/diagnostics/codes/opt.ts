// OPT: pipeline files, options and settings.
import type { CodeEntry } from './code-entry.ts'

export const optionCodes = {} as const satisfies Readonly<Record<string, CodeEntry>>
