// Every diagnostic code, one row each, by stage. A code is never reused; docs/reference/diagnostics.md is generated from here.
import { avroCodes } from './codes/avr.ts'
import type { CodeEntry } from './codes/code-entry.ts'
import { nameCodes } from './codes/nam.ts'
import { optionCodes } from './codes/opt.ts'
import { runCodes } from './codes/run.ts'
import { streamingCodes } from './codes/str.ts'
import { syntaxCodes } from './codes/syn.ts'
import { targetCodes } from './codes/tgt.ts'
import { typeCodes } from './codes/typ.ts'

export const diagnosticCodes = {
  ...syntaxCodes,
  ...nameCodes,
  ...typeCodes,
  ...streamingCodes,
  ...optionCodes,
  ...avroCodes,
  ...targetCodes,
  ...runCodes,
} as const satisfies Readonly<Record<string, CodeEntry>>

export type DiagnosticCode = keyof typeof diagnosticCodes
