// How the columns of a query fill the fields of a target schema, as far as an encoder must be told. The catalog makes such mappings
// with the output proof; its OutputField is an EncodeField.

/** How one value gets to its target, where the types alone do not say it. The catalog's Conversion is one. */
export type EncodeConversion = {
  /** Where the target is a union: which branch takes values, and which NULL. Absent: its only branch, and its null branch. */
  readonly union?: { readonly branch: number; readonly nullBranch?: number }
  /** A TIMESTAMP without zone becomes an instant: the IANA zone it is read in. Absent: UTC. */
  readonly timeZone?: string
  /** Elements of an ARRAY, values of a MAP. */
  readonly element?: EncodeConversion
  /** Fields of a ROW, in the target's order; `column` counts in the ROW. */
  readonly fields?: readonly EncodeField[]
}

/** One field of the target record: from a column, or its default. The catalog's OutputField is one. */
export type EncodeField = { readonly name: string } & (
  | { readonly from: 'column'; readonly column: number; readonly conversion: EncodeConversion }
  | { readonly from: 'default' }
)
