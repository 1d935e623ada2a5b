// The plan: what the local engine runs, explain prints, and the state verdict compares. Made by validator/, improved by planner/.
import type { Span } from '../diagnostics/diagnostic.ts'
import type { Field } from '../types/logical-type.ts'
import type { AggregateCall, Expression } from './expression.ts'
import type { Pattern } from './pattern.ts'

/**
 * `append`: inserts only. `upsert`: inserts, updates without the old row, deletes. `retract`: updates come as -U +U.
 * Which of the four kinds really occur is in `changelog.ts`.
 */
export type ChangelogMode = 'append' | 'upsert' | 'retract'

/** All sizes in milliseconds. `timeColumn` is a column of the operator's input. */
export type Window = { readonly timeColumn: number; readonly offsetMs: number } & (
  | { readonly kind: 'tumble'; readonly sizeMs: number }
  | { readonly kind: 'hop'; readonly sizeMs: number; readonly slideMs: number }
  | { readonly kind: 'cumulate'; readonly maxSizeMs: number; readonly stepMs: number }
  /** `partition` only in a window table: sessions are per values of these columns. */
  | { readonly kind: 'session'; readonly gapMs: number; readonly partition?: readonly number[] }
)

/** What a windowed aggregate adds behind keys and calls, in this order. `rowtime` is the time attribute `end - 1 ms`. */
export type WindowProperty = 'start' | 'end' | 'rowtime' | 'proctime'

/** NULLs are first where `nullsFirst`; Flink's default is the lowest value. */
export type SortKey = { readonly column: number; readonly descending: boolean; readonly nullsFirst: boolean }

export type JoinType = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti'

/** What a join keeps, and for how long. Columns of `left…` count in the left schema, of `right…` in the right one. */
export type JoinStrategy =
  /** Both sides are kept for ever (or until the state's time to live). */
  | { readonly kind: 'regular' }
  /** left.time between right.time + lowerMs and right.time + upperMs, both ends included. */
  | {
      readonly kind: 'interval'
      readonly leftTime: number
      readonly rightTime: number
      readonly lowerMs: number
      readonly upperMs: number
    }
  /** Equal windows on both sides, which are closed by the watermark. */
  | { readonly kind: 'window'; readonly leftEnd: number; readonly rightEnd: number }
  /** The version of the right side at the left row's time; the right side's key and time column. */
  | { readonly kind: 'temporal'; readonly leftTime: number; readonly rightTime: number }
  /** The right side is asked at processing time. */
  | { readonly kind: 'lookup'; readonly leftTime: number }

/** Offsets count rows, or are milliseconds (the value as literal) for RANGE. */
export type FrameBound =
  | { readonly kind: 'unboundedPreceding' | 'currentRow' | 'unboundedFollowing' }
  | { readonly kind: 'preceding' | 'following'; readonly offset: number }

export type Frame = { readonly unit: 'rows' | 'range'; readonly from: FrameBound; readonly to: FrameBound }

export type Plan = {
  /** Names the operator's state: equal text and inputs give the same id in every deployment. Empty until planner/ sets it. */
  readonly id: string
  readonly schema: readonly Field[]
  readonly changelog: ChangelogMode
  readonly span: Span
} & PlanNode

