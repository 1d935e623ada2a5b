// RUN: failures while a job runs.
import type { CodeEntry } from './code-entry.ts'

export const runCodes = {} as const satisfies Readonly<Record<string, CodeEntry>>
