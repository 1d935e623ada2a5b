// Which statement begins here: by two tokens, in Flink's order, then the statement's own productions.

import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Query } from './ast.ts'
import type { Execute, Explain, Insert, QueryStatement, Statement, StatementSet } from './ast-statements.ts'
import { queryStarts } from './first-sets.ts'
import type { TokenKind } from './lexer.ts'
import { startsExpression } from './lookahead.ts'
import { parseAlter } from './parse-alter.ts'
import { parseText } from './parse-column.ts'
import {
  parseAnalyze,
  parseDescribe,
  parseJar,
  parseLoadModule,
  parseReset,
  parseSet,
  parseShow,
  parseStopJob,
  parseTruncate,
  parseUnloadModule,
  parseUse,
  startsDescribe,
  startsShow,
} from './parse-command.ts'
import { acceptIfNotExists, parseCreate, parseDrop, parseReplaceTable } from './parse-create.ts'
import { parseDelete, parseInsert, parseMerge, parseUpdate } from './parse-insert.ts'
import { parseOrderedQuery } from './parse-query.ts'
import { parseRoutineCall } from './parse-table-reference.ts'
import { isNameKind, type Parser, ParseStop } from './parser-state.ts'

type StatementRule = {
  /** Flink takes the statement only if the second token fits; else the word may begin something else. */
  readonly starts?: (p: Parser, second: TokenKind) => boolean
  readonly parse: (p: Parser) => Statement
}

function second(...kinds: readonly TokenKind[]): (p: Parser, kind: TokenKind) => boolean {
  return (_p, kind) => kinds.includes(kind)
}

const rules: Readonly<Record<string, StatementRule>> = {
  INSERT: { parse: parseInsert },
  UPSERT: { parse: parseInsert },
  UPDATE: { parse: parseUpdate },
  DELETE: { parse: parseDelete },
  MERGE: { parse: parseMerge },
  CALL: { parse: parseCall },
  CREATE: { parse: parseCreate },
  DROP: { parse: parseDrop },
  ALTER: { parse: parseAlter },
  REPLACE: { starts: second('TABLE', 'TEMPORARY'), parse: parseReplaceTable },
  EXPLAIN: { parse: parseExplain },
  EXECUTE: { starts: startsExecute, parse: parseExecute },
  COMPILE: { starts: second('PLAN', 'AND'), parse: parseCompile },
  BEGIN: { starts: second('STATEMENT'), parse: parseBegin },
  END: { parse: parseEnd },
  SHOW: { starts: startsShow, parse: parseShow },
  DESCRIBE: { parse: parseDescribeOrExplain },
  DESC: { starts: startsDescribe, parse: parseDescribe },
  USE: { starts: (_p, kind) => kind === 'MODULES' || isNameKind(kind), parse: parseUse },
  SET: { parse: parseSet },
  RESET: { parse: parseReset },
  LOAD: { starts: second('MODULE'), parse: parseLoadModule },
  UNLOAD: { starts: second('MODULE'), parse: parseUnloadModule },
  ADD: { starts: second('JAR'), parse: parseJar },
  REMOVE: { starts: second('JAR'), parse: parseJar },
  TRUNCATE: { starts: second('TABLE'), parse: parseTruncate },
  ANALYZE: { starts: second('TABLE'), parse: parseAnalyze },
  STOP: { starts: second('JOB'), parse: parseStopJob },
}

export function parseStatement(p: Parser): Statement {
  const rule = rules[p.peek()]
  if (rule !== undefined && (rule.starts === undefined || rule.starts(p, p.peekAt(1)))) return rule.parse(p)
  return parseClientCommand(p) ?? parseQueryStatement(p)
}

/** HELP, CLEAR, QUIT and EXIT are the client's, alone in their statement. */
function parseClientCommand(p: Parser): Statement | undefined {
  const next = p.peekAt(1)
  if (p.peek() !== 'identifier' || (next !== ';' && next !== 'end')) return undefined
  const span = p.spanOf(p.position)
  const word = p.text.slice(span.start, span.end).toUpperCase()
  if (word !== 'HELP' && word !== 'CLEAR' && word !== 'QUIT' && word !== 'EXIT') return undefined
  p.advance()
  return { kind: 'clientCommand', command: word === 'EXIT' ? 'QUIT' : word, span }
}

function parseQueryStatement(p: Parser): QueryStatement {
  const start = p.start()
  if (!startsQuery(p)) p.fail('SELECT', 'INSERT', 'CREATE', 'WITH', 'EXPLAIN')
  const query = p.atName() ? queryOrUnknownWord(p) : parseOrderedQuery(p)
  return { kind: 'query', query, span: p.spanFrom(start) }
}

/** A statement that begins with a name is none: the word is probably misspelled. */
function queryOrUnknownWord(p: Parser): Query {
  const span = p.spanOf(p.position)
  try {
    return parseOrderedQuery(p)
  } catch (stop) {
    if (!(stop instanceof ParseStop) || stop.diagnostic.code !== 'SYN010') throw stop
    const word = p.text.slice(span.start, span.end)
    const meant = didYouMean(word.toUpperCase(), Object.keys(rules).concat('SELECT', 'VALUES', 'WITH'))
    const message = `no statement begins with \`${word}\``
    const { hint: _, ...diagnostic } = stop.diagnostic
    const advice = meant === undefined ? {} : { hint: `Did you mean ${meant}?`, edit: { span, text: meant } }
    throw new ParseStop({ ...diagnostic, ...advice, message, span }, stop.token, stop.diagnostic.span)
  }
}

