// Avro types and SQL types, both ways, as one table: what a field reads as, and which SQL values may be written into it.
// Read by the catalog (columns), the output proof, the record decoder and encoder, and the reference page. Nested types: avro-type.ts.
import type { AvroSchema } from '../avro/schema.ts'
import { type LogicalType, MAX_LENGTH, type TypeKind } from '../types/logical-type.ts'
import type { RuntimeCheck } from './output-mapping.ts'

/** A type of the Avro specification: the logical type where there is one, else the plain kind. */
export type AvroTypeName =
  | Exclude<AvroSchema['kind'], 'array' | 'map' | 'record' | 'union'>
  | NonNullable<AvroSchema['logical']>['kind']

/** `lossless`: every value fits. `checked`: each value is looked at when it is written. `refused`: `fix` says what to write instead. */
export type WriteVerdict =
  | { readonly verdict: 'lossless'; readonly needsTimeZone?: true }
  | { readonly verdict: 'checked'; readonly checks: readonly RuntimeCheck[] }
  | { readonly verdict: 'refused'; readonly fix: string }

export type WriteRule = {
  readonly from: readonly TypeKind[]
  /** For the reference page: what the verdict depends on. */
  readonly note?: string
  readonly judge: (source: LogicalType, target: AvroSchema) => WriteVerdict
}

export type MappingRow = {
  readonly avro: AvroTypeName
  /** The NOT NULL type a field of this Avro type has in SQL. */
  readonly toSql: (schema: AvroSchema) => LogicalType
  /** The first rule that names the source's kind decides; no rule: refused with the plain CAST as the fix. */
  readonly writes: readonly WriteRule[]
}

const lossless: WriteVerdict = { verdict: 'lossless' }
const losslessFrom = (...from: TypeKind[]): WriteRule => ({ from, judge: () => lossless })
const checkedFrom = (checks: readonly RuntimeCheck[], ...from: TypeKind[]): WriteRule => ({
  from,
  judge: () => ({ verdict: 'checked', checks }),
})
const refusedFrom = (fix: string, ...from: TypeKind[]): WriteRule => ({
  from,
  judge: () => ({ verdict: 'refused', fix }),
})

const simple = (kind: 'BOOLEAN' | 'INTEGER' | 'BIGINT' | 'FLOAT' | 'DOUBLE' | 'DATE' | 'NULL') => (): LogicalType => ({
  kind,
  nullable: kind === 'NULL',
})
const timed = (kind: 'TIME' | 'TIMESTAMP' | 'TIMESTAMP_LTZ', precision: number) => (): LogicalType => ({
  kind,
  precision,
  nullable: false,
})
const text: readonly TypeKind[] = ['CHAR', 'VARCHAR']
const wholeNumbers: readonly TypeKind[] = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT']
/** Decimal digits that hold every value of an integer type. */
const integerDigits: Partial<Record<TypeKind, number>> = { TINYINT: 3, SMALLINT: 5, INTEGER: 10, BIGINT: 19 }

/** Instants and local times of one precision or more; narrower ones lose digits. */
function timeRules(kind: 'TIME' | 'TIMESTAMP' | 'TIMESTAMP_LTZ', precision: number, other?: WriteRule): WriteRule[] {
  const rule: WriteRule = {
    from: [kind],
    note: precision === 9 ? 'years 1677 to 2262' : 'the same or less precision',
    judge: (source) => {
      const found = 'precision' in source ? source.precision : 0
      if (found > precision) {
        return {
          verdict: 'refused',
          fix: `CAST(… AS ${kind}(${precision})), which drops the digits behind the ${precision}th`,
        }
      }
      return precision === 9 && kind !== 'TIME' ? { verdict: 'checked', checks: ['range'] } : lossless
    },
  }
  return other === undefined ? [rule] : [rule, other]
}

/** Window bounds and other zoneless times become instants by the pipeline's zone; the proof says when that is lossless. */
const localToInstant = (precision: number): WriteRule => ({
  from: ['TIMESTAMP'],
  note: 'window bounds, by the time zone of the pipeline; anything else with a named zone',
  judge: (source) =>
    'precision' in source && source.precision > precision
      ? { verdict: 'refused', fix: `CAST(… AS TIMESTAMP(${precision})), which drops digits` }
      : { verdict: 'lossless', needsTimeZone: true },
})

