// What changed between two versions of a schema, by path, for people and for impact analysis. It sees what Avro's compatibility
// check lets through although values change their meaning: logical types, decimal scales, string ↔ bytes, renames, defaults.
import { isPromotable } from './resolve.ts'
import {
  type AvroField,
  type AvroSchema,
  branchName,
  isNamed,
  type Json,
  type NamedSchema,
  namespaceOf,
  nullBranch,
  onlyBranch,
  type RecordSchema,
  simpleName,
} from './schema.ts'

export type SchemaChangeKind =
  | 'field-added'
  | 'field-removed'
  | 'field-renamed'
  | 'fields-reordered'
  | 'type-widened'
  | 'type-changed'
  | 'text-and-bytes-exchanged'
  | 'logical-type-changed'
  | 'decimal-scale-changed'
  | 'decimal-precision-changed'
  | 'null-allowed'
  | 'null-forbidden'
  | 'branch-added'
  | 'branch-removed'
  | 'symbol-added'
  | 'symbol-removed'
  | 'symbols-reordered'
  | 'enum-default-changed'
  | 'size-changed'
  | 'default-added'
  | 'default-removed'
  | 'default-changed'
  | 'name-changed'
  | 'namespace-changed'
  | 'aliases-changed'
  | 'doc-changed'

/** Changes after which old data is read without an error, but as other values. Avro's compatibility check reports none of them. */
export const silentKinds: ReadonlySet<SchemaChangeKind> = new Set([
  'text-and-bytes-exchanged',
  'logical-type-changed',
  'decimal-scale-changed',
  'default-changed',
])

export type SchemaChange = {
  readonly kind: SchemaChangeKind
  /** Names by dots; `[]` an array's items, `{}` a map's values, `<name>` a branch of a union; empty for the schema itself. */
  readonly path: string
  /** For a rename, a symbol, a default: what was there, as text. */
  readonly before?: string
  readonly after?: string
  /** Added and removed fields: whether they have a default, so that the other side can read without them. */
  readonly hasDefault?: boolean
}

export function diffSchemas(before: AvroSchema, after: AvroSchema): readonly SchemaChange[] {
  const differ = new Differ()
  differ.compare(before, after, '')
  return differ.changes
}

class Differ {
  readonly changes: SchemaChange[] = []
  private readonly seen = new Map<AvroSchema, Set<AvroSchema>>()

  compare(before: AvroSchema, after: AvroSchema, path: string): void {
    if (before.kind === 'union' || after.kind === 'union') {
      this.compareUnions(before, after, path)
      return
    }
    if (before.kind !== after.kind) {
      this.changeKind(before, after, path)
      return
    }
    if (isNamed(before) && isNamed(after)) {
      const known = this.seen.get(before) ?? new Set<AvroSchema>()
      this.seen.set(before, known)
      if (known.has(after)) return
      known.add(after)
      this.compareNames(before, after, path)
    }
    this.compareLogical(before, after, path)
    if (before.kind === 'array' && after.kind === 'array') this.compare(before.items, after.items, `${path}[]`)
    if (before.kind === 'map' && after.kind === 'map') this.compare(before.values, after.values, `${path}{}`)
    if (before.kind === 'fixed' && after.kind === 'fixed' && before.size !== after.size) {
      this.add('size-changed', path, String(before.size), String(after.size))
    }
    if (before.kind === 'enum' && after.kind === 'enum') this.compareEnums(before, after, path)
    if (before.kind === 'record' && after.kind === 'record') this.compareRecords(before, after, path)
  }

  private add(kind: SchemaChangeKind, path: string, before?: string, after?: string): void {
    this.changes.push({
      kind,
      path,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    })
  }

  private changeKind(before: AvroSchema, after: AvroSchema, path: string): void {
    const textAndBytes = [before.kind, after.kind].sort().join() === 'bytes,string'
    const widened = isPromotable(before.kind, after.kind)
    const kind = textAndBytes ? 'text-and-bytes-exchanged' : widened ? 'type-widened' : 'type-changed'
    this.add(kind, path, branchName(before), branchName(after))
    if (widened) this.compareLogical(before, after, path)
  }

  private compareLogical(before: AvroSchema, after: AvroSchema, path: string): void {
    const [old, now] = [before.logical, after.logical]
    if (old?.kind !== now?.kind) {
      this.add('logical-type-changed', path, old?.kind ?? before.kind, now?.kind ?? after.kind)
      return
    }
    if (old?.kind !== 'decimal' || now?.kind !== 'decimal') return
    if (old.scale !== now.scale) this.add('decimal-scale-changed', path, String(old.scale), String(now.scale))
    if (old.precision !== now.precision) {
      this.add('decimal-precision-changed', path, String(old.precision), String(now.precision))
    }
  }

