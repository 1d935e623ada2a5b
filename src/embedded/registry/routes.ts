// Every call of the registry's REST API as a row: method, path, what it does. The server in registry.ts only finds the row.

import {
  deleteSubject,
  deleteVersion,
  findById,
  findVersion,
  liveVersions,
  lookup,
  register,
  testCompatibility,
} from './operations.ts'
import { refusals } from './refusal.ts'
import { readJsonObject, readSchemaRequest } from './request-body.ts'
import { DEFAULT_LEVEL, effectiveConfig, effectiveMode, levels, modes } from './scopes.ts'
import { type Config, GLOBAL_SCOPE, type Store, type VersionEntry } from './store.ts'
import { ALL_CONTEXTS, contextOf, DEFAULT_CONTEXT, normalizeSubject, parseSubject } from './subject-name.ts'

type Call = {
  readonly store: Store
  /** Decoded values of the `{…}` parts of the path. */
  readonly parameters: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: string
}

export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly answer: (call: Call) => unknown
}

/** An answer that is not wrapped in JSON again: the text of a schema. */
export class RawText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export const routes: readonly Route[] = [
  { method: 'GET', path: '/', answer: () => ({}) },
  { method: 'GET', path: '/v1/metadata/id', answer: () => ({ scope: { path: [], clusters: {} }, id: '' }) },
  { method: 'GET', path: '/v1/metadata/version', answer: () => ({ version: 'sluice-embedded', commitId: '' }) },
  {
    method: 'GET',
    path: '/contexts',
    answer: ({ store }) => [...new Set([DEFAULT_CONTEXT, ...store.contexts()])].sort(),
  },

  { method: 'GET', path: '/schemas/types', answer: () => ['AVRO'] },
  { method: 'GET', path: '/schemas', answer: listSchemas },
  { method: 'GET', path: '/schemas/ids/{id}', answer: (call) => schemaOf(entryOfId(call)) },
  { method: 'GET', path: '/schemas/ids/{id}/schema', answer: (call) => new RawText(entryOfId(call).schema) },
  {
    method: 'GET',
    path: '/schemas/ids/{id}/subjects',
    answer: (call) => unique(usesOfId(call).map((entry) => entry.subject)),
  },
  {
    method: 'GET',
    path: '/schemas/ids/{id}/versions',
    answer: (call) => usesOfId(call).map(({ subject, version }) => ({ subject, version })),
  },
  { method: 'GET', path: '/schemas/guids/{guid}', answer: (call) => schemaOf(entriesOfGuid(call)[0]!) },
  { method: 'GET', path: '/schemas/guids/{guid}/ids', answer: idsOfGuid },

  { method: 'GET', path: '/subjects', answer: listSubjects },
  {
    method: 'POST',
    path: '/subjects/{subject}',
    answer: (call) =>
      versionOf(
        lookup(call.store, subjectOf(call), readSchemaRequest(call.body), {
          normalize: flag(call, 'normalize'),
          deleted: flag(call, 'deleted'),
        }),
      ),
  },
  {
    method: 'DELETE',
    path: '/subjects/{subject}',
    answer: (call) => deleteSubject(call.store, subjectOf(call), flag(call, 'permanent')),
  },
  { method: 'GET', path: '/subjects/{subject}/versions', answer: listVersions },
  {
    method: 'POST',
    path: '/subjects/{subject}/versions',
    answer: (call) =>
      registeredOf(register(call.store, subjectOf(call), readSchemaRequest(call.body), flag(call, 'normalize'))),
  },
  { method: 'GET', path: '/subjects/{subject}/versions/{version}', answer: (call) => versionOf(entryOfVersion(call)) },
  {
    method: 'GET',
    path: '/subjects/{subject}/versions/{version}/schema',
    answer: (call) => new RawText(entryOfVersion(call).schema),
  },
  {
    method: 'GET',
    path: '/subjects/{subject}/versions/{version}/referencedby',
    answer: (call) => {
      const { subject, version } = entryOfVersion(call)
      return unique(call.store.referencedBy(subject, version).map((entry) => entry.id))
    },
  },
  {
    method: 'DELETE',
    path: '/subjects/{subject}/versions/{version}',
    answer: (call) => deleteVersion(call.store, subjectOf(call), call.parameters.version!, flag(call, 'permanent')),
  },

  { method: 'POST', path: '/compatibility/subjects/{subject}/versions', answer: compatibility },
  { method: 'POST', path: '/compatibility/subjects/{subject}/versions/{version}', answer: compatibility },

  { method: 'GET', path: '/config', answer: ({ store }) => shownConfig(effectiveConfig(store, GLOBAL_SCOPE)) },
  { method: 'PUT', path: '/config', answer: putConfig },
  { method: 'DELETE', path: '/config', answer: deleteConfig },
  { method: 'GET', path: '/config/{subject}', answer: getConfig },
  { method: 'PUT', path: '/config/{subject}', answer: putConfig },
  { method: 'DELETE', path: '/config/{subject}', answer: deleteConfig },

  { method: 'GET', path: '/mode', answer: ({ store }) => ({ mode: effectiveMode(store, GLOBAL_SCOPE) }) },
  { method: 'PUT', path: '/mode', answer: putMode },
  { method: 'DELETE', path: '/mode', answer: deleteMode },
  { method: 'GET', path: '/mode/{subject}', answer: getMode },
  { method: 'PUT', path: '/mode/{subject}', answer: putMode },
  { method: 'DELETE', path: '/mode/{subject}', answer: deleteMode },
]

