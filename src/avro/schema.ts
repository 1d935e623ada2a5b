// A parsed Avro schema: plain data, names resolved (a recursive record contains itself). Parsing is in parse-schema.ts,
// printing in print-schema.ts.

/** A JSON value that loses nothing: integers are bigint, other numbers number, objects Maps (so `__proto__` is a key like any other). */
export type Json = null | boolean | bigint | number | string | readonly Json[] | ReadonlyMap<string, Json>

/** A logical type that fits its underlying type. Unknown and ill-fitting ones are ignored, as the Avro specification asks. */
export type LogicalAttribute =
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | {
      readonly kind:
        | 'big-decimal'
        | 'uuid'
        | 'date'
        | 'time-millis'
        | 'time-micros'
        | 'timestamp-millis'
        | 'timestamp-micros'
        | 'timestamp-nanos'
        | 'local-timestamp-millis'
        | 'local-timestamp-micros'
        | 'local-timestamp-nanos'
        | 'duration'
    }

export type PrimitiveKind = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string'

type Annotated = {
  readonly logical: LogicalAttribute | undefined
  /** Attributes the schema language does not use itself, in text order; includes the text of `logicalType`, `precision`, `scale`. */
  readonly properties: ReadonlyMap<string, Json>
}

type Named = Annotated & {
  /** With namespace: `com.acme.Transaction`. See `simpleName` and `namespaceOf`. */
  readonly fullName: string
  /** Full names. */
  readonly aliases: readonly string[]
  readonly doc: string | undefined
}

export type PrimitiveSchema = Annotated & { readonly kind: PrimitiveKind }
export type EnumSchema = Named & {
  readonly kind: 'enum'
  readonly symbols: readonly string[]
  /** What a reader takes for a symbol it does not know. */
  readonly default: string | undefined
}
export type FixedSchema = Named & { readonly kind: 'fixed'; readonly size: number }
export type RecordSchema = Named & {
  readonly kind: 'record'
  /** Declared as `"type": "error"`. */
  readonly isError: boolean
  readonly fields: readonly AvroField[]
}
export type ArraySchema = Annotated & { readonly kind: 'array'; readonly items: AvroSchema }
export type MapSchema = Annotated & { readonly kind: 'map'; readonly values: AvroSchema }
/** Branches are never unions, and no two have the same type (the same full name if named). */
export type UnionSchema = Annotated & { readonly kind: 'union'; readonly branches: readonly AvroSchema[] }

export type NamedSchema = RecordSchema | EnumSchema | FixedSchema
export type AvroSchema = PrimitiveSchema | NamedSchema | ArraySchema | MapSchema | UnionSchema
export type AvroKind = AvroSchema['kind']

export type AvroField = {
  readonly name: string
  readonly type: AvroSchema
  readonly aliases: readonly string[]
  readonly doc: string | undefined
  /** What a reader takes where the writer lacks the field; undefined: there is none. For encoding it means nothing. */
  readonly default: Json | undefined
  readonly order: 'ascending' | 'descending' | 'ignore'
  readonly properties: ReadonlyMap<string, Json>
}

/** The part after the last dot. */
export function simpleName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf('.') + 1)
}

/** The part before the last dot; empty for a name without namespace. */
export function namespaceOf(fullName: string): string {
  const dot = fullName.lastIndexOf('.')
  return dot < 0 ? '' : fullName.slice(0, dot)
}

export function isNamed(schema: AvroSchema): schema is NamedSchema {
  return schema.kind === 'record' || schema.kind === 'enum' || schema.kind === 'fixed'
}

/** How a union branch is told from others: the full name of a named type, else the kind. */
export function branchName(schema: AvroSchema): string {
  return isNamed(schema) ? schema.fullName : schema.kind
}

/** The index of the null branch, or -1; for anything but a union -1. */
export function nullBranch(schema: AvroSchema): number {
  return schema.kind === 'union' ? schema.branches.findIndex((branch) => branch.kind === 'null') : -1
}

/** `[null, T]`, `[T, null]`, `[T]` and plain `T` all hold a T or nothing; undefined for unions of two or more other branches. */
export function onlyBranch(schema: AvroSchema): AvroSchema | undefined {
  if (schema.kind !== 'union') return schema
  const others = schema.branches.filter((branch) => branch.kind !== 'null')
  return others.length === 1 ? others[0] : undefined
}
