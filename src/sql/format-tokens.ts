// The text's tokens as the formatter sees them: with their comments, their case, and what of the tree decides spaces.
import { childrenOfStatement, type Statement, type StatementNode } from './ast-statements.ts'
import { aggregateCallWords, builtinCallWords } from './first-sets.ts'
import { reservedFunctionNames } from './keywords.ts'
import { END, skipComment, type Tokens } from './lexer.ts'

export type Comment = {
  readonly text: string /** Nothing but it may stand on the rest of its line. */
  readonly toLineEnd: boolean
}

export type FormatToken = {
  readonly kind: string
  readonly text: string
  /** Whether the tree has a name here, not a word of the grammar. */
  readonly isName: boolean
  readonly spaceBefore: boolean
  /** Comments on lines before the token, and those behind it on its own line. */
  readonly before: readonly Comment[]
  readonly behind: readonly Comment[]
}

/** One list per statement; comments behind the last token of all are the `rest`. */
export function formatTokens(
  tokens: Tokens,
  statements: readonly Statement[],
): { readonly statements: readonly (readonly FormatToken[])[]; readonly rest: readonly Comment[] } {
  const hints = new SpaceHints(statements)
  const lists: FormatToken[][] = []
  let index = 0
  let before: Comment[] = []
  for (const statement of statements) {
    const list: FormatToken[] = []
    const raw = isRaw(statement)
    while (tokens.starts[index]! < statement.span.end || tokens.kinds[index] === ';') {
      const gap = commentsBehind(tokens, index)
      if (tokens.kinds[index] === ';' && tokens.starts[index]! >= statement.span.end) {
        before.push(...gap.behind, ...gap.next)
        index++
        break
      }
      const start = tokens.starts[index]!
      const end = tokens.ends[index]!
      const isName = hints.names.has(start)
      const written = tokens.text.slice(start, end)
      const upper = !isName && !raw && /^[A-Za-z]/.test(written) && tokens.kinds[index] === written.toUpperCase()
      list.push({
        kind: hints.isInType(start) ? 'type' : hints.isSugar(start) ? written.toUpperCase() : tokens.kinds[index]!,
        text: upper || hints.isSugar(start) ? written.toUpperCase() : written,
        isName,
        spaceBefore: raw ? index > 0 && start > tokens.ends[index - 1]! : hints.spaceBefore(tokens, index),
        before,
        behind: gap.behind,
      })
      before = gap.next
      index++
    }
    lists.push(list)
  }
  while (tokens.kinds[index] === ';') {
    const gap = commentsBehind(tokens, index)
    before.push(...gap.behind, ...gap.next)
    index++
  }
  if (statements.length === 0 && index === 0)
    before.push(...commentsIn(tokens.text, 0, tokens.starts[0]!).map(({ comment }) => comment))
  return { statements: lists, rest: before }
}

/** SET key = value without quotes is the client's: every character of it counts. */
function isRaw(statement: Statement): boolean {
  return (statement.kind === 'set' || statement.kind === 'reset') && statement.key !== undefined
}

/** Comments before the first token of the text. */
export function commentsBefore(tokens: Tokens): readonly Comment[] {
  return commentsIn(tokens.text, 0, tokens.starts[0]!).map(({ comment }) => comment)
}

function commentsBehind(tokens: Tokens, index: number): { behind: Comment[]; next: Comment[] } {
  const from = tokens.ends[index]!
  const to = tokens.starts[index + 1] ?? tokens.text.length
  const behind: Comment[] = []
  const next: Comment[] = []
  for (const { comment, ownLine } of commentsIn(tokens.text, from, to)) {
    if (ownLine || next.length > 0) next.push(comment)
    else behind.push(comment)
  }
  // A comment between two tokens of one line goes with the second, unless it ends the line.
  const last = behind[behind.length - 1]
  if (
    last !== undefined &&
    !last.toLineEnd &&
    !tokens.text.slice(from, to).includes('\n') &&
    tokens.kinds[index + 1] !== END
  ) {
    return { behind: [], next: [...behind, ...next] }
  }
  return { behind, next }
}

