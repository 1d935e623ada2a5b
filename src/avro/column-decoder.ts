// Compiles a decoder from Avro records straight into columns: one generated function per writer schema and set of wanted
// fields. What is not wanted is jumped over but checked; nothing is read outside the record; no object is made per record.
// The emitted text is in column-decoder-code.ts.
import { assert } from '../diagnostics/assert.ts'
import type { Column } from '../types/column.ts'
import type { LogicalType } from '../types/logical-type.ts'
import type { ByteBuffer } from './byte-buffer.ts'
import { ColumnDecoderCode, type Kernel } from './column-decoder-code.ts'
import type { Place } from './column-store-code.ts'
import { type DecodeFailureKind, type DecodeFailures, describeFailure } from './decode-failure.ts'
import { resolveSchemas } from './resolve.ts'
import type { AvroSchema } from './schema.ts'

/** A column to fill: the field at `path` of the reader's schema (records within records), as `type`. An empty path is the whole value. */
export type WantedField = { readonly path: readonly string[]; readonly type: LogicalType }

export type ColumnDecoderOptions = {
  /** The pinned schema that the columns were made from; absent: the writer's own. Aliases, defaults and promotions follow it. */
  readonly reader?: AvroSchema
  /**
   * One per wanted field (undefined where not needed). The bytes of such a field are copied into its buffer instead of pointing
   * into the input or a dictionary, so decoders of several writer schemas may fill one batch. The caller clears it per batch.
   */
  readonly sinks?: readonly (ByteBuffer | undefined)[]
  /** Bytes between the start of a record and its Avro body, checked by the caller. Default 5: Confluent's magic byte and schema id. */
  readonly prefixLength?: number
  /** Accept bytes behind the body. Default false: they are a failure. */
  readonly allowTrailingBytes?: boolean
}

export type ColumnDecoder = {
  /**
   * Decodes records `from` to `to - 1` of `data` (record i is data[starts[i] .. starts[i] + lengths[i]), prefix included) into
   * `columns`, record `from` at row `row`, the others behind it. Records that are malformed are added to `failures` by their
   * record index; their row holds anything and must not be used. Bytes columns are given the `data` they point into:
   * the input itself, unless `places` says otherwise.
   */
  decode(
    data: Uint8Array,
    starts: Int32Array,
    lengths: Int32Array,
    from: number,
    to: number,
    columns: readonly Column[],
    row: number,
    failures: DecodeFailures,
  ): void
  /** Per wanted field, where its bytes lie. Calls may share a batch only where both decoders say the same; `sink` always may. */
  readonly places: readonly Place[]
  /** What a failure's site stands for. */
  failureAt(site: number): DecodeFailure
}

type DecodeFailure = {
  readonly kind: DecodeFailureKind
  /** Names joined by dots; empty for the record itself. */
  readonly path: string
  /** One line for the user. */
  readonly message: string
}

export function compileColumnDecoder(
  writer: AvroSchema,
  fields: readonly WantedField[],
  options: ColumnDecoderOptions = {},
): ColumnDecoder {
  const action = resolveSchemas(writer, options.reader ?? writer)
  const shape = {
    prefixLength: options.prefixLength ?? 5,
    allowTrailingBytes: options.allowTrailingBytes ?? false,
  }
  let code = new ColumnDecoderCode(action, fields, shape, options.sinks ?? [])
  // A column that needs both input bytes and constants can point to neither; its bytes are copied.
  const sinks = code.sinksForClashes()
  if (sinks !== undefined) code = new ColumnDecoderCode(action, fields, shape, sinks)
  const ownSinks = (sinks ?? []).filter((sink, column) => sink !== undefined && sink !== options.sinks?.[column])
  const kernel: Kernel = code.link()
  const { sites, places } = code
  const buffers = code.buffers()
  return {
    places,
    decode(data, starts, lengths, from, to, columns, row, failures) {
      assert(columns.length === fields.length, 'a column decoder is given one column per wanted field')
      // Own sinks are emptied where a batch begins; the caller empties those it handed in.
      if (row === 0) for (const sink of ownSinks) sink?.clear()
      kernel(data, starts, lengths, from, to, columns, row, failures)
      // Not in the generated function: what follows a long loop has not run when the loop is optimized, and would undo that.
      for (const [index, column] of columns.entries()) {
        if (column.carrier === 'bytes') column.data = buffers[index]?.bytes ?? data
      }
    },
    failureAt(site) {
      const { kind, path } = sites[site]!
      return { kind, path, message: describeFailure(kind, path) }
    },
  }
}
