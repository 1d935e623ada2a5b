// JSON functions. Clauses arrive as SYMBOL literals: `NULL ON EMPTY`, `DEFAULT ON ERROR` followed by the default's value,
// `WITH CONDITIONAL ARRAY WRAPPER`; the constructors' first argument is `NULL ON NULL` or `ABSENT ON NULL`. RETURNING is `place.target`.
import { type LogicalType, withNullability } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import { isInFamily } from '../types/type-family.ts'
import type { Argument, FunctionDefinition, Mismatch, OutputStrategy } from './function-definition.ts'
import { argumentMismatch, castToFamily, castToKind, either, form, forms, string } from './input-strategies.ts'
import * as kernels from './json-kernels.ts'
import { BOOLEAN, notNull, nullable, nullableIfAnyArgument, STRING, VARIANT } from './output-strategies.ts'
import { scalar } from './scalar-function.ts'

const text = castToFamily('CHARACTER')

/** What JSON_STRING, JSON_OBJECT and the like can write. */
const jsonValue = either(
  castToFamily('CHARACTER'),
  castToFamily('BINARY'),
  { label: 'a timestamp', accept: ({ type }) => (isInFamily(type, 'TIMESTAMP') ? type : undefined) },
  { label: 'an array, map or row', accept: ({ type }) => (isInFamily(type, 'CONSTRUCTED') ? type : undefined) },
  { label: 'a number', accept: ({ type }) => (isInFamily(type, 'NUMERIC') ? type : undefined) },
  { label: 'BOOLEAN', accept: ({ type }) => (type.kind === 'BOOLEAN' ? type : undefined) },
  {
    label: 'VARIANT',
    accept: ({ type }) => (type.kind === 'VARIANT' || type.kind === 'STRUCTURED' ? type : undefined),
  },
)

/** The generated code refuses dates, times and intervals anywhere in a value. */
export function checkJsonValue(argument: Argument, index: number): Mismatch | undefined {
  const { type } = argument
  if (type.kind === 'NULL') return argumentMismatch(argument, index, ['a value with a type'])
  if (type.kind === 'DATE' || type.kind === 'TIME' || type.kind === 'INTERVAL') {
    return {
      code: 'TYP002',
      stage: 'codegen',
      argument: index,
      expected: ['a string, number, BOOLEAN, bytes, timestamp, array, map or row'],
      found: printType(withNullability(type, true)),
      hint: 'Cast it to STRING.',
    }
  }
  return undefined
}

/** (input, path, clauses …): the two strings are checked, clauses come from the grammar. */
function checkPathCall(args: readonly Argument[]): readonly LogicalType[] | Mismatch {
  for (const [i, argument] of args.slice(0, 2).entries()) {
    if (!isInFamily(argument.type, 'CHARACTER')) return argumentMismatch(argument, i, ['a string'])
  }
  return args.map(({ type }) => type)
}

/** JSON_EXISTS has generated code for a path written in the query only. */
const literalPathInput = {
  forms: ['(json, path, clauses …)'],
  count: [2, 8] as const,
  check: (args: readonly Argument[]) => {
    const checked = checkPathCall(args)
    if ('code' in checked || typeof args[1]!.literal === 'string') return checked
    return { ...argumentMismatch(args[1]!, 1, ['a path written as a literal']), stage: 'codegen' as const }
  },
}

const pathInput = { forms: ['(json, path, clauses …)'], count: [2, 8] as const, check: checkPathCall }

/** The generated code knows few types after RETURNING. */
const returning =
  (supported: (type: LogicalType) => boolean, stage: Mismatch['stage'], expected: readonly string[]): OutputStrategy =>
  (_, _args, { target }) => {
    if (!target || supported(target)) return withNullability(target ?? STRING, true)
    return { code: 'TYP002', stage, expected, found: printType(withNullability(target, true)) }
  }

const isString = (type: LogicalType) => type.kind === 'VARCHAR' || type.kind === 'CHAR'
const scalarTypes = (type: LogicalType) => isString(type) || ['BOOLEAN', 'INTEGER', 'DOUBLE'].includes(type.kind)
const queryTypes = (type: LogicalType) => isString(type) || (type.kind === 'ARRAY' && isString(type.element))

function isJson(suffix: 'VALUE' | 'OBJECT' | 'ARRAY' | 'SCALAR', negated: boolean): FunctionDefinition {
  const name = `IS ${negated ? 'NOT ' : ''}JSON${suffix === 'VALUE' ? '' : ` ${suffix}`}`
  return scalar({
    name,
    ...(suffix === 'VALUE' && { aliases: [`${name} VALUE`] }),
    category: 'JSON',
    syntax: 'postfix',
    input: forms(form(string)),
    output: notNull(BOOLEAN),
    nullRule: 'custom',
    doc: `Whether a string ${negated ? 'is not' : 'is'} ${suffix === 'VALUE' ? 'JSON' : `a JSON ${suffix.toLowerCase()}`}.`,
    example: `payload ${name}`,
    kernel:
      () =>
      ([value]) =>
        (value !== null && kernels.isJson(value as string, suffix)) !== negated,
  })
}

function checkObject(args: readonly Argument[]): readonly LogicalType[] | Mismatch {
  for (const [i, argument] of args.entries()) {
    if (i % 2 === 0) {
      const wrong = i > 0 && checkJsonValue(argument, i)
      if (wrong) return wrong
    } else if (!isInFamily(argument.type, 'CHARACTER') || typeof argument.literal !== 'string') {
      return argumentMismatch(argument, i, ['a string written as a literal'])
    }
  }
  return args.map(({ type }) => type)
}

