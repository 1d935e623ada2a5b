// ksqlDB's sugar rewritten as Flink SQL: WINDOW TUMBLING (SIZE 10 SECONDS) becomes TUMBLE(time, INTERVAL '10' SECOND) in
// GROUP BY; EMIT CHANGES goes, for Flink emits changes anyway. Made nodes carry the span of the clause they stand for.
import type { Checked, Diagnostic, Span } from '../diagnostics/diagnostic.ts'
import type {
  Call,
  Expression,
  GroupBy,
  Identifier,
  IntervalLiteral,
  Name,
  Select,
  SugarDuration,
  SugarWindow,
  SyntaxWord,
  TableReference,
  TimeUnit,
} from './ast.ts'
import type { Statement } from './ast-statements.ts'

/** The event-time column of what FROM reads, as the query would name it; undefined where there is none or several. */
export type TimeColumnOf = (from: TableReference) => readonly string[] | undefined

/** Without sugar the statement itself comes back. */
export function desugarStatement(statement: Statement, timeColumnOf: TimeColumnOf): Checked<Statement> {
  const diagnostics: Diagnostic[] = []
  const value = rewrite(statement, (select) => desugarSelect(select, timeColumnOf, diagnostics))
  return { value: diagnostics.length > 0 ? undefined : value, diagnostics }
}

/** A copy of `node` in which every SELECT, innermost first, is replaced; unchanged parts are shared. */
function rewrite<T>(node: T, replace: (select: Select) => Select): T {
  if (typeof node !== 'object' || node === null) return node
  if (Array.isArray(node)) {
    const items = node.map((item) => rewrite(item, replace))
    return (items.some((item, i) => item !== node[i]) ? items : node) as T
  }
  const changes: [string, unknown][] = []
  for (const [key, value] of Object.entries(node)) {
    const rewritten = rewrite(value, replace)
    if (rewritten !== value) changes.push([key, rewritten])
  }
  const result = changes.length === 0 ? node : { ...node, ...Object.fromEntries(changes) }
  if (isSelect(result)) return replace(result) as T
  return isSyntaxWord(result) ? (singular(result) as T) : result
}

function isSelect(node: object): node is Select {
  return 'kind' in node && node.kind === 'select'
}

function isSyntaxWord(node: object): node is SyntaxWord {
  return 'kind' in node && node.kind === 'symbol'
}

const plurals: ReadonlyMap<string, string> = new Map(
  ['YEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAY', 'HOUR', 'MINUTE', 'SECOND', 'MILLISECOND'].map((unit) => [
    `${unit}S`,
    unit,
  ]),
)

/** TIMESTAMPADD(HOURS, ...): in intervals Flink reads plural units itself, here it does not. */
function singular(word: SyntaxWord): SyntaxWord {
  const unit = plurals.get(word.name)
  return unit === undefined ? word : { ...word, name: unit }
}

function desugarSelect(select: Select, timeColumnOf: TimeColumnOf, diagnostics: Diagnostic[]): Select {
  const { sugarWindow, sugarEmit, ...rest } = select
  if (sugarWindow === undefined) return sugarEmit === undefined ? select : rest
  const column = timeColumnFromCalls(select, sugarWindow) ?? timeColumnFromTable(select, timeColumnOf, sugarWindow.span)
  if (column === undefined) {
    diagnostics.push(withoutTimeColumn(sugarWindow))
    return rest
  }
  const call = windowCall(sugarWindow, column, diagnostics)
  return call === undefined ? rest : { ...rest, groupBy: withWindow(select.groupBy, call) }
}

function withoutTimeColumn(window: SugarWindow): Diagnostic {
  return {
    code: 'SYN014',
    severity: 'error',
    message: `window ${window.type} has no time column to run on`,
    span: window.span,
    hint: 'Name it in the select list, as in TUMBLE_START(createdAt, INTERVAL ...), or give the source an event-time column.',
  }
}

// ------------------------------------------------------------------------------------------------------------- time column

