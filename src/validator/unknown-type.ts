// The type of what was reported already.
import type { LogicalType } from '../types/logical-type.ts'

/** The type of a column whose expression is wrong: uses of it are not reported again. Compared by identity. */
export const unknownType: LogicalType = { kind: 'NULL', nullable: true }

export function isUnknown(type: LogicalType): boolean {
  return type === unknownType
}
