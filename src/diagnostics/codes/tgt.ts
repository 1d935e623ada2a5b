// TGT: what a target cannot run.
import type { CodeEntry } from './code-entry.ts'

export const targetCodes = {
  TGT001: {
    title: 'the local engine does not run this yet',
    explanation:
      'The statement is right and runs on Flink, but the engine of this machine has no operator for a part of it. It refuses instead of answering differently.',
  },
  TGT002: {
    title: 'Sluice cannot plan this statement yet',
    explanation:
      'The statement passes every check that Flink makes, but Sluice has no plan for a part of it, so no target of Sluice can run it.',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
