// What a reader's schema makes of data written with another one: a graph of actions, by the rules of Avro Java's resolver
// (which differs from the specification in how it picks a union branch). value-reader.ts and column-decoder.ts carry it out.
import { applyAliases } from './apply-aliases.ts'
import type {
  ArraySchema,
  AvroField,
  AvroSchema,
  EnumSchema,
  FixedSchema,
  MapSchema,
  PrimitiveSchema,
  RecordSchema,
  UnionSchema,
} from './schema.ts'
import { isNamed, simpleName } from './schema.ts'

/** An error is one of data, not of schemas: it is raised when a record reaches it. */
type ResolveError =
  | 'types differ'
  | 'names differ'
  | 'sizes differ'
  | 'no branch of the reader matches'
  | 'the writer lacks a field without default'
  | 'two fields of the writer match one of the reader'

export type Action =
  | { readonly kind: 'error'; readonly error: ResolveError; readonly writer: AvroSchema; readonly reader: AvroSchema }
  /** Both the same primitive type, or fixed of one size. */
  | {
      readonly kind: 'same'
      readonly writer: PrimitiveSchema | FixedSchema
      readonly reader: PrimitiveSchema | FixedSchema
    }
  | { readonly kind: 'promote'; readonly writer: PrimitiveSchema; readonly reader: PrimitiveSchema }
  /** `symbols[i]` is what the reader sees of the writer's symbol i; undefined: it does not know it and has no default. */
  | {
      readonly kind: 'enum'
      readonly writer: EnumSchema
      readonly reader: EnumSchema
      readonly symbols: readonly (string | undefined)[]
    }
  | { readonly kind: 'array'; readonly writer: ArraySchema; readonly reader: ArraySchema; readonly element: Action }
  | { readonly kind: 'map'; readonly writer: MapSchema; readonly reader: MapSchema; readonly element: Action }
  | RecordAction
  /** By the writer's branch: against the whole reader, or, if the unions are equal, against the same branch of it. */
  | {
      readonly kind: 'writer-union'
      readonly writer: UnionSchema
      readonly reader: AvroSchema
      readonly equal: boolean
      readonly branches: readonly Action[]
    }
  | {
      readonly kind: 'reader-union'
      readonly writer: AvroSchema
      readonly reader: UnionSchema
      readonly branch: number
      readonly action: Action
    }

export type RecordAction = {
  readonly kind: 'record'
  readonly writer: RecordSchema
  readonly reader: RecordSchema
  /** In the writer's order; a field the reader lacks has no action and is skipped. */
  readonly fields: readonly {
    readonly writer: AvroField
    readonly reader: AvroField | undefined
    readonly action: Action | undefined
  }[]
  /** Fields of the reader that take their default. */
  readonly defaults: readonly AvroField[]
}

export function resolveSchemas(writer: AvroSchema, reader: AvroSchema): Action {
  if (writer === reader) return new Resolver().resolve(writer, reader)
  const renamed = applyAliases(writer, reader)
  if (renamed === undefined) {
    return { kind: 'error', error: 'two fields of the writer match one of the reader', writer, reader }
  }
  return new Resolver().resolve(renamed, reader)
}

/** Whether Avro reads a value of the first type as the second, e.g. int as long. */
export function isPromotable(from: AvroSchema['kind'], to: AvroSchema['kind']): boolean {
  return promotions.get(from)?.includes(to) === true
}

const promotions: ReadonlyMap<string, readonly string[]> = new Map([
  ['int', ['long', 'float', 'double']],
  ['long', ['float', 'double']],
  ['float', ['double']],
  ['string', ['bytes']],
  ['bytes', ['string']],
])

class Resolver {
  private readonly records = new Map<RecordSchema, Map<RecordSchema, Action>>()

  resolve(writer: AvroSchema, reader: AvroSchema): Action {
    if (writer.kind === 'union') {
      const equal = reader.kind === 'union' && unionsEqual(writer, reader, new Map())
      const branches = writer.branches.map((branch, index) =>
        this.resolve(branch, equal ? reader.branches[index]! : reader),
      )
      return { kind: 'writer-union', writer, reader, equal, branches }
    }
    if (reader.kind === 'union') {
      const branch = this.pickBranch(writer, reader)
      if (branch < 0) return { kind: 'error', error: 'no branch of the reader matches', writer, reader }
      return { kind: 'reader-union', writer, reader, branch, action: this.resolve(writer, reader.branches[branch]!) }
    }
    if (writer.kind === 'array' && reader.kind === 'array') {
      return { kind: 'array', writer, reader, element: this.resolve(writer.items, reader.items) }
    }
    if (writer.kind === 'map' && reader.kind === 'map') {
      return { kind: 'map', writer, reader, element: this.resolve(writer.values, reader.values) }
    }
    if (writer.kind === 'record' && reader.kind === 'record') return this.resolveRecord(writer, reader)
    if (writer.kind === 'enum' && reader.kind === 'enum') return resolveEnum(writer, reader)
    if (writer.kind === 'fixed' && reader.kind === 'fixed') {
      if (simpleName(writer.fullName) !== simpleName(reader.fullName)) {
        return { kind: 'error', error: 'names differ', writer, reader }
      }
      if (writer.size !== reader.size) return { kind: 'error', error: 'sizes differ', writer, reader }
      return { kind: 'same', writer, reader }
    }
    if (isPrimitive(writer) && isPrimitive(reader)) {
      if (writer.kind === reader.kind) return { kind: 'same', writer, reader }
      if (isPromotable(writer.kind, reader.kind)) return { kind: 'promote', writer, reader }
    }
    return { kind: 'error', error: 'types differ', writer, reader }
  }

