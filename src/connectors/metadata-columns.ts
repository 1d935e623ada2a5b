// Columns that are not in a record's value: what Kafka keeps beside it, and keys that are plain text.
import type { ColumnOrigin } from '../catalog/table.ts'
import { assert, unreachable } from '../diagnostics/assert.ts'
import { writeValue } from '../engine/column-values.ts'
import { headersAt } from '../kafka/record-batch.ts'
import type { RecordSlices } from '../kafka/record-slices.ts'
import type { Column } from '../types/column.ts'

export type MetadataOrigin = Extract<ColumnOrigin, { readonly kind: 'metadata' | 'key' }>

const encoder = new TextEncoder()

/** Fills rows 0 to `count - 1` from the records of the same index. */
export function fillMetadata(
  column: Column,
  origin: MetadataOrigin,
  slices: RecordSlices,
  count: number,
  partition: number,
  topic: string,
): void {
  if (origin.kind === 'key') {
    fillKey(column, origin.path, slices, count)
    return
  }
  switch (origin.key) {
    case 'timestamp':
      assert(column.carrier === 'timestamp', 'timestamp is a TIMESTAMP_LTZ')
      column.millis.set(slices.timestamps.subarray(0, count))
      return
    case 'partition':
      assert(column.carrier === 'int32', 'partition is an INT')
      column.values.fill(partition, 0, count)
      return
    case 'offset':
      assert(column.carrier === 'int64', 'offset is a BIGINT')
      for (let i = 0; i < count; i++) {
        const offset = slices.offsets[i]!
        column.words[2 * i] = offset | 0
        column.words[2 * i + 1] = Math.floor(offset / 4294967296)
      }
      return
    case 'topic':
      assert(column.carrier === 'bytes', 'topic is a STRING')
      column.data = encoder.encode(topic)
      column.starts.fill(0, 0, count)
      column.lengths.fill(column.data.length, 0, count)
      return
    case 'headers':
      for (let i = 0; i < count; i++) {
        writeValue(
          column,
          i,
          headersAt(slices, i).map(({ key, value }) => [key, value] as const),
        )
      }
      return
    default:
      unreachable(origin.key)
  }
}

/** A key without a schema is text. */
function fillKey(column: Column, path: readonly string[], slices: RecordSlices, count: number): void {
  assert(column.carrier === 'bytes' && path.length === 0, 'a key without a schema is one STRING')
  column.data = slices.data
  for (let i = 0; i < count; i++) {
    const length = slices.keyLengths[i]!
    column.nulls[i] = length < 0 ? 1 : 0
    column.starts[i] = slices.keyStarts[i]!
    column.lengths[i] = Math.max(0, length)
  }
}
