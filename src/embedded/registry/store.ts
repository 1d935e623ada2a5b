// What the embedded registry holds: schemas by context and id, versions by subject, config and modes. Every change is an event,
// written to the log first and then applied; a start applies the log again. Whether a change is allowed is operations.ts's.
import { createHash } from 'node:crypto'
import { DurableLog } from './durable-log.ts'
import { contextOf } from './subject-name.ts'

export type Reference = { readonly name: string; readonly subject: string; readonly version: number }

export type SchemaContent = {
  readonly schema: string
  readonly references: readonly Reference[]
  /** Kept and answered as they came; part of what makes two schemas equal. */
  readonly metadata?: unknown
  readonly ruleSet?: unknown
}

export type VersionEntry = SchemaContent & {
  readonly subject: string
  readonly version: number
  readonly id: number
  readonly guid: string
  readonly timestamp: number
  readonly deleted: boolean
}

/** Members of a config as PUT takes them (`compatibility`, `normalize`, …), all optional: absent ones are inherited. */
export type Config = Readonly<Record<string, unknown>> & {
  readonly compatibility?: string
  readonly normalize?: boolean
}

type StoreEvent =
  | { readonly kind: 'schema'; readonly entry: VersionEntry }
  | {
      readonly kind: 'delete'
      readonly subject: string
      readonly versions: readonly number[]
      readonly permanent: boolean
    }
  | { readonly kind: 'config'; readonly scope: string; readonly config: Config | null }
  | { readonly kind: 'mode'; readonly scope: string; readonly mode: string | null }

/** The scope of global config and mode. A context's scope is `:.name:`, a subject's is its name. */
export const GLOBAL_SCOPE = ''

