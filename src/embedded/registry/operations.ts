// What the embedded registry does on each call: registering, looking up, deleting, by the rules of Confluent's server
// (KafkaSchemaRegistry.java). Refusals are thrown; HTTP is in routes.ts, storage in store.ts.
import { checkLevel } from '../../avro/compatibility-levels.ts'
import { refusals } from './refusal.ts'
import { type RegisteredText, readSchemaText } from './schema-text.ts'
import { effectiveConfig, effectiveLevel, effectiveMode } from './scopes.ts'
import { guidOf, type Reference, type SchemaContent, type Store, type VersionEntry } from './store.ts'
import { contextOf, DEFAULT_CONTEXT, formatSubject, normalizeSubject, parseSubject } from './subject-name.ts'

/** The body of register, lookup and compatibility calls. */
export type SchemaRequest = {
  readonly schema: string
  readonly references: readonly Reference[]
  readonly metadata?: unknown
  readonly ruleSet?: unknown
  readonly id?: number
  readonly version?: number
}

/** What a version is asked for by: its number, `latest`, or the text that a path held. */
export type VersionText = string

const MAX_VERSION = 2 ** 31 - 1

export function register(store: Store, subject: string, request: SchemaRequest, normalize: boolean): VersionEntry {
  checkSubject(subject)
  const text = readRequest(store, subject, request, normalize, { strict: true })
  const content = contentOf(request, text)
  // An existing schema is answered before mode and compatibility are looked at: registering it again changes nothing.
  const existing = findEqual(store, subject, content, text, false)
  if (existing !== undefined && (request.id === undefined || request.id === existing.id)) return existing
  checkMode(store, subject, request)
  if (effectiveMode(store, subject) !== 'IMPORT') {
    const messages = compatibilityMessages(store, subject, text, request.metadata, undefined)
    if (messages.length > 0) throw refusals.incompatible(subject, messages)
  }
  if (request.id !== undefined) checkImportedId(store, subject, content, request.id)
  return store.addVersion(subject, content, {
    ...(request.id === undefined ? {} : { id: request.id }),
    ...(request.version === undefined || request.version < 1 ? {} : { version: request.version }),
  })
}

export function lookup(
  store: Store,
  subject: string,
  request: SchemaRequest,
  options: { readonly normalize: boolean; readonly deleted: boolean },
): VersionEntry {
  const known = store.versions(subject).filter((entry) => options.deleted || !entry.deleted)
  if (known.length === 0) throw refusals.subjectNotFound(subject)
  const text = readRequest(store, subject, request, options.normalize, { strict: false })
  const found = findEqual(store, subject, contentOf(request, text), text, options.deleted)
  if (found === undefined) throw refusals.schemaNotFound()
  return found
}

/** Why the schema would be refused; empty when it would not. With `version`, against that version only. */
export function testCompatibility(
  store: Store,
  subject: string,
  version: VersionText | undefined,
  request: SchemaRequest,
  normalize: boolean,
): readonly string[] {
  const text = readRequest(store, subject, request, normalize, { strict: true })
  if (version === undefined) return compatibilityMessages(store, subject, text, request.metadata, undefined)
  const live = liveVersions(store, subject)
  const number = parseVersion(version)
  const entry = number === 'latest' ? live.at(-1) : live.find((each) => each.version === number)
  if (entry === undefined && number !== 'latest') throw refusals.versionNotFound(number)
  return compatibilityMessages(store, subject, text, request.metadata, entry === undefined ? [] : [entry])
}

export function findVersion(store: Store, subject: string, version: VersionText, deleted = false): VersionEntry {
  const all = store.versions(subject)
  const known = deleted ? all : all.filter((entry) => !entry.deleted)
  const number = parseVersion(version)
  if (known.length === 0) throw refusals.subjectNotFound(subject)
  const entry = number === 'latest' ? known.at(-1) : known.find((each) => each.version === number)
  if (entry === undefined) throw refusals.versionNotFound(number)
  return entry
}