type PlanNode =
  | {
      /** `schema` lists only the columns that are read, by their names in the catalog's table. */
      readonly kind: 'scan'
      readonly table: string
      /** A predicate over `schema` that may be evaluated while decoding. Not below a watermark, which all rows raise. */
      readonly filter?: Expression
    }
  | {
      /** Above a scan or the projection of its computed columns: the watermark of a row is `expression` (over the input's schema), kept per partition. */
      readonly kind: 'watermark'
      readonly input: Plan
      readonly column: number
      readonly expression: Expression
      /** An idle partition stops holding the watermark back after this time. */
      readonly idleAfterMs?: number
    }
  | { readonly kind: 'values'; readonly rows: readonly (readonly Expression[])[] }
  | { readonly kind: 'filter'; readonly input: Plan; readonly predicate: Expression }
  | { readonly kind: 'project'; readonly input: Plan; readonly expressions: readonly Expression[] }
  | {
      /** Output: the keys, then one column per call, then the window's properties. Without keys and window: one row, of the whole input. */
      readonly kind: 'aggregate'
      readonly input: Plan
      readonly keys: readonly number[]
      readonly calls: readonly AggregateCall[]
      readonly window?: Window & {
        readonly properties: readonly WindowProperty[]
        /** When a late row is dropped differs: `group` by each window's end, `tvf` by the last window that holds the row. */
        readonly style: 'group' | 'tvf'
      }
    }
  | {
      /** Each row once per list: columns that are not in the list become NULL, the list's number is appended (GROUPING SETS). */
      readonly kind: 'expand'
      readonly input: Plan
      readonly lists: readonly { readonly kept: readonly number[]; readonly groupingId: number }[]
      /** The columns that a list may blank. */
      readonly blanked: readonly number[]
    }
  | {
      /** Output: the input's columns, then window_start, window_end, window_time. */
      readonly kind: 'windowTable'
      readonly input: Plan
      readonly window: Window
    }
  | {
      /** Output: left columns, then right columns; only left ones for semi and anti. */
      readonly kind: 'join'
      readonly left: Plan
      readonly right: Plan
      readonly type: JoinType
      /** Pairs of columns that must be equal. */
      readonly keys: readonly { readonly left: number; readonly right: number; readonly nullSafe: boolean }[]
      /** What else must hold, over left columns then right columns. */
      readonly condition?: Expression
      readonly strategy: JoinStrategy
    }
  | {
      /** One row per element or per row of a table function, evaluated per input row. Output: the input's columns, then the function's. */
      readonly kind: 'correlate'
      readonly input: Plan
      readonly function: string
      readonly arguments: readonly Expression[]
      readonly outer: boolean
    }
  | {
      /** Output: the input's columns, then one per call. */
      readonly kind: 'over'
      readonly input: Plan
      readonly partition: readonly number[]
      readonly order: readonly SortKey[]
      readonly frame: Frame
      readonly calls: readonly AggregateCall[]
    }
  | {
      /** The rows numbered `from` to `to` (1-based) of each partition; within a window where `windowEnd` names its end column. */
      readonly kind: 'rank'
      readonly input: Plan
      readonly partition: readonly number[]
      readonly order: readonly SortKey[]
      readonly from: number
      readonly to: number
      /** Appends the row number as BIGINT NOT NULL. */
      readonly numbered: boolean
      readonly windowEnd?: number
    }
  | {
      /** The first or the last row of each partition by the time column. */
      readonly kind: 'deduplicate'
      readonly input: Plan
      readonly partition: readonly number[]
      readonly timeColumn: number
      readonly keep: 'first' | 'last'
      readonly numbered: boolean
      readonly windowEnd?: number
    }
  | {
      /** By event time (`order[0]`), as the watermark passes. */
      readonly kind: 'sort'
      readonly input: Plan
      readonly order: readonly SortKey[]
    }
  | {
      /** MATCH_RECOGNIZE, ONE ROW PER MATCH. Output: the partition's columns, then the measures. */
      readonly kind: 'match'
      readonly input: Plan
      readonly partition: readonly number[]
      readonly order: readonly SortKey[]
      readonly pattern: Pattern
    }
  | { readonly kind: 'union'; readonly inputs: readonly Plan[] }
  | { readonly kind: 'intersect' | 'except'; readonly left: Plan; readonly right: Plan; readonly all: boolean }
  | {
      /** Makes a full changelog of an upsert source: remembers the last row per key. */
      readonly kind: 'normalize'
      readonly input: Plan
      readonly keys: readonly number[]
    }
  | {
      readonly kind: 'sink'
      readonly input: Plan
      readonly table: string
      /** What the sink takes: `append` only inserts. */
      readonly accepts: ChangelogMode
      /** Columns by which an upsert sink replaces rows. */
      readonly primaryKey: readonly number[]
      readonly onConflict?: 'error' | 'nothing' | 'deduplicate'
    }

export type PlanKind = Plan['kind']

export type PlanOf<K extends PlanKind> = Extract<Plan, { readonly kind: K }>

/** The operators directly below. */
export function inputsOf(plan: Plan): readonly Plan[] {
  switch (plan.kind) {
    case 'scan':
    case 'values':
      return []
    case 'join':
    case 'intersect':
    case 'except':
      return [plan.left, plan.right]
    case 'union':
      return plan.inputs
    default:
      return [plan.input]
  }
}

/** The same operator over other inputs, in the order of `inputsOf`. */
export function withInputs(plan: Plan, inputs: readonly Plan[]): Plan {
  switch (plan.kind) {
    case 'scan':
    case 'values':
      return plan
    case 'join':
    case 'intersect':
    case 'except':
      return inputs[0] === plan.left && inputs[1] === plan.right
        ? plan
        : { ...plan, left: inputs[0]!, right: inputs[1]! }
    case 'union':
      return plan.inputs.every((input, i) => input === inputs[i]) ? plan : { ...plan, inputs }
    default:
      return inputs[0] === plan.input ? plan : { ...plan, input: inputs[0]! }
  }
}
