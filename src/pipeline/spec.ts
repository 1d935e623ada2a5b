// The pipeline as a user wrote it, typed: names, topics, which schemas, policies. What the file looks like is in spec-shape.ts,
// how it is read in read-spec.ts; whether it makes sense with schemas and SQL is compile.ts's question.
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts'

/** Which registered schema a source reads with or a sink writes with. `latest` is resolved to a number and pinned. */
export type SchemaSelector =
  | { readonly kind: 'subject'; readonly subject: string; readonly version: number | 'latest' }
  | { readonly kind: 'id'; readonly schemaId: number }

/** `column`: a column of the value, or the timestamp of the Kafka record, which is then the column `timestamp`. */
export type EventTime = {
  readonly column: string | { readonly record: true }
  /** Rows may be this late. */
  readonly maxDelayMs: number
  readonly idleAfterMs?: number
}

/** A column that shows what Kafka keeps of a record. */
export type MetadataColumn = {
  readonly name: string
  readonly key: 'timestamp' | 'partition' | 'offset' | 'headers' | 'topic'
}

/** Columns that show the key (empty path) or fields of it. Without a schema the key is UTF-8 text. */
export type SourceKey = {
  readonly schema?: SchemaSelector
  readonly columns: readonly { readonly name: string; readonly path: readonly string[] }[]
}

/** Where a pipeline without committed offsets begins. `committed`: only where some were committed before. */
export type StartPosition = 'earliest' | 'latest' | 'committed' | { readonly timestampMs: number }

export type SourceSpec = {
  readonly name: string
  readonly topic: string
  readonly value: SchemaSelector
  readonly key?: SourceKey
  readonly metadata: readonly MetadataColumn[]
  readonly eventTime?: EventTime
  readonly start: StartPosition
}

export type SinkKey = {
  readonly columns: readonly string[]
  /** Absent: one STRING column, written as its UTF-8 bytes. */
  readonly schema?: SchemaSelector
}

export type SinkSpec = {
  readonly name: string
  readonly topic: string
  readonly value: SchemaSelector
  readonly key?: SinkKey
  readonly mode: 'append' | 'upsert'
  readonly delivery: 'exactly-once' | 'at-least-once'
}

/** What can go wrong with one record, and what is done then. */
export type RecordErrorKind = 'decode' | 'unknownType' | 'null' | 'evaluate' | 'encode' | 'semanticChange'
export type RecordErrorPolicy = 'fail' | 'drop' | 'dead-letter'

export type PipelineSpec = {
  readonly name: string
  readonly description?: string
  readonly sources: readonly SourceSpec[]
  readonly sql: SqlText
  readonly sinks: readonly SinkSpec[]
  readonly onError: Readonly<Record<RecordErrorKind, RecordErrorPolicy>>
  /** Where records go whose policy is `dead-letter`. */
  readonly deadLetterTopic: string
  /** Becomes alerts. */
  readonly expect: { readonly outputEveryMs?: number; readonly maxLag?: number }
  /** IANA name; what Flink calls `table.local-time-zone`. */
  readonly timeZone: string
  /** The file as the user named it, and where in it each key stands (`sources.transactions.topic`), for later errors. */
  readonly file: string
  readonly spans: ReadonlyMap<string, Span>
}

/** The SQL, and how an offset in it leads back to the file that holds it. */
export type SqlText = {
  readonly text: string
  /** The pipeline file, or the `sqlFile`. */
  readonly file: string
  /** Ascending: from offset `sql` of the text on, the file's offset is `file` plus the distance. */
  readonly segments: readonly { readonly sql: number; readonly file: number }[]
}

/** A range of the SQL as a range of the file that holds it. */
export function spanInFile(sql: SqlText, span: Span): Span {
  // "Something is missing at the end" is shown behind the last word, not in the file's next lines.
  const last = sql.text.trimEnd().length
  if (span.start >= last && last > 0) {
    const behind = offsetInFile(sql, last - 1) + 1
    return { start: behind, end: behind }
  }
  const start = offsetInFile(sql, span.start)
  // The end belongs to the last character's line: an end at a line's end must not jump to the next line's indentation.
  const end = span.end > span.start ? offsetInFile(sql, span.end - 1) + 1 : start
  return { start, end }
}

/** A diagnostic about the SQL, pointing into the file that holds it. */
export function diagnosticInFile(diagnostic: Diagnostic, sql: SqlText): Diagnostic {
  const { related, edit } = diagnostic
  return {
    ...diagnostic,
    file: sql.file,
    span: spanInFile(sql, diagnostic.span),
    ...(related === undefined
      ? {}
      : { related: related.map((each) => ({ ...each, file: sql.file, span: spanInFile(sql, each.span) })) }),
    ...(edit === undefined ? {} : { edit: { ...edit, span: spanInFile(sql, edit.span) } }),
  }
}

function offsetInFile(sql: SqlText, offset: number): number {
  let low = 0
  let high = sql.segments.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (sql.segments[middle]!.sql <= offset) low = middle
    else high = middle - 1
  }
  const segment = sql.segments[low]
  return segment === undefined ? offset : segment.file + Math.max(0, offset - segment.sql)
}
