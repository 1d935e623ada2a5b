// Variance, deviation and percentiles. Results have the type of AVG: of whole numbers they are whole.

import { castOf } from '../types/cast-value.ts'
import { averageType } from '../types/decimal-type.ts'
import { type LogicalType, withNullability } from '../types/logical-type.ts'
import type { Value } from '../types/value.ts'
import { orEmpty } from './aggregate.ts'
import type { Accumulator, Argument, FunctionDefinition } from './function-definition.ts'
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
    aggregate: ([type], resultType) => {
      const toDouble = castOf(type!, double, 'UTC')
      const fromDouble = castOf(double, resultType, 'UTC')
      return {
        accumulators: [valuesOf(type!, [0])],
        finish: ([tuples]) => {
          const values = (tuples as unknown as Tuples).map(([value]) => toDouble(value!) as number)
          const result = spread(values, name.endsWith('SAMP'))
          return result === null ? null : fromDouble(name.startsWith('STDDEV') ? result ** 0.5 : result)
        },
        retraction: 'values',
      }
    },
  }
}

type Tuples = readonly (readonly Value[])[]

const double: LogicalType = { kind: 'DOUBLE', nullable: true }

function valuesOf(type: LogicalType, args: readonly number[]): Accumulator {
  return { kind: 'values', arguments: args, nulls: false, type: { kind: 'ARRAY', element: type, nullable: false } }
}

/** Welford's running variance, as Flink computes it. NULL of no values, of a sample also of one. */
function spread(values: readonly number[], sample: boolean): number | null {
  let mean = 0
  let squares = 0
  for (const [i, value] of values.entries()) {
    const delta = value - mean
    mean += delta / (i + 1)
    squares += delta * (value - mean)
  }
  const divisor = sample ? values.length - 1 : values.length
  return divisor <= 0 ? null : squares / divisor
}

/** The value at a share of the way through the sorted values, each as often as its frequency says, between neighbours by proportion. */
function percentile(sorted: readonly (readonly [number, number])[], total: number, share: number): number | null {
  if (total === 0) return null
  const position = share * (total - 1)
  const low = Math.floor(position)
  const at = (index: number) => {
    let passed = 0
    for (const [value, count] of sorted) {
      passed += count
      if (index < passed) return value
    }
    return sorted.at(-1)![0]
  }
  const first = at(low)
  const second = at(Math.ceil(position))
  return first === second ? first : (Math.ceil(position) - position) * first + (position - low) * second
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

function percentiles(tuples: Tuples, toDouble: (value: Value) => Value): Value {
  const shares = tuples[0]?.[1]
  if (shares === undefined || shares === null) return null
  const weighted = tuples.map(([value, , frequency]) => [toDouble(value!) as number, Number(frequency ?? 1)] as const)
  const sorted = weighted.filter(([, count]) => count > 0).toSorted(([a], [b]) => a - b)
  const total = sorted.reduce((sum, [, count]) => sum + count, 0)
  if (Array.isArray(shares))
    return total === 0 ? null : shares.map((share) => percentile(sorted, total, share as number))
  return percentile(sorted, total, shares as number)
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
    aggregate: (argumentTypes) => {
      const toDouble = castOf(argumentTypes[0]!, double, 'UTC')
      return {
        accumulators: [
          valuesOf(
            argumentTypes[0]!,
            argumentTypes.map((_, i) => i),
          ),
        ],
        finish: ([tuples]) => percentiles(tuples as unknown as Tuples, toDouble),
        retraction: 'values',
      }
    },
  },
]
