// The one door: a pipeline's spec and the schemas it names → tables, SQL, proofs, plans. Pure; fetching is resolve-schemas.ts's.
import type { Plan } from '../plan/plan.ts'
import type { PipelineSpec, RecordErrorKind, RecordErrorPolicy, SinkSpec, SourceSpec } from './spec.ts'

/** A registered schema that a deployment stays with until it is refreshed. */
export type PinnedSchema = {
  readonly id: number
  /** Absent when the spec names a schema id only and the registry lists it under no subject. */
  readonly subject?: string
  readonly version?: number
  readonly text: string
  /** Texts of the schemas it refers to, in the order one parser must read them before `text`. */
  readonly references: readonly string[]
}

/** What resolve-schemas.ts found for a spec, by the names of its sources and sinks. */
export type ResolvedSchemas = {
  readonly sources: ReadonlyMap<string, { readonly value: PinnedSchema }>
  readonly sinks: ReadonlyMap<string, { readonly value: PinnedSchema; readonly key?: PinnedSchema }>
}

export type CompiledSource = {
  readonly spec: SourceSpec
  readonly reader: PinnedSchema
}

export type CompiledSink = {
  readonly spec: SinkSpec
  readonly writer: PinnedSchema
  /** Positions of the key's columns in the sink's input; without `schema`, the one STRING column's UTF-8 bytes. */
  readonly key?: { readonly columns: readonly number[]; readonly schema?: PinnedSchema }
}

export type CompiledPipeline = {
  readonly spec: PipelineSpec
  /** Canonical Flink SQL, one text per statement, views included. */
  readonly statements: readonly string[]
  /** One per INSERT; its root is a `sink` whose `table` is the name of one of `sinks`. */
  readonly plans: readonly Plan[]
  readonly sources: readonly CompiledSource[]
  readonly sinks: readonly CompiledSink[]
  readonly onError: Readonly<Record<RecordErrorKind, RecordErrorPolicy>>
}