  /** Record names are not compared: Avro Java reads any record as any other whose fields resolve. */
  private resolveRecord(writer: RecordSchema, reader: RecordSchema): Action {
    const known = this.records.get(writer) ?? new Map<RecordSchema, Action>()
    this.records.set(writer, known)
    const earlier = known.get(reader)
    if (earlier !== undefined) return earlier
    const fields: RecordAction['fields'][number][] = []
    const writerNames = new Set(writer.fields.map((field) => field.name))
    const defaults = reader.fields.filter((field) => !writerNames.has(field.name))
    const action: RecordAction = { kind: 'record', writer, reader, fields, defaults }
    known.set(reader, action)
    const readerFields = new Map(reader.fields.map((field) => [field.name, field]))
    for (const field of writer.fields) {
      const target = readerFields.get(field.name)
      fields.push({ writer: field, reader: target, action: target && this.resolve(field.type, target.type) })
    }
    if (defaults.every((field) => field.default !== undefined)) return action
    const error: Action = { kind: 'error', error: 'the writer lacks a field without default', writer, reader }
    known.set(reader, error)
    return error
  }

  /** Avro Java: the same type or full name first, then a record of fitting structure, then a promotion; the specification says the first that fits. */
  private pickBranch(writer: AvroSchema, reader: UnionSchema): number {
    let structural = -1
    for (const [index, branch] of reader.branches.entries()) {
      if (branch.kind !== writer.kind) continue
      if (!isNamed(branch) || !isNamed(writer) || branch.fullName === writer.fullName) return index
      if (writer.kind !== 'record' || branch.kind !== 'record') continue
      const action = this.resolveRecord(writer, branch)
      if (action.kind === 'error') continue
      if (action.kind === 'record' && action.fields.some((field) => field.action?.kind === 'error')) continue
      if (structural < 0 || simpleName(branch.fullName) === simpleName(writer.fullName)) structural = index
    }
    if (structural >= 0) return structural
    return reader.branches.findIndex((branch) => isPromotable(writer.kind, branch.kind))
  }
}

function resolveEnum(writer: EnumSchema, reader: EnumSchema): Action {
  if (simpleName(writer.fullName) !== simpleName(reader.fullName)) {
    return { kind: 'error', error: 'names differ', writer, reader }
  }
  const known = new Set(reader.symbols)
  const symbols = writer.symbols.map((symbol) => (known.has(symbol) ? symbol : reader.default))
  return { kind: 'enum', writer, reader, symbols }
}

function isPrimitive(schema: AvroSchema): schema is PrimitiveSchema {
  return !isNamed(schema) && schema.kind !== 'array' && schema.kind !== 'map' && schema.kind !== 'union'
}

/** Equal but for namespaces, aliases, defaults and annotations. */
function unionsEqual(writer: AvroSchema, reader: AvroSchema, seen: Map<AvroSchema, Map<AvroSchema, boolean>>): boolean {
  if (isNamed(writer) && isNamed(reader) && simpleName(writer.fullName) !== simpleName(reader.fullName)) return false
  if (writer.kind === 'array' && reader.kind === 'array') return unionsEqual(writer.items, reader.items, seen)
  if (writer.kind === 'map' && reader.kind === 'map') return unionsEqual(writer.values, reader.values, seen)
  if (writer.kind === 'fixed' && reader.kind === 'fixed') return writer.size === reader.size
  if (writer.kind === 'enum' && reader.kind === 'enum') {
    return (
      writer.symbols.length === reader.symbols.length &&
      writer.symbols.every((symbol, index) => symbol === reader.symbols[index])
    )
  }
  if (writer.kind === 'union' && reader.kind === 'union') {
    if (writer.branches.length !== reader.branches.length) return false
    return writer.branches.every((branch, index) => unionsEqual(branch, reader.branches[index]!, seen))
  }
  if (writer.kind === 'record' && reader.kind === 'record') {
    const known = seen.get(writer) ?? new Map<AvroSchema, boolean>()
    seen.set(writer, known)
    const earlier = known.get(reader)
    if (earlier !== undefined) return earlier
    known.set(reader, true)
    const equal =
      writer.fields.length === reader.fields.length &&
      writer.fields.every((field, index) => {
        const other = reader.fields[index]!
        return field.name === other.name && unionsEqual(field.type, other.type, seen)
      })
    known.set(reader, equal)
    return equal
  }
  return writer.kind === reader.kind
}
