// Queries of every form: SELECT, set operations, VALUES, TABLE t, WITH, and ORDER BY around them.
import type { Plan } from '../plan/plan.ts'
import type { Argument, Expression, OrderedQuery, Query, SetOperation, Values, With } from '../sql/ast.ts'
import { flinkSpan } from '../sql/flink-position.ts'
import { leastRestrictive } from '../types/least-restrictive.ts'
import type { Field } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import type { BoundQuery } from './bound-expression.ts'
import { type Bound, toExpression } from './bound-expression.ts'
import { node, project } from './build-plan.ts'
import { type Context, withRelation } from './context.ts'
import { type Scope, scopeOf } from './scope.ts'
import { bindOrderItems, orderPlan } from './select-list.ts'
import { isUnknown, unknownType } from './unknown-type.ts'
import { castTo } from './validate-call.ts'
import { bindExpression } from './validate-expression.ts'
import { validateTableName } from './validate-from.ts'
import { validateSelect } from './validate-select.ts'

/** `top`: not below another query, so that ORDER BY means something. */
export function validateQuery(
  query: Query,
  parent: Scope | undefined,
  context: Context,
  ordered?: OrderedQuery,
  top = false,
): BoundQuery {
  switch (query.kind) {
    case 'select':
      return validateSelect(query, parent, context, ordered, top)
    case 'ordered':
      return ordered
        ? orderRows(validateQuery(query, parent, context), ordered, parent, context, top)
        : validateQuery(query.query, parent, context, query, top)
    case 'with':
      return validateWith(query, parent, context, ordered, top)
    case 'setOperation':
      return orderRows(validateSetOperation(query, parent, context), ordered, parent, context, top)
    case 'values':
      return orderRows(validateValues(query, parent, context), ordered, parent, context, top)
    case 'explicitTable': {
      const item = validateTableName(query.name, { left: undefined, parent, context })
      const columns = item.sources.flatMap((source) => source.columns)
      return orderRows({ columns, plan: item.plan }, ordered, parent, context, top)
    }
  }
}

function validateWith(
  query: With,
  parent: Scope | undefined,
  context: Context,
  ordered: OrderedQuery | undefined,
  top: boolean,
): BoundQuery {
  let inner = context
  if (query.recursive)
    context.findings.error('STR018', query.span, 'recursive queries are not supported', { flinkSpan: null })
  for (const item of query.items) {
    const bound = validateQuery(item.query, parent, inner)
    const names = item.columns
    if (names && names.length !== bound.columns.length) {
      const span = { start: names[0]!.span.start, end: names.at(-1)!.span.end }
      const message = `\`${item.name.name}\` has ${bound.columns.length} columns, but ${names.length} names are given`
      context.findings.error('NAM009', span, message)
    }
    const columns = bound.columns.map((field, i) => ({ ...field, name: names?.[i]?.name ?? field.name }))
    inner = withRelation(inner, item.name.name, {
      columns,
      plan: bound.plan && { ...bound.plan, schema: named(bound.plan, columns) },
    })
  }
  return validateQuery(query.body, parent, inner, ordered, top)
}

function named(plan: Plan, columns: readonly Field[]): readonly Field[] {
  return plan.schema.map((field, i) => ({ ...field, name: columns[i]?.name ?? field.name }))
}

/** ORDER BY and LIMIT over anything but a SELECT: by the columns of the result. */
function orderRows(
  query: BoundQuery,
  ordered: OrderedQuery | undefined,
  parent: Scope | undefined,
  context: Context,
  top: boolean,
): BoundQuery {
  if (!ordered) return query
  const { span } = ordered
  const source = { alias: undefined, aliasSpan: span, columns: query.columns, offset: 0, open: false }
  const list = query.columns.map((field, index) => {
    const bound: Bound = { kind: 'column', index, type: field.type, span }
    return { name: field.name, written: field.name, alias: undefined, bound, span }
  })
  const order = bindOrderItems(ordered.items, list, scopeOf([source], parent), new Map(), (bound) => bound, context)
  return { columns: query.columns, plan: orderPlan(query.plan, order, query.columns.length, ordered, top, context) }
}

