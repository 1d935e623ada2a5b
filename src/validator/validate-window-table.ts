// TUMBLE, HOP, CUMULATE and SESSION in FROM: the rows of a table, each with the windows it belongs to.

import type { Span } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Plan, Window } from '../plan/plan.ts'
import type { Argument, Call, Descriptor, TableArgument } from '../sql/ast.ts'
import type { Field, LogicalType } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import { intervalMs } from './bind-literal.ts'
import type { Bound } from './bound-expression.ts'
import { isTimeAttribute, node } from './build-plan.ts'
import { type FromItem, type FromPlace, oneSource, unknownItem, type ValidateFrom } from './from-item.ts'
import { listColumns, scopeOf } from './scope.ts'
import { bindExpression } from './validate-expression.ts'
import { windowPropertyType } from './validate-group.ts'
import { checkWindowSizes } from './window-sizes.ts'

type WindowName = 'TUMBLE' | 'HOP' | 'CUMULATE' | 'SESSION'

/** The intervals behind table and time column, by Flink's names for named arguments; the last of them may be left out (but not of SESSION). */
const parameters: Readonly<Record<WindowName, readonly string[]>> = {
  TUMBLE: ['SIZE', 'OFFSET'],
  HOP: ['SLIDE', 'SIZE', 'OFFSET'],
  CUMULATE: ['STEP', 'SIZE', 'OFFSET'],
  SESSION: ['GAP'],
}

export function validateWindowTable(call: Call, place: FromPlace, validateFrom: ValidateFrom): FromItem {
  const { context } = place
  const { findings } = context
  const name = call.name.parts.at(-1)!.name.toUpperCase() as WindowName
  const [table, time, ...intervals] = inOrder(call, name)
  const failed = unknownItem(undefined, call.span)
  const required = parameters[name].length + (name === 'SESSION' ? 2 : 1)
  const given = call.args.length
  const input = table && validateInput(table, place, validateFrom)
  if (name !== 'SESSION' && table?.kind === 'tableArgument' && table.partitionBy) {
    findings.error('TYP002', table.span, `window \`${name}\` takes no PARTITION BY`, { flinkSpan: call.callSpan })
    return failed
  }
  if (given < required || given > parameters[name].length + 2) {
    const usage = ['TABLE t', 'DESCRIPTOR(time)', ...parameters[name].map((word) => word.toLowerCase())].join(', ')
    findings.error('TYP001', call.name.span, `window \`${name}\` does not take ${given} arguments`, {
      hint: `Write ${name}(${usage}); offset may be left out.`,
      flinkSpan: call.callSpan,
    })
    return failed
  }
  if (!input) {
    findings.error(
      'TYP002',
      (table ?? call).span,
      `the first argument of window \`${name}\` must be TABLE and a name`,
      {
        flinkSpan: call.callSpan,
      },
    )
    return failed
  }
  const columns = input.sources.flatMap((source) => source.columns)
  if (input.sources.some(({ open }) => open)) return failed
  const timeColumn = findTimeColumn(time, columns, call, name, place)
  const sizes = intervals.map((interval) => interval && bindExpression(interval, scopeOf([], undefined), context))
  if (timeColumn === undefined) return failed
  const wrong = sizes.find((size) => size && size.type.kind !== 'INTERVAL')
  if (wrong) {
    const found = printType({ ...wrong.type, nullable: true })
    findings.error('TYP002', wrong.span, `the sizes of window \`${name}\` must be intervals, found ${found}`, {
      flinkSpan: call.callSpan,
    })
    return failed
  }
  const timeType = columns[timeColumn]!.type
  const all: readonly Field[] = [...columns, ...windowColumns(timeType)]
  const plan = buildWindowTable(name, input, timeColumn, sizes, partitionOf(table, columns), all, call.span, place)
  return oneSource(undefined, call.span, all, plan)
}

/** Arguments in their positions, named ones put in place. */
function inOrder(call: Call, name: WindowName): readonly (Argument | undefined)[] {
  if (!call.args.some((arg) => arg.kind === 'namedArgument')) return call.args
  const names = ['DATA', 'TIMECOL', ...parameters[name]]
  const byName = new Map(
    call.args.map((arg) => (arg.kind === 'namedArgument' ? [arg.name.name.toUpperCase(), arg.value] : ['', arg])),
  )
  const ordered = names.map((parameter) => byName.get(parameter))
  while (ordered.length > 0 && ordered.at(-1) === undefined) ordered.pop()
  return ordered
}

