// Schema text → AvroSchema. Two measures: strict for a schema somebody is about to use for writing, tolerant for what is
// already registered (the registry itself accepts any namespace and any default). Reading the JSON is json.ts's.
import type { Checked, Diagnostic, Span } from '../diagnostics/diagnostic.ts'
import { defaultFits } from './default-fits.ts'
import { type JsonNode, JsonProblem, jsonOf, parseJson } from './json.ts'
import { logicalAttribute } from './logical-attribute.ts'
import type { AvroField, AvroSchema, Json, NamedSchema, PrimitiveKind } from './schema.ts'
import { branchName, namespaceOf, simpleName } from './schema.ts'

export type ParseOptions = {
  /**
   * true: names and namespaces by the Avro specification, every default fits its type.
   * false (default): what Confluent's registry accepts; namespaces and defaults unchecked, letters of any alphabet in names.
   */
  readonly strict?: boolean
  /** Texts of the schemas this one refers to by name, in dependency order; each must parse. */
  readonly references?: readonly string[]
}

/** Spans point into `text`. A logical type that is ignored because it does not fit gives a warning. */
export function parseSchema(text: string, options: ParseOptions = {}): Checked<AvroSchema> {
  const parser = new SchemaParser(options.strict === true)
  const references: JsonNode[] = []
  for (const reference of options.references ?? []) {
    const { value, diagnostics } = attempt(() => parseJson(reference))
    if (value === undefined) return { value, diagnostics: diagnostics.map((each) => inReference(each, text)) }
    references.push(value)
  }
  const root = attempt(() => parseJson(text))
  if (root.value === undefined) return { value: undefined, diagnostics: root.diagnostics }
  for (const node of [...references, root.value]) parser.collectDefinitions(node, '')
  for (const node of references) {
    const { value, diagnostics } = attempt(() => parser.readSchema(node, ''))
    if (value === undefined) return { value, diagnostics: diagnostics.map((each) => inReference(each, text)) }
  }
  parser.diagnostics.length = 0
  const node = root.value
  const { value, diagnostics } = attempt(() => parser.readSchema(node, ''))
  return { value, diagnostics: [...diagnostics, ...parser.diagnostics] }
}

function attempt<T>(read: () => T): Checked<T> {
  try {
    return { value: read(), diagnostics: [] }
  } catch (problem) {
    if (problem instanceof SchemaProblem) return { value: undefined, diagnostics: [problem.diagnostic] }
    if (!(problem instanceof JsonProblem)) throw problem
    const message = `schema is not JSON: ${problem.message}`
    return { value: undefined, diagnostics: [{ code: 'AVR001', severity: 'error', message, span: problem.span }] }
  }
}

function inReference(diagnostic: Diagnostic, text: string): Diagnostic {
  const message = `referenced schema is wrong: ${diagnostic.message}`
  return { ...diagnostic, message, span: { start: 0, end: text.length } }
}

/** Leaves the parser at the first error; never seen outside this file. */
class SchemaProblem extends Error {
  readonly diagnostic: Diagnostic
  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message)
    this.diagnostic = diagnostic
  }
}

function fail(code: Diagnostic['code'], message: string, span: Span, hint?: string): never {
  const place = { start: span.start, end: span.end }
  throw new SchemaProblem({
    code,
    severity: 'error',
    message,
    span: place,
    ...(hint === undefined ? undefined : { hint }),
  })
}

type ObjectNode = JsonNode & { readonly kind: 'object' }
type Named = { readonly fullName: string; readonly aliases: readonly string[]; readonly doc: string | undefined }

const primitiveKinds: ReadonlySet<string> = new Set([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
])
const namedKinds: ReadonlySet<string> = new Set(['record', 'error', 'enum', 'fixed'])
/** Attributes of the schema language; all others are properties. */
const schemaAttributes: ReadonlySet<string> = new Set([
  'type',
  'name',
  'namespace',
  'doc',
  'aliases',
  'fields',
  'symbols',
  'items',
  'values',
  'size',
])
const enumAttributes: ReadonlySet<string> = new Set([...schemaAttributes, 'default'])
const fieldAttributes: ReadonlySet<string> = new Set(['name', 'type', 'doc', 'aliases', 'default', 'order'])
const noProperties: ReadonlyMap<string, Json> = new Map()

class SchemaParser {
  readonly diagnostics: Diagnostic[] = []
  private readonly strict: boolean
  private readonly names = new Map<string, NamedSchema>()
  /** Where each name is defined, so that it can be used before its definition is reached, as Avro Java 1.12 allows. */
  private readonly definitions = new Map<string, { readonly node: ObjectNode; readonly namespace: string }>()
  private readonly built = new Map<ObjectNode, NamedSchema>()

