// Names, then types, of one expression, in Flink's order: every name in it is looked up before anything is typed.
// Single calls are typed by validate-call.ts; aggregates, OVER and group windows by validate-function-call.ts.

import type { Span } from '../diagnostics/diagnostic.ts'
import type {
  Argument,
  CaseExpression,
  Expression,
  Identifier,
  InExpression,
  Node,
  QuantifiedComparison,
} from '../sql/ast.ts'
import { childrenOf } from '../sql/ast.ts'
import type { LogicalType } from '../types/logical-type.ts'
import { bindLiteral, isYearMonth } from './bind-literal.ts'
import type { Binder } from './binder.ts'
import type { Bound, BoundQuery } from './bound-expression.ts'
import type { Context } from './context.ts'
import { resolveDataType } from './data-type.ts'
import { accessField, resolveName, type Scope } from './scope.ts'
import { bindCall, castTo, typeCall } from './validate-call.ts'
import { bindFunctionCall } from './validate-function-call.ts'
import { bindJson } from './validate-json.ts'

export function bindExpression(expression: Argument, scope: Scope, context: Context): Bound | undefined {
  const names = new Map<Identifier, Bound | undefined>()
  resolveNames(expression, scope, context, names)
  const binder: Binder = {
    scope,
    context,
    names,
    bind: (part) => bindPart(part, binder),
    bindApart: (apart) => bindExpression(apart, scope, context),
  }
  return bindPart(expression, binder)
}

/** Subqueries are left alone: they are validated when their expression is typed. */
function resolveNames(node: Node, scope: Scope, context: Context, names: Map<Identifier, Bound | undefined>): void {
  switch (node.kind) {
    case 'identifier':
      names.set(node, resolveName(node, scope, context.findings))
      return
    case 'subquery':
    case 'exists':
    case 'collectionQuery':
    case 'dataType':
    case 'descriptor':
    case 'star':
      return
    case 'call':
      for (const arg of node.args) resolveNames(arg, scope, context, names)
      if (node.filter) resolveNames(node.filter.condition, scope, context, names)
      for (const item of node.withinGroup?.items ?? []) resolveNames(item, scope, context, names)
      for (const item of node.orderBy ?? []) resolveNames(item, scope, context, names)
      if (node.over && node.over.window.kind !== 'name') resolveNames(node.over.window, scope, context, names)
      return
    case 'namedArgument':
      resolveNames(node.value, scope, context, names)
      return
    default:
      for (const child of childrenOf(node)) resolveNames(child, scope, context, names)
  }
}

function bindPart(part: Argument, binder: Binder): Bound | undefined {
  const { findings } = binder.context
  switch (part.kind) {
    case 'identifier':
      return binder.names.get(part)
    case 'numeric':
    case 'string':
    case 'bytes':
    case 'boolean':
    case 'null':
    case 'datetime':
    case 'interval':
      return bindLiteral(part, findings)
    case 'symbol':
      return { kind: 'literal', value: part.name, type: { kind: 'SYMBOL', nullable: false }, span: part.span }
    case 'intervalExpression':
      return bindIntervalExpression(part, binder)
    case 'dateDifference':
      return bindDateDifference(part, binder)
    case 'call':
      return bindFunctionCall(part, binder)
    case 'jsonPath':
    case 'jsonConstructor':
      return bindJson(part, binder)
    default:
      return bindForm(part, binder)
  }
}

