// For validator/ and planner/: collects what is wrong, in the order in which Flink would find it. Words and hints are made where the mistake is seen.
import type { DiagnosticCode } from '../diagnostics/codes.ts'
import type { Diagnostic, Edit, FlinkPosition, Severity, Span } from '../diagnostics/diagnostic.ts'
import { positionAt } from '../diagnostics/render.ts'

export type Stage = 'validate' | 'plan' | 'codegen'

export type FindingDetails = {
  readonly hint?: string | undefined
  readonly expected?: readonly string[]
  readonly related?: Diagnostic['related']
  readonly edit?: Edit
  /** Where Flink refuses the same; default `validate`. */
  readonly stage?: Stage
  /** What Flink points at, where that is not `span`; null: Flink gives no position. */
  readonly flinkSpan?: Span | null
  readonly severity?: Severity
}

const stageOrder: Readonly<Record<string, number>> = { parse: 0, validate: 1, plan: 2, codegen: 3 }

export class Findings {
  private readonly found: Diagnostic[] = []
  private readonly text: string
  private readonly file: string | undefined

  constructor(text: string, file?: string) {
    this.text = text
    this.file = file
  }

  error(code: DiagnosticCode, span: Span, message: string, details: FindingDetails = {}): undefined {
    const { hint, expected, related, edit, stage = 'validate', flinkSpan, severity = 'error' } = details
    // Only Flink's validator knows positions; its optimizer and code generator work on trees without them.
    const pointed = flinkSpan === undefined ? (stage === 'validate' ? span : null) : flinkSpan
    this.found.push({
      code,
      severity,
      message,
      span,
      ...(this.file !== undefined && { file: this.file }),
      ...(hint !== undefined && { hint }),
      ...(expected !== undefined && { expected }),
      ...(related !== undefined && { related }),
      ...(edit !== undefined && { edit }),
      flinkPosition: pointed && flinkPosition(this.text, pointed),
      flinkStage: stage,
    })
    return undefined
  }

  /** Something Flink accepts, but that the user should know. */
  warn(code: DiagnosticCode, span: Span, message: string, hint?: string, severity: Severity = 'warning'): void {
    this.found.push({
      code,
      severity,
      message,
      span,
      ...(this.file !== undefined && { file: this.file }),
      ...(hint !== undefined && { hint }),
    })
  }

  /** An error of Sluice's own judgement: Flink would take it. */
  refuse(code: DiagnosticCode, span: Span, message: string, hint?: string, edit?: Edit): void {
    this.found.push({
      code,
      severity: 'error',
      message,
      span,
      ...(this.file !== undefined && { file: this.file }),
      ...(hint !== undefined && { hint }),
      ...(edit !== undefined && { edit }),
    })
  }

  /** What another stage found. */
  add(diagnostics: readonly Diagnostic[]): void {
    this.found.push(...diagnostics)
  }

  /** A position to come back to: what was found since is in `since(mark)`. */
  mark(): number {
    return this.found.length
  }

  failedSince(mark: number): boolean {
    return this.found.slice(mark).some(({ severity }) => severity === 'error')
  }

  /** Flink judges a statement stage by stage: its first error is that of the earliest stage. */
  sortByStage(mark: number): void {
    const tail = this.found.splice(mark)
    const rank = (diagnostic: Diagnostic) => stageOrder[diagnostic.flinkStage ?? ''] ?? 4
    this.found.push(...tail.sort((a, b) => rank(a) - rank(b)))
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.found
  }
}

function flinkPosition(text: string, span: Span): FlinkPosition {
  const from = positionAt(text, span.start)
  const to = positionAt(text, Math.max(span.start, span.end - 1))
  return { line: from.line, column: from.column, endLine: to.line, endColumn: to.column }
}
