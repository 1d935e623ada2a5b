// What a built-in function is: one plain object each. The rows are in the files beside, by Flink's documentation categories;
// lookup is in find-function.ts. Validator, planner, engine, editor services and docs all read this one table.
import type { DiagnosticCode } from '../diagnostics/codes.ts'
import type { LogicalType } from '../types/logical-type.ts'
import type { Value } from '../types/value.ts'

export type FunctionKind =
  | 'scalar'
  /** Over a group, or over an OVER window. */
  | 'aggregate'
  /** Only with OVER (ROW_NUMBER, RANK, LAG …). */
  | 'over'
  /** In FROM: UNNEST and other table functions. */
  | 'table'
  /** In FROM: TUMBLE, HOP, CUMULATE, SESSION over TABLE and DESCRIPTOR. */
  | 'windowTable'
  /** TUMBLE, HOP, SESSION inside GROUP BY. */
  | 'groupWindow'
  /** TUMBLE_START … : a property of the group window of the same arguments. */
  | 'groupWindowProperty'
  /** Only inside MATCH_RECOGNIZE. */
  | 'match'

export type FunctionCategory =
  | 'comparison'
  | 'logical'
  | 'arithmetic'
  | 'string'
  | 'temporal'
  | 'conditional'
  | 'type conversion'
  | 'collection'
  | 'JSON'
  | 'variant'
  | 'value construction'
  | 'value access'
  | 'grouping'
  | 'hash'
  | 'bitmap'
  | 'auxiliary'
  | 'aggregate'
  | 'time interval'
  | 'window'
  | 'table'
  | 'pattern'

/** One argument as inference sees it. */
export type Argument = {
  readonly type: LogicalType
  /**
   * The value where the argument is a literal (a CAST of one is none). The bare NULL has type NULL and literal `null`.
   * Keywords inside calls (`DAY` in EXTRACT, `BOTH` in TRIM, a type after RETURNING) are literals of type SYMBOL with a string.
   */
  readonly literal?: Value
  /** Made of literals alone: Flink evaluates a call of such arguments while planning, so what its code generation refuses fails there. */
  readonly constant?: boolean
}

/** Where a call stands, as far as its type depends on it. */
export type CallPlace = {
  /** An aggregate whose group may be empty: no GROUP BY, or the empty grouping set. Not set for OVER. */
  readonly groupMayBeEmpty?: boolean
  /** Inside OVER: the frame always holds the current row. */
  readonly over?: boolean
  readonly filtered?: boolean
  readonly distinct?: boolean
  /** The target type of CAST and TRY_CAST, the RETURNING type of JSON functions. */
  readonly target?: LogicalType
}

/**
 * The types of a well-formed call. `argumentTypes`: what the call receives; where one differs from the argument's own type the
 * caller wraps that argument in a CAST to it (Flink casts there too, in its planner or its generated code).
 */
export type CallTypes = { readonly type: LogicalType; readonly argumentTypes: readonly LogicalType[] }

/** Why a call is refused. The validator makes the diagnostic: it knows the spans. */
export type Mismatch = {
  readonly code: DiagnosticCode
  /** The stage at which Flink refuses the same call. */
  readonly stage: 'validate' | 'plan' | 'codegen'
  /** 0-based: the argument at fault; absent: the arguments together, or their number. */
  readonly argument?: number
  /** What could have stood there, in the user's words: `a number`, `STRING`, `2 or 3 arguments`. */
  readonly expected: readonly string[]
  /** What stands there: a printed type, or a number of arguments. */
  readonly found: string
  readonly hint?: string
}

export type Inference = CallTypes | { readonly mismatch: Mismatch }

/** Checks arguments and says what the function receives. Data: made by the combinators of input-strategies.ts. */
export type InputStrategy = {
  /** The forms it accepts, for signature help and messages: `(string, start [, length])`. */
  readonly forms: readonly string[]
  /** Least and most number of arguments. */
  readonly count: readonly [number, number]
  readonly check: (args: readonly Argument[], place: CallPlace) => readonly LogicalType[] | Mismatch
}

