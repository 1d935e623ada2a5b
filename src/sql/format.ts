// The formatter: the user's text in a settled layout, keywords in upper case, comments kept. It moves tokens and never changes
// them, so the statement stays the statement; formatting what is formatted changes nothing.
import type { Checked } from '../diagnostics/diagnostic.ts'
import { type Comment, commentsBefore, type FormatToken, formatTokens } from './format-tokens.ts'
import { tokenize } from './lexer.ts'
import { type ParseOptions, parseStatements } from './parser.ts'

const WIDTH = 100
const STEP = 2

/** The script formatted, each statement with a semicolon; undefined with the first error when it does not parse. */
export function formatSql(text: string, options: ParseOptions): Checked<string> {
  const parsed = parseStatements(text, options)
  if (parsed.value === undefined) return { value: undefined, diagnostics: parsed.diagnostics }
  const tokens = tokenize(text)
  const { statements, rest } = formatTokens(tokens, parsed.value)
  const parts: string[] = []
  const first = commentsBefore(tokens)
  statements.forEach((list, index) => {
    const layout = new Layout()
    if (index === 0) layout.comments(first)
    layout.clauses(treeOf(list), 0)
    parts.push(layout.finish())
  })
  if (rest.length > 0) parts.push(rest.map(({ text: comment }) => comment).join('\n'))
  return { value: `${parts.join('\n\n')}\n`, diagnostics: [] }
}

// -------------------------------------------------------------------------------------------------------------------- tree

/** A token, or what stands between two brackets with both. */
type Piece = FormatToken | Group
type Group = { readonly open: FormatToken; readonly items: readonly Piece[]; readonly close: FormatToken }

const closing: ReadonlySet<string> = new Set([')', ']'])

function treeOf(tokens: readonly FormatToken[]): readonly Piece[] {
  const stack: { open: FormatToken; items: Piece[] }[] = []
  let items: Piece[] = []
  for (const token of tokens) {
    const opened = stack[stack.length - 1]
    if (token.kind === '(' || token.kind === '[') {
      stack.push({ open: token, items })
      items = []
    } else if (closing.has(token.kind) && opened !== undefined) {
      const group: Group = { open: opened.open, items, close: token }
      stack.pop()
      items = opened.items
      items.push(group)
    } else items.push(token)
  }
  return items
}

function isGroup(piece: Piece): piece is Group {
  return 'items' in piece
}

function firstToken(piece: Piece): FormatToken {
  return isGroup(piece) ? piece.open : piece
}

/** A word of the grammar, as opposed to a name that is spelled like one. */
function isWord(piece: Piece | undefined, ...kinds: readonly string[]): boolean {
  return piece !== undefined && !isGroup(piece) && !piece.isName && kinds.includes(piece.kind)
}

function isQueryGroup(group: Group): boolean {
  return (
    isWord(group.items[0], 'SELECT', 'WITH') ||
    group.items.some(
      (item) =>
        isGroup(item) &&
        isQueryGroup(item) &&
        group.items.length > 1 &&
        group.items.some((one) => isWord(one, 'UNION', 'INTERSECT', 'EXCEPT')),
    )
  )
}

/** The pieces on one line; undefined when comments or queries in them need lines of their own. */
function flat(pieces: readonly Piece[]): string | undefined {
  let text = ''
  for (const piece of pieces) {
    const part = flatPiece(piece)
    if (part === undefined) return undefined
    text += `${text !== '' && firstToken(piece).spaceBefore ? ' ' : ''}${part}`
  }
  return text
}

function flatPiece(piece: Piece): string | undefined {
  if (!isGroup(piece)) return piece.before.length + piece.behind.length > 0 ? undefined : piece.text
  if (isQueryGroup(piece)) return undefined
  const inside = flat(piece.items)
  const own = flatPiece(piece.open)
  const end = flatPiece(piece.close)
  return inside === undefined || own === undefined || end === undefined ? undefined : own + inside + end
}

// ----------------------------------------------------------------------------------------------------------------- clauses

const clauseWords = [
  'SELECT',
  'FROM',
  'WHERE',
  'GROUP',
  'HAVING',
  'WINDOW',
  'QUALIFY',
  'ORDER',
  'LIMIT',
  'OFFSET',
  'FETCH',
  'VALUES',
  'EMIT',
] as const
const setWords = ['UNION', 'INTERSECT', 'EXCEPT'] as const
const joinWords = ['NATURAL', 'INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS', 'JOIN'] as const

function startsClause(pieces: readonly Piece[], index: number): boolean {
  const piece = pieces[index]
  const before = pieces[index - 1]
  if (index === 0) return true
  if (isWord(piece, ...joinWords)) return !isWord(before, ...joinWords, 'OUTER') && isBeforeJoin(pieces, index)
  if (isWord(piece, ...clauseWords)) return !isWord(before, 'GROUP', 'WITHIN', 'INSERT') || !isWord(piece, 'GROUP')
  if (isWord(piece, ...setWords)) return !isWord(before, 'MULTISET')
  if (isWord(piece, 'ON')) return isWord(pieces[index + 1], 'CONFLICT')
  if (isWord(piece, 'INSERT')) return !isWord(before, 'THEN')
  // Behind WITH name AS (...) the query itself; behind CREATE ... AS too.
  if (isWord(before, ...setWords) || isWord(before, 'AS', 'ALL', 'DISTINCT'))
    return piece !== undefined && isGroup(piece) && isQueryGroup(piece) && isWord(before, ...setWords, 'ALL')
  return false
}

