// + - * / % and the signs, on numbers, intervals and times. Results' types are Flink's: whole numbers keep the wider type and wrap,
// DECIMAL follows decimal-type.ts, DECIMAL beside FLOAT or DOUBLE is DOUBLE.
import { JobError } from '../diagnostics/job-error.ts'
import { containsNullable } from '../types/comparability.ts'
import { type BigDecimal, divideToDigits, fitDecimal, powerOfTen, rescale, roundToDigits } from '../types/decimal.ts'
import { additionType, decimalType, divisionType, moduloType, multiplicationType } from '../types/decimal-type.ts'
import { wrapInteger } from '../types/integer.ts'
import { leastRestrictive } from '../types/least-restrictive.ts'
import { type LogicalType, type TypeOf, withNullability } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import { isInFamily, numericPrecision } from '../types/type-family.ts'
import type { Value } from '../types/value.ts'
import { emitArithmetic } from './emit-arithmetic.ts'
import type { Argument, FunctionDefinition, Kernel, KernelContext, Mismatch } from './function-definition.ts'
import { argumentMismatch } from './input-strategies.ts'
import { addInterval } from './interval-arithmetic.ts'

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%'

const decimalResult = {
  '+': additionType,
  '-': additionType,
  '*': multiplicationType,
  '/': divisionType,
  '%': moduloType,
}

/** What both operands are received as, and the result; a mismatch where the operator has no meaning. */
function typeArithmetic(operator: ArithmeticOperator, args: readonly Argument[]): readonly LogicalType[] | Mismatch {
  const [a, b] = [args[0]!.type, args[1]!.type]
  const exactOnly = operator === '%'
  const number = exactOnly ? 'EXACT_NUMERIC' : 'NUMERIC'
  if (isInFamily(a, number) && isInFamily(b, number)) return numericOperands(operator, a, b)
  if (operator === '+' || operator === '-') {
    if (a.kind === 'INTERVAL' && b.kind === 'INTERVAL' && a.unit === b.unit) return [a, b]
    if (isInFamily(a, 'DATETIME') && b.kind === 'INTERVAL') return [a, b]
    if (operator === '+' && a.kind === 'INTERVAL' && isInFamily(b, 'DATETIME')) {
      // Flink's generated code knows this order for all times but TIMESTAMP_LTZ.
      return b.kind === 'TIMESTAMP_LTZ' ? unsupported(args, 1, 'the interval after the timestamp') : [a, b]
    }
  }
  if (operator === '*' || operator === '/') {
    const interval = a.kind === 'INTERVAL' && isInFamily(b, 'NUMERIC')
    const scaled = operator === '*' && isInFamily(a, 'NUMERIC') && b.kind === 'INTERVAL'
    if (interval || scaled) return scaleInterval(operator, args, interval ? 1 : 0)
  }
  const wrong = isInFamily(a, number) || a.kind === 'INTERVAL' || (isInFamily(a, 'DATETIME') && !exactOnly) ? 1 : 0
  return argumentMismatch(args[wrong]!, wrong, operandsOf(operator, args[1 - wrong]!.type))
}

function operandsOf(operator: ArithmeticOperator, other: LogicalType): readonly string[] {
  if (operator === '%') return ['a whole number or DECIMAL']
  if (isInFamily(other, 'DATETIME') || (other.kind === 'INTERVAL' && operator === '-')) return ['an interval']
  if (other.kind === 'INTERVAL')
    return operator === '+' ? ['an interval', 'a date, time or timestamp'] : ['a whole number']
  return ['a number']
}

function unsupported(args: readonly Argument[], argument: number, expected: string): Mismatch {
  return { code: 'TYP002', stage: 'codegen', argument, expected: [expected], found: printType(args[argument]!.type) }
}

/** Flink types `interval * number` and `interval / number` for every number, but runs only the product with a whole one. */
function scaleInterval(operator: string, args: readonly Argument[], factor: number): readonly LogicalType[] | Mismatch {
  if (operator === '/') return unsupported(args, factor, 'no division of an interval')
  if (!isInFamily(args[factor]!.type, 'INTEGER')) return unsupported(args, factor, 'a whole number')
  return args.map(({ type }) => type)
}

function numericOperands(operator: ArithmeticOperator, a: LogicalType, b: LogicalType): readonly LogicalType[] {
  if (isDecimalArithmetic(a, b)) return [asDecimal(a), asDecimal(b)]
  if (operator === '%') return [a, b]
  const shared = leastRestrictive([a, b])!
  return [withNullability(shared, a.nullable), withNullability(shared, b.nullable)]
}