/** The result type, nullability included, from what the function receives. `args` are the arguments as written. */
export type OutputStrategy = (
  received: readonly LogicalType[],
  args: readonly Argument[],
  place: CallPlace,
) => LogicalType | Mismatch

/** What a kernel is made from, once per call in the plan. */
export type KernelContext = {
  readonly argumentTypes: readonly LogicalType[]
  readonly resultType: LogicalType
  /** The literal value per argument, `undefined` where it is no literal: patterns are compiled once. */
  readonly literals: readonly (Value | undefined)[]
  /** The function each argument calls, where it is a call: JSON constructors write what other JSON constructors made as it is. */
  readonly argumentFunctions?: readonly (string | undefined)[]
  /** `table.local-time-zone`, an IANA name. */
  readonly timeZone: string
  /** The engine's clock (ms since the epoch) and its source of random numbers in [0, 1): kernels have none of their own. */
  readonly now: () => number
  readonly random: () => number
}

/**
 * One row: boxed arguments in, boxed result out. Called only without NULL arguments where `nullRule` is `strict`.
 * Failures the query's author must know of throw `JobError` (origin `user`, retry `never`). CASE and IF: the caller evaluates only the
 * conditions up to the first that is TRUE and the value taken, since the others may fail.
 */
export type Kernel = (args: readonly Value[]) => Value

/**
 * How generated code names one operand: JavaScript expressions without side effects, cheap to repeat (locals or literals).
 * `isNull` is a boolean expression, `'false'` where the operand can't be NULL.
 * int32 holds what Int32Column holds; int64 a pair of int32 words (low, high), as in Int64Column; timestamp millis as a
 * double and nanos within the millisecond (`'0'` where the precision is 3 or less); bytes a Uint8Array, a start, a length.
 */
export type Register = { readonly isNull: string } & (
  | { readonly carrier: 'int32' | 'float64'; readonly value: string }
  | { readonly carrier: 'int64'; readonly low: string; readonly high: string }
  | { readonly carrier: 'timestamp'; readonly millis: string; readonly nanos: string }
  | { readonly carrier: 'bytes'; readonly data: string; readonly start: string; readonly length: string }
)

export type EmitScope = {
  /** A fresh local variable's name (letters and a counter); the caller declares it with `let` before the text. */
  readonly local: () => string
  /** An expression that reads `value` from the constants array: the only way for strings and objects into the text. */
  readonly constant: (value: unknown) => string
}

/**
 * The operation as JavaScript statements that assign every part of `result`, whose parts are names of declared locals.
 * Under the `strict` rule the caller runs the text only when no operand is NULL and sets `result.isNull` itself; under
 * `custom` the text assigns `result.isNull` too. It contains only counters, checked numbers and `scope`'s expressions.
 * `undefined`: not for these types, use `kernel`.
 */
export type Emit = (
  operands: readonly Register[],
  result: Register,
  types: { readonly argumentTypes: readonly LogicalType[]; readonly resultType: LogicalType },
  scope: EmitScope,
) => string | undefined

/**
 * One piece of an aggregate's state. The engine owns the storage; `type` is the type it is kept in.
 * Rows with a NULL in `argument` are skipped (so SQL's NULL rule holds); without `argument` every row counts.
 * - `count`: BIGINT, starts at 0. `sum`: starts at 0, wraps at the width of its type (Java's rule); DECIMAL never wraps: past its precision it becomes NULL and stays so.
 * - `sumOfSquares`: DOUBLE. `min`, `max`: NULL until the first value. `first`, `last`: by arrival.
 * - `values`: all argument tuples in order of arrival, NULLs included where `nulls` is set (ARRAY_AGG, LISTAGG …).
 */
