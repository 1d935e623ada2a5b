// Comparison operators and predicates.

import { isComparable } from '../types/comparability.ts'
import { comparisonOf } from '../types/compare-values.ts'
import { leastRestrictive } from '../types/least-restrictive.ts'
import { type LogicalType, MAX_LENGTH, type TypeOf, withNullability } from '../types/logical-type.ts'
import { parseDate, parseTimeOfDay, parseTimestamp } from '../types/parse-value.ts'
import { printType } from '../types/print-type.ts'
import { isInFamily } from '../types/type-family.ts'
import type { Value } from '../types/value.ts'
import { emitComparison, emitDistinct } from './emit-comparison.ts'
import type { Argument, FunctionDefinition, InputStrategy, KernelContext, Mismatch } from './function-definition.ts'
import { any, form, forms } from './input-strategies.ts'
import { likeKernel, likeToRegExp } from './like-pattern.ts'
import { BOOLEAN, notNull, nullableIfAnyArgument } from './output-strategies.ts'

/** Both sides as the one type they are compared in; `undefined` where Flink's generated code would not know how. */
export function comparedAs(a: LogicalType, b: LogicalType): LogicalType | undefined {
  if (a.kind === 'NULL') return b
  if (b.kind === 'NULL') return a
  // The planner casts both to the least restrictive type, so a DOUBLE behind a FLOAT loses digits.
  for (const family of ['NUMERIC', 'TIMESTAMP'] as const) {
    if (isInFamily(a, family) && isInFamily(b, family)) return leastRestrictive([a, b])
  }
  if (isInFamily(a, 'CHARACTER') !== isInFamily(b, 'CHARACTER')) return isInFamily(a, 'CHARACTER') ? b : a
  if (isInFamily(a, 'STRING') || a.kind === 'TIME') return a
  return a.kind === b.kind ? a : undefined
}

function comparisonInput(operandCount: number, equality: boolean): InputStrategy {
  return {
    forms: [`(${Array(operandCount).fill('values of one type').join(', ')})`],
    count: [operandCount, operandCount],
    check: (args) => {
      for (let i = 1; i < args.length; i++) {
        if (!isComparable(args[i - 1]!.type, args[i]!.type)) return notComparable(args, i, 'validate')
        if (equality && mixesNumberAndString(args[i - 1]!.type, args[i]!.type)) return notComparable(args, i, 'codegen')
      }
      if (equality) return unreadableTime(args) ?? comparedTypes(args)
      return (operandCount === 2 && unorderedTypes(args)) || comparedTypes(args)
    },
  }
}

function notComparable(args: readonly Argument[], index: number, stage: Mismatch['stage']): Mismatch {
  return {
    code: 'TYP008',
    stage,
    argument: index,
    expected: [`a value comparable with ${printType(withNullability(args[index - 1]!.type, true))}`],
    found: printType(withNullability(args[index]!.type, true)),
  }
}

/** `<` and the like pass the validator for nested types, but have no generated code. */
function unorderedTypes(args: readonly Argument[]): Mismatch | undefined {
  const nested = args.findIndex(({ type }) => isInFamily(type, 'CONSTRUCTED'))
  if (nested < 0 || args.some(({ type }) => type.kind === 'NULL')) return undefined
  return { ...notComparable(args, 1, 'codegen'), argument: nested, expected: ['a value that has an order'] }
}

/** A string literal beside a time is read while Flink generates code for `=`. */
function unreadableTime(args: readonly Argument[]): Mismatch | undefined {
  for (const [i, { literal }] of args.entries()) {
    const other = args[1 - i]!.type
    if (typeof literal !== 'string' || !isInFamily(args[i]!.type, 'CHARACTER')) continue
    const readable =
      other.kind === 'DATE'
        ? parseDate(literal)
        : other.kind === 'TIME'
          ? parseTimeOfDay(literal)
          : !isInFamily(other, 'TIMESTAMP') || parseTimestamp(literal, 9)
    if (readable === undefined) return { ...notComparable(args, 1, 'codegen'), argument: i, found: `'${literal}'` }
  }
  return undefined
}

