// What each kind of statement does to the session: views and tables are remembered, queries and INSERTs handed on, the rest refused.
import type { Span } from '../diagnostics/diagnostic.ts'
import type { Query } from '../sql/ast.ts'
import type { CreateView, Insert, Statement } from '../sql/ast-statements.ts'
import type { Context } from './context.ts'
import type { Session } from './session.ts'
import { tableFromDdl } from './table-from-ddl.ts'
import { validateQuery } from './validate-query.ts'

export type StatementActions = {
  readonly query: (query: Query, span: Span) => void
  readonly insert: (insert: Insert) => void
}

export function validateStatement(
  statement: Statement,
  session: Session,
  context: Context,
  actions: StatementActions,
): void {
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
      validateStatement(statement.statement, session, context, actions)
      return
    case 'createTable':
      session.addTable(tableFromDdl(statement, [], context))
      return
    case 'createView':
      createView(statement, session, context)
      return
    default:
      return
  }
}

function createView(statement: CreateView, session: Session, context: Context): void {
  const { findings } = context
  const name = statement.name.parts.at(-1)!.name
  const bound = validateQuery(statement.query, undefined, context)
  const names = statement.columns?.map((column) => column.name)
  if (names && names.length !== bound.columns.length) {
    const message = `view \`${name}\` has ${bound.columns.length} columns, but ${names.length} names are given`
    findings.error('NAM009', statement.name.span, message, { flinkSpan: null })
  }
  for (const written of bound.renamed?.values() ?? []) {
    findings.error('NAM005', statement.name.span, `view \`${name}\` has two columns named \`${written}\``, {
      flinkSpan: null,
      hint: 'Give one of them another name with AS.',
    })
  }
  if (session.has(name) && !statement.orReplace) {
    if (statement.ifNotExists) return
    findings.error('NAM005', statement.name.span, `a table or view \`${name}\` exists already`, {
      flinkSpan: null,
      hint: 'Give the view another name.',
    })
  }
  const columns = bound.columns.map((field, i) => ({ ...field, name: names?.[i] ?? field.name }))
  const plan = bound.plan && {
    ...bound.plan,
    schema: bound.plan.schema.map((field, i) => ({ ...field, name: columns[i]?.name ?? field.name })),
  }
  session.addView(name, { columns, plan })
}
