// JSON_VALUE, JSON_QUERY, JSON_EXISTS and the JSON constructors with their clauses.
import type { Expression, JsonConstructor, JsonEntry, JsonOnError, JsonPathCall, Name } from './ast.ts'
import { aggregateCallWords, builtinCallWords, names, stringLiterals, wholeLiterals } from './first-sets.ts'
import { contextVariables, reservedFunctionNames } from './keywords.ts'
import { startsExpression, startsExpressionByTwo } from './lookahead.ts'
import { parseWithinGroup } from './parse-call.ts'
import { parseOrderBy } from './parse-order.ts'
import type { Parser } from './parser-state.ts'

type JsonWord = JsonPathCall['function'] | JsonConstructor['function']

export function parseJsonCall(p: Parser, word: JsonWord): Expression {
  if (word === 'JSON_EXISTS' || word === 'JSON_VALUE' || word === 'JSON_QUERY') return parsePathCall(p, word)
  return parseConstructor(p, word)
}

function value(p: Parser): Expression {
  return p.nested(() => p.rules.expression(p, 'nonQuery'))
}

type PathClauses = {
  -readonly [K in 'passing' | 'returning' | 'wrapper' | 'onEmpty' | 'onError']?: NonNullable<JsonPathCall[K]>
}

function parsePathCall(p: Parser, word: JsonPathCall['function']): JsonPathCall {
  const start = p.start()
  p.advance()
  const nameSpan = p.lastSpan()
  p.expect('(')
  const input = value(p)
  p.expect(',')
  const path = value(p)
  const clauses: PathClauses = {}
  if (p.accept('PASSING')) clauses.passing = parsePassing(p)
  if (word === 'JSON_EXISTS') parseExistsClauses(p, clauses)
  else {
    if (p.accept('RETURNING')) clauses.returning = p.rules.dataType(p)
    if (word === 'JSON_QUERY') parseWrapper(p, clauses)
    while (parseEmptyOrError(p, word, clauses)) {
      // Everything happens in the condition.
    }
  }
  p.expect(')')
  return { kind: 'jsonPath', function: word, nameSpan, input, path, ...clauses, span: p.spanFrom(start) }
}

function parsePassing(p: Parser): { value: Expression; name: Name }[] {
  const list: { value: Expression; name: Name }[] = []
  do {
    const passed = value(p)
    p.expect('AS')
    list.push({ value: passed, name: p.name() })
  } while (p.accept(','))
  return list
}

function parseExistsClauses(p: Parser, clauses: PathClauses): void {
  const behavior = p.acceptOneOf('TRUE', 'FALSE', 'UNKNOWN', 'ERROR')
  if (behavior === undefined) return
  p.expectAll('ON', 'ERROR')
  clauses.onError = behavior
}

function parseWrapper(p: Parser, clauses: PathClauses): void {
  const word = p.acceptOneOf('WITHOUT', 'WITH')
  if (word === undefined) return
  if (word === 'WITHOUT') clauses.wrapper = 'WITHOUT'
  else clauses.wrapper = `WITH ${p.acceptOneOf('CONDITIONAL', 'UNCONDITIONAL') ?? 'UNCONDITIONAL'}`
  p.accept('ARRAY')
  p.expect('WRAPPER')
}

function parseEmptyOrError(p: Parser, word: 'JSON_VALUE' | 'JSON_QUERY', clauses: PathClauses): boolean {
  let behavior: JsonOnError
  if (p.accept('ERROR')) behavior = 'ERROR'
  else if (p.accept('NULL')) behavior = 'NULL'
  else if (word === 'JSON_VALUE' && p.accept('DEFAULT')) behavior = { default: value(p) }
  else if (word === 'JSON_QUERY' && p.at('EMPTY')) {
    if (p.peekAt(1) === 'ARRAY') behavior = 'EMPTY ARRAY'
    else behavior = 'EMPTY OBJECT'
    p.advance()
    p.expect(behavior === 'EMPTY ARRAY' ? 'ARRAY' : 'OBJECT')
  } else return false
  p.expect('ON')
  const event = p.expectOneOf('EMPTY', 'ERROR')
  if (event === 'EMPTY') clauses.onEmpty = behavior
  else clauses.onError = behavior
  return true
}

// ------------------------------------------------------------------------------------------------------------ constructors

