// STR: queries that cannot run as a stream.
import type { CodeEntry } from './code-entry.ts'

export const streamingCodes = {} as const satisfies Readonly<Record<string, CodeEntry>>
