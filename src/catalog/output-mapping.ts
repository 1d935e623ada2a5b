// How the columns of a query fill the fields of a registered Avro schema: the result of the output proof, and all that an encoder
// needs beside the schema itself. Made by validator/prove-output.ts; which conversions are allowed is in type-mapping.ts.

/** What can still go wrong with one value; the encoder looks, the pipeline's `onError` decides. */
export type RuntimeCheck =
  /** NULL in a field that takes none. */
  | 'null'
  /** Text that is no symbol of the enum. */
  | 'symbol'
  /** A number outside the target's range or precision. */
  | 'range'
  /** A number the target can't hold exactly. */
  | 'exact'
  /** Bytes of another length than the fixed type's. */
  | 'length'
  /** Text that is no UUID. */
  | 'uuid'

/**
 * One value to its Avro target. The conversion itself follows from the SQL type and the target's schema (a wider number, a DECIMAL of
 * more digits, a symbol by its text); what does not follow from them is said here.
 */
export type Conversion = {
  /** Where the target is a union: which branch takes values, and which NULL (absent: it has no null branch). */
  readonly union?: { readonly branch: number; readonly nullBranch?: number }
  /** A TIMESTAMP without zone becomes an instant: the IANA zone it is read in. */
  readonly timeZone?: string
  /** Elements of an ARRAY, values of a MAP. */
  readonly element?: Conversion
  /** Fields of a ROW, in the target's order; `column` counts in the ROW. */
  readonly fields?: readonly OutputField[]
  readonly checks: readonly RuntimeCheck[]
}

/** One field of the target record. */
export type OutputField = {
  readonly name: string
} & (
  | { readonly from: 'column'; readonly column: number; readonly conversion: Conversion }
  /** The query has no such column: the schema's default is written. */
  | { readonly from: 'default' }
)

export type OutputMapping = {
  readonly table: string
  /** Every field of the value's record, in its order. `column` counts in the query's columns. Of a value that is no record: one field, `value`. */
  readonly fields: readonly OutputField[]
  /** The columns that make the record's key, in order. */
  readonly key: readonly number[]
}
