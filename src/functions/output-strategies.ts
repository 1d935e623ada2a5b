// Result types by named rule.
import { containsNullable } from '../types/comparability.ts'
import { type LogicalType, MAX_LENGTH, withNullability } from '../types/logical-type.ts'
import type { OutputStrategy } from './function-definition.ts'

export const STRING: LogicalType = { kind: 'VARCHAR', length: MAX_LENGTH, nullable: true }
export const BYTES: LogicalType = { kind: 'VARBINARY', length: MAX_LENGTH, nullable: true }
export const BOOLEAN: LogicalType = { kind: 'BOOLEAN', nullable: true }
export const INT: LogicalType = { kind: 'INTEGER', nullable: true }
export const BIGINT: LogicalType = { kind: 'BIGINT', nullable: true }
export const DOUBLE: LogicalType = { kind: 'DOUBLE', nullable: true }
export const DATE: LogicalType = { kind: 'DATE', nullable: true }
export const VARIANT: LogicalType = { kind: 'VARIANT', nullable: true }
export const BITMAP: LogicalType = { kind: 'BITMAP', nullable: true }

/** Always nullable. */
export function nullable(type: LogicalType): OutputStrategy {
  const result = withNullability(type, true)
  return () => result
}

export function notNull(type: LogicalType): OutputStrategy {
  const result = withNullability(type, false)
  return () => result
}

/** Nullable when an argument is (or holds a nullable field). */
export function nullableIfAnyArgument(type: LogicalType): OutputStrategy {
  return (_, args) =>
    withNullability(
      type,
      args.some(({ type: t }) => containsNullable(t)),
    )
}

/** The type of an argument, nullable when any argument is. */
export function argumentType(index: number): OutputStrategy {
  return (received, args) =>
    withNullability(
      received[index]!,
      args.some(({ type }) => containsNullable(type)),
    )
}

/** The type of an argument as it is. */
export function sameAs(index: number): OutputStrategy {
  return (received) => received[index]!
}

export function forceNullable(strategy: OutputStrategy): OutputStrategy {
  return (received, args, place) => {
    const type = strategy(received, args, place)
    return 'code' in type ? type : withNullability(type, true)
  }
}

/** CHAR becomes VARCHAR of its length (BINARY likewise). */
function varyingType(type: LogicalType): LogicalType {
  if (type.kind === 'CHAR') return { kind: 'VARCHAR', length: type.length, nullable: type.nullable }
  if (type.kind === 'BINARY') return { kind: 'VARBINARY', length: type.length, nullable: type.nullable }
  return type
}

export function varyingOf(strategy: OutputStrategy): OutputStrategy {
  return (received, args, place) => {
    const type = strategy(received, args, place)
    return 'code' in type ? type : varyingType(type)
  }
}
