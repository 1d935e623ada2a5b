// Families of types: sets of kinds that rules speak of. Names and members as in Flink's LogicalTypeFamily and Calcite's SqlTypeFamily.
import type { LogicalType, TypeKind } from './logical-type.ts'

export type TypeFamily =
  | 'ANY'
  | 'BOOLEAN'
  | 'CHARACTER'
  | 'BINARY'
  | 'STRING'
  | 'INTEGER'
  | 'EXACT_NUMERIC'
  | 'APPROXIMATE_NUMERIC'
  | 'NUMERIC'
  | 'DATE'
  | 'TIME'
  | 'TIMESTAMP'
  | 'DATETIME'
  | 'INTERVAL'
  | 'ARRAY'
  | 'MAP'
  | 'MULTISET'
  | 'CONSTRUCTED'

const integers: readonly TypeKind[] = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT']

const members: Readonly<Record<Exclude<TypeFamily, 'ANY'>, readonly TypeKind[]>> = {
  BOOLEAN: ['BOOLEAN'],
  CHARACTER: ['CHAR', 'VARCHAR'],
  BINARY: ['BINARY', 'VARBINARY'],
  STRING: ['CHAR', 'VARCHAR', 'BINARY', 'VARBINARY'],
  INTEGER: integers,
  EXACT_NUMERIC: [...integers, 'DECIMAL'],
  APPROXIMATE_NUMERIC: ['FLOAT', 'DOUBLE'],
  NUMERIC: [...integers, 'DECIMAL', 'FLOAT', 'DOUBLE'],
  DATE: ['DATE'],
  TIME: ['TIME'],
  TIMESTAMP: ['TIMESTAMP', 'TIMESTAMP_LTZ'],
  DATETIME: ['DATE', 'TIME', 'TIMESTAMP', 'TIMESTAMP_LTZ'],
  INTERVAL: ['INTERVAL'],
  ARRAY: ['ARRAY'],
  MAP: ['MAP'],
  MULTISET: ['MULTISET'],
  CONSTRUCTED: ['ARRAY', 'MULTISET', 'MAP', 'ROW'],
}

export function isInFamily(type: LogicalType, family: TypeFamily): boolean {
  return family === 'ANY' || members[family].includes(type.kind)
}

/** Precision and scale of an exact number read as a decimal; digits of the significand for approximate numbers. */
export function numericPrecision(type: LogicalType): { readonly precision: number; readonly scale: number } {
  switch (type.kind) {
    case 'TINYINT':
      return { precision: 3, scale: 0 }
    case 'SMALLINT':
      return { precision: 5, scale: 0 }
    case 'INTEGER':
      return { precision: 10, scale: 0 }
    case 'BIGINT':
      return { precision: 19, scale: 0 }
    case 'DECIMAL':
      return { precision: type.precision, scale: type.scale }
    case 'FLOAT':
      return { precision: 7, scale: 0 }
    default:
      return { precision: 15, scale: 0 }
  }
}
