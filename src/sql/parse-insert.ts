// INSERT, UPDATE, DELETE, MERGE.

import type { Identifier, Name } from './ast.ts'
import type { Assignment, Delete, Insert, Merge, PartitionValue, Update } from './ast-statements.ts'
import { startsExpression } from './lookahead.ts'
import { parseHints } from './parse-hint.ts'
import { parseLiteral } from './parse-literal.ts'
import { parseObjectName, parseTableName } from './parse-name.ts'
import { parseOrderedQuery } from './parse-query.ts'
import { parseExtension, parseTableReference } from './parse-table-reference.ts'
import { isNameKind, type Parser } from './parser-state.ts'

export function parseInsert(p: Parser): Insert {
  const start = p.start()
  const word = p.expectOneOf('INSERT', 'UPSERT')
  const overwrite = p.expectOneOf('INTO', 'OVERWRITE') === 'OVERWRITE'
  if (overwrite && word === 'UPSERT') p.refuse('SYN012', p.lastSpan(), 'OVERWRITE may follow only INSERT')
  const table = parseTableName(p)
  const hints = p.at('/*+') ? parseHints(p) : []
  const extend = startsExtension(p) ? parseExtension(p) : undefined
  const partition = p.accept('PARTITION') ? parsePartitionValues(p) : undefined
  const columns = p.at('(') && isNameKind(p.peekAt(1)) ? parseColumnList(p) : undefined
  const query = parseOrderedQuery(p)
  const onConflict = parseOnConflict(p)
  return {
    kind: 'insert',
    mode: overwrite ? 'OVERWRITE' : word === 'UPSERT' ? 'UPSERT' : 'INTO',
    table,
    hints,
    ...(extend === undefined ? {} : { extend }),
    ...(partition === undefined ? {} : { partition }),
    ...(columns === undefined ? {} : { columns }),
    query,
    ...(onConflict === undefined ? {} : { onConflict }),
    span: p.spanFrom(start),
  }
}

/** `t EXTEND (a INT)` or `t (a INT, b INT)`: Flink looks five tokens far to tell it from a list of names. */
function startsExtension(p: Parser): boolean {
  return (p.at('EXTEND') || p.at('(')) && p.lookahead(5, () => parseExtension(p))
}

function parseColumnList(p: Parser): readonly Identifier[] {
  p.expect('(')
  const columns: Identifier[] = []
  do {
    columns.push(parseObjectName(p))
    if (p.at(',') || p.at(')')) continue
    const type = p.rules.dataType(p)
    p.refuse('SYN012', type.span, 'a column list of INSERT takes no types')
  } while (p.accept(','))
  p.expect(')')
  return columns
}

function parseOnConflict(p: Parser): Insert['onConflict'] {
  if (!p.accept('ON')) return undefined
  p.expectAll('CONFLICT', 'DO')
  return p.expectOneOf('ERROR', 'NOTHING', 'DEDUPLICATE')
}

/** (p = 'v', q = 1). */
export function parsePartitionValues(p: Parser): readonly PartitionValue[] {
  p.expect('(')
  const values: PartitionValue[] = []
  do {
    const name = p.name()
    p.expect('=')
    values.push({ kind: 'partitionValue', name, value: parseLiteral(p), span: p.spanFrom(name.span.start) })
  } while (p.accept(','))
  p.expect(')')
  return values
}

function parseTarget(p: Parser): { table: Identifier; alias?: Name } {
  const table = parseTableName(p)
  if (p.at('/*+')) parseHints(p)
  if (p.at('EXTEND') || p.at('(')) parseExtension(p)
  if (p.accept('AS') || p.atName()) return { table, alias: p.name() }
  return { table }
}

export function parseDelete(p: Parser): Delete {
  const start = p.start()
  p.expectAll('DELETE', 'FROM')
  const target = parseTarget(p)
  const where = p.accept('WHERE') ? p.rules.expression(p, 'subquery') : undefined
  return { kind: 'delete', ...target, ...(where === undefined ? {} : { where }), span: p.spanFrom(start) }
}

export function parseUpdate(p: Parser): Update {
  const start = p.start()
  p.expect('UPDATE')
  const target = parseTarget(p)
  p.expect('SET')
  const assignments = [parseAssignment(p)]
  while (p.accept(',')) assignments.push(parseAssignment(p))
  const where = p.accept('WHERE') ? p.rules.expression(p, 'subquery') : undefined
  return { kind: 'update', ...target, assignments, ...(where === undefined ? {} : { where }), span: p.spanFrom(start) }
}

function parseAssignment(p: Parser): Assignment {
  const name = p.name()
  p.expect('=')
  const value = p.rules.expression(p, 'subquery')
  const column: Identifier = { kind: 'identifier', parts: [name], span: name.span }
  return { kind: 'assignment', column, value, span: p.spanFrom(name.span.start) }
}

/** Read for its end, kept as text: Flink refuses it when it validates. */
export function parseMerge(p: Parser): Merge {
  const start = p.start()
  p.expectAll('MERGE', 'INTO')
  parseTarget(p)
  p.expect('USING')
  parseTableReference(p)
  p.expect('ON')
  p.rules.expression(p, 'subquery')
  const matched = p.at('WHEN') && p.peekAt(1) === 'MATCHED'
  if (matched) parseWhenMatched(p)
  if (!matched || p.at('WHEN')) parseWhenNotMatched(p)
  return { kind: 'merge', text: p.text.slice(start, p.end()), span: p.spanFrom(start) }
}

function parseWhenMatched(p: Parser): void {
  p.expectAll('WHEN', 'MATCHED', 'THEN', 'UPDATE', 'SET')
  do {
    parseObjectName(p)
    p.expect('=')
    p.rules.expression(p, 'subquery')
  } while (p.accept(','))
}

function parseWhenNotMatched(p: Parser): void {
  p.expectAll('WHEN', 'NOT', 'MATCHED', 'THEN', 'INSERT')
  if (p.at('(') && isNameKind(p.peekAt(1))) parseColumnList(p)
  const inside = p.accept('(')
  p.expect('VALUES')
  if (!startsExpression(p, 0)) p.fail('(')
  p.rules.expression(p, 'nonCursor')
  if (inside) p.expect(')')
}
