// Literals, interval qualifiers and time units.
import type { Span } from '../diagnostics/diagnostic.ts'
import type {
  DatetimeLiteral,
  Expression,
  IntervalExpression,
  IntervalLiteral,
  IntervalQualifier,
  Literal,
  NumericLiteral,
  StringLiteral,
  SyntaxWord,
  TimeUnit,
} from './ast.ts'
import { stringLiterals, unsignedNumbers } from './first-sets.ts'
import { isNameKind, type Parser } from './parser-state.ts'
import { charsetOf, unescapeCString, unescapeUnicode } from './string-escapes.ts'

/** A literal that begins at the next token, or undefined where none does. Signs belong to literals only in places of their own. */
export function parseLiteralIfAny(p: Parser): Literal | IntervalExpression | undefined {
  const start = p.start()
  const kind = p.peek()
  switch (kind) {
    case 'INTERVAL':
      return parseIntervalLiteralOrExpression(p)
    case 'TRUE':
    case 'FALSE':
    case 'UNKNOWN':
      p.advance()
      return { kind: 'boolean', value: kind === 'UNKNOWN' ? undefined : kind === 'TRUE', span: p.spanFrom(start) }
    case 'NULL':
      p.advance()
      return { kind: 'null', span: p.spanFrom(start) }
    case '+':
    case '-':
      return parseNumericLiteral(p)
    default:
      if (unsignedNumbers.has(kind)) return parseUnsignedNumber(p)
      if (stringLiterals.has(kind)) return parseStringLiteral(p)
      return parseDatetimeLiteralIfAny(p)
  }
}

/** PARTITION (p = literal) and other places that take nothing but a literal. */
export function parseLiteral(p: Parser): Literal {
  if (p.at('INTERVAL')) return parseIntervalLiteral(p)
  const literal = parseLiteralIfAny(p)
  if (literal === undefined || literal.kind === 'intervalExpression') return p.fail('a literal')
  return literal
}

export function parseUnsignedNumber(p: Parser): NumericLiteral {
  const start = p.start()
  const kind = p.acceptOneOf('integer', 'decimal', 'approximate', 'DECIMAL')
  if (kind === undefined) return p.fail('a number')
  if (kind !== 'DECIMAL') {
    return { kind: 'numeric', text: p.lastText(), exact: kind !== 'approximate', span: p.spanFrom(start) }
  }
  p.expect('string')
  const text = p.lastText().slice(1, -1).trim()
  const span = p.spanFrom(start)
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) {
    p.refuse('SYN007', span, `\`${text}\` is no decimal number`)
  }
  return { kind: 'numeric', text, exact: true, span }
}

/** A number with an optional sign. */
export function parseNumericLiteral(p: Parser): NumericLiteral {
  const start = p.start()
  const sign = p.acceptOneOf('+', '-')
  const number = parseUnsignedNumber(p)
  return sign === '-' ? { ...number, text: `-${number.text}`, span: p.spanFrom(start) } : number
}

export function parseUnsignedInteger(p: Parser): number {
  p.expect('integer')
  const value = Number(p.lastText())
  if (value > 2147483647) p.refuse('SYN007', p.lastSpan(), `\`${p.lastText()}\` is too large here`)
  return value
}

/** The value of a plain quoted string that was just read. */
export function lastStringValue(p: Parser): string {
  return p.lastText().slice(1, -1).replaceAll("''", "'")
}

export function parseStringLiteral(p: Parser): Literal {
  const start = p.start()
  const kind = p.peek()
  if (!stringLiterals.has(kind)) return p.fail('a string')
  p.advance()
  const text = p.lastText()
  const quote = text.indexOf("'")
  const body = text.slice(quote + 1, -1)
  if (kind === 'escapedString') {
    const value = unescapeCString(p, body, p.lastSpan())
    return { kind: 'string', value, charset: 'UTF16', span: p.spanFrom(start) }
  }
  if (kind === 'binaryString') return parseBinaryLiteral(p, start, body)
  const charset = charsetOf(p, kind, text.slice(0, quote), p.lastSpan())
  let value = body.replaceAll("''", "'")
  const first = p.lastSpan()
  while (p.accept('string')) value += lastStringValue(p)
  const chain = p.spanFrom(start)
  if (p.accept('UESCAPE')) {
    p.expect('string')
    if (kind !== 'unicodeString')
      p.refuse('SYN007', p.lastSpan(), "UESCAPE stands only behind a string of the form U&'...'")
    value = unescapeUnicode(p, value, lastStringValue(p), first)
  } else if (kind === 'unicodeString') value = unescapeUnicode(p, value, '\\', first)
  const literal: StringLiteral = { kind: 'string', value, span: chain, ...(charset === undefined ? {} : { charset }) }
  return literal
}

