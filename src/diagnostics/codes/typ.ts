// TYP: types that do not fit.
import type { CodeEntry } from './code-entry.ts'

export const typeCodes = {} as const satisfies Readonly<Record<string, CodeEntry>>
