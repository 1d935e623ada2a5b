// Whole numbers of Java's widths: overflow wraps silently, as in Flink's generated code.
import type { LogicalType } from './logical-type.ts'
import type { Value } from './value.ts'

/** A whole number brought into the width of its type. BIGINT is a bigint, the others are numbers. */
export function wrapInteger(value: bigint, kind: LogicalType['kind']): Value {
  switch (kind) {
    case 'TINYINT':
      return Number(BigInt.asIntN(8, value))
    case 'SMALLINT':
      return Number(BigInt.asIntN(16, value))
    case 'INTEGER':
      return Number(BigInt.asIntN(32, value))
    default:
      return BigInt.asIntN(64, value)
  }
}

/** Java's narrowing of a float to a whole number: NaN is 0, what is too large is the nearest bound of INT or BIGINT, then wraps. */
export function truncateToInteger(value: number, kind: LogicalType['kind']): Value {
  if (Number.isNaN(value)) return kind === 'BIGINT' ? 0n : 0
  const truncated = Math.trunc(value)
  if (kind === 'BIGINT') {
    if (truncated >= 2 ** 63) return 2n ** 63n - 1n
    if (truncated <= -(2 ** 63)) return -(2n ** 63n)
    return BigInt(truncated)
  }
  const clamped = Math.min(Math.max(truncated, -(2 ** 31)), 2 ** 31 - 1)
  return wrapInteger(BigInt(clamped), kind)
}