  constructor(strict: boolean) {
    this.strict = strict
  }

  collectDefinitions(node: JsonNode | undefined, namespace: string): void {
    if (node === undefined || node.kind === 'scalar') return
    if (node.kind === 'array') {
      for (const item of node.items) this.collectDefinitions(item, namespace)
      return
    }
    const name = textOf(node.entries.get('name'))
    let inner = namespace
    if (name !== undefined && namedKinds.has(textOf(node.entries.get('type')) ?? '')) {
      const fullName = qualify(name, textOf(node.entries.get('namespace')) ?? namespace)
      if (!this.definitions.has(fullName)) this.definitions.set(fullName, { node, namespace })
      inner = namespaceOf(fullName)
    }
    this.collectDefinitions(node.entries.get('items'), inner)
    this.collectDefinitions(node.entries.get('values'), inner)
    const fields = node.entries.get('fields')
    if (fields?.kind !== 'array') return
    for (const field of fields.items) {
      if (field.kind === 'object') this.collectDefinitions(field.entries.get('type'), inner)
    }
  }

  readSchema(node: JsonNode, namespace: string): AvroSchema {
    if (node.kind === 'array') return this.readUnion(node.items, namespace)
    if (node.kind === 'object') return this.readObject(node, namespace)
    if (typeof node.value === 'string') return this.resolveName(node.value, node, namespace)
    return fail('AVR002', 'expected a type: a name, an object or a list of types', node)
  }

  private resolveName(text: string, span: Span, namespace: string): AvroSchema {
    if (primitiveKinds.has(text)) {
      return { kind: text as PrimitiveKind, logical: undefined, properties: noProperties }
    }
    // Avro Java looks a name up in the enclosing namespace first, then in none.
    const candidates = [qualify(text, namespace), simpleName(text)]
    for (const name of candidates) {
      const found = this.names.get(name)
      if (found !== undefined) return found
    }
    for (const name of candidates) {
      const definition = this.definitions.get(name)
      if (definition !== undefined) return this.readObject(definition.node, definition.namespace)
    }
    const hint = 'A named type must be defined in the same schema, or in a schema listed under its references.'
    return fail('AVR004', `type \`${text}\` is not defined`, span, hint)
  }

  private readUnion(items: readonly JsonNode[], namespace: string): AvroSchema {
    const seen = new Set<string>()
    const branches = items.map((item) => {
      const branch = this.readSchema(item, namespace)
      if (branch.kind === 'union') fail('AVR002', 'a union may not directly hold a union', item)
      const name = branchName(branch)
      if (seen.has(name)) fail('AVR005', `union has two branches of type \`${name}\``, item)
      seen.add(name)
      return branch
    })
    return { kind: 'union', branches, logical: undefined, properties: noProperties }
  }

  private readObject(node: ObjectNode, namespace: string): AvroSchema {
    const type = node.entries.get('type')
    const kind = textOf(type)
    if (type === undefined || kind === undefined)
      return fail('AVR002', 'attribute `type` must be the name of a type', type ?? node)
    if (primitiveKinds.has(kind)) return this.annotate({ kind: kind as PrimitiveKind }, node, schemaAttributes)
    if (namedKinds.has(kind)) return this.readDefinition(kind, node, namespace)
    switch (kind) {
      case 'array': {
        const items = this.readSchema(required(node, 'items'), namespace)
        return this.annotate({ kind: 'array', items }, node, schemaAttributes)
      }
      case 'map': {
        const values = this.readSchema(required(node, 'values'), namespace)
        return this.annotate({ kind: 'map', values }, node, schemaAttributes)
      }
      default:
        return this.resolveName(kind, type, namespace)
    }
  }

  private readDefinition(kind: string, node: ObjectNode, namespace: string): AvroSchema {
    const built = this.built.get(node)
    if (built !== undefined) return built
    const named = this.readNamed(node, namespace)
    const earlier = this.names.get(named.fullName)
    if (earlier !== undefined) {
      // Avro Java 1.12 lets a type be defined again if the definitions are equal; registries before it did not.
      const first = this.definitions.get(named.fullName)
      if (first !== undefined && sameJson(first.node, node)) return earlier
      return fail('AVR005', `type \`${named.fullName}\` is defined twice`, node)
    }
    if (kind === 'enum') return this.readEnum(node, named)
    return kind === 'fixed' ? this.readFixed(node, named) : this.readRecord(node, named, kind === 'error')
  }