function isBeforeJoin(pieces: readonly Piece[], index: number): boolean {
  for (let at = index; at < index + 4; at++) {
    if (isWord(pieces[at], 'JOIN')) return true
    if (!isWord(pieces[at], ...joinWords, 'OUTER')) return false
  }
  return false
}

function clausesOf(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const clauses: Piece[][] = []
  pieces.forEach((piece, index) => {
    if (startsClause(pieces, index)) clauses.push([])
    clauses[clauses.length - 1]!.push(piece)
  })
  return clauses
}

/** Words at a clause's beginning that stay together on its first line. */
const headWords = [
  'SELECT',
  'DISTINCT',
  'ALL',
  'STREAM',
  'FROM',
  'WHERE',
  'GROUP',
  'ORDER',
  'BY',
  'HAVING',
  'WINDOW',
  'QUALIFY',
  'VALUES',
  'WITH',
  'RECURSIVE',
] as const

function headLength(clause: readonly Piece[]): number {
  let length = 0
  while (length < clause.length && isWord(clause[length], ...headWords)) length++
  return length
}

/** Items with the comma behind each. */
function splitAtCommas(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const items: Piece[][] = [[]]
  for (const piece of pieces) {
    items[items.length - 1]!.push(piece)
    if (isWord(piece, ',')) items.push([])
  }
  return items.filter((item) => item.length > 0)
}

/** Conditions, each but the first with its AND or OR before it; the AND of BETWEEN does not count. */
function splitAtConditions(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const parts: Piece[][] = [[]]
  let betweens = 0
  for (const piece of pieces) {
    if (isWord(piece, 'BETWEEN')) betweens++
    const joins = isWord(piece, 'AND') && betweens > 0 ? 0 : isWord(piece, 'AND', 'OR')
    if (isWord(piece, 'AND') && betweens > 0) betweens--
    if (joins) parts.push([])
    parts[parts.length - 1]!.push(piece)
  }
  return parts
}

// ------------------------------------------------------------------------------------------------------------------ layout

class Layout {
  readonly #lines: string[] = []
  #line = ''
  #indent = 0
  /** A comment that ends its line was written. */
  #mustBreak = false

  finish(): string {
    if (this.#mustBreak || this.#line.includes('--')) {
      this.#semicolonBeforeComment()
      return this.#lines.join('\n')
    }
    this.#lines.push(`${this.#line};`)
    return this.#lines.join('\n')
  }

  #semicolonBeforeComment(): void {
    this.#break(0)
    this.#lines.push(';')
  }

  comments(comments: readonly Comment[]): void {
    for (const { text } of comments) {
      this.#break(this.#indent)
      this.#line += text
      this.#mustBreak = true
    }
  }

  #break(indent: number): void {
    if (this.#line.trim() !== '') this.#lines.push(this.#line.trimEnd())
    this.#line = ' '.repeat(indent)
    this.#indent = indent
    this.#mustBreak = false
  }

  #write(text: string, space: boolean): void {
    if (this.#mustBreak) this.#break(this.#indent)
    this.#line += `${space && this.#line.trim() !== '' ? ' ' : ''}${text}`
  }

  #token(token: FormatToken): void {
    this.comments(token.before)
    this.#write(token.text, token.spaceBefore)
    for (const { text, toLineEnd } of token.behind) {
      this.#write(text, true)
      if (toLineEnd) this.#mustBreak = true
    }
  }

  #fits(text: string): boolean {
    return this.#line.length + 1 + text.length <= WIDTH && !this.#mustBreak
  }

  clauses(pieces: readonly Piece[], indent: number): void {
    clausesOf(pieces).forEach((clause, index) => {
      if (index > 0 || this.#line.trim() !== '') this.#break(indent)
      this.#clause(clause, indent)
    })
  }

  #clause(clause: readonly Piece[], indent: number): void {
    const whole = flat(clause)
    if (whole !== undefined && this.#fits(whole)) {
      this.#write(whole, false)
      return
    }
    const head = headLength(clause)
    const body = clause.slice(head)
    for (const piece of clause.slice(0, head)) this.#piece(piece, indent)
    const items = splitAtCommas(body)
    if (items.length > 1 && head > 0) {
      for (const item of items) {
        this.#break(indent + STEP)
        this.#sequence(item, indent + STEP)
      }
      return
    }
    splitAtConditions(body).forEach((part, index) => {
      if (index > 0) this.#break(indent + STEP)
      this.#sequence(part, index > 0 ? indent + STEP : indent)
    })
  }

  #sequence(pieces: readonly Piece[], indent: number): void {
    for (const piece of pieces) this.#piece(piece, indent)
  }

  #piece(piece: Piece, indent: number): void {
    if (!isGroup(piece)) {
      this.#token(piece)
      return
    }
    const whole = flatPiece(piece)
    if (whole !== undefined && this.#fits(whole)) {
      this.#write(whole, piece.open.spaceBefore)
      return
    }
    this.#token(piece.open)
    if (isQueryGroup(piece)) {
      this.#break(indent + STEP)
      this.clauses(piece.items, indent + STEP)
    } else {
      for (const item of splitAtCommas(piece.items)) {
        this.#break(indent + STEP)
        this.#clause(item, indent + STEP)
      }
    }
    this.#break(indent)
    this.#token(piece.close)
  }
}
