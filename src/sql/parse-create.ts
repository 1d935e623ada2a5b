// CREATE and DROP.

import type { Identifier, IntervalLiteral } from './ast.ts'
import type {
  CreateCatalog,
  CreateConnection,
  CreateDatabase,
  CreateFunction,
  CreateMaterializedTable,
  CreateModel,
  CreateTable,
  CreateView,
  Drop,
  FunctionLanguage,
  LikeClause,
  StartMode,
  Statement,
  TableSchema,
} from './ast-statements.ts'
import {
  parseCommentIfAny,
  parseDistribution,
  parseOptions,
  parseOptionsIfAny,
  parseQuoted,
  parseTableElement,
  parseTableSchema,
} from './parse-column.ts'
import { parseLiteral } from './parse-literal.ts'
import { parseNameList, parseObjectName } from './parse-name.ts'
import { parseOrderedQuery } from './parse-query.ts'
import { isNameKind, type Parser } from './parser-state.ts'

type Head = { readonly start: number; readonly orReplace: boolean; readonly temporary: boolean }

export function parseCreate(p: Parser): Statement {
  const start = p.start()
  p.expect('CREATE')
  const orReplace = p.acceptAll('OR', 'REPLACE')
  const temporary = p.accept('TEMPORARY')
  const head: Head = { start, orReplace, temporary }
  if (p.accept('CATALOG')) return parseCreateCatalog(p, head)
  if (p.at('OR') || p.at('MATERIALIZED')) return parseCreateMaterializedTable(p, head)
  if (p.accept('TABLE')) return parseCreateTable(p, head, true)
  if (p.accept('VIEW')) return parseCreateView(p, head)
  if (p.accept('DATABASE')) return parseCreateDatabase(p, head)
  if (p.accept('MODEL')) return parseCreateModel(p, head)
  if (p.atBoth('SYSTEM', 'FUNCTION') || (p.at('FUNCTION') && isNameKind(p.peekAt(1))))
    return parseCreateFunction(p, head)
  if (p.at('SYSTEM') || p.at('CONNECTION')) return parseCreateConnection(p, head)
  return p.fail('TABLE', 'VIEW', 'CATALOG', 'DATABASE', 'FUNCTION')
}

export function acceptIfNotExists(p: Parser): boolean {
  return p.acceptAll('IF', 'NOT', 'EXISTS')
}

export function acceptIfExists(p: Parser): boolean {
  return p.acceptAll('IF', 'EXISTS')
}

function simpleName(p: Parser): Identifier {
  const name = p.name()
  return { kind: 'identifier', parts: [name], span: name.span }
}

function given<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V })
}

// ------------------------------------------------------------------------------------------------------------------- table

/** REPLACE [TEMPORARY] TABLE t AS query: the same clauses, and AS is needed. */
export function parseReplaceTable(p: Parser): CreateTable {
  const start = p.start()
  p.expect('REPLACE')
  const temporary = p.accept('TEMPORARY')
  p.expect('TABLE')
  return parseCreateTable(p, { start, orReplace: true, temporary }, false)
}

function parseCreateTable(p: Parser, head: Head, create: boolean): CreateTable {
  const ifNotExists = acceptIfNotExists(p)
  const name = parseObjectName(p)
  const clauses = parseTableClauses(p)
  const like = create && p.accept('LIKE') ? parseLike(p) : undefined
  if (!create) p.expect('AS')
  const as = !create || (like === undefined && p.accept('AS')) ? parseOrderedQuery(p) : undefined
  if (as === undefined) refuseBareNames(p, clauses.schema)
  return {
    kind: 'createTable',
    create,
    orReplace: head.orReplace,
    temporary: head.temporary,
    ifNotExists,
    name,
    ...clauses,
    ...given('like', like),
    ...given('as', as),
    span: p.spanFrom(head.start),
  }
}