  private readRecord(node: ObjectNode, named: Named, isError: boolean): AvroSchema {
    const fields: AvroField[] = []
    const record = this.annotate({ kind: 'record', isError, ...named, fields }, node, schemaAttributes)
    const list = node.entries.get('fields')
    if (list?.kind !== 'array') return fail('AVR002', 'a record needs a list `fields`', list ?? node)
    // Defined before its fields are read, because they may refer to it.
    this.define(record, node)
    const seen = new Set<string>()
    for (const item of list.items) {
      const field = this.readField(item, namespaceOf(named.fullName))
      if (seen.has(field.name)) fail('AVR005', `record has two fields \`${field.name}\``, item)
      seen.add(field.name)
      fields.push(field)
    }
    return record
  }

  private readField(node: JsonNode, namespace: string): AvroField {
    if (node.kind !== 'object') return fail('AVR002', 'a field must be an object', node)
    const nameNode = required(node, 'name')
    const name = textOf(nameNode)
    if (name === undefined) return fail('AVR002', 'attribute `name` must be a string', nameNode)
    this.checkName(name, nameNode, 'field')
    const type = this.readSchema(required(node, 'type'), namespace)
    const orderNode = node.entries.get('order')
    const order = (textOf(orderNode) ?? 'ascending').toLowerCase()
    if (order !== 'ascending' && order !== 'descending' && order !== 'ignore') {
      return fail('AVR002', '`order` is one of ascending, descending, ignore', orderNode ?? node)
    }
    const aliases = readStrings(node, 'aliases') ?? []
    return {
      name,
      type,
      aliases: [...new Set(aliases)],
      doc: textOf(node.entries.get('doc')),
      default: this.readDefault(name, type, node.entries.get('default')),
      order,
      properties: propertiesOf(node, fieldAttributes),
    }
  }

  private readDefault(name: string, type: AvroSchema, node: JsonNode | undefined): Json | undefined {
    if (node === undefined) return undefined
    let value = jsonOf(node)
    // Avro Java reads the text of a float's default as a number, which is how NaN can be one.
    if ((type.kind === 'float' || type.kind === 'double') && typeof value === 'string') {
      const number = numberOfText(value)
      if (number === undefined) fail('AVR006', `default of field \`${name}\` is not a ${type.kind}`, node)
      value = number
    }
    if (this.strict && !defaultFits(type, value)) {
      fail('AVR006', `default of field \`${name}\` does not fit its type`, node)
    }
    return value
  }

  private readEnum(node: ObjectNode, named: Named): AvroSchema {
    const list = node.entries.get('symbols')
    if (list?.kind !== 'array') return fail('AVR002', 'an enum needs a list `symbols`', list ?? node)
    const symbols: string[] = []
    const seen = new Set<string>()
    for (const item of list.items) {
      const symbol = textOf(item)
      if (symbol === undefined) return fail('AVR002', 'a symbol must be a string', item)
      this.checkName(symbol, item, 'symbol')
      if (seen.has(symbol)) fail('AVR005', `enum has symbol \`${symbol}\` twice`, item)
      seen.add(symbol)
      symbols.push(symbol)
    }
    const defaultNode = node.entries.get('default')
    const defaultSymbol = textOf(defaultNode)
    if (defaultSymbol !== undefined && !seen.has(defaultSymbol)) {
      fail('AVR006', `enum default \`${defaultSymbol}\` is not one of its symbols`, defaultNode ?? node)
    }
    const schema = this.annotate({ kind: 'enum', ...named, symbols, default: defaultSymbol }, node, enumAttributes)
    this.define(schema, node)
    return schema
  }

  private readFixed(node: ObjectNode, named: Named): AvroSchema {
    const sizeNode = required(node, 'size')
    const size = sizeNode.kind === 'scalar' ? sizeNode.value : undefined
    if (typeof size !== 'bigint' || size < 0n || size > 2147483639n) {
      return fail('AVR002', '`size` must be a whole number from 0 to 2147483639', sizeNode)
    }
    const schema = this.annotate({ kind: 'fixed', ...named, size: Number(size) }, node, schemaAttributes)
    this.define(schema, node)
    return schema
  }

