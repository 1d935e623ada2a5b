// One SQL value outside a column (literals, keys in a snapshot, printed rows, nested values in a ValueColumn).

/** TIMESTAMP and TIMESTAMP_LTZ: `nanos` is within the millisecond, 0..999999. */
export type TimestampValue = { readonly millis: number; readonly nanos: number }

/**
 * NULL null; BOOLEAN boolean; TINYINT..INTEGER, DATE (days), TIME (ms of day), INTERVAL YEAR_MONTH (months) number;
 * BIGINT, INTERVAL DAY_TIME (ms) bigint; DECIMAL bigint (unscaled; the scale is the type's); FLOAT, DOUBLE number;
 * CHAR, VARCHAR string; BINARY, VARBINARY Uint8Array; TIMESTAMPs TimestampValue; ARRAY, ROW readonly Value[];
 * MAP, MULTISET readonly [Value, Value][] in insertion order.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | TimestampValue
  | readonly Value[]
  | readonly (readonly [Value, Value])[]
