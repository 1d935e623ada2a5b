// Why bytes are not a value of their schema. Hot loops report a failure as a number; the words are made when somebody reads them.

export const decodeFailureMessages = {
  'cut-off': 'the data ends inside the value',
  number: 'a number has more bytes than its type allows',
  length: 'a length is negative or goes beyond the end of the data',
  branch: 'a union has no branch of this index',
  symbol: 'an enum has no symbol of this index',
  boolean: 'a boolean is neither 0 nor 1',
  text: 'a text is not UTF-8',
  range: 'a number is outside the range of the column',
  trailing: 'there is data behind the end of the record',
  unresolved: 'the value does not fit the schema that the pipeline reads with',
  count: 'an array or map claims more items than the data can hold',
  depth: 'values are nested too deeply',
  decimal: 'a decimal has no digits, or more than its precision',
} as const

export type DecodeFailureKind = keyof typeof decodeFailureMessages

/** In the order in which negative results of skips count them: -1, -2 … */
const kinds = Object.keys(decodeFailureMessages) as readonly DecodeFailureKind[]

/** A failure as a negative number, for functions that otherwise answer a position. */
export function failureCode(kind: DecodeFailureKind): number {
  return -1 - kinds.indexOf(kind)
}

export function failureKind(code: number): DecodeFailureKind {
  return kinds[-1 - code] ?? 'cut-off'
}

export function describeFailure(kind: DecodeFailureKind, path: string): string {
  return path === '' ? decodeFailureMessages[kind] : `field \`${path}\`: ${decodeFailureMessages[kind]}`
}

/** Rows that could not be decoded (or encoded), in rising order; kept by the caller and cleared before each use. */
export class DecodeFailures {
  count = 0
  rows = new Int32Array(16)
  /** The place in the decoder that failed; its `failureAt` knows the field and the reason. */
  sites = new Int32Array(16)

  clear(): void {
    this.count = 0
  }

  add(row: number, site: number): void {
    if (this.count === this.rows.length) {
      const rows = new Int32Array(this.count * 2)
      const sites = new Int32Array(this.count * 2)
      rows.set(this.rows)
      sites.set(this.sites)
      this.rows = rows
      this.sites = sites
    }
    this.rows[this.count] = row
    this.sites[this.count++] = site
  }
}

/** Nesting of values beyond this is refused; recursive types could otherwise exhaust the stack. */
export const MAX_DEPTH = 500

/** Items that take no bytes (nulls, empty records) are believed up to this number, whatever the data claims. */
export const MAX_EMPTY_ITEMS = 65_536