/** Operators and special forms. */
function bindForm(part: Argument, binder: Binder): Bound | undefined {
  const { findings } = binder.context
  switch (part.kind) {
    case 'binary':
      return operator(part.operator, [part.left, part.right], part.span, part.operatorSpan, binder)
    case 'unary': {
      const negative =
        part.operator === '-' && part.operand.kind === 'numeric' ? bindLiteral(part.operand, findings, true) : undefined
      if (negative) return { ...negative, span: part.span }
      const name = part.operator === '-' || part.operator === '+' ? `${part.operator}x` : part.operator
      return operator(name, [part.operand], part.span, part.operatorSpan, binder)
    }
    case 'postfix':
      return operator(part.operator, [part.operand], part.span, part.operatorSpan, binder)
    case 'between': {
      const name = `${part.negated ? 'NOT ' : ''}BETWEEN${part.symmetric ? ' SYMMETRIC' : ''}`
      return operator(name, [part.operand, part.low, part.high], part.span, part.operatorSpan, binder)
    }
    case 'like': {
      const operands = [part.operand, part.pattern, ...(part.escape ? [part.escape] : [])]
      return operator(`${part.negated ? 'NOT ' : ''}${part.operator}`, operands, part.span, part.operatorSpan, binder)
    }
    case 'in':
      return bindIn(part, binder)
    case 'quantified':
      return bindQuantified(part, binder)
    case 'subquery':
      return bindScalarSubquery(part.query, part.span, binder)
    case 'exists': {
      if (part.operator === 'UNIQUE' || part.operand.kind !== 'subquery')
        return unsupported(part.operator, part.span, binder)
      const query = binder.context.query(part.operand.query, binder.scope, binder.context)
      return { kind: 'subquery', form: 'exists', query, type: { kind: 'BOOLEAN', nullable: false }, span: part.span }
    }
    case 'case':
      return bindCase(part, binder)
    case 'cast': {
      const operand = binder.bind(part.operand)
      if (part.form === 'SAFE_CAST') {
        return findings.error('STR018', part.span, 'SAFE_CAST is not supported', {
          hint: 'Use TRY_CAST.',
          flinkSpan: null,
        })
      }
      const target = resolveDataType(part.type, findings, true, true)
      if (!operand || !target) return undefined
      const name = part.form === 'TRY_CAST' ? 'TRY_CAST' : 'CAST'
      return bindCall(name, [operand], { span: part.span, name: part.span }, findings, { target })
    }
    case 'row':
      return operator('ROW', part.items, part.span, part.span, binder)
    case 'collection':
      return operator(part.type, part.items, part.span, part.span, binder)
    case 'element':
      return operator('ITEM', [part.operand, part.index], part.span, part.span, binder)
    case 'field': {
      const row = binder.bind(part.operand)
      return row && accessField(row, part.field, part.span, part.span, findings)
    }
    case 'runningOrFinal':
      return binder.bind(part.operand)
    case 'namedArgument':
      return binder.bind(part.value)
    case 'default':
      return { kind: 'literal', value: null, type: { kind: 'NULL', nullable: true }, span: part.span }
    case 'star':
      return findings.error('STR018', part.span, '`*` cannot stand here')
    case 'parameter':
      return findings.error('STR018', part.span, 'a parameter `?` has no value in a pipeline')
    default:
      return unsupported(part.kind, part.span, binder)
  }
}

function unsupported(what: string, span: Span, binder: Binder): undefined {
  return binder.context.findings.error('STR018', span, `Flink does not support ${what} here`)
}

function bindAll(parts: readonly Argument[], binder: Binder): readonly Bound[] | undefined {
  const bound = parts.map((part) => binder.bind(part))
  return bound.every((part) => part !== undefined) ? bound : undefined
}

function operator(name: string, operands: readonly Argument[], span: Span, nameSpan: Span, binder: Binder) {
  const args = bindAll(operands, binder)
  return args && bindCall(name, args, { span, name: nameSpan }, binder.context.findings)
}

/** INTERVAL x DAY: a number of days. */
function bindIntervalExpression(part: Expression & { kind: 'intervalExpression' }, binder: Binder): Bound | undefined {
  const operand = binder.bind(part.operand)
  if (!operand) return undefined
  const type: LogicalType = {
    kind: 'INTERVAL',
    unit: isYearMonth(part.qualifier) ? 'YEAR_MONTH' : 'DAY_TIME',
    nullable: operand.type.nullable,
  }
  const unit: Bound = {
    kind: 'literal',
    value: part.qualifier.from,
    type: { kind: 'SYMBOL', nullable: false },
    span: part.qualifier.span,
  }
  return { kind: 'call', function: 'INTERVAL', arguments: [operand, unit], type, span: part.span }
}

/** (a - b) DAY: the difference as an interval. */
function bindDateDifference(part: Expression & { kind: 'dateDifference' }, binder: Binder): Bound | undefined {
  const left = binder.bind(part.left)
  const right = binder.bind(part.right)
  const { span } = part.qualifier
  const unit: Bound = { kind: 'literal', value: part.qualifier.from, type: { kind: 'SYMBOL', nullable: false }, span }
  const site = { span: part.span, name: part.span }
  return left && right && bindCall('DATE_DIFFERENCE', [left, right, unit], site, binder.context.findings)
}

