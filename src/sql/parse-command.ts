// Commands: SHOW, DESCRIBE, USE, SET and RESET, modules, jars, jobs, ANALYZE. Each row of the tables is a form of Flink's.

import type { Identifier, Name } from './ast.ts'
import type {
  AnalyzeTable,
  Describe,
  DescribeJob,
  ObjectType,
  PartitionValue,
  ResetStatement,
  SetStatement,
  Show,
  Statement,
  StopJob,
  Use,
} from './ast-statements.ts'
import { stringLiterals } from './first-sets.ts'
import { parseOptionsIfAny, parseQuoted, parseText } from './parse-column.ts'
import { parsePartitionValues } from './parse-insert.ts'
import { parseLiteral } from './parse-literal.ts'
import { parseObjectName } from './parse-name.ts'
import { isNameKind, type Parser } from './parser-state.ts'

function simpleName(p: Parser): Identifier {
  const name = p.name()
  return { kind: 'identifier', parts: [name], span: name.span }
}

// -------------------------------------------------------------------------------------------------------------------- show

type LikeForm = 'none' | 'like' | 'ilike'
type ShowForm = { readonly from: 'never' | 'optional' | 'needed'; readonly like: LikeForm }

/** SHOW subjects with FROM database and a pattern. */
const showForms: Readonly<Record<string, ShowForm>> = {
  CATALOGS: { from: 'never', like: 'ilike' },
  DATABASES: { from: 'optional', like: 'ilike' },
  FUNCTIONS: { from: 'optional', like: 'ilike' },
  PROCEDURES: { from: 'optional', like: 'ilike' },
  TABLES: { from: 'optional', like: 'like' },
  VIEWS: { from: 'optional', like: 'like' },
  MODELS: { from: 'optional', like: 'like' },
  CONNECTIONS: { from: 'optional', like: 'like' },
  COLUMNS: { from: 'needed', like: 'like' },
  MODULES: { from: 'never', like: 'none' },
  JARS: { from: 'never', like: 'none' },
  JOBS: { from: 'never', like: 'none' },
}

const showWords: ReadonlySet<string> = new Set([
  ...Object.keys(showForms),
  'CURRENT',
  'USER',
  'MATERIALIZED',
  'CREATE',
  'FULL',
  'PARTITIONS',
])

export function startsShow(p: Parser): boolean {
  return showWords.has(p.peekAt(1))
}

export function parseShow(p: Parser): Show {
  const start = p.start()
  p.expect('SHOW')
  if (p.accept('CURRENT')) {
    const word = p.expectOneOf('CATALOG', 'DATABASE')
    return { kind: 'show', subject: `CURRENT ${word}`, span: p.spanFrom(start) }
  }
  if (p.accept('CREATE')) return parseShowCreate(p, start)
  if (p.accept('PARTITIONS')) {
    const name = parseObjectName(p)
    const partition = p.accept('PARTITION') ? parsePartitionValues(p) : undefined
    const found = partition === undefined ? {} : { partition }
    return { kind: 'show', subject: 'PARTITIONS', name, ...found, span: p.spanFrom(start) }
  }
  if (p.accept('USER')) {
    p.expect('FUNCTIONS')
    return parseShowList(p, start, 'USER FUNCTIONS', showForms.FUNCTIONS!)
  }
  if (p.accept('MATERIALIZED')) {
    p.expect('TABLES')
    return parseShowList(p, start, 'MATERIALIZED TABLES', showForms.TABLES!)
  }
  if (p.accept('FULL')) {
    p.expect('MODULES')
    return { kind: 'show', subject: 'FULL MODULES', span: p.spanFrom(start) }
  }
  const subject = p.expectOneOf(...Object.keys(showForms))
  return parseShowList(p, start, subject, showForms[subject]!)
}

function parseShowCreate(p: Parser, start: number): Show {
  const word = p.acceptOneOf('TABLE', 'VIEW', 'CATALOG', 'MODEL', 'CONNECTION')
  if (word !== undefined) {
    const name = word === 'CATALOG' ? simpleName(p) : parseObjectName(p)
    return { kind: 'show', subject: `CREATE ${word}`, name, span: p.spanFrom(start) }
  }
  const orAlter = p.accept('OR')
  if (orAlter) p.expect('ALTER')
  if (!p.at('MATERIALIZED')) p.fail('TABLE', 'VIEW', 'CATALOG', 'MODEL', 'MATERIALIZED')
  p.expectAll('MATERIALIZED', 'TABLE')
  const subject = `CREATE ${orAlter ? 'OR ALTER ' : ''}MATERIALIZED TABLE`
  return { kind: 'show', subject, name: parseObjectName(p), span: p.spanFrom(start) }
}

