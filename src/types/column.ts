// The carrier of each logical type inside a batch: typed arrays, no object per record. Decoders fill columns, operators
// read and write them, encoders drain them. Row `i` of a column is NULL when `nulls[i]` is 1; its other arrays then hold anything.
import type { LogicalType } from './logical-type.ts'

/** BOOLEAN, TINYINT, SMALLINT, INTEGER, DATE (days), TIME (ms of day), INTERVAL YEAR_MONTH (months). */
export type Int32Column = ColumnBase & { readonly carrier: 'int32'; readonly values: Int32Array }

/**
 * BIGINT, DECIMAL of precision ≤ 18 (unscaled), INTERVAL DAY_TIME (ms). `words` and `values` view the same memory:
 * words[2i] is the low half, words[2i+1] the high one (little-endian machines only; asserted at start).
 */
export type Int64Column = ColumnBase & {
  readonly carrier: 'int64'
  readonly words: Int32Array
  readonly values: BigInt64Array
}

/** FLOAT (each value rounded by Math.fround) and DOUBLE. */
export type Float64Column = ColumnBase & { readonly carrier: 'float64'; readonly values: Float64Array }

/** TIMESTAMP and TIMESTAMP_LTZ: milliseconds since the epoch, exact in a double; `nanos` (0..999999 within the millisecond) only where precision > 3. */
export type TimestampColumn = ColumnBase & {
  readonly carrier: 'timestamp'
  readonly millis: Float64Array
  readonly nanos: Int32Array | undefined
}

/**
 * CHAR, VARCHAR (UTF-8), BINARY, VARBINARY: row i is data[starts[i] .. starts[i] + lengths[i]). `data` may be the fetch
 * buffer itself, so a column is valid only until its batch is released; who keeps bytes longer copies them.
 */
export type BytesColumn = ColumnBase & {
  readonly carrier: 'bytes'
  data: Uint8Array
  readonly starts: Int32Array
  readonly lengths: Int32Array
}

/** DECIMAL of precision > 18 and nested types, as JavaScript values (see value.ts). The slow carrier. */
export type ValueColumn = ColumnBase & { readonly carrier: 'value'; readonly values: unknown[] }

type ColumnBase = { readonly type: LogicalType; readonly nulls: Uint8Array }

export type Column = Int32Column | Int64Column | Float64Column | TimestampColumn | BytesColumn | ValueColumn

export type Carrier = Column['carrier']

/** Which carrier holds a logical type. */
export function carrierOf(type: LogicalType): Carrier {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'DATE':
    case 'TIME':
      return 'int32'
    case 'BIGINT':
      return 'int64'
    case 'DECIMAL':
      return type.precision <= 18 ? 'int64' : 'value'
    case 'INTERVAL':
      return type.unit === 'YEAR_MONTH' ? 'int32' : 'int64'
    case 'FLOAT':
    case 'DOUBLE':
      return 'float64'
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return 'timestamp'
    case 'CHAR':
    case 'VARCHAR':
    case 'BINARY':
    case 'VARBINARY':
      return 'bytes'
    case 'ARRAY':
    case 'MULTISET':
    case 'MAP':
    case 'ROW':
    case 'STRUCTURED':
    case 'RAW':
    case 'NULL':
    case 'VARIANT':
    case 'BITMAP':
    case 'DESCRIPTOR':
    case 'SYMBOL':
      return 'value'
  }
}

/** A column for up to `capacity` rows of `type`, all zero and not null. */
export function createColumn(type: LogicalType, capacity: number): Column {
  const nulls = new Uint8Array(capacity)
  switch (carrierOf(type)) {
    case 'int32':
      return { carrier: 'int32', type, nulls, values: new Int32Array(capacity) }
    case 'int64': {
      const memory = new ArrayBuffer(capacity * 8)
      return { carrier: 'int64', type, nulls, words: new Int32Array(memory), values: new BigInt64Array(memory) }
    }
    case 'float64':
      return { carrier: 'float64', type, nulls, values: new Float64Array(capacity) }
    case 'timestamp': {
      const precise = 'precision' in type && type.precision > 3
      return {
        carrier: 'timestamp',
        type,
        nulls,
        millis: new Float64Array(capacity),
        nanos: precise ? new Int32Array(capacity) : undefined,
      }
    }
    case 'bytes':
      return {
        carrier: 'bytes',
        type,
        nulls,
        data: new Uint8Array(0),
        starts: new Int32Array(capacity),
        lengths: new Int32Array(capacity),
      }
    case 'value':
      return { carrier: 'value', type, nulls, values: new Array(capacity).fill(null) }
  }
}
