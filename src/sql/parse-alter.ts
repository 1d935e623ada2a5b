// ALTER.

import type { Identifier } from './ast.ts'
import type { Alter, AlterAction, Constraint, ObjectType, PositionedColumn, Watermark } from './ast-statements.ts'
import {
  parseColumn,
  parseConstraint,
  parseDistribution,
  parseOptionKeys,
  parseOptions,
  parseOptionsIfAny,
  parseQuoted,
  parseWatermark,
} from './parse-column.ts'
import {
  acceptIfExists,
  acceptIfNotExists,
  parseFreshness,
  parseLanguageIfAny,
  parseRefreshMode,
} from './parse-create.ts'
import { parsePartitionValues } from './parse-insert.ts'
import { parseObjectName } from './parse-name.ts'
import { parseOrderedQuery } from './parse-query.ts'
import type { Parser } from './parser-state.ts'

export function parseAlter(p: Parser): Alter {
  const start = p.start()
  p.expect('ALTER')
  if (p.at('TEMPORARY') || p.at('FUNCTION')) return parseAlterFunction(p, start)
  if (p.acceptAll('MATERIALIZED', 'TABLE')) return finish(p, start, 'MATERIALIZED TABLE', false, materializedAction)
  const object = p.acceptOneOf('TABLE', 'VIEW', 'CATALOG', 'DATABASE', 'MODEL', 'CONNECTION')
  if (object === undefined) return failAlter(p)
  const ifExists = (object === 'TABLE' || object === 'MODEL' || object === 'CONNECTION') && acceptIfExists(p)
  return finish(p, start, object, ifExists, actions[object])
}

/** MATERIALIZED without TABLE, or ALTER SYSTEM SET, which Flink reads and knows no use for. */
function failAlter(p: Parser): never {
  if (p.accept('MATERIALIZED')) p.fail('TABLE')
  return p.fail('TABLE', 'VIEW', 'DATABASE', 'FUNCTION', 'CATALOG')
}

type ActionRule = (p: Parser) => AlterAction

function finish(p: Parser, start: number, object: ObjectType, ifExists: boolean, rule: ActionRule): Alter {
  const simple = object === 'CATALOG'
  const name = simple ? simpleIdentifier(p) : parseObjectName(p)
  const action = rule(p)
  return { kind: 'alter', object, ifExists, name, action, span: p.spanFrom(start) }
}

function simpleIdentifier(p: Parser): Identifier {
  const name = p.name()
  return { kind: 'identifier', parts: [name], span: name.span }
}

function parseAlterFunction(p: Parser, start: number): Alter {
  const actionStart = p.start()
  const temporary = p.accept('TEMPORARY')
  const system = temporary && p.accept('SYSTEM')
  p.expect('FUNCTION')
  const ifExists = acceptIfExists(p)
  const name = parseObjectName(p)
  p.expect('AS')
  const className = parseQuoted(p)
  const language = parseLanguageIfAny(p)
  const described = { temporary, system, className, ...(language === undefined ? {} : { language }) }
  const action = { kind: 'alterFunction', ...described, span: p.spanFrom(actionStart) } as const
  return { kind: 'alter', object: 'FUNCTION', ifExists, name, action, span: p.spanFrom(start) }
}

// ----------------------------------------------------------------------------------------------------------------- actions

const actions: Readonly<Record<'TABLE' | 'VIEW' | 'CATALOG' | 'DATABASE' | 'MODEL' | 'CONNECTION', ActionRule>> = {
  TABLE: (p) => {
    const start = p.start()
    if (p.at('RENAME')) return p.peekAt(1) === 'TO' ? renameAction(p) : renameColumnAction(p)
    if (p.at('RESET') || p.at('SET')) return optionsAction(p)
    const word = p.expectOneOf('ADD', 'MODIFY', 'DROP')
    if (word === 'ADD') {
      if (p.atBoth('IF', 'NOT') || p.at('PARTITION')) return addPartitions(p, start)
      return schemaAction(p, start, 'add')
    }
    if (word === 'MODIFY') return schemaAction(p, start, 'modify')
    if (p.atBoth('IF', 'EXISTS') || p.at('PARTITION')) return dropPartitions(p, start)
    return dropAction(p, start)
  },
  VIEW: (p) => (p.at('RENAME') ? renameAction(p) : asQueryAction(p, 'RENAME')),
  CATALOG: (p) => {
    const start = p.start()
    if (!p.accept('COMMENT')) return optionsAction(p, 'COMMENT')
    return { kind: 'setComment', comment: parseQuoted(p), span: p.spanFrom(start) }
  },
  DATABASE: (p) => {
    if (!p.at('SET')) p.fail('SET')
    return optionsAction(p)
  },
  MODEL: (p) => (p.atBoth('RENAME', 'TO') ? renameAction(p) : optionsAction(p, 'RENAME')),
  CONNECTION: (p) => (p.atBoth('RENAME', 'TO') ? renameAction(p) : optionsAction(p, 'RENAME')),
}

function materializedAction(p: Parser): AlterAction {
  const start = p.start()
  const word = p.peek()
  switch (word) {
    case 'SUSPEND':
      p.advance()
      return { kind: 'suspend', span: p.spanFrom(start) }
    case 'RESUME': {
      p.advance()
      const options = parseOptionsIfAny(p)
      return { kind: 'resume', ...(options === undefined ? {} : { options }), span: p.spanFrom(start) }
    }
    case 'REFRESH': {
      p.advance()
      const partition = p.accept('PARTITION') ? parsePartitionValues(p) : undefined
      return { kind: 'refresh', ...(partition === undefined ? {} : { partition }), span: p.spanFrom(start) }
    }
    case 'SET':
      return materializedSetAction(p)
    case 'RESET':
      return optionsAction(p)
    case 'AS':
      return asQueryAction(p)
    case 'ADD':
    case 'MODIFY':
      p.advance()
      return schemaAction(p, start, word === 'ADD' ? 'add' : 'modify')
    case 'DROP':
      p.advance()
      return dropAction(p, start)
    default:
      return p.fail('SET', 'ADD', 'MODIFY', 'DROP', 'AS')
  }
}

