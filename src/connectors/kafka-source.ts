// A topic as a table: record slices become batches of a scan's columns. Records are split by the schema that wrote them, each
// decoded by a kernel of its own; what cannot be decoded goes to record-errors.ts. Fetching and offsets are the job's.
import { ByteBuffer } from '../avro/byte-buffer.ts'
import { type ColumnDecoder, compileColumnDecoder, type WantedField } from '../avro/column-decoder.ts'
import { DecodeFailures } from '../avro/decode-failure.ts'
import type { AvroSchema } from '../avro/schema.ts'
import type { Table } from '../catalog/table.ts'
import { assert } from '../diagnostics/assert.ts'
import type { Batch } from '../engine/batch.ts'
import { createColumns } from '../engine/batch.ts'
import type { ScanInput } from '../engine/dataflow.ts'
import type { RecordSlices } from '../kafka/record-slices.ts'
import { readFraming, readSchemaId } from '../registry/wire-format.ts'
import type { Column } from '../types/column.ts'
import { fillMetadata, type MetadataOrigin } from './metadata-columns.ts'
import type { RecordErrorKind, RecordErrors } from './record-errors.ts'
import type { WriterSchemas } from './writer-schemas.ts'

/** A table of the pipeline and the topic behind it. The table has the pinned schema that it was made from. */
export type SourceTable = { readonly table: Table; readonly topic: string }

/** Records `from` to `to - 1` of `slices`; record i is row i of the columns. */
type Chunk = { readonly slices: RecordSlices; readonly from: number; readonly to: number; readonly partition: number }

/** One scan of the table: its columns and a decoder per schema id. */
class ScanReader {
  readonly #scan: ScanInput
  readonly #reader: AvroSchema
  readonly #wanted: WantedField[] = []
  /** By wanted field: its column's place in the scan. */
  readonly #wantedColumns: number[] = []
  readonly #metadata: { readonly column: number; readonly origin: MetadataOrigin }[] = []
  readonly #decoders = new Map<number, ColumnDecoder>()
  /** Decoders that copy bytes, for chunks in which several schemas meet. */
  readonly #copying = new Map<number, ColumnDecoder>()
  readonly #buffers: (ByteBuffer | undefined)[]
  #columns: Column[] = []
  #capacity = 0

  constructor(scan: ScanInput, table: Table) {
    assert(table.valueSchema !== undefined, 'a source has a registered schema')
    this.#scan = scan
    this.#reader = table.valueSchema
    scan.schema.forEach((field, column) => {
      const origin = table.columns.find((each) => each.name === field.name)?.origin
      assert(origin !== undefined && origin.kind !== 'computed', `column ${field.name} of a scan comes from a record`)
      if (origin.kind === 'value') {
        this.#wanted.push({ path: origin.path, type: field.type })
        this.#wantedColumns.push(column)
      } else {
        this.#metadata.push({ column, origin })
      }
    })
    this.#buffers = this.#wanted.map(() => new ByteBuffer())
  }

