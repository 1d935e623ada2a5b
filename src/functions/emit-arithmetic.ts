// Arithmetic as JavaScript text on registers: whole numbers wrap, doubles are doubles. Division of whole numbers is left to the kernel,
// which names the division by zero.
import type { LogicalType } from '../types/logical-type.ts'
import type { Emit, EmitScope, Register } from './function-definition.ts'

type Int64 = Extract<Register, { carrier: 'int64' }>
type Timestamp = Extract<Register, { carrier: 'timestamp' }>

export function emitArithmetic(operator: '+' | '-' | '*' | '/' | '%'): Emit {
  return ([a, b], result, { argumentTypes, resultType }, scope) => {
    if (!a || !b) return undefined
    if (a.carrier === 'timestamp' && isDayTime(argumentTypes[1]) && (operator === '+' || operator === '-')) {
      return moveText(operator, a, b, result)
    }
    if (!sameNumbers(argumentTypes, resultType)) return undefined
    if (a.carrier === 'int32' && b.carrier === 'int32' && result.carrier === 'int32') {
      const value = int32Text(operator, a.value, b.value)
      return value && `${result.value} = ${narrowText(value, resultType)};`
    }
    if (a.carrier === 'float64' && b.carrier === 'float64' && result.carrier === 'float64') {
      const value = `${a.value} ${operator} ${b.value}`
      return `${result.value} = ${resultType.kind === 'FLOAT' ? `Math.fround(${value})` : value};`
    }
    if (a.carrier === 'int64' && b.carrier === 'int64' && result.carrier === 'int64' && resultType.kind === 'BIGINT') {
      return int64Text(operator, a, b, result, scope)
    }
    return undefined
  }
}

function isDayTime(type: LogicalType | undefined): boolean {
  return type?.kind === 'INTERVAL' && type.unit === 'DAY_TIME'
}

/** A time moved by milliseconds: what a watermark is, so it must not make an object per row. Whole up to 2^53, as in the kernel. */
function moveText(operator: '+' | '-', time: Timestamp, interval: Register, result: Register): string | undefined {
  if (interval.carrier !== 'int64' || result.carrier !== 'timestamp') return undefined
  const millis = `(${interval.high} * 4294967296 + (${interval.low} >>> 0))`
  return `${result.millis} = ${time.millis} ${operator} ${millis}; ${result.nanos} = ${time.nanos};`
}

function sameNumbers(argumentTypes: readonly LogicalType[], resultType: LogicalType): boolean {
  const numbers = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'FLOAT', 'DOUBLE']
  return numbers.includes(resultType.kind) && argumentTypes.every((type) => type.kind === resultType.kind)
}

function int32Text(operator: string, a: string, b: string): string | undefined {
  if (operator === '+' || operator === '-') return `(${a} ${operator} ${b}) | 0`
  return operator === '*' ? `Math.imul(${a}, ${b})` : undefined
}

function narrowText(value: string, type: LogicalType): string {
  if (type.kind === 'TINYINT') return `((${value}) << 24) >> 24`
  if (type.kind === 'SMALLINT') return `((${value}) << 16) >> 16`
  return value
}

/** Two's complement over two words; the carry is found by an unsigned comparison of the low ones. */
function int64Text(operator: string, a: Int64, b: Int64, result: Int64, scope: EmitScope): string | undefined {
  if (operator !== '+' && operator !== '-') return undefined
  const low = scope.local()
  const carry =
    operator === '+' ? `((${low} >>> 0) < (${a.low} >>> 0) ? 1 : 0)` : `((${a.low} >>> 0) < (${b.low} >>> 0) ? 1 : 0)`
  return (
    `${low} = (${a.low} ${operator} ${b.low}) | 0; ` +
    `${result.high} = (${a.high} ${operator} ${b.high} ${operator} ${carry}) | 0; ${result.low} = ${low};`
  )
}