function mixesNumberAndString(a: LogicalType, b: LogicalType): boolean {
  return (
    (isInFamily(a, 'NUMERIC') && isInFamily(b, 'CHARACTER')) || (isInFamily(a, 'CHARACTER') && isInFamily(b, 'NUMERIC'))
  )
}

/** Each argument as the type it is compared in, where all have one. */
function comparedTypes(args: readonly Argument[]): readonly LogicalType[] {
  let shared: LogicalType | undefined = args[0]!.type
  for (const { type } of args.slice(1)) shared = shared && comparedAs(shared, type)
  // Strings and bytes are compared as they are: a cast to a fixed length would fill them up.
  if (shared === undefined || shared.kind === 'ROW' || isInFamily(shared, 'STRING')) return args.map(({ type }) => type)
  return args.map(({ type }) => withNullability(shared, type.nullable || type.kind === 'NULL'))
}

function comparisonKernel(test: (order: number) => boolean): FunctionDefinition['kernel'] {
  return ({ argumentTypes }) => {
    const [type] = argumentTypes
    if (type!.kind === 'ROW') {
      const equal = rowsEqual(type!)
      return ([a, b]) => {
        const same = equal(a!, b!)
        return same === null ? null : test(same ? 0 : 1)
      }
    }
    const compare = comparisonOf(argumentTypes[0]!)
    return ([a, b]) => test(compare(a!, b!))
  }
}

function comparison(
  name: string,
  equality: boolean,
  test: (order: number) => boolean,
  doc: string,
): FunctionDefinition {
  return {
    name,
    kind: 'scalar',
    category: 'comparison',
    syntax: 'binary',
    input: comparisonInput(2, equality),
    output: nullableIfAnyArgument(BOOLEAN),
    nullRule: 'strict',
    deterministic: true,
    doc,
    example: `amount ${name} 10`,
    kernel: comparisonKernel(test)!,
    emit: emitComparison(name),
  }
}

const equalityInput = comparisonInput(2, true)

/** Generated as it is written, not as `=`: FLOAT beside DOUBLE keeps all digits. */
const distinctInput: InputStrategy = {
  ...equalityInput,
  check: (args, place) => {
    const received = equalityInput.check(args, place)
    if ('code' in received || !args.some(({ type }) => type.kind === 'DOUBLE')) return received
    return received.map((type) => (type.kind === 'FLOAT' ? { kind: 'DOUBLE', nullable: type.nullable } : type))
  },
}

function distinctFrom(name: string, distinct: boolean): FunctionDefinition {
  return {
    name,
    kind: 'scalar',
    category: 'comparison',
    syntax: 'binary',
    input: distinctInput,
    output: notNull(BOOLEAN),
    nullRule: 'custom',
    deterministic: true,
    doc: `Whether two values ${distinct ? 'differ' : 'are the same'}, where NULL is the same as NULL.`,
    example: `city ${name} country`,
    kernel: ({ argumentTypes }) => {
      const compare = comparisonOf(argumentTypes[0]!)
      return ([a, b]) => (a === null || b === null ? a !== b : compare(a!, b!) !== 0) === distinct
    },
    emit: emitDistinct(distinct),
  }
}

function between(name: string, negated: boolean, symmetric: boolean): FunctionDefinition {
  return {
    name,
    kind: 'scalar',
    category: 'comparison',
    syntax: 'special',
    input: comparisonInput(3, false),
    output: nullableIfAnyArgument(BOOLEAN),
    nullRule: 'custom',
    deterministic: true,
    doc: `Whether a value lies ${negated ? 'outside' : 'within'} two bounds, which belong to the range${symmetric ? '; the bounds may come in any order' : ''}.`,
    example: `amount ${name} 10 AND 20`,
    kernel: ({ argumentTypes }) => betweenKernel(argumentTypes[0]!, negated, symmetric),
  }
}

