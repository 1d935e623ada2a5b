// Java's regular expressions on JavaScript's engine. What both mean alike is passed on or rewritten; what they don't is refused by name,
// never answered differently.
import { JobError } from '../diagnostics/job-error.ts'

export type Match = { readonly start: number; readonly end: number; readonly groups: readonly (string | undefined)[] }

export type JavaRegExp = {
  readonly groupCount: number
  readonly test: (text: string) => boolean
  readonly first: (text: string) => Match | undefined
  readonly all: (text: string) => readonly Match[]
  readonly replace: (text: string, replacement: string) => string
  readonly split: (text: string) => string[]
}

/** Compiled patterns: few in a query, so that a column of ever new patterns cannot fill the memory. */
const MAX_CACHED = 256
const cache = new Map<string, JavaRegExp>()

/** Throws `InvalidPattern` for what Java refuses too, `JobError` for what only Sluice does not know. */
export function javaRegExp(pattern: string): JavaRegExp {
  const known = cache.get(pattern)
  if (known) return known
  const compiled = compile(pattern)
  if (cache.size >= MAX_CACHED) cache.clear()
  cache.set(pattern, compiled)
  return compiled
}

/** Flink answers NULL where Java refuses the pattern; callers catch this. */
export class InvalidPattern extends Error {
  override readonly name = 'InvalidPattern'
}

function compile(pattern: string): JavaRegExp {
  const { source, flags, groups } = translate(pattern)
  let expression: RegExp
  try {
    expression = new RegExp(source, `${flags}gv`)
  } catch (error) {
    throw new InvalidPattern(`pattern ${pattern} is malformed`, { cause: error })
  }
  const own = groups.flatMap((isOwn, i) => (isOwn ? [i + 1] : []))
  const toMatch = (match: RegExpExecArray): Match => ({
    start: match.index,
    end: match.index + match[0].length,
    groups: [match[0], ...own.map((index) => match[index])],
  })
  const all = (text: string) => {
    expression.lastIndex = 0
    return [...text.matchAll(expression)].map(toMatch)
  }
  return {
    groupCount: own.length,
    all,
    test: (text) => {
      expression.lastIndex = 0
      return expression.test(text)
    },
    first: (text) => {
      expression.lastIndex = 0
      const match = expression.exec(text)
      return match ? toMatch(match) : undefined
    },
    replace: (text, replacement) => text.replace(expression, () => replacement),
    split: (text) => splitAt(text, all(text)),
  }
}

function splitAt(text: string, matches: readonly Match[]): string[] {
  const parts: string[] = []
  let from = 0
  for (const { start, end } of matches) {
    if (end === 0 || (start === end && start >= text.length)) continue
    parts.push(text.slice(from, start))
    from = end
  }
  parts.push(text.slice(from))
  return parts
}

function unknown(what: string, pattern: string): JobError {
  return new JobError('RUN303', `regular expression \`${pattern}\` uses ${what}, which Sluice cannot run`, {
    origin: 'user',
    retry: 'never',
    hint: 'Write it in another way, or run the pipeline on a Flink target.',
  })
}

const posixClasses: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7F',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-\\/:-@\\[-`\\{-~',
  Graph: '!-~',
  Print: ' -~',
  Blank: ' \\t',
  Cntrl: '\\x00-\\x1F\\x7F',
  XDigit: '0-9a-fA-F',
  Space: ' \\t\\n\\x0B\\f\\r',
}

const javaProperties: Readonly<Record<string, string>> = {
  javaLowerCase: 'Lowercase',
  javaUpperCase: 'Uppercase',
  javaLetter: 'L',
  javaDigit: 'Nd',
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\\x07',
  e: '\\x1B',
  h: '[ \\t\\xA0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000]',
  s: '[ \\t\\n\\x0B\\f\\r]',
  S: '[^ \\t\\n\\x0B\\f\\r]',
  A: '(?<![^])',
  Z: '(?=\\n?(?![^]))',
  z: '(?![^])',
  R: '(?:\\r\\n|[\\n\\x0B\\f\\r\\u0085\\u2028\\u2029])',
}

/**
 * `pieces` are the parts of the JavaScript source, an atom to a piece where it can be; `open` the pieces at which open groups begin;
 * `groups` says of each JavaScript group whether it is one of the pattern's own (possessive quantifiers need others).
 */
type Reader = {
  readonly pattern: string
  at: number
  inClass: number
  readonly pieces: string[]
  readonly open: number[]
  readonly groups: boolean[]
}

type Translation = { readonly source: string; readonly flags: string; readonly groups: readonly boolean[] }

function translate(pattern: string): Translation {
  const reader: Reader = { pattern, at: 0, inClass: 0, pieces: [], open: [], groups: [] }
  const flags = leadingFlags(reader)
  while (reader.at < pattern.length) {
    const piece = nextPiece(reader, flags)
    reader.pieces.push(piece)
    if (piece === '(') openGroup(reader)
    else if (piece === ')') closeGroup(reader)
    else makePossessive(reader)
  }
  return { source: reader.pieces.join(''), flags, groups: reader.groups }
}

