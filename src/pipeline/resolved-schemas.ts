// The registered schemas of a pipeline, fetched and pinned: what a deployment stays with until it is refreshed.

export type PinnedSchema = {
  readonly id: number
  /** Absent when the spec names a schema id only and the registry lists it under no subject. */
  readonly subject?: string
  readonly version?: number
  readonly text: string
  /** Texts of the schemas it refers to, in the order one parser must read them before `text`. */
  readonly references: readonly string[]
}

export type TableSchemas = { readonly value: PinnedSchema; readonly key?: PinnedSchema }

/** By the names of sources and sinks. */
export type ResolvedSchemas = {
  readonly sources: ReadonlyMap<string, TableSchemas>
  readonly sinks: ReadonlyMap<string, TableSchemas>
}
