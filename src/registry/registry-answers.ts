// Reads the registry's JSON answers into our types; an answer of another shape is an error that names the missing member.
import { RegistryError } from './registry-error.ts'

type SchemaType = 'AVRO' | 'JSON' | 'PROTOBUF'

/** `name` is the full name of a type that the schema uses and that `subject`'s `version` defines. */
export type SchemaReference = { readonly name: string; readonly subject: string; readonly version: number }

/** A schema as the registry stores it, by id or guid. */
export type StoredSchema = {
  readonly schemaType: SchemaType
  readonly text: string
  readonly references: readonly SchemaReference[]
}

/** A schema as a version of a subject: what a source or a sink is pinned to. */
export type SubjectVersion = StoredSchema & {
  readonly subject: string
  readonly version: number
  readonly id: number
}

export function readStoredSchema(answer: unknown): StoredSchema {
  const body = readObject(answer)
  // Absent means Avro: the registry knew nothing else before schema types were introduced.
  const type = body.schemaType ?? 'AVRO'
  if (type !== 'AVRO' && type !== 'JSON' && type !== 'PROTOBUF') throw unexpected('schemaType')
  return { schemaType: type, text: readString(body, 'schema'), references: readReferences(body.references) }
}

export function readSubjectVersion(answer: unknown): SubjectVersion {
  const body = readObject(answer)
  return {
    ...readStoredSchema(answer),
    subject: readString(body, 'subject'),
    version: readNumber(body, 'version'),
    id: readNumber(body, 'id'),
  }
}

export function readSubjectVersionPairs(answer: unknown): readonly { subject: string; version: number }[] {
  return readList(answer).map((item) => {
    const pair = readObject(item)
    return { subject: readString(pair, 'subject'), version: readNumber(pair, 'version') }
  })
}

export function readStrings(answer: unknown): readonly string[] {
  return readList(answer).map((item) => {
    if (typeof item !== 'string') throw unexpected('a list of texts')
    return item
  })
}

export function readNumbers(answer: unknown): readonly number[] {
  return readList(answer).map((item) => {
    if (typeof item !== 'number') throw unexpected('a list of numbers')
    return item
  })
}

export function readObject(answer: unknown): Readonly<Record<string, unknown>> {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) throw unexpected('an object')
  return answer as Readonly<Record<string, unknown>>
}

export function readString(body: Readonly<Record<string, unknown>>, member: string): string {
  const value = body[member]
  if (typeof value !== 'string') throw unexpected(member)
  return value
}

function readNumber(body: Readonly<Record<string, unknown>>, member: string): number {
  const value = body[member]
  if (typeof value !== 'number' || !Number.isInteger(value)) throw unexpected(member)
  return value
}

function readReferences(value: unknown): readonly SchemaReference[] {
  if (value === undefined || value === null) return []
  return readList(value).map((item) => {
    const reference = readObject(item)
    return {
      name: readString(reference, 'name'),
      subject: readString(reference, 'subject'),
      version: readNumber(reference, 'version'),
    }
  })
}

function readList(answer: unknown): readonly unknown[] {
  if (!Array.isArray(answer)) throw unexpected('a list')
  return answer
}

function unexpected(missing: string): RegistryError {
  return new RegistryError('AVR102', `schema registry's answer lacks \`${missing}\``, {
    status: 200,
    errorCode: 200,
    retry: 'never',
    hint: "Check that the address is a Confluent-compatible schema registry's.",
  })
}
