// A shape as JSON Schema (draft 7, which editors' YAML support understands), for completion and checking while typing.
import { durationPattern, type Member, type ObjectShape, type Shape, textFormats } from './shape.ts'

type JsonSchema = Readonly<Record<string, unknown>>

export function jsonSchemaOf(shape: ObjectShape, title: string): JsonSchema {
  return { $schema: 'http://json-schema.org/draft-07/schema#', title, ...schemaOf(shape) }
}

function schemaOf(shape: Shape): JsonSchema {
  switch (shape.kind) {
    case 'text':
      return shape.format === undefined
        ? { type: 'string', minLength: 1 }
        : { type: 'string', pattern: textFormats[shape.format].pattern.source }
    case 'choice':
      return { oneOf: Object.entries(shape.values).map(([value, doc]) => ({ const: value, description: doc })) }
    case 'integer':
      return { type: 'integer', minimum: shape.min, ...(shape.max === undefined ? {} : { maximum: shape.max }) }
    case 'duration':
      return { type: 'string', pattern: durationPattern.source }
    case 'list':
      return {
        type: 'array',
        items: schemaOf(shape.items),
        ...(shape.min === undefined ? {} : { minItems: shape.min }),
      }
    case 'map':
      return {
        type: 'object',
        propertyNames: { pattern: textFormats[shape.keys].pattern.source },
        additionalProperties: schemaOf(shape.values),
        ...(shape.min === undefined ? {} : { minProperties: shape.min }),
      }
    case 'either':
      return { anyOf: shape.shapes.map(schemaOf) }
    case 'object':
      return objectSchema(shape)
  }
}

function objectSchema(shape: ObjectShape): JsonSchema {
  const members = Object.entries(shape.members)
  const required = members.filter(([, member]) => member.required === true).map(([key]) => key)
  return {
    type: 'object',
    properties: Object.fromEntries(members.map(([key, member]) => [key, memberSchema(member)])),
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
    ...(shape.exactlyOne === undefined ? {} : { oneOf: shape.exactlyOne.map((key) => ({ required: [key] })) }),
  }
}

function memberSchema(member: Member): JsonSchema {
  const byDefault = member.default === undefined ? '' : ` Default: ${member.default}.`
  return { description: member.doc + byDefault, ...schemaOf(member.shape) }
}
