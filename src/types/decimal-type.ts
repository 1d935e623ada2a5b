// Precision and scale of decimal results, as Flink derives them (LogicalTypeMerging): SQL Server's rules, scale given up before whole digits.
import type { LogicalType, TypeOf } from './logical-type.ts'

export const MAX_DECIMAL_PRECISION = 38

/** At least this many fractional digits survive when a result is too wide. */
const MINIMUM_ADJUSTED_SCALE = 6

type DecimalShape = { readonly precision: number; readonly scale: number }

export function decimalType(precision: number, scale: number, nullable: boolean): TypeOf<'DECIMAL'> {
  return { kind: 'DECIMAL', precision, scale, nullable }
}

export function additionType(a: DecimalShape, b: DecimalShape): DecimalShape {
  const scale = Math.max(a.scale, b.scale)
  return adjusted(Math.max(a.precision - a.scale, b.precision - b.scale) + scale + 1, scale)
}

export function multiplicationType(a: DecimalShape, b: DecimalShape): DecimalShape {
  return adjusted(a.precision + b.precision + 1, a.scale + b.scale)
}

export function divisionType(a: DecimalShape, b: DecimalShape): DecimalShape {
  const scale = Math.max(6, a.scale + b.precision + 1)
  return adjusted(a.precision - a.scale + b.scale + scale, scale)
}

export function moduloType(a: DecimalShape, b: DecimalShape): DecimalShape {
  const scale = Math.max(a.scale, b.scale)
  return adjusted(Math.min(a.precision - a.scale, b.precision - b.scale) + scale, scale)
}

/** ROUND(DECIMAL(p, s), digits): rounding may carry into one more digit. */
export function roundType(type: DecimalShape, digits: number): DecimalShape {
  if (digits >= type.scale) return { precision: type.precision, scale: type.scale }
  const whole = 1 + type.precision - type.scale
  if (digits < 0) return { precision: Math.min(MAX_DECIMAL_PRECISION, whole), scale: 0 }
  return { precision: whole + digits, scale: digits }
}

/** SUM keeps the type, but a decimal gets all 38 digits. */
export function sumType(type: LogicalType): LogicalType {
  return type.kind === 'DECIMAL' ? { ...type, precision: MAX_DECIMAL_PRECISION } : type
}

/** AVG keeps the type; of a decimal it is the quotient of its sum and a count of 20 digits. */
export function averageType(type: LogicalType): LogicalType {
  if (type.kind !== 'DECIMAL') return type
  return {
    ...type,
    ...divisionType({ precision: MAX_DECIMAL_PRECISION, scale: type.scale }, { precision: 20, scale: 0 }),
  }
}

function adjusted(precision: number, scale: number): DecimalShape {
  if (precision <= MAX_DECIMAL_PRECISION) return { precision, scale }
  const wholeDigits = precision - scale
  const leastScale = Math.min(scale, MINIMUM_ADJUSTED_SCALE)
  return { precision: MAX_DECIMAL_PRECISION, scale: Math.max(MAX_DECIMAL_PRECISION - wholeDigits, leastScale) }
}
