// Random Avro schemas and values for property tests: every type and logical type, nested, with names that are traps in JavaScript.
import fc from 'fast-check'
import { parseSchema } from '../src/avro/parse-schema.ts'
import { type AvroSchema, branchName } from '../src/avro/schema.ts'
import type { AvroValue } from '../src/avro/value.ts'

const hostileNames = ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty', 'length', 'then']

const scalarTypes: readonly unknown[] = [
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
  { type: 'int', logicalType: 'date' },
  { type: 'int', logicalType: 'time-millis' },
  { type: 'long', logicalType: 'time-micros' },
  { type: 'long', logicalType: 'timestamp-millis' },
  { type: 'long', logicalType: 'timestamp-micros' },
  { type: 'long', logicalType: 'timestamp-nanos' },
  { type: 'long', logicalType: 'local-timestamp-micros' },
  { type: 'string', logicalType: 'uuid' },
  { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 3 },
  { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 10 },
  { type: 'bytes', logicalType: 'big-decimal' },
]

/** The text of a schema whose root is a record. */
export const schemaText: fc.Arbitrary<string> = fc.gen().map((g) => {
  let named = 0
  const pick = <T>(items: readonly T[]): T => items[g(fc.nat, { max: items.length - 1 })]!
  const name = () => `${pick(hostileNames)}${named++}`
  const build = (depth: number, inUnion: boolean): unknown => {
    const choice = g(fc.nat, { max: depth > 2 ? 5 : 9 })
    if (choice <= 3) return pick(scalarTypes)
    if (choice === 4) return { type: 'enum', name: name(), symbols: ['A', 'toString', '__proto__'] }
    if (choice === 5)
      return pick(
        [
          { size: 3 },
          { size: 16, logicalType: 'uuid' },
          { size: 12, logicalType: 'duration' },
          { size: 0 },
          { size: 5, logicalType: 'decimal', precision: 9, scale: 2 },
        ].map((rest) => ({ type: 'fixed', name: name(), ...rest })),
      )
    if (choice === 6) return { type: 'array', items: build(depth + 1, false) }
    if (choice === 7) return { type: 'map', values: build(depth + 1, false) }
    if (choice === 8 || inUnion) return record(depth + 1)
    const branches = ['null', build(depth + 1, true), build(depth + 1, true)].slice(0, 2 + g(fc.nat, { max: 1 }))
    const kinds = branches.map(kindOf)
    const distinct = branches.filter((_, index) => kinds.indexOf(kinds[index]!) === index)
    return g(fc.boolean) ? distinct : distinct.toReversed()
  }
  const record = (depth: number): unknown => {
    const count = g(fc.nat, { max: 6 })
    const taken = new Set<string>()
    const fields = Array.from({ length: count }, () => {
      const field = g(fc.boolean) ? pick(hostileNames) : `f${g(fc.nat, { max: 20 })}`
      const unique = taken.has(field) ? `${field}_${taken.size}` : field
      taken.add(unique)
      return { name: unique, type: build(depth, false) }
    })
    return { type: 'record', name: name(), fields }
  }
  return JSON.stringify(record(0))
})

function kindOf(type: unknown): string {
  if (typeof type !== 'object' || type === null) return String(type)
  const { type: kind, name } = type as { type: string; name?: string }
  return name ?? kind
}

export function schemaOf(text: string): AvroSchema {
  const { value, diagnostics } = parseSchema(text)
  if (value === undefined) throw new Error(diagnostics[0]?.message)
  return value
}

/** Any value of the schema, with borders more often than chance would have them. */
export function anyValueOf(schema: AvroSchema, depth = 0): fc.Arbitrary<AvroValue> {
  const logical = schema.logical
  switch (schema.kind) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'int':
      return fc.integer()
    case 'long':
      return fc.oneof(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.bigInt({ min: -70n, max: 70n }),
        fc.bigInt({ min: 0n, max: 2_000_000_000_000n }),
      )
    case 'float':
      return fc.float().map(Math.fround)
    case 'double':
      return fc.double()
    case 'string':
      return logical?.kind === 'uuid' ? fc.uuid() : fc.string({ unit: 'binary', maxLength: 90 })
    case 'enum':
      return fc.constantFrom(...schema.symbols)
    case 'bytes':
    case 'fixed': {
      if (logical?.kind === 'decimal') {
        const bound = 10n ** BigInt(logical.precision) - 1n
        return fc.bigInt({ min: -bound, max: bound })
      }
      if (logical?.kind === 'big-decimal')
        return fc.record({ unscaled: fc.bigInt(), scale: fc.integer({ min: -50, max: 50 }) })
      if (logical?.kind === 'uuid') return fc.uuid()
      const size = schema.kind === 'fixed' ? { minLength: schema.size, maxLength: schema.size } : { maxLength: 70 }
      return fc.uint8Array(size)
    }
    case 'array':
      return fc.array(anyValueOf(schema.items, depth + 1), { maxLength: 4 })
    case 'map':
      return fc
        .dictionary(fc.oneof(fc.string(), fc.constantFrom(...hostileNames)), anyValueOf(schema.values, depth + 1), {
          maxKeys: 4,
          noNullPrototype: false,
        })
        .map((object) => new Map(Object.entries(object)))
    case 'union':
      return fc.oneof(
        ...schema.branches.map((branch) =>
          anyValueOf(branch, depth + 1).map((value) =>
            branch.kind === 'null' ? null : { branch: branchName(branch), value },
          ),
        ),
      )
    case 'record':
      return schema.fields.length === 0
        ? fc.constant([])
        : fc.tuple(...schema.fields.map((field) => anyValueOf(field.type, depth + 1)))
  }
}
