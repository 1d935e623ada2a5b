// OPT: pipeline files, options and settings.
import type { CodeEntry } from './code-entry.ts'

export const optionCodes = {
  OPT001: {
    title: 'file is not valid YAML',
    explanation:
      'The text cannot be read as YAML: wrong indentation, a missing colon or quote, a tab where spaces must be.',
    bad: 'name: card-velocity\n  sinks: {',
    good: 'name: card-velocity\nsinks: {}',
  },
  OPT002: {
    title: 'key is unknown',
    explanation: 'This place of the file has no such key. Keys are case-sensitive.',
    bad: 'sources:\n  transactions:\n    topik: payments.transactions',
    good: 'sources:\n  transactions:\n    topic: payments.transactions',
  },
  OPT003: {
    title: 'key is missing',
    explanation: 'This place of the file needs a key that is not there.',
    bad: 'sinks:\n  velocity:\n    topic: payments.velocity',
    good: 'sinks:\n  velocity:\n    topic: payments.velocity\n    value: { subject: com.acme.payments.Velocity, version: 3 }',
  },
  OPT004: {
    title: 'value is of the wrong kind',
    explanation: 'A text, a number, a list or a block of keys was expected, and something else is there.',
    bad: 'key: userIdentifier',
    good: 'key: [userIdentifier]',
  },
  OPT005: {
    title: 'value is not allowed',
    explanation: 'The value is of the right kind, but not one of those that this key takes.',
    bad: 'delivery: exactly_once',
    good: 'delivery: exactly-once',
  },
  OPT006: {
    title: 'key is there twice',
    explanation: 'A block may have each key once; which of the two should count cannot be known.',
    bad: 'topic: a\ntopic: b',
    good: 'topic: b',
  },
  OPT007: {
    title: 'keys exclude each other',
    explanation: 'Only one of these keys may be there, or one makes the other meaningless.',
    bad: 'value: { schemaId: 17, version: 3 }',
    good: 'value: { schemaId: 17 }',
  },
  OPT008: {
    title: 'value is no duration',
    explanation: 'A duration is a whole number with its unit: ms, s, m, h or d.',
    bad: 'maxDelay: 5',
    good: 'maxDelay: 5s',
  },
  OPT009: {
    title: 'file cannot be read',
    explanation: 'A pipeline file, or a file that it names, does not exist or may not be read.',
    bad: 'sqlFile: card-velocty.sql',
    good: 'sqlFile: card-velocity.sql',
  },
  OPT010: {
    title: 'secret is missing',
    explanation: `A reference \${secret:name} is filled from the environment variable SLUICE_SECRET_NAME, or else from the file "name" in the folder of secrets.`,
    bad: `password: \${secret:registry-pasword}`,
    good: `password: \${secret:registry-password}`,
  },
  OPT011: {
    title: 'environment does not exist',
    explanation: 'The name given with --env is not one of the environments in sluice.yaml.',
    bad: 'sluice run card-velocity.yaml --env prod',
    good: 'sluice run card-velocity.yaml --env production',
  },
  OPT012: {
    title: 'sluice.yaml is missing',
    explanation:
      'An environment was named, but neither the folder of the pipeline nor one above it has a file sluice.yaml.',
  },
  OPT013: {
    title: 'record name is missing',
    explanation:
      'The subject strategies RecordName and TopicRecordName find a schema by the full name of the record, so `record` must say it.',
    bad: 'value: { strategy: RecordName }',
    good: 'value: { strategy: RecordName, record: com.acme.payments.Transaction }',
  },
  OPT015: {
    title: 'sink is not written',
    explanation: 'A sink is declared, but no statement inserts into it.',
  },
  OPT016: {
    title: 'sink is written twice',
    explanation: 'Two INSERTs write into one sink. UNION ALL joins them into one.',
    bad: 'INSERT INTO alerts SELECT * FROM a; INSERT INTO alerts SELECT * FROM b',
    good: 'INSERT INTO alerts SELECT * FROM a UNION ALL SELECT * FROM b',
  },
  OPT017: {
    title: 'source is not read',
    explanation: 'A source is declared, but no statement reads it.',
  },
  OPT018: {
    title: 'statement has no place in a pipeline',
    explanation:
      'A pipeline is made of SELECT or INSERT statements and of views. Its tables are the sources and sinks of the file; settings are keys of the file.',
    bad: 'sql: CREATE TABLE t (a INT); INSERT INTO velocity SELECT a FROM t',
    good: 'sources: { t: {…} }\nsql: INSERT INTO velocity SELECT a FROM t',
  },
  OPT019: {
    title: 'name is taken',
    explanation: 'Sources, sinks and views share one set of names. (A topic that is read and written needs two.)',
  },
  OPT020: {
    title: 'key of a sink cannot be written',
    explanation:
      'A key of one STRING column is written as its UTF-8 text. Any other key needs a registered schema with a field for each of its columns.',
    bad: 'key: [userIdentifier, windowStart]',
    good: 'key: { columns: [userIdentifier, windowStart], subject: com.acme.payments.VelocityKey }',
  },
  OPT021: {
    title: 'upsert sink has no key',
    explanation: 'Upserts replace the older record of the same key, so the sink must say which columns the key is.',
    bad: 'mode: upsert',
    good: 'mode: upsert\nkey: [userIdentifier]',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
