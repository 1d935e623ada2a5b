// AVR: Avro schemas and the output proof.
import type { CodeEntry } from './code-entry.ts'

export const avroCodes = {
  AVR001: {
    title: 'schema is not JSON',
    explanation: 'The text of an Avro schema is JSON. The place of the first character that is not is shown.',
    bad: '{"type": "record", "name": "R", "fields": [}',
    good: '{"type": "record", "name": "R", "fields": []}',
  },
  AVR002: {
    title: 'schema is not an Avro schema',
    explanation:
      'The text is JSON, but an attribute that the Avro specification asks for is missing or of the wrong form.',
    bad: '{"type": "fixed", "name": "F"}',
    good: '{"type": "fixed", "name": "F", "size": 16}',
  },
  AVR003: {
    title: 'name is not a valid Avro name',
    explanation:
      'Names of types, fields, symbols and parts of namespaces start with a letter or an underscore and go on with letters, digits and underscores. Schemas that were registered long ago may use letters of any alphabet; they can be read, new ones are refused.',
    bad: '{"type": "enum", "name": "E", "symbols": ["in-progress"]}',
    good: '{"type": "enum", "name": "E", "symbols": ["IN_PROGRESS"]}',
  },
  AVR004: {
    title: 'schema uses a type that is not defined',
    explanation:
      'A named type must be defined before it is used, in the same schema or in one listed under its references.',
    bad: '{"type": "array", "items": "com.acme.Item"}',
    good: '{"type": "array", "items": {"type": "record", "name": "com.acme.Item", "fields": []}}',
  },
  AVR005: {
    title: 'name or branch stands twice',
    explanation:
      'Two fields of a record, two symbols of an enum, two definitions of a type, or two branches of a union have the same name, so data could not be told apart.',
    bad: '["int", "int"]',
    good: '["int", "long"]',
  },
  AVR006: {
    title: 'default does not fit its type',
    explanation:
      'A default is what readers take where the writer has no such field, so it must be a value of the field: a default of a union may fit any branch, one of bytes is text with a character per byte.',
    bad: '{"name": "amount", "type": "long", "default": "0"}',
    good: '{"name": "amount", "type": "long", "default": 0}',
  },
  AVR007: {
    title: 'logical type is ignored',
    explanation:
      'The logical type is unknown or does not fit its underlying type, precision or size. As the Avro specification asks, values are those of the underlying type.',
    bad: '{"type": "string", "logicalType": "timestamp-millis"}',
    good: '{"type": "long", "logicalType": "timestamp-millis"}',
  },
  AVR020: {
    title: 'record cannot be decoded',
    explanation:
      'The bytes are not a value of the schema that their schema id names: they end too early, go on behind the value, or hold a length, union branch, enum symbol, boolean or text that cannot be. What happens to such records is the choice `onError.decode`.',
  },
  AVR021: {
    title: 'value cannot be encoded',
    explanation:
      'A value does not fit the field of the registered schema that it is written to: null for a field that cannot be null, a text that is no symbol of the enum, a number out of range. What happens to such records is the choice `onError.encode`.',
  },
  AVR022: {
    title: 'schemas do not resolve',
    explanation:
      'Data written with one schema cannot be read with the other: a type differs without being promotable, a field has no default, a symbol or union branch is unknown to the reader.',
  },
  AVR101: {
    title: 'schema registry cannot be reached',
    explanation:
      'No address of the registry answered: it does not run, the name does not resolve, the port is closed, or TLS failed. A running pipeline goes on with the schemas it knows and asks again.',
  },
  AVR102: {
    title: 'schema registry answered with an error',
    explanation:
      'The registry answered, but not with what was asked for. Answers 408, 429 and 5xx are asked again a few times before this is reported.',
  },
  AVR103: {
    title: 'schema registry refuses access',
    explanation:
      'The credentials of the environment are missing, wrong, or may not read. Sluice only reads: a read-only account is enough.',
  },
  AVR104: {
    title: 'schema registry does not have it',
    explanation: 'A subject, version, schema id or guid that was asked for is not registered, or is deleted.',
  },
  AVR105: {
    title: 'schema is not Avro',
    explanation: 'The registered schema is a JSON Schema or a Protobuf file. Sources and sinks need an Avro schema.',
  },
  AVR201: {
    title: 'column does not fit the field of the output schema',
    explanation:
      'The value cannot be written into this Avro type without losing something. Sluice converts nothing silently; a CAST or a function says how it is meant.',
  },
  AVR202: {
    title: 'nullable column for a field that takes no null',
    explanation:
      'The field of the output schema is not nullable, and the query does not prove that the column is never NULL. A field default is for readers: it never replaces a NULL.',
  },
  AVR203: {
    title: 'field of the output schema is not filled',
    explanation:
      'The query has no column of this name, and the field has no default. Columns and fields are matched by name, in the same case.',
  },
  AVR204: {
    title: 'column has no field in the output schema',
    explanation:
      'The registered schema has no field of this name, so the value could not be written. Sluice never changes or registers a schema.',
  },
  AVR205: {
    title: 'not a symbol of the enum',
    explanation: 'The text is none of the symbols of the Avro enum it is compared with or written into.',
  },
  AVR206: {
    title: 'value is checked when it is written',
    explanation:
      'Most values fit, but not all that are possible. Each one is looked at; onError of the pipeline says what happens to one that does not fit.',
  },
  AVR207: {
    title: 'column exists twice',
    explanation: 'Two columns of the query have the same name, so it is not clear which one fills the field.',
  },
  AVR106: {
    title: 'data of the embedded schema registry is damaged',
    explanation:
      'A line in the middle of its file cannot be read. A line torn by a crash at the end is repaired silently; this is something else.',
  },
  AVR107: {
    title: 'embedded schema registry cannot start',
    explanation: 'Its port is taken or may not be used.',
  },
  AVR108: {
    title: 'subject does not exist',
    explanation:
      'The schema registry has no such subject. Sluice writes with schemas that are registered and never registers one itself.',
    bad: 'value: { subject: com.acme.payments.Transactoin }',
    good: 'value: { subject: com.acme.payments.Transaction }',
  },
  AVR109: {
    title: 'version does not exist',
    explanation: 'The subject exists, but this version of it does not, or is deleted.',
    bad: 'value: { subject: com.acme.payments.Transaction, version: 99 }',
    good: 'value: { subject: com.acme.payments.Transaction, version: latest }',
  },
  AVR110: {
    title: 'schema id does not exist',
    explanation:
      'The schema registry has no schema of this id. Ids differ between registries, and between contexts of one.',
    bad: 'value: { schemaId: 999999 }',
    good: 'value: { schemaId: 17 }',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
