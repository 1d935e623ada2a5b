// The goldens' JSON form of Avro values (their README describes it), to and from our values.
import { type AvroSchema, branchName } from '../../src/avro/schema.ts'
import { type AvroValue, isList, isMap, isUnion } from '../../src/avro/value.ts'

/** Leaves what is no value of the schema as it is, for the encoder to refuse. */
export function valueOfGolden(schema: AvroSchema, golden: unknown): AvroValue {
  const asItIs = golden as AvroValue
  switch (schema.kind) {
    case 'long':
      if (typeof golden === 'number' && Number.isInteger(golden)) return BigInt(golden)
      return typeof golden === 'string' && /^-?[0-9]+$/.test(golden) ? BigInt(golden) : asItIs
    case 'float':
    case 'double':
      return typeof golden === 'string' && /^(NaN|-?Infinity)$/.test(golden) ? Number(golden) : asItIs
    case 'bytes':
    case 'fixed':
      return typeof golden === 'string' || typeof golden === 'object' ? bytesOfGolden(schema, golden) : asItIs
    case 'array':
      return Array.isArray(golden) ? golden.map((item) => valueOfGolden(schema.items, item)) : asItIs
    case 'map':
      if (!Array.isArray(golden)) return asItIs
      return new Map(golden.map(([key, item]: [string, unknown]) => [key, valueOfGolden(schema.values, item)]))
    case 'record': {
      if (typeof golden !== 'object' || golden === null) return asItIs
      const fields = new Map(Object.entries(golden))
      return schema.fields.map((field) => valueOfGolden(field.type, fields.get(field.name)))
    }
    case 'union': {
      if (typeof golden !== 'object' || golden === null) return asItIs
      const [branch, value] = Object.entries(golden)[0] ?? ['', undefined]
      const type = schema.branches.find((candidate) => branchName(candidate) === branch)
      return type === undefined ? asItIs : { branch, value: valueOfGolden(type, value) }
    }
    default:
      return asItIs
  }
}

function bytesOfGolden(schema: AvroSchema, golden: unknown): AvroValue {
  if (schema.logical?.kind === 'big-decimal' && typeof golden === 'object' && golden !== null) {
    const { unscaled, scale } = golden as { unscaled: string; scale: number }
    return { unscaled: BigInt(unscaled), scale }
  }
  if (typeof golden !== 'string') return golden as AvroValue
  if (schema.logical?.kind === 'decimal' && /^-?[0-9]+$/.test(golden)) return BigInt(golden)
  if (schema.logical?.kind === 'uuid') return golden
  return new Uint8Array(Buffer.from(golden, 'base64'))
}

/** A text that is equal for equal values; maps in the order of their keys. */
export function textOfValue(schema: AvroSchema, value: AvroValue): string {
  if (value === undefined) return 'undefined'
  if (schema.kind === 'union') {
    if (!isUnion(value)) return String(value)
    const branch = schema.branches.find((candidate) => branchName(candidate) === value.branch)
    return `{${value.branch}: ${branch === undefined ? '?' : textOfValue(branch, value.value)}}`
  }
  if (schema.kind === 'record' && isList(value)) {
    return `{${schema.fields.map((field, i) => `${field.name}: ${textOfValue(field.type, value[i]!)}`).join(', ')}}`
  }
  if (schema.kind === 'array' && isList(value)) {
    return `[${value.map((item) => textOfValue(schema.items, item)).join(', ')}]`
  }
  if (schema.kind === 'map' && isMap(value)) {
    const entries = [...value].sort(([left], [right]) => (left < right ? -1 : 1))
    return `[${entries.map(([key, item]) => `${JSON.stringify(key)}: ${textOfValue(schema.values, item)}`).join(', ')}]`
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Object.is(value, -0)) return '-0'
  if (typeof value === 'object' && value !== null && 'unscaled' in value) return `${value.unscaled}e-${value.scale}`
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
