// Mathematical functions. Numbers of any kind become DOUBLE where the result is one.
import { digitCount, divideHalfUp, fitDecimal, numberToDecimal, powerOfTen } from '../types/decimal.ts'
import { roundType } from '../types/decimal-type.ts'
import { wrapInteger } from '../types/integer.ts'
import type { LogicalType, TypeOf } from '../types/logical-type.ts'
import { withNullability } from '../types/logical-type.ts'
import { isInFamily } from '../types/type-family.ts'
import type { Value } from '../types/value.ts'
import type { FunctionDefinition, Kernel, KernelContext, OutputStrategy } from './function-definition.ts'
import {
  any,
  castToFamily,
  either,
  family,
  form,
  forms,
  integer,
  integerAsInt,
  number,
  numberAsDouble,
  string,
} from './input-strategies.ts'
import { JavaRandom } from './java-random.ts'
import {
  BOOLEAN,
  BYTES,
  DOUBLE,
  INT,
  notNull,
  nullable,
  nullableIfAnyArgument,
  STRING,
  sameAs,
} from './output-strategies.ts'
import { failedCall, scalar } from './scalar-function.ts'

function ofDouble(name: string, compute: (x: number) => number, doc: string): FunctionDefinition {
  return scalar({
    name,
    category: 'arithmetic',
    input: forms(form(numberAsDouble)),
    output: nullableIfAnyArgument(DOUBLE),
    doc,
    example: `${name}(ratio)`,
    kernel:
      () =>
      ([x]) =>
        compute(x as number),
  })
}

function ofTwoDoubles(name: string, compute: (x: number, y: number) => number, doc: string): FunctionDefinition {
  return scalar({
    name,
    category: 'arithmetic',
    input: forms(form(numberAsDouble, numberAsDouble)),
    output: nullableIfAnyArgument(DOUBLE),
    doc,
    example: `${name}(a, b)`,
    kernel:
      () =>
      ([x, y]) =>
        compute(x as number, y as number),
  })
}

/** ROUND and TRUNCATE: the digits decide a decimal's type where they are written as a literal. */
const roundedType: OutputStrategy = ([type], args) => {
  const isNullable = args.some((argument) => argument.type.nullable)
  if (type!.kind !== 'DECIMAL') return withNullability(type!, isNullable)
  const digits = args.length === 1 ? 0 : args[1]!.literal
  if (digits === undefined || digits === null) return withNullability(type!, isNullable)
  return { kind: 'DECIMAL', ...roundType(type!, Number(digits)), nullable: isNullable }
}

type Rounding = (dividend: bigint, divisor: bigint) => bigint
const truncated: Rounding = (dividend, divisor) => dividend / divisor

/** The unscaled value with its digits behind `digits` rounded away, in the same scale. */
function roundUnscaled(unscaled: bigint, scale: number, digits: number, rounding: Rounding): bigint {
  if (digits >= scale) return unscaled
  const drop = scale - digits
  if (drop > digitCount(unscaled) + 1) return 0n
  const unit = powerOfTen(drop)
  return rounding(unscaled, unit) * unit
}

function roundKernel(name: 'ROUND' | 'TRUNCATE', { argumentTypes, resultType }: KernelContext): Kernel {
  const type = argumentTypes[0]!
  const rounding = name === 'ROUND' ? divideHalfUp : truncated
  const digitsOf = (digits: Value | undefined) => (digits === undefined ? 0 : (digits as number))
  if (type.kind === 'DECIMAL') {
    const target = resultType as TypeOf<'DECIMAL'>
    return ([value, digits]) => {
      const unscaled = roundUnscaled(value as bigint, type.scale, digitsOf(digits), rounding)
      return fitDecimal({ unscaled, scale: type.scale }, target.precision, target.scale)
    }
  }
  if (isInFamily(type, 'INTEGER')) {
    return ([value, digits]) =>
      wrapInteger(roundUnscaled(BigInt(value as bigint), 0, digitsOf(digits), rounding), type.kind)
  }
  return ([value, digits]) => {
    const decimal = numberToDecimal(value as number)
    if (!decimal) throw failedCall(name, `${value} has no digits`)
    const unscaled = roundUnscaled(decimal.unscaled, decimal.scale, digitsOf(digits), rounding)
    const result = Number(`${unscaled}e${-decimal.scale}`)
    return type.kind === 'FLOAT' ? Math.fround(result) : result
  }
}

function rounding(name: 'ROUND' | 'TRUNCATE', doc: string): FunctionDefinition {
  return scalar({
    name,
    category: 'arithmetic',
    input: forms(form(number), form(number, integerAsInt)),
    output: roundedType,
    doc,
    example: `${name}(amount, 2)`,
    kernel: (context) => roundKernel(name, context),
  })
}

