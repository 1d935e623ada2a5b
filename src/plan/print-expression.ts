// Expressions as text, for explain and for the canonical text behind operator ids. Types stand only where they make a difference.
import { findFunction } from '../functions/find-function.ts'
import { printDecimal } from '../types/decimal.ts'
import type { LogicalType } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import type { Value } from '../types/value.ts'
import type { AggregateCall, Expression } from './expression.ts'

/** `nameOf`: how a column is called; ids use positions, people names. */
export function printExpression(expression: Expression, nameOf: (index: number) => string): string {
  switch (expression.kind) {
    case 'column':
      return nameOf(expression.index)
    case 'literal':
      return printValue(expression.value, expression.type)
    case 'call': {
      const args = expression.arguments.map((argument) => printExpression(argument, nameOf))
      if (expression.function === 'CAST' || expression.function === 'TRY_CAST') {
        return `${expression.function}(${args[0]} AS ${printType({ ...expression.type, nullable: true })})`
      }
      switch (findFunction(expression.function)?.syntax) {
        case 'binary':
          return `(${args.join(` ${expression.function} `)})`
        case 'postfix':
          return `(${args[0]} ${expression.function})`
        default:
          return `${expression.function}(${args.join(', ')})`
      }
    }
  }
}

export function printCall(call: AggregateCall, nameOf: (index: number) => string): string {
  const args = call.arguments.map((argument) => printExpression(argument, nameOf)).join(', ')
  const inside = call.function === 'COUNT' && args === '' ? '*' : args
  const filter = call.filter ? ` FILTER (WHERE ${printExpression(call.filter, nameOf)})` : ''
  return `${call.function}(${call.distinct ? 'DISTINCT ' : ''}${inside})${filter}`
}

function printValue(value: Value, type: LogicalType): string {
  if (value === null) return 'NULL'
  if (type.kind === 'DECIMAL' && typeof value === 'bigint') return printDecimal(value, type.scale)
  if (type.kind === 'INTERVAL') return `INTERVAL ${value} ${type.unit === 'YEAR_MONTH' ? 'MONTH' : 'ms'}`
  if (type.kind === 'DATE' && typeof value === 'number' && Math.abs(value) < 1e8) {
    return `DATE '${new Date(value * 86_400_000).toISOString().slice(0, 10)}'`
  }
  if (typeof value === 'string') return type.kind === 'SYMBOL' ? value : `'${value.replaceAll("'", "''")}'`
  if (value instanceof Uint8Array) return `X'${[...value].map((byte) => byte.toString(16).padStart(2, '0')).join('')}'`
  if (typeof value === 'object' && 'millis' in value) {
    const nanos = value.nanos === 0 ? '' : `+${value.nanos}ns`
    return `${type.kind} '${new Date(value.millis).toISOString().replace('T', ' ').replace('Z', '')}${nanos}'`
  }
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  return typeof value === 'object'
    ? JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? `${part}` : part))
    : String(value)
}