/** NOT BETWEEN is `x < low OR x > high`: with NaN both it and BETWEEN are false. */
function betweenKernel(type: LogicalType, negated: boolean, symmetric: boolean) {
  const compare = comparisonOf(type)
  const test = (a: Value, b: Value, holds: (order: number) => boolean) =>
    a === null || b === null ? null : holds(compare(a, b))
  const within = (x: Value, low: Value, high: Value) =>
    negated
      ? or(
          test(x, low, (order) => order < 0),
          test(x, high, (order) => order > 0),
        )
      : and(
          test(x, low, (order) => order >= 0),
          test(x, high, (order) => order <= 0),
        )
  const join = negated ? and : or
  return ([x, low, high]: readonly Value[]): Value => {
    const first = within(x!, low!, high!)
    return symmetric ? join(first, within(x!, high!, low!)) : first
  }
}

/** Three-valued logic, `null` for UNKNOWN. */
export function and(a: boolean | null, b: boolean | null): boolean | null {
  if (a === false || b === false) return false
  return a === null || b === null ? null : true
}

export function or(a: boolean | null, b: boolean | null): boolean | null {
  if (a === true || b === true) return true
  return a === null || b === null ? null : false
}

function inList(name: string, negated: boolean): FunctionDefinition {
  return {
    name,
    kind: 'scalar',
    category: 'comparison',
    syntax: 'special',
    input: {
      forms: ['(value, list of values of one type)'],
      count: [2, Number.POSITIVE_INFINITY],
      check: checkInList,
    },
    output: nullableIfAnyArgument(BOOLEAN),
    nullRule: 'custom',
    deterministic: true,
    doc: `Whether a value is ${negated ? 'none' : 'one'} of a list.`,
    example: `country ${name} ('NL', 'BE')`,
    kernel: ({ argumentTypes }) => inKernel(argumentTypes[0]!, negated),
  }
}

function checkInList(args: readonly Argument[]): readonly LogicalType[] | Mismatch {
  const shared = leastRestrictive(args.slice(1).map(({ type }) => type))
  if (shared === undefined && args.slice(1).some(({ type }) => type.kind !== 'NULL')) {
    return { code: 'TYP003', stage: 'validate', expected: ['values of one type'], found: printTypes(args.slice(1)) }
  }
  if (shared && !isComparable(args[0]!.type, shared)) return notComparable([args[0]!, { type: shared }], 1, 'validate')
  const compared = shared ? comparedAs(args[0]!.type, shared) : args[0]!.type
  // A number beside strings is compared as text.
  if (compared && shared && mixesNumberAndString(args[0]!.type, shared)) {
    return args.map(({ type }) => ({
      kind: 'VARCHAR',
      length: MAX_LENGTH,
      nullable: type.nullable || type.kind === 'NULL',
    }))
  }
  if (compared && isInFamily(compared, 'STRING')) return args.map(({ type }) => type)
  return args.map(({ type }) => withNullability(compared ?? type, type.nullable || type.kind === 'NULL'))
}

export function printTypes(args: readonly Argument[]): string {
  return args.map(({ type }) => printType(withNullability(type, true))).join(', ')
}

function inKernel(type: LogicalType, negated: boolean) {
  if (type.kind === 'ROW') return rowInKernel(type, negated)
  const compare = comparisonOf(type)
  return ([x, ...list]: readonly Value[]): Value => {
    if (x === null) return null
    let unknown = false
    for (const y of list) {
      if (y === null) unknown = true
      else if (compare(x!, y) === 0) return !negated
    }
    return unknown ? null : negated
  }
}

/** Rows are compared field by field, a NULL field leaves it unknown unless another one differs. */
function rowsEqual(type: TypeOf<'ROW'>): (a: Value, b: Value) => boolean | null {
  const fields = type.fields.map((field) => comparisonOf(field.type))
  return (a, b) => {
    const other = b as readonly Value[]
    let result: boolean | null = true
    for (const [i, x] of (a as readonly Value[]).entries()) {
      const y = other[i]!
      result = and(result, x === null || y === null ? null : fields[i]!(x, y) === 0)
    }
    return result
  }
}

function rowInKernel(type: TypeOf<'ROW'>, negated: boolean) {
  const equal = rowsEqual(type)
  return ([x, ...list]: readonly Value[]): Value => {
    if (x === null) return null
    let found: boolean | null = false
    for (const y of list) found = or(found, y === null ? null : equal(x!, y))
    return found === null ? null : found !== negated
  }
}

