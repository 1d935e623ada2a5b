// CASE and its kin: which of several values.

import { castOf } from '../types/cast-value.ts'
import { castRefusedByRuntime } from '../types/casts.ts'
import { commonType } from '../types/common-type.ts'
import { areOrdered } from '../types/comparability.ts'
import { comparisonOf } from '../types/compare-values.ts'
import { leastRestrictive } from '../types/least-restrictive.ts'
import { type LogicalType, withNullability } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import { isInFamily } from '../types/type-family.ts'
import type { Value } from '../types/value.ts'
import { comparedAs, findComparison, printTypes } from './comparison.ts'
import type {
  Argument,
  FunctionDefinition,
  Kernel,
  KernelContext,
  Mismatch,
  OutputStrategy,
} from './function-definition.ts'
import { argumentMismatch, common, form, forms, varying } from './input-strategies.ts'

/** Arguments of CASE: condition, value, condition, value …, else (a bare NULL where none is written). `CASE x WHEN y` compares by `=` first. */
function checkCase(args: readonly Argument[]): readonly LogicalType[] | Mismatch {
  const isValue = (index: number) => index % 2 === 1 || index === args.length - 1
  const values = args.filter((_, i) => isValue(i))
  for (const [i, argument] of args.entries()) {
    if (!isValue(i) && argument.type.kind !== 'BOOLEAN') return argumentMismatch(argument, i, ['a condition'])
  }
  return valuesOfOneType(args, values, isValue)
}

function valuesOfOneType(
  args: readonly Argument[],
  values: readonly Argument[],
  isValue: (index: number) => boolean,
): readonly LogicalType[] | Mismatch {
  const shared = leastRestrictive(values.map(({ type }) => type))
  if (shared === undefined) {
    const onlyNulls = values.every(({ type }) => type.kind === 'NULL')
    return {
      code: onlyNulls ? 'TYP005' : 'TYP003',
      stage: 'validate',
      expected: ['values of one type'],
      found: onlyNulls ? 'NULL' : printTypes(values),
    }
  }
  const received: LogicalType[] = []
  for (const [i, { type, literal }] of args.entries()) {
    if (!isValue(i)) received.push(type)
    else {
      if (castRefusedByRuntime(type, shared)) return mixedTypes(type, literal, shared, i)
      received.push(withNullability(shared, type.nullable || type.kind === 'NULL'))
    }
  }
  return received
}

/** A value that only the validator's rules for offsets made a time: Flink refuses the cast later, that of a literal earlier. */
function mixedTypes(type: LogicalType, literal: Value | undefined, shared: LogicalType, index: number): Mismatch {
  const early = literal !== undefined || type.kind === 'INTERVAL'
  return {
    code: 'TYP003',
    stage: early ? 'validate' : 'codegen',
    argument: index,
    expected: [printType(withNullability(shared, true))],
    found: printType(withNullability(type, true)),
  }
}

/** The shared type is already among the received ones; nullable when a value is. */
const caseType: OutputStrategy = (received, args) => {
  const values = received.filter((_, i) => i % 2 === 1 || i === args.length - 1)
  return withNullability(
    values[0]!,
    values.some(({ nullable }) => nullable),
  )
}

function checkIf(args: readonly Argument[]): readonly LogicalType[] | Mismatch {
  const [condition, yes, no] = [args[0]!, args[1]!, args[2]!]
  if (condition.type.kind !== 'BOOLEAN') return argumentMismatch(condition, 0, ['a condition'])
  for (const [i, argument] of [yes, no].entries()) {
    if (argument.type.kind === 'NULL') return argumentMismatch(argument, i + 1, ['a value with a type'])
  }
  const families = ['NUMERIC', 'CHARACTER', 'BOOLEAN', 'BINARY', 'DATE', 'TIMESTAMP', 'TIME'] as const
  const shared = families.find((name) => isInFamily(yes.type, name))
  if (!shared) return argumentMismatch(yes, 1, ['a number, string, BOOLEAN, bytes, date, time or timestamp'])
  if (!isInFamily(no.type, shared)) return argumentMismatch(no, 2, [`a type like ${printType(yes.type)}`])
  const type = ifType([condition.type, yes.type, no.type], args, {}) as LogicalType
  return [condition.type, withNullability(type, yes.type.nullable), withNullability(type, no.type.nullable)]
}

/** The least restrictive of numbers, strings and bytes; else the type of the first value. */
const ifType: OutputStrategy = (received, args) => {
  const [, yes, no] = received
  const merges = (type: LogicalType) => isInFamily(type, 'NUMERIC') || isInFamily(type, 'STRING')
  const type = merges(yes!) && merges(no!) ? leastRestrictive([yes!, no!])! : yes!
  return withNullability(
    type,
    args.some((argument) => argument.type.nullable),
  )
}

/** The common type of all; NULL only when every value may be. */
const coalesceType: OutputStrategy = (_, args) => {
  const type = commonType(args.map((argument) => argument.type))!
  return withNullability(
    type,
    args.every((argument) => argument.type.nullable || argument.type.kind === 'NULL'),
  )
}

/** Flink's IFNULL: NOT NULL when the second value is. */
const ifNullType: OutputStrategy = (received, args) => {
  const type = commonType(args.map((argument) => argument.type))!
  if (!args[0]!.type.nullable && args[0]!.type.kind !== 'NULL') return withNullability(received[0]!, false)
  return withNullability(type, args[1]!.type.nullable || args[1]!.type.kind === 'NULL')
}

