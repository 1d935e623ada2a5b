// Aggregates that keep values: first and last, lists, arrays, multisets, JSON.
import { compareNullable, comparisonOf } from '../types/compare-values.ts'
import { type LogicalType, MAX_LENGTH, type TypeOf, withNullability } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import { isInFamily } from '../types/type-family.ts'
import type { Value } from '../types/value.ts'
import { orEmpty } from './aggregate.ts'
import type { Argument, CallPlace, FunctionDefinition, Mismatch } from './function-definition.ts'
import { any, argumentMismatch, form, forms, literal, string } from './input-strategies.ts'
import { checkJsonValue } from './json.ts'
import { jsonFromAggregate } from './json-kernels.ts'

type Tuples = readonly (readonly Value[])[]

const stringType: LogicalType = { kind: 'VARCHAR', length: MAX_LENGTH, nullable: true }

/** Kinds that the planner has no FIRST_VALUE, LAST_VALUE or LAG for. */
function checkFirstLast(args: readonly Argument[]): readonly LogicalType[] | Mismatch {
  const { type } = args[0]!
  return type.kind === 'NULL' ? argumentMismatch(args[0]!, 0, ['a value with a type']) : [type]
}

function firstOrLast(name: 'FIRST_VALUE' | 'LAST_VALUE', doc: string): FunctionDefinition {
  return {
    name,
    kind: 'aggregate',
    category: 'aggregate',
    syntax: 'function',
    input: { forms: ['(value)'], count: [1, 1], check: checkFirstLast },
    output: orEmpty(([type]) => type!),
    nullRule: 'strict',
    deterministic: true,
    doc,
    example: `${name}(price)`,
    aggregate: ([type]) => ({
      accumulators: [{ kind: name === 'FIRST_VALUE' ? 'first' : 'last', argument: 0, type: type! }],
      finish: 'single',
      retraction: 'values',
    }),
  }
}

function jsonAggregate(name: 'JSON_OBJECTAGG' | 'JSON_ARRAYAGG', doc: string, example: string): FunctionDefinition {
  const values = name === 'JSON_OBJECTAGG' ? 2 : 1
  return {
    name,
    kind: 'aggregate',
    category: 'JSON',
    syntax: 'special',
    // The NULL clause first, as in the constructors; without the grammar's help a plain call may leave it out.
    input: {
      forms: [name === 'JSON_OBJECTAGG' ? '(KEY name VALUE value)' : '(value)'],
      count: [values, values + 1],
      check: (args) => checkJsonAggregate(args, values),
    },
    output: () => ({ kind: 'VARCHAR', length: 2000, nullable: false }),
    nullRule: 'custom',
    deterministic: true,
    doc,
    example,
    aggregate: (argumentTypes) => {
      const offset = argumentTypes.length - values
      return {
        accumulators: [
          {
            kind: 'values',
            arguments: Array.from({ length: values }, (_, i) => offset + i),
            nulls: true,
            type: { kind: 'ARRAY', element: argumentTypes[argumentTypes.length - 1]!, nullable: false },
          },
        ],
        finish: ([tuples]) =>
          jsonFromAggregate(name, tuples as unknown as Tuples, argumentTypes.slice(offset), offset === 0),
        retraction: 'values',
      }
    },
  }
}

function checkJsonAggregate(args: readonly Argument[], values: number): readonly LogicalType[] | Mismatch {
  const last = args.length - 1
  const key = args[last - 1]
  if (values === 2 && key && !isInFamily(key.type, 'CHARACTER')) return argumentMismatch(key, last - 1, ['a string'])
  return checkJsonValue(args[last]!, last) ?? args.map(({ type }) => type)
}

/** Flink keeps a list's elements by value: these kinds it cannot. */
function checkArrayAgg(args: readonly Argument[]): readonly LogicalType[] | Mismatch {
  return checkFirstLast(args)
}

function collectMultiset(tuples: Tuples, type: LogicalType): Value {
  const compare = comparisonOf(type)
  const counts: [Value, number][] = []
  for (const [value] of tuples) {
    const known = counts.find(([other]) => compareNullable(other, value!, compare) === 0)
    if (known) known[1]++
    else counts.push([value!, 1])
  }
  return counts
}

