// What the parser says to a text, the canonical Flink SQL it stands for, and the formatter's layout. Whatever parses is printed and read again.
import { expect } from 'vitest'
import { renderDiagnostic } from '../../src/diagnostics/render.ts'
import type { TableReference } from '../../src/sql/ast.ts'
import { desugarStatement } from '../../src/sql/desugar.ts'
import { formatSql } from '../../src/sql/format.ts'
import { parseStatements } from '../../src/sql/parser.ts'
import { printStatement } from '../../src/sql/print-statement.ts'
import { roundTrip } from '../conformance/parse.ts'
import { goldenTests } from './golden-file.ts'

/** The table `transactions` has an event-time column. */
function timeColumnOf(from: TableReference): readonly string[] | undefined {
  return from.kind === 'table' && from.name.parts[0]?.name === 'transactions' ? ['event_time'] : undefined
}

function canonical(text: string): string {
  const { value, diagnostics } = parseStatements(text, { sugar: true })
  if (value === undefined) return diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, text)).join('\n')
  expect(roundTrip(value)).toBe('the same tree')
  const desugared = value.map((statement) => desugarStatement(statement, timeColumnOf))
  const refused = desugared.flatMap((one) => one.diagnostics)
  if (refused.length > 0) return refused.map((diagnostic) => renderDiagnostic(diagnostic, text)).join('\n')
  return desugared.map((one) => printStatement(one.value!)).join(';\n')
}

function formatted(text: string): string {
  const { value } = formatSql(text, { sugar: true })
  expect(formatSql(value!, { sugar: true }).value).toBe(value)
  return value!.trimEnd()
}

goldenTests('parse', canonical)
goldenTests('format', formatted)
