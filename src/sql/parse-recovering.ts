// Parsing for editors: all errors of a script and still a tree. A statement that does not read is mended, one small change
// at a time (a name put in, a token left out, a parenthesis closed), until it reads; the mended tree is what completion needs.
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Statement } from './ast-statements.ts'
import { END, type TokenKind, type Tokens, tokenize } from './lexer.ts'
import { parseStatement } from './parse-statement.ts'
import { newParser, type ParseOptions, tooLong, withExpectations } from './parser.ts'
import { type Parser, ParseStop } from './parser-state.ts'

export type Recovered = {
  /** One per statement of the text; `broken` where even mending found no tree. Names put in are empty. */
  readonly statements: readonly Statement[]
  readonly diagnostics: readonly Diagnostic[]
}

/** More errors than these in one statement are noise. */
const MAXIMUM_REPAIRS = 12

export function parseRecovering(text: string, options: ParseOptions): Recovered {
  const long = tooLong(text)
  if (long !== undefined) return { statements: [], diagnostics: [long] }
  const diagnostics: Diagnostic[] = []
  const statements: Statement[] = []
  for (const slice of statementsOf(tokenizeRecovering(text, diagnostics))) {
    statements.push(readMending(slice, options, diagnostics))
  }
  return { statements, diagnostics: diagnostics.sort((a, b) => a.span.start - b.span.start) }
}

// ------------------------------------------------------------------------------------------------------------------ tokens

/** Characters that are no SQL are reported and read as spaces. */
function tokenizeRecovering(text: string, diagnostics: Diagnostic[]): Tokens {
  let readable = text
  for (let i = 0; i < MAXIMUM_REPAIRS; i++) {
    const tokens = tokenize(readable)
    const last = tokens.kinds.length - 2
    if (tokens.kinds[last] !== 'lexicalError') return { ...tokens, text }
    const { diagnostic, start, end } = lexicalError({ ...tokens, text }, last)
    diagnostics.push(diagnostic)
    readable = readable.slice(0, start) + ' '.repeat(end - start) + readable.slice(end)
  }
  const tokens = tokenize(readable)
  const kinds = tokens.kinds.map((kind) => (kind === 'lexicalError' ? ';' : kind))
  return { ...tokens, kinds, text }
}

/** The diagnostic, and what of the text must be hidden so that the rest can be read. */
function lexicalError(tokens: Tokens, index: number): { diagnostic: Diagnostic; start: number; end: number } {
  const diagnostic = newParser(tokens, { sugar: true }).lexicalError(index)
  const opening = diagnostic.related?.[0]?.span.start
  if (opening === undefined) return { diagnostic, start: diagnostic.span.start, end: diagnostic.span.end }
  const comment = tokens.text[opening] === '/'
  return { diagnostic, start: opening, end: comment ? tokens.text.length : opening + 1 }
}

/** The tokens of each statement. The semicolons of BEGIN STATEMENT SET separate; those of STATEMENT SET BEGIN ... END do not. */
function statementsOf(tokens: Tokens): readonly Tokens[] {
  const slices: Tokens[] = []
  let from = 0
  let inSet = false
  for (let at = 0; at < tokens.kinds.length; at++) {
    const kind = tokens.kinds[at]
    if (kind === 'BEGIN' && tokens.kinds[at - 1] === 'SET' && tokens.kinds[at - 2] === 'STATEMENT') inSet = true
    if (inSet && kind === ';' && tokens.kinds[at - 1] === 'END') inSet = false
    if (kind !== END && (kind !== ';' || inSet)) continue
    if (at > from) slices.push(slice(tokens, from, at))
    from = at + 1
  }
  return slices
}

function slice(tokens: Tokens, from: number, to: number): Tokens {
  const { text, kinds, starts, ends } = tokens
  return {
    text,
    kinds: [...kinds.slice(from, to), END],
    starts: [...starts.slice(from, to), starts[to]!],
    ends: [...ends.slice(from, to), starts[to]!],
  }
}

// ----------------------------------------------------------------------------------------------------------------- mending

type Attempt = { readonly tokens: Tokens; readonly statement?: Statement; readonly stop?: ParseStop }

function attempt(tokens: Tokens, options: ParseOptions): Attempt {
  try {
    return { tokens, statement: readWhole(newParser(tokens, options)) }
  } catch (stop) {
    if (!(stop instanceof ParseStop)) throw stop
    return { tokens, stop }
  }
}

function readWhole(p: Parser): Statement {
  const statement = parseStatement(p)
  if (!p.at(END)) p.fail(END, ';')
  return statement
}

/** Tokens not yet read where an attempt stopped: the fewer the better. */
function remaining({ tokens, stop }: Attempt): number {
  return stop === undefined ? -1 : tokens.kinds.length - stop.token
}

function readMending(tokens: Tokens, options: ParseOptions, diagnostics: Diagnostic[]): Statement {
  const span = { start: tokens.starts[0]!, end: tokens.ends[tokens.kinds.length - 2]! }
  let current = attempt(tokens, options)
  for (let repairs = 0; current.stop !== undefined && repairs < MAXIMUM_REPAIRS; repairs++) {
    const left = remaining(current)
    const next = bestRepair(current.tokens, current.stop.token, options)
    // An error right behind a repair is the repair's, not the user's.
    const previous = diagnostics[diagnostics.length - 1]
    const fresh = repairs === 0 || previous === undefined || current.stop.diagnostic.span.start > previous.span.end + 1
    if (fresh) diagnostics.push(withExpectations(current.stop, current.tokens, options, readWhole))
    if (remaining(next) >= left && next.stop !== undefined && next.tokens.kinds.length > 1000) break
    current = next
  }
  if (current.statement === undefined) return { kind: 'broken', span }
  const mended = current.tokens !== tokens
  return mended ? { kind: 'broken', partial: current.statement, span } : current.statement
}

function bestRepair(tokens: Tokens, at: number, options: ParseOptions): Attempt {
  const bang = tokens.kinds[at - 1] === '!=' ? at - 1 : undefined
  const candidates = [
    insert(tokens, at, 'identifier'),
    insert(tokens, at + 1, 'identifier'),
    insert(tokens, at, ')'),
    bang === undefined ? undefined : { ...tokens, kinds: tokens.kinds.with(bang, '<>') },
    remove(tokens, at),
  ]
  const attempts = candidates
    .filter((candidate) => candidate !== undefined)
    .map((candidate) => attempt(candidate, options))
  let best = attempts[attempts.length - 1]!
  for (const one of [...attempts].reverse()) if (remaining(one) <= remaining(best)) best = one
  return best
}

function insert(tokens: Tokens, at: number, kind: TokenKind): Tokens | undefined {
  if (at >= tokens.kinds.length) return undefined
  const place = at === 0 ? tokens.starts[0]! : tokens.ends[at - 1]!
  return {
    text: tokens.text,
    kinds: tokens.kinds.toSpliced(at, 0, kind),
    starts: tokens.starts.toSpliced(at, 0, place),
    ends: tokens.ends.toSpliced(at, 0, place),
  }
}

function remove(tokens: Tokens, at: number): Tokens | undefined {
  if (tokens.kinds.length < 3 || tokens.kinds[at] === END) return undefined
  return {
    text: tokens.text,
    kinds: tokens.kinds.toSpliced(at, 1),
    starts: tokens.starts.toSpliced(at, 1),
    ends: tokens.ends.toSpliced(at, 1),
  }
}