function parseBinaryLiteral(p: Parser, start: number, first: string): Literal {
  let hex = first
  checkHex(p, first)
  while (p.accept('string')) {
    const more = p.lastText().slice(1, -1)
    checkHex(p, more)
    hex += more
  }
  return { kind: 'bytes', hex, span: p.spanFrom(start) }
}

function checkHex(p: Parser, digits: string): void {
  if (!/^[0-9a-fA-F]*$/.test(digits)) {
    p.refuse('SYN007', p.lastSpan(), 'a binary literal holds other characters than the digits 0-9 and A-F')
  }
}

function parseDatetimeLiteralIfAny(p: Parser): DatetimeLiteral | undefined {
  const start = p.start()
  const kind = p.peek()
  if (kind === '{d' || kind === '{t' || kind === '{ts') {
    p.advance()
    p.expect('string')
    const value = lastStringValue(p)
    p.expect('}')
    const type = kind === '{d' ? 'DATE' : kind === '{t' ? 'TIME' : 'TIMESTAMP'
    return { kind: 'datetime', type, value, span: p.spanFrom(start) }
  }
  if (kind !== 'DATE' && kind !== 'TIME' && kind !== 'DATETIME' && kind !== 'TIMESTAMP') return undefined
  if (p.peekAt(1) === '(') return undefined
  p.advance()
  let type: DatetimeLiteral['type'] = kind
  if (kind === 'TIMESTAMP' && p.peek() !== 'string') {
    p.expectAll('WITH', 'LOCAL', 'TIME', 'ZONE')
    type = 'TIMESTAMP_LTZ'
  }
  p.expect('string')
  return { kind: 'datetime', type, value: lastStringValue(p), span: p.spanFrom(start) }
}

// --------------------------------------------------------------------------------------------------------------- intervals

export function parseIntervalLiteral(p: Parser): IntervalLiteral {
  const start = p.start()
  p.expect('INTERVAL')
  const negative = p.acceptOneOf('-', '+') === '-'
  p.expect('string')
  return finishIntervalLiteral(p, start, negative)
}

function finishIntervalLiteral(p: Parser, start: number, negative: boolean): IntervalLiteral {
  const value = lastStringValue(p)
  const qualifier = parseIntervalQualifier(p)
  const span = p.spanFrom(start)
  if (value === '') p.refuse('SYN007', span, 'an interval literal is empty')
  return { kind: 'interval', negative, value, qualifier, span }
}

function parseIntervalLiteralOrExpression(p: Parser): IntervalLiteral | IntervalExpression {
  const start = p.start()
  p.expect('INTERVAL')
  const negative = p.acceptOneOf('-', '+') === '-'
  if (p.accept('string')) return finishIntervalLiteral(p, start, negative)
  const operand = parseIntervalOperand(p)
  const qualifier = parseIntervalStart(p)
  return { kind: 'intervalExpression', negative, operand, qualifier, span: p.spanFrom(start) }
}

function parseIntervalOperand(p: Parser): Expression {
  if (p.accept('(')) {
    const operand = p.nested(() => p.rules.expression(p, 'subquery'))
    p.expect(')')
    return operand
  }
  if (unsignedNumbers.has(p.peek())) return parseUnsignedNumber(p)
  if (isNameKind(p.peek())) return p.rules.compoundIdentifier(p)
  return p.fail('string', '(', 'a number', 'identifier')
}

const unitWords: ReadonlyMap<string, TimeUnit> = new Map([
  ['YEAR', 'YEAR'],
  ['YEARS', 'YEAR'],
  ['QUARTER', 'QUARTER'],
  ['QUARTERS', 'QUARTER'],
  ['MONTH', 'MONTH'],
  ['MONTHS', 'MONTH'],
  ['WEEK', 'WEEK'],
  ['WEEKS', 'WEEK'],
  ['DAY', 'DAY'],
  ['DAYS', 'DAY'],
  ['HOUR', 'HOUR'],
  ['HOURS', 'HOUR'],
  ['MINUTE', 'MINUTE'],
  ['MINUTES', 'MINUTE'],
  ['SECOND', 'SECOND'],
  ['SECONDS', 'SECOND'],
])

