// A read-only client of Confluent's schema registry: schemas by id, guid, subject and version, lookups and compatibility
// questions. It cannot register, delete or configure anything: the transport has no such call. Decoding is avro/'s.
import { setTimeout as sleep } from 'node:timers/promises'
import { ExpiringCache } from './expiring-cache.ts'
import {
  readNumbers,
  readObject,
  readStoredSchema,
  readString,
  readStrings,
  readSubjectVersion,
  readSubjectVersionPairs,
  type SchemaReference,
  type StoredSchema,
  type SubjectVersion,
} from './registry-answers.ts'
import { DEFAULT_RETRIES, DEFAULT_RETRY_WAIT_MS, type RegistryConnection } from './registry-connection.ts'
import { RegistryError } from './registry-error.ts'
import { type ReadCall, RegistryTransport } from './registry-transport.ts'

export type CompatibilityAnswer = { readonly compatible: boolean; readonly messages: readonly string[] }

/** Everything that decoding needs from a registry; tests and the embedded world may hand in another one. */
export interface SchemaSource {
  schemaById(id: number, subject?: string): Promise<StoredSchema>
  schemaByGuid(guid: string): Promise<StoredSchema>
  version(subject: string, version: number | 'latest'): Promise<SubjectVersion>
  referencedSchemas(schema: StoredSchema): Promise<readonly StoredSchema[]>
}

/** How long "no such id" is believed: registration may lag behind the first record. */
const MISSING_TTL_MS = 2_000

function missingTtlMs(error: unknown): number {
  return error instanceof RegistryError && error.isNotFound ? MISSING_TTL_MS : 0
}

export class RegistryClient implements SchemaSource {
  readonly #transport: RegistryTransport
  readonly #connection: RegistryConnection
  readonly #context: string | undefined
  readonly #schemas: ExpiringCache<StoredSchema>
  readonly #versions: ExpiringCache<SubjectVersion>
  readonly #latest: ExpiringCache<SubjectVersion>

  constructor(connection: RegistryConnection) {
    this.#transport = new RegistryTransport(connection)
    this.#connection = connection
    this.#context = connection.context
    this.#schemas = new ExpiringCache(Infinity, missingTtlMs)
    this.#versions = new ExpiringCache(Infinity, missingTtlMs)
    this.#latest = new ExpiringCache(connection.latestTtlMs ?? 60_000, () => 0)
  }

  /** The writer schema of an id; kept for ever. However many callers wait for an unknown id, it is fetched once. */
  schemaById(id: number, subject?: string): Promise<StoredSchema> {
    const scope =
      subject === undefined ? (this.#context === undefined ? undefined : `:.${this.#context}:`) : this.#qualify(subject)
    return this.#schemas.get(`${id} ${scope ?? ''}`, () =>
      this.#onceRegistered(async () =>
        readStoredSchema(await this.#get(['schemas', 'ids', String(id)], { subject: scope })),
      ),
    )
  }