function refuseBareNames(p: Parser, schema: TableSchema | undefined): void {
  if (schema === undefined || schema.identifiers.length === 0) return
  p.refuse('SYN012', schema.span, 'columns need types here', 'Column names without types go only with AS and a query.')
}

function parseTableClauses(p: Parser) {
  const schema = p.at('(') ? parseTableSchema(p) : undefined
  const comment = parseCommentIfAny(p)
  const distribution = p.accept('DISTRIBUTED') ? parseDistribution(p) : undefined
  let partitionedBy: CreateTable['partitionedBy']
  if (p.accept('PARTITIONED')) {
    p.expect('BY')
    partitionedBy = parseNameList(p)
  }
  const options = parseOptionsIfAny(p)
  return {
    ...given('schema', schema),
    ...given('comment', comment),
    ...given('distribution', distribution),
    ...given('partitionedBy', partitionedBy),
    ...given('options', options),
  }
}

const likeFeatures = [
  'ALL',
  'CONSTRAINTS',
  'DISTRIBUTION',
  'GENERATED',
  'METADATA',
  'OPTIONS',
  'PARTITIONS',
  'WATERMARKS',
] as const

function parseLike(p: Parser): LikeClause {
  const start = p.lastSpan().start
  const table = parseObjectName(p)
  const options: LikeClause['options'][number][] = []
  if (p.accept('(')) {
    do {
      const merge = p.expectOneOf('INCLUDING', 'EXCLUDING', 'OVERWRITING')
      options.push({ merge, feature: p.expectOneOf(...likeFeatures) })
    } while (!p.accept(')'))
  }
  return { kind: 'likeClause', table, options, span: p.spanFrom(start) }
}

// ------------------------------------------------------------------------------------------------------ materialized table

function parseCreateMaterializedTable(p: Parser, head: Head): CreateMaterializedTable {
  const orAlter = p.accept('OR')
  if (orAlter) p.expect('ALTER')
  p.expect('MATERIALIZED')
  if (head.temporary) p.refuse('SYN012', p.lastSpan(), 'a materialized table cannot be TEMPORARY')
  if (head.orReplace) {
    p.refuse(
      'SYN012',
      p.lastSpan(),
      'a materialized table cannot be replaced',
      'Write CREATE OR ALTER MATERIALIZED TABLE.',
    )
  }
  p.expect('TABLE')
  const name = parseObjectName(p)
  const clauses = parseTableClauses(p)
  const startMode = p.accept('START_MODE') ? parseStartMode(p) : undefined
  const freshness = p.accept('FRESHNESS') ? parseFreshness(p) : undefined
  const refreshMode = p.accept('REFRESH_MODE') ? parseRefreshMode(p) : undefined
  p.expect('AS')
  const as = parseOrderedQuery(p)
  return {
    kind: 'createMaterializedTable',
    orAlter,
    name,
    ...clauses,
    ...given('startMode', startMode),
    ...given('freshness', freshness),
    ...given('refreshMode', refreshMode),
    as,
    span: p.spanFrom(head.start),
  }
}

const startModes = [
  'FROM_BEGINNING',
  'FROM_NOW',
  'FROM_TIMESTAMP',
  'RESUME_OR_FROM_BEGINNING',
  'RESUME_OR_FROM_NOW',
  'RESUME_OR_FROM_TIMESTAMP',
] as const

function parseStartMode(p: Parser): StartMode {
  const start = p.lastSpan().start
  p.expect('=')
  const mode = p.expectOneOf(...startModes)
  if (mode.endsWith('NOW') && p.accept('(')) {
    const value = parseIntervalOnly(p, 'a start mode')
    p.expect(')')
    return { kind: 'startMode', mode, value, span: p.spanFrom(start) }
  }
  if (!mode.endsWith('TIMESTAMP')) return { kind: 'startMode', mode, span: p.spanFrom(start) }
  p.expect('(')
  if (!p.at('TIMESTAMP')) p.fail('TIMESTAMP')
  const value = parseLiteral(p)
  p.expect(')')
  return { kind: 'startMode', mode, value, span: p.spanFrom(start) }
}