function parseConstructor(p: Parser, word: JsonConstructor['function']): JsonConstructor {
  const start = p.start()
  p.advance()
  p.expect('(')
  const entries: JsonEntry[] = []
  const keyed = word === 'JSON_OBJECT' || word === 'JSON_OBJECTAGG'
  const aggregate = word === 'JSON_OBJECTAGG' || word === 'JSON_ARRAYAGG'
  if (aggregate) entries.push(keyed ? parseKeyAndValue(p) : parseElement(p))
  else if (keyed ? startsKey(p) : startsElement(p)) {
    do entries.push(keyed ? parseKeyAndValue(p) : parseElement(p))
    while (p.accept(','))
  }
  const orderBy = word === 'JSON_ARRAYAGG' && p.at('ORDER') ? parseOrderBy(p, true) : undefined
  const onNull = p.acceptOneOf('NULL', 'ABSENT')
  if (onNull !== undefined) p.expectAll('ON', 'NULL')
  p.expect(')')
  const callSpan = p.spanFrom(start)
  const withinGroup = word === 'JSON_ARRAYAGG' ? parseWithinGroup(p) : undefined
  if (withinGroup !== undefined && orderBy !== undefined) {
    p.refuse('SYN012', p.spanFrom(start), 'JSON_ARRAYAGG has both ORDER BY and WITHIN GROUP')
  }
  return {
    kind: 'jsonConstructor',
    function: word,
    callSpan,
    entries,
    ...(onNull === undefined ? {} : { onNull }),
    ...(orderBy === undefined ? {} : { orderBy }),
    ...(withinGroup === undefined ? {} : { withinGroup }),
    span: p.spanFrom(start),
  }
}

/** Flink takes NULL for a value first, so that JSON_ARRAY(NULL ON NULL) is an error to it. */
function startsElement(p: Parser): boolean {
  return !p.at(')') && startsExpression(p, 0)
}

/**
 * Flink looks two tokens far for a key: behind a key of one token must stand what can go on with it. In doing so it does not
 * see that a name with a parenthesis behind it is a call, so that JSON_OBJECT(UPPER(a) VALUE 1) is an error to it.
 */
function startsKey(p: Parser): boolean {
  const [first, second] = [p.peek(), p.peekAt(1)]
  if (!startsExpression(p, 0)) return false
  if (first === 'KEY' && startsExpression(p, 1)) return true
  const hasGrammar = builtinCallWords.has(first) || aggregateCallWords.has(first) || first === 'MAP'
  if (second === '(' && hasGrammar) return true
  const single =
    names.has(first) || wholeLiterals.has(first) || contextVariables.has(first) || reservedFunctionNames.has(first)
  if (!single && first !== '?') return startsExpressionByTwo(p, 0)
  return keyFollowers.has(second) || (stringLiterals.has(first) && second === 'string')
}

const keyFollowers: ReadonlySet<string> = new Set([
  ...['VALUE', ':', '.', '[', 'IS', 'IN', 'NOT', 'BETWEEN', 'LIKE', 'ILIKE', 'RLIKE', 'SIMILAR', 'FORMAT', 'AND', 'OR'],
  ...[
    '=',
    '<>',
    '!=',
    '<',
    '<=',
    '>',
    '>=',
    '+',
    '-',
    '*',
    '/',
    '%',
    '||',
    'UESCAPE',
    'MULTISET',
    'MEMBER',
    'SUBMULTISET',
  ],
  ...['CONTAINS', 'OVERLAPS', 'EQUALS', 'PRECEDES', 'SUCCEEDS', 'IMMEDIATELY'],
])

/** KEY k VALUE v, k VALUE v, k : v. KEY is a name too: a word only if an expression follows. */
function parseKeyAndValue(p: Parser): JsonEntry {
  const start = p.start()
  const keyWord = p.at('KEY') && startsExpression(p, 1) && p.accept('KEY')
  const key = value(p)
  if (p.expectOneOf('VALUE', ':') === ':' && keyWord) {
    p.refuse(
      'SYN012',
      p.lastSpan(),
      'a colon may not follow a key that begins with KEY',
      'Write VALUE instead of the colon.',
    )
  }
  return { kind: 'jsonEntry', key, value: value(p), span: p.spanFrom(start) }
}

function parseElement(p: Parser): JsonEntry {
  const start = p.start()
  return { kind: 'jsonEntry', value: value(p), span: p.spanFrom(start) }
}
