// UNNEST and table functions: rows made from each row to the left.
import type { FunctionDefinition } from '../functions/function-definition.ts'
import type { TableFunction, Unnest } from '../sql/ast.ts'
import type { Field, LogicalType } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import { type Bound, toExpression } from './bound-expression.ts'
import { node } from './build-plan.ts'
import { type FromItem, type FromPlace, lateralScope, oneSource, unknownItem } from './from-item.ts'
import { scopeOf } from './scope.ts'
import { typeCallOf, unknownFunction } from './validate-call.ts'
import { bindExpression } from './validate-expression.ts'

export function validateUnnest(reference: Unnest, place: FromPlace): FromItem {
  const { context, left, parent } = place
  const scope = left ? lateralScope(left, parent) : scopeOf([], parent)
  const operands = reference.items.map((item) => bindExpression(item, scope, context))
  const operand = operands[0]
  if (!operand || operands.length !== 1) return unknownItem(undefined, reference.span)
  const fields = elementFields(operand.type)
  if (!fields) {
    const found = printType({ ...operand.type, nullable: true })
    context.findings.error('TYP002', operand.span, `UNNEST takes an array, map or multiset, found ${found}`, {
      flinkSpan: reference.span,
    })
    return unknownItem(undefined, reference.span)
  }
  const columns: Field[] = reference.withOrdinality
    ? [...fields, { name: 'ORDINALITY', type: { kind: 'INTEGER', nullable: false } }]
    : [...fields]
  return lateral(
    reference.withOrdinality ? 'UNNEST WITH ORDINALITY' : 'UNNEST',
    [operand],
    columns,
    reference.span,
    left,
  )
}

/** A ROW gives its fields as columns, anything else one column. */
function elementFields(type: LogicalType): readonly Field[] | undefined {
  if (type.kind === 'MAP') {
    return [
      { name: 'KEY', type: type.key },
      { name: 'VALUE', type: type.value },
    ]
  }
  if (type.kind !== 'ARRAY' && type.kind !== 'MULTISET') return undefined
  const { element } = type
  if (element.kind !== 'ROW') return [{ name: 'EXPR$0', type: element }]
  return element.fields.map((field) =>
    element.nullable ? { ...field, type: { ...field.type, nullable: true } } : field,
  )
}

export function validateLateralFunction(
  reference: TableFunction,
  definition: FunctionDefinition | undefined,
  place: FromPlace,
): FromItem {
  const { call } = reference
  const { findings } = place.context
  const site = { span: call.callSpan, name: call.name.span }
  const scope = place.left ? lateralScope(place.left, place.parent) : scopeOf([], place.parent)
  const args: (Bound | undefined)[] = call.args.map((arg) =>
    arg.kind === 'tableArgument' || arg.kind === 'descriptor' ? undefined : bindExpression(arg, scope, place.context),
  )
  if (definition?.kind !== 'table') {
    const name = call.name.parts.map((part) => part.name).join('.')
    if (!definition) unknownFunction(name, site, findings)
    else findings.error('NAM004', call.name.span, `function \`${name}\` gives no table`, { flinkSpan: call.callSpan })
    return unknownItem(undefined, reference.span)
  }
  if (!args.every((arg) => arg !== undefined)) return unknownItem(undefined, reference.span)
  const typed = typeCallOf(definition, args, site, findings)
  if (!typed) return unknownItem(undefined, reference.span)
  const columns = typed.type.kind === 'ROW' ? typed.type.fields : [{ name: 'EXPR$0', type: typed.type }]
  return lateral(definition.name, typed.arguments, columns, reference.span, place.left)
}

function lateral(
  name: string,
  args: readonly Bound[],
  columns: readonly Field[],
  span: Unnest['span'],
  left: FromItem | undefined,
): FromItem {
  const expressions = args.map(toExpression)
  const known = expressions.every((expression) => expression !== undefined)
  // Standing alone, it works on one row without columns.
  const single = node([], span, { kind: 'values' as const, rows: [[]] })
  const alone = known
    ? node(columns, span, {
        kind: 'correlate' as const,
        input: single,
        function: name,
        arguments: expressions,
        outer: false,
      })
    : undefined
  const item = oneSource(undefined, span, columns, alone)
  if (!left || !known) return item
  return { ...item, lateral: { function: name, arguments: expressions } }
}