// ------------------------------------------------------------------------------------------------------------ schemas

function schemaOf(entry: VersionEntry): object {
  const { schema, references, metadata, ruleSet, guid } = entry
  return {
    schema,
    ...(references.length === 0 ? {} : { references }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(ruleSet === undefined ? {} : { ruleSet }),
    guid,
  }
}

function versionOf(entry: VersionEntry): object {
  const { subject, id, version, timestamp, deleted } = entry
  return { subject, id, version, ...schemaOf(entry), ts: timestamp, ...(deleted ? { deleted } : {}) }
}

function registeredOf(entry: VersionEntry): object {
  return { id: entry.id, version: entry.version, ...schemaOf(entry) }
}

function entryOfId(call: Call): VersionEntry {
  const id = Number(call.parameters.id)
  if (!Number.isInteger(id)) throw refusals.notFound()
  return findById(call.store, id, call.query.get('subject') ?? undefined)
}

/** The versions that an id is, in the id's context. */
function usesOfId(call: Call): readonly VersionEntry[] {
  const entry = entryOfId(call)
  const context = contextOf(entry.subject)
  return call.store.entriesOfId(context, entry.id).filter((use) => flag(call, 'deleted') || !use.deleted)
}

function entriesOfGuid(call: Call): readonly VersionEntry[] {
  const entries = call.store.entriesOfGuid(call.parameters.guid!.toLowerCase())
  if (entries.length === 0) throw refusals.schemaNotFound(call.parameters.guid)
  return entries
}

function idsOfGuid(call: Call): unknown {
  const ids = new Map(entriesOfGuid(call).map(({ subject, id }) => [contextOf(subject), id]))
  return [...ids].map(([context, id]) => ({ context, id }))
}

function listSchemas(call: Call): unknown {
  const latestOnly = flag(call, 'latestOnly')
  const deleted = flag(call, 'deleted')
  const entries = matchingSubjects(call).flatMap((subject) => {
    const versions = call.store.versions(subject).filter((entry) => deleted || !entry.deleted)
    return latestOnly ? versions.slice(-1) : versions
  })
  return page(call, entries).map(versionOf)
}

// ----------------------------------------------------------------------------------------------------------- subjects

function subjectOf(call: Call): string {
  return normalizeSubject(call.parameters.subject!)
}

function entryOfVersion(call: Call): VersionEntry {
  return findVersion(call.store, subjectOf(call), call.parameters.version!, flag(call, 'deleted'))
}

function listSubjects(call: Call): unknown {
  const only = flag(call, 'deletedOnly')
  const also = flag(call, 'deleted')
  const subjects = matchingSubjects(call).filter((subject) => {
    const live = liveVersions(call.store, subject).length > 0
    return only ? !live : live || also
  })
  return page(call, subjects)
}

/** `subjectPrefix` within a context; `:*:` (the default) means all contexts. */
function matchingSubjects(call: Call): readonly string[] {
  const prefix = call.query.get('subjectPrefix') ?? ALL_CONTEXTS
  const all = [...call.store.subjects()].sort()
  if (prefix.startsWith(ALL_CONTEXTS)) {
    const rest = prefix.slice(ALL_CONTEXTS.length)
    return all.filter((subject) => parseSubject(subject).subject.startsWith(rest))
  }
  const wanted = parseSubject(prefix)
  return all.filter((subject) => {
    const name = parseSubject(subject)
    return name.context === wanted.context && name.subject.startsWith(wanted.subject)
  })
}

function listVersions(call: Call): unknown {
  const subject = subjectOf(call)
  const only = flag(call, 'deletedOnly')
  const also = flag(call, 'deleted')
  const versions = call.store.versions(subject).filter((entry) => (only ? entry.deleted : also || !entry.deleted))
  if (versions.length === 0) throw refusals.subjectNotFound(subject)
  return page(call, versions).map((entry) => entry.version)
}

function compatibility(call: Call): unknown {
  const messages = testCompatibility(
    call.store,
    subjectOf(call),
    call.parameters.version,
    readSchemaRequest(call.body),
    flag(call, 'normalize'),
  )
  return { is_compatible: messages.length === 0, ...(flag(call, 'verbose') ? { messages } : {}) }
}

// ----------------------------------------------------------------------------------------------------- config and mode

function scopeOf(call: Call): string {
  return call.parameters.subject === undefined ? GLOBAL_SCOPE : subjectOf(call)
}

/** GET says `compatibilityLevel` where PUT says `compatibility`. */
function shownConfig({ compatibility: level, ...others }: Config): object {
  return { compatibilityLevel: level ?? DEFAULT_LEVEL, ...others }
}

function getConfig(call: Call): unknown {
  const subject = scopeOf(call)
  const own = call.store.config(subject)
  if (own === undefined && !flag(call, 'defaultToGlobal')) throw refusals.noSubjectLevel(subject)
  return shownConfig(flag(call, 'defaultToGlobal') ? effectiveConfig(call.store, subject) : own!)
}

function putConfig(call: Call): unknown {
  const body = readJsonObject(call.body)
  const level = body.compatibility
  if (level !== undefined && !levels.some((each) => each === level)) throw refusals.invalidLevel(levels)
  // Members that are not named keep their value; `null` takes one back.
  const merged = { ...call.store.config(scopeOf(call)), ...body }
  const config = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null))
  call.store.setConfig(scopeOf(call), config)
  return config
}

