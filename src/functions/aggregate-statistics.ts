// Variance, deviation and percentiles. Results have the type of AVG: of whole numbers they are whole.
import { averageType } from '../types/decimal-type.ts'
import { type LogicalType, withNullability } from '../types/logical-type.ts'
import { orEmpty } from './aggregate.ts'
import type { Argument, FunctionDefinition } from './function-definition.ts'
import { castToFamily, either, form, forms, number } from './input-strategies.ts'

function statistic(name: string, aliases: readonly string[], doc: string): FunctionDefinition {
  return {
    name,
    ...(aliases.length > 0 && { aliases }),
    kind: 'aggregate',
    category: 'aggregate',
    syntax: 'function',
    input: forms(form(number)),
    output: orEmpty(([type]) => averageType(type!)),
    nullRule: 'strict',
    deterministic: true,
    doc,
    example: `${name}(amount)`,
  }
}

/** A number from 0 to 1, or an array of such, that cannot be NULL. */
const percentage = {
  label: 'a number from 0 to 1',
  accept: ({ type, literal }: Argument): LogicalType | undefined => {
    const isNumber = castToFamily('NUMERIC').accept({ type }, [], 0)
    if (!isNumber || type.nullable || type.kind === 'NULL') return undefined
    if (typeof literal === 'number' && (literal < 0 || literal > 1)) return undefined
    return { kind: 'DOUBLE', nullable: false }
  },
}
const percentages = {
  label: 'an array of numbers from 0 to 1',
  accept: ({ type }: Argument): LogicalType | undefined => {
    if (type.kind !== 'ARRAY' || type.nullable) return undefined
    const inner = percentage.accept({ type: withNullability(type.element, false) })
    return inner && !type.element.nullable ? { kind: 'ARRAY', element: inner, nullable: false } : undefined
  },
}

export const statisticalAggregates: readonly FunctionDefinition[] = [
  statistic('STDDEV_POP', [], 'The standard deviation of all values.'),
  statistic('STDDEV_SAMP', ['STDDEV'], 'The standard deviation of the values as a sample.'),
  statistic('VAR_POP', [], 'The variance of all values.'),
  statistic('VAR_SAMP', ['VARIANCE'], 'The variance of the values as a sample.'),
  {
    name: 'PERCENTILE',
    kind: 'aggregate',
    category: 'aggregate',
    syntax: 'function',
    input: forms(
      form(castToFamily('NUMERIC'), either(percentage, percentages)),
      form(castToFamily('NUMERIC'), either(percentage, percentages), castToFamily('INTEGER')),
    ),
    output: (received) => {
      const value: LogicalType = { kind: 'DOUBLE', nullable: true }
      return received[1]!.kind === 'ARRAY' ? { kind: 'ARRAY', element: value, nullable: true } : value
    },
    nullRule: 'custom',
    deterministic: true,
    doc: 'The value below which a share of all values lies, or several of them.',
    example: 'PERCENTILE(amount, 0.95)',
  },
]
