// A topic as the end of a dataflow: rows become framed Avro records of the registered schema, each sent to the partition that
// Kafka's own partitioner would choose. Transactions and flushing are the job's.
import { ByteBuffer } from '../avro/byte-buffer.ts'
import { type ColumnEncoder, compileColumnEncoder, type EncodeField } from '../avro/column-encoder.ts'
import { DecodeFailures } from '../avro/decode-failure.ts'
import type { AvroSchema } from '../avro/schema.ts'
import type { OutputMapping } from '../catalog/output-mapping.ts'
import type { Table } from '../catalog/table.ts'
import { assert } from '../diagnostics/assert.ts'
import type { Batch } from '../engine/batch.ts'
import type { Output } from '../engine/operator.ts'
import { partitionOfKey } from '../kafka/partitioner.ts'
import type { Producer } from '../kafka/producer.ts'
import type { ProducerPartition } from '../kafka/producer-partition.ts'
import { ID_PREFIX_LENGTH, writeSchemaId } from '../registry/wire-format.ts'
import type { BytesColumn, Column } from '../types/column.ts'
import type { Field } from '../types/logical-type.ts'
import type { RecordErrors } from './record-errors.ts'

export type SinkTable = {
  /** Has the registered schema of the value, and of the key where there is one. */
  readonly table: Table
  readonly topic: string
  readonly delivery: 'exactly-once' | 'at-least-once'
  /** Of the value's schema; never registered here. */
  readonly schemaId: number
  readonly mapping: OutputMapping
  /** Columns of the row that make the key; without a schema id the bytes of the one STRING column. */
  readonly key?: { readonly columns: readonly number[]; readonly schemaId?: number }
}

export class KafkaSink {
  readonly settings: SinkTable
  recordsOut = 0
  bytesOut = 0
  /** While a journal is replayed: these rows were written before. */
  suppressed = false
  readonly #producer: Producer
  readonly #errors: RecordErrors
  #partitions: ProducerPartition[] = []

  constructor(settings: SinkTable, producer: Producer, errors: RecordErrors) {
    this.settings = settings
    this.#producer = producer
    this.#errors = errors
  }

  open(partitions: number): void {
    const { topic } = this.settings
    this.#partitions = Array.from({ length: partitions }, (_, index) => this.#producer.partition(topic, index))
  }

  /** The end of one INSERT, whose rows have `schema`. */
  createOutput(schema: readonly Field[]): Output {
    return new SinkOutput(this, schema, this.#errors)
  }

  get partitions(): readonly ProducerPartition[] {
    return this.#partitions
  }
}

class SinkOutput implements Output {
  readonly #sink: KafkaSink
  readonly #errors: RecordErrors
  readonly #value: EncodedColumns
  readonly #key: EncodedColumns | undefined
  /** Column whose bytes are the key. */
  readonly #keyColumn: number | undefined
  /** Column whose time becomes the record's timestamp. */
  readonly #timeColumn: number | undefined
  /** Where a row without a key goes; changes with each batch. */
  #nextPartition = 0

  constructor(sink: KafkaSink, schema: readonly Field[], errors: RecordErrors) {
    this.#sink = sink
    this.#errors = errors
    const { table, schemaId, mapping, key } = sink.settings
    assert(table.valueSchema !== undefined, 'a sink has a registered schema')
    this.#value = new EncodedColumns(table.valueSchema, schema, mapping.fields, schemaId)
    if (key?.schemaId !== undefined) {
      assert(table.keySchema !== undefined, 'a key with a schema id has a schema')
      this.#key = new EncodedColumns(
        table.keySchema,
        schema,
        keyFields(table.keySchema, schema, key.columns),
        key.schemaId,
      )
    } else if (key !== undefined) {
      assert(key.columns.length === 1, 'a key without a schema is one column')
      this.#keyColumn = key.columns[0]!
    }
    const rowtimes = schema.flatMap(({ type }, index) =>
      'timeAttribute' in type && type.timeAttribute === 'rowtime' ? [index] : [],
    )
    this.#timeColumn = rowtimes.length === 1 ? rowtimes[0] : undefined
  }

