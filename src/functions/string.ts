// String functions. Positions count from 1 and in characters (code points), as in Flink.

import { containsNullable } from '../types/comparability.ts'
import { type LogicalType, MAX_LENGTH, type TypeOf, withNullability } from '../types/logical-type.ts'
import { isInFamily } from '../types/type-family.ts'
import type { Value } from '../types/value.ts'
import { codePointLength, position, sliceCodePoints, substring, toWellFormed } from './code-points.ts'
import type { Argument, FunctionDefinition, Kernel, OutputStrategy } from './function-definition.ts'
import {
  argumentMismatch,
  castToFamily,
  either,
  family,
  familyAs,
  form,
  forms,
  integerAsInt,
  string,
  symbol,
  varying,
} from './input-strategies.ts'
import { javaRegExp } from './java-regexp.ts'
import {
  argumentType,
  BOOLEAN,
  BYTES,
  forceNullable,
  INT,
  nullable,
  nullableIfAnyArgument,
  STRING,
  varyingOf,
} from './output-strategies.ts'
import { failedCall, scalar } from './scalar-function.ts'

const stringOrBytes = family('STRING')
const bytes = family('BINARY')
const anyString = castToFamily('CHARACTER')
const anyBytes = castToFamily('BINARY')
const anyInteger = castToFamily('INTEGER')
const bigint = familyAs('INTEGER', (type) => ({ kind: 'BIGINT', nullable: type.nullable }))

/** The string kept in its type; CHAR becomes VARCHAR; nullable always. */
const partOfFirst = forceNullable(varyingOf(argumentType(0)))

/** `a || b`: both lengths together; varying when one side is. */
const joinedType: OutputStrategy = ([a, b], args) => {
  const isNullable = args.some(({ type }) => containsNullable(type))
  if (a!.kind === 'ARRAY') return withNullability(a!, isNullable)
  const [first, second] = [a as TypeOf<'VARCHAR'>, b as TypeOf<'VARCHAR'>]
  const kind = second.kind.startsWith('VAR') ? second.kind : first.kind
  const total = first.length + second.length
  const varies = kind === 'VARCHAR' || (kind as string) === 'VARBINARY'
  // A length past the maximum means none given: of a varying type the maximum, of a fixed one 1.
  return { kind, length: total > MAX_LENGTH ? (varies ? MAX_LENGTH : 1) : total, nullable: isNullable }
}

function checkJoin(args: readonly Argument[]) {
  const [a, b] = [args[0]!, args[1]!]
  const sameFamily = (['CHARACTER', 'BINARY', 'ARRAY'] as const).find((name) => isInFamily(a.type, name))
  if (!sameFamily) return argumentMismatch(a, 0, ['a string', 'bytes', 'an array'])
  if (!isInFamily(b.type, sameFamily))
    return argumentMismatch(b, 1, [sameFamily === 'CHARACTER' ? 'a string' : sameFamily])
  // Bytes pass the validator, but there is no generated code for them.
  if (sameFamily === 'BINARY') return { ...argumentMismatch(a, 0, ['a string']), stage: 'codegen' as const }
  return [a.type, b.type]
}

const text = (value: Value | undefined) => value as string
const count = (value: Value | undefined) => value as number

function concatBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  const result = new Uint8Array(a.length + b.length)
  result.set(a)
  result.set(b, a.length)
  return result
}

const joinKernel: Kernel = ([a, b]) => {
  if (typeof a === 'string') return a + (b as string)
  if (a instanceof Uint8Array) return concatBytes(a, b as Uint8Array)
  return [...(a as readonly Value[]), ...(b as readonly Value[])]
}

/** Removes the characters of `set` from one or both ends. */
function trim(value: string, set: string, where: 'BOTH' | 'LEADING' | 'TRAILING'): string {
  const characters = [...value]
  const drop = new Set(set)
  let start = 0
  let end = characters.length
  if (where !== 'TRAILING') while (start < end && drop.has(characters[start]!)) start++
  if (where !== 'LEADING') while (end > start && drop.has(characters[end - 1]!)) end--
  return characters.slice(start, end).join('')
}

/** In UTF-16 units as Java does, so a pair may be cut. NULL for a negative length or nothing to pad with. */
function pad(base: string, length: number, padding: string, left: boolean): string | null {
  if (length < 0 || padding === '') return null
  const missing = Math.max(length - base.length, 0)
  const filling = padding.repeat(Math.ceil(missing / padding.length)).slice(0, missing)
  return toWellFormed(left ? filling + base.slice(0, length) : base.slice(0, length) + filling)
}

