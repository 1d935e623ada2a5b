// Construction of and access to arrays, maps and rows.

import { supportsImplicitCast } from '../types/casts.ts'
import { comparisonOf } from '../types/compare-values.ts'
import { leastRestrictive } from '../types/least-restrictive.ts'
import { type LogicalType, type TypeOf, withNullability } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import { isInFamily } from '../types/type-family.ts'
import type { Value } from '../types/value.ts'
import { printTypes } from './comparison.ts'
import type { Argument, FunctionDefinition, Mismatch } from './function-definition.ts'
import { any, argumentMismatch, either, family, form, forms, varying } from './input-strategies.ts'
import { INT, nullableIfAnyArgument } from './output-strategies.ts'
import { scalar } from './scalar-function.ts'

type Received = readonly LogicalType[] | Mismatch

function noSharedType(args: readonly Argument[]): Mismatch {
  const onlyNulls = args.every(({ type }) => type.kind === 'NULL')
  return {
    code: onlyNulls ? 'TYP005' : 'TYP003',
    stage: 'validate',
    expected: ['values of one type'],
    found: onlyNulls ? 'NULL' : printTypes(args),
  }
}

function asShared(args: readonly Argument[], shared: LogicalType): readonly LogicalType[] {
  return args.map(({ type }) => withNullability(shared, type.nullable || type.kind === 'NULL'))
}

function checkArray(args: readonly Argument[]): Received {
  const shared = leastRestrictive(args.map(({ type }) => type))
  return shared ? asShared(args, shared) : noSharedType(args)
}

/** Flink types it, and has no plan for it. */
function checkMultiset(args: readonly Argument[]): Received {
  const checked = checkArray(args)
  if ('code' in checked) return checked
  return { code: 'TYP002', stage: 'plan', expected: ['ARRAY[…]'], found: 'MULTISET[…]' }
}

function checkMap(args: readonly Argument[]): Received {
  if (args.length % 2 === 1) {
    return {
      code: 'TYP001',
      stage: 'validate',
      expected: ['keys and values in pairs'],
      found: `${args.length} arguments`,
    }
  }
  const keys = args.filter((_, i) => i % 2 === 0)
  const values = args.filter((_, i) => i % 2 === 1)
  const key = leastRestrictive(keys.map(({ type }) => type))
  const value = leastRestrictive(values.map(({ type }) => type))
  if (!key) return noSharedType(keys)
  if (!value) return noSharedType(values)
  return args.map(({ type }, i) => withNullability(i % 2 === 0 ? key : value, type.nullable || type.kind === 'NULL'))
}

function sharedOf(types: readonly LogicalType[]): LogicalType {
  return withNullability(
    types[0]!,
    types.some(({ nullable }) => nullable),
  )
}

/** A later key wins, as in Java's maps. */
export function mapFromEntries(entries: readonly (readonly [Value, Value])[], keyType: LogicalType): Value {
  const compare = comparisonOf(keyType)
  const result: (readonly [Value, Value])[] = []
  for (const entry of entries) {
    const known = result.findIndex(([key]) =>
      key === null || entry[0] === null ? key === entry[0] : compare(key, entry[0]) === 0,
    )
    if (known < 0) result.push(entry)
    else result[known] = [result[known]![0], entry[1]]
  }
  return result
}

/** array[index from 1], map[key], row['field'], variant[…]. */
function checkItem(args: readonly Argument[]): Received {
  const [collection, index] = [args[0]!, args[1]!]
  switch (collection.type.kind) {
    case 'ARRAY':
      if (typeof index.literal === 'number' && index.literal < 1) {
        return {
          code: 'TYP006',
          stage: 'codegen',
          argument: 1,
          expected: ['a position from 1'],
          found: String(index.literal),
        }
      }
      return isInFamily(index.type, 'INTEGER')
        ? [collection.type, index.type]
        : argumentMismatch(index, 1, ['a whole number'])
    case 'MAP': {
      const { key } = collection.type
      const fits =
        sameFamily(index.type, key) &&
        (index.type.kind === key.kind ||
          supportsImplicitCast(withNullability(index.type, false), withNullability(key, true)) ||
          isInFamily(key, 'NUMERIC'))
      return fits
        ? [collection.type, withNullability(key, index.type.nullable)]
        : argumentMismatch(index, 1, [printType(withNullability(key, true))])
    }
    case 'ROW':
      if (isInFamily(index.type, 'INTEGER') || isInFamily(index.type, 'CHARACTER')) return [collection.type, index.type]
      return argumentMismatch(index, 1, ['a field name', 'a whole number'])
    case 'VARIANT':
      if (isInFamily(index.type, 'INTEGER') || isInFamily(index.type, 'CHARACTER')) return [collection.type, index.type]
      return argumentMismatch(index, 1, ['a string', 'a whole number'])
    default:
      return argumentMismatch(collection, 0, ['an array', 'a map', 'a row'])
  }
}

function sameFamily(a: LogicalType, b: LogicalType): boolean {
  const families = ['NUMERIC', 'CHARACTER', 'BINARY', 'TIMESTAMP'] as const
  return a.kind === b.kind || families.some((name) => isInFamily(a, name) && isInFamily(b, name))
}

function itemType(received: readonly LogicalType[], args: readonly Argument[]): LogicalType | Mismatch {
  const collection = received[0]!
  if (collection.kind === 'ARRAY') return withNullability(collection.element, true)
  if (collection.kind === 'MAP') return withNullability(collection.value, true)
  if (collection.kind === 'VARIANT') return withNullability(collection, true)
  const index = args[1]!.literal
  const { fields } = collection as TypeOf<'ROW'>
  const field = typeof index === 'string' ? fields.find(({ name }) => name === index) : fields[Number(index) - 1]
  if (!field)
    return {
      code: 'TYP006',
      stage: 'validate',
      argument: 1,
      expected: fields.map(({ name }) => name).slice(0, 5),
      found: String(index),
    }
  return withNullability(field.type, field.type.nullable || collection.nullable)
}

