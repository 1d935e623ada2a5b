// A diagnostic as text for terminals: its line with carets below, the hint. Other forms (JSON, SARIF) are made where they are sent.
import type { Diagnostic, Span } from './diagnostic.ts'

/** 1-based; columns count UTF-16 units, a tab is one. */
export type Position = { readonly line: number; readonly column: number }

export function positionAt(text: string, offset: number): Position {
  let line = 1
  let lineStart = 0
  for (let at = 0; at < offset && at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) {
      line++
      lineStart = at + 1
    }
  }
  return { line, column: offset - lineStart + 1 }
}

/**
 * `text` is what the diagnostic's span points into, `file` its name when there are several.
 *
 *     error STR003: window `TUMBLE` needs a time attribute, but column `ts` is TIMESTAMP(3)
 *       4 |   TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' HOUR)
 *         |                                   ^^
 *     hint: Declare WATERMARK FOR ts AS ts - INTERVAL '5' SECOND.
 */
export function renderDiagnostic(diagnostic: Diagnostic, text: string, file?: string): string {
  const { line, column } = positionAt(text, diagnostic.span.start)
  const place = file === undefined ? '' : `${file}:${line}:${column}: `
  const lines = [`${place}${diagnostic.severity} ${diagnostic.code}: ${diagnostic.message}${expectedPart(diagnostic)}`]
  lines.push(...renderSpan(text, diagnostic.span))
  for (const related of diagnostic.related ?? []) {
    lines.push(`  ${related.message}:`)
    if (related.file === undefined || related.file === diagnostic.file) lines.push(...renderSpan(text, related.span))
  }
  if (diagnostic.hint !== undefined) lines.push(`hint: ${diagnostic.hint}`)
  return lines.join('\n')
}

function expectedPart({ expected }: Diagnostic): string {
  if (expected === undefined || expected.length === 0) return ''
  if (expected.length === 1) return `, expected ${expected[0]}`
  return `, expected ${expected.slice(0, -1).join(', ')} or ${expected[expected.length - 1]}`
}

/** Lines of generated or minified text are cut around the span. */
const MAXIMUM_WIDTH = 160

function renderSpan(text: string, span: Span): string[] {
  const { line, column } = positionAt(text, span.start)
  const lineStart = span.start - column + 1
  const whole = text.slice(lineStart, endOfLine(text, lineStart))
  const from = column - 1 > MAXIMUM_WIDTH - 40 ? column - 41 : 0
  const shown = whole.slice(from, from + MAXIMUM_WIDTH)
  const gutter = String(line)
  const before = shown.slice(0, column - 1 - from).replaceAll(/[^\t]/gu, ' ')
  const length = Math.max(
    1,
    Math.min(span.end - span.start, whole.length - column + 1, from + MAXIMUM_WIDTH - column + 1),
  )
  return [`  ${gutter} | ${shown}`, `  ${' '.repeat(gutter.length)} | ${before}${'^'.repeat(length)}`]
}

function endOfLine(text: string, start: number): number {
  let end = start
  while (end < text.length && text[end] !== '\n' && text[end] !== '\r') end++
  return end
}