function judgeDecimal(source: LogicalType, target: AvroSchema): WriteVerdict {
  if (target.logical?.kind !== 'decimal') return { verdict: 'refused', fix: 'CAST' }
  const { precision, scale } = target.logical
  const fits = target.kind !== 'fixed' || precision <= digitsOfFixed(target.size)
  if (!fits) return { verdict: 'refused', fix: `a schema whose fixed type holds ${precision} digits` }
  const digits = integerDigits[source.kind]
  if (digits !== undefined) return digits <= precision - scale ? lossless : { verdict: 'checked', checks: ['range'] }
  if (source.kind !== 'DECIMAL') return { verdict: 'refused', fix: 'CAST' }
  if (source.scale > scale) {
    return { verdict: 'refused', fix: `ROUND(…, ${scale}) or CAST(… AS DECIMAL(${precision}, ${scale}))` }
  }
  return source.precision - source.scale <= precision - scale ? lossless : { verdict: 'checked', checks: ['range'] }
}

/** Decimal digits that a two's complement number of `size` bytes always holds. */
function digitsOfFixed(size: number): number {
  return Math.floor(Math.log10(2) * (8 * size - 1))
}

const enumRules: readonly WriteRule[] = [
  {
    from: text,
    note: 'an enum column whose symbols are all known, or literals: lossless; other enum columns: checked; free text only by CAST(… AS ENUM)',
    judge: (source, target) => {
      const tag = source.kind === 'VARCHAR' ? source.tag : undefined
      if (target.kind !== 'enum' || tag?.kind !== 'enum') {
        return { verdict: 'refused', fix: 'a literal, a CASE of literals, or a column of an enum' }
      }
      const missing = tag.symbols.some((symbol) => !target.symbols.includes(symbol))
      return missing ? { verdict: 'checked', checks: ['symbol'] } : lossless
    },
  },
]

const uuidRules: readonly WriteRule[] = [
  {
    from: text,
    note: 'a UUID column: lossless; other text: checked',
    judge: (source) =>
      source.kind === 'VARCHAR' && source.tag?.kind === 'uuid' ? lossless : { verdict: 'checked', checks: ['uuid'] },
  },
]

const fixedRule: WriteRule = {
  from: ['BINARY', 'VARBINARY'],
  note: 'BINARY of the same length: lossless; VARBINARY: checked',
  judge: (source, target) => {
    if (target.kind !== 'fixed') return { verdict: 'refused', fix: 'CAST' }
    if (source.kind === 'BINARY')
      return source.length === target.size ? lossless : { verdict: 'refused', fix: `a value of ${target.size} bytes` }
    return { verdict: 'checked', checks: ['length'] }
  },
}

const toInstant = 'TO_TIMESTAMP_LTZ(…, 3), which says what the number counts'

const row = (avro: AvroTypeName, toSql: MappingRow['toSql'], ...writes: WriteRule[]): MappingRow => ({
  avro,
  toSql,
  writes,
})