function commentsIn(text: string, from: number, to: number): { comment: Comment; ownLine: boolean }[] {
  const found: { comment: Comment; ownLine: boolean }[] = []
  let ownLine = from === 0
  let at = from
  while (at < to) {
    const end = skipComment(text, at)
    if (end > at) {
      const toLineEnd = text[at] !== '/' || text[at + 1] === '/'
      found.push({ comment: { text: text.slice(at, end).trimEnd(), toLineEnd }, ownLine })
      at = end
    } else {
      if (text[at] === '\n' || text[at] === '\r') ownLine = true
      at++
    }
  }
  return found
}

const typeWords: ReadonlySet<string> = new Set(
  'CHAR VARCHAR BINARY VARBINARY DECIMAL DEC NUMERIC TIME TIMESTAMP TIMESTAMP_LTZ RAW ROW YEAR MONTH DAY HOUR MINUTE SECOND'.split(
    ' ',
  ),
)
const huggedWords: ReadonlySet<string> = new Set([
  ...builtinCallWords,
  ...aggregateCallWords,
  ...reservedFunctionNames,
  ...typeWords,
  'TABLE',
  'UNNEST',
  'DESCRIPTOR',
  'ROLLUP',
  'CUBE',
  'ARRAY',
  'MAP',
  'MULTISET',
  'PERMUTE',
  'BERNOULLI',
  'SYSTEM',
  'SUBSTITUTE',
  'REPEATABLE',
])

/** Where the tree, not the token, decides about a space. */
class SpaceHints {
  readonly names = new Set<number>()
  readonly #callEnds = new Set<number>()
  readonly #signs = new Set<number>()
  readonly #types: { start: number; end: number }[] = []
  readonly #sugar: { start: number; end: number }[] = []
  readonly #quantifiers: { start: number; end: number }[] = []

  constructor(statements: readonly Statement[]) {
    const open: StatementNode[] = [...statements]
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      this.#note(node)
      open.push(...childrenOfStatement(node))
    }
  }

  #note(node: StatementNode): void {
    if (node.kind === 'sugarWindow') this.#sugar.push(node.span)
    if (node.kind === 'select' && node.sugarEmit !== undefined) this.#sugar.push(node.sugarEmit)
    if (node.kind === 'name') this.names.add(node.span.start)
    else if (node.kind === 'call') this.#callEnds.add(node.name.span.end)
    else if (node.kind === 'hint') this.#callEnds.add(node.name.span.end)
    else if (node.kind === 'unary' && node.operator !== 'NOT') this.#signs.add(node.operatorSpan.start)
    else if (node.kind === 'dataType' && ('element' in node || 'key' in node || 'fields' in node))
      this.#types.push(node.span)
    else if (node.kind === 'patternQuantified')
      this.#quantifiers.push({ start: node.item.span.end, end: node.span.end })
  }

  /** The words of ksqlDB's clauses are no keywords of Flink's. */
  isSugar(offset: number): boolean {
    return within(this.#sugar, offset)
  }

  /** Inside ROW<...> and its like nothing separates lines. */
  isInType(offset: number): boolean {
    return within(this.#types, offset)
  }

  spaceBefore(tokens: Tokens, index: number): boolean {
    if (index === 0) return false
    const kind = tokens.kinds[index]!
    const before = tokens.kinds[index - 1]!
    const start = tokens.starts[index]!
    const previousStart = tokens.starts[index - 1]!
    if (before === '(' || before === '[' || before === '.') return false
    if (kind === ')' || kind === ']' || kind === ',' || kind === '.' || kind === ';') return false
    if (kind === '[') return before === 'AS' || before === '=' || before === ','
    if (kind === '(') return !this.#hugs(tokens, index - 1)
    if (this.#signs.has(previousStart)) return before === '-' && kind === '-'
    if (within(this.#quantifiers, start)) return false
    if ((kind === '<' || kind === '>' || before === '<') && within(this.#types, previousStart)) return false
    return true
  }

  #hugs(tokens: Tokens, before: number): boolean {
    if (this.#callEnds.has(tokens.ends[before]!)) return true
    return (
      !this.names.has(tokens.starts[before]!) &&
      huggedWords.has(tokens.kinds[before]!) &&
      tokens.kinds[before - 1] !== 'BY'
    )
  }
}

function within(spans: readonly { start: number; end: number }[], offset: number): boolean {
  return spans.some(({ start, end }) => offset >= start && offset < end)
}
