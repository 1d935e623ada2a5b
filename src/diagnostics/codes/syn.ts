// SYN: SQL that does not parse.
import type { CodeEntry } from './code-entry.ts'

export const syntaxCodes = {} as const satisfies Readonly<Record<string, CodeEntry>>