function sign(value: Value, type: LogicalType): Value {
  if (type.kind === 'DECIMAL') {
    const unscaled = value as bigint
    return unscaled === 0n ? 0n : (unscaled < 0n ? -1n : 1n) * powerOfTen(type.scale)
  }
  if (typeof value === 'bigint') return value === 0n ? 0n : value < 0n ? -1n : 1n
  return Math.sign(value as number)
}

function absolute(value: Value, type: LogicalType): Value {
  if (type.kind === 'DECIMAL') return (value as bigint) < 0n ? -(value as bigint) : value
  if (type.kind === 'FLOAT' || type.kind === 'DOUBLE') return Math.abs(value as number)
  const whole = BigInt(value as bigint)
  return whole < 0n ? wrapInteger(-whole, type.kind) : value
}

/** Unsigned, as Java's toHexString and toBinaryString show negative numbers. */
function unsigned(value: Value, radix: number): string {
  return BigInt.asUintN(64, BigInt(value as bigint)).toString(radix)
}

function hexOfText(value: string): string {
  return [...new TextEncoder().encode(value)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function unhex(value: string): Uint8Array | null {
  if (!/^[0-9a-fA-F]*$/.test(value)) return null
  // Of an odd number of digits Flink leaves the first byte zero.
  const digits = value.length % 2 === 1 ? `00${value.slice(1)}` : value
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16))
}

const characterOrNumber = either(string, number)

function characterTest(
  name: string,
  numbersPass: (type: LogicalType) => boolean,
  test: (text: string) => boolean,
  doc: string,
): FunctionDefinition {
  return scalar({
    name,
    category: 'arithmetic',
    input: forms(form(characterOrNumber)),
    output: notNull(BOOLEAN),
    nullRule: 'custom',
    doc,
    example: `${name}(code)`,
    kernel:
      ({ argumentTypes }) =>
      ([value]) => {
        if (value === null) return false
        return typeof value === 'string' ? value !== '' && test(value) : numbersPass(argumentTypes[0]!)
      },
  })
}

