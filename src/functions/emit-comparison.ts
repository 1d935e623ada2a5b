// Comparisons as JavaScript text on registers. Equal results to the kernels; only for the carriers that filters are made of.
import type { Emit, Register } from './function-definition.ts'

const operators: Readonly<Record<string, string>> = {
  '=': '===',
  '<>': '!==',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}

export function emitComparison(name: string): Emit {
  return ([a, b], result) => {
    const test = comparisonText(name, a!, b!)
    return test && result.carrier === 'int32' ? `${result.value} = ${test} ? 1 : 0;` : undefined
  }
}

/** IS [NOT] DISTINCT FROM: never NULL. */
export function emitDistinct(distinct: boolean): Emit {
  return ([a, b], result) => {
    const same = comparisonText('=', a!, b!)
    if (!same || result.carrier !== 'int32') return undefined
    const equal = `((${a!.isNull}) ? (${b!.isNull}) : !(${b!.isNull}) && ${same})`
    return `${result.value} = ${equal} ? ${distinct ? '0 : 1' : '1 : 0'}; ${result.isNull} = false;`
  }
}

function comparisonText(name: string, a: Register, b: Register): string | undefined {
  const operator = operators[name]!
  if (a.carrier === 'int32' && b.carrier === 'int32') return `(${a.value} ${operator} ${b.value})`
  // JavaScript compares doubles as Java does: NaN is equal to nothing.
  if (a.carrier === 'float64' && b.carrier === 'float64') return `(${a.value} ${operator} ${b.value})`
  if (a.carrier === 'int64' && b.carrier === 'int64') return int64Text(name, a, b)
  if (a.carrier === 'timestamp' && b.carrier === 'timestamp') return timestampText(name, a, b)
  return undefined
}

type Int64 = Extract<Register, { carrier: 'int64' }>

function int64Text(name: string, a: Int64, b: Int64): string {
  const equal = `(${a.low} === ${b.low} && ${a.high} === ${b.high})`
  const less = `(${a.high} < ${b.high} || (${a.high} === ${b.high} && (${a.low} >>> 0) < (${b.low} >>> 0)))`
  return orderText(name, equal, less)
}

type Timestamp = Extract<Register, { carrier: 'timestamp' }>

function timestampText(name: string, a: Timestamp, b: Timestamp): string {
  const equal = `(${a.millis} === ${b.millis} && ${a.nanos} === ${b.nanos})`
  const less = `(${a.millis} < ${b.millis} || (${a.millis} === ${b.millis} && ${a.nanos} < ${b.nanos}))`
  return orderText(name, equal, less)
}

function orderText(name: string, equal: string, less: string): string {
  switch (name) {
    case '=':
      return equal
    case '<>':
      return `!${equal}`
    case '<':
      return less
    case '>=':
      return `!${less}`
    case '<=':
      return `(${less} || ${equal})`
    default:
      return `!(${less} || ${equal})`
  }
}