function validateInput(table: Argument, place: FromPlace, validateFrom: ValidateFrom): FromItem | undefined {
  if (table.kind === 'subquery') return derived(table.query, table.span)
  if (table.kind !== 'tableArgument') return undefined
  const inner = table.table
  if (inner.kind !== 'identifier') return derived(inner, table.span)
  return validateFrom({ kind: 'table', name: inner, hints: [], span: inner.span }, { ...place, left: undefined })

  function derived(query: Parameters<typeof place.context.query>[0], span: Span) {
    const bound = place.context.query(query, place.parent, place.context)
    return oneSource(undefined, span, bound.columns, bound.plan)
  }
}

function findTimeColumn(
  time: Argument | undefined,
  columns: readonly Field[],
  call: Call,
  name: WindowName,
  place: FromPlace,
): number | undefined {
  const { findings } = place.context
  const descriptor: Descriptor | undefined = time?.kind === 'descriptor' ? time : undefined
  const wanted = descriptor?.columns[0]
  if (!wanted || descriptor.columns.length !== 1) {
    return findings.error(
      'TYP002',
      (time ?? call).span,
      `the second argument of window \`${name}\` must be DESCRIPTOR(column)`,
      {
        flinkSpan: call.callSpan,
      },
    )
  }
  const index = columns.findIndex((field) => field.name === wanted.name)
  if (index < 0) {
    const names = columns.map((field) => field.name)
    const near = didYouMean(wanted.name, names)
    return findings.error(
      'NAM001',
      wanted.span,
      `column \`${wanted.name}\` does not exist in the table of the window`,
      {
        hint: near !== undefined ? `Did you mean \`${near}\`?` : listColumns(names),
        ...(near !== undefined && { edit: { span: wanted.span, text: near } }),
      },
    )
  }
  const { type } = columns[index]!
  const found = printType({ ...type, nullable: true })
  const message = `window \`${name}\` needs a time attribute, but column \`${wanted.name}\` is ${found}`
  if (type.kind !== 'TIMESTAMP' && type.kind !== 'TIMESTAMP_LTZ') {
    return findings.error('STR003', wanted.span, message, { flinkSpan: call.callSpan, hint: timeHint(columns) })
  }
  return index
}

function timeHint(columns: readonly Field[]): string {
  const time = columns.find(({ type }) => isTimeAttribute(type))
  return time
    ? `The event time of this table is \`${time.name}\`.`
    : 'Declare the event time of the source (eventTime in the pipeline file, WATERMARK in CREATE TABLE).'
}

function windowColumns(time: LogicalType): readonly Field[] {
  const timeOf = 'timeAttribute' in time && time.timeAttribute === 'proctime' ? 'proctime' : 'rowtime'
  return [
    { name: 'window_start', type: windowPropertyType('start', time) },
    { name: 'window_end', type: windowPropertyType('end', time) },
    { name: 'window_time', type: windowPropertyType(timeOf, time) },
  ]
}

function partitionOf(table: Argument | undefined, columns: readonly Field[]): readonly number[] | undefined {
  const by = table?.kind === 'tableArgument' ? (table as TableArgument).partitionBy : undefined
  return by?.map((item) =>
    item.kind === 'identifier' ? columns.findIndex(({ name }) => name === item.parts.at(-1)!.name) : -1,
  )
}

function buildWindowTable(
  name: WindowName,
  input: FromItem,
  timeColumn: number,
  sizes: readonly (Bound | undefined)[],
  partition: readonly number[] | undefined,
  schema: readonly Field[],
  span: Span,
  place: FromPlace,
): Plan | undefined {
  const kind = name.toLowerCase() as Lowercase<WindowName>
  const count = name === 'TUMBLE' || name === 'SESSION' ? 1 : 2
  const values = sizes.slice(0, count).map((size) => size && intervalMs(size))
  const checked = checkWindowSizes(kind, values, span, place.context.findings, 'table')
  const offset = sizes[count]
  const offsetMs = offset ? intervalMs(offset) : 0
  if (!checked || offsetMs === undefined || !input.plan) return undefined
  const [first, second] = checked as readonly [number, number]
  const shared = { timeColumn, offsetMs }
  const windows: Readonly<Record<WindowName, Window>> = {
    TUMBLE: { ...shared, kind: 'tumble', sizeMs: first },
    HOP: { ...shared, kind: 'hop', slideMs: first, sizeMs: second },
    CUMULATE: { ...shared, kind: 'cumulate', stepMs: first, maxSizeMs: second },
    SESSION: { ...shared, kind: 'session', gapMs: first, ...(partition && { partition }) },
  }
  return node(schema, span, { kind: 'windowTable' as const, input: input.plan, window: windows[name] })
}
