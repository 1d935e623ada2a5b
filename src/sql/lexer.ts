// Text to tokens, eagerly and without copying: kinds and offsets in arrays, values cut out of the text on demand.
// It obeys the token rules of Flink 2.3's parser (Lex.JAVA: backquotes for names, `"` is no quote); comments are left out here.
import { keywords } from './keywords.ts'

/**
 * A keyword's kind is the word itself in upper case, a symbol's kind its text. The other kinds:
 * identifier, quotedIdentifier, unicodeIdentifier, integer, decimal, approximate, string, prefixedString, unicodeString,
 * escapedString, binaryString, collation, lexicalError (always the last before end), end.
 */
export type TokenKind = string

export type Tokens = {
  readonly text: string
  readonly kinds: readonly TokenKind[]
  readonly starts: readonly number[]
  readonly ends: readonly number[]
}

export const END = 'end'

const symbols = [
  ['/*+', '...'],
  ['<=', '>=', '<>', '!=', '||', '=>', '..', '*/'],
  [
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ';',
    '.',
    ',',
    '=',
    '>',
    '<',
    '?',
    ':',
    '+',
    '-',
    '*',
    '/',
    '%',
    '|',
    '^',
    '$',
    "'",
    '"',
  ],
] as const
const twoCharacterSymbols = new Map<string, string>(symbols[1].map((symbol) => [symbol, symbol]))
const oneCharacterSymbols = new Map<string, string>(symbols[2].map((symbol) => [symbol, symbol]))

const DOUBLE_QUOTE = 34
const DOLLAR = 36
const QUOTE = 39
const STAR = 42
const PLUS = 43
const MINUS = 45
const DOT = 46
const SLASH = 47
const BACKSLASH = 92
const BACKQUOTE = 96
const BRACE = 123

/** Letters of names: these ranges, `$`, `_`, and ASCII letters. */
const letterRanges = [
  0xc0, 0xd6, 0xd8, 0xf6, 0xf8, 0x1fff, 0x3040, 0x318f, 0x3300, 0x3d2d, 0x4e00, 0x9fff, 0xf900, 0xfaff,
]
const digitRanges = [
  0x660, 0x669, 0x6f0, 0x6f9, 0x966, 0x96f, 0x9e6, 0x9ef, 0xa66, 0xa6f, 0xae6, 0xaef, 0xb66, 0xb6f, 0xbe7, 0xbef, 0xc66,
  0xc6f, 0xce6, 0xcef, 0xd66, 0xd6f, 0xe50, 0xe59, 0xed0, 0xed9, 0x1040, 0x1049,
]

function inRanges(ranges: readonly number[], code: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) if (code >= ranges[i]! && code <= ranges[i + 1]!) return true
  return false
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function isNameStart(code: number): boolean {
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code === 36
  return inRanges(letterRanges, code)
}

function isNamePart(code: number): boolean {
  return isNameStart(code) || isDigit(code) || (code >= 128 && inRanges(digitRanges, code))
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 9 || code === 13 || code === 12
}

