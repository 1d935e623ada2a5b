// Functions the local engine does not run: bitmaps, structured objects, process table functions, models. They type-check.
import { type LogicalType, type TypeOf, withNullability } from '../types/logical-type.ts'
import type { Argument, FunctionDefinition, Mismatch, OutputStrategy } from './function-definition.ts'
import {
  any,
  argumentMismatch,
  castToFamily,
  castToKind,
  castToType,
  form,
  forms,
  varying,
} from './input-strategies.ts'
import { BIGINT, BITMAP, BYTES, nullable, nullableIfAnyArgument, STRING } from './output-strategies.ts'
import { scalar } from './scalar-function.ts'

const bitmap = castToKind('BITMAP')
const arrayOfInt = (isNullable: boolean): LogicalType => ({
  kind: 'ARRAY',
  element: { kind: 'INTEGER', nullable: true },
  nullable: isNullable,
})

function bitmapFunction(
  name: string,
  input: FunctionDefinition['input'],
  type: LogicalType,
  doc: string,
): FunctionDefinition {
  return scalar({ name, category: 'bitmap', input, output: nullableIfAnyArgument(type), doc, example: `${name}(bits)` })
}

function bitmapAggregate(
  name: string,
  input: FunctionDefinition['input'],
  type: LogicalType,
  doc: string,
): FunctionDefinition {
  return {
    name,
    kind: 'aggregate',
    category: 'bitmap',
    syntax: 'function',
    input,
    output: nullable(type),
    nullRule: 'strict',
    deterministic: true,
    doc,
    example: `${name}(bits)`,
  }
}

const one = forms(form(bitmap))
const two = forms(form(bitmap, bitmap))

/** OBJECT_OF(class, name, value, …): a structured type of literal names. */
function checkObjectOf(args: readonly Argument[]): readonly LogicalType[] | Mismatch {
  for (const [i, argument] of args.entries()) {
    if ((i === 0 || i % 2 === 1) && typeof argument.literal !== 'string') {
      return argumentMismatch(argument, i, ['a string written as a literal'])
    }
  }
  if (args.length % 2 === 0)
    return {
      code: 'TYP001',
      stage: 'validate',
      expected: ['names and values in pairs'],
      found: `${args.length} arguments`,
    }
  return args.map(({ type }) => type)
}

const objectType: OutputStrategy = (received, args) => {
  const fields = []
  for (let i = 1; i + 1 < args.length; i += 2) fields.push({ name: String(args[i]!.literal), type: received[i + 1]! })
  return { kind: 'STRUCTURED', className: String(args[0]!.literal), fields, nullable: false }
}

/** OBJECT_UPDATE(object, name, value, …): the attributes take the new values' types. */
function checkObjectUpdate(args: readonly Argument[]): readonly LogicalType[] | Mismatch {
  const object = args[0]!.type
  if (object.kind !== 'STRUCTURED') return argumentMismatch(args[0]!, 0, ['a structured object'])
  for (let i = 1; i < args.length; i += 2) {
    const name = args[i]!.literal
    if (!object.fields.some((field) => field.name === name)) {
      return argumentMismatch(args[i]!, i, object.fields.map((field) => `'${field.name}'`).slice(0, 5))
    }
  }
  return args.map(({ type }) => type)
}

const updatedType: OutputStrategy = (received, args) => {
  const object = received[0] as TypeOf<'STRUCTURED'>
  const fields = object.fields.map((field) => {
    const at = args.findIndex((argument, i) => i % 2 === 1 && argument.literal === field.name)
    return at < 0 ? field : { name: field.name, type: received[at + 1]! }
  })
  return { ...object, fields }
}

function tableFunction(
  name: string,
  kind: FunctionDefinition['kind'],
  doc: string,
  example: string,
  output: OutputStrategy,
): FunctionDefinition {
  return {
    name,
    kind,
    category: 'table',
    syntax: 'special',
    input: forms(varying(any)),
    output,
    nullRule: 'custom',
    deterministic: true,
    doc,
    example,
  }
}

/** A row per element: the element's fields, or one column (an entry of a map has two, one of a multiset its element). */
const unnestedRow: OutputStrategy = ([type]) => {
  if (type?.kind === 'MAP') {
    return {
      kind: 'ROW',
      fields: [
        { name: 'f0', type: type.key },
        { name: 'f1', type: type.value },
      ],
      nullable: false,
    }
  }
  if (type?.kind !== 'ARRAY' && type?.kind !== 'MULTISET') return { kind: 'ROW', fields: [], nullable: false }
  if (type.element.kind === 'ROW') return withNullability(type.element, false)
  return { kind: 'ROW', fields: [{ name: 'f0', type: type.element }], nullable: false }
}
const emptyRow: OutputStrategy = () => ({ kind: 'ROW', fields: [], nullable: false })

