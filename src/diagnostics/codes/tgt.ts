// TGT: what a target cannot run.
import type { CodeEntry } from './code-entry.ts'

export const targetCodes = {} as const satisfies Readonly<Record<string, CodeEntry>>
