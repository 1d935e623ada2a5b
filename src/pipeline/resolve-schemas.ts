// Fetches the registered schemas that a spec names and pins them: subject, version, id, text. What does not exist is told at its
// place in the file; a registry that does not answer throws.

import type { Checked, Diagnostic } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { StoredSchema } from '../registry/registry-answers.ts'
import type { RegistryClient } from '../registry/registry-client.ts'
import { RegistryError } from '../registry/registry-error.ts'
import type { PinnedSchema, ResolvedSchemas, TableSchemas } from './resolved-schemas.ts'
import type { PipelineSpec, SchemaSelector } from './spec.ts'

/** All that is missing is reported at once; the value is there only when nothing is. */
export async function resolveSchemas(spec: PipelineSpec, registry: RegistryClient): Promise<Checked<ResolvedSchemas>> {
  const resolver = new SchemaResolver(spec, registry)
  const resolveTable = async (
    kind: 'sources' | 'sinks',
    table: {
      readonly name: string
      readonly value: SchemaSelector
      readonly key?: { readonly schema?: SchemaSelector }
    },
  ): Promise<readonly [string, Partial<TableSchemas>]> => {
    const path = `${kind}.${table.name}`
    const [value, key] = await Promise.all([
      resolver.resolve(table.value, `${path}.value`),
      table.key?.schema === undefined ? undefined : resolver.resolve(table.key.schema, `${path}.key`),
    ])
    return [table.name, { ...(value === undefined ? {} : { value }), ...(key === undefined ? {} : { key }) }]
  }
  const [sources, sinks] = await Promise.all([
    Promise.all(spec.sources.map((source) => resolveTable('sources', source))),
    Promise.all(spec.sinks.map((sink) => resolveTable('sinks', sink))),
  ])
  const { diagnostics } = resolver
  if (diagnostics.length > 0) return { value: undefined, diagnostics: inFileOrder(diagnostics) }
  // Nothing was reported, so every value was found.
  const complete = (tables: typeof sources) => new Map(tables as readonly (readonly [string, TableSchemas])[])
  return { value: { sources: complete(sources), sinks: complete(sinks) }, diagnostics }
}

class SchemaResolver {
  readonly diagnostics: Diagnostic[] = []
  readonly #spec: PipelineSpec
  readonly #registry: RegistryClient

  constructor(spec: PipelineSpec, registry: RegistryClient) {
    this.#spec = spec
    this.#registry = registry
  }

  /** `path` is the selector's place in the file. */
  async resolve(selector: SchemaSelector, path: string): Promise<PinnedSchema | undefined> {
    try {
      return selector.kind === 'id'
        ? await this.#resolveId(selector.schemaId, path)
        : await this.#resolveSubject(selector.subject, selector.version, path)
    } catch (error) {
      if (!(error instanceof RegistryError) || !error.isNotFound) throw error
      await this.#reportMissing(selector, path)
      return undefined
    }
  }

  async #resolveSubject(subject: string, version: number | 'latest', path: string): Promise<PinnedSchema | undefined> {
    const found = await this.#registry.version(subject, version)
    return this.#pin(found, { id: found.id, subject: found.subject, version: found.version }, path)
  }

  async #resolveId(id: number, path: string): Promise<PinnedSchema | undefined> {
    const found = await this.#registry.schemaById(id)
    // Only to show it: an id names its schema alone.
    const use = (await this.#registry.versionsOfId(id))[0]
    return this.#pin(found, { id, ...use }, path)
  }

  async #pin(
    schema: StoredSchema,
    pin: { readonly id: number; readonly subject?: string; readonly version?: number },
    path: string,
  ): Promise<PinnedSchema | undefined> {
    if (schema.schemaType !== 'AVRO') {
      const kind = schema.schemaType === 'JSON' ? 'JSON Schema' : 'Protobuf'
      this.#report(
        'AVR105',
        path,
        `the schema of ${pin.subject === undefined ? `id ${pin.id}` : `subject \`${pin.subject}\``} is ${kind}, expected Avro`,
      )
      return undefined
    }
    const references = await this.#registry.referencedSchemas(schema)
    return { ...pin, text: schema.text, references: references.map((reference) => reference.text) }
  }

  async #reportMissing(selector: SchemaSelector, path: string): Promise<void> {
    if (selector.kind === 'id') {
      this.#report('AVR110', `${path}.schemaId`, `schema id ${selector.schemaId} does not exist in the schema registry`)
      return
    }
    const { subject, version } = selector
    const versions = await this.#versionsOf(subject)
    if (versions.length > 0) {
      const hint = `Its versions are ${versions.join(', ')}.`
      this.#report('AVR109', `${path}.version`, `subject \`${subject}\` has no version ${version}`, hint)
      return
    }
    const subjects = await this.#registry.subjects()
    const near = didYouMean(subject, subjects)
    const hint =
      near === undefined ? 'Register the schema first; Sluice never registers one.' : `Did you mean \`${near}\`?`
    this.#report('AVR108', `${path}.subject`, `subject \`${subject}\` does not exist in the schema registry`, hint)
  }

  async #versionsOf(subject: string): Promise<readonly number[]> {
    try {
      return await this.#registry.versions(subject)
    } catch (error) {
      if (error instanceof RegistryError && error.isNotFound) return []
      throw error
    }
  }

  #report(code: Diagnostic['code'], path: string, message: string, hint?: string): void {
    const { file, spans } = this.#spec
    // A subject that follows from a strategy is named by other keys of the same block.
    const block = path.slice(0, path.lastIndexOf('.'))
    const places = [path, `${block}.record`, `${block}.strategy`, block]
    const span = places.map((place) => spans.get(place)).find((place) => place !== undefined) ?? { start: 0, end: 0 }
    this.diagnostics.push({ code, severity: 'error', message, file, span, ...(hint === undefined ? {} : { hint }) })
  }
}

/** The fetches end in any order. */
function inFileOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.toSorted((a, b) => a.span.start - b.span.start)
}
