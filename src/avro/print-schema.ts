// AvroSchema → text: Avro Java's Schema.toString(), which registries store and answer, and the normalized form of Confluent's
// registry. The parsing canonical form, which drops most attributes, is canonical-form.ts.
import { type AvroField, type AvroSchema, isNamed, type Json, namespaceOf, simpleName } from './schema.ts'

export type PrintOptions = {
  /** Full names that are written as names only, because their definitions are in referenced schemas. */
  readonly known?: ReadonlySet<string>
  /** Sorted attributes, aliases and properties, as `normalize=true` asks the registry for. Default false: as they were written. */
  readonly normalize?: boolean
}

export function printSchema(schema: AvroSchema, options: PrintOptions = {}): string {
  return new SchemaPrinter(options.known ?? new Set(), options.normalize === true).print(schema, '')
}

/** The full names of all named types in a schema: what a referenced schema makes known. */
export function definedNames(schema: AvroSchema, names: Set<string> = new Set()): Set<string> {
  if (isNamed(schema)) {
    if (names.has(schema.fullName)) return names
    names.add(schema.fullName)
  }
  for (const child of childrenOf(schema)) definedNames(child, names)
  return names
}

function childrenOf(schema: AvroSchema): readonly AvroSchema[] {
  switch (schema.kind) {
    case 'record':
      return schema.fields.map((field) => field.type)
    case 'array':
      return [schema.items]
    case 'map':
      return [schema.values]
    case 'union':
      return schema.branches
    default:
      return []
  }
}

const primitiveNames: ReadonlySet<string> = new Set([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
])

/** Those of Avro 1.11, by which Confluent's registry normalizes. */
const logicalTypesOfNormalForm: ReadonlySet<string> = new Set([
  'decimal',
  'big-decimal',
  'uuid',
  'date',
  'time-millis',
  'time-micros',
  'timestamp-millis',
  'timestamp-micros',
  'local-timestamp-millis',
  'local-timestamp-micros',
])

/** Member order and omissions are those of Schema.java's toJson methods. */
class SchemaPrinter {
  readonly #written: Set<string>
  readonly #normalize: boolean

  /** Types whose names are in `known` are printed as names only. */
  constructor(known: ReadonlySet<string>, normalize: boolean) {
    this.#written = new Set(known)
    this.#normalize = normalize
  }

