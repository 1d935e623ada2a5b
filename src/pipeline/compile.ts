// The one door: a pipeline's spec and the schemas it names → tables, SQL, proofs, plans. Pure; fetching is resolve-schemas.ts's.

import type { OutputMapping } from '../catalog/output-mapping.ts'
import type { Table } from '../catalog/table.ts'
import type { Plan } from '../plan/plan.ts'
import type { PinnedSchema } from './resolved-schemas.ts'
import type { PipelineSpec, RecordErrorKind, RecordErrorPolicy, SinkSpec, SourceSpec } from './spec.ts'

export type CompiledSource = {
  readonly spec: SourceSpec
  readonly table: Table
  /** Records are resolved to this version, whatever version wrote them. */
  readonly reader: PinnedSchema
  readonly keyReader?: PinnedSchema
}

export type CompiledSink = {
  readonly spec: SinkSpec
  readonly table: Table
  readonly writer: PinnedSchema
  /** How the columns of its plan fill the fields of the writer's record. */
  readonly mapping: OutputMapping
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