const decimalText = /^\s*[+-]?(NaN|Infinity|((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)[fFdD]?)\s*$/

export const arithmeticFunctions: readonly FunctionDefinition[] = [
  scalar({
    name: 'ABS',
    category: 'arithmetic',
    input: forms(form(number), form(family('INTERVAL'))),
    output: sameAs(0),
    doc: 'The number without its sign.',
    example: 'ABS(balance)',
    kernel:
      ({ argumentTypes }) =>
      ([value]) =>
        absolute(value!, argumentTypes[0]!),
  }),
  scalar({
    name: 'SIGN',
    category: 'arithmetic',
    input: forms(form(number)),
    output: sameAs(0),
    doc: '-1, 0 or 1, by the sign of the number.',
    example: 'SIGN(balance)',
    kernel:
      ({ argumentTypes }) =>
      ([value]) =>
        sign(value!, argumentTypes[0]!),
  }),
  rounding('ROUND', 'The number rounded half up to some digits after the point (before it, when negative).'),
  rounding('TRUNCATE', 'The number cut to some digits after the point (before it, when negative).'),
  ofTwoDoubles('POWER', (x, y) => x ** y, 'The first number to the power of the second.'),
  // As Flink computes it, which differs for -Infinity and -0.
  ofDouble('SQRT', (x) => x ** 0.5, 'The square root.'),
  ofDouble('EXP', Math.exp, 'e to the power of the number.'),
  ofDouble('LN', Math.log, 'The natural logarithm.'),
  ofDouble('LOG10', Math.log10, 'The logarithm to base 10.'),
  ofDouble('LOG2', (x) => Math.log(x) / Math.log(2), 'The logarithm to base 2.'),
  scalar({
    name: 'LOG',
    category: 'arithmetic',
    input: forms(form(numberAsDouble), form(numberAsDouble, numberAsDouble)),
    output: nullableIfAnyArgument(DOUBLE),
    doc: 'The natural logarithm, or the logarithm of the second number to the base of the first.',
    example: 'LOG(2, 8)',
    kernel:
      () =>
      ([x, y]) =>
        y === undefined ? Math.log(x as number) : Math.log(y as number) / Math.log(x as number),
  }),
  ofDouble('SIN', Math.sin, 'The sine of an angle in radians.'),
  ofDouble('COS', Math.cos, 'The cosine of an angle in radians.'),
  ofDouble('TAN', Math.tan, 'The tangent of an angle in radians.'),
  ofDouble('COT', (x) => 1 / Math.tan(x), 'The cotangent of an angle in radians.'),
  ofDouble('ASIN', Math.asin, 'The angle of a sine.'),
  ofDouble('ACOS', Math.acos, 'The angle of a cosine.'),
  ofDouble('ATAN', Math.atan, 'The angle of a tangent.'),
  ofTwoDoubles('ATAN2', Math.atan2, 'The angle of a point (y, x).'),
  ofDouble('SINH', Math.sinh, 'The hyperbolic sine.'),
  ofDouble('COSH', Math.cosh, 'The hyperbolic cosine.'),
  ofDouble('TANH', Math.tanh, 'The hyperbolic tangent.'),
  ofDouble('DEGREES', (x) => x * (180 / Math.PI), 'An angle in radians as degrees.'),
  ofDouble('RADIANS', (x) => x * (Math.PI / 180), 'An angle in degrees as radians.'),
  scalar({
    name: 'PI',
    category: 'arithmetic',
    syntax: 'niladic',
    input: forms(form()),
    output: notNull(DOUBLE),
    doc: 'The number pi.',
    example: 'PI()',
    kernel: () => () => Math.PI,
  }),
  scalar({
    name: 'E',
    category: 'arithmetic',
    input: forms(form()),
    output: notNull(DOUBLE),
    doc: "Euler's number.",
    example: 'E()',
    kernel: () => () => Math.E,
  }),
  scalar({
    name: 'RAND',
    category: 'arithmetic',
    input: forms(form(), form(integerAsInt)),
    output: nullableIfAnyArgument(DOUBLE),
    deterministic: false,
    doc: 'A random number from 0 to below 1, in a sequence of its own when a seed is given.',
    example: 'RAND()',
    kernel: randomKernel,
  }),
  scalar({
    name: 'RAND_INTEGER',
    category: 'arithmetic',
    input: forms(form(integerAsInt), form(integerAsInt, integerAsInt)),
    output: nullableIfAnyArgument(INT),
    deterministic: false,
    doc: 'A random whole number from 0 to below a bound; with two arguments the first one is the seed.',
    example: 'RAND_INTEGER(100)',
    kernel: randomIntegerKernel,
  }),
  scalar({
    name: 'BIN',
    category: 'arithmetic',
    input: forms(form(integer)),
    output: nullableIfAnyArgument(STRING),
    doc: 'The number in binary digits.',
    example: 'BIN(4)',
    kernel:
      () =>
      ([value]) =>
        unsigned(value!, 2),
  }),
  scalar({
    name: 'HEX',
    category: 'arithmetic',
    input: forms(form(integer), form(string)),
    output: nullableIfAnyArgument(STRING),
    doc: 'The number, or the bytes of the string, in hexadecimal digits.',
    example: "HEX('hello')",
    kernel:
      () =>
      ([value]) =>
        (typeof value === 'string' ? hexOfText(value) : unsigned(value!, 16)).toUpperCase(),
  }),
  scalar({
    name: 'UNHEX',
    category: 'arithmetic',
    input: forms(form(castToFamily('CHARACTER'))),
    output: nullable(BYTES),
    doc: 'The bytes of hexadecimal digits; NULL when there is another character.',
    example: "UNHEX('68656C6C6F')",
    kernel:
      () =>
      ([value]) =>
        unhex(value as string),
  }),
  characterTest(
    'IS_DECIMAL',
    () => true,
    (text) => decimalText.test(text),
    'Whether a string can be read as a number.',
  ),
  characterTest(
    'IS_DIGIT',
    (type) => isInFamily(type, 'INTEGER'),
    (text) => /^\p{Nd}+$/u.test(text),
    'Whether all characters of a string are digits.',
  ),
  characterTest(
    'IS_ALPHA',
    () => false,
    (text) => /^\p{L}+$/u.test(text),
    'Whether all characters of a string are letters.',
  ),
  scalar({
    name: 'PRINT',
    category: 'auxiliary',
    input: forms(form(string, any)),
    output: sameAs(1),
    nullRule: 'custom',
    doc: 'The second argument; Flink also writes both to its log.',
    example: "PRINT('amount', amount)",
  }),
]

/** With a literal seed one sequence for the whole job, as Java's Random gives it. */
function randomKernel({ argumentTypes, literals, random }: KernelContext): Kernel {
  if (argumentTypes.length === 0) return () => random()
  const seed = literals[0]
  if (typeof seed !== 'number') return ([value]) => new JavaRandom(value as number).nextDouble()
  const sequence = new JavaRandom(seed)
  return () => sequence.nextDouble()
}

function randomIntegerKernel({ argumentTypes, literals, random }: KernelContext): Kernel {
  const checked = (bound: Value | undefined) => {
    if ((bound as number) <= 0) throw failedCall('RAND_INTEGER', 'the bound must be positive')
    return bound as number
  }
  if (argumentTypes.length === 1) return ([bound]) => Math.floor(random() * checked(bound))
  const seed = literals[0]
  if (typeof seed !== 'number') return ([value, bound]) => new JavaRandom(value as number).nextInt(checked(bound))
  const sequence = new JavaRandom(seed)
  return ([, bound]) => sequence.nextInt(checked(bound))
}
