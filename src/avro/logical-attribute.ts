// Which logical type an annotated schema really has. Unknown ones, and those whose underlying type, size, precision or scale
// does not fit, have none: the Avro specification asks readers to use the underlying type then.
import type { AvroKind, Json, LogicalAttribute } from './schema.ts'

type SimpleLogical = Exclude<LogicalAttribute['kind'], 'decimal'>

const underlyingKinds: ReadonlyMap<string, readonly AvroKind[]> = new Map<SimpleLogical, readonly AvroKind[]>([
  ['big-decimal', ['bytes']],
  ['uuid', ['string', 'fixed']],
  ['date', ['int']],
  ['time-millis', ['int']],
  ['time-micros', ['long']],
  ['timestamp-millis', ['long']],
  ['timestamp-micros', ['long']],
  ['timestamp-nanos', ['long']],
  ['local-timestamp-millis', ['long']],
  ['local-timestamp-micros', ['long']],
  ['local-timestamp-nanos', ['long']],
  ['duration', ['fixed']],
])
const fixedSizes: ReadonlyMap<string, number> = new Map([
  ['uuid', 16],
  ['duration', 12],
])

export function logicalAttribute(
  kind: AvroKind,
  size: number | undefined,
  properties: ReadonlyMap<string, Json>,
): LogicalAttribute | undefined {
  const name = properties.get('logicalType')
  if (typeof name !== 'string') return undefined
  if (name === 'decimal') return decimalAttribute(kind, size, properties)
  if (underlyingKinds.get(name)?.includes(kind) !== true) return undefined
  if (kind === 'fixed' && fixedSizes.get(name) !== size) return undefined
  return { kind: name as SimpleLogical }
}

function decimalAttribute(
  kind: AvroKind,
  size: number | undefined,
  properties: ReadonlyMap<string, Json>,
): LogicalAttribute | undefined {
  if (kind !== 'bytes' && kind !== 'fixed') return undefined
  const precision = properties.get('precision')
  const scale = properties.has('scale') ? properties.get('scale') : 0n
  if (typeof precision !== 'bigint' || typeof scale !== 'bigint') return undefined
  if (precision <= 0n || precision > 2147483647n || scale < 0n || scale > precision) return undefined
  if (size !== undefined && Number(precision) > fixedDecimalDigits(size)) return undefined
  return { kind: 'decimal', precision: Number(precision), scale: Number(scale) }
}

/** Decimal digits that any number of `size` two's complement bytes can hold: floor(log10(2^(8·size-1) - 1)). */
function fixedDecimalDigits(size: number): number {
  return size === 0 ? 0 : Math.floor((8 * size - 1) * Math.log10(2))
}
