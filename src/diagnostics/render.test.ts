import { expect, test } from 'vitest'
import type { Diagnostic } from './diagnostic.ts'
import { positionAt, renderDiagnostic } from './render.ts'

const base = { code: 'SYN001', severity: 'error', message: 'unexpected `x`' } as const

test('lines end with \\n, \\r\\n or \\r, and columns count UTF-16 units', () => {
  expect(positionAt('a\nb\r\nc\rd', 7)).toEqual({ line: 4, column: 1 })
  expect(positionAt('a\r\nbc', 4)).toEqual({ line: 2, column: 2 })
  expect(positionAt('😀x', 2)).toEqual({ line: 1, column: 3 })
  expect(positionAt('', 0)).toEqual({ line: 1, column: 1 })
})

test('the line is shown with carets below, tabs kept, then the hint', () => {
  const diagnostic: Diagnostic = {
    ...base,
    span: { start: 10, end: 11 },
    expected: ['a name', '`(`'],
    hint: 'Remove it.',
  }
  expect(renderDiagnostic(diagnostic, 'SELECT a\n\tx FROM t')).toBe(
    ['error SYN001: unexpected `x`, expected a name or `(`', '  2 | \tx FROM t', '    | \t^', 'hint: Remove it.'].join(
      '\n',
    ),
  )
})

test('a span over several lines is marked on its first', () => {
  const text = 'SELECT (a\n+ b) FROM t'
  expect(renderDiagnostic({ ...base, span: { start: 7, end: 14 } }, text)).toContain('  1 | SELECT (a\n    |        ^^')
})

test('a file is named with line and column', () => {
  expect(renderDiagnostic({ ...base, span: { start: 2, end: 3 } }, 'a\nx', 'q.sql')).toMatch(
    /^q\.sql:2:1: error SYN001: /,
  )
})

test('of a very long line the part around the mistake is shown', () => {
  const rendered = renderDiagnostic(
    { ...base, span: { start: 5000, end: 5001 } },
    `${'a'.repeat(5000)}x${'b'.repeat(5000)}`,
  )
  const [, line, carets] = rendered.split('\n')
  expect(line!.length).toBeLessThan(200)
  expect(line![carets!.indexOf('^')]).toBe('x')
})