function checkArray(args: readonly Argument[]): readonly LogicalType[] | Mismatch {
  for (const [i, argument] of args.entries()) {
    const wrong = i > 0 && checkJsonValue(argument, i)
    if (wrong) return wrong
  }
  return args.map(({ type }) => type)
}

export const jsonFunctions: readonly FunctionDefinition[] = [
  ...(['VALUE', 'OBJECT', 'ARRAY', 'SCALAR'] as const).flatMap((suffix) => [
    isJson(suffix, false),
    isJson(suffix, true),
  ]),
  scalar({
    name: 'JSON_EXISTS',
    category: 'JSON',
    syntax: 'special',
    input: literalPathInput,
    output: nullableIfAnyArgument(BOOLEAN),
    nullRule: 'custom',
    doc: 'Whether a path finds something in a JSON text.',
    example: "JSON_EXISTS(payload, '$.user.id')",
    kernel: kernels.jsonExists,
  }),
  scalar({
    name: 'JSON_VALUE',
    category: 'JSON',
    syntax: 'special',
    input: pathInput,
    output: returning(scalarTypes, 'codegen', ['STRING', 'BOOLEAN', 'INT', 'DOUBLE']),
    nullRule: 'custom',
    doc: 'The scalar that a path finds in a JSON text.',
    example: "JSON_VALUE(payload, '$.user.id' RETURNING INTEGER)",
    kernel: kernels.jsonValue,
  }),
  scalar({
    name: 'JSON_QUERY',
    category: 'JSON',
    syntax: 'special',
    input: pathInput,
    output: returning(queryTypes, 'validate', ['STRING', 'ARRAY<STRING>']),
    nullRule: 'custom',
    doc: 'The object or array that a path finds in a JSON text.',
    example: "JSON_QUERY(payload, '$.items')",
    kernel: kernels.jsonQuery,
  }),
  scalar({
    name: 'JSON_STRING',
    category: 'JSON',
    input: {
      ...forms(form(jsonValue)),
      check: (args, place) =>
        checkJsonValue(args[0]!, 0)
          ? argumentMismatch(args[0]!, 0, [jsonValue.label])
          : forms(form(jsonValue)).check(args, place),
    },
    output: nullableIfAnyArgument(STRING),
    doc: 'A value as JSON text.',
    example: "JSON_STRING(MAP['a', 1])",
    kernel: kernels.jsonString,
  }),
  scalar({
    name: 'JSON_OBJECT',
    category: 'JSON',
    syntax: 'special',
    input: { forms: ['(KEY name VALUE value, …)'], count: [1, Number.POSITIVE_INFINITY], check: checkObject },
    output: () => withNullability(STRING, false),
    nullRule: 'custom',
    doc: 'A JSON object of keys and values.',
    example: "JSON_OBJECT('id' VALUE id)",
    kernel: kernels.jsonObject,
  }),
  scalar({
    name: 'JSON_ARRAY',
    category: 'JSON',
    syntax: 'special',
    input: { forms: ['(value, …)'], count: [1, Number.POSITIVE_INFINITY], check: checkArray },
    output: () => withNullability(STRING, false),
    nullRule: 'custom',
    doc: 'A JSON array of values.',
    example: 'JSON_ARRAY(id, name)',
    kernel: kernels.jsonArray,
  }),
  scalar({
    name: 'JSON',
    category: 'JSON',
    input: forms(form(text)),
    output: nullableIfAnyArgument(STRING),
    doc: 'Inside JSON_OBJECT and JSON_ARRAY: text that is JSON already and is not quoted again.',
    example: "JSON_OBJECT('raw' VALUE JSON(payload))",
    kernel: kernels.jsonOfText,
  }),
  scalar({
    name: 'JSON_QUOTE',
    category: 'JSON',
    input: forms(form(text)),
    output: nullableIfAnyArgument(STRING),
    doc: 'The string as a JSON string, with quotes.',
    example: 'JSON_QUOTE(name)',
    kernel:
      () =>
      ([value]) =>
        kernels.jsonQuote(value as string),
  }),
  scalar({
    name: 'JSON_UNQUOTE',
    category: 'JSON',
    input: forms(form(text)),
    output: nullableIfAnyArgument(STRING),
    doc: 'The string that a JSON string stands for; a text that is none stays as it is.',
    example: 'JSON_UNQUOTE(quoted)',
    kernel:
      () =>
      ([value]) =>
        kernels.jsonUnquote(value as string),
  }),
  scalar({
    name: 'PARSE_JSON',
    category: 'variant',
    input: forms(form(text), form(text, castToKind('BOOLEAN'))),
    output: nullableIfAnyArgument(VARIANT),
    doc: 'A JSON text as VARIANT; the job stops when it is malformed.',
    example: 'PARSE_JSON(payload)',
  }),
  scalar({
    name: 'TRY_PARSE_JSON',
    category: 'variant',
    input: forms(form(text), form(text, castToKind('BOOLEAN'))),
    output: nullable(VARIANT),
    doc: 'A JSON text as VARIANT, NULL when it is malformed.',
    example: 'TRY_PARSE_JSON(payload)',
  }),
]