function nullTest(name: string, isNull: boolean): FunctionDefinition {
  return {
    name,
    kind: 'scalar',
    category: 'comparison',
    syntax: 'postfix',
    input: forms(form(any)),
    output: notNull(BOOLEAN),
    nullRule: 'custom',
    deterministic: true,
    doc: `Whether a value is ${isNull ? '' : 'not '}NULL.`,
    example: `email ${name}`,
    kernel:
      () =>
      ([x]) =>
        (x === null) === isNull,
    emit: ([x], result) =>
      result.carrier === 'int32'
        ? `${result.value} = ${isNull ? '' : '!'}(${x!.isNull}) ? 1 : 0; ${result.isNull} = false;`
        : undefined,
  }
}

/** Flink compiles a literal pattern while it generates code. */
function unreadablePattern(args: readonly Argument[]): Mismatch | undefined {
  const [, pattern, escapeCharacter] = args.map(({ literal }) => literal)
  if (typeof pattern !== 'string' || typeof escapeCharacter !== 'string') return undefined
  try {
    likeToRegExp(pattern, escapeCharacter)
    return undefined
  } catch {
    const expected = ['one escape character, before %, _ or itself']
    return { code: 'TYP006', stage: 'codegen', argument: 2, expected, found: `'${escapeCharacter}'` }
  }
}

function like(name: string, negated: boolean, similar: boolean): FunctionDefinition {
  const anyString: InputStrategy = forms(
    form(stringFamily, stringFamily),
    form(stringFamily, stringFamily, stringFamily),
  )
  return {
    name,
    kind: 'scalar',
    category: 'comparison',
    syntax: 'special',
    input: {
      ...anyString,
      check: (args, place) => {
        const received = anyString.check(args, place)
        if ('code' in received) return received
        for (let i = 1; i < args.length; i++) {
          if (!isComparable(args[i - 1]!.type, args[i]!.type)) return notComparable(args, i, 'validate')
        }
        return unreadablePattern(args) ?? received
      },
    },
    output: nullableIfAnyArgument(BOOLEAN),
    nullRule: 'strict',
    deterministic: true,
    doc: similar
      ? `Whether a string ${negated ? 'does not match' : 'matches'} a SQL regular expression.`
      : `Whether a string ${negated ? 'does not match' : 'matches'} a pattern, where % stands for any text and _ for one character.`,
    example: `name ${name} 'A%'`,
    ...(similar ? {} : { kernel: (context: KernelContext) => likeKernel(context, negated) }),
  }
}

const stringFamily = {
  label: 'a string',
  accept: ({ type }: Argument) => (isInFamily(type, 'STRING') ? type : undefined),
}

export const comparisonFunctions: readonly FunctionDefinition[] = [
  comparison('=', true, (order) => order === 0, 'Whether two values are equal; NULL when one is NULL.'),
  comparison('<>', true, (order) => order !== 0, 'Whether two values differ; NULL when one is NULL.'),
  comparison('<', false, (order) => order < 0, 'Whether the first value is less than the second.'),
  comparison('<=', false, (order) => order <= 0, 'Whether the first value is at most the second.'),
  comparison('>', false, (order) => order > 0, 'Whether the first value is greater than the second.'),
  comparison('>=', false, (order) => order >= 0, 'Whether the first value is at least the second.'),
  nullTest('IS NULL', true),
  nullTest('IS NOT NULL', false),
  distinctFrom('IS DISTINCT FROM', true),
  distinctFrom('IS NOT DISTINCT FROM', false),
  between('BETWEEN', false, false),
  between('NOT BETWEEN', true, false),
  between('BETWEEN SYMMETRIC', false, true),
  between('NOT BETWEEN SYMMETRIC', true, true),
  like('LIKE', false, false),
  like('NOT LIKE', true, false),
  like('SIMILAR TO', false, true),
  like('NOT SIMILAR TO', true, true),
  inList('IN', false),
  inList('NOT IN', true),
]

export function findComparison(name: string): FunctionDefinition {
  return comparisonFunctions.find((definition) => definition.name === name)!
}