function extremum(name: string, direction: 1 | -1, doc: string): FunctionDefinition {
  return {
    name,
    kind: 'scalar',
    category: 'conditional',
    syntax: 'function',
    input: {
      forms: ['(values that can be ordered …)'],
      count: [1, Number.POSITIVE_INFINITY],
      check: (args) => checkOrdered(args),
    },
    output: (_, args) =>
      withNullability(
        commonType(args.map(({ type }) => type))!,
        args.some(({ type }) => type.nullable || type.kind === 'NULL'),
      ),
    nullRule: 'strict',
    deterministic: true,
    doc,
    example: `${name}(price, minimum_price)`,
    kernel: ({ argumentTypes }) => {
      const compare = comparisonOf(argumentTypes[0]!)
      return (args) => args.reduce((best, value) => (compare(value, best) * direction > 0 ? value : best))
    },
  }
}

function checkOrdered(args: readonly Argument[]): readonly LogicalType[] | Mismatch {
  const mismatch = (i: number, stage: Mismatch['stage']): Mismatch => ({
    code: args[i]!.type.kind === 'NULL' ? 'TYP005' : 'TYP008',
    stage,
    argument: i,
    expected: ['values that can be ordered'],
    found: printType(args[i]!.type),
  })
  if (args.length === 1 && !areOrdered(args[0]!.type, args[0]!.type)) return mismatch(0, 'validate')
  for (let i = 1; i < args.length; i++) {
    if (!areOrdered(args[i - 1]!.type, args[i]!.type)) return mismatch(i, 'validate')
  }
  const shared = commonType(args.map(({ type }) => type))
  if (shared === undefined) return mismatch(args.length - 1, 'validate')
  // The generated code casts numbers only, and has no cast of a bare NULL.
  const bareNull = isInFamily(shared, 'NUMERIC') ? args.findIndex(({ type }) => type.kind === 'NULL') : -1
  if (bareNull >= 0) return mismatch(bareNull, 'codegen')
  return args.map(({ type }) => withNullability(shared, type.nullable || type.kind === 'NULL'))
}

/** Compares as `=` does; the result is the first value itself. */
function nullIfKernel({ argumentTypes, timeZone }: KernelContext): Kernel {
  const [a, b] = [argumentTypes[0]!, argumentTypes[1]!]
  const shared = comparedAs(a, b) ?? a
  const asIs = isInFamily(a, 'STRING') && isInFamily(b, 'STRING')
  const [first, second] = asIs ? [same, same] : [castOf(a, shared, timeZone), castOf(b, shared, timeZone)]
  const compare = comparisonOf(shared)
  return ([x, y]) => (x === null || y === null || compare(first(x!), second(y!)) !== 0 ? x! : null)
}

const same = (value: Value) => value

export const conditionalFunctions: readonly FunctionDefinition[] = [
  {
    name: 'CASE',
    kind: 'scalar',
    category: 'conditional',
    syntax: 'special',
    input: { forms: ['(condition, value, …, else value)'], count: [3, Number.POSITIVE_INFINITY], check: checkCase },
    output: caseType,
    nullRule: 'custom',
    deterministic: true,
    doc: 'The value of the first branch whose condition is TRUE, else the ELSE value or NULL.',
    example: "CASE WHEN amount > 100 THEN 'large' ELSE 'small' END",
    kernel: () => (args) => {
      for (let i = 0; i + 1 < args.length; i += 2) if (args[i] === true) return args[i + 1]!
      return args[args.length - 1]!
    },
  },
  {
    name: 'NULLIF',
    kind: 'scalar',
    category: 'conditional',
    syntax: 'function',
    input: {
      forms: ['(value, value)'],
      count: [2, 2],
      check: (args, place) => {
        const compared = findComparison('=').input.check(args, place)
        if ('code' in compared) return compared
        if (args[0]!.type.kind === 'NULL') return argumentMismatch(args[0]!, 0, ['a value with a type'])
        return [args[0]!.type, compared[1]!]
      },
    },
    output: (received) => withNullability(received[0]!, true),
    nullRule: 'custom',
    deterministic: true,
    doc: 'NULL when two values are equal, else the first one.',
    example: 'NULLIF(quantity, 0)',
    kernel: nullIfKernel,
  },
  {
    name: 'COALESCE',
    kind: 'scalar',
    category: 'conditional',
    syntax: 'function',
    input: forms(varying(common, common)),
    output: coalesceType,
    nullRule: 'custom',
    deterministic: true,
    doc: 'The first value that is not NULL.',
    example: "COALESCE(nickname, name, 'unknown')",
    kernel: () => (args) => args.find((value) => value !== null) ?? null,
  },
  {
    name: 'IFNULL',
    kind: 'scalar',
    category: 'conditional',
    syntax: 'function',
    input: forms(form(common, common)),
    output: ifNullType,
    nullRule: 'custom',
    deterministic: true,
    doc: 'The first value, or the second where the first is NULL.',
    example: "IFNULL(nickname, 'none')",
    kernel:
      () =>
      ([value, replacement]) =>
        value === null ? replacement! : value!,
  },
  {
    name: 'IF',
    kind: 'scalar',
    category: 'conditional',
    syntax: 'function',
    input: { forms: ['(condition, value if true, value if not)'], count: [3, 3], check: checkIf },
    output: ifType,
    nullRule: 'custom',
    deterministic: true,
    doc: 'The second value when the condition is TRUE, else the third.',
    example: "IF(amount > 100, 'large', 'small')",
    kernel:
      () =>
      ([condition, yes, no]) =>
        condition === true ? yes! : no!,
  },
  extremum('GREATEST', 1, 'The greatest of several values; NULL when one is NULL.'),
  extremum('LEAST', -1, 'The least of several values; NULL when one is NULL.'),
]
