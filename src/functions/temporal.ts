// Date and time functions. Kernels are in temporal-kernels.ts, patterns in date-format.ts.
import { type LogicalType, type TypeOf, withNullability } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import { isInFamily } from '../types/type-family.ts'
import { fractionDigits } from './date-format.ts'
import type { Argument, FunctionDefinition, InputStrategy, Mismatch, OutputStrategy } from './function-definition.ts'
import {
  any,
  argumentMismatch,
  castToFamily,
  castToKind,
  family,
  form,
  forms,
  integer,
  integerAsInt,
  string,
  symbol,
} from './input-strategies.ts'
import { BIGINT, BOOLEAN, DATE, INT, notNull, nullable, nullableIfAnyArgument, STRING } from './output-strategies.ts'
import { scalar } from './scalar-function.ts'
import * as kernels from './temporal-kernels.ts'

const datetime = family('DATETIME')
const interval = family('INTERVAL')
const timestampFamily = family('TIMESTAMP')
const unit = symbol()
const bigint = {
  label: 'a whole number',
  accept: ({ type }: Argument) => (isInFamily(type, 'INTEGER') ? withNullability(BIGINT, type.nullable) : undefined),
}

function current(
  name: string,
  type: LogicalType,
  doc: string,
  kernel: FunctionDefinition['kernel'],
  syntax: 'niladic' | 'function' = 'niladic',
) {
  const precise = name === 'CURRENT_DATE' || name === 'CURRENT_ROW_TIMESTAMP'
  return scalar({
    name,
    category: 'temporal',
    syntax,
    input: precise || name === 'NOW' ? forms(form()) : withoutPrecision,
    output: notNull(type),
    nullRule: 'custom',
    deterministic: false,
    doc,
    example: syntax === 'niladic' ? name : `${name}()`,
    ...(kernel && { kernel }),
  })
}

/** The validator knows a precision after the name, the generated code does not. */
const withoutPrecision: InputStrategy = {
  ...forms(form(), form(integerAsInt)),
  check: (args) =>
    args.length === 0 ? [] : { code: 'TYP001', stage: 'codegen', expected: ['no arguments'], found: '1 argument' },
}

const LTZ3: LogicalType = { kind: 'TIMESTAMP_LTZ', precision: 3, nullable: true }
const TIMESTAMP3: LogicalType = { kind: 'TIMESTAMP', precision: 3, nullable: true }
const TIME0: LogicalType = { kind: 'TIME', precision: 0, nullable: true }

/** Fields that EXTRACT knows for each kind of operand; others are refused while Flink converts or generates. */
function part(name: string, field: string, doc: string): FunctionDefinition {
  return scalar({
    name,
    category: 'temporal',
    input: forms(form(datetime)),
    output: nullableIfAnyArgument(BIGINT),
    doc,
    example: `${name}(order_time)`,
    kernel: (context) => kernels.extractKernel(field, context.argumentTypes[0]!, context.timeZone),
  })
}

const extractForms = forms(form(any, interval), form(any, datetime))

/** A time of day has no year; a date no nanosecond: found while code is generated. */
const extractInput: InputStrategy = {
  ...extractForms,
  check: (args, place) => {
    const checked = extractForms.check(args, place)
    if ('code' in checked) return checked
    const field = String(args[0]!.literal)
    const { kind } = args[1]!.type
    const ofClock = ['HOUR', 'MINUTE', 'SECOND', 'MILLISECOND', 'MICROSECOND', 'NANOSECOND', 'EPOCH'].includes(field)
    if ((kind === 'TIME' && !ofClock) || (kind === 'DATE' && field === 'NANOSECOND')) {
      return { ...argumentMismatch(args[1]!, 1, [`a time that has a ${field}`]), stage: 'codegen' }
    }
    return checked
  },
}

function rounded(name: 'FLOOR' | 'CEIL', doc: string): FunctionDefinition {
  return scalar({
    name,
    ...(name === 'CEIL' && { aliases: ['CEILING'] }),
    category: 'arithmetic',
    input: forms(form(family('NUMERIC')), form(interval), form(datetime, any)),
    output: ([type]) => (type!.kind === 'DECIMAL' ? { ...type!, scale: 0 } : type!),
    doc,
    example: `${name}(order_time TO HOUR)`,
    kernel: (context) => kernels.floorKernel(name, context),
  })
}