/** The units that may follow TO, by the unit before it. */
const endUnits: Readonly<Record<TimeUnit, readonly TimeUnit[]>> = {
  YEAR: ['MONTH'],
  QUARTER: [],
  MONTH: [],
  WEEK: [],
  DAY: ['HOUR', 'MINUTE', 'SECOND'],
  HOUR: ['MINUTE', 'SECOND'],
  MINUTE: ['SECOND'],
  SECOND: [],
}

export function unitAt(p: Parser, distance: number): TimeUnit | undefined {
  return unitWords.get(p.peekAt(distance))
}

function acceptUnit(p: Parser): TimeUnit {
  const unit = unitAt(p, 0)
  if (unit === undefined) return p.fail('a time unit')
  p.advance()
  return unit
}

export function parseIntervalQualifier(p: Parser): IntervalQualifier {
  const start = p.start()
  const from = acceptUnit(p)
  if (from === 'SECOND') return finishSeconds(p, start)
  const precision = parsePrecisionIfAny(p)
  const to = acceptEndUnit(p, from)
  const fraction = to === 'SECOND' ? parsePrecisionIfAny(p) : undefined
  return makeQualifier(p.spanFrom(start), from, to, precision, fraction)
}

/** The shorter form behind an interval of an expression: no TO. */
function parseIntervalStart(p: Parser): IntervalQualifier {
  const start = p.start()
  const from = acceptUnit(p)
  if (from === 'SECOND') return finishSeconds(p, start)
  const precision = parsePrecisionIfAny(p)
  return makeQualifier(p.spanFrom(start), from, undefined, precision, undefined)
}

function acceptEndUnit(p: Parser, from: TimeUnit): TimeUnit | undefined {
  const ends = endUnits[from]
  if (ends.length === 0 || !p.at('TO')) return undefined
  const to = unitAt(p, 1)
  if (to === undefined || !ends.includes(to)) return undefined
  p.advance()
  p.advance()
  return to
}

function finishSeconds(p: Parser, start: number): IntervalQualifier {
  let precision: number | undefined
  let fraction: number | undefined
  if (p.accept('(')) {
    precision = parseUnsignedInteger(p)
    if (p.accept(',')) fraction = parseUnsignedInteger(p)
    p.expect(')')
  }
  return makeQualifier(p.spanFrom(start), 'SECOND', undefined, precision, fraction)
}

function makeQualifier(
  span: Span,
  from: TimeUnit,
  to: TimeUnit | undefined,
  precision: number | undefined,
  fraction: number | undefined,
): IntervalQualifier {
  return {
    kind: 'intervalQualifier',
    from,
    ...(to === undefined ? {} : { to }),
    ...(precision === undefined ? {} : { precision }),
    ...(fraction === undefined ? {} : { fraction }),
    span,
  }
}

export function parsePrecisionIfAny(p: Parser): number | undefined {
  if (!p.accept('(')) return undefined
  const precision = parseUnsignedInteger(p)
  p.expect(')')
  return precision
}

// --------------------------------------------------------------------------------------------------------------- time units

/** Units of EXTRACT, FLOOR, TIMESTAMPADD and their like; what else is a name is judged by the validator. */
export const extractUnits: ReadonlySet<string> = new Set([
  'NANOSECOND',
  'MICROSECOND',
  'MILLISECOND',
  'SECOND',
  'MINUTE',
  'HOUR',
  'DAY',
  'DAYOFWEEK',
  'DAYOFYEAR',
  'DOW',
  'DOY',
  'ISODOW',
  'ISOYEAR',
  'WEEK',
  'MONTH',
  'QUARTER',
  'YEAR',
  'EPOCH',
  'DECADE',
  'CENTURY',
  'MILLENNIUM',
])

const weekdays = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'] as const

export function parseTimeUnitOrName(p: Parser): SyntaxWord {
  const start = p.start()
  const kind = p.peek()
  if (extractUnits.has(kind)) {
    p.advance()
    if (kind === 'WEEK' && p.at('(') && weekdays.some((day) => day === p.peekAt(1))) {
      p.advance()
      const day = p.expectOneOf(...weekdays)
      p.expect(')')
      return { kind: 'symbol', name: `WEEK(${day})`, span: p.spanFrom(start) }
    }
    return { kind: 'symbol', name: kind, span: p.spanFrom(start) }
  }
  if (!isNameKind(kind)) return p.fail('a time unit')
  const name = p.name()
  return { kind: 'symbol', name: name.name.toUpperCase(), span: name.span }
}
