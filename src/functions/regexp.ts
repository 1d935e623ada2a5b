// Functions of regular expressions: Java's, see java-regexp.ts. NULL where Java refuses the pattern.
import type { Value } from '../types/value.ts'
import { codePointLength } from './code-points.ts'
import type { FunctionDefinition, Kernel } from './function-definition.ts'
import { castToFamily, form, forms, integerAsInt, string } from './input-strategies.ts'
import { InvalidPattern, type JavaRegExp, javaRegExp } from './java-regexp.ts'
import { BOOLEAN, INT, nullable, nullableIfAnyArgument, STRING } from './output-strategies.ts'
import { scalar } from './scalar-function.ts'

const anyString = castToFamily('CHARACTER')
const anyInteger = castToFamily('INTEGER')

/** The call with its compiled pattern; `malformed` when Java refuses the pattern. */
function withPattern(
  compute: (text: string, pattern: JavaRegExp, args: readonly Value[]) => Value,
  malformed: Value = null,
): () => Kernel {
  return () => (args) => {
    try {
      return compute(args[0] as string, javaRegExp(args[1] as string), args)
    } catch (error) {
      if (error instanceof InvalidPattern) return malformed
      throw error
    }
  }
}

const two = forms(form(anyString, anyString))

export const regexpFunctions: readonly FunctionDefinition[] = [
  scalar({
    name: 'REGEXP',
    category: 'string',
    input: forms(form(string, string)),
    output: nullableIfAnyArgument(BOOLEAN),
    doc: 'Whether a regular expression matches somewhere in a string.',
    example: "REGEXP(email, '@acme\\.com$')",
    kernel: withPattern((text, pattern, [, source]) => source !== '' && pattern.test(text), false),
  }),
  scalar({
    name: 'REGEXP_REPLACE',
    category: 'string',
    input: forms(form(string, string, string)),
    output: nullableIfAnyArgument(STRING),
    doc: 'The string with every match of a regular expression replaced by a text.',
    example: "REGEXP_REPLACE(phone, '[^0-9]', '')",
    kernel: withPattern((text, pattern, [, , replacement]) => pattern.replace(text, replacement as string)),
  }),
  scalar({
    name: 'REGEXP_EXTRACT',
    category: 'string',
    input: forms(form(string, string, integerAsInt), form(string, string)),
    output: nullable(STRING),
    doc: 'A group of the first match of a regular expression; 0 or none is the whole match.',
    example: "REGEXP_EXTRACT(path, '/orders/(\\d+)', 1)",
    kernel: withPattern((text, pattern, [, , group]) => {
      const index = group === undefined ? 0 : (group as number)
      return index < 0 || index > pattern.groupCount ? null : (pattern.first(text)?.groups[index] ?? null)
    }),
  }),
  scalar({
    name: 'REGEXP_EXTRACT_ALL',
    category: 'string',
    input: forms(form(anyString, anyString), form(anyString, anyString, anyInteger)),
    output: nullable({ kind: 'ARRAY', element: STRING, nullable: true }),
    doc: 'A group (the first one by default) of every match of a regular expression.',
    example: "REGEXP_EXTRACT_ALL(text, '#(\\w+)')",
    kernel: withPattern((text, pattern, [, , group]) => {
      const index = group === undefined ? 1 : Number(group)
      if (index < 0 || index > pattern.groupCount) return null
      return pattern.all(text).map((match) => match.groups[index] ?? null)
    }),
  }),
  scalar({
    name: 'REGEXP_COUNT',
    category: 'string',
    input: two,
    output: nullable(INT),
    doc: 'How often a regular expression matches in a string.',
    example: "REGEXP_COUNT(text, 'a')",
    kernel: withPattern((text, pattern) => pattern.all(text).length),
  }),
  scalar({
    name: 'REGEXP_INSTR',
    category: 'string',
    input: two,
    output: nullable(INT),
    doc: 'Where a regular expression first matches in a string, from 1; 0 when it does not.',
    example: "REGEXP_INSTR(text, 'a+')",
    kernel: withPattern((text, pattern) => {
      const match = pattern.first(text)
      return match ? codePointLength(text.slice(0, match.start)) + 1 : 0
    }),
  }),
  scalar({
    name: 'REGEXP_SUBSTR',
    category: 'string',
    input: two,
    output: nullable(STRING),
    doc: 'The first match of a regular expression in a string; NULL when there is none.',
    example: "REGEXP_SUBSTR(text, 'a+')",
    kernel: withPattern((text, pattern) => pattern.first(text)?.groups[0] ?? null),
  }),
]