/** Behind FRESHNESS: `= INTERVAL '1' HOUR`. */
export function parseFreshness(p: Parser): IntervalLiteral {
  p.expect('=')
  return parseIntervalOnly(p, 'FRESHNESS')
}

function parseIntervalOnly(p: Parser, what: string): IntervalLiteral {
  const expression = p.rules.expression(p, 'nonQuery')
  if (expression.kind === 'interval') return expression
  p.refuse('SYN012', p.lastSpan(), `${what} takes only an interval literal`, "Write it like INTERVAL '1' HOUR.")
  return p.fail('INTERVAL')
}

export function parseRefreshMode(p: Parser): 'FULL' | 'CONTINUOUS' {
  p.expect('=')
  return p.expectOneOf('FULL', 'CONTINUOUS')
}

// -------------------------------------------------------------------------------------------------------------- the others

function parseCreateView(p: Parser, head: Head): CreateView {
  const ifNotExists = acceptIfNotExists(p)
  const name = parseObjectName(p)
  const columns = p.at('(') ? parseNameList(p) : undefined
  const comment = parseCommentIfAny(p)
  p.expect('AS')
  const query = parseOrderedQuery(p)
  const { start, orReplace, temporary } = head
  return {
    kind: 'createView',
    orReplace,
    temporary,
    ifNotExists,
    name,
    ...given('columns', columns),
    ...given('comment', comment),
    query,
    span: p.spanFrom(start),
  }
}

function parseCreateCatalog(p: Parser, head: Head): CreateCatalog {
  const ifNotExists = acceptIfNotExists(p)
  const name = p.name()
  const comment = parseCommentIfAny(p)
  const options = parseOptionsIfAny(p)
  const { start, orReplace } = head
  const clauses = { ...given('comment', comment), ...given('options', options) }
  return { kind: 'createCatalog', orReplace, ifNotExists, name, ...clauses, span: p.spanFrom(start) }
}

function parseCreateDatabase(p: Parser, head: Head): CreateDatabase {
  const ifNotExists = acceptIfNotExists(p)
  const name = parseObjectName(p)
  const comment = parseCommentIfAny(p)
  const options = parseOptionsIfAny(p)
  const { start, orReplace } = head
  const clauses = { ...given('comment', comment), ...given('options', options) }
  return { kind: 'createDatabase', orReplace, ifNotExists, name, ...clauses, span: p.spanFrom(start) }
}

function parseCreateFunction(p: Parser, head: Head): CreateFunction {
  const system = p.accept('SYSTEM')
  if (system && !head.temporary) {
    p.refuse(
      'SYN012',
      p.lastSpan(),
      'a SYSTEM function can only be TEMPORARY',
      'Write CREATE TEMPORARY SYSTEM FUNCTION.',
    )
  }
  p.expect('FUNCTION')
  const ifNotExists = acceptIfNotExists(p)
  const name = system ? simpleName(p) : parseObjectName(p)
  p.expect('AS')
  const className = parseQuoted(p)
  const language = parseLanguageIfAny(p)
  const languageSpan = p.lastSpan()
  const resources: CreateFunction['resources'][number][] = []
  if (p.accept('USING')) {
    if (language === 'SQL' || language === 'PYTHON') {
      p.refuse('SYN012', languageSpan, `a function of language ${language} takes no USING`)
    }
    do {
      const type = p.expectOneOf('JAR', 'ARTIFACT')
      resources.push({ type, path: parseQuoted(p) })
    } while (p.accept(','))
  }
  const options = parseOptionsIfAny(p)
  return {
    kind: 'createFunction',
    orReplace: head.orReplace,
    temporary: head.temporary,
    system,
    ifNotExists,
    name,
    className,
    ...given('language', language),
    resources,
    ...given('options', options),
    span: p.spanFrom(head.start),
  }
}

