// Data types as written in CAST, column definitions and ROW types.
import type { Span } from '../diagnostics/diagnostic.ts'
import type { DataType, DataTypeField, SimpleTypeName } from './ast.ts'
import { stringLiterals } from './first-sets.ts'
import { lastStringValue, parsePrecisionIfAny, parseStringLiteral, parseUnsignedInteger } from './parse-literal.ts'
import { parseObjectName } from './parse-name.ts'
import { isNameKind, type Parser } from './parser-state.ts'

/** Words that are a type by themselves. */
const plainTypes: ReadonlyMap<string, SimpleTypeName> = new Map([
  ['STRING', 'STRING'],
  ['BYTES', 'BYTES'],
  ['BITMAP', 'BITMAP'],
  ['BOOLEAN', 'BOOLEAN'],
  ['INTEGER', 'INTEGER'],
  ['INT', 'INTEGER'],
  ['TINYINT', 'TINYINT'],
  ['SMALLINT', 'SMALLINT'],
  ['BIGINT', 'BIGINT'],
  ['REAL', 'REAL'],
  ['FLOAT', 'FLOAT'],
  ['VARIANT', 'VARIANT'],
  ['DATE', 'DATE'],
])

/** `INT`, `ARRAY<INT NOT NULL>`, `INT ARRAY`: nullability is not part of it here (CAST), except inside angle brackets. */
export function parseDataType(p: Parser): DataType {
  let type = parseTypeName(p)
  for (;;) {
    const suffix = p.acceptOneOf('MULTISET', 'ARRAY')
    if (suffix === undefined) return type
    type = { kind: 'dataType', type: suffix, element: type, span: p.spanFrom(type.span.start) }
  }
}

/** The form of column definitions: `INT NOT NULL ARRAY NULL`. */
export function parseNullableDataType(p: Parser): DataType {
  let type = parseTypeName(p)
  while (collectionFollows(p)) {
    const element = withNullability(type, parseNullability(p), p)
    const suffix = p.expectOneOf('MULTISET', 'ARRAY')
    type = { kind: 'dataType', type: suffix, element, span: p.spanFrom(type.span.start) }
  }
  return withNullability(type, parseNullability(p), p)
}

function collectionFollows(p: Parser): boolean {
  const distance = p.peek() === 'NULL' ? 1 : p.peek() === 'NOT' && p.peekAt(1) === 'NULL' ? 2 : 0
  const kind = p.peekAt(distance)
  return kind === 'ARRAY' || kind === 'MULTISET'
}

/** NULL is true, NOT NULL is false, nothing is undefined. */
function parseNullability(p: Parser): boolean | undefined {
  if (p.accept('NULL')) return true
  if (!p.at('NOT')) return undefined
  // Behind a column's type NOT can also begin NOT ENFORCED, but only behind a constraint.
  p.advance()
  p.expect('NULL')
  return false
}

function withNullability(type: DataType, nullable: boolean | undefined, p: Parser): DataType {
  return nullable === undefined ? type : { ...type, nullable, span: p.spanFrom(type.span.start) }
}

function parseTypeName(p: Parser): DataType {
  return p.nested(() => readTypeName(p))
}

function readTypeName(p: Parser): DataType {
  const start = p.start()
  const kind = p.peek()
  const plain = plainTypes.get(kind)
  if (plain !== undefined) {
    p.advance()
    return { kind: 'dataType', type: plain, span: p.spanFrom(start) }
  }
  switch (kind) {
    case 'TIMESTAMP_LTZ':
      p.advance()
      return sized(p, start, 'TIMESTAMP_LTZ', parsePrecisionIfAny(p))
    case 'ARRAY':
    case 'MULTISET':
      if (p.peekAt(1) === '<') return parseCollection(p, kind)
      break
    case 'MAP':
      if (p.peekAt(1) === '<') return parseMap(p)
      break
    case 'RAW':
      if (p.peekAt(1) === '(') return parseRaw(p)
      break
    case 'ROW':
      return parseRow(p)
    case 'STRUCTURED':
      if (p.peekAt(1) === '<') return parseStructured(p)
      break
    case 'DOUBLE':
      p.advance()
      p.accept('PRECISION')
      return { kind: 'dataType', type: 'DOUBLE', span: p.spanFrom(start) }
    case 'BINARY':
    case 'VARBINARY':
      p.advance()
      return sized(p, start, kind === 'BINARY' && !p.accept('VARYING') ? 'BINARY' : 'VARBINARY', parsePrecisionIfAny(p))
    case 'CHARACTER':
    case 'CHAR':
    case 'VARCHAR':
      return parseCharacterType(p, kind)
    case 'DECIMAL':
    case 'DEC':
    case 'NUMERIC':
    case 'ANY':
      return parseDecimalType(p, kind)
    case 'TIME':
    case 'TIMESTAMP':
      return parseTimeType(p, kind)
    case 'GEOMETRY':
      p.advance()
      p.refuse('SYN012', p.lastSpan(), 'type GEOMETRY is not allowed')
      return { kind: 'dataType', type: 'GEOMETRY', span: p.spanFrom(start) }
  }
  if (!isNameKind(kind)) return p.fail('a data type')
  const name = parseObjectName(p)
  return { kind: 'dataType', type: 'USER', name, span: p.spanFrom(start) }
}

