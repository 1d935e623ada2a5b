// Sets of tokens: what begins an expression, an operand, a literal, a call with a grammar of its own. Looking ahead by them is
// lookahead.ts's.
import { contextVariables, nonReservedWords, reservedFunctionNames } from './keywords.ts'
import type { TokenKind } from './lexer.ts'

/** Forms of calls with words between their arguments: the word, then a parenthesis. */
export const builtinCallWords: ReadonlySet<TokenKind> = new Set([
  'CAST',
  'SAFE_CAST',
  'TRY_CAST',
  'EXTRACT',
  'POSITION',
  'CONVERT',
  'TRANSLATE',
  'OVERLAY',
  'FLOOR',
  'CEIL',
  'CEILING',
  'SUBSTRING',
  'TRIM',
  'CONTAINS_SUBSTR',
  'DATE',
  'TIME',
  'DATETIME',
  'TIMESTAMP',
  'DATE_DIFF',
  'DATE_TRUNC',
  'DATETIME_TRUNC',
  'TIMESTAMPADD',
  'DATETIME_DIFF',
  'TIMESTAMPDIFF',
  'TIMESTAMP_DIFF',
  'TIMESTAMP_TRUNC',
  'TIME_DIFF',
  'TIME_TRUNC',
  'CLASSIFIER',
  'MATCH_NUMBER',
  'FIRST',
  'LAST',
  'PREV',
  'NEXT',
  'JSON_EXISTS',
  'JSON_VALUE',
  'JSON_QUERY',
  'JSON_OBJECT',
  'JSON_OBJECTAGG',
  'JSON_ARRAY',
  'JSON_ARRAYAGG',
  'TUMBLE',
  'HOP',
  'SESSION',
])

/** Aggregates with a grammar of their own. */
export const aggregateCallWords: ReadonlySet<TokenKind> = new Set([
  'ARRAY_AGG',
  'ARRAY_CONCAT_AGG',
  'GROUP_CONCAT',
  'STRING_AGG',
  'PERCENTILE_CONT',
  'PERCENTILE_DISC',
])

export const stringLiterals: ReadonlySet<TokenKind> = new Set([
  'string',
  'binaryString',
  'prefixedString',
  'unicodeString',
  'escapedString',
])

export const wholeLiterals: ReadonlySet<TokenKind> = new Set([
  'integer',
  'decimal',
  'approximate',
  ...stringLiterals,
  'TRUE',
  'FALSE',
  'UNKNOWN',
  'NULL',
])

export const unsignedNumbers: ReadonlySet<TokenKind> = new Set(['integer', 'decimal', 'approximate', 'DECIMAL'])

export const names: ReadonlySet<TokenKind> = new Set([
  'identifier',
  'quotedIdentifier',
  'unicodeIdentifier',
  ...nonReservedWords,
])

export const prefixOperators: ReadonlySet<TokenKind> = new Set(['+', '-', 'NOT', 'EXISTS', 'UNIQUE'])

const atomStarts: ReadonlySet<TokenKind> = new Set([
  ...wholeLiterals,
  ...unsignedNumbers,
  ...names,
  ...builtinCallWords,
  ...aggregateCallWords,
  ...reservedFunctionNames,
  ...contextVariables,
  '+',
  '-',
  '?',
  'INTERVAL',
  'ARRAY',
  'MULTISET',
  'MAP',
  'PERIOD',
  'CASE',
  'NEW',
  'CURRENT',
  'SPECIFIC',
  'RUNNING',
  'FINAL',
  'MODEL',
  '{d',
  '{t',
  '{ts',
  '{fn',
])

export const operandStarts: ReadonlySet<TokenKind> = new Set([...atomStarts, '(', 'ROW', 'CURSOR'])

export const expressionStarts: ReadonlySet<TokenKind> = new Set([...operandStarts, ...prefixOperators])

export const queryStarts: ReadonlySet<TokenKind> = new Set(['SELECT', 'VALUES', 'VALUE', 'TABLE'])