export function parseLanguageIfAny(p: Parser): FunctionLanguage | undefined {
  return p.accept('LANGUAGE') ? p.expectOneOf('JAVA', 'SCALA', 'SQL', 'PYTHON') : undefined
}

function parseCreateModel(p: Parser, head: Head): CreateModel {
  const ifNotExists = acceptIfNotExists(p)
  const name = parseObjectName(p)
  const input = p.accept('INPUT') ? parseModelColumns(p) : undefined
  const output = p.accept('OUTPUT') ? parseModelColumns(p) : undefined
  const comment = parseCommentIfAny(p)
  const options = parseOptionsIfAny(p)
  const as = p.accept('AS') ? parseOrderedQuery(p) : undefined
  const { start, orReplace, temporary } = head
  return {
    kind: 'createModel',
    orReplace,
    temporary,
    ifNotExists,
    name,
    ...given('input', input),
    ...given('output', output),
    ...given('comment', comment),
    ...given('options', options),
    ...given('as', as),
    span: p.spanFrom(start),
  }
}

function parseModelColumns(p: Parser): TableSchema {
  const start = p.start()
  p.expect('(')
  const elements: TableSchema['elements'][number][] = []
  do elements.push(parseTableElement(p, elements))
  while (p.accept(','))
  p.expect(')')
  return { kind: 'tableSchema', elements, identifiers: [], span: p.spanFrom(start) }
}

function parseCreateConnection(p: Parser, head: Head): CreateConnection {
  const system = p.accept('SYSTEM')
  if (system && !head.temporary) p.refuse('SYN012', p.lastSpan(), 'a SYSTEM connection can only be TEMPORARY')
  p.expect('CONNECTION')
  const ifNotExists = acceptIfNotExists(p)
  const name = parseObjectName(p)
  const comment = parseCommentIfAny(p)
  p.expect('WITH')
  const options = parseOptions(p)
  const { start, orReplace, temporary } = head
  const named = { orReplace, temporary, system, ifNotExists, name, ...given('comment', comment) }
  return { kind: 'createConnection', ...named, options, span: p.spanFrom(start) }
}

// -------------------------------------------------------------------------------------------------------------------- drop

export function parseDrop(p: Parser): Drop {
  const start = p.start()
  p.expect('DROP')
  const temporary = p.accept('TEMPORARY')
  if (p.at('FUNCTION') && !isNameKind(p.peekAt(1))) p.fail('SYSTEM', 'CONNECTION')
  const system =
    p.at('SYSTEM') && p.peekAt(1) === 'FUNCTION' ? p.accept('SYSTEM') : acceptSystemConnection(p, temporary)
  const object = system ? p.expectOneOf('FUNCTION', 'CONNECTION') : parseDropObject(p, temporary)
  const ifExists = acceptIfExists(p)
  const name = parseObjectName(p)
  const behavior = object === 'DATABASE' ? p.acceptOneOf('RESTRICT', 'CASCADE') : undefined
  return {
    kind: 'drop',
    object,
    temporary,
    system,
    ifExists,
    name,
    ...given('behavior', behavior),
    span: p.spanFrom(start),
  }
}

function acceptSystemConnection(p: Parser, temporary: boolean): boolean {
  if (!p.accept('SYSTEM')) return false
  if (!temporary) p.refuse('SYN012', p.lastSpan(), 'a SYSTEM connection can only be TEMPORARY')
  if (!p.at('CONNECTION')) p.fail('CONNECTION')
  return true
}

function parseDropObject(p: Parser, temporary: boolean): Drop['object'] {
  const word = p.expectOneOf('CATALOG', 'MATERIALIZED', 'TABLE', 'VIEW', 'DATABASE', 'MODEL', 'FUNCTION', 'CONNECTION')
  if (word !== 'MATERIALIZED') return word
  if (temporary) p.refuse('SYN012', p.lastSpan(), 'a materialized table cannot be TEMPORARY')
  p.expect('TABLE')
  return 'MATERIALIZED TABLE'
}
