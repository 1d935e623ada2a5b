// Windows: the group windows of GROUP BY with their properties, and the window table functions of FROM. What a window means is the
// plan's and the engine's; here are only the forms of the calls. Sizes are literal intervals, which the validator checks.
import { type LogicalType, withNullability } from '../types/logical-type.ts'
import type { FunctionDefinition, InputStrategy, OutputStrategy } from './function-definition.ts'
import { family, form, forms } from './input-strategies.ts'

const time = family('DATETIME')
const interval = family('INTERVAL')
const timeOfDay = family('TIME')

type GroupWindow = {
  readonly name: 'TUMBLE' | 'HOP' | 'SESSION'
  readonly input: InputStrategy
  readonly sizes: string
}

/** The optional TIME is an alignment, which Flink parses and refuses at planning. */
const groupWindows: readonly GroupWindow[] = [
  {
    name: 'TUMBLE',
    input: forms(form(time, interval), form(time, interval, timeOfDay)),
    sizes: "INTERVAL '1' MINUTE",
  },
  {
    name: 'HOP',
    input: forms(form(time, interval, interval), form(time, interval, interval, timeOfDay)),
    sizes: "INTERVAL '1' MINUTE, INTERVAL '5' MINUTE",
  },
  {
    name: 'SESSION',
    input: forms(form(time, interval), form(time, interval, timeOfDay)),
    sizes: "INTERVAL '10' MINUTE",
  },
]

/** A bound of a window is a plain wall-clock time: of a TIMESTAMP_LTZ in the session's zone. */
const bound: OutputStrategy = ([type]) => ({ kind: 'TIMESTAMP', precision: 3, nullable: type!.nullable })

/** The window's last millisecond, a time attribute again. */
const rowtime: OutputStrategy = ([type]) => ({
  kind: type!.kind === 'TIMESTAMP_LTZ' ? 'TIMESTAMP_LTZ' : 'TIMESTAMP',
  precision: 3,
  timeAttribute: 'rowtime',
  nullable: type!.nullable,
})

const proctime: OutputStrategy = () => ({
  kind: 'TIMESTAMP_LTZ',
  precision: 3,
  timeAttribute: 'proctime',
  nullable: false,
})

/** Of the same name as a table function of FROM: the place decides which is meant, see find-function.ts. */
function groupWindow({ name, input, sizes }: GroupWindow): readonly FunctionDefinition[] {
  const base = { category: 'window', syntax: 'function', input, nullRule: 'custom', deterministic: true } as const
  const property = (suffix: string, output: OutputStrategy, doc: string): FunctionDefinition => ({
    ...base,
    name: `${name}_${suffix}`,
    kind: 'groupWindowProperty',
    output,
    doc,
    example: `${name}_${suffix}(order_time, ${sizes})`,
  })
  return [
    {
      ...base,
      name,
      kind: 'groupWindow',
      output: ([type]) => type!,
      doc: `Groups rows by ${windowDocs[name]}.`,
      example: `${name}(order_time, ${sizes})`,
    },
    property('START', bound, 'The first instant of the group window, inclusive.'),
    property('END', bound, 'The end of the group window, exclusive.'),
    property('ROWTIME', rowtime, 'The last millisecond of the group window as a time attribute, for a further window.'),
    property('PROCTIME', proctime, 'The processing time at which the group window is emitted, as a time attribute.'),
  ]
}

const windowDocs = {
  TUMBLE: 'windows of one size that follow each other without overlap',
  HOP: 'windows of one size that start at every slide, so that they may overlap',
  CUMULATE: 'windows that grow by a step up to a greatest size, then start anew',
  SESSION: 'windows of activity that end after a gap without rows',
}

const table = family('ANY')

/** TABLE and DESCRIPTOR come first (a ROW and a DESCRIPTOR type); intervals follow, the last one an optional offset. */
function windowTable(
  name: keyof typeof windowDocs,
  intervals: number,
  sizes: string,
  offset: boolean,
): FunctionDefinition {
  const rules = [table, table, ...Array(intervals).fill(interval)]
  return {
    name,
    kind: 'windowTable',
    category: 'window',
    syntax: 'function',
    input: offset ? forms(form(...rules), form(...rules, interval)) : forms(form(...rules)),
    output: ([input]) => windowedRow(input!),
    nullRule: 'custom',
    deterministic: true,
    doc: `Assigns rows to ${windowDocs[name]}.`,
    example: `${name}(TABLE orders, DESCRIPTOR(order_time), ${sizes})`,
  }
}

/** The input's columns, then window_start, window_end and window_time; the validator gives window_time the time attribute's type. */
function windowedRow(input: LogicalType): LogicalType {
  const fields = input.kind === 'ROW' ? input.fields : []
  const start: LogicalType = { kind: 'TIMESTAMP', precision: 3, nullable: false }
  const attribute: LogicalType = { ...start, timeAttribute: 'rowtime' }
  const added = [
    { name: 'window_start', type: start },
    { name: 'window_end', type: start },
    { name: 'window_time', type: attribute },
  ]
  return withNullability({ kind: 'ROW', fields: [...fields, ...added], nullable: false }, false)
}

export const windowFunctions: readonly FunctionDefinition[] = [
  ...groupWindows.flatMap(groupWindow),
  windowTable('TUMBLE', 1, "INTERVAL '1' MINUTE", true),
  windowTable('HOP', 2, "INTERVAL '1' MINUTE, INTERVAL '5' MINUTE", true),
  windowTable('CUMULATE', 2, "INTERVAL '1' MINUTE, INTERVAL '1' HOUR", true),
  windowTable('SESSION', 1, "INTERVAL '10' MINUTE", false),
]
