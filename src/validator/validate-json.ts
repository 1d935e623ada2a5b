// JSON functions with clauses of their own. Their clauses become symbols in the order in which functions/ names them.

import { findFunction } from '../functions/find-function.ts'
import type { JsonConstructor, JsonOnError, JsonPathCall } from '../sql/ast.ts'
import type { Binder } from './binder.ts'
import type { Bound } from './bound-expression.ts'
import { resolveDataType } from './data-type.ts'
import { bindCall, typeCallOf } from './validate-call.ts'

export function bindJson(part: JsonPathCall | JsonConstructor, binder: Binder): Bound | undefined {
  return part.kind === 'jsonPath' ? bindJsonPath(part, binder) : bindJsonConstructor(part, binder)
}

function bindJsonPath(part: JsonPathCall, binder: Binder): Bound | undefined {
  const { findings } = binder.context
  const symbol = (value: string): Bound => ({
    kind: 'literal',
    value,
    type: { kind: 'SYMBOL', nullable: false },
    span: part.span,
  })
  const args = [binder.bind(part.input), binder.bind(part.path)]
  const behaviour = (word: string, clause: JsonOnError | string | undefined) => {
    if (clause === undefined) return
    if (typeof clause === 'string') args.push(symbol(`${clause} ON ${word}`))
    else args.push(symbol(`DEFAULT ON ${word}`), binder.bind(clause.default))
  }
  if (part.wrapper) args.push(symbol(`${part.wrapper} WRAPPER`))
  behaviour('EMPTY', part.onEmpty)
  behaviour('ERROR', part.onError)
  const target = part.returning && resolveDataType(part.returning, findings)
  if (!args.every((arg) => arg !== undefined) || (part.returning && !target)) return undefined
  return bindCall(part.function, args, { span: part.span, name: part.nameSpan }, findings, target ? { target } : {})
}

function bindJsonConstructor(part: JsonConstructor, binder: Binder): Bound | undefined {
  const { findings } = binder.context
  const onNull = part.onNull ?? (part.function.startsWith('JSON_OBJECT') ? 'NULL' : 'ABSENT')
  const args: (Bound | undefined)[] = [
    { kind: 'literal', value: `${onNull} ON NULL`, type: { kind: 'SYMBOL', nullable: false }, span: part.span },
  ]
  for (const { key, value } of part.entries) {
    if (key) args.push(binder.bind(key))
    args.push(binder.bind(value))
  }
  if (!args.every((arg) => arg !== undefined)) return undefined
  const site = { span: part.callSpan, name: part.callSpan }
  const definition = findFunction(part.function)
  if (definition?.kind !== 'aggregate') return bindCall(part.function, args, site, findings)
  const typed = typeCallOf(definition, args, site, findings, { groupMayBeEmpty: binder.scope.groupMayBeEmpty === true })
  if (!typed) return undefined
  return {
    kind: 'aggregate',
    function: definition.name,
    arguments: typed.arguments,
    distinct: false,
    type: typed.type,
    span: part.span,
  }
}
