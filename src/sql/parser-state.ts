// The state of one parse: tokens, position, lookahead, and the first error. The grammar is in the parse-*.ts files beside,
// each a family of productions over this state. Errors stand where Flink's LL(k) parser puts them: at the token that
// cannot continue, or, where that parser looks further ahead, at the place of the choice.
import type { DiagnosticCode } from '../diagnostics/codes.ts'
import type { Diagnostic, Edit, Span } from '../diagnostics/diagnostic.ts'
import type { DataType, Expression, Identifier, Name, Node, Query, Star } from './ast.ts'
import { expressionStarts } from './first-sets.ts'
import { nonReservedWords } from './keywords.ts'
import { END, type TokenKind, type Tokens } from './lexer.ts'

/** What may stand where an expression or a query is read; Flink's parser decides by it after having read. */
export type Context = 'all' | 'query' | 'queryOrJoin' | 'nonQuery' | 'subquery' | 'cursor' | 'nonCursor'

/** Productions that others need from a file that imports them; parser.ts ties them together. */
export type Rules = {
  readonly expression: (p: Parser, context: Context) => Expression
  readonly queryOrExpression: (p: Parser, context: Context) => Query | Expression
  readonly orderedQueryOrExpression: (p: Parser, context: Context) => Query | Expression
  readonly orderedQuery: (p: Parser, context: Context) => Query
  readonly setOperations: (p: Parser, first: Node, context: Context) => Node
  readonly atom: (p: Parser) => Expression
  readonly dataType: (p: Parser) => DataType
  readonly compoundIdentifier: (p: Parser) => Identifier | Star
}

/** Thrown to leave the descent; caught in parser.ts, which hands out the diagnostic. */
export class ParseStop extends Error {
  readonly diagnostic: Diagnostic
  /** Index of the token at which reading stopped: recovery goes on behind it. */
  readonly token: number
  /** Where Flink points, if not at the diagnostic's span. */
  readonly flinkSpan: Span | undefined
  constructor(diagnostic: Diagnostic, token: number, flinkSpan?: Span) {
    super(diagnostic.message)
    this.diagnostic = diagnostic
    this.token = token
    this.flinkSpan = flinkSpan
  }
}

const MISMATCH = new Error('lookahead does not match')
const REACHED = new Error('lookahead reached its last token')

const names: ReadonlySet<TokenKind> = new Set([
  'identifier',
  'quotedIdentifier',
  'unicodeIdentifier',
  ...nonReservedWords,
])

/** Whether a token of this kind can be a name. */
export function isNameKind(kind: TokenKind): boolean {
  return names.has(kind)
}

/** Operators that an expression must follow. */
const operandsWanted: ReadonlySet<TokenKind> = new Set([
  '=',
  '<>',
  '<',
  '<=',
  '>',
  '>=',
  '!=',
  '+',
  '-',
  '*',
  '/',
  '%',
  '||',
  'AND',
  'OR',
  'LIKE',
  'BETWEEN',
])

/** Deeper nesting than any person writes; far below what the JavaScript stack holds. */
const MAXIMUM_DEPTH = 400

/** Operators, joins and set operations in a row make a tree as deep as the row is long. */
const MAXIMUM_ROW = 2000

/** Flink's limit for one part of a name. */
const MAXIMUM_NAME_LENGTH = 256

export class Parser {
  readonly text: string
  readonly kinds: readonly TokenKind[]
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  readonly sugar: boolean
  readonly rules: Rules
  /** Index of the next token. */
  position = 0
  /** Set while looking ahead: reading past this token means success. */
  #limit = Number.POSITIVE_INFINITY
  /** Second run after an error: collects what could have stood at that token. */
  recordAt = -1
  readonly expected: string[] = []
  #depth = 0

  constructor(tokens: Tokens, sugar: boolean, rules: Rules) {
    this.text = tokens.text
    this.kinds = tokens.kinds
    this.starts = tokens.starts
    this.ends = tokens.ends
    this.sugar = sugar
    this.rules = rules
  }

  // ------------------------------------------------------------------------------------------------------------- tokens

