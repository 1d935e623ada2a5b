// Aggregates over a group, a window or an OVER range.
import { averageType, sumType } from '../types/decimal-type.ts'
import { type LogicalType, withNullability } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import { isInFamily } from '../types/type-family.ts'
import type {
  Accumulator,
  AggregatePlan,
  Argument,
  CallPlace,
  FunctionDefinition,
  InputStrategy,
  OutputStrategy,
} from './function-definition.ts'
import { any, form, forms, number, varying } from './input-strategies.ts'
import { BIGINT, notNull } from './output-strategies.ts'

/** NULL where no row may have come: without GROUP BY, or behind a FILTER. */
export function orEmpty(strategy: OutputStrategy): OutputStrategy {
  return (received, args, place) => {
    const type = strategy(received, args, place)
    if ('code' in type) return type
    return withNullability(type, type.nullable || mayBeEmpty(place))
  }
}

function mayBeEmpty(place: CallPlace): boolean {
  return place.groupMayBeEmpty === true || place.filtered === true
}

const bigint: LogicalType = { kind: 'BIGINT', nullable: false }

/** The type a sum is kept in: Flink adds in the argument's own width (whole numbers wrap), decimals in 38 digits. */
function sumAccumulator(type: LogicalType): Accumulator {
  return { kind: 'sum', argument: 0, type: withNullability(sumType(type), false) }
}

/** AVG adds whole numbers as BIGINT and floats as DOUBLE, then divides. */
function averageAccumulator(type: LogicalType): Accumulator {
  const kept: LogicalType =
    type.kind === 'DECIMAL'
      ? sumType(type)
      : { kind: isInFamily(type, 'INTEGER') ? 'BIGINT' : 'DOUBLE', nullable: false }
  return { kind: 'sum', argument: 0, type: withNullability(kept, false) }
}

const countOfArgument: Accumulator = { kind: 'count', argument: 0, type: bigint }

function planExtremum(kind: 'min' | 'max', type: LogicalType): AggregatePlan {
  return { accumulators: [{ kind, argument: 0, type }], finish: 'single', retraction: 'values' }
}

/** Kinds that MIN and MAX refuse at planning though the validator compares them. */
function ordered(name: string): InputStrategy {
  return {
    forms: ['(value)'],
    count: [1, 1],
    check: ([argument], place) => {
      const { type } = argument!
      if (type.kind === 'NULL') return { ...unorderedMismatch(name, argument!), code: 'TYP005', stage: 'validate' }
      if (isInFamily(type, 'BINARY') || isInFamily(type, 'CONSTRUCTED') || type.kind === 'INTERVAL' || isOpaque(type)) {
        return { ...unorderedMismatch(name, argument!), stage: place.over ? 'codegen' : 'plan' }
      }
      return [type]
    },
  }
}

function isOpaque(type: LogicalType): boolean {
  return type.kind === 'RAW' || type.kind === 'STRUCTURED' || type.kind === 'VARIANT' || type.kind === 'BITMAP'
}

function unorderedMismatch(name: string, argument: Argument) {
  return {
    code: 'TYP007' as const,
    stage: 'plan' as const,
    argument: 0,
    expected: ['a number, string, BOOLEAN, date, time or timestamp'],
    found: printType(withNullability(argument.type, true)),
    hint: `${name} needs values that have an order.`,
  }
}

/** COUNT(DISTINCT x) keeps a set of values, which Flink has not for these kinds. */
function checkCount(args: readonly Argument[], place: CallPlace) {
  if (place.distinct) {
    const refused = args.findIndex(({ type }) => isInFamily(type, 'BINARY') || type.kind === 'ROW')
    if (refused >= 0) {
      return { ...unorderedMismatch('COUNT(DISTINCT …)', args[refused]!), argument: refused, hint: 'Cast it first.' }
    }
  }
  return args.map(({ type }) => type)
}

export const basicAggregates: readonly FunctionDefinition[] = [
  {
    name: 'COUNT',
    kind: 'aggregate',
    category: 'aggregate',
    syntax: 'function',
    // COUNT(*) is a call without arguments.
    input: { ...forms(varying(any)), check: checkCount },
    output: notNull(BIGINT),
    nullRule: 'custom',
    deterministic: true,
    doc: 'The number of rows, or of rows where no argument is NULL; DISTINCT counts each combination once.',
    example: 'COUNT(*)',
    aggregate: (argumentTypes) => ({
      accumulators: [argumentTypes.length === 0 ? { kind: 'count', type: bigint } : countOfArgument],
      finish: 'single',
      retraction: 'subtract',
    }),
  },
  {
    name: 'SUM',
    kind: 'aggregate',
    category: 'aggregate',
    syntax: 'function',
    input: forms(form(number)),
    output: orEmpty(([type]) => sumType(type!)),
    nullRule: 'strict',
    deterministic: true,
    doc: 'The sum, in the type of the argument: a sum of INT is an INT and wraps at its width.',
    example: 'SUM(amount)',
    aggregate: ([type]) => ({
      accumulators: [sumAccumulator(type!), countOfArgument],
      finish: 'nullIfZero',
      retraction: 'subtract',
    }),
  },
  {
    name: 'AVG',
    kind: 'aggregate',
    category: 'aggregate',
    syntax: 'function',
    input: forms(form(number)),
    output: orEmpty(([type]) => averageType(type!)),
    nullRule: 'strict',
    deterministic: true,
    doc: 'The average, in the type of the argument: an average of whole numbers is truncated.',
    example: 'AVG(amount)',
    aggregate: ([type]) => ({
      accumulators: [averageAccumulator(type!), countOfArgument],
      finish: 'quotient',
      retraction: 'subtract',
    }),
  },
  {
    name: 'MIN',
    kind: 'aggregate',
    category: 'aggregate',
    syntax: 'function',
    input: ordered('MIN'),
    output: orEmpty(([type]) => type!),
    nullRule: 'strict',
    deterministic: true,
    doc: 'The least value.',
    example: 'MIN(amount)',
    aggregate: ([type]) => planExtremum('min', type!),
  },
  {
    name: 'MAX',
    kind: 'aggregate',
    category: 'aggregate',
    syntax: 'function',
    input: ordered('MAX'),
    output: orEmpty(([type]) => type!),
    nullRule: 'strict',
    deterministic: true,
    doc: 'The greatest value.',
    example: 'MAX(amount)',
    aggregate: ([type]) => planExtremum('max', type!),
  },
]
