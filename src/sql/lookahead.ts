// Which tokens an expression can begin with, one and two tokens far: Flink's parser looks that far behind an operator
// before it takes the operator, and reports the operator when nothing that fits follows.
import {
  aggregateCallWords,
  builtinCallWords,
  expressionStarts,
  names,
  operandStarts,
  queryStarts,
  unsignedNumbers,
  wholeLiterals,
} from './first-sets.ts'
import { contextVariables, reservedFunctionNames } from './keywords.ts'
import type { TokenKind } from './lexer.ts'
import type { Parser } from './parser-state.ts'

/** Can the token `distance` ahead begin an expression? */
export function startsExpression(p: Parser, distance: number): boolean {
  if (expressionStarts.has(p.peekAt(distance))) return true
  if (p.position + distance === p.recordAt) p.expected.push('an expression')
  return false
}

export function startsOperand(p: Parser, distance: number): boolean {
  return operandStarts.has(p.peekAt(distance))
}

function startsQueryOrExpression(kind: TokenKind): boolean {
  return expressionStarts.has(kind) || queryStarts.has(kind) || kind === 'WITH'
}

/** Can the two tokens from `distance` on begin an expression? A single token that is one by itself needs no second. */
export function startsExpressionByTwo(p: Parser, distance: number): boolean {
  const first = p.peekAt(distance)
  if (names.has(first) || wholeLiterals.has(first) || contextVariables.has(first) || first === '?') return true
  // Flink does not look for the parenthesis here: after `+ ABS` it has taken the operator.
  if (reservedFunctionNames.has(first)) return true
  const second = p.peekAt(distance + 1)
  if (first === 'NOT' || first === 'EXISTS' || first === 'UNIQUE') return expressionStarts.has(second)
  if (first === '+' || first === '-') return expressionStarts.has(second)
  return startsAtomByTwo(p, distance) || startsNonAtomByTwo(first, second)
}

function startsNonAtomByTwo(first: TokenKind, second: TokenKind): boolean {
  if (first === '(') return startsQueryOrExpression(second)
  if (first === 'ROW') return second === '('
  if (first === 'CURSOR') return expressionStarts.has(second)
  return false
}

/** The same for atoms: literals, calls, constructors, names; neither parentheses nor prefix operators. */
export function startsAtomByTwo(p: Parser, distance: number): boolean {
  const first = p.peekAt(distance)
  if (names.has(first) || wholeLiterals.has(first) || contextVariables.has(first) || first === '?') return true
  const second = p.peekAt(distance + 1)
  switch (first) {
    case '+':
    case '-':
      return unsignedNumbers.has(second)
    case 'DECIMAL':
    case '{d':
    case '{t':
    case '{ts':
      return second === 'string'
    case 'DATE':
    case 'TIME':
    case 'DATETIME':
      return second === 'string' || second === '('
    case 'TIMESTAMP':
      return second === 'string' || second === '(' || second === 'WITH'
    case 'INTERVAL':
      return (
        second === '+' ||
        second === '-' ||
        second === 'string' ||
        second === '(' ||
        unsignedNumbers.has(second) ||
        names.has(second)
      )
    case 'ARRAY':
    case 'MULTISET':
      return second === '(' || second === '['
    case 'PERIOD':
      return second === '('
    case 'CASE':
      return true
    case 'NEW':
      return names.has(second)
    case 'CURRENT':
      return second === 'VALUE'
    case 'NEXT':
      return second === 'VALUE' || second === '('
    case 'RUNNING':
      return operandStarts.has(second)
    case 'SPECIFIC':
      return names.has(second) || reservedFunctionNames.has(second)
    case '{fn':
      return true
    default:
      return (
        second === '(' &&
        (builtinCallWords.has(first) || aggregateCallWords.has(first) || reservedFunctionNames.has(first))
      )
  }
}
