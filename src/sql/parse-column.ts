// What stands between the parentheses of CREATE TABLE and behind ADD and MODIFY: columns, constraints, watermarks; and
// the clauses that several statements share: options, comments, distributions.

import type { Identifier, Name } from './ast.ts'
import type { Column, Constraint, Distribution, Option, TableSchema, Text, Watermark } from './ast-statements.ts'
import { stringLiterals } from './first-sets.ts'
import { lastStringValue, parseStringLiteral, parseUnsignedNumber } from './parse-literal.ts'
import { parseNameList, parseObjectName } from './parse-name.ts'
import { parseNullableDataType, startsDataType } from './parse-type.ts'
import { isNameKind, type Parser } from './parser-state.ts'

// ----------------------------------------------------------------------------------------------------- texts and options

/** A plain quoted string. */
export function parseQuoted(p: Parser): Text {
  p.expect('string')
  return { kind: 'text', value: lastStringValue(p), span: p.lastSpan() }
}

/** A string of any form. */
export function parseText(p: Parser): Text {
  if (!stringLiterals.has(p.peek())) return p.fail('a string')
  const literal = parseStringLiteral(p)
  return { kind: 'text', value: literal.kind === 'string' ? literal.value : '', span: literal.span }
}

export function parseCommentIfAny(p: Parser): Text | undefined {
  return p.accept('COMMENT') ? parseQuoted(p) : undefined
}

export function parseOptions(p: Parser): readonly Option[] {
  p.expect('(')
  const options: Option[] = []
  if (p.accept(')')) return options
  do {
    const key = parseText(p)
    p.expect('=')
    const value = parseText(p)
    options.push({ kind: 'option', key, value, span: p.spanFrom(key.span.start) })
  } while (p.accept(','))
  p.expect(')')
  return options
}

export function parseOptionsIfAny(p: Parser): readonly Option[] | undefined {
  return p.accept('WITH') ? parseOptions(p) : undefined
}

export function parseOptionKeys(p: Parser): readonly Text[] {
  p.expect('(')
  const keys: Text[] = []
  if (p.accept(')')) return keys
  do keys.push(parseText(p))
  while (p.accept(','))
  p.expect(')')
  return keys
}

// ------------------------------------------------------------------------------------------------------------ distribution

/** Behind DISTRIBUTED or DISTRIBUTION. */
export function parseDistribution(p: Parser): Distribution {
  const start = p.lastSpan().start
  if (p.at('INTO')) return { kind: 'distribution', columns: [], buckets: parseBuckets(p), span: p.spanFrom(start) }
  if (!p.accept('BY')) p.fail('BY', 'INTO')
  const by = p.acceptOneOf('HASH', 'RANGE')
  const columns = parseNameList(p)
  const buckets = p.at('INTO') ? parseBuckets(p) : undefined
  return {
    kind: 'distribution',
    ...(by === undefined ? {} : { by }),
    columns,
    ...(buckets === undefined ? {} : { buckets }),
    span: p.spanFrom(start),
  }
}

function parseBuckets(p: Parser): string {
  p.expect('INTO')
  const { text } = parseUnsignedNumber(p)
  if (!/^\d+(\.0*)?$/.test(text)) p.refuse('SYN007', p.lastSpan(), 'the number of buckets is a positive integer')
  p.expect('BUCKETS')
  return text
}

// ----------------------------------------------------------------------------------------------------------------- columns

/** The list with its parentheses. Bare names are read only where the first element is one. */
export function parseTableSchema(p: Parser): TableSchema {
  const start = p.start()
  p.expect('(')
  if (!startsTableElement(p)) {
    const identifiers: Identifier[] = []
    do identifiers.push(parseObjectName(p))
    while (p.accept(','))
    const span = p.spanFrom(start)
    p.expect(')')
    return { kind: 'tableSchema', elements: [], identifiers, span }
  }
  const elements: (Column | Constraint | Watermark)[] = []
  do elements.push(parseTableElement(p, elements))
  while (p.accept(','))
  p.expect(')')
  return { kind: 'tableSchema', elements, identifiers: [], span: p.spanFrom(start) }
}

