// Can data of one schema be read with another? By the rules, kinds and locations of Avro Java's SchemaCompatibility. Logical types
// are not looked at; logical-diff.ts does that. Resolution of real data is resolve.ts, which is laxer about record names.
import { isPromotable } from './resolve.ts'
import { type AvroField, type AvroSchema, type NamedSchema, type RecordSchema, simpleName } from './schema.ts'

export type IncompatibilityKind =
  | 'NAME_MISMATCH'
  | 'FIXED_SIZE_MISMATCH'
  | 'MISSING_ENUM_SYMBOLS'
  | 'READER_FIELD_MISSING_DEFAULT_VALUE'
  | 'TYPE_MISMATCH'
  | 'MISSING_UNION_BRANCH'

export type Incompatibility = {
  readonly kind: IncompatibilityKind
  /** JSON pointer into the reader's schema. */
  readonly location: string
  /** In Avro Java's words, which tools know. */
  readonly message: string
}

export type Compatibility = {
  readonly compatible: boolean
  readonly incompatibilities: readonly Incompatibility[]
  /** A field of the reader matches two of the writer, by name and by alias: Avro Java refuses to answer. */
  readonly ambiguous?: string
}

export function checkCompatibility(reader: AvroSchema, writer: AvroSchema): Compatibility {
  const checker = new Checker()
  const incompatibilities = checker.check(reader, writer, [])
  if (checker.ambiguous !== undefined) return { compatible: false, incompatibilities, ambiguous: checker.ambiguous }
  return { compatible: incompatibilities.length === 0, incompatibilities }
}

type Findings = readonly Incompatibility[]
const none: Findings = []

class Checker {
  ambiguous: string | undefined
  /** Also holds pairs in progress, as compatible: a recursive type is, unless something else is wrong. */
  private readonly known = new Map<AvroSchema, Map<AvroSchema, Findings>>()

  check(reader: AvroSchema, writer: AvroSchema, location: readonly string[]): Findings {
    const known = this.known.get(reader) ?? new Map<AvroSchema, Findings>()
    this.known.set(reader, known)
    const earlier = known.get(writer)
    if (earlier !== undefined) return earlier
    known.set(writer, none)
    const findings = this.compare(reader, writer, location)
    known.set(writer, findings)
    return findings
  }

  private compare(reader: AvroSchema, writer: AvroSchema, location: readonly string[]): Findings {
    if (reader.kind === 'union' && writer.kind === 'union') {
      return writer.branches.flatMap((branch, index) =>
        this.check(reader, branch, []).length === 0 ? none : [lacking(branch, [...location, String(index)])],
      )
    }
    if (writer.kind === 'union') {
      return writer.branches.flatMap((branch, index) => this.check(reader, branch, [...location, String(index)]))
    }
    if (reader.kind === 'union') {
      const readable = reader.branches.some((branch) => this.check(branch, writer, []).length === 0)
      return readable ? none : [lacking(writer, location)]
    }
    if (reader.kind === 'array' && writer.kind === 'array') {
      return this.check(reader.items, writer.items, [...location, 'items'])
    }
    if (reader.kind === 'map' && writer.kind === 'map') {
      return this.check(reader.values, writer.values, [...location, 'values'])
    }
    if (reader.kind === 'record' && writer.kind === 'record') {
      return [...checkName(reader, writer, location), ...this.checkFields(reader, writer, location)]
    }
    if (reader.kind === 'enum' && writer.kind === 'enum') {
      return [...checkName(reader, writer, location), ...checkSymbols(reader, writer, location)]
    }
    if (reader.kind === 'fixed' && writer.kind === 'fixed') {
      const size =
        reader.size === writer.size
          ? none
          : [finding('FIXED_SIZE_MISMATCH', [...location, 'size'], `expected: ${writer.size}, found: ${reader.size}`)]
      return [...checkName(reader, writer, location), ...size]
    }
    if (reader.kind === writer.kind || isPromotable(writer.kind, reader.kind)) return none
    return [typeMismatch(reader, writer, location)]
  }

  private checkFields(reader: RecordSchema, writer: RecordSchema, location: readonly string[]): Findings {
    return reader.fields.flatMap((field, index) => {
      const place = [...location, 'fields', String(index)]
      const source = this.writerField(writer, field)
      if (source !== undefined) return this.check(field.type, source.type, [...place, 'type'])
      if (field.default !== undefined) return none
      // Avro Java compares the enum with the writer's record, whatever that may mean.
      if (field.type.kind === 'enum' && field.type.default !== undefined) {
        return this.check(field.type, writer, [...place, 'type'])
      }
      return [finding('READER_FIELD_MISSING_DEFAULT_VALUE', place, field.name)]
    })
  }

  private writerField(writer: RecordSchema, field: AvroField): AvroField | undefined {
    const names = new Set([field.name, ...field.aliases])
    const found = writer.fields.filter((candidate) => names.has(candidate.name))
    if (found.length > 1)
      this.ambiguous ??= `field \`${field.name}\` matches several fields of record \`${writer.fullName}\``
    return found[0]
  }
}

function checkName(reader: NamedSchema, writer: NamedSchema, location: readonly string[]): Findings {
  if (simpleName(reader.fullName) === simpleName(writer.fullName) || reader.aliases.includes(writer.fullName))
    return none
  return [finding('NAME_MISMATCH', [...location, 'name'], `expected: ${writer.fullName}`)]
}

function checkSymbols(
  reader: AvroSchema & { kind: 'enum' },
  writer: AvroSchema & { kind: 'enum' },
  location: readonly string[],
): Findings {
  const known = new Set(reader.symbols)
  const missing = writer.symbols.filter((symbol) => !known.has(symbol)).sort()
  if (missing.length === 0 || reader.default !== undefined) return none
  return [finding('MISSING_ENUM_SYMBOLS', [...location, 'symbols'], `[${missing.join(', ')}]`)]
}

function typeMismatch(reader: AvroSchema, writer: AvroSchema, location: readonly string[]): Incompatibility {
  const message = `reader type: ${javaKind(reader)} not compatible with writer type: ${javaKind(writer)}`
  return finding('TYPE_MISMATCH', location, message)
}

function lacking(writer: AvroSchema, location: readonly string[]): Incompatibility {
  return finding('MISSING_UNION_BRANCH', location, `reader union lacking writer type: ${javaKind(writer)}`)
}

function javaKind(schema: AvroSchema): string {
  return schema.kind.toUpperCase()
}

function finding(kind: IncompatibilityKind, location: readonly string[], message: string): Incompatibility {
  const pointer = location.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')
  return { kind, location: `/${pointer}`, message }
}