function openGroup({ pattern, at, pieces, open, groups }: Reader): void {
  open.push(pieces.length - 1)
  if (pattern[at] !== '?' || /^\?<[a-zA-Z]/.test(pattern.slice(at))) groups.push(true)
}

/** A closed group is one atom. */
function closeGroup({ pattern, pieces, open }: Reader): void {
  const start = open.pop()
  if (start === undefined) throw new InvalidPattern(`pattern ${pattern} has a lone )`)
  pieces.push(pieces.splice(start).join(''))
}

/** X*+ takes what X* takes and never gives back: a look-ahead finds it, a back-reference takes it. */
function makePossessive(reader: Reader): void {
  const { pattern, pieces, groups, at } = reader
  if (pattern[at] !== '+' || pieces.length < 2 || !/^(?:[*+?]|\{\d+(?:,\d*)?\})$/.test(pieces.at(-1)!)) return
  // The added group would change what \1 means.
  if (/\\[1-9]/.test(pattern.replaceAll('\\\\', ''))) {
    throw unknown('a possessive quantifier beside a back-reference', pattern)
  }
  reader.at++
  const [atom, quantifier] = pieces.splice(-2) as [string, string]
  groups.splice(groups.length - countGroups(atom), 0, false)
  const name = `possessive${groups.length}`
  pieces.push(`(?:(?=(?<${name}>${atom}${quantifier}))\\k<${name}>)`)
}

/** Capturing groups in a translated atom. */
function countGroups(atom: string): number {
  if (!atom.startsWith('(')) return 0
  return (atom.replace(/\\[\s\S]|\[[^\]]*\]/g, '').match(/\((?!\?(?!<[a-zA-Z]))/g) ?? []).length
}

/** `(?i)` and the like at the start. */
function leadingFlags(reader: Reader): string {
  const match = /^\(\?([a-zA-Z]+)\)/.exec(reader.pattern)
  if (!match) return ''
  const unsupportedFlag = [...match[1]!].find((flag) => !'ims'.includes(flag))
  if (unsupportedFlag) throw unknown(`the flag ${unsupportedFlag}`, reader.pattern)
  reader.at = match[0].length
  return match[1]!
}

function nextPiece(reader: Reader, flags: string): string {
  const { pattern } = reader
  const c = String.fromCodePoint(pattern.codePointAt(reader.at)!)
  reader.at += c.length
  if (c === '\\') return escaped(reader)
  switch (c) {
    case '[':
      return characterClass(reader)
    case '.':
      // Java's dot leaves out more line ends than JavaScript's.
      return flags.includes('s') ? '.' : '[^\\n\\r\\u0085\\u2028\\u2029]'
    case '$':
      return flags.includes('m') ? '$' : '(?=(?:\\r\\n|[\\n\\r\\u0085\\u2028\\u2029])?(?![^]))'
    case '(':
      return group(reader)
    case '}':
      return '\\}'
    case '{': {
      const quantifier = /^\d+(?:,\d*)?\}/.exec(pattern.slice(reader.at))?.[0]
      if (quantifier === undefined) throw new InvalidPattern(`pattern ${pattern} has a lone {`)
      reader.at += quantifier.length
      return `{${quantifier}`
    }
    case ']':
      return '\\]'
    case '/':
      return '\\/'
    default:
      return c
  }
}

/** A whole class, with those inside it. `[]a]` in Java holds `]`; the sides of `&&` become classes, as JavaScript wants them. */
function characterClass(reader: Reader): string {
  const { pattern } = reader
  reader.inClass = 1
  const negated = pattern[reader.at] === '^'
  if (negated) reader.at++
  const sides = ['']
  const add = (piece: string) => sides.push(sides.pop()! + piece)
  if (pattern[reader.at] === ']') {
    reader.at++
    add('\\]')
  }
  while (reader.inClass > 0) {
    const codePoint = pattern.codePointAt(reader.at)
    if (codePoint === undefined) throw new InvalidPattern(`pattern ${pattern} has an unclosed class`)
    const c = String.fromCodePoint(codePoint)
    reader.at += c.length
    const piece = c === '\\' ? escaped(reader) : inClass(c, reader)
    if (piece === '&&') sides.push('')
    else if (reader.inClass > 0) add(piece)
  }
  const [only] = sides
  const inner = sides.length === 1 ? only : sides.map((side) => `[${side}]`).join('&&')
  if (negated && sides.length > 1) throw unknown('a negated intersection of classes', pattern)
  return `[${negated ? '^' : ''}${inner}]`
}

