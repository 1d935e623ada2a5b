// TGT: what a target cannot run.
import type { CodeEntry } from '../codes.ts'

export const targetCodes = {} as const satisfies Readonly<Record<string, CodeEntry>>
