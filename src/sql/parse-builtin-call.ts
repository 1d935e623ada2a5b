// Calls with words between their arguments: CAST, EXTRACT, TRIM, POSITION, ... and the functions of MATCH_RECOGNIZE.
// They become plain calls with Calcite's argument order; ast.ts names it at `Call`.
import type { Argument, Call, DataType, Expression, Name, SyntaxWord } from './ast.ts'
import { startsExpression } from './lookahead.ts'
import { lastWordAsName, parseOver, parseQuantifiedArguments, simpleCall } from './parse-call.ts'
import { parseJsonCall } from './parse-json.ts'
import { extractUnits, parseIntervalQualifier, parseNumericLiteral, parseTimeUnitOrName } from './parse-literal.ts'
import type { Parser } from './parser-state.ts'

/** The next tokens are one of the words in `builtinCallWords` and a parenthesis. */
export function parseBuiltinCall(p: Parser): Expression {
  const word = p.peek()
  switch (word) {
    case 'CAST':
    case 'TRY_CAST':
    case 'SAFE_CAST':
      return parseCast(p, word)
    case 'FLOOR':
    case 'CEIL':
    case 'CEILING':
      return parseFloorOrCeil(p)
    case 'TUMBLE':
    case 'HOP':
    case 'SESSION':
    case 'DATE':
    case 'TIME':
    case 'DATETIME':
    case 'TIMESTAMP':
      return parseGenericCall(p)
    case 'JSON_EXISTS':
    case 'JSON_VALUE':
    case 'JSON_QUERY':
    case 'JSON_OBJECT':
    case 'JSON_OBJECTAGG':
    case 'JSON_ARRAY':
    case 'JSON_ARRAYAGG':
      return parseJsonCall(p, word)
  }
  p.advance()
  const name = lastWordAsName(p)
  p.expect('(')
  const args = (argumentsOf[word] ?? parseNoArguments)(p)
  p.expect(')')
  return simpleCall(p, name, args)
}

type ArgumentRule = (p: Parser) => readonly Argument[]

function value(p: Parser): Expression {
  return p.nested(() => p.rules.expression(p, 'subquery'))
}

function parseNoArguments(): readonly Argument[] {
  return []
}

function parseUnitFirst(p: Parser): readonly Argument[] {
  const unit = parseTimeUnitOrName(p)
  p.expect(',')
  const first = value(p)
  p.expect(',')
  return [unit, first, value(p)]
}

function parseUnitLast(p: Parser): readonly Argument[] {
  const first = value(p)
  p.expect(',')
  const second = value(p)
  p.expect(',')
  return [first, second, parseTimeUnitOrName(p)]
}

function parseTruncation(p: Parser): readonly Argument[] {
  const first = value(p)
  p.expect(',')
  return [first, parseTimeUnitOrName(p)]
}

/** DATE_TRUNC(x, unit), or DATE_TRUNC('unit', x) of other databases. */
function parseDateTruncation(p: Parser): readonly Argument[] {
  const first = value(p)
  p.expect(',')
  if (extractUnits.has(p.peek())) return [first, parseTimeUnitOrName(p)]
  return [first, value(p)]
}

function parseNavigation(p: Parser): readonly Argument[] {
  const first = value(p)
  return p.accept(',') ? [first, parseNumericLiteral(p)] : [first]
}

const argumentsOf: Readonly<Record<string, ArgumentRule>> = {
  EXTRACT: (p) => {
    const unit = parseTimeUnitOrName(p)
    p.expect('FROM')
    return [unit, value(p)]
  },
  POSITION: (p) => {
    const needle = p.rules.atom(p)
    p.expect('IN')
    const args = [needle, value(p)]
    if (p.accept('FROM')) args.push(value(p))
    return args
  },
  OVERLAY: (p) => {
    const args = [value(p)]
    p.expect('PLACING')
    args.push(value(p))
    p.expect('FROM')
    args.push(value(p))
    if (p.accept('FOR')) args.push(value(p))
    return args
  },
  SUBSTRING: (p) => {
    const args = [value(p)]
    p.expectOneOf('FROM', ',')
    args.push(value(p))
    if (p.acceptOneOf('FOR', ',') !== undefined) args.push(value(p))
    return args
  },
  TRIM: parseTrim,
  CONVERT: parseConvert,
  TRANSLATE: (p) => {
    const args: Argument[] = [value(p)]
    if (p.accept('USING')) {
      const set = p.name()
      return [...args, { kind: 'symbol', name: set.name, span: set.span }]
    }
    while (p.accept(',')) args.push(value(p))
    return args
  },
  CONTAINS_SUBSTR: (p) => {
    const args: Argument[] = [value(p)]
    p.expect(',')
    args.push(value(p))
    if (!p.accept(',')) return args
    p.expect('JSON_SCOPE')
    const word = lastWordAsName(p).parts[0] as Name
    p.expect('=>')
    const operatorSpan = p.lastSpan()
    const scope = value(p)
    return [
      ...args,
      { kind: 'namedArgument', name: word, operatorSpan, value: scope, span: p.spanFrom(word.span.start) },
    ]
  },
  TIMESTAMPADD: parseUnitFirst,
  TIMESTAMPDIFF: parseUnitFirst,
  DATE_DIFF: parseUnitLast,
  DATETIME_DIFF: parseUnitLast,
  TIMESTAMP_DIFF: parseUnitLast,
  TIME_DIFF: parseUnitLast,
  DATE_TRUNC: parseDateTruncation,
  DATETIME_TRUNC: parseTruncation,
  TIMESTAMP_TRUNC: parseTruncation,
  TIME_TRUNC: parseTruncation,
  FIRST: parseNavigation,
  LAST: parseNavigation,
  PREV: parseNavigation,
  NEXT: parseNavigation,
}