function startsTableElement(p: Parser): boolean {
  const second = p.peekAt(1)
  switch (p.peek()) {
    case 'CONSTRAINT':
      return isNameKind(second)
    case 'PRIMARY':
      return second === 'KEY'
    case 'UNIQUE':
      return second === '('
    case 'WATERMARK':
      return second === 'FOR'
    default:
      return p.atName() && (second === 'AS' || startsTypedColumn(p))
  }
}

function startsTypedColumn(p: Parser): boolean {
  return isNameKind(p.peek()) && (p.peekAt(1) === '.' || startsDataType(p, 1))
}

export function parseTableElement(
  p: Parser,
  before: readonly { readonly kind: string }[],
): Column | Constraint | Watermark {
  if (startsTypedColumn(p)) return parseTypedColumn(p)
  if (p.at('CONSTRAINT') || p.at('PRIMARY') || p.at('UNIQUE')) return parseConstraint(p, true)
  if (p.at('WATERMARK')) return parseWatermark(p, before)
  if (!p.atName()) return p.fail('identifier', 'CONSTRAINT', 'PRIMARY', 'WATERMARK')
  return parseComputedColumn(p)
}

/** A column where a constraint is read elsewhere: behind ADD and MODIFY. */
export function parseColumn(p: Parser): Column {
  return startsTypedColumn(p) ? parseTypedColumn(p) : parseComputedColumn(p)
}

function parseTypedColumn(p: Parser): Column {
  const name = parseObjectName(p)
  const type = parseNullableDataType(p)
  if (p.accept('METADATA')) {
    const from = p.accept('FROM') ? parseText(p) : undefined
    const virtual = p.accept('VIRTUAL')
    const comment = parseCommentIfAny(p)
    return {
      kind: 'column',
      form: 'metadata',
      name,
      type,
      ...(from === undefined ? {} : { from }),
      virtual,
      ...(comment === undefined ? {} : { comment }),
      span: p.spanFrom(name.span.start),
    }
  }
  const constrained = p.at('CONSTRAINT') || p.at('PRIMARY') || p.at('UNIQUE')
  const constraint = constrained ? parseConstraint(p, false) : undefined
  const comment = parseCommentIfAny(p)
  return {
    kind: 'column',
    form: 'regular',
    name,
    type,
    ...(constraint === undefined ? {} : { constraint }),
    ...(comment === undefined ? {} : { comment }),
    span: p.spanFrom(name.span.start),
  }
}

function parseComputedColumn(p: Parser): Column {
  const part: Name = p.name()
  const name: Identifier = { kind: 'identifier', parts: [part], span: part.span }
  p.expect('AS')
  const expression = p.rules.expression(p, 'nonQuery')
  const comment = parseCommentIfAny(p)
  return {
    kind: 'column',
    form: 'computed',
    name,
    expression,
    ...(comment === undefined ? {} : { comment }),
    span: p.spanFrom(name.span.start),
  }
}

export function parseConstraint(p: Parser, ofTable: boolean): Constraint {
  const start = p.start()
  const name = p.accept('CONSTRAINT') ? p.name() : undefined
  const type = p.expectOneOf('PRIMARY', 'UNIQUE') === 'PRIMARY' ? 'PRIMARY KEY' : 'UNIQUE'
  if (type === 'PRIMARY KEY') p.expect('KEY')
  const columns = ofTable ? parseNameList(p) : []
  let enforced: boolean | undefined
  if (p.accept('ENFORCED')) enforced = true
  else if (p.accept('NOT')) {
    p.expect('ENFORCED')
    enforced = false
  }
  return {
    kind: 'constraint',
    ...(name === undefined ? {} : { name }),
    type,
    columns,
    ...(enforced === undefined ? {} : { enforced }),
    span: p.spanFrom(start),
  }
}

export function parseWatermark(p: Parser, before: readonly { readonly kind: string }[]): Watermark {
  const start = p.start()
  p.expect('WATERMARK')
  const word = p.lastSpan()
  p.expect('FOR')
  const column = parseObjectName(p)
  p.expect('AS')
  const expression = p.rules.expression(p, 'nonQuery')
  if (before.some((element) => element.kind === 'watermark')) {
    p.refuse('SYN012', word, 'a table has only one watermark', 'Remove one of the WATERMARK clauses.')
  }
  return { kind: 'watermark', column, expression, span: p.spanFrom(start) }
}
