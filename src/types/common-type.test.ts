import { describe, expect, test } from 'vitest'
import { castRefusedByRuntime, supportsAvoidingCast, supportsImplicitCast, validatorAcceptsCast } from './casts.ts'
import { commonType } from './common-type.ts'
import { leastRestrictive } from './least-restrictive.ts'
import type { LogicalType } from './logical-type.ts'
import { printType } from './print-type.ts'

const int: LogicalType = { kind: 'INTEGER', nullable: false }
const bigint: LogicalType = { kind: 'BIGINT', nullable: true }
const float: LogicalType = { kind: 'FLOAT', nullable: false }
const double: LogicalType = { kind: 'DOUBLE', nullable: false }
const date: LogicalType = { kind: 'DATE', nullable: false }
const decimal = (precision: number, scale: number): LogicalType => ({
  kind: 'DECIMAL',
  precision,
  scale,
  nullable: false,
})
const char = (length: number): LogicalType => ({ kind: 'CHAR', length, nullable: false })
const nothing: LogicalType = { kind: 'NULL', nullable: true }
const ts = (precision: number): LogicalType => ({ kind: 'TIMESTAMP', precision, nullable: false })
const ltz = (precision: number): LogicalType => ({ kind: 'TIMESTAMP_LTZ', precision, nullable: false })

function print(type: LogicalType | undefined): string {
  return type ? printType(type) : 'none'
}

describe('the type of CASE branches, lists and unions', () => {
  test.each([
    [[int, bigint], 'BIGINT'],
    [[int, decimal(5, 2)], 'DECIMAL(12, 2) NOT NULL'],
    [[decimal(5, 2), float], 'DOUBLE NOT NULL'],
    [[float, double], 'FLOAT NOT NULL'],
    [[char(1), char(3)], 'VARCHAR(3) NOT NULL'],
    [[int, nothing], 'INT'],
    [[ts(3), ltz(3)], 'TIMESTAMP(3) NOT NULL'],
    [[ts(3), ltz(6)], 'TIMESTAMP_LTZ(6) NOT NULL'],
    [[int, date], 'DATE NOT NULL'],
    [[int, char(1)], 'none'],
    [[nothing, nothing], 'none'],
  ])('%j is %s', (types, expected) => {
    expect(print(leastRestrictive(types))).toBe(expected)
  })
})

describe('the common type of COALESCE and the like', () => {
  test.each([
    [[float, double], 'DOUBLE NOT NULL'],
    [[decimal(5, 2), float], 'FLOAT NOT NULL'],
    [[float, decimal(5, 2)], 'DOUBLE NOT NULL'],
    [[ts(3), ltz(3)], 'TIMESTAMP_LTZ(3) NOT NULL'],
    [[ts(3), date], 'DATE NOT NULL'],
    [[int, char(1)], 'none'],
  ])('%j is %s', (types, expected) => {
    expect(print(commonType(types))).toBe(expected)
  })
})

describe('a cast', () => {
  test('that loses nothing is made silently, but never from nullable to NOT NULL', () => {
    expect(supportsImplicitCast(int, bigint)).toBe(true)
    expect(supportsImplicitCast(bigint, int)).toBe(false)
    expect(supportsImplicitCast({ ...int, nullable: true }, int)).toBe(false)
  })

  test('is not needed where the value already is of the type', () => {
    expect(supportsAvoidingCast(char(3), { kind: 'VARCHAR', length: 5, nullable: true })).toBe(true)
    expect(supportsAvoidingCast(int, bigint)).toBe(false)
    expect(supportsAvoidingCast({ ...ltz(3), timeAttribute: 'rowtime' } as LogicalType, ltz(3))).toBe(true)
  })

  test('of a number to a timestamp passes the validator and fails later', () => {
    expect(validatorAcceptsCast(int, ts(3))).toBe(true)
    expect(castRefusedByRuntime(int, ts(3))).toBe(true)
    expect(validatorAcceptsCast(int, date)).toBe(false)
  })
})
