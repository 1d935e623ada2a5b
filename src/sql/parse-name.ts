// Names and lists of names.
import type { Identifier, Name, Star } from './ast.ts'
import { isNameKind, type Parser } from './parser-state.ts'

/** `a.b.c`, or `a.b.*`. A dot is taken only when a name or a star follows. */
export function parseCompoundIdentifier(p: Parser): Identifier | Star {
  const first = p.name()
  const parts: Name[] = [first]
  while (p.at('.') && isNameKind(p.peekAt(1))) {
    p.advance()
    parts.push(p.name())
  }
  const qualifier: Identifier = { kind: 'identifier', parts, span: p.spanFrom(first.span.start) }
  if (!p.atBoth('.', '*')) return qualifier
  p.advance()
  p.advance()
  return { kind: 'star', qualifier, span: p.spanFrom(first.span.start) }
}

/** `a.b.c` where no star may stand. */
export function parseTableName(p: Parser): Identifier {
  const first = p.name()
  const parts: Name[] = [first]
  while (p.at('.') && isNameKind(p.peekAt(1))) {
    p.advance()
    parts.push(p.name())
  }
  return { kind: 'identifier', parts, span: p.spanFrom(first.span.start) }
}

/** A compound name of a table, column or function in a statement: `t.*` parses for Flink, and no such thing exists. */
export function parseObjectName(p: Parser): Identifier {
  const name = parseCompoundIdentifier(p)
  if (name.kind === 'identifier') return name
  const star: Name = { kind: 'name', name: '', quoted: false, span: p.lastSpan() }
  return { kind: 'identifier', parts: [...name.qualifier!.parts, star], span: name.span }
}

/** `(a, b)`. */
export function parseNameList(p: Parser): readonly Name[] {
  p.expect('(')
  const list = [p.name()]
  while (p.accept(',')) list.push(p.name())
  p.expect(')')
  return list
}

/** `a` or `(a, b)`. */
export function parseNameOrList(p: Parser): readonly Name[] {
  if (p.at('(')) return parseNameList(p)
  return [p.name()]
}