/** Classes nest and intersect (`&&`) as in JavaScript's `v` mode, which wants other doubled or bracketing characters escaped. */
function inClass(c: string, reader: Reader): string {
  const { pattern } = reader
  if (c === '[') {
    reader.inClass++
    if (pattern[reader.at] !== '^') return '['
    reader.at++
    return '[^'
  }
  if (c === ']') {
    reader.inClass--
    return ']'
  }
  if (c === '&' && pattern[reader.at] === '&') {
    if (reader.inClass > 1) throw unknown('an intersection inside a class', pattern)
    reader.at++
    return '&&'
  }
  return /[(){}/|&!#$%*+,.:;<=>?@^`~-]/.test(c) && !(c === '-' && isRange(reader)) ? `\\${c}` : c
}

/** A hyphen between two members of a class; at either end of it, it is one itself. */
function isRange({ pattern, at }: Reader): boolean {
  const before = pattern[at - 2]
  return before !== '[' && before !== '^' && pattern[at] !== ']' && pattern[at] !== undefined
}

function group(reader: Reader): string {
  const { pattern } = reader
  if (pattern[reader.at] !== '?') return '('
  const rest = pattern.slice(reader.at)
  if (/^\?(?::|=|!|<=|<!)/.test(rest)) return '('
  if (/^\?<[a-zA-Z]/.test(rest)) return '('
  if (rest.startsWith('?>')) throw unknown('an atomic group', pattern)
  const scoped = /^\?([a-z]*)(?:-([a-z]*))?:/.exec(rest)
  if (scoped && [...(scoped[1]! + (scoped[2] ?? ''))].every((flag) => 'ims'.includes(flag))) return '('
  throw unknown('a flag inside the pattern', pattern)
}

function escaped(reader: Reader): string {
  const { pattern } = reader
  const c = pattern[reader.at++]
  if (c === undefined) throw new InvalidPattern(`pattern ${pattern} ends in a backslash`)
  if (c === 'Q') return quoted(reader)
  if (c === 'p' || c === 'P') return property(c, reader)
  if (c === 'G' || c === 'X' || c === 'N' || c === 'H' || c === 'V' || c === 'k') {
    if (c === 'k') return '\\k'
    throw unknown(`\\${c}`, pattern)
  }
  if (c === 'v' && reader.inClass === 0) return '[\\n\\x0B\\f\\r\\x85\\u2028\\u2029]'
  if (c === '0') return octal(reader)
  if (c === 'x' && pattern[reader.at] === '{') return '\\u'
  const simple = simpleEscapes[c]
  if (simple !== undefined) {
    if (reader.inClass === 0) return simple
    if (!simple.startsWith('[') || simple.startsWith('[^')) {
      if (simple.startsWith('\\')) return simple
      throw unknown(`\\${c} in a class`, pattern)
    }
    return simple.slice(1, -1)
  }
  if (/[dDwWbBtnrfux1-9c]/.test(c)) return `\\${c}`
  if (/[a-zA-Z]/.test(c)) throw new InvalidPattern(`pattern ${pattern} has an unknown escape \\${c}`)
  return /[\^$\\.*+?()[\]{}|/-]/.test(c) && !(c === '-' && reader.inClass === 0) ? `\\${c}` : c
}

function quoted(reader: Reader): string {
  const end = reader.pattern.indexOf('\\E', reader.at)
  const text = reader.pattern.slice(reader.at, end < 0 ? undefined : end)
  reader.at = end < 0 ? reader.pattern.length : end + 2
  return text.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&')
}

function octal(reader: Reader): string {
  const digits = /^[0-3]?[0-7]{1,2}/.exec(reader.pattern.slice(reader.at))?.[0]
  if (!digits) throw new InvalidPattern(`pattern ${reader.pattern} has a malformed octal escape`)
  reader.at += digits.length
  return `\\x${Number.parseInt(digits, 8).toString(16).padStart(2, '0')}`
}

function property(c: 'p' | 'P', reader: Reader): string {
  const match = /^(?:\{(\^?)(\w+)\}|(\w))/.exec(reader.pattern.slice(reader.at))
  if (!match) throw new InvalidPattern(`pattern ${reader.pattern} has a malformed property`)
  reader.at += match[0].length
  const name = match[2] ?? match[3]!
  const members = posixClasses[name]
  if (members !== undefined) {
    if (reader.inClass > 0) {
      if (c === 'P') throw unknown(`\\P{${name}} in a class`, reader.pattern)
      return members
    }
    return `[${c === 'P' ? '^' : ''}${members}]`
  }
  const java = javaProperties[name]
  if (java) return `\\${c}{${java}}`
  const script = /^Is(\w+)$/.exec(name)?.[1]
  if (script === 'Alphabetic' || script === 'Uppercase' || script === 'Lowercase') return `\\${c}{${script}}`
  if (script && script.length > 2) return `\\${c}{Script=${script}}`
  if (/^(L|M|N|P|S|Z|C)[a-z]?$/.test(script ?? name)) return `\\${c}{${script ?? name}}`
  throw unknown(`the property ${name}`, reader.pattern)
}
