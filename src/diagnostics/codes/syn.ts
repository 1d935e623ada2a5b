// SYN: SQL that does not parse.
import type { CodeEntry } from '../codes.ts'

export const syntaxCodes = {} as const satisfies Readonly<Record<string, CodeEntry>>