function isDecimalArithmetic(a: LogicalType, b: LogicalType): boolean {
  const exact = isInFamily(a, 'EXACT_NUMERIC') && isInFamily(b, 'EXACT_NUMERIC')
  return exact && (a.kind === 'DECIMAL' || b.kind === 'DECIMAL')
}

function asDecimal(type: LogicalType): TypeOf<'DECIMAL'> {
  const { precision, scale } = numericPrecision(type)
  return decimalType(precision, scale, type.nullable)
}

function arithmeticType(operator: ArithmeticOperator, received: readonly LogicalType[], args: readonly Argument[]) {
  const [a, b] = [received[0]!, received[1]!]
  const nullable = args.some(({ type }) => containsNullable(type))
  if (a.kind === 'DECIMAL' && b.kind === 'DECIMAL') {
    // Flink: the remainder of two decimals without fraction has the divisor's own type, as with whole numbers.
    if (operator === '%' && a.scale === 0 && b.scale === 0) return withNullability(args[1]!.type, nullable)
    return { kind: 'DECIMAL' as const, ...decimalResult[operator](a, b), nullable }
  }
  if (operator === '%') return withNullability(b, nullable)
  if (isInFamily(b, 'DATETIME')) return withNullability(b, nullable)
  if (isInFamily(a, 'NUMERIC') && b.kind === 'INTERVAL') return withNullability(b, nullable)
  return withNullability(a, nullable)
}

function arithmeticKernel(operator: ArithmeticOperator, context: KernelContext): Kernel {
  const [a, b] = [context.argumentTypes[0]!, context.argumentTypes[1]!]
  if (isInFamily(a, 'DATETIME')) return addInterval(a, b, operator === '-' ? -1 : 1)
  if (isInFamily(b, 'DATETIME')) {
    const add = addInterval(b, a, 1)
    return ([x, y]) => add([y!, x!])
  }
  if (a.kind === 'DECIMAL' && b.kind === 'DECIMAL') return decimalKernel(operator, a, b, context.resultType)
  if (a.kind === 'INTERVAL' || b.kind === 'INTERVAL') return intervalKernel(operator, context.resultType)
  if (a.kind === 'DOUBLE' || a.kind === 'FLOAT') return floatKernel(operator, a.kind)
  const kind = context.resultType.kind
  return ([x, y]) => wrapInteger(wholeNumbers(operator, BigInt(x as number), BigInt(y as number)), kind)
}

function wholeNumbers(operator: ArithmeticOperator, x: bigint, y: bigint): bigint {
  switch (operator) {
    case '+':
      return x + y
    case '-':
      return x - y
    case '*':
      return x * y
    case '/':
      if (y === 0n) throw divisionByZero()
      return x / y
    case '%':
      if (y === 0n) throw divisionByZero()
      return x % y
  }
}

export function divisionByZero(): JobError {
  return new JobError('RUN301', 'division by zero', {
    origin: 'user',
    retry: 'never',
    hint: 'Keep zero divisors out, for example with NULLIF(divisor, 0).',
  })
}

function floatKernel(operator: ArithmeticOperator, kind: 'FLOAT' | 'DOUBLE'): Kernel {
  const compute = {
    '+': (x: number, y: number) => x + y,
    '-': (x: number, y: number) => x - y,
    '*': (x: number, y: number) => x * y,
    '/': (x: number, y: number) => x / y,
    '%': (x: number, y: number) => x % y,
  }[operator]
  if (kind === 'DOUBLE') return ([x, y]) => compute(x as number, y as number)
  return ([x, y]) => Math.fround(compute(x as number, y as number))
}

/** Months are numbers, milliseconds bigints; both wrap at their width. */
function intervalKernel(operator: ArithmeticOperator, result: LogicalType): Kernel {
  const kind = (result as TypeOf<'INTERVAL'>).unit === 'YEAR_MONTH' ? 'INTEGER' : 'BIGINT'
  return ([x, y]) => wrapInteger(wholeNumbers(operator, BigInt(x as bigint), BigInt(y as bigint)), kind)
}