  /** `T` and `[null, T]` are compared as T with and without null; other unions branch by branch. */
  private compareUnions(before: AvroSchema, after: AvroSchema, path: string): void {
    const [hadNull, hasNull] = [mayBeNull(before), mayBeNull(after)]
    if (hadNull !== hasNull) this.add(hasNull ? 'null-allowed' : 'null-forbidden', path)
    const [old, now] = [onlyBranch(before), onlyBranch(after)]
    if (old !== undefined && now !== undefined) {
      this.compare(old, now, path)
      return
    }
    const oldBranches = new Map(branchesOf(before).map((branch) => [branchName(branch), branch]))
    const newBranches = new Map(branchesOf(after).map((branch) => [branchName(branch), branch]))
    for (const [name, branch] of oldBranches) {
      const other = newBranches.get(name)
      if (other === undefined) this.add('branch-removed', path, name)
      else this.compare(branch, other, `${path}<${name}>`)
    }
    for (const name of newBranches.keys()) if (!oldBranches.has(name)) this.add('branch-added', path, undefined, name)
  }

  private compareNames(before: NamedSchema, after: NamedSchema, path: string): void {
    if (simpleName(before.fullName) !== simpleName(after.fullName)) {
      this.add('name-changed', path, before.fullName, after.fullName)
    } else if (before.fullName !== after.fullName) {
      this.add('namespace-changed', path, namespaceOf(before.fullName), namespaceOf(after.fullName))
    }
    this.compareAliases(before.aliases, after.aliases, path)
    if (before.doc !== after.doc) this.add('doc-changed', path, before.doc, after.doc)
  }

  private compareAliases(before: readonly string[], after: readonly string[], path: string): void {
    const [old, now] = [before.toSorted().join(', '), after.toSorted().join(', ')]
    if (old !== now) this.add('aliases-changed', path, old, now)
  }

  private compareEnums(
    before: AvroSchema & { kind: 'enum' },
    after: AvroSchema & { kind: 'enum' },
    path: string,
  ): void {
    const [old, now] = [new Set(before.symbols), new Set(after.symbols)]
    for (const symbol of before.symbols) if (!now.has(symbol)) this.add('symbol-removed', path, symbol)
    for (const symbol of after.symbols) if (!old.has(symbol)) this.add('symbol-added', path, undefined, symbol)
    const kept = before.symbols.filter((symbol) => now.has(symbol))
    const order = after.symbols.filter((symbol) => old.has(symbol))
    if (kept.join() !== order.join()) this.add('symbols-reordered', path)
    if (before.default !== after.default) this.add('enum-default-changed', path, before.default, after.default)
  }

  private compareRecords(before: RecordSchema, after: RecordSchema, path: string): void {
    const oldFields = new Map(before.fields.map((field) => [field.name, field]))
    const newNames = new Set(after.fields.map((field) => field.name))
    const matched = new Set<string>()
    const order: string[] = []
    for (const field of after.fields) {
      const inside = path === '' ? field.name : `${path}.${field.name}`
      const formerName = field.aliases.find((alias) => oldFields.has(alias) && !newNames.has(alias))
      const old = oldFields.get(field.name) ?? (formerName === undefined ? undefined : oldFields.get(formerName))
      if (old === undefined) {
        this.changes.push({ kind: 'field-added', path: inside, hasDefault: field.default !== undefined })
        continue
      }
      if (old.name !== field.name) this.add('field-renamed', inside, old.name, field.name)
      matched.add(old.name)
      order.push(old.name)
      this.compareFields(old, field, inside)
    }
    for (const field of before.fields) {
      if (matched.has(field.name)) continue
      const inside = path === '' ? field.name : `${path}.${field.name}`
      this.changes.push({ kind: 'field-removed', path: inside, hasDefault: field.default !== undefined })
    }
    const kept = before.fields.map((field) => field.name).filter((name) => matched.has(name))
    if (kept.join() !== order.join()) this.add('fields-reordered', path)
  }

  private compareFields(before: AvroField, after: AvroField, path: string): void {
    const [old, now] = [textOf(before.default), textOf(after.default)]
    if (old !== now) {
      const kind = old === undefined ? 'default-added' : now === undefined ? 'default-removed' : 'default-changed'
      this.add(kind, path, old, now)
    }
    this.compareAliases(before.aliases, after.aliases, path)
    if (before.doc !== after.doc) this.add('doc-changed', path, before.doc, after.doc)
    this.compare(before.type, after.type, path)
  }
}

function mayBeNull(schema: AvroSchema): boolean {
  return schema.kind === 'null' || nullBranch(schema) >= 0
}

function branchesOf(schema: AvroSchema): readonly AvroSchema[] {
  return (schema.kind === 'union' ? schema.branches : [schema]).filter((branch) => branch.kind !== 'null')
}

function textOf(json: Json | undefined): string | undefined {
  if (json === undefined) return undefined
  if (typeof json === 'bigint') return String(json)
  if (json instanceof Map) {
    return `{${[...json].map(([key, value]) => `${JSON.stringify(key)}: ${textOf(value)}`).join(', ')}}`
  }
  return Array.isArray(json) ? `[${json.map(textOf).join(', ')}]` : JSON.stringify(json)
}
