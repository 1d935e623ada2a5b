// Fills the slow carrier: nested values, long decimals and opaque unions, made one by one by a reader.
import type { ValueColumn } from '../types/column.ts'
import type { LogicalType } from '../types/logical-type.ts'
import { failureCode } from './decode-failure.ts'
import type { Action } from './resolve.ts'
import { sqlValueOf } from './sql-value.ts'
import { compileReader, DecodeProblem, ReadCursor } from './value-reader.ts'

/** Puts the value at `position` into the column and returns the position behind it, or a negative failure code. */
export type ValueStore = (data: Uint8Array, position: number, end: number, column: ValueColumn, row: number) => number

export function compileValueStore(action: Action, type: LogicalType): ValueStore {
  const read = compileReader(action)
  const cursor = new ReadCursor()
  return (data, position, end, column, row) => {
    cursor.start(data, position, end)
    try {
      const value = sqlValueOf(action.reader, type, read(cursor))
      if (value === undefined) return failureCode('range')
      column.nulls[row] = value === null ? 1 : 0
      column.values[row] = value
      return cursor.position
    } catch (problem) {
      if (problem instanceof DecodeProblem) return failureCode(problem.kind)
      throw problem
    }
  }
}