export function tokenize(text: string): Tokens {
  const kinds: TokenKind[] = []
  const starts: number[] = []
  const ends: number[] = []
  const mayHaveCollations = text.includes('$')
  let at = 0

  const push = (kind: TokenKind, start: number, end: number): void => {
    kinds.push(kind)
    starts.push(start)
    ends.push(end)
    at = end
  }
  /** Nothing behind a place that is no token can be read. */
  const stop = (start: number): Tokens => {
    push('lexicalError', start, Math.min(start + 1, text.length))
    push(END, text.length, text.length)
    return { text, kinds, starts, ends }
  }

  while (at < text.length) {
    const start = at
    const code = text.charCodeAt(start)
    if (isSpace(code)) {
      at++
      continue
    }
    const comment = skipComment(text, start)
    if (comment !== start) {
      if (comment < 0) return stop(text.length)
      at = comment
      continue
    }
    if (mayHaveCollations && (isNamePart(code) || isDigit(code))) {
      const end = endOfCollation(text, start)
      if (end > endOfPlainWord(text, start)) {
        push('collation', start, end)
        continue
      }
    }
    if (isNameStart(code)) {
      const prefixed = prefixedLiteral(text, start, code)
      if (prefixed !== undefined) {
        push(prefixed.kind, start, prefixed.end)
        continue
      }
      const end = endOfName(text, start)
      push(end === start + 1 && code === DOLLAR ? '$' : kindOfWord(text, start, end), start, end)
      continue
    }
    if (isDigit(code) || (code === DOT && isDigit(text.charCodeAt(start + 1)))) {
      const number = readNumber(text, start)
      push(number.kind, start, number.end)
      continue
    }
    if (code === QUOTE) {
      const end = endOfQuoted(text, start, QUOTE)
      push(end < 0 ? "'" : 'string', start, end < 0 ? start + 1 : end)
      continue
    }
    if (code === BACKQUOTE) {
      const end = endOfBackquoted(text, start)
      if (end < 0) return stop(-end - 1)
      push('quotedIdentifier', start, end)
      continue
    }
    if (code === BRACE) {
      const brace = readBrace(text, start)
      push(brace.kind, start, brace.end)
      continue
    }
    if (code === SLASH && text.startsWith('/*+', start)) {
      push('/*+', start, start + 3)
      continue
    }
    const two = twoCharacterSymbols.get(text.slice(start, start + 2))
    if (two !== undefined) {
      push(two, start, start + 2)
      continue
    }
    const one = oneCharacterSymbols.get(text[start]!)
    if (one !== undefined) {
      push(one, start, start + 1)
      continue
    }
    return stop(start)
  }
  push(END, text.length, text.length)
  return { text, kinds, starts, ends }
}

/** The offset behind a comment that starts at `start`; `start` if none does; -1 if it has no end. `/*+` begins a hint. */
export function skipComment(text: string, start: number): number {
  const code = text.charCodeAt(start)
  const next = text.charCodeAt(start + 1)
  if ((code === MINUS && next === MINUS) || (code === SLASH && next === SLASH)) {
    let at = start + 2
    while (at < text.length && text.charCodeAt(at) !== 10 && text.charCodeAt(at) !== 13) at++
    return at
  }
  if (code !== SLASH || next !== STAR || text.charCodeAt(start + 2) === PLUS) return start
  const end = text.indexOf('*/', start + 2)
  return end < 0 ? -1 : end + 2
}

function endOfName(text: string, start: number): number {
  let end = start + 1
  while (end < text.length && isNamePart(text.charCodeAt(end))) end++
  return end
}

function kindOfWord(text: string, start: number, end: number): TokenKind {
  for (let i = start; i < end; i++) if (text.charCodeAt(i) > 127) return 'identifier'
  const word = text.slice(start, end).toUpperCase()
  return keywords.get(word) ?? 'identifier'
}

/** Behind the closing quote (doubled quotes are content), or -1. */
function endOfQuoted(text: string, start: number, quote: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text.charCodeAt(at) !== quote) continue
    if (text.charCodeAt(at + 1) !== quote) return at + 1
    at++
  }
  return -1
}

/** Behind the closing backquote; without one, -1 - the offset at which it cannot go on (a line's end or the text's). */
function endOfBackquoted(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 10 || code === 13) return -1 - at
    if (code !== BACKQUOTE) continue
    if (text.charCodeAt(at + 1) === BACKQUOTE) at++
    else return at === start + 1 ? -1 - at : at + 1
  }
  return -1 - text.length
}

