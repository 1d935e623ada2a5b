// Where time attributes end: a regular join, a grouping, a union of different times make plain timestamps of them
// (Flink's RelTimeIndicatorConverter). The validator types them like SQL; here they become what a stream can still rely on.
import type { Expression } from '../plan/expression.ts'
import type { Plan } from '../plan/plan.ts'
import type { Field, LogicalType } from '../types/logical-type.ts'
import { bottomUp, type Rule } from './rule.ts'

export const settleTime: Rule = {
  name: 'settle time attributes',
  apply: (plan) => bottomUp(plan, settle),
}

function settle(plan: Plan): Plan {
  switch (plan.kind) {
    case 'scan':
    case 'values':
      return plan
    case 'project': {
      const expressions = plan.expressions.map((expression) => settledExpression(expression, plan.input))
      return { ...plan, expressions, schema: plan.schema.map((field, i) => ({ ...field, type: expressions[i]!.type })) }
    }
    case 'aggregate': {
      const schema = plan.schema.map((field, i) => {
        return i >= plan.keys.length ? field : { ...field, type: plain(field.type) }
      })
      return { ...plan, schema }
    }
    case 'join': {
      const sides = [...plan.left.schema, ...(plan.schema.length > plan.left.schema.length ? plan.right.schema : [])]
      const schema = plan.schema.map((field, i) => {
        const { type } = sides[i]!
        const kept =
          plan.strategy.kind === 'regular' && plan.type !== 'semi' && plan.type !== 'anti'
            ? plain(field.type)
            : like(field.type, type)
        return { ...field, type: kept }
      })
      return { ...plan, schema }
    }
    case 'intersect':
    case 'except':
      return { ...plan, schema: plan.schema.map((field) => ({ ...field, type: plain(field.type) })) }
    case 'watermark':
    case 'union':
      return plan
    default:
      return { ...plan, schema: passed(plan, plan.input.schema) }
  }
}

/** A computed time is an ordinary one, except where processing time begins. */
function settledExpression(expression: Expression, input: Plan): Expression {
  if (expression.kind === 'column') return { ...expression, type: input.schema[expression.index]!.type }
  const begins = expression.kind === 'call' && expression.function === 'PROCTIME'
  return begins ? expression : { ...expression, type: plain(expression.type) }
}

/** The operator's first columns are its input's. */
function passed(plan: Plan, input: readonly Field[]): readonly Field[] {
  if (plan.kind === 'match') return plan.schema
  return plan.schema.map((field, i) => (input[i] ? { ...field, type: like(field.type, input[i].type) } : field))
}

function attributeOf(type: LogicalType): string | undefined {
  return 'timeAttribute' in type ? type.timeAttribute : undefined
}

function like(type: LogicalType, source: LogicalType): LogicalType {
  return attributeOf(type) === attributeOf(source) ? type : attributeOf(source) === undefined ? plain(type) : source
}

function plain(type: LogicalType): LogicalType {
  if ((type.kind !== 'TIMESTAMP' && type.kind !== 'TIMESTAMP_LTZ') || !type.timeAttribute) return type
  return { kind: type.kind, precision: type.precision, nullable: type.nullable }
}
