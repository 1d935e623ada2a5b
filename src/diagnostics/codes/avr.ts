// AVR: Avro schemas and the output proof.
import type { CodeEntry } from './code-entry.ts'

export const avroCodes = {
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
} as const satisfies Readonly<Record<string, CodeEntry>>