function startsQuery(p: Parser): boolean {
  return queryStarts.has(p.peek()) || p.at('WITH') || startsExpression(p, 0)
}

function parseCall(p: Parser): Statement {
  const start = p.start()
  p.expect('CALL')
  const call = parseRoutineCall(p, 'subquery')
  return { kind: 'callProcedure', call, span: p.spanFrom(start) }
}

// ----------------------------------------------------------------------------------------------- statement sets and execute

function parseBegin(p: Parser): Statement {
  const start = p.start()
  p.expectAll('BEGIN', 'STATEMENT', 'SET')
  return { kind: 'beginStatementSet', span: p.spanFrom(start) }
}

function parseEnd(p: Parser): Statement {
  p.expect('END')
  return { kind: 'endStatementSet', span: p.lastSpan() }
}

/** STATEMENT SET BEGIN insert; insert; END. */
function parseStatementSet(p: Parser): StatementSet {
  const start = p.start()
  p.expectAll('STATEMENT', 'SET', 'BEGIN')
  const inserts: Insert[] = []
  do {
    if (!p.at('INSERT') && !p.at('UPSERT')) p.fail('INSERT', ...(inserts.length === 0 ? [] : ['END']))
    inserts.push(parseInsert(p))
    p.expect(';')
  } while (!p.at('END'))
  p.expect('END')
  return { kind: 'statementSet', inserts, span: p.spanFrom(start) }
}

function startsExecute(p: Parser, kind: TokenKind): boolean {
  return (
    kind === 'STATEMENT' ||
    kind === 'INSERT' ||
    kind === 'UPSERT' ||
    queryStarts.has(kind) ||
    kind === 'WITH' ||
    startsExpression(p, 1)
  )
}

function parseExecute(p: Parser): Statement {
  const start = p.start()
  p.expect('EXECUTE')
  if (p.accept('PLAN')) {
    return { kind: 'executePlan', file: parseText(p), span: p.spanFrom(start) }
  }
  const statement: Execute['statement'] = p.at('STATEMENT')
    ? parseStatementSet(p)
    : p.at('INSERT') || p.at('UPSERT')
      ? parseInsert(p)
      : parseQueryStatement(p)
  return { kind: 'execute', statement, span: p.spanFrom(start) }
}

function parseCompile(p: Parser): Statement {
  const start = p.start()
  p.expect('COMPILE')
  const execute = p.accept('AND')
  if (execute) p.expect('EXECUTE')
  p.expect('PLAN')
  const file = parseText(p)
  const ifNotExists = !execute && acceptIfNotExists(p)
  p.expect('FOR')
  if (!p.at('STATEMENT') && !p.at('INSERT') && !p.at('UPSERT')) p.fail('STATEMENT', 'INSERT')
  const statement = p.at('STATEMENT') ? parseStatementSet(p) : parseInsert(p)
  return { kind: 'compilePlan', execute, file, ifNotExists, statement, span: p.spanFrom(start) }
}

// ----------------------------------------------------------------------------------------------------------------- explain

const explainDetails = ['ESTIMATED_COST', 'CHANGELOG_MODE', 'JSON_EXECUTION_PLAN', 'PLAN_ADVICE'] as const

function parseExplain(p: Parser): Explain {
  const start = p.start()
  p.expect('EXPLAIN')
  const details: string[] = []
  if (!p.acceptAll('PLAN', 'FOR')) parseDetails(p, details)
  const statement = parseExplained(p)
  return { kind: 'explain', details, statement, span: p.spanFrom(start) }
}

function parseDetails(p: Parser, details: string[]): void {
  let detail = p.acceptOneOf(...explainDetails)
  while (detail !== undefined) {
    if (details.includes(detail)) p.refuse('SYN012', p.lastSpan(), `${detail} stands twice`)
    details.push(detail)
    if (!p.accept(',')) return
    detail = p.expectOneOf(...explainDetails)
  }
}

function parseExplained(p: Parser): Statement {
  const next = p.peekAt(1)
  if (p.at('REPLACE') && (next === 'TABLE' || next === 'TEMPORARY')) return parseReplaceTable(p)
  if (p.at('STATEMENT')) return parseStatementSet(p)
  if (p.at('EXECUTE')) return parseExecute(p)
  if (p.at('INSERT') || p.at('UPSERT')) return parseInsert(p)
  if (!p.at('CREATE')) return parseQueryStatement(p)
  const create = parseCreate(p)
  if (create.kind !== 'createTable' || create.as === undefined) {
    p.refuse('SYN012', p.lastSpan(), 'EXPLAIN takes no CREATE without AS and a query')
  }
  return create
}

/** DESCRIBE query is EXPLAIN of it. */
function parseDescribeOrExplain(p: Parser): Statement {
  if (startsDescribe(p)) return parseDescribe(p)
  const start = p.start()
  p.expect('DESCRIBE')
  p.accept('STATEMENT')
  const statement = parseDescribed(p)
  return { kind: 'explain', details: [], statement, span: p.spanFrom(start) }
}

function parseDescribed(p: Parser): Statement {
  switch (p.peek()) {
    case 'INSERT':
      return parseInsert(p)
    case 'DELETE':
      return parseDelete(p)
    case 'UPDATE':
      return parseUpdate(p)
    case 'MERGE':
      return parseMerge(p)
    default:
      return parseQueryStatement(p)
  }
}