  peek(): TokenKind {
    return this.kinds[this.position]!
  }

  peekAt(distance: number): TokenKind {
    return this.kinds[this.position + distance] ?? END
  }

  at(kind: TokenKind): boolean {
    if (this.kinds[this.position] === kind) return true
    if (this.position === this.recordAt) this.expected.push(kind)
    return false
  }

  /** Whether the next two tokens are these. */
  atBoth(first: TokenKind, second: TokenKind): boolean {
    return this.at(first) && this.kinds[this.position + 1] === second
  }

  atName(distance = 0): boolean {
    if (names.has(this.peekAt(distance))) return true
    if (this.position + distance === this.recordAt) this.expected.push('identifier')
    return false
  }

  advance(): void {
    if (this.position >= this.#limit) throw REACHED
    this.position++
  }

  accept(kind: TokenKind): boolean {
    if (!this.at(kind)) return false
    this.advance()
    return true
  }

  /** The first of `kinds` that stands here, consumed. */
  acceptOneOf<K extends TokenKind>(...kinds: readonly K[]): K | undefined {
    for (const kind of kinds) if (this.accept(kind)) return kind
    return undefined
  }

  expect(kind: TokenKind): void {
    if (!this.accept(kind)) this.fail(kind)
  }

  expectAll(...kinds: readonly TokenKind[]): void {
    for (const kind of kinds) this.expect(kind)
  }

  expectOneOf<K extends TokenKind>(...kinds: readonly K[]): K {
    return this.acceptOneOf(...kinds) ?? this.fail(...kinds)
  }

  /** The words as they stand here, all or none: for choices that Flink decides by looking that far. */
  acceptAll(...kinds: readonly TokenKind[]): boolean {
    for (let i = 0; i < kinds.length; i++) {
      if (this.peekAt(i) === kinds[i]) continue
      if (i === 0) this.at(kinds[0]!)
      return false
    }
    for (let i = 0; i < kinds.length; i++) this.advance()
    return true
  }

  // ----------------------------------------------------------------------------------------------------------- positions

  /** Offset of the next token. */
  start(): number {
    return this.starts[this.position]!
  }

  /** Offset behind the last token read. */
  end(): number {
    return this.position === 0 ? 0 : this.ends[this.position - 1]!
  }

  spanFrom(start: number): Span {
    return { start, end: this.end() }
  }

  /** The span of the last token read. */
  lastSpan(): Span {
    return this.position === 0 ? { start: 0, end: 0 } : this.spanOf(this.position - 1)
  }

  spanOf(index: number): Span {
    return { start: this.starts[index]!, end: this.ends[index]! }
  }

  lastText(): string {
    return this.text.slice(this.starts[this.position - 1]!, this.ends[this.position - 1]!)
  }

  // ----------------------------------------------------------------------------------------------------------- lookahead

  get lookingAhead(): boolean {
    return this.#limit !== Number.POSITIVE_INFINITY
  }

  /** Whether `read` gets over the next `count` tokens, or ends before. Leaves everything as it was. */
  lookahead(count: number, read: () => void): boolean {
    const position = this.position
    const limit = this.#limit
    const depth = this.#depth
    this.#limit = Math.min(limit, position + count)
    try {
      read()
      return true
    } catch (stop) {
      if (stop === REACHED) return true
      if (stop === MISMATCH) return false
      throw stop
    } finally {
      this.position = position
      this.#limit = limit
      this.#depth = depth
    }
  }

  // -------------------------------------------------------------------------------------------------------------- errors

  /** The next token cannot stand here. */
  fail(...expected: readonly string[]): never {
    if (this.lookingAhead) throw this.position >= this.#limit ? REACHED : MISMATCH
    const found = this.position
    if (found === this.recordAt) this.expected.push(...expected)
    const lexical = this.kinds.length - 2
    const reached = found >= lexical || (found === lexical - 1 && operandsWanted.has(this.kinds[found]!))
    if (this.kinds[lexical] === 'lexicalError' && reached) throw new ParseStop(this.lexicalError(lexical), lexical)
    const kind = this.kinds[found]!
    // Flink gets one statement at a time, without the semicolon behind it.
    if (kind === END || kind === ';') {
      const message = 'unexpected end of statement'
      const span = this.spanOf(found)
      throw new ParseStop({ code: 'SYN002', severity: 'error', message, span, expected, flinkStage: 'parse' }, found)
    }
    if (kind === "'" || kind === '"') throw new ParseStop(quoteDiagnostic(kind, this.spanOf(found)), found)
    const missing = this.#missingOperand(found)
    if (missing !== undefined) throw new ParseStop(missing, found, this.spanOf(found))
    const message = `unexpected ${describeToken(this, found)}`
    const span = this.spanOf(found)
    throw new ParseStop({ code: 'SYN001', severity: 'error', message, span, expected, flinkStage: 'parse' }, found)
  }

  /** Flink stops at an operator when nothing fits behind it; what is wrong is behind it. */
  #missingOperand(operator: number): Diagnostic | undefined {
    const kind = this.kinds[operator]!
    const wanted = kind === '.' ? 'a name' : operandsWanted.has(kind) ? 'an expression' : undefined
    if (wanted === undefined || operator === 0) return undefined
    const next = this.kinds[operator + 1]
    if (next === undefined || (kind === '.' ? names.has(next) : expressionStarts.has(next))) return undefined
    return this.#behind(operator, operator + 1, wanted)
  }

