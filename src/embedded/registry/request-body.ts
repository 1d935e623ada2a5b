// Reads the JSON bodies of the registry's calls; what does not fit is refused with the words a client can act on.

import type { SchemaRequest } from './operations.ts'
import { refusals } from './refusal.ts'
import type { Reference } from './store.ts'

export type JsonObject = Readonly<Record<string, unknown>>

export function readJsonObject(body: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    throw refusals.malformed('Unrecognized token: the body is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refusals.malformed('the body is not a JSON object')
  }
  return value as JsonObject
}

export function readSchemaRequest(body: string): SchemaRequest {
  const object = readJsonObject(body)
  const { schema, schemaType, metadata, ruleSet } = object
  if (schemaType !== undefined && schemaType !== null && schemaType !== 'AVRO') {
    throw refusals.invalidSchema(`the embedded registry holds Avro schemas only, not ${String(schemaType)}`)
  }
  if (typeof schema !== 'string' || schema.trim() === '') throw refusals.invalidSchema('Empty schema')
  const id = readOptionalInteger(object, 'id')
  const version = readOptionalInteger(object, 'version')
  return {
    schema,
    references: readReferences(object.references),
    metadata,
    ruleSet,
    // Clients send 0 or -1 for "not given".
    ...(id === undefined || id < 1 ? {} : { id }),
    ...(version === undefined || version < 1 ? {} : { version }),
  }
}

function readReferences(value: unknown): readonly Reference[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw refusals.malformed('`references` is not a list')
  return value.map((item: unknown) => {
    const reference = (typeof item === 'object' && item !== null ? item : {}) as JsonObject
    const { name, subject, version } = reference
    if (typeof name !== 'string' || typeof subject !== 'string' || !Number.isInteger(version)) {
      throw refusals.malformed('a reference needs `name`, `subject` and `version`')
    }
    return { name, subject, version: version as number }
  })
}

function readOptionalInteger(object: JsonObject, member: string): number | undefined {
  const value = object[member]
  if (value === undefined || value === null) return undefined
  if (!Number.isInteger(value)) throw refusals.malformed(`\`${member}\` is not a whole number`)
  return value as number
}
