// Compiles an encoder from columns to framed Avro records of a registered schema: one generated function per target and mapping.
// Every value is checked against its field; a row that does not fit is reported, never written. Text: column-encoder-code.ts.
import type { Column } from '../types/column.ts'
import type { LogicalType } from '../types/logical-type.ts'
import type { ByteBuffer } from './byte-buffer.ts'
import { ColumnEncoderCode } from './column-encoder-code.ts'
import type { DecodeFailures } from './decode-failure.ts'
import { describeEncodeFailure, type EncodeFailureKind } from './encode-failure.ts'
import type { EncodeField } from './encode-mapping.ts'
import type { AvroSchema } from './schema.ts'

export type { EncodeConversion, EncodeField } from './encode-mapping.ts'

type EncodeFailure = {
  readonly kind: EncodeFailureKind
  readonly path: string
  /** One line for the user. */
  readonly message: string
}

export type ColumnEncoder = {
  /**
   * Appends the records of `count` rows (all of 0..count-1, or the first `count` of `selection`) to `out`, the j-th at
   * starts[j] with lengths[j] bytes, prefix included. A row that does not fit has length -1 and is added to `failures` by its
   * row in the columns. `starts` and `lengths` have room for `count`.
   */
  encode(
    columns: readonly Column[],
    count: number,
    selection: Int32Array | undefined,
    out: ByteBuffer,
    starts: Int32Array,
    lengths: Int32Array,
    failures: DecodeFailures,
  ): void
  failureAt(site: number): EncodeFailure
}

/**
 * `types`: of the columns that `encode` will be given. `fields`: one per field of the target record, in its order; for a target
 * that is no record one field, whatever its name. `prefix`: what stands before each record, such as Confluent's schema id.
 */
export function compileColumnEncoder(
  target: AvroSchema,
  types: readonly LogicalType[],
  fields: readonly EncodeField[],
  prefix: Uint8Array,
): ColumnEncoder {
  const code = new ColumnEncoderCode(target, types, fields, prefix)
  const kernel = code.link()
  const { sites } = code
  return {
    encode: kernel,
    failureAt(site) {
      const { kind, path } = sites[site]!
      return { kind, path, message: describeEncodeFailure(kind, path) }
    },
  }
}