  /** Flink points at the words before; the mistake is the token `distance` behind. */
  failBehind(distance: number, wanted: string): never {
    if (this.lookingAhead) throw this.position >= this.#limit ? REACHED : MISMATCH
    const at = this.position
    throw new ParseStop(this.#behind(at + distance - 1, at + distance, wanted), at, this.spanOf(at))
  }

  #behind(operator: number, found: number, wanted: string): Diagnostic {
    const next = this.kinds[found]
    if (next === "'" || next === '"') return quoteDiagnostic(next, this.spanOf(found))
    if (next === '=' && this.kinds[operator] === '=') return doubledEquals(this.starts[operator]!, this.ends[found]!)
    const atEnd = next === END || next === ';'
    return {
      code: atEnd ? 'SYN002' : 'SYN001',
      severity: 'error',
      message: `${atEnd ? 'unexpected end of statement' : `unexpected ${describeToken(this, found)}`} behind \`${this.text.slice(this.starts[operator], this.ends[operator])}\``,
      span: this.spanOf(found),
      expected: [wanted],
      flinkStage: 'parse',
    }
  }

  /** A rule that Flink checks while parsing, at `span`; not checked while looking ahead. */
  refuse(code: DiagnosticCode, span: Span, message: string, hint?: string, edit?: Edit): void {
    if (this.lookingAhead) return
    throw new ParseStop(
      {
        code,
        severity: 'error',
        message,
        span,
        flinkStage: 'parse',
        ...(hint === undefined ? {} : { hint }),
        ...(edit === undefined ? {} : { edit }),
      },
      this.position,
    )
  }

  /** What is wrong at the token of kind `lexicalError`. */
  lexicalError(index: number): Diagnostic {
    const at = this.starts[index]!
    const character = this.text[at]
    if (at < this.text.length && character !== '\n' && character !== '\r') {
      const shown = String.fromCodePoint(this.text.codePointAt(at)!)
      const span = { start: at, end: at + shown.length }
      return lexicalDiagnostic(shown, span)
    }
    const open = this.text.lastIndexOf('`', at)
    const previousEnd = index === 0 ? 0 : this.ends[index - 1]!
    const comment = this.text.indexOf('/*', previousEnd)
    const isComment = comment >= 0 && (open < previousEnd || comment < open)
    return {
      code: 'SYN004',
      severity: 'error',
      message: isComment ? 'a comment has no end' : 'a quoted name has no end on its line',
      span: { start: at, end: at },
      hint: isComment ? 'Close the comment with `*/`.' : 'Close the name with a backquote.',
      related: [
        {
          message: 'it begins here',
          span: { start: isComment ? comment : open, end: (isComment ? comment : open) + 1 },
        },
      ],
      flinkStage: 'parse',
    }
  }

