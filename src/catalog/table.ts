// A table as queries see it: typed columns with their origin in a record, the time declaration, the key.
// Made from Avro schemas by table-from-avro.ts, or from CREATE TABLE by validator/. Where its records are (topic, start) is in pipeline/.
import type { AvroSchema } from '../avro/schema.ts'
import type { LogicalType } from '../types/logical-type.ts'

/** What Kafka keeps of a record besides key and value. */
export type MetadataKey = 'timestamp' | 'partition' | 'offset' | 'headers' | 'topic'

/** Where a column's value comes from. */
export type ColumnOrigin =
  /** A field of the record's value (or, `path` empty, the whole value). */
  | { readonly kind: 'value'; readonly path: readonly string[] }
  /** A field of the record's key (or, `path` empty, the whole key). */
  | { readonly kind: 'key'; readonly path: readonly string[] }
  /** `virtual`: only read, never written. */
  | { readonly kind: 'metadata'; readonly key: MetadataKey; readonly virtual?: boolean }
  /** A SQL expression over the other columns. */
  | { readonly kind: 'computed'; readonly expression: string }

export type TableColumn = { readonly name: string; readonly type: LogicalType; readonly origin: ColumnOrigin }

/** Which column tells a row's time, and how far rows may be out of order. */
export type EventTime = {
  readonly column: string
  /** An idle partition stops holding the watermark back after this time. */
  readonly idleAfterMs?: number
} & (
  | { readonly maxDelayMs: number }
  /** The SQL expression of WATERMARK FOR column AS expression. */
  | { readonly watermark: string }
)

export type Table = {
  readonly name: string
  readonly role: 'source' | 'sink' | 'both'
  readonly columns: readonly TableColumn[]
  readonly eventTime?: EventTime
  /** Names of columns; empty: none. */
  readonly primaryKey: readonly string[]
  /** Of a source: what it brings. Of a sink: what it takes (`append` refuses updates). */
  readonly changelog: 'append' | 'upsert' | 'retract'
  /** The registered schema of the value: a sink with one is matched by name and proved; one without, by position as Flink does. */
  readonly valueSchema?: AvroSchema
  readonly keySchema?: AvroSchema
}

/** The tables a pipeline may name. Names are case-sensitive. */
export type Catalog = { readonly tables: ReadonlyMap<string, Table> }

export function makeCatalog(tables: Iterable<Table>): Catalog {
  return { tables: new Map([...tables].map((table) => [table.name, table])) }
}
