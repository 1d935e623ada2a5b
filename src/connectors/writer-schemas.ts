// The schemas that records were written with, by id, as far as records have needed them; asked for once.
import { parseSchema } from '../avro/parse-schema.ts'
import type { AvroSchema } from '../avro/schema.ts'
import type { SchemaSource } from '../registry/registry-client.ts'
import { RegistryError } from '../registry/registry-error.ts'

/** A schema, or why records of this id cannot be read. */
export type WriterSchema = { readonly schema: AvroSchema } | { readonly problem: string }

export class WriterSchemas {
  readonly #registry: SchemaSource
  readonly #known = new Map<number, WriterSchema>()

  constructor(registry: SchemaSource) {
    this.#registry = registry
  }

  get(id: number): WriterSchema | undefined {
    return this.#known.get(id)
  }

  /** Afterwards `get(id)` is defined. Rejects when the registry does not answer: that says nothing about the record. */
  async load(id: number): Promise<void> {
    if (this.#known.has(id)) return
    this.#known.set(id, await this.#read(id))
  }

  async #read(id: number): Promise<WriterSchema> {
    try {
      const stored = await this.#registry.schemaById(id)
      if (stored.schemaType !== 'AVRO') return { problem: `schema ${id} is ${stored.schemaType}, not Avro` }
      const references = await this.#registry.referencedSchemas(stored)
      const parsed = parseSchema(stored.text, { references: references.map((reference) => reference.text) })
      if (parsed.value !== undefined) return { schema: parsed.value }
      return { problem: `schema ${id} is not valid: ${parsed.diagnostics[0]?.message ?? 'unknown reason'}` }
    } catch (error) {
      if (error instanceof RegistryError && error.isNotFound) {
        return { problem: `the schema registry knows no schema ${id}` }
      }
      throw error
    }
  }
}