  print(schema: AvroSchema, space: string): string {
    switch (schema.kind) {
      case 'union':
        return `[${schema.branches.map((branch) => this.print(branch, space)).join(',')}]`
      case 'array':
        return object([type('array'), ['items', this.print(schema.items, space)], ...this.#attributes(schema)])
      case 'map':
        return object([type('map'), ['values', this.print(schema.values, space)], ...this.#attributes(schema)])
      case 'record':
      case 'enum':
      case 'fixed':
        return this.#printNamed(schema, space)
      default:
        return schema.properties.size === 0
          ? quote(schema.kind)
          : object([type(schema.kind), ...this.#attributes(schema)])
    }
  }

  #printNamed(schema: AvroSchema & { fullName: string }, space: string): string {
    const { fullName } = schema
    const own = namespaceOf(fullName)
    const simple = simpleName(fullName)
    if (this.#written.has(fullName)) return quote(own === space && !primitiveNames.has(simple) ? simple : fullName)
    this.#written.add(fullName)
    const members: Member[] = [
      type(schema.kind === 'record' && schema.isError ? 'error' : schema.kind),
      ['name', quote(simple)],
    ]
    if (own !== space) members.push(['namespace', quote(own)])
    if ('doc' in schema && schema.doc !== undefined) members.push(['doc', quote(schema.doc)])
    if (schema.kind === 'record') {
      members.push(['fields', `[${schema.fields.map((field) => this.#printField(field, own)).join(',')}]`])
    } else if (schema.kind === 'enum') {
      members.push(['symbols', `[${schema.symbols.map(quote).join(',')}]`])
      if (schema.default !== undefined) members.push(['default', quote(schema.default)])
    } else if (schema.kind === 'fixed') members.push(['size', String(schema.size)])
    members.push(...this.#attributes(schema))
    if ('aliases' in schema) members.push(...this.#aliases(schema.aliases.map((alias) => qualified(alias, own))))
    return object(members)
  }

  #printField(field: AvroField, space: string): string {
    const members: Member[] = [
      ['name', quote(field.name)],
      ['type', this.print(field.type, space)],
    ]
    if (field.doc !== undefined) members.push(['doc', quote(field.doc)])
    const value = this.#default(field)
    if (value !== undefined) members.push(['default', value])
    if (field.order !== 'ascending') members.push(['order', quote(field.order)])
    members.push(...this.#aliases(field.aliases), ...this.#properties(field.properties))
    return object(members)
  }

  #aliases(aliases: readonly string[]): readonly Member[] {
    if (aliases.length === 0) return []
    const sorted = this.#normalize ? [...aliases].sort() : aliases
    return [['aliases', `[${sorted.map(quote).join(',')}]`]]
  }

  /** Normalized, a logical type the registry's Avro knows comes before the other attributes. */
  #attributes(schema: AvroSchema): readonly Member[] {
    const members = this.#properties(schema.properties)
    if (!this.#normalize || schema.logical === undefined || !logicalTypesOfNormalForm.has(schema.logical.kind))
      return members
    const leading = ['logicalType', 'precision']
    if (schema.logical.kind === 'decimal' && schema.logical.scale !== 0) leading.push('scale')
    const isLeading = ([name]: Member) => leading.includes(name)
    return [...members.filter(isLeading), ...members.filter((member) => !isLeading(member))]
  }

  #default(field: AvroField): string | undefined {
    if (field.default === undefined) return undefined
    return this.#normalize ? this.#typedJson(field.type, field.default) : this.#json(field.default)
  }

  /**
   * Normalized, a default is written as a value of its type, by JacksonUtils.toObject: of a union only the first branch counts, and
   * a number or text that its type cannot hold is left out (null inside a list or an object).
   */
  #typedJson(schema: AvroSchema, value: Json): string | undefined {
    if (schema.kind === 'union') return this.#typedJson(schema.branches[0]!, value)
    if (value === null || typeof value === 'boolean') return String(value)
    if (typeof value === 'string') return textKinds.has(schema.kind) ? quote(value) : undefined
    if (typeof value === 'bigint' || typeof value === 'number') {
      if (schema.kind === 'float' || schema.kind === 'double') return formatDouble(Number(value))
      return typeof value === 'bigint' && (schema.kind === 'int' || schema.kind === 'long') ? String(value) : undefined
    }
    if (value instanceof Map) {
      const members = [...(value as ReadonlyMap<string, Json>)].map(([name, member]): Member => {
        const type = memberType(schema, name)
        return [name, (type === undefined ? this.#json(member) : this.#typedJson(type, member)) ?? 'null']
      })
      return object(members.sort(byName))
    }
    const items = value as readonly Json[]
    const print = (item: Json) => (schema.kind === 'array' ? this.#typedJson(schema.items, item) : this.#json(item))
    return `[${items.map((item) => print(item) ?? 'null').join(',')}]`
  }

  #properties(properties: ReadonlyMap<string, Json>): readonly Member[] {
    const members = [...properties].map(([name, value]): Member => [name, this.#json(value)])
    return this.#normalize ? members.sort(byName) : members
  }

  #json(value: Json): string {
    if (typeof value === 'string') return quote(value)
    if (typeof value === 'number') return formatDouble(value)
    if (value === null || typeof value !== 'object') return String(value)
    if (value instanceof Map) {
      const members = [...value].map(([name, member]): Member => [name, this.#json(member)])
      return object(this.#normalize ? members.sort(byName) : members)
    }
    return `[${(value as readonly Json[]).map((item) => this.#json(item)).join(',')}]`
  }
}

const textKinds: ReadonlySet<string> = new Set(['string', 'enum', 'bytes', 'fixed'])

function memberType(schema: AvroSchema, name: string): AvroSchema | undefined {
  if (schema.kind === 'map') return schema.values
  return schema.kind === 'record' ? schema.fields.find((field) => field.name === name)?.type : undefined
}

type Member = readonly [name: string, json: string]

function byName(a: Member, b: Member): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0
}

function type(name: string): Member {
  return ['type', quote(name)]
}

function object(members: readonly Member[]): string {
  return `{${members.map(([name, json]) => `${quote(name)}:${json}`).join(',')}}`
}

function qualified(alias: string, space: string): string {
  return namespaceOf(alias) === space ? simpleName(alias) : alias
}

/** As Jackson writes it: control characters in upper-case hex, everything else as it is. */
function quote(text: string): string {
  return JSON.stringify(text).replace(/\\(u[0-9a-f]{4}|.)/g, (sequence) =>
    sequence.startsWith('\\u') ? `\\u${sequence.slice(2).toUpperCase()}` : sequence,
  )
}

/** Double.toString: `1.0`, `1.5E10`. */
function formatDouble(value: number): string {
  if (!Number.isFinite(value)) return quote(String(value))
  const size = Math.abs(value)
  if (value !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [digits, exponent] = value.toExponential().split('e') as [string, string]
    return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
  }
  const text = Object.is(value, -0) ? '-0' : String(value)
  return text.includes('.') ? text : `${text}.0`
}