/** Words are runs of ASCII letters and digits; other characters stay as they are. */
function initcap(value: string): string {
  let start = true
  let result = ''
  for (const c of value) {
    if (/[A-Za-z0-9]/.test(c)) {
      result += start ? c.toUpperCase() : c.toLowerCase()
      start = false
    } else {
      result += c
      start = true
    }
  }
  return result
}

/** Where `part` occurs the nth time from a start, each search one character on; a negative start searches backwards from the end. */
function instr(value: string, part: string, start: number, occurrence: number): number {
  if (occurrence <= 0) throw failedCall('INSTR', 'the occurrence must be positive')
  if (start === 0) return 0
  if (start < 0) {
    const backwards = (s: string) => [...s].reverse().join('')
    const at = instr(backwards(value), backwards(part), -start, occurrence)
    return at === 0 ? 0 : codePointLength(value) + 2 - at - codePointLength(part)
  }
  let from = start
  let found = 0
  for (let i = 0; i < occurrence; i++) {
    found = position(part, value, from)
    if (found === 0) return 0
    from = found + 1
  }
  return found
}

/** In UTF-16 units, as Java's strings count. */
function overlay(value: string, replacement: string, start: number, length: number): string {
  if (start <= 0 || start > value.length) return value
  const rest = start + length <= value.length && length > 0 ? value.slice(start - 1 + length) : ''
  return toWellFormed(value.slice(0, start - 1) + replacement + rest)
}

function splitIndex(value: string, separator: string | number, index: number): string | null {
  if (index < 0 || value === '') return null
  if (typeof separator === 'number' && (separator < 1 || separator > 255)) return null
  const parts = value.split(typeof separator === 'number' ? String.fromCharCode(separator) : separator || /\s/)
  return parts[index] ?? null
}

/** Entries without a key separator have a NULL value; empty entries at the end are dropped, as Java's split does. */
function strToMap(value: string, entrySeparator: string, keySeparator: string): Value {
  if (value === '') return []
  const entries = new Map<string, Value>()
  const parts = javaRegExp(entrySeparator).split(value)
  while (parts.length > 1 && parts[parts.length - 1] === '') parts.pop()
  const separator = javaRegExp(keySeparator)
  for (const entry of parts) {
    const found = separator.first(entry)
    if (found === undefined) entries.set(entry, null)
    else entries.set(entry.slice(0, found.start), entry.slice(found.end))
  }
  return [...entries]
}

function translate(value: string, from: string, to: string): string {
  const replacements = new Map<string, string>()
  const target = [...to]
  for (const [i, c] of [...from].entries()) if (!replacements.has(c)) replacements.set(c, target[i] ?? '')
  return [...value].map((c) => replacements.get(c) ?? c).join('')
}

function startsWith(value: Value, part: Value): boolean {
  if (typeof value === 'string') return value.startsWith(part as string)
  const [whole, head] = [value as Uint8Array, part as Uint8Array]
  return head.length <= whole.length && head.every((byte, i) => whole[i] === byte)
}

function endsWith(value: Value, part: Value): boolean {
  if (typeof value === 'string') return value.endsWith(part as string)
  const [whole, tail] = [value as Uint8Array, part as Uint8Array]
  return tail.length <= whole.length && tail.every((byte, i) => whole[whole.length - tail.length + i] === byte)
}

const mapOfStrings: LogicalType = {
  kind: 'MAP',
  key: { kind: 'VARCHAR', length: MAX_LENGTH, nullable: true },
  value: { kind: 'VARCHAR', length: MAX_LENGTH, nullable: true },
  nullable: true,
}