/** Hours and less make a TIMESTAMP of a DATE. */
const timestampAddType: OutputStrategy = (_, args) => {
  const { type } = args[2]!
  const isNullable = args.some((argument) => argument.type.nullable)
  const fine = ['HOUR', 'MINUTE', 'SECOND'].includes(String(args[0]!.literal))
  if (fine && type.kind === 'DATE') return { kind: 'TIMESTAMP', precision: 6, nullable: isNullable }
  if (fine && isInFamily(type, 'TIMESTAMP')) {
    return { kind: type.kind as 'TIMESTAMP', precision: (type as TypeOf<'TIMESTAMP'>).precision, nullable: isNullable }
  }
  return withNullability(type, isNullable)
}

/** The generated code subtracts a TIMESTAMP_LTZ only from another one. */
function checkTimestampDiff(args: readonly Argument[]): readonly LogicalType[] | Mismatch {
  for (const [i, argument] of args.slice(1).entries()) {
    if (!isInFamily(argument.type, 'DATETIME')) return argumentMismatch(argument, i + 1, ['a date, time or timestamp'])
  }
  const [from, to] = [args[1]!.type, args[2]!.type]
  if ((from.kind === 'TIMESTAMP_LTZ') !== (to.kind === 'TIMESTAMP_LTZ')) {
    return {
      code: 'TYP002',
      stage: 'codegen',
      argument: 2,
      expected: [printType(withNullability(from, true))],
      found: printType(to),
    }
  }
  return args.map(({ type }) => type)
}

const formattedString = forms(form(string), form(string, string))

/** (number [, precision]), (string [, pattern [, time zone]]). */
function checkToTimestampLtz(args: readonly Argument[]): readonly LogicalType[] | Mismatch {
  const numeric = forms(form(castToFamily('NUMERIC')), form(castToFamily('NUMERIC'), castToKind('INTEGER')))
  const text = castToFamily('CHARACTER')
  const textual = forms(form(text), form(text, text), form(text, text, text))
  const first = args[0]!.type
  if (isInFamily(first, 'CHARACTER') || first.kind === 'NULL') return textual.check(args, {})
  return numeric.check(args, {})
}

const toTimestampLtzType: OutputStrategy = (received, args) => {
  if (isInFamily(received[0]!, 'NUMERIC')) {
    const precision = args[1]?.literal
    if (typeof precision !== 'number') return LTZ3
    if (precision < 0 || precision > 9) {
      return {
        code: 'TYP006',
        stage: 'validate',
        argument: 1,
        expected: ['a precision from 0 to 9'],
        found: String(precision),
      }
    }
    return { ...LTZ3, precision: Math.max(precision, 3) } as LogicalType
  }
  const pattern = args[1]?.literal
  return { ...LTZ3, precision: Math.max(3, typeof pattern === 'string' ? fractionDigits(pattern) : 0) } as LogicalType
}

