// The writer's schema as the reader names it: a type or field that is an alias of the reader's takes the reader's name.
// By Avro Java's rules: aliases of types hold for the whole schema, aliases of fields for records of the reader's (new) name.
import type { AvroField, AvroSchema, RecordSchema } from './schema.ts'
import { isNamed } from './schema.ts'

/** Undefined if two fields of a record would get the same name. */
export function applyAliases(writer: AvroSchema, reader: AvroSchema): AvroSchema | undefined {
  const aliases: Aliases = { types: new Map(), fields: new Map() }
  collectAliases(reader, new Set(), aliases)
  if (aliases.types.size === 0 && aliases.fields.size === 0) return writer
  return new Renamer(aliases).rename(writer)
}

type Aliases = {
  readonly types: Map<string, string>
  /** By the record's name: alias to field name. */
  readonly fields: Map<string, Map<string, string>>
}

function collectAliases(schema: AvroSchema, seen: Set<AvroSchema>, aliases: Aliases): void {
  if (isNamed(schema)) for (const alias of schema.aliases) aliases.types.set(alias, schema.fullName)
  switch (schema.kind) {
    case 'array':
      collectAliases(schema.items, seen, aliases)
      return
    case 'map':
      collectAliases(schema.values, seen, aliases)
      return
    case 'union':
      for (const branch of schema.branches) collectAliases(branch, seen, aliases)
      return
    case 'record': {
      if (seen.has(schema)) return
      seen.add(schema)
      for (const field of schema.fields) {
        for (const alias of field.aliases) {
          const known = aliases.fields.get(schema.fullName) ?? new Map<string, string>()
          aliases.fields.set(schema.fullName, known.set(alias, field.name))
        }
        collectAliases(field.type, seen, aliases)
      }
      const fields = aliases.fields.get(schema.fullName)
      if (fields !== undefined) for (const alias of schema.aliases) aliases.fields.set(alias, fields)
    }
  }
}

class Renamer {
  private readonly aliases: Aliases
  private readonly renamed = new Map<AvroSchema, AvroSchema>()
  private readonly clashes = new Set<AvroSchema>()

  constructor(aliases: Aliases) {
    this.aliases = aliases
  }

  rename(schema: AvroSchema): AvroSchema | undefined {
    const result = this.visit(schema)
    return this.clashes.size > 0 ? undefined : result
  }

  private visit(schema: AvroSchema): AvroSchema {
    switch (schema.kind) {
      case 'array':
        return { ...schema, items: this.visit(schema.items) }
      case 'map':
        return { ...schema, values: this.visit(schema.values) }
      case 'union':
        return { ...schema, branches: schema.branches.map((branch) => this.visit(branch)) }
      case 'enum':
      case 'fixed':
        return { ...schema, fullName: this.aliases.types.get(schema.fullName) ?? schema.fullName }
      case 'record':
        return this.renamed.get(schema) ?? this.visitRecord(schema)
      default:
        return schema
    }
  }

  private visitRecord(schema: RecordSchema): AvroSchema {
    const fullName = this.aliases.types.get(schema.fullName) ?? schema.fullName
    const fields: AvroField[] = []
    const result: RecordSchema = { ...schema, fullName, fields }
    this.renamed.set(schema, result)
    const fieldAliases = this.aliases.fields.get(fullName)
    const seen = new Set<string>()
    for (const field of schema.fields) {
      const name = fieldAliases?.get(field.name) ?? field.name
      if (seen.has(name)) this.clashes.add(result)
      seen.add(name)
      fields.push({ ...field, name, type: this.visit(field.type) })
    }
    return result
  }
}