/** N'..', X'..', E'..', U&'..', U&"..", _charset'..': a word's first letters may begin a literal. */
function prefixedLiteral(text: string, start: number, code: number): { kind: TokenKind; end: number } | undefined {
  const next = text.charCodeAt(start + 1)
  const letter = code | 32
  if (next === QUOTE) {
    if (letter === 120) return quotedAt(text, start + 1, 'binaryString')
    if (letter === 110) return quotedAt(text, start + 1, 'prefixedString')
    if (letter === 101) {
      const end = endOfEscaped(text, start + 1)
      return end < 0 ? undefined : { kind: 'escapedString', end }
    }
  }
  if (letter === 117 && next === 38) {
    const quote = text.charCodeAt(start + 2)
    if (quote === QUOTE) return quotedAt(text, start + 2, 'unicodeString')
    if (quote === DOUBLE_QUOTE) {
      const end = endOfQuoted(text, start + 2, DOUBLE_QUOTE)
      return end < 0 ? undefined : { kind: 'unicodeIdentifier', end }
    }
  }
  if (code !== 95) return undefined
  let end = start + 1
  while (end < text.length && isCharsetPart(text.charCodeAt(end))) end++
  return end > start + 1 && text.charCodeAt(end) === QUOTE ? quotedAt(text, end, 'prefixedString') : undefined
}

function isCharsetPart(code: number): boolean {
  return (
    isDigit(code) ||
    ((code | 32) >= 97 && (code | 32) <= 122) ||
    code === 58 ||
    code === 46 ||
    code === 45 ||
    code === 95
  )
}

function quotedAt(text: string, quoteAt: number, kind: TokenKind): { kind: TokenKind; end: number } | undefined {
  const end = endOfQuoted(text, quoteAt, QUOTE)
  return end < 0 ? undefined : { kind, end }
}

function endOfEscaped(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at++
    else if (code === QUOTE) {
      if (text.charCodeAt(at + 1) !== QUOTE) return at + 1
      at++
    }
  }
  return -1
}

function readNumber(text: string, start: number): { kind: TokenKind; end: number } {
  let end = start
  let kind: TokenKind = 'integer'
  while (isDigit(text.charCodeAt(end))) end++
  if (text.charCodeAt(end) === DOT) {
    kind = 'decimal'
    end++
    while (isDigit(text.charCodeAt(end))) end++
  }
  if ((text.charCodeAt(end) | 32) === 101) {
    let digits = end + 1
    if (text.charCodeAt(digits) === PLUS || text.charCodeAt(digits) === MINUS) digits++
    if (isDigit(text.charCodeAt(digits))) {
      while (isDigit(text.charCodeAt(digits))) digits++
      return { kind: 'approximate', end: digits }
    }
  }
  return { kind, end }
}

/** JDBC's escapes are tokens of their own: `{d`, `{t`, `{ts`, `{fn`, with spaces after the brace. */
function readBrace(text: string, start: number): { kind: TokenKind; end: number } {
  let at = start + 1
  while (text.charCodeAt(at) === 32) at++
  const two = text.slice(at, at + 2).toLowerCase()
  if (two === 'ts' || two === 'fn') return { kind: `{${two}`, end: at + 2 }
  const one = two[0]
  if (one === 'd' || one === 't') return { kind: `{${one}`, end: at + 1 }
  return { kind: '{', end: start + 1 }
}

/** Names of collations (`latin1$en$1`) are tokens, longer than the name they begin with. -1 if none starts here. */
function endOfCollation(text: string, start: number): number {
  let at = start
  while (at < text.length && isCollationPart(text.charCodeAt(at))) at++
  for (let dollar = at - 1; dollar > start; dollar--) {
    if (text[dollar] !== '$' || !isNamePart(text.charCodeAt(start))) continue
    let end = dollar + 1
    while (end < text.length && isNameStart(text.charCodeAt(end))) end++
    if (end === dollar + 1) continue
    return end
  }
  return -1
}

function isCollationPart(code: number): boolean {
  return isNamePart(code) || code === 58 || code === DOT || code === MINUS
}

function endOfPlainWord(text: string, start: number): number {
  return isDigit(text.charCodeAt(start)) ? readNumber(text, start).end : endOfName(text, start)
}