export const stringFunctions: readonly FunctionDefinition[] = [
  scalar({
    name: '||',
    category: 'string',
    syntax: 'binary',
    input: { forms: ['(string, string)', '(bytes, bytes)', '(array, array)'], count: [2, 2], check: checkJoin },
    output: joinedType,
    doc: 'Two strings, byte strings or arrays joined; NULL when one is NULL.',
    example: "first_name || ' ' || last_name",
    kernel: () => joinKernel,
  }),
  scalar({
    name: 'CONCAT',
    category: 'string',
    input: forms(varying(string, string)),
    output: nullableIfAnyArgument(STRING),
    doc: 'All strings joined; NULL when one is NULL.',
    example: "CONCAT(city, ', ', country)",
    kernel: () => (args) => args.join(''),
  }),
  scalar({
    name: 'CONCAT_WS',
    category: 'string',
    input: forms(varying(string, string)),
    output: nullableIfAnyArgument(STRING),
    nullRule: 'custom',
    doc: 'The strings joined with the first one between them; NULLs are left out.',
    example: "CONCAT_WS('-', year_text, month_text)",
    kernel:
      () =>
      ([separator, ...parts]) =>
        separator === null ? null : parts.filter((part) => part !== null).join(separator as string),
  }),
  scalar({
    name: 'CHAR_LENGTH',
    aliases: ['CHARACTER_LENGTH'],
    category: 'string',
    input: forms(form(string)),
    output: nullableIfAnyArgument(INT),
    doc: 'The number of characters.',
    example: 'CHAR_LENGTH(name)',
    kernel:
      () =>
      ([value]) =>
        codePointLength(text(value)),
  }),
  scalar({
    name: 'UPPER',
    category: 'string',
    input: forms(form(string)),
    output: argumentType(0),
    doc: 'The string in upper case.',
    example: 'UPPER(country)',
    kernel:
      () =>
      ([value]) =>
        text(value).toUpperCase(),
  }),
  scalar({
    name: 'LOWER',
    category: 'string',
    input: forms(form(string)),
    output: argumentType(0),
    doc: 'The string in lower case.',
    example: 'LOWER(email)',
    kernel:
      () =>
      ([value]) =>
        text(value).toLowerCase(),
  }),
  scalar({
    name: 'INITCAP',
    category: 'string',
    input: forms(form(string)),
    output: argumentType(0),
    doc: 'Each word with its first letter in upper case and the rest in lower case.',
    example: 'INITCAP(name)',
    kernel:
      () =>
      ([value]) =>
        initcap(text(value)),
  }),
  ...['SUBSTRING', 'SUBSTR'].map((name) =>
    scalar({
      name,
      category: 'string',
      input: forms(form(string, integerAsInt), form(string, integerAsInt, integerAsInt)),
      output: partOfFirst,
      doc: 'The part of a string from a position (counted from 1, negative from the end), of a given length or to the end.',
      example: `${name}(card_number, 1, 6)`,
      kernel:
        () =>
        ([value, from, length]) =>
          count(length ?? 0) < 0
            ? null
            : substring(text(value), count(from), length === undefined ? Number.POSITIVE_INFINITY : count(length)),
    }),
  ),
  scalar({
    name: 'LEFT',
    category: 'string',
    input: forms(form(string, integerAsInt)),
    output: partOfFirst,
    doc: 'The first characters of a string.',
    example: 'LEFT(card_number, 6)',
    kernel:
      () =>
      ([value, length]) =>
        count(length) <= 0 ? '' : substring(text(value), 1, count(length)),
  }),
  scalar({
    name: 'RIGHT',
    category: 'string',
    input: forms(form(string, integerAsInt)),
    output: partOfFirst,
    doc: 'The last characters of a string.',
    example: 'RIGHT(card_number, 4)',
    kernel:
      () =>
      ([value, length]) => {
        const all = codePointLength(text(value))
        return count(length) <= 0 ? '' : sliceCodePoints(text(value), Math.max(0, all - count(length)), all)
      },
  }),
  scalar({
    name: 'TRIM',
    category: 'string',
    syntax: 'special',
    // (side characters FROM string); TRIM(x) is TRIM(BOTH ' ' FROM x).
    input: forms(
      form(symbol('BOTH', 'LEADING', 'TRAILING'), string, string),
      form(symbol('BOTH', 'LEADING', 'TRAILING'), string),
      form(string),
    ),
    output: (received, args) => {
      const type = received[received.length - 1] as TypeOf<'VARCHAR'>
      return { kind: 'VARCHAR', length: type.length, nullable: args.some((argument) => argument.type.nullable) }
    },
    doc: 'The string without the given characters (blanks by default) at its start, its end or both.',
    example: "TRIM(LEADING '0' FROM account)",
    kernel: () => (args) =>
      trim(
        text(args.at(-1)),
        args.length === 3 ? text(args[1]) : ' ',
        args.length === 1 ? 'BOTH' : (args[0] as 'BOTH'),
      ),
  }),
  ...(['LTRIM', 'RTRIM'] as const).map((name) =>
    scalar({
      name,
      category: 'string',
      input: forms(form(string), form(string, string)),
      output: varyingOf(argumentType(0)),
      doc: `The string without the given characters (blanks by default) at its ${name === 'LTRIM' ? 'start' : 'end'}.`,
      example: `${name}(name)`,
      kernel:
        () =>
        ([value, set]) =>
          trim(text(value), set === undefined ? ' ' : text(set), name === 'LTRIM' ? 'LEADING' : 'TRAILING'),
    }),
  ),
  scalar({
    name: 'BTRIM',
    category: 'string',
    input: forms(form(anyString), form(anyString, anyString)),
    output: nullableIfAnyArgument(STRING),
    doc: 'The string without the given characters (blanks by default) at both ends.',
    example: "BTRIM(name, '*')",
    kernel:
      () =>
      ([value, set]) =>
        trim(text(value), set === undefined ? ' ' : text(set), 'BOTH'),
  }),
  scalar({
    name: 'LPAD',
    category: 'string',
    input: forms(form(string, integerAsInt, string)),
    output: nullableIfAnyArgument(STRING),
    doc: 'The string filled from the left, or cut, to a length.',
    example: "LPAD(id_text, 10, '0')",
    kernel:
      () =>
      ([value, length, padding]) =>
        pad(text(value), count(length), text(padding), true),
  }),
  scalar({
    name: 'RPAD',
    category: 'string',
    input: forms(form(string, integerAsInt, string)),
    output: nullableIfAnyArgument(STRING),
    doc: 'The string filled from the right, or cut, to a length.',
    example: "RPAD(name, 20, '.')",
    kernel:
      () =>
      ([value, length, padding]) =>
        pad(text(value), count(length), text(padding), false),
  }),
  scalar({
    name: 'REPEAT',
    category: 'string',
    input: forms(form(string, integerAsInt)),
    output: nullableIfAnyArgument(STRING),
    doc: 'The string written several times.',
    example: "REPEAT('ab', 3)",
    kernel:
      () =>
      ([value, times]) =>
        text(value).repeat(Math.max(0, count(times))),
  }),
  scalar({
    name: 'REVERSE',
    category: 'string',
    input: forms(form(string)),
    output: nullable(STRING),
    doc: 'The string backwards.',
    example: 'REVERSE(code)',
    kernel:
      () =>
      ([value]) =>
        [...text(value)].reverse().join(''),
  }),
  scalar({
    name: 'REPLACE',
    category: 'string',
    input: forms(form(string, string, string)),
    output: nullableIfAnyArgument(STRING),
    doc: 'The string with every occurrence of one text replaced by another.',
    example: "REPLACE(phone, ' ', '')",
    kernel:
      () =>
      ([value, old, replacement]) =>
        toWellFormed(text(value).replaceAll(text(old), () => text(replacement))),
  }),
  scalar({
    name: 'OVERLAY',
    category: 'string',
    syntax: 'special',
    // (string PLACING replacement FROM start [FOR length])
    input: forms(
      form(stringOrBytes, stringOrBytes, integerAsInt),
      form(stringOrBytes, stringOrBytes, integerAsInt, integerAsInt),
    ),
    output: varyingOf(joinedType),
    doc: 'The string with a part overwritten by another string.',
    example: "OVERLAY(card_number PLACING '****' FROM 5 FOR 4)",
    kernel:
      () =>
      ([value, replacement, start, length]) =>
        overlay(
          text(value),
          text(replacement),
          count(start),
          length === undefined ? text(replacement).length : count(length),
        ),
  }),
  scalar({
    name: 'POSITION',
    category: 'string',
    syntax: 'special',
    // (part IN string)
    input: forms(form(string, string), form(string, string, integerAsInt), form(bytes, bytes)),
    output: nullableIfAnyArgument(INT),
    doc: 'Where a text first occurs in a string, from 1; 0 when it does not.',
    example: "POSITION('@' IN email)",
    kernel:
      () =>
      ([part, value, from]) =>
        position(text(part), text(value), from === undefined ? 1 : count(from)),
  }),
  scalar({
    name: 'LOCATE',
    category: 'string',
    input: forms(form(string, string), form(string, string, integerAsInt)),
    output: nullableIfAnyArgument(INT),
    doc: 'Where a text first occurs in a string at or after a position, from 1; 0 when it does not.',
    example: "LOCATE('@', email)",
    kernel:
      () =>
      ([part, value, from]) =>
        position(text(part), text(value), from === undefined ? 1 : count(from)),
  }),
  scalar({
    name: 'INSTR',
    category: 'string',
    input: forms(
      form(string, string),
      form(string, string, integerAsInt),
      form(string, string, integerAsInt, integerAsInt),
    ),
    output: nullableIfAnyArgument(INT),
    doc: 'Where a text occurs in a string, optionally from a start and for the nth time; 0 when it does not.',
    example: "INSTR(email, '@')",
    kernel:
      () =>
      ([value, part, start, occurrence]) =>
        instr(
          text(value),
          text(part),
          start === undefined ? 1 : count(start),
          occurrence === undefined ? 1 : count(occurrence),
        ),
  }),
  scalar({
    name: 'ASCII',
    category: 'string',
    input: forms(form(string)),
    output: nullableIfAnyArgument(INT),
    doc: 'The first byte of a string, as a signed number; 0 for an empty string.',
    example: "ASCII('A')",
    kernel: () => {
      const encoder = new TextEncoder()
      return ([value]) => {
        const byte = encoder.encode(text(value).slice(0, 2))[0] ?? 0
        return byte > 127 ? byte - 256 : byte
      }
    },
  }),
  scalar({
    name: 'CHR',
    category: 'string',
    input: forms(form(bigint)),
    output: nullable(STRING),
    doc: 'The character of a number, of which the lowest 8 bits count; empty for a negative one.',
    example: 'CHR(65)',
    kernel:
      () =>
      ([value]) =>
        (value as bigint) < 0n ? '' : String.fromCharCode(Number((value as bigint) & 255n)),
  }),
  scalar({
    name: 'SPLIT_INDEX',
    category: 'string',
    input: forms(form(string, integerAsInt, integerAsInt), form(string, string, integerAsInt)),
    output: nullable(STRING),
    doc: 'One of the parts between separators, counted from 0; NULL when there is none.',
    example: "SPLIT_INDEX(path, '/', 1)",
    kernel:
      () =>
      ([value, separator, index]) =>
        splitIndex(text(value), separator as string | number, count(index)),
  }),
  scalar({
    name: 'STR_TO_MAP',
    category: 'string',
    input: forms(form(string), form(string, string, string)),
    output: nullableIfAnyArgument(mapOfStrings),
    doc: 'A map from text such as `k1=v1,k2=v2`; the separators can be given.',
    example: "STR_TO_MAP('a=1,b=2')",
    kernel:
      () =>
      ([value, entries, keys]) =>
        strToMap(text(value), entries === undefined ? ',' : text(entries), keys === undefined ? '=' : text(keys)),
  }),
  scalar({
    name: 'TRANSLATE',
    category: 'string',
    input: forms(form(anyString, anyString, anyString)),
    output: ([value]) => withNullability(STRING, value!.nullable),
    nullRule: 'custom',
    doc: 'The string with each character of the second string replaced by the one at its place in the third.',
    example: "TRANSLATE(code, 'abc', '123')",
    kernel:
      () =>
      ([value, from, to]) => {
        if (value === null) return null
        return from === null || from === '' ? value! : translate(text(value), text(from), to === null ? '' : text(to))
      },
  }),
  scalar({
    name: 'STARTSWITH',
    category: 'string',
    input: forms(form(anyString, anyString), form(anyBytes, anyBytes)),
    output: nullableIfAnyArgument(BOOLEAN),
    doc: 'Whether a string or byte string begins with another.',
    example: "STARTSWITH(path, '/api')",
    kernel:
      () =>
      ([value, part]) =>
        startsWith(value!, part!),
  }),
  scalar({
    name: 'ENDSWITH',
    category: 'string',
    input: forms(form(anyString, anyString), form(anyBytes, anyBytes)),
    output: nullableIfAnyArgument(BOOLEAN),
    doc: 'Whether a string or byte string ends with another.',
    example: "ENDSWITH(email, '.org')",
    kernel:
      () =>
      ([value, part]) =>
        endsWith(value!, part!),
  }),
  scalar({
    name: 'SPLIT',
    category: 'string',
    input: forms(form(anyString, anyString)),
    output: nullableIfAnyArgument({ kind: 'ARRAY', element: STRING, nullable: true }),
    doc: 'The parts of a string between separators, as an array; its characters where the separator is empty.',
    example: "SPLIT(tags, ',')",
    kernel:
      () =>
      ([value, separator]) =>
        value === ''
          ? []
          : separator === ''
            ? text(value).split('').map(toWellFormed)
            : text(value).split(text(separator)),
  }),
  scalar({
    name: 'ELT',
    category: 'string',
    input: forms(varying(anyString, anyInteger, anyString), varying(anyBytes, anyInteger, anyBytes)),
    output: (received) => (isInFamily(received[1]!, 'BINARY') ? BYTES : STRING),
    nullRule: 'custom',
    doc: 'The string at a place in the list that follows, counted from 1; NULL when there is none.',
    example: "ELT(2, 'a', 'b', 'c')",
    kernel:
      () =>
      ([index, ...list]) =>
        index === null ? null : (list[Number(index) - 1] ?? null),
  }),
  scalar({
    name: 'PRINTF',
    category: 'string',
    input: forms(varying(either(anyString, family('ANY')), anyString)),
    output: nullable(STRING),
    nullRule: 'custom',
    doc: 'Text made from a format and values, in the way of printf.',
    example: "PRINTF('%s has %d', name, points)",
  }),
]
