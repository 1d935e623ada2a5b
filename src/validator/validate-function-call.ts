// Calls by name: scalar functions, aggregates, OVER, and the group windows of GROUP BY with their properties.
import type { Span } from '../diagnostics/diagnostic.ts'
import { findFunction } from '../functions/find-function.ts'
import type { FunctionDefinition } from '../functions/function-definition.ts'
import type { WindowProperty } from '../plan/plan.ts'
import type { Call } from '../sql/ast.ts'
import { intervalMs } from './bind-literal.ts'
import { type Binder, requireCondition } from './binder.ts'
import { type Bound, findPart } from './bound-expression.ts'
import { resolveName } from './scope.ts'
import { bindCall, typeCallOf, unknownFunction } from './validate-call.ts'
import { bindOverWindow } from './validate-over.ts'

function callName(call: Call): string {
  return call.name.parts.map(({ name }) => name).join('.')
}

export function bindFunctionCall(call: Call, binder: Binder): Bound | undefined {
  const { findings } = binder.context
  const name = callName(call)
  const definition = findFunction(name)
  const site = { span: call.callSpan, name: call.name.span }
  if (definition?.kind === 'groupWindow' || definition?.kind === 'groupWindowProperty') {
    return bindGroupWindow(definition, call, binder)
  }
  if (!definition && !call.parentheses) return resolveName(call.name, binder.scope, findings)
  const args = bindArguments(call, binder)
  if (!definition) return args && unknownFunction(name, site, findings)
  if (call.over) return bindOver(definition, call, args, binder)
  if (definition.kind === 'over') {
    return findings.error('STR013', call.name.span, `function \`${definition.name}\` needs OVER`, {
      flinkSpan: call.callSpan,
    })
  }
  if (definition.kind === 'aggregate') return args && bindAggregate(definition, call, args, binder)
  if (definition.category === 'grouping') {
    return (
      args && {
        kind: 'grouping',
        function: definition.name,
        arguments: args,
        type: { kind: 'BIGINT', nullable: false },
        span: call.span,
      }
    )
  }
  if (definition.kind !== 'scalar' && !(definition.kind === 'match' && binder.scope.unqualified)) {
    const message = `function \`${definition.name}\` cannot stand in an expression`
    return findings.error('NAM004', call.name.span, message, { flinkSpan: call.callSpan })
  }
  return args && bindCall(name, args, site, findings)
}

/** COUNT(*) has no argument. */
function bindArguments(call: Call, binder: Binder): readonly Bound[] | undefined {
  const args = call.args.flatMap((arg) => {
    if (arg.kind !== 'star') return [binder.bind(arg)]
    if (!arg.qualifier) return []
    const flinkSpan = { start: arg.span.end - 1, end: arg.span.end }
    const hint = 'Name a column, or write COUNT(*).'
    return [
      binder.context.findings.error('NAM001', arg.span, '`*` of one table cannot be an argument', { hint, flinkSpan }),
    ]
  })
  return args.every((arg) => arg !== undefined) ? args : undefined
}

function bindAggregate(definition: FunctionDefinition, call: Call, args: readonly Bound[], binder: Binder) {
  const { findings } = binder.context
  const inner = args.find((arg) => findPart(arg, (part) => part.kind === 'aggregate'))
  if (inner) {
    return findings.error('STR004', inner.span, 'an aggregate cannot stand inside another', {
      flinkSpan: call.callSpan,
      hint: 'Compute the inner one in a query inside FROM.',
    })
  }
  const condition = call.filter && binder.bind(call.filter.condition)
  const filter = call.filter && requireCondition(condition, 'FILTER', binder.context)
  if (call.filter && !filter) return undefined
  const distinct = call.quantifier === 'DISTINCT'
  if (definition.name === 'COUNT' && distinct && args.length > 1) {
    return findings.error('STR018', call.callSpan, '`COUNT` of several columns is not supported', {
      stage: 'plan',
      hint: 'Count ROW(a, b), or one column.',
    })
  }
  const groupMayBeEmpty = binder.scope.groupMayBeEmpty === true
  const place = { distinct, filtered: call.filter !== undefined, groupMayBeEmpty }
  const typed = typeCallOf(definition, args, { span: call.callSpan, name: call.name.span }, findings, place)
  return (
    typed &&
    ({
      kind: 'aggregate',
      function: definition.name,
      arguments: typed.arguments,
      distinct,
      ...(filter && { filter }),
      type: typed.type,
      span: call.span,
    } as const)
  )
}

function bindOver(definition: FunctionDefinition, call: Call, args: readonly Bound[] | undefined, binder: Binder) {
  const { findings } = binder.context
  if (definition.kind !== 'aggregate' && definition.kind !== 'over') {
    return findings.error('STR013', call.name.span, `function \`${definition.name}\` cannot be used with OVER`, {
      flinkSpan: call.callSpan,
    })
  }
  if (call.filter) {
    return findings.error('STR013', call.filter.span, 'FILTER cannot be combined with OVER', {
      flinkSpan: call.callSpan,
      hint: 'Use CASE inside the aggregate: COUNT(CASE WHEN condition THEN 1 END).',
    })
  }
  const window = bindOverWindow(call.over!.window, binder)
  if (!window || !args) return undefined
  const distinct = call.quantifier === 'DISTINCT'
  // A frame that begins some rows or time before could be empty, for the type's sake.
  const bounded = window.frame.from.kind === 'preceding'
  const place = { over: !bounded, groupMayBeEmpty: bounded, distinct, filtered: false }
  const typed = typeCallOf(definition, args, { span: call.callSpan, name: call.name.span }, findings, place)
  return (
    typed &&
    ({
      kind: 'over',
      function: definition.name,
      arguments: typed.arguments,
      distinct,
      window,
      type: typed.type,
      span: call.span,
    } as const)
  )
}

const properties: Readonly<Record<string, WindowProperty>> = {
  START: 'start',
  END: 'end',
  ROWTIME: 'rowtime',
  PROCTIME: 'proctime',
}

/** TUMBLE(time, size), and TUMBLE_START(time, size), which names its window by the same arguments. */
function bindGroupWindow(definition: FunctionDefinition, call: Call, binder: Binder): Bound | undefined {
  const args = bindArguments(call, binder)
  if (!args) return undefined
  const site = { span: call.callSpan, name: call.name.span }
  const typed = typeCallOf(definition, args, site, binder.context.findings)
  if (!typed) return undefined
  const [window, property] = definition.name.split('_') as [string, string | undefined]
  const of = groupWindow(window.toLowerCase() as 'tumble', typed.arguments, typed.type, call.span)
  if (property === undefined) return of
  return { kind: 'windowProperty', property: properties[property]!, of, type: typed.type, span: call.span }
}

function groupWindow(window: 'tumble' | 'hop' | 'session', args: readonly Bound[], type: Bound['type'], span: Span) {
  const [time, ...rest] = args
  const expected = window === 'hop' ? 2 : 1
  return {
    kind: 'groupWindow',
    window,
    time: time!,
    sizes: rest.slice(0, expected).map(intervalMs),
    aligned: rest.length > expected,
    type,
    span,
  } as const
}
