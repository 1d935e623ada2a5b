// The plan: what the local engine runs, explain prints, and the state verdict compares. Made by validator/, improved by planner/.
import type { Span } from '../diagnostics/diagnostic.ts'
import type { Field } from '../types/logical-type.ts'
import type { AggregateCall, Expression } from './expression.ts'

export type ChangelogMode = 'append' | 'upsert' | 'retract'

/** All sizes in milliseconds. `timeColumn` is a column of the aggregate's input. */
export type Window = { readonly timeColumn: number; readonly offsetMs: number } & (
  | { readonly kind: 'tumble'; readonly sizeMs: number }
  | { readonly kind: 'hop'; readonly sizeMs: number; readonly slideMs: number }
  | { readonly kind: 'cumulate'; readonly maxSizeMs: number; readonly stepMs: number }
  | { readonly kind: 'session'; readonly gapMs: number }
)

/** What a windowed aggregate adds behind keys and calls, in this order. */
export type WindowProperty = 'start' | 'end' | 'rowtime' | 'proctime'

export type Plan = {
  /** Names the operator's state: equal text and inputs give the same id in every deployment. */
  readonly id: string
  readonly schema: readonly Field[]
  readonly changelog: ChangelogMode
  readonly span: Span
} & (
  | {
      /** `schema` lists only the columns that are read, by their names in the catalog's table. */
      readonly kind: 'scan'
      readonly table: string
      /** A predicate over `schema` that the connector may evaluate while decoding. */
      readonly filter?: Expression
    }
  | {
      /** Directly above a scan: the watermark of a row is `expression` (over the input's schema), kept per partition. */
      readonly kind: 'watermark'
      readonly input: Plan
      readonly column: number
      readonly expression: Expression
      /** An idle partition stops holding the watermark back after this time. */
      readonly idleAfterMs?: number
    }
  | { readonly kind: 'filter'; readonly input: Plan; readonly predicate: Expression }
  | { readonly kind: 'project'; readonly input: Plan; readonly expressions: readonly Expression[] }
  | {
      /** Output: the keys, then one column per call, then the window's properties. */
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
  | { readonly kind: 'union'; readonly inputs: readonly Plan[] }
  | { readonly kind: 'sink'; readonly input: Plan; readonly table: string }
)