  begin(chunk: Chunk): void {
    if (chunk.to > this.#capacity) {
      this.#capacity = chunk.to
      this.#columns = createColumns(this.#scan.schema, chunk.to)
    }
    for (const buffer of this.#buffers) buffer?.clear()
  }

  /** Fills rows `from` to `to - 1`, which one schema wrote. */
  decode(
    chunk: Chunk,
    id: number,
    schema: AvroSchema,
    mixed: boolean,
    from: number,
    to: number,
    failures: DecodeFailures,
  ): ColumnDecoder {
    const decoder = this.#decoder(id, schema, mixed)
    const columns = this.#wantedColumns.map((column) => this.#columns[column]!)
    const { slices } = chunk
    decoder.decode(slices.data, slices.valueStarts, slices.valueLengths, from, to, columns, from, failures)
    return decoder
  }

  push(chunk: Chunk, topic: string, selection: Int32Array | undefined, count: number): void {
    for (const { column, origin } of this.#metadata) {
      fillMetadata(this.#columns[column]!, origin, chunk.slices, chunk.to, chunk.partition, topic)
    }
    const batch: Batch = {
      columns: this.#columns,
      count,
      selection,
      rowKinds: undefined,
      watermarks: undefined,
      partition: chunk.partition,
    }
    this.#scan.push(batch)
  }

  #decoder(id: number, schema: AvroSchema, mixed: boolean): ColumnDecoder {
    const decoders = mixed ? this.#copying : this.#decoders
    let decoder = decoders.get(id)
    if (decoder === undefined) {
      const options = mixed ? { reader: this.#reader, sinks: this.#buffers } : { reader: this.#reader }
      decoder = compileColumnDecoder(schema, this.#wanted, options)
      decoders.set(id, decoder)
    }
    return decoder
  }
}

export class KafkaSource {
  readonly #topic: string
  readonly #schemas: WriterSchemas
  readonly #errors: RecordErrors
  readonly #readers: readonly ScanReader[]
  readonly #failures = new DecodeFailures()
  /** Runs of records of one schema: first record, last record + 1, schema id (negative: no id). */
  #runs: number[] = []
  #rejected = new Uint8Array(0)
  #selection = new Int32Array(0)

  constructor(source: SourceTable, scans: readonly ScanInput[], schemas: WriterSchemas, errors: RecordErrors) {
    this.#topic = source.topic
    this.#schemas = schemas
    this.#errors = errors
    this.#readers = scans.map((scan) => new ScanReader(scan, source.table))
  }

  /** Splits records `from` to `to - 1` by schema. A promise where a schema must be fetched first. */
  prepare(slices: RecordSlices, from: number, to: number): Promise<void> | undefined {
    const { data, valueStarts, valueLengths } = slices
    const runs: number[] = []
    let id = Number.NaN
    for (let i = from; i < to; i++) {
      const start = valueStarts[i]!
      const next = readSchemaId(data, start, start + valueLengths[i]!)
      if (next === id) continue
      id = next
      runs.push(i, to, id)
    }
    for (let at = 3; at < runs.length; at += 3) runs[at - 2] = runs[at]!
    this.#runs = runs
    const unknown = new Set<number>()
    for (let at = 2; at < runs.length; at += 3) {
      const found = runs[at]!
      if (found >= 0 && this.#schemas.get(found) === undefined) unknown.add(found)
    }
    if (unknown.size === 0) return undefined
    return Promise.all([...unknown].map((missing) => this.#schemas.load(missing))).then(() => undefined)
  }

  /** Sends records `from` to `to - 1` through the scans; `prepare` has been called with the same arguments. */
  process(slices: RecordSlices, from: number, to: number, partition: number): void {
    if (from === to) return
    const chunk: Chunk = { slices, from, to, partition }
    if (this.#rejected.length < to) {
      this.#rejected = new Uint8Array(to)
      this.#selection = new Int32Array(to)
    }
    this.#rejected.fill(0, from, to)
    let rejected = 0
    const mixed = this.#runs.length > 3
    for (const reader of this.#readers) reader.begin(chunk)
    for (let at = 0; at < this.#runs.length; at += 3) {
      rejected += this.#decodeRun(chunk, this.#runs[at]!, this.#runs[at + 1]!, this.#runs[at + 2]!, mixed)
    }
    const count = to - from - rejected
    if (count === 0) return
    const selection = rejected === 0 && from === 0 ? undefined : this.#usable(from, to)
    for (const reader of this.#readers) reader.push(chunk, this.#topic, selection, count)
  }

  /** Number of records of the run that cannot be used. */
  #decodeRun(chunk: Chunk, from: number, to: number, id: number, mixed: boolean): number {
    const writer = id >= 0 ? this.#schemas.get(id) : undefined
    if (writer === undefined || 'problem' in writer) {
      for (let i = from; i < to; i++) {
        this.#reject(chunk, i, 'decode', writer === undefined ? framingProblem(chunk.slices, i) : writer.problem)
      }
      return to - from
    }
    let rejected = 0
    for (const reader of this.#readers) {
      this.#failures.clear()
      const decoder = reader.decode(chunk, id, writer.schema, mixed, from, to, this.#failures)
      for (let i = 0; i < this.#failures.count; i++) {
        const record = this.#failures.rows[i]!
        if (this.#rejected[record] === 1) continue
        const failure = decoder.failureAt(this.#failures.sites[i]!)
        const isOtherType = failure.kind === 'unresolved' && failure.path === ''
        this.#reject(chunk, record, isOtherType ? 'unknownType' : 'decode', failure.message)
        rejected++
      }
    }
    return rejected
  }

  #reject(chunk: Chunk, index: number, kind: RecordErrorKind, reason: string): void {
    this.#rejected[index] = 1
    this.#errors.reject({
      topic: this.#topic,
      partition: chunk.partition,
      slices: chunk.slices,
      index,
      kind,
      reason,
    })
  }

  #usable(from: number, to: number): Int32Array {
    let kept = 0
    for (let i = from; i < to; i++) if (this.#rejected[i] === 0) this.#selection[kept++] = i
    return this.#selection
  }
}

function framingProblem(slices: RecordSlices, index: number): string {
  const length = slices.valueLengths[index]!
  if (length < 0) return 'it is a tombstone (a record without a value), and the table takes only inserts'
  const start = slices.valueStarts[index]!
  const framing = readFraming(slices.data, start, start + length)
  return 'message' in framing ? framing.message : 'it names its schema by a GUID, which is not supported yet'
}