function validateSetOperation(query: SetOperation, parent: Scope | undefined, context: Context): BoundQuery {
  const { findings } = context
  const left = validateQuery(query.left, parent, context)
  const right = validateQuery(query.right, parent, context)
  const name = query.all ? `${query.operator} ALL` : query.operator
  if (left.columns.length !== right.columns.length) {
    findings.error(
      'TYP023',
      query.operatorSpan,
      `\`${name}\` joins ${left.columns.length} columns with ${right.columns.length}`,
      {
        flinkSpan: flinkSpan(query.right),
        hint: 'Both sides need the same number of columns.',
      },
    )
    return { columns: left.columns, plan: undefined }
  }
  const columns = left.columns.map((field, i): Field => {
    const other = right.columns[i]!
    if (isUnknown(field.type) || isUnknown(other.type)) return { name: field.name, type: unknownType }
    const type = leastRestrictive([field.type, other.type])
    if (!type) {
      const types = [field.type, other.type].map((each) => printType({ ...each, nullable: true }))
      findings.error(
        'TYP023',
        query.operatorSpan,
        `column ${i + 1} of \`${name}\` is ${types[0]} on the left and ${types[1]} on the right`,
        {
          flinkSpan: flinkSpan(query.left),
          hint: 'CAST one of them to the type of the other.',
        },
      )
    }
    return { name: field.name, type: type ?? unknownType }
  })
  if (!left.plan || !right.plan || columns.some(({ type }) => isUnknown(type))) return { columns, plan: undefined }
  return { columns, plan: setPlan(query, castColumns(left.plan, columns), castColumns(right.plan, columns), columns) }
}

function castColumns(plan: Plan, columns: readonly Field[]): Plan {
  const { span } = plan
  const items = columns.map(({ name, type }, index) => {
    const bound: Bound = { kind: 'column', index, type: plan.schema[index]!.type, span }
    return { name, expression: toExpression(castTo(bound, type))! }
  })
  return items.every(({ expression }) => expression.kind === 'column') ? plan : project(plan, items, span)
}

function setPlan(query: SetOperation, left: Plan, right: Plan, columns: readonly Field[]): Plan {
  const { span } = query
  if (query.operator === 'UNION') {
    const inputs = [left, right].flatMap((side) => (side.kind === 'union' && query.all ? side.inputs : [side]))
    const union = node(columns, span, { kind: 'union' as const, inputs })
    if (query.all) return union
    return node(columns, span, { kind: 'aggregate' as const, input: union, keys: columns.map((_, i) => i), calls: [] })
  }
  const kind = query.operator === 'INTERSECT' ? ('intersect' as const) : ('except' as const)
  return node(columns, span, { kind, left, right, all: query.all })
}

function validateValues(query: Values, parent: Scope | undefined, context: Context): BoundQuery {
  const { findings } = context
  const scope = scopeOf([], parent)
  const items = (row: Expression): readonly Argument[] => (row.kind === 'row' ? row.items : [row])
  const rows = query.rows.map((row) => items(row).map((item) => bindExpression(item, scope, context)))
  const width = rows[0]?.length ?? 0
  if (rows.some((row) => row.length !== width)) {
    findings.error('TYP003', query.span, 'the rows of VALUES have different numbers of columns')
    return { columns: [], plan: undefined }
  }
  const columns = Array.from({ length: width }, (_, i): Field => {
    const types = rows.map((row) => row[i]?.type ?? unknownType)
    if (types.some(isUnknown)) return { name: `EXPR$${i}`, type: unknownType }
    const bareNull = rows.find((row) => row[i]?.type.kind === 'NULL')?.[i]
    const type = leastRestrictive(types)
    if (bareNull)
      findings.error('TYP005', bareNull.span, 'NULL has no type here', { hint: 'Write CAST(NULL AS a type).' })
    else if (!type) findings.error('TYP003', query.span, `the values of column ${i + 1} have no common type`)
    return { name: `EXPR$${i}`, type: type ?? unknownType }
  })
  if (columns.some(({ type }) => isUnknown(type))) return { columns, plan: undefined }
  return { columns, plan: valuesPlan(query, rows as Bound[][], columns) }
}

function valuesPlan(query: Values, rows: readonly (readonly Bound[])[], columns: readonly Field[]): Plan | undefined {
  const expressions = rows.map((row) => row.map((value, i) => toExpression(castTo(value, columns[i]!.type))))
  if (expressions.flat().includes(undefined)) return undefined
  return node(columns, query.span, {
    kind: 'values' as const,
    rows: expressions as NonNullable<(typeof expressions)[0][0]>[][],
  })
}
