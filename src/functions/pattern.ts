// Functions of MATCH_RECOGNIZE. The validator resolves their pattern variables; here are only names and types.
import type { LogicalType } from '../types/logical-type.ts'
import type { FunctionDefinition, OutputStrategy } from './function-definition.ts'
import { any, form, forms, integer } from './input-strategies.ts'
import { argumentType } from './output-strategies.ts'

function navigation(name: string, doc: string): FunctionDefinition {
  return match(name, argumentType(0), doc, `${name}(A.price)`, forms(form(any), form(any, integer)))
}

function match(
  name: string,
  output: OutputStrategy,
  doc: string,
  example: string,
  input: FunctionDefinition['input'],
): FunctionDefinition {
  return {
    name,
    kind: 'match',
    category: 'pattern',
    syntax: 'function',
    input,
    output,
    nullRule: 'custom',
    deterministic: true,
    doc,
    example,
  }
}

const rowtime: LogicalType = { kind: 'TIMESTAMP', precision: 3, timeAttribute: 'rowtime', nullable: false }
const proctime: LogicalType = { kind: 'TIMESTAMP_LTZ', precision: 3, timeAttribute: 'proctime', nullable: false }

export const patternFunctions: readonly FunctionDefinition[] = [
  navigation('FIRST', 'The value of the first row of a pattern variable.'),
  navigation('LAST', 'The value of the last row of a pattern variable.'),
  navigation('PREV', 'The value some rows before this one.'),
  navigation('NEXT', 'The value some rows behind this one.'),
  match(
    'CLASSIFIER',
    () => ({ kind: 'VARCHAR', length: 2000, nullable: false }),
    'The pattern variable of the row.',
    'CLASSIFIER()',
    forms(form()),
  ),
  match(
    'MATCH_NUMBER',
    () => ({ kind: 'BIGINT', nullable: true }),
    'The number of the match.',
    'MATCH_NUMBER()',
    forms(form()),
  ),
  match(
    'MATCH_ROWTIME',
    ([type]) => type ?? rowtime,
    'The event time of the match, as a time attribute.',
    'MATCH_ROWTIME()',
    forms(form(), form(any)),
  ),
  match(
    'MATCH_PROCTIME',
    () => proctime,
    'The processing time of the match, as a time attribute.',
    'MATCH_PROCTIME()',
    forms(form()),
  ),
]