/** Confluent's identity of a schema's content: equal content has one guid in every registry, and one id per context. */
export function guidOf(content: SchemaContent): string {
  const hash = createHash('md5').update(content.schema, 'utf8')
  for (const reference of content.references) {
    const version = Buffer.alloc(4)
    version.writeInt32BE(reference.version)
    hash.update(reference.name, 'utf8').update(reference.subject, 'utf8').update(version)
  }
  for (const extra of [content.metadata, content.ruleSet]) if (extra !== undefined) hash.update(JSON.stringify(extra))
  const digits = hash.digest('hex')
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`
}

type ContextState = {
  readonly byId: Map<number, VersionEntry>
  readonly idByGuid: Map<string, number>
  nextId: number
}

export class Store {
  readonly #log: DurableLog
  readonly #contexts = new Map<string, ContextState>()
  /** Ascending versions, soft-deleted ones included. */
  readonly #subjects = new Map<string, VersionEntry[]>()
  readonly #configs = new Map<string, Config>()
  readonly #modes = new Map<string, string>()

  constructor(path: string) {
    this.#log = DurableLog.open(path, (event) => this.#apply(event as StoreEvent))
  }

  close(): void {
    this.#log.close()
  }

  contexts(): readonly string[] {
    return [...this.#contexts.keys()]
  }

  subjects(): IterableIterator<string> {
    return this.#subjects.keys()
  }

  /** Soft-deleted versions included; empty for an unknown subject. */
  versions(subject: string): readonly VersionEntry[] {
    return this.#subjects.get(subject) ?? []
  }

  /** Any version that has this id; ids outlive soft deletes. */
  byId(context: string, id: number): VersionEntry | undefined {
    return this.#contexts.get(context)?.byId.get(id)
  }

  idOf(context: string, content: SchemaContent): number | undefined {
    return this.#contexts.get(context)?.idByGuid.get(guidOf(content))
  }

  /** By subject. */
  entriesOfId(context: string, id: number): readonly VersionEntry[] {
    return this.#all()
      .filter((entry) => entry.id === id && contextOf(entry.subject) === context)
      .sort((a, b) => (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : a.version - b.version))
  }

  entriesOfGuid(guid: string): readonly VersionEntry[] {
    return this.#all().filter((entry) => entry.guid === guid)
  }

  /** Versions, not deleted, that refer to this one. */
  referencedBy(subject: string, version: number): readonly VersionEntry[] {
    return this.#all().filter(
      (entry) =>
        !entry.deleted &&
        entry.references.some((reference) => reference.subject === subject && reference.version === version),
    )
  }

  config(scope: string): Config | undefined {
    return this.#configs.get(scope)
  }

  mode(scope: string): string | undefined {
    return this.#modes.get(scope)
  }

  /** A new version of a subject. Without `id`: the id of equal content in the context, or the next one. */
  addVersion(
    subject: string,
    content: SchemaContent,
    given: { readonly id?: number; readonly version?: number },
  ): VersionEntry {
    const context = contextOf(subject)
    const versions = this.versions(subject)
    const entry: VersionEntry = {
      ...content,
      subject,
      version: given.version ?? (versions.at(-1)?.version ?? 0) + 1,
      id: given.id ?? this.idOf(context, content) ?? this.#contexts.get(context)?.nextId ?? 1,
      guid: guidOf(content),
      timestamp: Date.now(),
      deleted: false,
    }
    this.#commit({ kind: 'schema', entry })
    return entry
  }

  deleteVersions(subject: string, versions: readonly number[], permanent: boolean): void {
    this.#commit({ kind: 'delete', subject, versions, permanent })
  }

  setConfig(scope: string, config: Config | null): void {
    this.#commit({ kind: 'config', scope, config })
  }

  setMode(scope: string, mode: string | null): void {
    this.#commit({ kind: 'mode', scope, mode })
  }

  #all(): VersionEntry[] {
    return [...this.#subjects.values()].flat()
  }

  #commit(event: StoreEvent): void {
    this.#log.append(event)
    this.#apply(event)
  }

  #apply(event: StoreEvent): void {
    switch (event.kind) {
      case 'schema':
        this.#applySchema(event.entry)
        break
      case 'delete':
        this.#applyDelete(event.subject, new Set(event.versions), event.permanent)
        break
      case 'config':
        if (event.config === null) this.#configs.delete(event.scope)
        else this.#configs.set(event.scope, event.config)
        break
      case 'mode':
        if (event.mode === null) this.#modes.delete(event.scope)
        else this.#modes.set(event.scope, event.mode)
    }
  }

  #applySchema(entry: VersionEntry): void {
    const context = contextOf(entry.subject)
    const state = this.#contexts.get(context) ?? { byId: new Map(), idByGuid: new Map(), nextId: 1 }
    this.#contexts.set(context, state)
    state.byId.set(entry.id, entry)
    state.idByGuid.set(entry.guid, entry.id)
    state.nextId = Math.max(state.nextId, entry.id + 1)
    const others = this.versions(entry.subject).filter(({ version }) => version !== entry.version)
    this.#subjects.set(
      entry.subject,
      [...others, entry].sort((a, b) => a.version - b.version),
    )
  }

  #applyDelete(subject: string, versions: ReadonlySet<number>, permanent: boolean): void {
    const entries = this.versions(subject)
    if (!permanent) {
      this.#subjects.set(
        subject,
        entries.map((entry) => (versions.has(entry.version) ? { ...entry, deleted: true } : entry)),
      )
      return
    }
    const kept = entries.filter((entry) => !versions.has(entry.version))
    if (kept.length > 0) this.#subjects.set(subject, kept)
    else this.#subjects.delete(subject)
    for (const entry of entries) if (versions.has(entry.version)) this.#forgetId(entry)
  }

  /** A permanently deleted id is gone unless another version has it; it is never given out again. */
  #forgetId(entry: VersionEntry): void {
    const context = contextOf(entry.subject)
    const other = this.entriesOfId(context, entry.id)[0]
    const state = this.#contexts.get(context)!
    if (other !== undefined) state.byId.set(entry.id, other)
    else {
      state.byId.delete(entry.id)
      state.idByGuid.delete(entry.guid)
    }
  }
}