const windowFunctions = ['TUMBLE', 'HOP', 'SESSION'] as const
const windowProperties = ['START', 'END', 'ROWTIME', 'PROCTIME'] as const
const propertyNames: ReadonlySet<string> = new Set(
  windowFunctions.flatMap((window) => windowProperties.map((property) => `${window}_${property}`)),
)

/** The first argument of TUMBLE_START and its like in the select list, the same in all of them. */
function timeColumnFromCalls(select: Select, window: SugarWindow): Identifier | undefined {
  let found: Identifier | undefined
  for (const item of select.items) {
    const call = findPropertyCall(item.expression)
    const argument = call?.args[0]
    if (argument?.kind === 'identifier') found ??= { ...argument, span: window.span }
  }
  return found
}

function findPropertyCall(node: unknown): Call | undefined {
  if (typeof node !== 'object' || node === null) return undefined
  if (Array.isArray(node)) return node.map(findPropertyCall).find((call) => call !== undefined)
  const { kind } = node as { kind?: unknown }
  if (kind === 'select') return undefined
  if (kind === 'call' && propertyNames.has(lastName(node as Call))) return node as Call
  for (const value of Object.values(node)) {
    const call = findPropertyCall(value)
    if (call !== undefined) return call
  }
  return undefined
}

function lastName(call: Call): string {
  return call.name.parts[call.name.parts.length - 1]!.name.toUpperCase()
}

function timeColumnFromTable(select: Select, timeColumnOf: TimeColumnOf, span: Span): Identifier | undefined {
  const parts = select.from === undefined ? undefined : timeColumnOf(select.from)
  if (parts === undefined || parts.length === 0) return undefined
  return { kind: 'identifier', parts: parts.map((name) => madeName(name, span)), span }
}

function madeName(name: string, span: Span): Name {
  return { kind: 'name', name, quoted: true, span }
}

// -------------------------------------------------------------------------------------------------------------- window call

const functionOf = { TUMBLING: 'TUMBLE', HOPPING: 'HOP', SESSION: 'SESSION' } as const

/** HOP takes the slide first, then the size. */
function windowCall(window: SugarWindow, column: Identifier, diagnostics: Diagnostic[]): Call | undefined {
  const { span } = window
  if (window.grace !== undefined) {
    diagnostics.push({
      code: 'SYN015',
      severity: 'error',
      message: 'GRACE PERIOD has no counterpart in Flink SQL',
      span: window.grace.span,
      hint: "Let the source's watermark wait that long instead: maxDelay of its event time.",
    })
    return undefined
  }
  const durations = window.advance === undefined ? [window.size] : [window.advance, window.size]
  const intervals = durations.map((duration) => intervalOf(duration))
  const { type } = window
  const name: Identifier = { kind: 'identifier', parts: [{ ...madeName(functionOf[type], span), quoted: false }], span }
  return { kind: 'call', name, parentheses: true, args: [column, ...intervals], callSpan: span, span }
}

/** Flink's leading field of an interval has two digits unless more are asked for; milliseconds are seconds there. */
function intervalOf(duration: SugarDuration): IntervalLiteral {
  const { span } = duration
  const inSeconds = duration.unit === 'MILLISECOND'
  const from: TimeUnit = duration.unit === 'MILLISECOND' ? 'SECOND' : duration.unit
  const value = inSeconds ? secondsOf(duration.amount) : duration.amount
  const digits = value.split('.')[0]!.length
  const qualifier = { kind: 'intervalQualifier', from, ...(digits > 2 ? { precision: digits } : {}), span } as const
  return { kind: 'interval', negative: false, value, qualifier, span }
}

function secondsOf(milliseconds: string): string {
  const padded = milliseconds.padStart(4, '0')
  const fraction = padded.slice(-3)
  const seconds = padded.slice(0, -3).replace(/^0+(?=\d)/, '')
  return fraction === '000' ? seconds : `${seconds}.${fraction}`
}

function withWindow(groupBy: GroupBy | undefined, call: Expression): GroupBy {
  if (groupBy === undefined) return { kind: 'groupBy', items: [call], span: call.span }
  return { ...groupBy, items: [...groupBy.items, call] }
}