export type Accumulator =
  | { readonly kind: 'count'; readonly argument?: number; readonly type: LogicalType }
  | { readonly kind: 'sum' | 'min' | 'max' | 'first' | 'last'; readonly argument: number; readonly type: LogicalType }
  | {
      readonly kind: 'values'
      readonly arguments: readonly number[]
      readonly nulls: boolean
      readonly type: LogicalType
    }

/**
 * How an aggregate runs. `accumulators` may be shared between calls of one operator when equal.
 * `finish`: a named rule the engine implements over columns (`single`: accumulator 0 itself; `nullIfZero`: accumulator 0, NULL when
 * accumulator 1 (a count) is 0; `quotient`: accumulator 0 by accumulator 1, NULL when that is 0, integers truncated, in the call's type),
 * or a function of the boxed accumulators (a `values` accumulator is an array of tuples).
 */
export type AggregatePlan = {
  readonly accumulators: readonly Accumulator[]
  readonly finish: 'single' | 'nullIfZero' | 'quotient' | ((accumulators: readonly Value[]) => Value)
  /**
   * `subtract`: a retracted row is taken out of the accumulators by arithmetic; `values`: all values must be kept (with counts) to
   * take one out; `never`: Flink refuses the call on updating input.
   */
  readonly retraction: 'subtract' | 'values' | 'never'
}

export type FunctionDefinition = {
  /** As the plan and explain name it: upper case, or the operator's symbol (`+`, `IS NOT NULL`, `NOT LIKE`). Unary minus is `-x`, unary plus `+x`. */
  readonly name: string
  readonly aliases?: readonly string[]
  readonly kind: FunctionKind
  readonly category: FunctionCategory
  /** `niladic`: also or only without parentheses (CURRENT_DATE). `special`: own grammar, arguments in the order `input.forms` names. */
  readonly syntax: 'function' | 'niladic' | 'binary' | 'prefix' | 'postfix' | 'special'
  readonly input: InputStrategy
  readonly output: OutputStrategy
  /** `strict`: NULL when an argument is NULL, decided by the caller. `custom`: the kernel sees NULLs. */
  readonly nullRule: 'strict' | 'custom'
  /** `false`: differs per row or per run even for equal arguments (RAND, UUID, NOW). */
  readonly deterministic: boolean
  /** One sentence. */
  readonly doc: string
  /** A SQL expression. */
  readonly example: string
  /** Absent: type-checked, but the local engine can't run it yet. */
  readonly kernel?: (context: KernelContext) => Kernel
  readonly emit?: Emit
  /** Of kind `aggregate`: absent as with `kernel`. */
  readonly aggregate?: (argumentTypes: readonly LogicalType[], resultType: LogicalType) => AggregatePlan
}

export function isMismatch(result: object): result is { readonly mismatch: Mismatch } {
  return 'mismatch' in result
}

/** Types a call of `definition`: checks the number of arguments, then the arguments, then derives the result. */
export function inferCall(definition: FunctionDefinition, args: readonly Argument[], place: CallPlace = {}): Inference {
  const [least, most] = definition.input.count
  if (args.length < least || args.length > most) {
    return { mismatch: countMismatch(definition.input.count, args.length) }
  }
  const received = definition.input.check(args, place)
  if ('code' in received) return { mismatch: received }
  const type = definition.output(received, args, place)
  if ('code' in type) return { mismatch: type }
  return { type, argumentTypes: received }
}

function countMismatch([least, most]: readonly [number, number], found: number): Mismatch {
  const plural = (count: number) => `${count} argument${count === 1 ? '' : 's'}`
  const expected =
    most === Number.POSITIVE_INFINITY
      ? `at least ${plural(least)}`
      : least === most
        ? plural(least)
        : `${least} to ${plural(most)}`
  return { code: 'TYP001', stage: 'validate', expected: [expected], found: plural(found) }
}
