// Single values in and out of columns, boxed: for tests, previews, keys that are printed, and functions without generated code.
import type { Column } from '../types/column.ts'
import type { TimestampValue, Value } from '../types/value.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function readValue(column: Column, row: number): Value {
  if (column.nulls[row] === 1) return null
  switch (column.carrier) {
    case 'int32':
      return column.type.kind === 'BOOLEAN' ? column.values[row] === 1 : column.values[row]!
    case 'int64':
      return column.values[row]!
    case 'float64':
      return column.values[row]!
    case 'timestamp':
      return { millis: column.millis[row]!, nanos: column.nanos?.[row] ?? 0 }
    case 'bytes': {
      const start = column.starts[row]!
      const bytes = column.data.subarray(start, start + column.lengths[row]!)
      return column.type.kind === 'CHAR' || column.type.kind === 'VARCHAR'
        ? decoder.decode(bytes)
        : new Uint8Array(bytes)
    }
    case 'value':
      return column.values[row] as Value
  }
}

/** Bytes are appended to the column's `data`, so rows are written once, in any order. */
export function writeValue(column: Column, row: number, value: Value): void {
  column.nulls[row] = value === null ? 1 : 0
  if (value === null) return
  switch (column.carrier) {
    case 'int32':
    case 'float64':
      column.values[row] = Number(value)
      return
    case 'int64':
      column.values[row] = value as bigint
      return
    case 'timestamp': {
      const { millis, nanos } = value as TimestampValue
      column.millis[row] = millis
      if (column.nanos !== undefined) column.nanos[row] = nanos
      return
    }
    case 'bytes': {
      const bytes = typeof value === 'string' ? encoder.encode(value) : (value as Uint8Array)
      const data = new Uint8Array(column.data.length + bytes.length)
      data.set(column.data)
      data.set(bytes, column.data.length)
      column.starts[row] = column.data.length
      column.lengths[row] = bytes.length
      column.data = data
      return
    }
    case 'value':
      column.values[row] = value
  }
}
