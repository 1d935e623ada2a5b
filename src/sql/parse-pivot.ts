// PIVOT and UNPIVOT: read for their end, kept as text, refused when validated.
import type { TableReference } from './ast.ts'
import { parseNamedCall } from './parse-call.ts'
import { parseNameOrList } from './parse-name.ts'
import { isNameKind, type Parser } from './parser-state.ts'

export function parsePivot(p: Parser, table: TableReference): TableReference {
  const start = p.start()
  p.expectAll('PIVOT', '(')
  do {
    parseNamedCall(p)
    acceptAlias(p)
  } while (p.accept(','))
  p.expect('FOR')
  parseNameOrList(p)
  p.expectAll('IN', '(')
  if (!p.at(')')) {
    do {
      p.rules.expression(p, 'nonCursor')
      acceptAlias(p)
    } while (p.accept(','))
  }
  p.expectAll(')', ')')
  return { kind: 'pivot', table, text: p.text.slice(start, p.end()), span: p.spanFrom(table.span.start) }
}

export function parseUnpivot(p: Parser, table: TableReference): TableReference {
  const start = p.start()
  p.expect('UNPIVOT')
  if (p.acceptOneOf('INCLUDE', 'EXCLUDE') !== undefined) p.expect('NULLS')
  p.expect('(')
  parseNameOrList(p)
  p.expect('FOR')
  parseNameOrList(p)
  p.expectAll('IN', '(')
  do {
    parseNameOrList(p)
    if (p.accept('AS')) p.rules.expression(p, 'nonCursor')
  } while (p.accept(','))
  p.expectAll(')', ')')
  return { kind: 'unpivot', table, text: p.text.slice(start, p.end()), span: p.spanFrom(table.span.start) }
}

function acceptAlias(p: Parser): void {
  if (p.accept('AS') || isNameKind(p.peek())) p.name()
}
