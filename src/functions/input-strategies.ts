// How calls check their arguments: rules for one argument, and forms of rules for a whole call. Two schools, as in Flink: operators that
// come from its SQL validator take exactly a family of types (`family`); Flink's own functions also cast implicitly (`castTo…`).

import { supportsAvoidingCast, supportsImplicitCast } from '../types/casts.ts'
import { commonType } from '../types/common-type.ts'
import type { LogicalType, TypeKind } from '../types/logical-type.ts'
import { withNullability } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import { isInFamily, numericPrecision, type TypeFamily } from '../types/type-family.ts'
import type { Argument, InputStrategy, Mismatch } from './function-definition.ts'

/** Checks one argument: the type the function receives, or `undefined`. `label` is what a user reads: `a number`. */
export type ArgumentRule = {
  readonly label: string
  readonly accept: (argument: Argument, all: readonly Argument[], index: number) => LogicalType | undefined
}

/** One way to call: `rest` may follow any number of times. */
export type Form = { readonly rules: readonly ArgumentRule[]; readonly rest?: ArgumentRule }

const familyLabels: Readonly<Record<TypeFamily, string>> = {
  ANY: 'any value',
  BOOLEAN: 'BOOLEAN',
  CHARACTER: 'a string',
  BINARY: 'bytes',
  STRING: 'a string or bytes',
  INTEGER: 'a whole number',
  EXACT_NUMERIC: 'a whole number or DECIMAL',
  APPROXIMATE_NUMERIC: 'FLOAT or DOUBLE',
  NUMERIC: 'a number',
  DATE: 'DATE',
  TIME: 'TIME',
  TIMESTAMP: 'a timestamp',
  DATETIME: 'a date, time or timestamp',
  INTERVAL: 'an interval',
  ARRAY: 'an array',
  MAP: 'a map',
  MULTISET: 'a multiset',
  CONSTRUCTED: 'an array, map or row',
}

/** Exactly a type of the family; a bare NULL fits only ANY. */
export function family(name: TypeFamily): ArgumentRule {
  return {
    label: familyLabels[name],
    accept: ({ type }) => (isInFamily(type, name) && (type.kind !== 'NULL' || name === 'ANY') ? type : undefined),
  }
}

/** Exactly a type of the family, received as another type: numbers as DOUBLE, strings as one type. */
export function familyAs(name: TypeFamily, received: (type: LogicalType) => LogicalType): ArgumentRule {
  const exact = family(name)
  return {
    label: exact.label,
    accept: (argument, all, index) => {
      const type = exact.accept(argument, all, index)
      return type && received(type)
    },
  }
}

export const any = family('ANY')
export const string = family('CHARACTER')
export const number = family('NUMERIC')
export const integer = family('INTEGER')
export const boolean = family('BOOLEAN')

/** A number of any kind, received as DOUBLE. */
export const numberAsDouble = familyAs('NUMERIC', (type) => ({ kind: 'DOUBLE', nullable: type.nullable }))

/** A whole number of any width, received as INT (Flink's generated code narrows it the Java way). */
export const integerAsInt = familyAs('INTEGER', (type) => ({ kind: 'INTEGER', nullable: type.nullable }))

/** A type of the family, or one implicitly cast to the family's own type (a bare NULL always is). */
export function castToFamily(name: TypeFamily): ArgumentRule {
  return {
    label: familyLabels[name],
    accept: ({ type }) => {
      if (isInFamily(type, name)) return type
      const fallback = familyFallback[name]
      return fallback && castTo(type, fallback)
    },
  }
}

/** What a bare NULL, or a type outside the family, is cast to. */
const familyFallback: Partial<Readonly<Record<TypeFamily, TypeKind>>> = {
  NUMERIC: 'TINYINT',
  INTEGER: 'TINYINT',
  EXACT_NUMERIC: 'TINYINT',
  CHARACTER: 'VARCHAR',
  BINARY: 'VARBINARY',
  APPROXIMATE_NUMERIC: 'DOUBLE',
  TIMESTAMP: 'TIMESTAMP',
  TIME: 'TIME',
}

const kindLabels: Partial<Readonly<Record<TypeKind, string>>> = {
  INTEGER: 'INT',
  VARCHAR: 'STRING',
  VARBINARY: 'BYTES',
}

/** A type of the kind, or one implicitly cast to it. `notNull`: refuses what may be NULL. */
export function castToKind(kind: TypeKind, notNull = false): ArgumentRule {
  const label = kindLabels[kind] ?? kind
  return {
    label: notNull ? `${label} NOT NULL` : label,
    accept: ({ type }) => (notNull && type.nullable ? undefined : castTo(type, kind)),
  }
}

/** Exactly this type, or one implicitly cast to it. */
export function castToType(target: LogicalType): ArgumentRule {
  return {
    label: printType(target),
    accept: ({ type }) => implicitly(type, target),
  }
}

function castTo(from: LogicalType, kind: TypeKind): LogicalType | undefined {
  const target = from.kind === kind ? from : typeOfKind(from, kind)
  if (target === undefined) return undefined
  const sameNull = withNullability(target, from.nullable || from.kind === 'NULL')
  return implicitly(from, sameNull)
}