  process(batch: Batch): void {
    if (this.#sink.suppressed) return
    this.#encode(this.#value, batch)
    if (this.#key !== undefined) this.#encode(this.#key, batch)
    const timestamps =
      this.#timeColumn === undefined
        ? undefined
        : (batch.columns[this.#timeColumn] as Column & { carrier: 'timestamp' })
    const now = Date.now()
    const { starts, lengths } = this.#value
    const keyColumn = this.#keyColumn === undefined ? undefined : (batch.columns[this.#keyColumn] as BytesColumn)
    this.#nextPartition = (this.#nextPartition + 1) % this.#sink.partitions.length
    for (let j = 0; j < batch.count; j++) {
      const length = lengths[j]!
      if (length < 0) continue
      const row = batch.selection === undefined ? j : batch.selection[j]!
      const timestamp = timestamps === undefined || timestamps.nulls[row] === 1 ? now : timestamps.millis[row]!
      if (this.#key !== undefined) {
        const keyLength = this.#key.lengths[j]!
        if (keyLength >= 0)
          this.#append(timestamp, this.#key.out.bytes, this.#key.starts[j]!, keyLength, starts[j]!, length)
      } else if (keyColumn === undefined || keyColumn.nulls[row] === 1) {
        this.#append(timestamp, null, 0, 0, starts[j]!, length)
      } else {
        this.#append(timestamp, keyColumn.data, keyColumn.starts[row]!, keyColumn.lengths[row]!, starts[j]!, length)
      }
    }
  }

  advance(): void {
    // A watermark ends here: nothing behind a sink waits for it.
  }

  #append(
    timestamp: number,
    key: Uint8Array | null,
    keyStart: number,
    keyLength: number,
    start: number,
    length: number,
  ): void {
    const { partitions } = this.#sink
    const partition =
      key === null
        ? this.#nextPartition
        : partitions.length === 1
          ? 0
          : partitionOfKey(key, keyStart, keyLength, partitions.length)
    partitions[partition]!.append(
      timestamp,
      key,
      keyStart,
      keyStart + keyLength,
      this.#value.out.bytes,
      start,
      start + length,
    )
    this.#sink.recordsOut++
    this.#sink.bytesOut += keyLength + length
  }

  #encode(part: EncodedColumns, batch: Batch): void {
    part.encode(batch)
    const { failures } = part
    for (let i = 0; i < failures.count; i++) {
      const { kind, message } = part.failureAt(failures.sites[i]!)
      this.#errors.rejectRow(kind === 'null' ? 'null' : 'encode', this.#sink.settings.topic, message)
    }
  }
}

/** Rows of a batch as framed Avro, one after the other in memory that is kept. */
class EncodedColumns {
  readonly out = new ByteBuffer(64 * 1024)
  readonly failures = new DecodeFailures()
  starts = new Int32Array(0)
  lengths = new Int32Array(0)
  readonly #encoder: ColumnEncoder

  constructor(target: AvroSchema, schema: readonly Field[], fields: readonly EncodeField[], schemaId: number) {
    const prefix = new Uint8Array(ID_PREFIX_LENGTH)
    writeSchemaId(prefix, 0, schemaId)
    this.#encoder = compileColumnEncoder(
      target,
      schema.map((field) => field.type),
      fields,
      prefix,
    )
  }

  encode(batch: Batch): void {
    if (this.starts.length < batch.count) {
      this.starts = new Int32Array(batch.count)
      this.lengths = new Int32Array(batch.count)
    }
    this.out.clear()
    this.failures.clear()
    this.#encoder.encode(
      batch.columns,
      batch.count,
      batch.selection,
      this.out,
      this.starts,
      this.lengths,
      this.failures,
    )
  }

  failureAt(site: number) {
    return this.#encoder.failureAt(site)
  }
}

/** A record of a key takes its fields by name; any other schema is filled by the one column. */
function keyFields(target: AvroSchema, schema: readonly Field[], columns: readonly number[]): EncodeField[] {
  if (target.kind !== 'record') {
    return [{ name: 'key', from: 'column', column: columns[0]!, conversion: {} }]
  }
  return target.fields.map(({ name }) => {
    const column = columns.find((index) => schema[index]!.name === name)
    return column === undefined ? { name, from: 'default' } : { name, from: 'column', column, conversion: {} }
  })
}