export const temporalFunctions: readonly FunctionDefinition[] = [
  current('CURRENT_DATE', DATE, 'The current date in the time zone of the session.', kernels.currentDate),
  current('CURRENT_TIME', TIME0, 'The current time of day in the time zone of the session.', kernels.currentTime),
  current('LOCALTIME', TIME0, 'The current time of day in the time zone of the session.', kernels.currentTime),
  current('CURRENT_TIMESTAMP', LTZ3, 'The current instant.', kernels.currentInstant),
  current('NOW', LTZ3, 'The current instant.', kernels.currentInstant, 'function'),
  current('CURRENT_ROW_TIMESTAMP', LTZ3, 'The current instant, anew for each row.', kernels.currentInstant, 'function'),
  current(
    'LOCALTIMESTAMP',
    TIMESTAMP3,
    'The current wall-clock time in the time zone of the session.',
    kernels.currentLocal,
  ),
  scalar({
    name: 'PROCTIME',
    category: 'temporal',
    input: forms(form()),
    output: () => ({ kind: 'TIMESTAMP_LTZ', precision: 3, timeAttribute: 'proctime', nullable: false }),
    nullRule: 'custom',
    deterministic: false,
    doc: 'The processing time, as a time attribute.',
    example: 'PROCTIME()',
  }),
  scalar({
    name: 'INTERVAL',
    category: 'temporal',
    syntax: 'special',
    // (number, unit): INTERVAL x DAY
    input: forms(form(integer, unit)),
    output: (_, args) => {
      const months = ['YEAR', 'QUARTER', 'MONTH'].includes(String(args[1]!.literal))
      return { kind: 'INTERVAL', unit: months ? 'YEAR_MONTH' : 'DAY_TIME', nullable: args[0]!.type.nullable }
    },
    doc: 'An interval of a number of units.',
    example: 'INTERVAL days DAY',
    kernel: kernels.intervalOfUnits,
  }),
  scalar({
    name: 'EXTRACT',
    category: 'temporal',
    syntax: 'special',
    // (unit FROM time)
    input: extractInput,
    output: nullableIfAnyArgument(BIGINT),
    doc: 'A field of a date, time, timestamp or interval.',
    example: 'EXTRACT(HOUR FROM order_time)',
    kernel: (context) =>
      kernels.extractKernel(String(context.literals[0]), context.argumentTypes[1]!, context.timeZone, 1),
  }),
  part('YEAR', 'YEAR', 'The year.'),
  part('QUARTER', 'QUARTER', 'The quarter of the year, 1 to 4.'),
  part('MONTH', 'MONTH', 'The month, 1 to 12.'),
  part('WEEK', 'WEEK', 'The ISO week of the year.'),
  part('DAYOFYEAR', 'DOY', 'The day of the year, from 1.'),
  part('DAYOFMONTH', 'DAY', 'The day of the month, from 1.'),
  part('DAYOFWEEK', 'DOW', 'The day of the week, 1 for Sunday.'),
  part('HOUR', 'HOUR', 'The hour, 0 to 23.'),
  part('MINUTE', 'MINUTE', 'The minute, 0 to 59.'),
  part('SECOND', 'SECOND', 'The second, 0 to 59.'),
  rounded('FLOOR', 'The greatest whole number not above the number, or the time cut to a unit.'),
  rounded('CEIL', 'The least whole number not below the number, or the time raised to a unit.'),
  scalar({
    name: 'DATE_FORMAT',
    category: 'temporal',
    input: forms(form(timestampFamily, string), form(string, string)),
    output: nullable(STRING),
    doc: 'A timestamp (or its text) as text, by a pattern of Java.',
    example: "DATE_FORMAT(order_time, 'yyyy-MM-dd HH:mm')",
    kernel: kernels.dateFormat,
  }),
  scalar({
    name: 'TIMESTAMPADD',
    category: 'temporal',
    syntax: 'special',
    // (unit, count, time)
    input: forms(form(any, integer, datetime)),
    output: timestampAddType,
    doc: 'A time moved by a number of units.',
    example: 'TIMESTAMPADD(HOUR, 1, order_time)',
    kernel: kernels.timestampAdd,
  }),
  scalar({
    name: 'TIMESTAMPDIFF',
    category: 'temporal',
    syntax: 'special',
    // (unit, from, to)
    input: { forms: ['(unit, time, time)'], count: [3, 3], check: checkTimestampDiff },
    output: nullableIfAnyArgument(INT),
    doc: 'The number of whole units between two times.',
    example: 'TIMESTAMPDIFF(DAY, order_date, ship_date)',
    kernel: kernels.timestampDiff,
  }),
  scalar({
    name: 'DATE_DIFFERENCE',
    category: 'temporal',
    syntax: 'special',
    // (time, time, leading unit): (a - b) DAY TO SECOND
    input: forms(form(datetime, datetime, any)),
    output: (_, args) => {
      const months = ['YEAR', 'QUARTER', 'MONTH'].includes(String(args[2]!.literal))
      const isNullable = args.some((argument) => argument.type.nullable)
      return { kind: 'INTERVAL', unit: months ? 'YEAR_MONTH' : 'DAY_TIME', nullable: isNullable }
    },
    doc: 'The interval between two times.',
    example: '(ship_time - order_time) DAY TO SECOND',
    kernel: kernels.dateDifference,
  }),
  scalar({
    name: 'CONVERT_TZ',
    category: 'temporal',
    input: forms(form(string, string, string)),
    output: nullable(STRING),
    doc: "Text of a wall-clock time in one zone as that of another, both as 'yyyy-MM-dd HH:mm:ss'.",
    example: "CONVERT_TZ('2024-01-01 00:00:00', 'UTC', 'Europe/Amsterdam')",
    kernel: kernels.convertTimeZone,
  }),
  scalar({
    name: 'FROM_UNIXTIME',
    category: 'temporal',
    input: forms(form(bigint), form(bigint, string)),
    output: nullable(STRING),
    doc: 'Seconds since 1970 as text in the time zone of the session, by a pattern.',
    example: 'FROM_UNIXTIME(44)',
    kernel: kernels.fromUnixTime,
  }),
  scalar({
    name: 'UNIX_TIMESTAMP',
    category: 'temporal',
    input: forms(form(), form(string), form(string, string)),
    output: nullableIfAnyArgument(BIGINT),
    deterministic: false,
    doc: 'Seconds since 1970, of now or of a text in the time zone of the session.',
    example: "UNIX_TIMESTAMP('1970-01-01 00:00:44')",
    kernel: kernels.unixTimestamp,
  }),
  scalar({
    name: 'TO_DATE',
    category: 'temporal',
    input: formattedString,
    output: nullable(DATE),
    doc: 'The date that a text names, by a pattern (yyyy-MM-dd by default); NULL when it names none.',
    example: "TO_DATE('2024-05-01')",
    kernel: kernels.toDate,
  }),
  scalar({
    name: 'TO_TIMESTAMP',
    category: 'temporal',
    input: formattedString,
    output: nullable(TIMESTAMP3),
    doc: 'The timestamp that a text names, by a pattern (yyyy-MM-dd HH:mm:ss by default); NULL when it names none.',
    example: "TO_TIMESTAMP('2024-05-01 10:00:00')",
    kernel: kernels.toTimestamp,
  }),
  scalar({
    name: 'TO_TIMESTAMP_LTZ',
    category: 'temporal',
    input: {
      forms: ['(number [, precision])', '(string [, pattern [, time zone]])'],
      count: [1, 3],
      check: checkToTimestampLtz,
    },
    output: toTimestampLtzType,
    doc: 'The instant of seconds (precision 0) or milliseconds (3) since 1970, or of a text.',
    example: 'TO_TIMESTAMP_LTZ(created_at_ms, 3)',
    kernel: kernels.toTimestampLtz,
  }),
  scalar({
    name: 'CURRENT_WATERMARK',
    category: 'temporal',
    input: {
      forms: ['(rowtime attribute)'],
      count: [1, 1],
      check: ([argument]) => {
        const { type } = argument!
        const rowtime = isInFamily(type, 'TIMESTAMP') && (type as TypeOf<'TIMESTAMP'>).timeAttribute === 'rowtime'
        return rowtime ? [type] : argumentMismatch(argument!, 0, ['an event-time attribute'])
      },
    },
    output: ([type]) => ({ kind: type!.kind as 'TIMESTAMP', precision: 3, nullable: true }),
    nullRule: 'custom',
    deterministic: false,
    doc: 'The current watermark of an event-time attribute; NULL before the first one.',
    example: 'CURRENT_WATERMARK(order_time)',
  }),
  scalar({
    name: 'SOURCE_WATERMARK',
    category: 'temporal',
    input: forms(form()),
    output: () => ({ kind: 'TIMESTAMP', precision: 3, timeAttribute: 'rowtime', nullable: true }),
    nullRule: 'custom',
    deterministic: false,
    doc: 'In WATERMARK FOR: the watermark that the connector itself provides.',
    example: 'SOURCE_WATERMARK()',
  }),
  scalar({
    name: 'OVERLAPS',
    category: 'temporal',
    syntax: 'binary',
    // (start, end or length) twice, as two rows
    input: {
      forms: ['((time, time or interval), (time, time or interval))'],
      count: [2, 2],
      check: (args) => {
        for (const [i, argument] of args.entries()) {
          const { type } = argument
          const fits = type.kind === 'ROW' && type.fields.length === 2 && isInFamily(type.fields[0]!.type, 'DATETIME')
          if (!fits) return argumentMismatch(argument, i, ['a pair of times'])
        }
        return args.map(({ type }) => type)
      },
    },
    output: nullableIfAnyArgument(BOOLEAN),
    doc: 'Whether two periods share an instant.',
    example: "(a, INTERVAL '1' HOUR) OVERLAPS (b, c)",
  }),
]
