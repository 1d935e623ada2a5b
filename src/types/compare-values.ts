// Order and equality of boxed values, as Flink's generated code compares them. Both sides have the same type and are not NULL.
import type { LogicalType } from './logical-type.ts'
import type { TimestampValue, Value } from './value.ts'

export type Comparison = (a: Value, b: Value) => number

/** -1, 0 or 1; NaN where a number is NaN, so that only `<>` holds then, as in Java. NULL inside arrays and rows comes first. */
export function comparisonOf(type: LogicalType): Comparison {
  switch (type.kind) {
    case 'BOOLEAN':
      return (a, b) => Number(a) - Number(b)
    case 'CHAR':
    case 'VARCHAR':
      return (a, b) => compareStrings(a as string, b as string)
    case 'BINARY':
    case 'VARBINARY':
      return (a, b) => compareBytes(a as Uint8Array, b as Uint8Array)
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return (a, b) => compareTimestamps(a as TimestampValue, b as TimestampValue)
    case 'FLOAT':
    case 'DOUBLE':
      return (a, b) => compareNumbers(a as number, b as number)
    case 'ARRAY':
    case 'MULTISET': {
      const element = comparisonOf(type.element)
      return (a, b) => compareLists(a as readonly Value[], b as readonly Value[], () => element)
    }
    case 'ROW':
    case 'STRUCTURED': {
      const fields = type.fields.map((field) => comparisonOf(field.type))
      return (a, b) => compareLists(a as readonly Value[], b as readonly Value[], (i) => fields[i]!)
    }
    case 'MAP': {
      const key = comparisonOf(type.key)
      const value = comparisonOf(type.value)
      return (a, b) => compareMaps(a as Entries, b as Entries, key, value)
    }
    default:
      return (a, b) => ((a as bigint) < (b as bigint) ? -1 : (a as bigint) > (b as bigint) ? 1 : 0)
  }
}

type Entries = readonly (readonly [Value, Value])[]

/** By Unicode code point, which is the order of the UTF-8 bytes. */
function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    // Surrogates stand for code points above all others, though their units are not the greatest.
    const xSurrogate = x >= 0xd800 && x <= 0xdfff
    const ySurrogate = y >= 0xd800 && y <= 0xdfff
    return xSurrogate === ySurrogate ? Math.sign(x - y) : xSurrogate ? 1 : -1
  }
  return Math.sign(a.length - b.length)
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1
  }
  return Math.sign(a.length - b.length)
}

function compareTimestamps(a: TimestampValue, b: TimestampValue): number {
  return Math.sign(a.millis - b.millis || a.nanos - b.nanos)
}

function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN
}

function compareLists(a: readonly Value[], b: readonly Value[], element: (index: number) => Comparison): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const result = compareNullable(a[i]!, b[i]!, element(i))
    if (result !== 0) return result
  }
  return Math.sign(a.length - b.length)
}

/** NULL before all else. */
export function compareNullable(a: Value, b: Value, comparison: Comparison): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null)
  return comparison(a, b)
}

/** Maps have equality only: entries in any order. */
function compareMaps(a: Entries, b: Entries, key: Comparison, value: Comparison): number {
  if (a.length !== b.length) return a.length < b.length ? -1 : 1
  const same = a.every(([k, v]) => {
    const other = b.find(([otherKey]) => compareNullable(k, otherKey, key) === 0)
    return other !== undefined && compareNullable(v, other[1], value) === 0
  })
  return same ? 0 : 1
}