function itemKernel(type: LogicalType) {
  if (type.kind === 'MAP') {
    const compare = comparisonOf(type.key)
    return ([map, key]: readonly Value[]): Value => {
      const entry = (map as readonly (readonly [Value, Value])[]).find(([k]) => k !== null && compare(k, key!) === 0)
      return entry ? entry[1] : null
    }
  }
  return ([list, index]: readonly Value[]): Value => (list as readonly Value[])[Number(index) - 1] ?? null
}

function fieldOf(type: LogicalType, name: Value | undefined) {
  const fields = type.kind === 'ROW' || type.kind === 'STRUCTURED' ? type.fields : []
  const index = fields.findIndex((field) => field.name === name)
  return { index, field: fields[index] }
}

/** Anything but a bare NULL. */
const typed = {
  label: 'a value with a type',
  accept: ({ type }: Argument) => (type.kind === 'NULL' ? undefined : type),
}

export const valueFunctions: readonly FunctionDefinition[] = [
  scalar({
    name: 'ARRAY',
    category: 'value construction',
    syntax: 'special',
    input: { forms: ['[value, …]'], count: [1, Number.POSITIVE_INFINITY], check: checkArray },
    output: (received) => ({ kind: 'ARRAY', element: sharedOf(received), nullable: false }),
    nullRule: 'custom',
    doc: 'An array of values of one type.',
    example: "ARRAY['a', 'b']",
    kernel: () => (args) => args,
  }),
  scalar({
    name: 'MULTISET',
    category: 'value construction',
    syntax: 'special',
    input: { forms: ['[value, …]'], count: [1, Number.POSITIVE_INFINITY], check: checkMultiset },
    output: (received) => ({ kind: 'MULTISET', element: sharedOf(received), nullable: false }),
    nullRule: 'custom',
    doc: 'A multiset of values of one type.',
    example: "MULTISET['a', 'b']",
  }),
  scalar({
    name: 'MAP',
    category: 'value construction',
    syntax: 'special',
    input: { forms: ['[key, value, …]'], count: [2, Number.POSITIVE_INFINITY], check: checkMap },
    output: (received) => ({
      kind: 'MAP',
      key: sharedOf(received.filter((_, i) => i % 2 === 0)),
      value: sharedOf(received.filter((_, i) => i % 2 === 1)),
      nullable: false,
    }),
    nullRule: 'custom',
    doc: 'A map from keys to values.',
    example: "MAP['a', 1, 'b', 2]",
    kernel:
      ({ resultType }) =>
      (args) => {
        const entries: (readonly [Value, Value])[] = []
        for (let i = 0; i < args.length; i += 2) entries.push([args[i]!, args[i + 1]!])
        return mapFromEntries(entries, (resultType as TypeOf<'MAP'>).key)
      },
  }),
  scalar({
    name: 'ROW',
    category: 'value construction',
    syntax: 'special',
    input: forms(varying(typed, typed)),
    output: (received) => ({
      kind: 'ROW',
      fields: received.map((type, i) => ({ name: `EXPR$${i}`, type })),
      nullable: false,
    }),
    nullRule: 'custom',
    doc: 'A row of values.',
    example: "ROW(1, 'a')",
    kernel: () => (args) => args,
  }),
  scalar({
    name: 'ITEM',
    category: 'value access',
    syntax: 'special',
    // collection[index]
    input: { forms: ['array[number]', 'map[key]', "row['field']"], count: [2, 2], check: checkItem },
    output: itemType,
    doc: 'An element of an array (counted from 1), the value of a key in a map, or a field of a row.',
    example: 'tags[1]',
    kernel: ({ argumentTypes, literals }) => {
      const type = argumentTypes[0]!
      if (type.kind !== 'ROW') return itemKernel(type)
      const index = typeof literals[1] === 'string' ? fieldOf(type, literals[1]).index : Number(literals[1]) - 1
      return ([row]) => (row as readonly Value[])[index] ?? null
    },
  }),
  scalar({
    name: 'FIELD',
    category: 'value access',
    syntax: 'special',
    // row.name, the name as a literal
    input: forms(form(any, any)),
    output: (received, args) => {
      const { field } = fieldOf(received[0]!, args[1]!.literal)
      if (!field) return argumentMismatch(args[1]!, 1, ['a field of the row'])
      return withNullability(field.type, field.type.nullable || received[0]!.nullable)
    },
    doc: 'A field of a row.',
    example: 'address.city',
    kernel: ({ argumentTypes, literals }) => {
      const { index } = fieldOf(argumentTypes[0]!, literals[1])
      return ([row]) => (row as readonly Value[])[index] ?? null
    },
  }),
  scalar({
    name: 'CARDINALITY',
    category: 'collection',
    input: forms(form(either(family('ARRAY'), family('MULTISET'), family('MAP')))),
    output: nullableIfAnyArgument(INT),
    doc: 'The number of elements of an array or entries of a map.',
    example: 'CARDINALITY(tags)',
    kernel:
      () =>
      ([collection]) =>
        (collection as readonly Value[]).length,
  }),
  scalar({
    name: 'ELEMENT',
    category: 'collection',
    input: forms(form(either(family('ARRAY'), family('MULTISET')))),
    output: ([type]) => {
      const { element, nullable } = type as TypeOf<'ARRAY'>
      return withNullability(element, element.nullable || nullable)
    },
    doc: 'The only element of an array; NULL when it is empty, and the job stops when there are more.',
    example: 'ELEMENT(tags)',
  }),
]