  private readNamed(node: ObjectNode, enclosing: string): Named {
    const nameNode = required(node, 'name')
    const name = textOf(nameNode)
    if (name === undefined) return fail('AVR002', 'attribute `name` must be a string', nameNode)
    const fullName = qualify(name, textOf(node.entries.get('namespace')) ?? enclosing)
    this.checkFullName(fullName, nameNode)
    if (primitiveKinds.has(fullName))
      fail('AVR003', `a type may not be named after the primitive \`${name}\``, nameNode)
    const namespace = namespaceOf(fullName)
    const aliases = (readStrings(node, 'aliases') ?? []).map((alias) => qualify(alias, namespace))
    for (const alias of aliases) this.checkFullName(alias, node.entries.get('aliases') ?? node)
    return { fullName, aliases: [...new Set(aliases)], doc: textOf(node.entries.get('doc')) }
  }

  private define(schema: NamedSchema, node: ObjectNode): void {
    this.names.set(schema.fullName, schema)
    this.built.set(node, schema)
  }

  private checkFullName(fullName: string, span: Span): void {
    this.checkName(simpleName(fullName), span, 'type')
    const namespace = namespaceOf(fullName)
    if (!this.strict || namespace === '') return
    for (const part of namespace.split('.')) this.checkName(part, span, 'namespace')
  }

  private checkName(name: string, span: Span, what: string): void {
    const rule = this.strict ? /^[A-Za-z_][A-Za-z0-9_]*$/ : /^[\p{L}_][\p{L}\p{Nd}_]*$/u
    // Java looks at UTF-16 units, so letters outside the basic plane are none for it.
    if (rule.test(name) && !/[\ud800-\udfff]/.test(name)) return
    const hint = 'Names start with a letter or an underscore and go on with letters, digits and underscores.'
    fail('AVR003', `${what} name \`${name}\` is not a valid name`, span, hint)
  }

  private annotate<T extends { readonly kind: AvroSchema['kind'] }>(
    schema: T,
    node: ObjectNode,
    known: ReadonlySet<string>,
  ) {
    const properties = propertiesOf(node, known)
    const size = 'size' in schema && typeof schema.size === 'number' ? schema.size : undefined
    const logical = logicalAttribute(schema.kind, size, properties)
    const wanted = properties.get('logicalType')
    if (logical === undefined && typeof wanted === 'string') {
      const place = node.entries.get('logicalType') ?? node
      this.diagnostics.push({
        code: 'AVR007',
        severity: 'warning',
        message: `logical type \`${wanted}\` is ignored: it is unknown or does not fit type \`${schema.kind}\``,
        span: { start: place.start, end: place.end },
      })
    }
    return { ...schema, logical, properties }
  }
}

/** A name without a dot takes the namespace; one with a leading dot has none. */
function qualify(name: string, namespace: string): string {
  if (name.startsWith('.') && name.lastIndexOf('.') === 0) return name.slice(1)
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}

function textOf(node: JsonNode | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined
}

function required(node: ObjectNode, attribute: string): JsonNode {
  return node.entries.get(attribute) ?? fail('AVR002', `attribute \`${attribute}\` is missing`, node)
}

function readStrings(node: ObjectNode, attribute: string): readonly string[] | undefined {
  const list = node.entries.get(attribute)
  if (list === undefined) return undefined
  if (list.kind !== 'array') return fail('AVR002', `\`${attribute}\` must be a list of strings`, list)
  return list.items.map((item) => textOf(item) ?? fail('AVR002', `\`${attribute}\` must be a list of strings`, item))
}

function propertiesOf(node: ObjectNode, known: ReadonlySet<string>): ReadonlyMap<string, Json> {
  let properties: Map<string, Json> | undefined
  for (const [key, entry] of node.entries) {
    if (known.has(key)) continue
    properties ??= new Map()
    properties.set(key, jsonOf(entry))
  }
  return properties ?? noProperties
}

function numberOfText(text: string): number | undefined {
  const trimmed = text.trim()
  if (/^[+-]?(NaN|Infinity)$/.test(trimmed)) return Number(trimmed.replace(/^[+-]NaN$/, 'NaN'))
  return /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[fFdD]?$/.test(trimmed)
    ? Number(trimmed.replace(/[fFdD]$/, ''))
    : undefined
}

function sameJson(left: JsonNode, right: JsonNode): boolean {
  if (left.kind === 'scalar' || right.kind === 'scalar') {
    return left.kind === 'scalar' && right.kind === 'scalar' && Object.is(left.value, right.value)
  }
  if (left.kind === 'array' || right.kind === 'array') {
    if (left.kind !== 'array' || right.kind !== 'array' || left.items.length !== right.items.length) return false
    return left.items.every((item, index) => sameJson(item, right.items[index]!))
  }
  if (left.entries.size !== right.entries.size) return false
  return [...left.entries].every(([key, entry]) => {
    const other = right.entries.get(key)
    return other !== undefined && sameJson(entry, other)
  })
}
