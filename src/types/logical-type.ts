// Flink's logical types with its names, nullability and time attributes. Coercion, casts and printing are in the files beside.

/** What Sluice knows of a VARCHAR beyond Flink: it holds a symbol of an Avro enum, or a UUID. Lost by every expression that makes a new string. */
export type StringTag =
  | {
      readonly kind: 'enum'
      readonly fullName: string
      readonly symbols: readonly string[]
      readonly default?: string
    }
  | { readonly kind: 'uuid' }

export type LogicalType = { readonly nullable: boolean } & (
  | { readonly kind: 'BOOLEAN' | 'TINYINT' | 'SMALLINT' | 'INTEGER' | 'BIGINT' | 'FLOAT' | 'DOUBLE' | 'DATE' }
  | { readonly kind: 'CHAR' | 'BINARY' | 'VARBINARY'; readonly length: number }
  | { readonly kind: 'VARCHAR'; readonly length: number; readonly tag?: StringTag }
  | { readonly kind: 'DECIMAL'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'TIME'; readonly precision: number }
  | {
      readonly kind: 'TIMESTAMP' | 'TIMESTAMP_LTZ'
      readonly precision: number
      /** A time attribute is a type of its own: it is lost by CAST, by most expressions, by regular joins and groupings. */
      readonly timeAttribute?: 'rowtime' | 'proctime'
    }
  | {
      readonly kind: 'INTERVAL'
      readonly unit: 'YEAR_MONTH' | 'DAY_TIME'
      /** Written with one unit (`INTERVAL '1' DAY`, a target `INTERVAL DAY`): only those are cast from and to numbers. Never part of equality. */
      readonly singleField?: boolean
    }
  | { readonly kind: 'ARRAY' | 'MULTISET'; readonly element: LogicalType }
  | { readonly kind: 'MAP'; readonly key: LogicalType; readonly value: LogicalType }
  | { readonly kind: 'ROW'; readonly fields: readonly Field[] }
  | { readonly kind: 'STRUCTURED'; readonly className: string; readonly fields: readonly Field[] }
  | { readonly kind: 'RAW'; readonly className: string }
  | { readonly kind: 'NULL' | 'VARIANT' | 'BITMAP' | 'DESCRIPTOR' | 'SYMBOL' }
)

export type Field = { readonly name: string; readonly type: LogicalType }

export type TypeKind = LogicalType['kind']

/** A type by its kind, with that kind's attributes: `TypeOf<'DECIMAL'>` has precision and scale. */
export type TypeOf<K extends TypeKind> = LogicalType & { readonly kind: K }

/** Flink's `VARCHAR(2147483647)`, which it prints as STRING (and VARBINARY as BYTES). */
export const MAX_LENGTH = 2147483647

export function withNullability(type: LogicalType, nullable: boolean): LogicalType {
  return type.nullable === nullable ? type : { ...type, nullable }
}