function bindCase(part: CaseExpression, binder: Binder): Bound | undefined {
  const { findings } = binder.context
  const args: (Bound | undefined)[] = []
  for (const branch of part.branches) {
    args.push(bindCondition(part, branch, binder))
    args.push(binder.bind(branch.result))
  }
  // CASE without ELSE gives NULL, which takes the type of the branches.
  const otherwise: Bound = { kind: 'literal', value: null, type: { kind: 'NULL', nullable: true }, span: part.span }
  args.push(part.otherwise ? binder.bind(part.otherwise) : otherwise)
  if (!args.every((arg) => arg !== undefined)) return undefined
  return bindCall('CASE', args, { span: part.span, name: part.span }, findings)
}

function bindCondition(part: CaseExpression, branch: CaseExpression['branches'][number], binder: Binder) {
  const { findings } = binder.context
  const conditions = branch.conditions.map((condition) => {
    const bound = binder.bind(condition)
    if (!part.operand) return bound
    const operand = binder.bind(part.operand)
    return operand && bound && bindCall('=', [operand, bound], { span: condition.span, name: condition.span }, findings)
  })
  return conditions.reduce(
    (left, right) => left && right && bindCall('OR', [left, right], { span: branch.span, name: branch.span }, findings),
  )
}

function bindScalarSubquery(ast: Parameters<Context['query']>[0], span: Span, binder: Binder): Bound | undefined {
  const { findings } = binder.context
  const query = binder.context.query(ast, binder.scope, binder.context)
  if (query.columns.length !== 1) {
    return findings.error('TYP023', span, `a query used as a value needs one column, found ${query.columns.length}`)
  }
  const type = { ...query.columns[0]!.type, nullable: true }
  return { kind: 'subquery', form: 'scalar', query, type, span }
}

function bindIn(part: InExpression, binder: Binder): Bound | undefined {
  const { findings } = binder.context
  const name = part.negated ? 'NOT IN' : 'IN'
  const operand = binder.bind(part.operand)
  if (part.right.kind === 'list') {
    const items = bindAll(part.right.items, binder)
    return (
      operand && items && bindCall(name, [operand, ...items], { span: part.span, name: part.operatorSpan }, findings)
    )
  }
  const query = binder.context.query(part.right.query, binder.scope, binder.context)
  const within = operand && bindAgainstQuery('in', '=', operand, query, part.span, binder)
  if (!within || !part.negated) return within
  return { kind: 'call', function: 'NOT', arguments: [within], type: within.type, span: part.span }
}

function bindQuantified(part: QuantifiedComparison, binder: Binder): Bound | undefined {
  const { findings } = binder.context
  const operand = binder.bind(part.operand)
  if (part.right.kind === 'list') {
    const joined = part.quantifier === 'ALL' ? 'AND' : 'OR'
    const site = { span: part.span, name: part.operatorSpan }
    const comparisons = part.right.items.map((item) => {
      const bound = binder.bind(item)
      return operand && bound && bindCall(part.operator, [operand, bound], site, findings)
    })
    return comparisons.reduce((left, right) => left && right && bindCall(joined, [left, right], site, findings))
  }
  const query = binder.context.query(part.right.query, binder.scope, binder.context)
  const form = part.quantifier === 'ALL' ? 'all' : 'some'
  return operand && bindAgainstQuery(form, part.operator, operand, query, part.span, binder)
}

/** `x IN (SELECT …)`: the row on the left is as wide as the query, and comparable column by column. */
function bindAgainstQuery(
  form: 'in' | 'some' | 'all',
  operator: string,
  operand: Bound,
  query: BoundQuery,
  span: Span,
  binder: Binder,
): Bound | undefined {
  const { findings } = binder.context
  const operands = operand.kind === 'call' && operand.function === 'ROW' ? operand.arguments : [operand]
  if (operands.length !== query.columns.length) {
    const message = `\`IN\` compares ${operands.length} value${operands.length === 1 ? '' : 's'} with ${query.columns.length} columns`
    return findings.error('TYP023', span, message)
  }
  let nullable = false
  const cast: Bound[] = []
  for (const [i, value] of operands.entries()) {
    const { type } = query.columns[i]!
    const against: Bound = { kind: 'column', index: i, type, span: value.span }
    const mark = findings.mark()
    const compared = typeCall(operator, [value, against], { span, name: span }, findings)
    if (!compared || findings.failedSince(mark)) return undefined
    nullable ||= value.type.nullable || type.nullable
    cast.push(castTo(value, compared.arguments[0]!.type))
  }
  return { kind: 'subquery', form, operator, operand: cast, query, type: { kind: 'BOOLEAN', nullable }, span }
}
