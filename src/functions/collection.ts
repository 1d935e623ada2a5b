// Functions on arrays and maps with Flink's own inference: elements are cast implicitly, results are nullable when an argument is.

import { commonType } from '../types/common-type.ts'
import { areOrdered } from '../types/comparability.ts'
import { compareNullable, comparisonOf } from '../types/compare-values.ts'
import { type LogicalType, type TypeOf, withNullability } from '../types/logical-type.ts'
import type { Value } from '../types/value.ts'
import { printTypes } from './comparison.ts'
import type { FunctionDefinition, InputStrategy, Kernel, KernelContext, OutputStrategy } from './function-definition.ts'
import { type ArgumentRule, castToFamily, castToKind, form, forms, implicitly } from './input-strategies.ts'
import { BOOLEAN, INT, STRING } from './output-strategies.ts'
import { failedCall, scalar } from './scalar-function.ts'
import { mapFromEntries } from './value.ts'

const array = castToKind('ARRAY')
const map = castToKind('MAP')
const int = castToKind('INTEGER')
const boolean = castToKind('BOOLEAN')
const text = castToFamily('CHARACTER')

/** Fits among the first argument's elements, which may become nullable for it. */
const element: ArgumentRule = {
  label: 'an element of the array',
  accept: ({ type }, all) => {
    const collection = all[0]!.type
    if (collection.kind !== 'ARRAY') return undefined
    const target = withNullability(
      collection.element,
      collection.element.nullable || type.nullable || type.kind === 'NULL',
    )
    return implicitly(type, target)
  },
}

const orderedArray: ArgumentRule = {
  label: 'an array whose elements have an order',
  accept: ({ type }) => (type.kind === 'ARRAY' && areOrdered(type.element, type.element) ? type : undefined),
}

const arrayOfStrings: ArgumentRule = {
  label: 'an array of strings',
  accept: ({ type }) =>
    type.kind === 'ARRAY' && (type.element.kind === 'CHAR' || type.element.kind === 'VARCHAR') ? type : undefined,
}

/** All arguments of one kind with a common type, received as it. */
function commonCollections(kind: 'ARRAY' | 'MAP', least: number, most: number): InputStrategy {
  return {
    forms: [`(${kind} …)`],
    count: [least, most],
    check: (args) => {
      const wrong = args.findIndex(({ type }) => type.kind !== kind)
      if (wrong >= 0) {
        return {
          code: 'TYP002',
          stage: 'validate',
          argument: wrong,
          expected: [`${kind}`],
          found: printTypes([args[wrong]!]),
        }
      }
      const shared = commonType(args.map(({ type }) => type))
      if (!shared)
        return { code: 'TYP003', stage: 'validate', expected: ['values of one type'], found: printTypes(args) }
      return args.map(({ type }) => implicitly(type, shared) ?? shared)
    },
  }
}

const anyNullable = (received: readonly LogicalType[]) => received.some((type) => type.nullable)

/** Of the received types: what counts is the type after the implicit cast. */
const ifAny = (type: (received: readonly LogicalType[]) => LogicalType): OutputStrategy => {
  return (received) => withNullability(type(received), anyNullable(received))
}
const ifFirst = (type: (received: readonly LogicalType[]) => LogicalType): OutputStrategy => {
  return (received) => withNullability(type(received), received[0]!.nullable)
}

const first = ([type]: readonly LogicalType[]) => type!
const elementOf = (type: LogicalType) => (type as TypeOf<'ARRAY'>).element
const arrayOf = (type: LogicalType): LogicalType => ({ kind: 'ARRAY', element: type, nullable: true })

/** The array, whose elements are nullable when the added one is. */
const extendedArray = ([list, added]: readonly LogicalType[]) => {
  const inner = elementOf(list!)
  return arrayOf(withNullability(inner, inner.nullable || added!.nullable))
}

type List = readonly Value[]
type Entries = readonly (readonly [Value, Value])[]
const list = (value: Value | undefined) => value as List
const entries = (value: Value | undefined) => value as Entries

function equalsOf(type: LogicalType): (a: Value, b: Value) => boolean {
  const compare = comparisonOf(type)
  return (a, b) => compareNullable(a, b, compare) === 0
}

const elementEquals = ({ argumentTypes }: KernelContext) => equalsOf(elementOf(argumentTypes[0]!))

function distinct(values: List, equals: (a: Value, b: Value) => boolean): List {
  const result: Value[] = []
  for (const value of values) if (!result.some((known) => equals(known, value))) result.push(value)
  return result
}