  schemaByGuid(guid: string): Promise<StoredSchema> {
    return this.#schemas.get(guid, () =>
      this.#onceRegistered(async () => readStoredSchema(await this.#get(['schemas', 'guids', guid]))),
    )
  }

  /** `latest` is believed for `latestTtlMs`; who runs with it pins the number it resolved to. */
  version(subject: string, version: number | 'latest'): Promise<SubjectVersion> {
    const name = this.#qualify(subject)
    const cache = version === 'latest' ? this.#latest : this.#versions
    return cache.get(`${name} ${version}`, async () =>
      readSubjectVersion(await this.#get(['subjects', name, 'versions', String(version)])),
    )
  }

  async subjects(prefix?: string): Promise<readonly string[]> {
    const subjectPrefix = prefix === undefined && this.#context === undefined ? undefined : this.#qualify(prefix ?? '')
    return readStrings(await this.#get(['subjects'], { subjectPrefix }))
  }

  async versions(subject: string): Promise<readonly number[]> {
    return readNumbers(await this.#get(['subjects', this.#qualify(subject), 'versions']))
  }

  /** Which versions of which subjects an id is. */
  async versionsOfId(id: number): Promise<readonly { readonly subject: string; readonly version: number }[]> {
    const scope = this.#context === undefined ? undefined : `:.${this.#context}:`
    const answer = await this.#get(['schemas', 'ids', String(id), 'versions'], { subject: scope })
    return readSubjectVersionPairs(answer)
  }

  /** The version under which exactly this schema is registered; undefined when it is not (or the subject does not exist). */
  async lookup(
    subject: string,
    text: string,
    references: readonly SchemaReference[] = [],
  ): Promise<SubjectVersion | undefined> {
    const call: ReadCall = { question: 'lookup', subject: this.#qualify(subject), body: { schema: text, references } }
    try {
      return readSubjectVersion(await this.#transport.send(call))
    } catch (error) {
      if (error instanceof RegistryError && error.isNotFound) return undefined
      throw error
    }
  }

  /** What registering would be told: against the versions the subject's level names, or against one version. */
  async checkCompatibility(
    subject: string,
    text: string,
    options: { readonly version?: number | 'latest'; readonly references?: readonly SchemaReference[] } = {},
  ): Promise<CompatibilityAnswer> {
    const answer = readObject(
      await this.#transport.send({
        question: 'compatibility',
        subject: this.#qualify(subject),
        ...(options.version === undefined ? {} : { version: options.version }),
        body: { schema: text, references: options.references ?? [] },
      }),
    )
    const messages = answer.messages
    return {
      compatible: answer.is_compatible === true,
      messages: messages === undefined ? [] : readStrings(messages),
    }
  }

  /** The compatibility level that holds for a subject, or the global one. */
  async compatibilityLevel(subject?: string): Promise<string> {
    const path = subject === undefined ? ['config'] : ['config', this.#qualify(subject)]
    return readString(readObject(await this.#get(path, { defaultToGlobal: 'true' })), 'compatibilityLevel')
  }

  async mode(subject?: string): Promise<string> {
    const path = subject === undefined ? ['mode'] : ['mode', this.#qualify(subject)]
    return readString(readObject(await this.#get(path, { defaultToGlobal: 'true' })), 'mode')
  }

  async contexts(): Promise<readonly string[]> {
    return readStrings(await this.#get(['contexts']))
  }

  /** Ids of the schemas that refer to this version. */
  async referencedBy(subject: string, version: number): Promise<readonly number[]> {
    return readNumbers(
      await this.#get(['subjects', this.#qualify(subject), 'versions', String(version), 'referencedby']),
    )
  }

  /** All schemas a schema needs, each once, in the order in which one parser must read them before the schema itself. */
  async referencedSchemas(schema: StoredSchema): Promise<readonly StoredSchema[]> {
    const found = new Map<string, StoredSchema>()
    const visit = async (of: StoredSchema): Promise<void> => {
      for (const reference of of.references) {
        const key = `${reference.subject} ${reference.version}`
        if (found.has(key)) continue
        const target = await this.version(reference.subject, reference.version)
        found.set(key, target)
        await visit(target)
        // Behind what it needs itself.
        found.delete(key)
        found.set(key, target)
      }
    }
    await visit(schema)
    return [...found.values()]
  }

  /** Resolves when the registry answers at all; throws the reason otherwise. */
  async ping(): Promise<void> {
    await this.#get(['schemas', 'types'])
  }

  close(): void {
    this.#transport.close()
  }

  /** A record may arrive before the registry's followers know its schema: a missing id is asked for again. */
  async #onceRegistered(ask: () => Promise<StoredSchema>): Promise<StoredSchema> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await ask()
      } catch (error) {
        const missing = error instanceof RegistryError && error.isNotFound
        if (!missing || attempt >= (this.#connection.retries ?? DEFAULT_RETRIES)) throw error
        await sleep((this.#connection.retryWaitMs ?? DEFAULT_RETRY_WAIT_MS) * 2 ** attempt * Math.random())
      }
    }
  }

  #get(path: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): Promise<unknown> {
    return this.#transport.send({ question: 'get', path, query })
  }

  #qualify(subject: string): string {
    return this.#context === undefined || subject.startsWith(':.') ? subject : `:.${this.#context}:${subject}`
  }
}
