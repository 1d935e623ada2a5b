// RUN: failures while a job runs.
import type { CodeEntry } from './code-entry.ts'

export const runCodes = {
  RUN201: {
    title: 'the embedded broker finds damaged data',
    explanation:
      'A file in the data folder was changed or lost after it was written. What a crash leaves unfinished is repaired at start; this is not that, so nothing is guessed.',
  },
  RUN202: {
    title: 'the data folder cannot be used',
    explanation: 'The embedded broker keeps its topics in a folder that it must be able to write to.',
  },
  RUN203: {
    title: 'the broker cannot listen on its port',
    explanation: 'Another program has the port, or the address does not belong to this machine.',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
