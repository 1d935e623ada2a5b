// What is wrong with something a user wrote: a value, never thrown. Rendering is in render.ts, the codes in codes.ts.
import type { DiagnosticCode } from './codes.ts'

/** Half-open range of UTF-16 offsets into one text; line and column are computed only when shown. */
export type Span = { readonly start: number; readonly end: number }

export type Severity = 'error' | 'warning' | 'info'

/** A replacement a tool may apply: `text` takes the place of `span`. */
export type Edit = { readonly span: Span; readonly text: string }

/** Flink's own position for the same mistake: 1-based, columns in UTF-16 units, end inclusive. Conformance compares it. */
export type FlinkPosition = {
  readonly line: number
  readonly column: number
  readonly endLine?: number
  readonly endColumn?: number
}

export type Diagnostic = {
  readonly code: DiagnosticCode
  readonly severity: Severity
  /** One line, lower case, present tense, no final period; names in backticks with the kind of thing before them. */
  readonly message: string
  /** Which text `span` points into (a path as the user gave it); absent: the only text there is. */
  readonly file?: string
  /** The smallest range that is wrong. */
  readonly span: Span
  /** At most five things that could have stood here. */
  readonly expected?: readonly string[]
  /** A full sentence that can be acted on. */
  readonly hint?: string
  readonly related?: readonly { readonly message: string; readonly span: Span; readonly file?: string }[]
  readonly edit?: Edit
  /** `null` where Flink names no position. */
  readonly flinkPosition?: FlinkPosition | null
  /** The stage at which Flink refuses the same text. */
  readonly flinkStage?: 'parse' | 'validate' | 'plan' | 'codegen'
}

/** A result and what was found on the way; `value` is undefined when an error makes it meaningless. */
export type Checked<T> = { readonly value: T | undefined; readonly diagnostics: readonly Diagnostic[] }

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error')
}