function parseShowList(p: Parser, start: number, subject: string, form: ShowForm): Show {
  const word = form.from === 'never' ? undefined : p.acceptOneOf('FROM', 'IN')
  if (form.from === 'needed' && word === undefined) p.fail('FROM', 'IN')
  const from = word === undefined ? undefined : { word, name: parseObjectName(p) }
  const like = form.like === 'none' ? undefined : parseLikeIfAny(p, form.like)
  return {
    kind: 'show',
    subject,
    ...(from === undefined ? {} : { from }),
    ...(like === undefined ? {} : { like }),
    span: p.spanFrom(start),
  }
}

function parseLikeIfAny(p: Parser, form: LikeForm): NonNullable<Show['like']> | undefined {
  const negated = p.accept('NOT')
  const word = p.accept('LIKE') ? 'LIKE' : form === 'ilike' && p.accept('ILIKE') ? 'ILIKE' : undefined
  if (word === undefined) return negated ? p.fail('LIKE') : undefined
  return { negated, word, pattern: parseQuoted(p) }
}

// ---------------------------------------------------------------------------------------------------------- describe and use

const describable = ['CATALOG', 'DATABASE', 'FUNCTION', 'MODEL', 'CONNECTION'] as const

export function startsDescribe(p: Parser): boolean {
  const second = p.peekAt(1)
  return second === 'FUNCTION' || second === 'EXTENDED' || isNameKind(second)
}

export function parseDescribe(p: Parser): Describe | DescribeJob {
  const start = p.start()
  p.expectOneOf('DESCRIBE', 'DESC')
  if (p.accept('JOB')) {
    return { kind: 'describeJob', job: parseQuoted(p), span: p.spanFrom(start) }
  }
  const word = p.acceptOneOf(...describable)
  const extended = p.accept('EXTENDED')
  const name = word === 'CATALOG' ? simpleName(p) : parseObjectName(p)
  const object: ObjectType = word ?? 'TABLE'
  return { kind: 'describe', object, extended, name, span: p.spanFrom(start) }
}

export function parseUse(p: Parser): Use {
  const start = p.start()
  p.expect('USE')
  if (p.accept('MODULES')) {
    const names: Name[] = []
    do names.push(p.name())
    while (p.accept(','))
    return { kind: 'use', object: 'MODULES', names, span: p.spanFrom(start) }
  }
  if (p.accept('CATALOG')) return { kind: 'use', object: 'CATALOG', name: simpleName(p), span: p.spanFrom(start) }
  return { kind: 'use', object: 'DATABASE', name: parseObjectName(p), span: p.spanFrom(start) }
}

// ----------------------------------------------------------------------------------------------------------- set and reset

/**
 * Flink's client reads `SET key = value` and `RESET key` without quotes before the parser sees them: the key has no space,
 * the value goes to the end of the statement.
 */
export function parseSet(p: Parser): SetStatement {
  const start = p.start()
  p.expect('SET')
  if (stringLiterals.has(p.peek())) {
    const key = parseText(p)
    p.expect('=')
    return { kind: 'set', key, value: parseText(p), span: p.spanFrom(start) }
  }
  const assignment = unquotedAssignment(p)
  if (assignment === undefined) return { kind: 'set', span: p.spanFrom(start) }
  return { kind: 'set', ...assignment, span: p.spanFrom(start) }
}

function unquotedAssignment(p: Parser): Pick<SetStatement, 'key' | 'value'> | undefined {
  const end = endOfStatement(p)
  if (end === p.position) return undefined
  const from = p.start()
  const text = p.text.slice(from, p.ends[end - 1]!)
  const equals = text.indexOf('=')
  const keyText = equals < 0 ? '' : text.slice(0, equals).trim()
  const value = equals < 0 ? '' : text.slice(equals + 1).trim()
  if (keyText === '' || value === '' || hasSpace(keyText) || (hasSpace(value) && !isQuoted(value))) return undefined
  while (p.position < end) p.advance()
  const valueStart = from + text.indexOf(value, equals + 1)
  return {
    key: { kind: 'text', value: keyText, span: { start: from, end: from + keyText.length } },
    value: {
      kind: 'text',
      value: isQuoted(value) ? value.slice(1, -1).replaceAll("''", "'") : value,
      span: { start: valueStart, end: valueStart + value.length },
    },
  }
}

