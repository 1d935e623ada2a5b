// TYP: types that do not fit.
import type { CodeEntry } from '../codes.ts'

export const typeCodes = {} as const satisfies Readonly<Record<string, CodeEntry>>