function sortKernel({ argumentTypes }: KernelContext): Kernel {
  const compare = comparisonOf(elementOf(argumentTypes[0]!))
  return ([values, ascending, nullsFirst]) => {
    if (ascending === null || nullsFirst === null) return null
    const direction = ascending === false ? -1 : 1
    const nullsLead = nullsFirst === undefined ? direction === 1 : nullsFirst
    const nulls = list(values).filter((value) => value === null)
    const rest = list(values).filter((value) => value !== null)
    // Flink's comparator knows greater or not, never equal: that decides where NaN ends up.
    const sorted = rest.toSorted((a, b) => (compare(a, b) > 0 ? direction : -direction))
    return nullsLead ? [...nulls, ...sorted] : [...sorted, ...nulls]
  }
}

/** Positions count from 1, negative ones from the end; both ends belong to the slice. */
function slice(values: List, from: number, to: number): List {
  if (values.length === 0) return []
  const position = (at: number) => (at < 0 ? values.length + at + 1 : at === 0 ? 1 : at)
  const start = position(from)
  const end = position(to)
  if (end < start || start > values.length || end < 1) return []
  return values.slice(Math.max(start, 1) - 1, end)
}

function extremum(direction: 1 | -1) {
  return ({ argumentTypes }: KernelContext): Kernel => {
    const compare = comparisonOf(elementOf(argumentTypes[0]!))
    return ([values]) => {
      let best: Value = null
      for (const value of list(values)) {
        if (value !== null && (best === null || compare(value, best) * direction > 0)) best = value
      }
      return best
    }
  }
}

function subtract(a: List, b: List, equals: (a: Value, b: Value) => boolean): List {
  return distinct(
    a.filter((value) => !b.some((other) => equals(other, value))),
    equals,
  )
}

function collection(
  name: string,
  input: InputStrategy,
  output: OutputStrategy,
  doc: string,
  example: string,
  kernel?: FunctionDefinition['kernel'],
  nullRule: FunctionDefinition['nullRule'] = 'strict',
): FunctionDefinition {
  return scalar({ name, category: 'collection', input, output, nullRule, doc, example, ...(kernel && { kernel }) })
}

const withElement = forms(form(array, element))