export const otherFunctions: readonly FunctionDefinition[] = [
  bitmapFunction('BITMAP_AND', two, BITMAP, 'The numbers in both bitmaps.'),
  bitmapFunction('BITMAP_ANDNOT', two, BITMAP, 'The numbers in the first bitmap and not in the second.'),
  bitmapFunction('BITMAP_OR', two, BITMAP, 'The numbers in one of two bitmaps.'),
  bitmapFunction('BITMAP_XOR', two, BITMAP, 'The numbers in exactly one of two bitmaps.'),
  bitmapFunction(
    'BITMAP_BUILD',
    forms(form(castToType(arrayOfInt(false))), form(castToType(arrayOfInt(true)))),
    BITMAP,
    'A bitmap of an array of INT.',
  ),
  bitmapFunction('BITMAP_CARDINALITY', one, BIGINT, 'How many numbers a bitmap holds.'),
  bitmapFunction('BITMAP_FROM_BYTES', forms(form(castToFamily('BINARY'))), BITMAP, 'A bitmap from its bytes.'),
  bitmapFunction('BITMAP_TO_ARRAY', one, arrayOfInt(true), 'The numbers of a bitmap as an array.'),
  bitmapFunction('BITMAP_TO_BYTES', one, BYTES, 'The bytes of a bitmap.'),
  bitmapFunction('BITMAP_TO_STRING', one, STRING, 'The numbers of a bitmap as text.'),
  bitmapAggregate('BITMAP_AND_AGG', one, BITMAP, 'The numbers in all bitmaps.'),
  bitmapAggregate('BITMAP_AND_CARDINALITY_AGG', one, BIGINT, 'How many numbers are in all bitmaps.'),
  bitmapAggregate('BITMAP_BUILD_AGG', forms(form(castToKind('INTEGER'))), BITMAP, 'A bitmap of all values.'),
  bitmapAggregate(
    'BITMAP_BUILD_CARDINALITY_AGG',
    forms(form(castToKind('INTEGER'))),
    BIGINT,
    'How many distinct values there are.',
  ),
  bitmapAggregate('BITMAP_OR_AGG', one, BITMAP, 'The numbers in any bitmap.'),
  bitmapAggregate('BITMAP_OR_CARDINALITY_AGG', one, BIGINT, 'How many numbers are in any bitmap.'),
  bitmapAggregate('BITMAP_XOR_AGG', one, BITMAP, 'The numbers in an odd number of bitmaps.'),
  bitmapAggregate('BITMAP_XOR_CARDINALITY_AGG', one, BIGINT, 'How many numbers are in an odd number of bitmaps.'),
  scalar({
    name: 'OBJECT_OF',
    category: 'value construction',
    input: { forms: ["('class', 'name', value, …)"], count: [1, Number.POSITIVE_INFINITY], check: checkObjectOf },
    output: objectType,
    nullRule: 'custom',
    doc: 'A structured object of a class with named attributes.',
    example: "OBJECT_OF('com.acme.User', 'name', name)",
  }),
  scalar({
    name: 'OBJECT_UPDATE',
    category: 'value construction',
    input: { forms: ["(object, 'name', value, …)"], count: [3, Number.POSITIVE_INFINITY], check: checkObjectUpdate },
    output: updatedType,
    nullRule: 'custom',
    doc: 'A structured object with some attributes replaced.',
    example: "OBJECT_UPDATE(account, 'name', name)",
  }),
  scalar({
    name: 'CURRENT_DATABASE',
    category: 'auxiliary',
    input: forms(form()),
    output: () => withNullability(STRING, false),
    nullRule: 'custom',
    deterministic: false,
    doc: 'The name of the current database.',
    example: 'CURRENT_DATABASE()',
  }),
  tableFunction(
    'UNNEST',
    'table',
    'A row for each element of an array, map or multiset.',
    'UNNEST(items)',
    unnestedRow,
  ),
  tableFunction(
    'ML_PREDICT',
    'table',
    'Rows with the answers of a model added.',
    'ML_PREDICT(TABLE t, MODEL m, DESCRIPTOR(x))',
    emptyRow,
  ),
  tableFunction(
    'ML_EVALUATE',
    'table',
    'How well a model answers for labelled rows.',
    'ML_EVALUATE(TABLE t, MODEL m)',
    emptyRow,
  ),
  tableFunction(
    'VECTOR_SEARCH',
    'table',
    'The nearest rows of a vector table.',
    'VECTOR_SEARCH(TABLE t, DESCRIPTOR(v), q, 10)',
    emptyRow,
  ),
  tableFunction(
    'TO_CHANGELOG',
    'table',
    'A changing table as appended rows that name their change.',
    'TO_CHANGELOG(TABLE t)',
    emptyRow,
  ),
  tableFunction(
    'FROM_CHANGELOG',
    'table',
    'Appended rows that name their change as a changing table.',
    'FROM_CHANGELOG(TABLE t)',
    emptyRow,
  ),
]