function isQuoted(text: string): boolean {
  return text.length > 1 && text.startsWith("'") && text.endsWith("'")
}

function hasSpace(text: string): boolean {
  return text.includes(' ') || text.includes('\n') || text.includes('\t') || text.includes('\r')
}

function endOfStatement(p: Parser): number {
  let index = p.position
  while (p.kinds[index] !== ';' && p.kinds[index] !== 'end' && p.kinds[index] !== 'lexicalError') index++
  return index
}

export function parseReset(p: Parser): ResetStatement {
  const start = p.start()
  p.expect('RESET')
  if (stringLiterals.has(p.peek())) return { kind: 'reset', key: parseText(p), span: p.spanFrom(start) }
  const end = endOfStatement(p)
  if (end === p.position) return { kind: 'reset', span: p.spanFrom(start) }
  const from = p.start()
  const text = p.text.slice(from, p.ends[end - 1]!)
  if (hasSpace(text)) return { kind: 'reset', span: p.spanFrom(start) }
  while (p.position < end) p.advance()
  const key = { kind: 'text', value: text, span: { start: from, end: from + text.length } } as const
  return { kind: 'reset', key, span: p.spanFrom(start) }
}

// -------------------------------------------------------------------------------------------------------- modules and others

export function parseLoadModule(p: Parser): Statement {
  const start = p.start()
  p.expectAll('LOAD', 'MODULE')
  const name = p.name()
  const options = parseOptionsIfAny(p)
  return { kind: 'loadModule', name, ...(options === undefined ? {} : { options }), span: p.spanFrom(start) }
}

export function parseUnloadModule(p: Parser): Statement {
  const start = p.start()
  p.expectAll('UNLOAD', 'MODULE')
  return { kind: 'unloadModule', name: p.name(), span: p.spanFrom(start) }
}

export function parseJar(p: Parser): Statement {
  const start = p.start()
  const action = p.expectOneOf('ADD', 'REMOVE')
  p.expect('JAR')
  return { kind: 'jar', action, path: parseQuoted(p), span: p.spanFrom(start) }
}

export function parseTruncate(p: Parser): Statement {
  const start = p.start()
  p.expectAll('TRUNCATE', 'TABLE')
  return { kind: 'truncateTable', table: parseObjectName(p), span: p.spanFrom(start) }
}

export function parseAnalyze(p: Parser): AnalyzeTable {
  const start = p.start()
  p.expectAll('ANALYZE', 'TABLE')
  const table = parseObjectName(p)
  const partition = p.accept('PARTITION') ? parsePartitionNames(p) : undefined
  p.expectAll('COMPUTE', 'STATISTICS')
  let columns: AnalyzeTable['columns']
  if (p.accept('FOR')) {
    if (p.accept('ALL')) {
      p.expect('COLUMNS')
      columns = 'ALL'
    } else {
      if (!p.accept('COLUMNS')) p.fail('COLUMNS', 'ALL')
      const names = [p.name()]
      while (p.accept(',')) names.push(p.name())
      columns = names
    }
  }
  return {
    kind: 'analyzeTable',
    table,
    ...(partition === undefined ? {} : { partition }),
    ...(columns === undefined ? {} : { columns }),
    span: p.spanFrom(start),
  }
}

/** (p = 'v', q): a value may be left out here. */
function parsePartitionNames(p: Parser): readonly PartitionValue[] {
  p.expect('(')
  const values: PartitionValue[] = []
  do {
    const name = p.name()
    const value = p.accept('=') ? parseLiteral(p) : undefined
    const found = value === undefined ? {} : { value }
    values.push({ kind: 'partitionValue', name, ...found, span: p.spanFrom(name.span.start) })
  } while (p.accept(','))
  p.expect(')')
  return values
}

export function parseStopJob(p: Parser): StopJob {
  const start = p.start()
  p.expectAll('STOP', 'JOB')
  const job = parseQuoted(p)
  const savepoint = p.acceptAll('WITH', 'SAVEPOINT')
  const withStart = p.start()
  const drain = p.acceptAll('WITH', 'DRAIN')
  if (drain && !savepoint) p.refuse('SYN012', p.spanFrom(withStart), 'WITH DRAIN needs WITH SAVEPOINT before it')
  return { kind: 'stopJob', job, savepoint, drain, span: p.spanFrom(start) }
}