  /** Runs `read` one level deeper. */
  nested<T>(read: () => T): T {
    if (++this.#depth > MAXIMUM_DEPTH) {
      throw new ParseStop(
        {
          code: 'SYN005',
          severity: 'error',
          message: `the statement is nested deeper than ${MAXIMUM_DEPTH} levels`,
          span: this.spanOf(this.position),
          hint: 'Name inner queries with WITH, or create views for them.',
          flinkStage: 'parse',
        },
        this.position,
      )
    }
    const result = read()
    this.#depth--
    return result
  }

  /** Called with the length of a row of operators, joins or queries. */
  checkRow(length: number): void {
    if (length <= MAXIMUM_ROW) return
    const message = `more than ${MAXIMUM_ROW} operators stand in a row`
    this.refuse(
      'SYN005',
      this.lastSpan(),
      message,
      'Write many alternatives as x IN (...), or join a table that holds them.',
    )
  }

  // --------------------------------------------------------------------------------------------------------------- names

  name(): Name {
    if (!this.atName()) this.fail('identifier')
    const kind = this.peek()
    const span = this.spanOf(this.position)
    this.advance()
    if (kind === 'quotedIdentifier') {
      const name = this.text.slice(span.start + 1, span.end - 1).replaceAll('``', '`')
      return this.#checkedName({ kind: 'name', name, quoted: true, span })
    }
    if (kind === 'unicodeIdentifier') {
      const name = this.text.slice(this.text.indexOf('"', span.start) + 1, span.end - 1).replaceAll('""', '"')
      return this.#checkedName({ kind: 'name', name, quoted: true, span })
    }
    return this.#checkedName({ kind: 'name', name: this.text.slice(span.start, span.end), quoted: false, span })
  }

  #checkedName(name: Name): Name {
    if (name.name.length > MAXIMUM_NAME_LENGTH) {
      this.refuse('SYN006', name.span, `a name is longer than ${MAXIMUM_NAME_LENGTH} characters`)
    }
    return name
  }
}

function lexicalDiagnostic(character: string, span: Span): Diagnostic {
  const advice = lexicalAdvice[character]
  return {
    code: 'SYN004',
    severity: 'error',
    message: `character \`${character}\` has no meaning in SQL`,
    span,
    flinkStage: 'parse',
    ...(advice === undefined ? {} : { hint: advice.hint }),
    ...(advice?.replacement === undefined ? {} : { edit: { span, text: advice.replacement } }),
  }
}

const lexicalAdvice: Readonly<Record<string, { hint: string; replacement?: string }>> = {
  '‘': { hint: "Write the plain quote `'`.", replacement: "'" },
  '’': { hint: "Write the plain quote `'`.", replacement: "'" },
  '“': { hint: "Write backquotes around names and `'` around strings." },
  '”': { hint: "Write backquotes around names and `'` around strings." },
  '&': { hint: 'Write AND between conditions.' },
  '!': { hint: 'Write NOT before a condition, or `<>` between values.' },
  '#': { hint: 'Comments begin with `--`.' },
}

function quoteDiagnostic(kind: "'" | '"', span: Span): Diagnostic {
  const single = kind === "'"
  return {
    code: 'SYN004',
    severity: 'error',
    message: single ? 'a string has no end' : '`"` is no quote in Flink SQL',
    span,
    hint: single ? "Close the string with `'`." : "Write '...' around strings and backquotes around names.",
    flinkStage: 'parse',
  }
}

function doubledEquals(start: number, end: number): Diagnostic {
  const span = { start, end }
  return {
    code: 'SYN009',
    severity: 'error',
    message: '`==` is not allowed',
    span,
    hint: 'Flink SQL compares with one `=`.',
    edit: { span, text: '=' },
    flinkStage: 'parse',
  }
}

function describeToken(p: Parser, index: number): string {
  const kind = p.kinds[index]!
  const text = p.text.slice(p.starts[index]!, p.ends[index]!)
  if (kind === 'string') return `string ${text.length > 40 ? `${text.slice(0, 39)}…'` : text}`
  return `\`${text.length > 40 ? `${text.slice(0, 39)}…` : text}\``
}