function deleteConfig(call: Call): unknown {
  const scope = scopeOf(call)
  const own = call.store.config(scope)
  if (own === undefined && scope !== GLOBAL_SCOPE) throw refusals.subjectNotFound(scope)
  call.store.setConfig(scope, null)
  return shownConfig(own ?? {})
}

function getMode(call: Call): unknown {
  const subject = scopeOf(call)
  const own = call.store.mode(subject)
  if (own === undefined && !flag(call, 'defaultToGlobal')) throw refusals.noSubjectMode(subject)
  return { mode: own ?? effectiveMode(call.store, subject) }
}

function putMode(call: Call): unknown {
  const { mode } = readJsonObject(call.body)
  const scope = scopeOf(call)
  if (typeof mode !== 'string' || !modes.some((each) => each === mode)) throw refusals.invalidMode(modes)
  if (mode === 'IMPORT' && !flag(call, 'force') && hasSchemas(call.store, scope)) {
    throw refusals.notPermitted('Cannot import since found existing subjects')
  }
  call.store.setMode(scope, mode)
  return { mode }
}

function deleteMode(call: Call): unknown {
  const scope = scopeOf(call)
  const own = call.store.mode(scope)
  if (own === undefined && scope !== GLOBAL_SCOPE) throw refusals.subjectNotFound(scope)
  call.store.setMode(scope, null)
  return { mode: own ?? effectiveMode(call.store, GLOBAL_SCOPE) }
}

function hasSchemas(store: Store, scope: string): boolean {
  const name = parseSubject(scope)
  const isContext = scope === GLOBAL_SCOPE || name.subject === ''
  const subjects = [...store.subjects()].filter((subject) =>
    isContext ? contextOf(subject) === name.context : subject === scope,
  )
  return subjects.some((subject) => liveVersions(store, subject).length > 0)
}

// --------------------------------------------------------------------------------------------------------------- query

function flag(call: Call, name: string): boolean {
  return call.query.get(name)?.toLowerCase() === 'true'
}

function page<T>(call: Call, items: readonly T[]): readonly T[] {
  const offset = Number(call.query.get('offset') ?? 0)
  const limit = Number(call.query.get('limit') ?? -1)
  const start = Number.isInteger(offset) && offset > 0 ? offset : 0
  return Number.isInteger(limit) && limit > 0 ? items.slice(start, start + limit) : items.slice(start)
}

function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)]
}
