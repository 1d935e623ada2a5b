// Hints: /*+ NAME(...), NAME('key' = 'value') */.
import type { Hint, HintOption } from './ast.ts'
import { stringLiterals, unsignedNumbers } from './first-sets.ts'
import { parseNumericLiteral, parseStringLiteral } from './parse-literal.ts'
import { isNameKind, type Parser } from './parser-state.ts'

export function parseHints(p: Parser): readonly Hint[] {
  p.expect('/*+')
  const hints = [parseHint(p)]
  while (p.accept(',')) hints.push(parseHint(p))
  p.expect('*/')
  return hints
}

function parseHint(p: Parser): Hint {
  const name = p.name()
  const options = hasOptions(p) ? parseOptions(p) : []
  if (options.length === 0 && p.accept('(')) p.expect(')')
  return { kind: 'hint', name, options, span: p.spanFrom(name.span.start) }
}

/** Flink looks up to five tokens far for options, and wants empty parentheses where none fit. */
function hasOptions(p: Parser): boolean {
  if (!p.at('(')) return false
  const kind = p.peekAt(1)
  const next = p.peekAt(2)
  if (stringLiterals.has(kind) || isNameKind(kind)) {
    const last = p.peekAt(4)
    if (next === '=') return stringLiterals.has(p.peekAt(3)) && (last === ',' || last === ')' || last === 'string')
    return next === ',' || next === ')'
  }
  return unsignedNumbers.has(kind) || kind === '+' || kind === '-'
}

function parseOptions(p: Parser): readonly HintOption[] {
  const first = p.peekAt(1)
  const keyed = p.peekAt(2) === '='
  p.expect('(')
  const options: HintOption[] = []
  do options.push(keyed ? parseKeyed(p) : isNameKind(first) ? parseNameOption(p) : parseValueOption(p))
  while (p.accept(','))
  p.expect(')')
  return options
}

function parseKeyed(p: Parser): HintOption {
  const start = p.start()
  const quoted = stringLiterals.has(p.peek())
  const text = quoted ? stringValue(p) : p.name().name
  p.expect('=')
  const value = { text: stringValue(p), type: 'string' } as const
  return { kind: 'hintOption', key: { text, quoted }, value, span: p.spanFrom(start) }
}

function stringValue(p: Parser): string {
  const literal = parseStringLiteral(p)
  return literal.kind === 'string' ? literal.value : p.text.slice(literal.span.start, literal.span.end)
}

function parseNameOption(p: Parser): HintOption {
  const name = p.name()
  return { kind: 'hintOption', value: { text: name.name, type: 'name' }, span: name.span }
}

function parseValueOption(p: Parser): HintOption {
  const start = p.start()
  if (stringLiterals.has(p.peek())) {
    return { kind: 'hintOption', value: { text: stringValue(p), type: 'string' }, span: p.spanFrom(start) }
  }
  const { text } = parseNumericLiteral(p)
  return { kind: 'hintOption', value: { text, type: 'number' }, span: p.spanFrom(start) }
}
