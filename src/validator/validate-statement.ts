// What each kind of statement does to the session: views and tables are remembered, queries and INSERTs handed on, the rest refused.
import type { Span } from '../diagnostics/diagnostic.ts'
import type { Query } from '../sql/ast.ts'
import type { CreateTable, Insert, SetStatement, Statement } from '../sql/ast-statements.ts'
import { isKnownZone } from '../types/time-zone.ts'
import type { Context } from './context.ts'
import type { Session } from './session.ts'
import { alter, createTable, createView, drop, pathOf } from './validate-ddl.ts'
import { validateTableName } from './validate-from.ts'

export type StatementActions = {
  readonly query: (query: Query, span: Span) => void
  readonly insert: (insert: Insert) => void
  readonly createAs: (statement: CreateTable & { readonly as: Query }) => void
}

export function validateStatement(
  statement: Statement,
  session: Session,
  context: Context,
  actions: StatementActions,
): void {
  const { findings } = context
  const refuse = (span: Span, message: string, stage: 'validate' | 'plan' = 'validate') =>
    findings.error('STR017', span, message, { flinkSpan: null, stage })
  switch (statement.kind) {
    case 'query':
      actions.query(statement.query, statement.span)
      return
    case 'insert':
      actions.insert(statement)
      return
    case 'statementSet':
      for (const insert of statement.inserts) actions.insert(insert)
      return
    case 'execute':
    case 'explain':
    case 'compilePlan':
      validateStatement(statement.statement, session, context, actions)
      return
    case 'createTable':
      if (statement.as) actions.createAs({ ...statement, as: statement.as })
      else createTable(statement, session, context)
      return
    case 'createView':
      createView(statement, session, context)
      return
    case 'drop':
      drop(statement, session, context)
      return
    case 'alter':
      alter(statement, session, context)
      return
    case 'createDatabase':
      session.databases.add(pathOf(statement.name).at(-1)!)
      return
    case 'use':
      if (statement.object === 'DATABASE') session.database = pathOf(statement.name).at(-1)!
      return
    case 'createCatalog': {
      const type = statement.options?.find(({ key }) => key.value === 'type')?.value
      if (type && type.value !== 'generic_in_memory') refuse(type.span, `'${type.value}' is no type of catalog`)
      return
    }
    case 'createFunction':
      if (statement.temporary && statement.system)
        refuse(statement.className.span, `class \`${statement.className.value}\` does not exist`)
      return
    case 'callProcedure':
      refuse(statement.span, 'procedures do not exist here')
      return
    case 'delete':
    case 'update': {
      const item = validateTableName(statement.table, { left: undefined, parent: undefined, context })
      if (!item.sources.some(({ open }) => open))
        refuse(statement.span, `${statement.kind.toUpperCase()} has no meaning in a stream`, 'plan')
      return
    }
    case 'set':
      checkSetting(statement, context)
      return
    default:
      return
  }
}

/** Settings that Flink reads when it plans. */
function checkSetting(statement: SetStatement, context: Context): void {
  const key = statement.key?.value
  const value = statement.value
  if (!value) return
  const refuse = (message: string) =>
    context.findings.error('STR020', value.span, message, { flinkSpan: null, stage: 'plan' })
  if (key === 'table.local-time-zone' && !isKnownZone(value.value)) refuse(`'${value.value}' is no time zone`)
  if (key === 'table.exec.state.ttl' && !/^\d+\s*[a-z]*$/i.test(value.value.trim()))
    refuse(`'${value.value}' is no duration`)
}
