// AVR: Avro schemas and the output proof.
import type { CodeEntry } from './code-entry.ts'

export const avroCodes = {} as const satisfies Readonly<Record<string, CodeEntry>>