export const collectionFunctions: readonly FunctionDefinition[] = [
  collection(
    'ARRAY_CONTAINS',
    withElement,
    ifFirst(() => BOOLEAN),
    'Whether an array holds a value (or a NULL).',
    "ARRAY_CONTAINS(tags, 'new')",
    (context) => {
      const equals = elementEquals(context)
      return ([values, needle]) => (values === null ? null : list(values).some((value) => equals(value, needle!)))
    },
    'custom',
  ),
  collection(
    'ARRAY_APPEND',
    withElement,
    ifAny(extendedArray),
    'The array with one more element at its end.',
    "ARRAY_APPEND(tags, 'new')",
    () =>
      ([values, added]) =>
        values === null ? null : [...list(values), added!],
    'custom',
  ),
  collection(
    'ARRAY_PREPEND',
    withElement,
    ifAny(extendedArray),
    'The array with one more element at its start.',
    "ARRAY_PREPEND(tags, 'new')",
    () =>
      ([values, added]) =>
        values === null ? null : [added!, ...list(values)],
    'custom',
  ),
  collection(
    'ARRAY_POSITION',
    withElement,
    ifAny(() => INT),
    'Where an array first holds a value, from 1; 0 when it does not.',
    "ARRAY_POSITION(tags, 'new')",
    (context) => {
      const equals = elementEquals(context)
      return ([values, needle]) => list(values).findIndex((value) => equals(value, needle!)) + 1
    },
  ),
  collection(
    'ARRAY_REMOVE',
    withElement,
    ifFirst(first),
    'The array without the elements equal to a value.',
    "ARRAY_REMOVE(tags, 'old')",
    (context) => {
      const equals = elementEquals(context)
      return ([values, needle]) => (values === null ? null : list(values).filter((value) => !equals(value, needle!)))
    },
    'custom',
  ),
  collection(
    'ARRAY_DISTINCT',
    forms(form(array)),
    ifAny(first),
    'The array with each value once.',
    'ARRAY_DISTINCT(tags)',
    (context) => {
      const equals = elementEquals(context)
      return ([values]) => distinct(list(values), equals)
    },
  ),
  collection(
    'ARRAY_REVERSE',
    forms(form(array)),
    ifAny(first),
    'The array backwards.',
    'ARRAY_REVERSE(tags)',
    () =>
      ([values]) =>
        list(values).toReversed(),
  ),
  collection(
    'ARRAY_SORT',
    forms(form(orderedArray), form(orderedArray, boolean), form(orderedArray, boolean, boolean)),
    ifAny(first),
    'The array in ascending order, or descending when the second argument is FALSE; the third says whether NULLs come first.',
    'ARRAY_SORT(prices)',
    sortKernel,
  ),
  collection(
    'ARRAY_SLICE',
    forms(form(array, int, int), form(array, int)),
    ifAny(first),
    'The part of an array between two positions, both included.',
    'ARRAY_SLICE(tags, 1, 2)',
    () =>
      ([values, from, to]) =>
        slice(list(values), from as number, to === undefined ? list(values).length : (to as number)),
  ),
  collection(
    'ARRAY_UNION',
    commonCollections('ARRAY', 2, 2),
    ifAny(first),
    'The values of two arrays, each once.',
    'ARRAY_UNION(tags, old_tags)',
    (context) => {
      const equals = elementEquals(context)
      return ([a, b]) => distinct([...list(a), ...list(b)], equals)
    },
  ),
  collection(
    'ARRAY_CONCAT',
    commonCollections('ARRAY', 1, Number.POSITIVE_INFINITY),
    ifAny(first),
    'Arrays one after another.',
    'ARRAY_CONCAT(tags, old_tags)',
    () => (args) => args.flatMap((values) => list(values)),
  ),
  collection(
    'ARRAY_EXCEPT',
    commonCollections('ARRAY', 2, 2),
    ifAny(first),
    'The values of an array that another does not hold, each once.',
    'ARRAY_EXCEPT(tags, old_tags)',
    (context) => {
      const equals = elementEquals(context)
      return ([a, b]) => subtract(list(a), list(b), equals)
    },
  ),
  collection(
    'ARRAY_INTERSECT',
    commonCollections('ARRAY', 2, 2),
    ifAny(first),
    'The values that two arrays share, each once.',
    'ARRAY_INTERSECT(tags, old_tags)',
    (context) => {
      const equals = elementEquals(context)
      return ([a, b]) =>
        distinct(
          list(a).filter((value) => list(b).some((other) => equals(other, value))),
          equals,
        )
    },
  ),
  collection(
    'ARRAY_MAX',
    forms(form(orderedArray)),
    (received) => withNullability(elementOf(received[0]!), true),
    'The greatest element.',
    'ARRAY_MAX(prices)',
    extremum(1),
  ),
  collection(
    'ARRAY_MIN',
    forms(form(orderedArray)),
    (received) => withNullability(elementOf(received[0]!), true),
    'The least element.',
    'ARRAY_MIN(prices)',
    extremum(-1),
  ),
  collection(
    'ARRAY_JOIN',
    forms(form(arrayOfStrings, text), form(arrayOfStrings, text, text)),
    ifAny(() => STRING),
    'The strings of an array joined by a separator; NULLs are left out or replaced.',
    "ARRAY_JOIN(tags, ', ')",
    () =>
      ([values, separator, replacement]) =>
        list(values)
          .map((value) => value ?? replacement ?? null)
          .filter((value) => value !== null)
          .join(separator as string),
  ),
  collection(
    'MAP_KEYS',
    forms(form(map)),
    ifAny(([type]) => arrayOf((type as TypeOf<'MAP'>).key)),
    'The keys of a map as an array.',
    'MAP_KEYS(attributes)',
    () =>
      ([value]) =>
        entries(value).map(([key]) => key),
  ),
  collection(
    'MAP_VALUES',
    forms(form(map)),
    ifAny(([type]) => arrayOf((type as TypeOf<'MAP'>).value)),
    'The values of a map as an array.',
    'MAP_VALUES(attributes)',
    () =>
      ([value]) =>
        entries(value).map(([, v]) => v),
  ),
  collection(
    'MAP_ENTRIES',
    forms(form(map)),
    ifAny(([type]) => arrayOf(entryType(type as TypeOf<'MAP'>))),
    'The entries of a map as an array of rows (key, value).',
    'MAP_ENTRIES(attributes)',
    () =>
      ([value]) =>
        entries(value).map(([k, v]) => [k, v] as List),
  ),
  collection(
    'MAP_FROM_ARRAYS',
    forms(form(array, array)),
    ifAny(([keys, values]) => ({ kind: 'MAP', key: elementOf(keys!), value: elementOf(values!), nullable: true })),
    'A map from an array of keys and an array of values.',
    "MAP_FROM_ARRAYS(ARRAY['a'], ARRAY[1])",
    () =>
      ([keys, values]) => {
        if (list(keys).length !== list(values).length)
          throw failedCall('MAP_FROM_ARRAYS', 'the arrays differ in length')
        return list(keys).map((key, i) => [key, list(values)[i]!] as const)
      },
  ),
  collection(
    'MAP_UNION',
    commonCollections('MAP', 1, Number.POSITIVE_INFINITY),
    (received) => withNullability(received[0]!, anyNullable(received)),
    'The entries of all maps; a later one wins.',
    "MAP_UNION(attributes, MAP['a', 'b'])",
    ({ argumentTypes }) =>
      (args) =>
        mapFromEntries(
          args.flatMap((value) => [...entries(value)]),
          (argumentTypes[0] as TypeOf<'MAP'>).key,
        ),
  ),
]

function entryType({ key, value }: TypeOf<'MAP'>): LogicalType {
  return {
    kind: 'ROW',
    fields: [
      { name: 'key', type: key },
      { name: 'value', type: value },
    ],
    nullable: true,
  }
}