/** Sums and products are exact, quotients and remainders have 38 digits; then all are rounded to the result's scale. Overflow is NULL. */
function decimalKernel(
  operator: ArithmeticOperator,
  a: TypeOf<'DECIMAL'>,
  b: TypeOf<'DECIMAL'>,
  result: LogicalType,
): Kernel {
  const exact = exactDecimal(operator, a.scale, b.scale)
  if (result.kind !== 'DECIMAL') {
    return ([x, y]) => {
      const { unscaled, scale } = exact(x as bigint, y as bigint)
      return wrapInteger(unscaled / powerOfTen(scale), result.kind)
    }
  }
  return ([x, y]) => fitDecimal(exact(x as bigint, y as bigint), result.precision, result.scale)
}

function exactDecimal(operator: ArithmeticOperator, s1: number, s2: number): (x: bigint, y: bigint) => BigDecimal {
  const scale = Math.max(s1, s2)
  switch (operator) {
    case '+':
      return (x, y) => ({ unscaled: rescale(x, s1, scale) + rescale(y, s2, scale), scale })
    case '-':
      return (x, y) => ({ unscaled: rescale(x, s1, scale) - rescale(y, s2, scale), scale })
    case '*':
      return (x, y) => ({ unscaled: x * y, scale: s1 + s2 })
    case '/':
      return (x, y) => {
        if (y === 0n) throw divisionByZero()
        return divideToDigits({ unscaled: x, scale: s1 }, { unscaled: y, scale: s2 }, 38)
      }
    case '%':
      return (x, y) => {
        if (y === 0n) throw divisionByZero()
        return roundToDigits({ unscaled: rescale(x, s1, scale) % rescale(y, s2, scale), scale }, 38)
      }
  }
}

function operator(
  name: ArithmeticOperator,
  doc: string,
  example: string,
  aliases?: readonly string[],
): FunctionDefinition {
  return {
    name,
    ...(aliases && { aliases }),
    kind: 'scalar',
    category: 'arithmetic',
    syntax: 'binary',
    input: { forms: [operandForms[name]], count: [2, 2], check: (args) => typeArithmetic(name, args) },
    output: (received, args) => arithmeticType(name, received, args),
    nullRule: 'strict',
    deterministic: true,
    doc,
    example,
    kernel: (context) => arithmeticKernel(name, context),
    emit: emitArithmetic(name),
  }
}

const operandForms = {
  '+': '(number, number), (interval, interval), (time, interval), (interval, time)',
  '-': '(number, number), (interval, interval), (time, interval)',
  '*': '(number, number), (interval, whole number), (whole number, interval)',
  '/': '(number, number)',
  '%': '(whole number or DECIMAL, whole number or DECIMAL)',
}

function sign(name: '-x' | '+x', doc: string, example: string): FunctionDefinition {
  const negative = name === '-x'
  return {
    name,
    kind: 'scalar',
    category: 'arithmetic',
    syntax: 'prefix',
    input: {
      forms: ['(number)', '(interval)'],
      count: [1, 1],
      check: (args) => {
        const type = args[0]!.type
        if (isInFamily(type, 'NUMERIC') || type.kind === 'INTERVAL') return [type]
        return argumentMismatch(args[0]!, 0, ['a number', 'an interval'])
      },
    },
    output: ([type]) => type!,
    nullRule: 'strict',
    deterministic: true,
    doc,
    example,
    kernel: ({ resultType }) => (negative ? ([x]) => negate(x!, resultType) : ([x]) => x!),
  }
}

function negate(x: Value, type: LogicalType): Value {
  if (type.kind === 'DECIMAL') return -(x as bigint)
  if (type.kind === 'FLOAT' || type.kind === 'DOUBLE') return -(x as number)
  const kind = type.kind === 'INTERVAL' ? (type.unit === 'YEAR_MONTH' ? 'INTEGER' : 'BIGINT') : type.kind
  return wrapInteger(-BigInt(x as bigint), kind)
}

export const arithmeticOperators: readonly FunctionDefinition[] = [
  operator('+', 'The sum of two numbers or intervals, or a time moved forward by an interval.', 'amount + fee'),
  operator('-', 'The difference of two numbers or intervals, or a time moved back by an interval.', 'amount - fee'),
  operator('*', 'The product of two numbers, or a multiple of an interval.', 'price * quantity'),
  operator('/', 'The quotient; of whole numbers the whole part of it.', 'total / count_of_items'),
  operator('%', 'The remainder of a division, with the sign of the first operand.', 'id % 10', ['MOD']),
  sign('-x', 'The negated number or interval.', '-amount'),
  sign('+x', 'The number or interval itself.', '+amount'),
]