const typeMapping: readonly MappingRow[] = [
  row('null', simple('NULL'), losslessFrom('NULL')),
  row('boolean', simple('BOOLEAN'), losslessFrom('BOOLEAN')),
  row(
    'int',
    simple('INTEGER'),
    losslessFrom('TINYINT', 'SMALLINT', 'INTEGER'),
    refusedFrom('CAST(… AS INT)', 'BIGINT'),
  ),
  row('long', simple('BIGINT'), losslessFrom(...wholeNumbers)),
  row(
    'float',
    simple('FLOAT'),
    losslessFrom('FLOAT', 'TINYINT', 'SMALLINT'),
    checkedFrom(['exact'], 'INTEGER'),
    refusedFrom('CAST(… AS FLOAT)', 'DOUBLE', 'BIGINT'),
  ),
  row(
    'double',
    simple('DOUBLE'),
    losslessFrom('DOUBLE', 'FLOAT', 'TINYINT', 'SMALLINT', 'INTEGER'),
    checkedFrom(['exact'], 'BIGINT'),
  ),
  row(
    'string',
    () => ({ kind: 'VARCHAR', length: MAX_LENGTH, nullable: false }),
    losslessFrom(...text),
    refusedFrom("ENCODE's counterpart DECODE(…, 'UTF-8')", 'BINARY', 'VARBINARY'),
  ),
  row(
    'bytes',
    () => ({ kind: 'VARBINARY', length: MAX_LENGTH, nullable: false }),
    losslessFrom('BINARY', 'VARBINARY'),
    refusedFrom("ENCODE(…, 'UTF-8')", ...text),
  ),
  row(
    'fixed',
    (schema) => ({ kind: 'BINARY', length: schema.kind === 'fixed' ? schema.size : 0, nullable: false }),
    fixedRule,
  ),
  row(
    'enum',
    (schema) => ({
      kind: 'VARCHAR',
      length: MAX_LENGTH,
      nullable: false,
      ...(schema.kind === 'enum' && {
        tag: {
          kind: 'enum',
          fullName: schema.fullName,
          symbols: schema.symbols,
          ...(schema.default !== undefined && { default: schema.default }),
        },
      }),
    }),
    ...enumRules,
  ),
  row(
    'decimal',
    (schema) =>
      schema.logical?.kind === 'decimal'
        ? { kind: 'DECIMAL', precision: schema.logical.precision, scale: schema.logical.scale, nullable: false }
        : { kind: 'VARBINARY', length: MAX_LENGTH, nullable: false },
    {
      from: ['DECIMAL', ...wholeNumbers],
      note: 'no digit may be lost; too many digits before the point: checked',
      judge: judgeDecimal,
    },
    refusedFrom('CAST(… AS DECIMAL(p, s)), which rounds', 'FLOAT', 'DOUBLE'),
  ),
  row('big-decimal', () => ({ kind: 'RAW', className: 'big-decimal', nullable: false }), losslessFrom('RAW')),
  row('uuid', () => ({ kind: 'VARCHAR', length: MAX_LENGTH, tag: { kind: 'uuid' }, nullable: false }), ...uuidRules),
  row('date', simple('DATE'), losslessFrom('DATE')),
  row('time-millis', timed('TIME', 3), ...timeRules('TIME', 3)),
  row('time-micros', timed('TIME', 6), ...timeRules('TIME', 6)),
  row(
    'timestamp-millis',
    timed('TIMESTAMP_LTZ', 3),
    ...timeRules('TIMESTAMP_LTZ', 3, localToInstant(3)),
    refusedFrom(toInstant, ...wholeNumbers),
  ),
  row(
    'timestamp-micros',
    timed('TIMESTAMP_LTZ', 6),
    ...timeRules('TIMESTAMP_LTZ', 6, localToInstant(6)),
    refusedFrom(toInstant, ...wholeNumbers),
  ),
  row(
    'timestamp-nanos',
    timed('TIMESTAMP_LTZ', 9),
    ...timeRules('TIMESTAMP_LTZ', 9, localToInstant(9)),
    refusedFrom(toInstant, ...wholeNumbers),
  ),
  row('local-timestamp-millis', timed('TIMESTAMP', 3), ...timeRules('TIMESTAMP', 3)),
  row('local-timestamp-micros', timed('TIMESTAMP', 6), ...timeRules('TIMESTAMP', 6)),
  row('local-timestamp-nanos', timed('TIMESTAMP', 9), ...timeRules('TIMESTAMP', 9)),
  row('duration', () => ({ kind: 'BINARY', length: 12, nullable: false }), fixedRule),
]

const byName = new Map(typeMapping.map((entry) => [entry.avro, entry]))

/** The row of a schema that is no record, array, map or union. */
export function mappingOf(schema: AvroSchema): MappingRow | undefined {
  return byName.get((schema.logical?.kind ?? schema.kind) as AvroTypeName)
}

/** May a NOT NULL value of `source` be written into `target` (no record, array, map or union)? */
export function judgeWrite(source: LogicalType, target: AvroSchema): WriteVerdict {
  const rule = mappingOf(target)?.writes.find(({ from }) => from.includes(source.kind))
  return rule?.judge(source, target) ?? { verdict: 'refused', fix: 'CAST' }
}