function sized(p: Parser, start: number, type: SimpleTypeName, precision: number | undefined): DataType {
  const span = p.spanFrom(start)
  return precision === undefined ? { kind: 'dataType', type, span } : { kind: 'dataType', type, precision, span }
}

function parseCharacterType(p: Parser, word: 'CHARACTER' | 'CHAR' | 'VARCHAR'): DataType {
  const start = p.start()
  p.advance()
  const varying = word === 'VARCHAR' || p.accept('VARYING')
  const precision = parsePrecisionIfAny(p)
  if (p.accept('CHARACTER')) {
    p.expect('SET')
    p.name()
  }
  return sized(p, start, varying ? 'VARCHAR' : 'CHAR', precision)
}

function parseDecimalType(p: Parser, word: string): DataType {
  const start = p.start()
  p.advance()
  const type = word === 'ANY' ? 'ANY' : 'DECIMAL'
  if (!p.accept('(')) return { kind: 'dataType', type, span: p.spanFrom(start) }
  const precision = parseUnsignedInteger(p)
  const scale = p.accept(',') ? parseUnsignedInteger(p) : undefined
  p.expect(')')
  const span = p.spanFrom(start)
  return scale === undefined
    ? { kind: 'dataType', type, precision, span }
    : { kind: 'dataType', type, precision, scale, span }
}

function parseTimeType(p: Parser, word: 'TIME' | 'TIMESTAMP'): DataType {
  const start = p.start()
  p.advance()
  const precision = parsePrecisionIfAny(p)
  if (p.acceptAll('WITHOUT', 'TIME', 'ZONE')) return sized(p, start, word, precision)
  if (!p.accept('WITH')) return sized(p, start, word, precision)
  p.expectAll('LOCAL', 'TIME', 'ZONE')
  return sized(p, start, word === 'TIME' ? 'TIME WITH LOCAL TIME ZONE' : 'TIMESTAMP_LTZ', precision)
}

function parseCollection(p: Parser, type: 'ARRAY' | 'MULTISET'): DataType {
  const start = p.start()
  p.expectAll(type, '<')
  const element = withNullability(parseTypeName(p), parseNullability(p), p)
  p.expect('>')
  return { kind: 'dataType', type, element, span: p.spanFrom(start) }
}

function parseMap(p: Parser): DataType {
  const start = p.start()
  p.expectAll('MAP', '<')
  const key = parseNullableDataType(p)
  p.expect(',')
  const value = parseNullableDataType(p)
  p.expect('>')
  return { kind: 'dataType', type: 'MAP', key, value, span: p.spanFrom(start) }
}

function parseRaw(p: Parser): DataType {
  const start = p.start()
  p.expectAll('RAW', '(')
  const className = textOf(p)
  p.expect(',')
  const serializer = textOf(p)
  p.expect(')')
  return { kind: 'dataType', type: 'RAW', className, serializer, span: p.spanFrom(start) }
}

function textOf(p: Parser): string {
  if (!stringLiterals.has(p.peek())) return p.fail('a string')
  const literal = parseStringLiteral(p)
  return literal.kind === 'string' ? literal.value : ''
}

function parseRow(p: Parser): DataType {
  const start = p.start()
  p.expect('ROW')
  if (p.accept('<>')) return { kind: 'dataType', type: 'ROW', fields: [], span: p.spanFrom(start) }
  const open = p.expectOneOf('<', '(')
  const close = open === '<' ? '>' : ')'
  const fields = parseFields(p, close)
  p.expect(close)
  return { kind: 'dataType', type: 'ROW', fields, span: p.spanFrom(start) }
}

function parseStructured(p: Parser): DataType {
  const start = p.start()
  p.expectAll('STRUCTURED', '<')
  const className = textOf(p)
  const fields = p.accept(',') ? parseFields(p, '>') : []
  p.expect('>')
  return { kind: 'dataType', type: 'STRUCTURED', className, fields, span: p.spanFrom(start) }
}

/** Flink lets the first field be left out: `ROW()`, and even `ROW(, a INT)`. */
function parseFields(p: Parser, close: '>' | ')'): readonly DataTypeField[] {
  const fields: DataTypeField[] = []
  if (p.at(close)) return fields
  if (isNameKind(p.peek())) fields.push(parseField(p))
  while (p.accept(',')) fields.push(parseField(p))
  return fields
}

function parseField(p: Parser): DataTypeField {
  const name = p.name()
  const type = parseNullableDataType(p)
  const comment = p.accept('string') ? lastStringValue(p) : undefined
  const span: Span = p.spanFrom(name.span.start)
  return { kind: 'dataTypeField', name, type, span, ...(comment === undefined ? {} : { comment }) }
}

const typeWords: ReadonlySet<string> = new Set([
  ...plainTypes.keys(),
  'TIMESTAMP_LTZ',
  'ARRAY',
  'MULTISET',
  'MAP',
  'RAW',
  'ROW',
  'STRUCTURED',
  'DOUBLE',
  'BINARY',
  'VARBINARY',
  'CHARACTER',
  'CHAR',
  'VARCHAR',
  'DECIMAL',
  'DEC',
  'NUMERIC',
  'ANY',
  'TIME',
  'TIMESTAMP',
  'GEOMETRY',
])

/** Can the token `distance` ahead begin a type? */
export function startsDataType(p: Parser, distance: number): boolean {
  const kind = p.peekAt(distance)
  if (typeWords.has(kind) || isNameKind(kind)) return true
  if (p.position + distance === p.recordAt) p.expected.push('a data type')
  return false
}