/** TRIM(x), TRIM(c FROM x), TRIM(BOTH c FROM x): always three arguments behind FROM, one without. */
function parseTrim(p: Parser): readonly Argument[] {
  const side = p.acceptOneOf('BOTH', 'TRAILING', 'LEADING')
  const sideSpan = p.lastSpan()
  const flag = (): SyntaxWord => ({ kind: 'symbol', name: side ?? 'BOTH', span: sideSpan })
  if (p.accept('FROM')) {
    if (side === undefined) p.refuse('SYN012', p.lastSpan(), 'FROM in TRIM needs a side or characters before it')
    return [flag(), value(p)]
  }
  if (side !== undefined && p.at(')')) return [flag()]
  const first = value(p)
  if (p.accept('FROM')) return [flag(), first, value(p)]
  if (!p.at(')')) p.fail('FROM', ')')
  return side === undefined ? [first] : [flag(), first]
}

function parseConvert(p: Parser): readonly Argument[] {
  if (!startsExpression(p, 0)) return parseConvertToType(p)
  const first = value(p)
  if (p.accept('USING')) {
    const set = p.name()
    return [first, { kind: 'symbol', name: set.name, span: set.span }]
  }
  p.expect(',')
  const from = p.name()
  p.expect(',')
  const to = p.name()
  return [first, { kind: 'symbol', name: from.name, span: from.span }, { kind: 'symbol', name: to.name, span: to.span }]
}

/** CONVERT(type, x [, style]) of SQL Server: the type is kept as a word, for it is refused later anyway. */
function parseConvertToType(p: Parser): readonly Argument[] {
  const start = p.start()
  const { span } = parseCastType(p)
  const type: SyntaxWord = { kind: 'symbol', name: p.text.slice(start, span.end), span }
  p.expect(',')
  const args: Argument[] = [type, value(p)]
  if (p.accept(',')) args.push(p.at('NULL') ? value(p) : parseNumericLiteral(p))
  return args
}

function parseCast(p: Parser, form: 'CAST' | 'TRY_CAST' | 'SAFE_CAST'): Expression {
  const start = p.start()
  p.advance()
  p.expect('(')
  const operand = value(p)
  p.expect('AS')
  const type = parseCastType(p)
  p.expect(')')
  return { kind: 'cast', form, operand, type, span: p.spanFrom(start) }
}

function parseCastType(p: Parser): DataType {
  const start = p.start()
  if (!p.accept('INTERVAL')) return p.rules.dataType(p)
  const qualifier = parseIntervalQualifier(p)
  return { kind: 'dataType', type: 'INTERVAL', qualifier, span: p.spanFrom(start) }
}

function parseFloorOrCeil(p: Parser): Call {
  const start = p.start()
  p.advance()
  const name = lastWordAsName(p)
  p.expect('(')
  const args: Argument[] = [value(p)]
  if (p.accept('TO')) args.push(parseTimeUnitOrName(p))
  p.expect(')')
  const call = simpleCall(p, name, args)
  const over = parseOver(p)
  return over === undefined ? call : { ...call, over, span: p.spanFrom(start) }
}

function parseGenericCall(p: Parser): Call {
  p.advance()
  const name = lastWordAsName(p)
  const args = parseQuantifiedArguments(p, 'subquery')
  return simpleCall(p, name, args.items, args.quantifier)
}
