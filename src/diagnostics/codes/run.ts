// RUN: failures while a job runs.
import type { CodeEntry } from '../codes.ts'

export const runCodes = {} as const satisfies Readonly<Record<string, CodeEntry>>