export function deleteSubject(store: Store, subject: string, permanent: boolean): readonly number[] {
  const all = store.versions(subject)
  const live = all.filter((entry) => !entry.deleted)
  if (all.length === 0) throw refusals.subjectNotFound(subject)
  checkDeletable(store, subject)
  if (permanent) {
    if (live.length > 0) throw refusals.subjectNotSoftDeleted(subject)
  } else if (live.length === 0) throw refusals.subjectSoftDeleted(subject)
  const versions = (permanent ? all : live).map((entry) => entry.version)
  for (const version of versions) checkUnreferenced(store, subject, version)
  store.deleteVersions(subject, versions, permanent)
  if (permanent) {
    if (store.config(subject) !== undefined) store.setConfig(subject, null)
    if (store.mode(subject) !== undefined) store.setMode(subject, null)
  }
  return versions
}

export function deleteVersion(store: Store, subject: string, version: VersionText, permanent: boolean): number {
  const all = store.versions(subject)
  if (all.length === 0 || (!permanent && all.every((entry) => entry.deleted))) throw refusals.subjectNotFound(subject)
  const number = parseVersion(version)
  const candidates = number === 'latest' ? all.filter((entry) => entry.deleted === permanent) : all
  const entry = number === 'latest' ? candidates.at(-1) : candidates.find((each) => each.version === number)
  if (entry === undefined) throw refusals.versionNotFound(number)
  checkDeletable(store, subject)
  if (permanent && !entry.deleted) throw refusals.versionNotSoftDeleted(subject, entry.version)
  if (!permanent && entry.deleted) throw refusals.versionSoftDeleted(subject, entry.version)
  checkUnreferenced(store, subject, entry.version)
  store.deleteVersions(subject, [entry.version], permanent)
  return entry.version
}

/** An id within the context of `scope`; a scope that names a subject of the default context also finds it in other contexts. */
export function findById(store: Store, id: number, scope: string | undefined): VersionEntry {
  const name = parseSubject(scope ?? '')
  const own = store.byId(name.context, id)
  const underSubject =
    own === undefined ? undefined : store.entriesOfId(name.context, id).find((e) => e.subject === scope)
  if (underSubject !== undefined) return underSubject
  if (name.context === DEFAULT_CONTEXT && name.subject !== '') {
    for (const context of store.contexts()) {
      const qualified = formatSubject({ context, subject: name.subject })
      const entry = store.entriesOfId(context, id).find((each) => each.subject === qualified)
      if (entry !== undefined) return entry
    }
  }
  if (own === undefined) throw refusals.schemaNotFound(id)
  return own
}

export function liveVersions(store: Store, subject: string): readonly VersionEntry[] {
  return store.versions(subject).filter((entry) => !entry.deleted)
}

function parseVersion(text: VersionText): number | 'latest' {
  if (text === 'latest' || text === '-1') return 'latest'
  const number = /^\d{1,10}$/.test(text) ? Number(text) : 0
  if (number < 1 || number > MAX_VERSION) throw refusals.invalidVersion(text)
  return number
}

/** Texts of all schemas that these references need, each once, in the order one parser must read them. */
function resolveReferences(store: Store, subject: string, references: readonly Reference[]): readonly string[] {
  const texts = new Map<string, string>()
  const context = contextOf(subject)
  const visit = (list: readonly Reference[]): void => {
    for (const reference of list) {
      const name = qualifyReference(context, reference.subject)
      const entry =
        reference.version === -1
          ? liveVersions(store, name).at(-1)
          : store.versions(name).find((e) => e.version === reference.version)
      if (entry === undefined) {
        throw refusals.invalidSchema(
          `No schema reference found for subject "${reference.subject}" and version ${reference.version}`,
        )
      }
      const key = `${name} ${entry.version}`
      if (texts.has(key)) continue
      texts.set(key, '')
      visit(entry.references)
      texts.delete(key)
      texts.set(key, entry.schema)
    }
  }
  visit(references)
  return [...texts.values()]
}

function qualifyReference(context: string, subject: string): string {
  const name = parseSubject(subject)
  return name.context === DEFAULT_CONTEXT
    ? formatSubject({ context, subject: name.subject })
    : normalizeSubject(subject)
}