/** What is received where `target` is asked for: the value's own type when it needs no cast. `undefined` when no cast is made silently. */
export function implicitly(from: LogicalType, target: LogicalType): LogicalType | undefined {
  if (supportsAvoidingCast(from, target)) return from
  return supportsImplicitCast(from, target) ? target : undefined
}

/** The type of a kind nearest to `from`: lengths and precisions are kept where they have a meaning. */
function typeOfKind(from: LogicalType, kind: TypeKind): LogicalType | undefined {
  const nullable = from.nullable
  switch (kind) {
    case 'CHAR':
    case 'BINARY':
      return { kind, length: 1, nullable }
    case 'VARCHAR':
      return { kind, length: from.kind === 'CHAR' ? from.length : 1, nullable }
    case 'VARBINARY':
      return { kind, length: from.kind === 'BINARY' ? from.length : 1, nullable }
    case 'DECIMAL': {
      if (isInFamily(from, 'EXACT_NUMERIC')) return { kind, ...numericPrecision(from), nullable }
      if (!isInFamily(from, 'APPROXIMATE_NUMERIC')) return { kind, precision: 1, scale: 0, nullable }
      const { precision } = numericPrecision(from)
      return { kind, precision: precision * 2, scale: precision, nullable }
    }
    case 'TIME':
      return { kind, precision: from.kind === 'TIMESTAMP' ? from.precision : 0, nullable }
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return { kind, precision: 6, nullable }
    case 'INTERVAL':
    case 'ARRAY':
    case 'MULTISET':
    case 'MAP':
    case 'ROW':
    case 'STRUCTURED':
    case 'RAW':
      return undefined
    default:
      return { kind, nullable }
  }
}

/** Also a literal, of the rule's type. */
export function literal(rule: ArgumentRule): ArgumentRule {
  return {
    label: `${rule.label} written as a literal`,
    accept: (argument, all, index) =>
      argument.literal === undefined || argument.literal === null ? undefined : rule.accept(argument, all, index),
  }
}

/** A keyword of the grammar (`DAY`, `BOTH`), given as a SYMBOL literal. */
export function symbol(...names: readonly string[]): ArgumentRule {
  return {
    label: names.join(', '),
    accept: ({ type, literal: name }) =>
      type.kind === 'SYMBOL' && (names.length === 0 || names.includes(String(name))) ? type : undefined,
  }
}

/** The first rule that accepts. */
export function either(...rules: readonly ArgumentRule[]): ArgumentRule {
  return {
    label: rules.map((rule) => rule.label).join(' or '),
    accept: (argument, all, index) => {
      for (const rule of rules) {
        const type = rule.accept(argument, all, index)
        if (type) return type
      }
      return undefined
    },
  }
}

/** Whatever has a common type with all other arguments; received as that type with its own nullability. */
export const common: ArgumentRule = {
  label: 'values of one type',
  accept: ({ type }, all) => {
    const shared = commonType(all.map((argument) => argument.type))
    return shared && implicitly(type, withNullability(shared, type.nullable || type.kind === 'NULL'))
  },
}

export function form(...rules: readonly ArgumentRule[]): Form {
  return { rules }
}

/** `rules`, then any number of `rest`. */
export function varying(rest: ArgumentRule, ...rules: readonly ArgumentRule[]): Form {
  return { rules, rest }
}

/** The first form that accepts all arguments. */
export function forms(...all: readonly Form[]): InputStrategy {
  const least = Math.min(...all.map((f) => f.rules.length))
  const most = Math.max(...all.map((f) => (f.rest ? Number.POSITIVE_INFINITY : f.rules.length)))
  return {
    forms: all.map(printForm),
    count: [least, most],
    check: (args) => {
      let best: Mismatch | undefined
      for (const f of all) {
        const result = checkForm(f, args)
        if (!('code' in result)) return result
        if (!best || (result.argument ?? -1) > (best.argument ?? -1)) best = result
        else if (best.argument === result.argument) best = { ...best, expected: merged(best.expected, result.expected) }
      }
      return best!
    },
  }
}

function merged(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])].slice(0, 5)
}

function checkForm(f: Form, args: readonly Argument[]): readonly LogicalType[] | Mismatch {
  if (args.length < f.rules.length || (args.length > f.rules.length && !f.rest)) {
    return { code: 'TYP001', stage: 'validate', expected: [printForm(f)], found: `${args.length} arguments` }
  }
  const received: LogicalType[] = []
  for (const [index, argument] of args.entries()) {
    const rule = f.rules[index] ?? f.rest!
    const type = rule.accept(argument, args, index)
    if (type === undefined) return argumentMismatch(argument, index, [rule.label])
    received.push(type)
  }
  return received
}

function printForm(f: Form): string {
  const labels = f.rules.map((rule) => rule.label)
  if (f.rest) labels.push(`${f.rest.label} …`)
  return `(${labels.join(', ')})`
}

/** The mismatch of one argument; a bare NULL gets its own code and hint. */
export function argumentMismatch(argument: Argument, index: number, expected: readonly string[]): Mismatch {
  const base = { stage: 'validate', argument: index, expected, found: printType(argument.type) } as const
  if (argument.type.kind === 'NULL') {
    return { ...base, code: 'TYP005', found: 'NULL', hint: 'Give NULL a type with CAST(NULL AS …).' }
  }
  return { ...base, code: 'TYP002' }
}
