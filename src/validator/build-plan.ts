// Makes plan operators with their schemas. Ids come from planner/; changelog modes from plan/changelog.ts; until then all say append.
import type { Span } from '../diagnostics/diagnostic.ts'
import type { Expression } from '../plan/expression.ts'
import type { Plan, PlanOf } from '../plan/plan.ts'
import type { Field, LogicalType } from '../types/logical-type.ts'

export function node<P extends { readonly kind: Plan['kind'] }>(schema: readonly Field[], span: Span, of: P) {
  return { id: '', changelog: 'append' as const, schema, span, ...of }
}

export function column(input: Plan, index: number, span: Span): Expression {
  return { kind: 'column', index, type: input.schema[index]!.type, span }
}

export function project(input: Plan, columns: readonly { name: string; expression: Expression }[], span: Span): Plan {
  const schema = columns.map(({ name, expression }) => ({ name, type: expression.type }))
  return node(schema, span, { kind: 'project', input, expressions: columns.map(({ expression }) => expression) })
}

/** The input's columns, then further ones. */
export function extend(input: Plan, added: readonly { name: string; expression: Expression }[], span: Span): Plan {
  if (added.length === 0) return input
  const kept = input.schema.map((field, index) => ({ name: field.name, expression: column(input, index, span) }))
  return project(input, [...kept, ...added], span)
}

export function filter(input: Plan, predicate: Expression): Plan {
  return node(input.schema, predicate.span, { kind: 'filter', input, predicate })
}

/** The same rows under other names and, where Flink forgets it, without time attributes. */
export function rename(input: Plan, names: readonly string[]): Plan {
  if (names.every((name, i) => input.schema[i]!.name === name)) return input
  return { ...input, schema: input.schema.map((field, i) => ({ ...field, name: names[i]! })) }
}

export function join(
  parts: Omit<PlanOf<'join'>, 'id' | 'changelog' | 'schema' | 'span' | 'kind'>,
  schema: readonly Field[],
  span: Span,
): Plan {
  return node(schema, span, { kind: 'join', ...parts })
}

export function nullable(type: LogicalType): LogicalType {
  return type.nullable ? type : { ...type, nullable: true }
}

export function notNull(type: LogicalType): LogicalType {
  return type.nullable ? { ...type, nullable: false } : type
}

/** Without its time attribute, as after a regular join or a grouping. */
export function plainTime(type: LogicalType): LogicalType {
  if ((type.kind !== 'TIMESTAMP' && type.kind !== 'TIMESTAMP_LTZ') || !type.timeAttribute) return type
  return { kind: type.kind, precision: type.precision, nullable: type.nullable }
}

export function isTimeAttribute(type: LogicalType): boolean {
  return (type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ') && type.timeAttribute !== undefined
}