export const collectingAggregates: readonly FunctionDefinition[] = [
  firstOrLast('FIRST_VALUE', 'The first value that arrived and is not NULL.'),
  firstOrLast('LAST_VALUE', 'The last value that arrived and is not NULL.'),
  {
    name: 'LISTAGG',
    kind: 'aggregate',
    category: 'aggregate',
    syntax: 'function',
    input: forms(form(string), form(string, literal(string))),
    output: ([type], args) => ({
      kind: 'VARCHAR',
      length: (type as TypeOf<'VARCHAR'>).length,
      nullable: args.some((argument) => argument.type.nullable),
    }),
    nullRule: 'custom',
    deterministic: true,
    doc: 'The strings joined in order of arrival, with a comma or the given separator between them.',
    example: "LISTAGG(name, ', ')",
    aggregate: (argumentTypes) => ({
      accumulators: [
        {
          kind: 'values',
          arguments: argumentTypes.map((_, i) => i),
          nulls: false,
          type: { kind: 'ARRAY', element: stringType, nullable: false },
        },
      ],
      finish: ([tuples]) => {
        const rows = tuples as unknown as Tuples
        if (rows.length === 0) return null
        return rows.map(([value, separator], i) => (i === 0 ? value : `${separator ?? ','}${value}`)).join('')
      },
      retraction: 'values',
    }),
  },
  {
    name: 'ARRAY_AGG',
    kind: 'aggregate',
    category: 'aggregate',
    syntax: 'function',
    input: { forms: ['(value)'], count: [1, 1], check: checkArrayAgg },
    output: ([type]) => ({ kind: 'ARRAY', element: type!, nullable: type!.nullable }),
    nullRule: 'custom',
    deterministic: true,
    doc: 'The values as an array in order of arrival, NULLs included.',
    example: 'ARRAY_AGG(tag)',
    aggregate: ([type]) => ({
      accumulators: [
        { kind: 'values', arguments: [0], nulls: true, type: { kind: 'ARRAY', element: type!, nullable: false } },
      ],
      finish: ([tuples]) => {
        const rows = tuples as unknown as Tuples
        return rows.length === 0 ? null : rows.map(([value]) => value!)
      },
      retraction: 'values',
    }),
  },
  {
    name: 'COLLECT',
    kind: 'aggregate',
    category: 'aggregate',
    syntax: 'function',
    input: forms(form(any)),
    output: ([type]) => ({ kind: 'MULTISET', element: type!, nullable: false }),
    nullRule: 'strict',
    deterministic: true,
    doc: 'The values as a multiset; NULLs are left out.',
    example: 'COLLECT(tag)',
    aggregate: ([type]) => ({
      accumulators: [
        { kind: 'values', arguments: [0], nulls: false, type: { kind: 'MULTISET', element: type!, nullable: false } },
      ],
      finish: ([tuples]) => collectMultiset(tuples as unknown as Tuples, type!),
      retraction: 'values',
    }),
  },
  jsonAggregate(
    'JSON_OBJECTAGG',
    'A JSON object of the keys and values of all rows.',
    'JSON_OBJECTAGG(KEY name VALUE score)',
  ),
  jsonAggregate('JSON_ARRAYAGG', 'A JSON array of the values of all rows.', 'JSON_ARRAYAGG(name)'),
  {
    name: 'SINGLE_VALUE',
    kind: 'aggregate',
    category: 'aggregate',
    syntax: 'function',
    input: forms(form(any)),
    output: orEmpty(([type]) => type!),
    nullRule: 'custom',
    deterministic: true,
    doc: 'The only value; the job stops when there are more.',
    example: 'SINGLE_VALUE(price)',
  },
  {
    name: 'APPROX_COUNT_DISTINCT',
    kind: 'aggregate',
    category: 'aggregate',
    syntax: 'function',
    input: {
      forms: ['(value)'],
      count: [1, Number.POSITIVE_INFINITY],
      check: (args, place: CallPlace) => ({
        code: 'TYP007',
        stage: place.over ? 'codegen' : 'plan',
        expected: ['COUNT(DISTINCT …)'],
        found: args.map(({ type }) => printType(withNullability(type, true))).join(', '),
        hint: 'Flink has it for batch queries only.',
      }),
    },
    output: () => ({ kind: 'BIGINT', nullable: false }),
    nullRule: 'custom',
    deterministic: true,
    doc: 'An estimate of the number of distinct values; Flink refuses it on streams.',
    example: 'APPROX_COUNT_DISTINCT(user_id)',
  },
]