function materializedSetAction(p: Parser): AlterAction {
  const start = p.start()
  p.expect('SET')
  if (p.accept('FRESHNESS')) return { kind: 'setFreshness', freshness: parseFreshness(p), span: p.spanFrom(start) }
  if (p.accept('REFRESH_MODE')) return { kind: 'setRefreshMode', mode: parseRefreshMode(p), span: p.spanFrom(start) }
  if (!p.at('(')) p.fail('(', 'FRESHNESS', 'REFRESH_MODE')
  return { kind: 'setOptions', options: parseOptions(p), span: p.spanFrom(start) }
}

function optionsAction(p: Parser, ...others: readonly string[]): AlterAction {
  const start = p.start()
  const word = p.acceptOneOf('SET', 'RESET') ?? p.fail('SET', 'RESET', ...others)
  if (word === 'SET') return { kind: 'setOptions', options: parseOptions(p), span: p.spanFrom(start) }
  return { kind: 'resetOptions', keys: parseOptionKeys(p), span: p.spanFrom(start) }
}

function renameAction(p: Parser): AlterAction {
  const start = p.start()
  p.expectAll('RENAME', 'TO')
  return { kind: 'rename', to: parseObjectName(p), span: p.spanFrom(start) }
}

function renameColumnAction(p: Parser): AlterAction {
  const start = p.start()
  p.expect('RENAME')
  const from = parseObjectName(p)
  p.expect('TO')
  return { kind: 'renameColumn', from, to: parseObjectName(p), span: p.spanFrom(start) }
}

function asQueryAction(p: Parser, ...others: readonly string[]): AlterAction {
  const start = p.start()
  if (!p.accept('AS')) p.fail('AS', ...others)
  return { kind: 'asQuery', query: parseOrderedQuery(p), span: p.spanFrom(start) }
}

function schemaAction(p: Parser, start: number, word: 'add' | 'modify'): AlterAction {
  if (p.accept('DISTRIBUTION')) {
    return { kind: `${word}Distribution`, distribution: parseDistribution(p), span: p.spanFrom(start) }
  }
  const elements: (PositionedColumn | Constraint | Watermark)[] = []
  if (p.accept('(')) {
    do elements.push(parseElement(p, elements))
    while (p.accept(','))
    p.expect(')')
  } else elements.push(parseElement(p, elements))
  return { kind: `${word}Schema`, elements, span: p.spanFrom(start) }
}

function parseElement(
  p: Parser,
  before: readonly { readonly kind: string }[],
): PositionedColumn | Constraint | Watermark {
  if (p.at('WATERMARK')) return parseWatermark(p, before)
  if (p.at('CONSTRAINT') || p.at('PRIMARY') || p.at('UNIQUE')) return parseConstraint(p, true)
  if (!p.atName()) return p.fail('identifier', 'WATERMARK', 'PRIMARY', 'CONSTRAINT', '(')
  const start = p.start()
  const column = parseColumn(p)
  if (p.accept('FIRST')) return { kind: 'positionedColumn', column, position: 'FIRST', span: p.spanFrom(start) }
  if (!p.accept('AFTER')) return { kind: 'positionedColumn', column, span: p.spanFrom(start) }
  return { kind: 'positionedColumn', column, position: { after: parseObjectName(p) }, span: p.spanFrom(start) }
}

function addPartitions(p: Parser, start: number): AlterAction {
  const ifNotExists = acceptIfNotExists(p)
  const partitions: (AlterAction & { kind: 'addPartitions' })['partitions'][number][] = []
  do {
    p.expect('PARTITION')
    const values = parsePartitionValues(p)
    const options = parseOptionsIfAny(p)
    partitions.push(options === undefined ? { values } : { values, options })
  } while (p.at('PARTITION'))
  return { kind: 'addPartitions', ifNotExists, partitions, span: p.spanFrom(start) }
}

function dropPartitions(p: Parser, start: number): AlterAction {
  const ifExists = acceptIfExists(p)
  const partitions: (AlterAction & { kind: 'dropPartitions' })['partitions'][number][] = []
  do {
    p.expect('PARTITION')
    partitions.push({ values: parsePartitionValues(p) })
  } while (p.accept(','))
  return { kind: 'dropPartitions', ifExists, partitions, span: p.spanFrom(start) }
}

function dropAction(p: Parser, start: number): AlterAction {
  if (p.accept('PRIMARY')) {
    p.expect('KEY')
    return { kind: 'dropPrimaryKey', span: p.spanFrom(start) }
  }
  if (p.accept('CONSTRAINT')) return { kind: 'dropConstraint', name: p.name(), span: p.spanFrom(start) }
  if (p.accept('DISTRIBUTION')) return { kind: 'dropDistribution', span: p.spanFrom(start) }
  if (p.accept('WATERMARK')) return { kind: 'dropWatermark', span: p.spanFrom(start) }
  const columns: Identifier[] = []
  if (p.accept('(')) {
    do columns.push(parseObjectName(p))
    while (p.accept(','))
    p.expect(')')
  } else if (p.atName()) columns.push(parseObjectName(p))
  else p.fail('identifier', '(', 'PRIMARY', 'CONSTRAINT', 'WATERMARK')
  return { kind: 'dropColumns', columns, span: p.spanFrom(start) }
}
