// Between columns, boxed values and the registers of generated code: one case for each carrier.
import { assert } from '../../diagnostics/assert.ts'
import type { EmitScope, Register } from '../../functions/function-definition.ts'
import { carrierOf } from '../../types/column.ts'
import type { LogicalType } from '../../types/logical-type.ts'
import type { TimestampValue, Value } from '../../types/value.ts'

/** A register, or the slow carrier that functions never see in generated code. */
export type Operand = Register | { readonly isNull: string; readonly carrier: 'value'; readonly value: string }

/** What is written to: fresh locals, constants, statements, reads of columns. */
type CodeSink = EmitScope & { readonly lines: string[]; readonly loads: string[]; readonly arrays: string[] }

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Reads column `index` at row `i` into locals. */
export function loadColumn(code: CodeSink, index: number, type: LogicalType): Operand {
  assert(Number.isInteger(index), 'a column is a position')
  const array = (name: string) => {
    const local = `a${index}_${name}`
    code.arrays.push(`const ${local} = columns[${index}].${name}`)
    return local
  }
  const load = (expression: string) => {
    const local = code.local()
    code.loads.push(`${local} = ${expression}`)
    return local
  }
  const isNull = type.nullable ? load(`${array('nulls')}[i] === 1`) : 'false'
  switch (carrierOf(type)) {
    case 'int32':
      return { carrier: 'int32', isNull, value: load(`${array('values')}[i]`) }
    case 'float64':
      return { carrier: 'float64', isNull, value: load(`${array('values')}[i]`) }
    case 'int64': {
      const words = array('words')
      return { carrier: 'int64', isNull, low: load(`${words}[2 * i]`), high: load(`${words}[2 * i + 1]`) }
    }
    case 'timestamp':
      return {
        carrier: 'timestamp',
        isNull,
        millis: load(`${array('millis')}[i]`),
        nanos: isPrecise(type) ? load(`${array('nanos')}[i]`) : '0',
      }
    case 'bytes':
      return {
        carrier: 'bytes',
        isNull,
        data: array('data'),
        start: load(`${array('starts')}[i]`),
        length: load(`${array('lengths')}[i]`),
      }
    case 'value':
      return { carrier: 'value', isNull, value: load(`${array('values')}[i]`) }
  }
}

/** Fresh locals for a value of `type`. */
export function resultOperand(code: CodeSink, type: LogicalType): Operand {
  const isNull = code.local()
  const carrier = carrierOf(type)
  switch (carrier) {
    case 'int32':
    case 'float64':
    case 'value':
      return { carrier, isNull, value: code.local() }
    case 'int64':
      return { carrier, isNull, low: code.local(), high: code.local() }
    case 'timestamp':
      return { carrier, isNull, millis: code.local(), nanos: code.local() }
    case 'bytes':
      return { carrier, isNull, data: code.local(), start: code.local(), length: code.local() }
  }
}

export function literalOperand(code: CodeSink, value: Value, type: LogicalType): Operand {
  const carrier = carrierOf(type)
  const isNull = value === null ? 'true' : 'false'
  switch (carrier) {
    case 'int32':
      return { carrier, isNull, value: numberText(value === null ? 0 : Number(value)) }
    case 'float64':
      return { carrier, isNull, value: numberText(value === null ? 0 : Number(value)) }
    case 'int64': {
      const long = value === null ? 0n : (value as bigint)
      const low = Number(BigInt.asIntN(32, long))
      const high = Number(BigInt.asIntN(32, long >> 32n))
      return { carrier, isNull, low: numberText(low), high: numberText(high) }
    }
    case 'timestamp': {
      const { millis, nanos } = value === null ? { millis: 0, nanos: 0 } : (value as TimestampValue)
      return { carrier, isNull, millis: numberText(millis), nanos: numberText(nanos) }
    }
    case 'bytes': {
      const bytes = value === null ? new Uint8Array(0) : bytesOf(value)
      return { carrier, isNull, data: code.constant(bytes), start: '0', length: numberText(bytes.length) }
    }
    case 'value':
      return { carrier, isNull, value: code.constant(value) }
  }
}

/** An expression that is the boxed value of `operand`. */
export function box(code: CodeSink, operand: Operand, type: LogicalType): string {
  const text = boxNonNull(code, operand, type)
  return operand.isNull === 'false' ? text : `(${operand.isNull} ? null : ${text})`
}

function boxNonNull(code: CodeSink, operand: Operand, type: LogicalType): string {
  switch (operand.carrier) {
    case 'int32':
      return type.kind === 'BOOLEAN' ? `(${operand.value} === 1)` : operand.value
    case 'float64':
    case 'value':
      return operand.value
    case 'int64':
      return `${code.constant(joinWords)}(${operand.low}, ${operand.high})`
    case 'timestamp':
      return `({ millis: ${operand.millis}, nanos: ${operand.nanos} })`
    case 'bytes': {
      const read = isText(type) ? textOf : copyOf
      return `${code.constant(read)}(${operand.data}, ${operand.start}, ${operand.length})`
    }
  }
}

/** Appends the statements that take apart the boxed value in local `value`. */
export function unbox(code: CodeSink, value: string, type: LogicalType): Operand {
  const result = resultOperand(code, type)
  const parts = unboxParts(code, result, value)
  code.lines.push(`${result.isNull} = ${value} === null; if (!${result.isNull}) { ${parts} }`)
  return result
}

function unboxParts(code: CodeSink, result: Operand, value: string): string {
  switch (result.carrier) {
    case 'int32':
    case 'float64':
      return `${result.value} = Number(${value})`
    case 'value':
      return `${result.value} = ${value}`
    case 'int64':
      return `${result.low} = Number(BigInt.asIntN(32, ${value})); ${result.high} = Number(BigInt.asIntN(32, ${value} >> 32n))`
    case 'timestamp':
      return `${result.millis} = ${value}.millis; ${result.nanos} = ${value}.nanos`
    case 'bytes':
      return `${result.data} = ${code.constant(bytesOf)}(${value}); ${result.start} = 0; ${result.length} = ${result.data}.length`
  }
}

export function isPrecise(type: LogicalType): boolean {
  return 'precision' in type && type.precision > 3
}

function isText(type: LogicalType): boolean {
  return type.kind === 'VARCHAR' || type.kind === 'CHAR'
}

function numberText(value: number): string {
  assert(typeof value === 'number', 'a literal of a numeric carrier is a number')
  return Object.is(value, -0) ? '-0' : value < 0 ? `(${value})` : String(value)
}

function bytesOf(value: unknown): Uint8Array {
  return typeof value === 'string' ? encoder.encode(value) : (value as Uint8Array)
}

function joinWords(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0)
}

function textOf(data: Uint8Array, start: number, length: number): string {
  return decoder.decode(data.subarray(start, start + length))
}

function copyOf(data: Uint8Array, start: number, length: number): Uint8Array {
  return new Uint8Array(data.subarray(start, start + length))
}