function readRequest(
  store: Store,
  subject: string,
  request: SchemaRequest,
  normalize: boolean,
  how: { readonly strict: boolean },
): RegisteredText {
  const normalized = normalize || effectiveConfig(store, subject).normalize === true
  return readSchemaText(request.schema, resolveReferences(store, subject, request.references), {
    normalize: normalized,
    strict: how.strict,
  })
}

function contentOf(request: SchemaRequest, text: RegisteredText): SchemaContent {
  return {
    schema: text.canonical,
    references: request.references,
    ...(request.metadata === undefined || request.metadata === null ? {} : { metadata: request.metadata }),
    ...(request.ruleSet === undefined || request.ruleSet === null ? {} : { ruleSet: request.ruleSet }),
  }
}

/** Equal content, or the same schema once references are inlined. The newest version wins. */
function findEqual(
  store: Store,
  subject: string,
  content: SchemaContent,
  text: RegisteredText,
  deleted: boolean,
): VersionEntry | undefined {
  const candidates = store.versions(subject).filter((entry) => deleted || !entry.deleted)
  const guid = guidOf(content)
  const exact = candidates.findLast((entry) => entry.guid === guid)
  if (exact !== undefined) return exact
  return candidates.findLast((entry) => {
    if (entry.references.length === 0 && content.references.length === 0) return false
    return readEntry(store, entry).resolved === text.resolved
  })
}

function compatibilityMessages(
  store: Store,
  subject: string,
  text: RegisteredText,
  metadata: unknown,
  against: readonly VersionEntry[] | undefined,
): readonly string[] {
  const level = effectiveLevel(store, subject)
  const older = (against ?? inSameGroup(store, subject, metadata)).map((entry) => readEntry(store, entry))
  return checkLevel(
    level,
    text.schema,
    older.map(({ schema, canonical }) => ({ schema, text: canonical })),
  )
}

/** With `compatibilityGroup`, only versions count whose metadata has the same value for that property. */
function inSameGroup(store: Store, subject: string, metadata: unknown): readonly VersionEntry[] {
  const group = effectiveConfig(store, subject).compatibilityGroup
  const live = liveVersions(store, subject)
  if (typeof group !== 'string') return live
  const own = metadataProperty(metadata, group)
  return live.filter((entry) => metadataProperty(entry.metadata, group) === own)
}

function metadataProperty(metadata: unknown, name: string): unknown {
  const { properties } = (metadata ?? {}) as { properties?: Record<string, unknown> }
  return properties?.[name]
}

function readEntry(store: Store, entry: VersionEntry): RegisteredText {
  return readSchemaText(entry.schema, resolveReferences(store, entry.subject, entry.references), {
    normalize: false,
    strict: false,
  })
}

function checkSubject(subject: string): void {
  const { subject: name } = parseSubject(subject)
  if (name.trim() === '' || name === '__GLOBAL' || name === '__EMPTY' || /[\x00-\x1f]/.test(name)) {
    throw refusals.invalidSubject(subject)
  }
}

function checkMode(store: Store, subject: string, request: SchemaRequest): void {
  const mode = effectiveMode(store, subject)
  const where = `Subject ${subject} in context ${contextOf(subject)}`
  if (request.id !== undefined) {
    if (mode !== 'IMPORT') throw refusals.notPermitted(`${where} is not in import mode`)
  } else if (mode !== 'READWRITE') throw refusals.notPermitted(`${where} is not in read-write mode`)
}

function checkImportedId(store: Store, subject: string, content: SchemaContent, id: number): void {
  const other = store.byId(contextOf(subject), id)
  if (other !== undefined && guidOf(other) !== guidOf(content)) {
    throw refusals.notPermitted(`Overwrite new schema with id ${id} is not permitted.`)
  }
}

function checkDeletable(store: Store, subject: string): void {
  const mode = effectiveMode(store, subject)
  if (mode === 'READONLY' || mode === 'READONLY_OVERRIDE') {
    throw refusals.notPermitted(`Subject ${subject} in context ${contextOf(subject)} is in read-only mode`)
  }
}

function checkUnreferenced(store: Store, subject: string, version: number): void {
  if (store.referencedBy(subject, version).length > 0) {
    throw refusals.referenceExists(`{magic=1,keytype=SCHEMA,subject=${subject},version=${version}}`)
  }
}
