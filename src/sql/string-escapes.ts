// The escapes of U&'...' and E'...' strings, and the character sets a string may be prefixed with.
import type { Span } from '../diagnostics/diagnostic.ts'
import type { TokenKind } from './lexer.ts'
import type { Parser } from './parser-state.ts'

const charsets: ReadonlySet<string> = new Set(
  `UTF8 UTF-8 UTF16 UTF-16 UTF-16LE UTF-16BE UTF32 UTF-32 ISO-8859-1 ISO8859_1 LATIN1 US-ASCII ASCII GBK GB2312 GB18030
  BIG5 SHIFT_JIS EUC-JP EUC-KR WINDOWS-1252 KOI8-R`.split(/\s+/),
)

/** The character set of a prefixed string; undefined for a plain one. */
export function charsetOf(p: Parser, kind: TokenKind, prefix: string, span: Span): string | undefined {
  if (kind === 'unicodeString') return 'UTF16'
  if (kind !== 'prefixedString') return undefined
  if (prefix.toUpperCase() === 'N') return 'ISO-8859-1'
  const charset = prefix.slice(1)
  if (!charsets.has(charset.toUpperCase())) p.refuse('SYN007', span, `character set \`${charset}\` is unknown`)
  return charset
}

/** U&'\0041' and '\+000041' by the escape character; a doubled one stands for itself. */
export function unescapeUnicode(p: Parser, value: string, escapeCharacter: string, span: Span): string {
  if (escapeCharacter.length !== 1 || /[0-9a-fA-F+"' \t\n\r\f]/.test(escapeCharacter)) {
    p.refuse('SYN007', p.lastSpan(), 'the escape character of UESCAPE is one character, no digit, quote, plus or space')
  }
  let result = ''
  for (let at = 0; at < value.length; at++) {
    const character = value[at]!
    if (character !== escapeCharacter) {
      result += character
      continue
    }
    if (value[at + 1] === escapeCharacter) {
      result += escapeCharacter
      at++
      continue
    }
    const digits = value.slice(at + 1, at + 5)
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
      p.refuse('SYN007', span, `the escape at character ${at} of the string is not followed by four hexadecimal digits`)
      return result
    }
    result += String.fromCharCode(Number.parseInt(digits, 16))
    at += 4
  }
  return result
}

const simpleEscapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** E'...' as PostgreSQL reads it: \n, \041, \x41, \u0041, \U00000041; any other escaped character stands for itself. */
export function unescapeCString(p: Parser, body: string, span: Span): string {
  return body.replaceAll(
    /''|\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g,
    (all: string, octal?: string, hex?: string, short?: string, long?: string, other?: string) => {
      if (all === "''") return "'"
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255)
      const digits = hex ?? short ?? long
      if (digits !== undefined) {
        const code = Number.parseInt(digits, 16)
        if (code <= 0x10ffff) return String.fromCodePoint(code)
      }
      if (digits !== undefined || other === 'u' || other === 'U') {
        p.refuse('SYN007', span, 'a unicode escape of the string is malformed')
      }
      return simpleEscapes[other!] ?? other!
    },
  )
}
