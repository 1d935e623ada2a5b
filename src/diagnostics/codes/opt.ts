// OPT: pipeline files, options and settings.
import type { CodeEntry } from '../codes.ts'

export const optionCodes = {} as const satisfies Readonly<Record<string, CodeEntry>>
