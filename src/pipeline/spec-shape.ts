// The keys of a pipeline file, as data: read-spec.ts checks against it, the JSON Schema for editors and the reference pages are made of it.
import type { Member, ObjectShape, Shape } from './shape.ts'

const topic = (doc: string, example: string): Member => ({
  shape: { kind: 'text', format: 'topic' },
  required: true,
  doc,
  example,
})

const schemaMembers: Readonly<Record<string, Member>> = {
  subject: {
    shape: { kind: 'text' },
    doc: 'The subject of the schema registry.',
    example: 'com.acme.payments.Transaction',
  },
  schemaId: {
    shape: { kind: 'integer', min: 1 },
    doc: 'The id of a registered schema, instead of a subject.',
    example: '17',
  },
  strategy: {
    shape: {
      kind: 'choice',
      values: {
        TopicName: 'The subject is the topic with `-value` (or `-key`) behind it.',
        RecordName: 'The subject is the full name of the record.',
        TopicRecordName: 'The subject is the topic, a hyphen, and the full name of the record.',
      },
    },
    doc: 'How the subject follows from the topic, instead of naming it.',
    example: 'RecordName',
  },
  record: {
    shape: { kind: 'text' },
    doc: 'The full name of the record; needed by the strategies RecordName and TopicRecordName.',
    example: 'com.acme.payments.Transaction',
  },
  version: {
    shape: {
      kind: 'either',
      shapes: [
        { kind: 'integer', min: 1 },
        { kind: 'choice', values: { latest: 'The newest version at the time of deployment.' } },
      ],
    },
    doc: 'The version of the subject. `latest` is resolved when the pipeline starts and stays until it is restarted.',
    example: '3',
    default: 'latest',
  },
}

const schemaChoice = ['subject', 'schemaId', 'strategy']

const valueSchema: ObjectShape = { kind: 'object', members: schemaMembers, exactlyOne: schemaChoice }

const eventTime: ObjectShape = {
  kind: 'object',
  members: {
    column: { shape: { kind: 'text' }, doc: 'The column that holds the time of the event.', example: 'createdAt' },
    timestamp: {
      shape: { kind: 'choice', values: { record: 'The timestamp that Kafka keeps of the record.' } },
      doc: 'Takes the time from the Kafka record instead of a column; it becomes the column `timestamp`.',
      example: 'record',
    },
    maxDelay: {
      shape: { kind: 'duration' },
      doc: 'How far events may be out of order. Windows wait this long; later events are dropped and counted.',
      example: '5s',
      default: '0s',
    },
    idleAfter: {
      shape: { kind: 'duration' },
      doc: 'A partition without records for this time stops holding windows open. Without it, it holds them for ever.',
      example: '30s',
    },
  },
  exactlyOne: ['column', 'timestamp'],
}

const sourceKey: ObjectShape = {
  kind: 'object',
  members: {
    ...schemaMembers,
    column: {
      shape: { kind: 'text', format: 'table' },
      doc: 'Shows the whole key as a column of this name.',
      example: 'userId',
    },
    columns: {
      shape: { kind: 'map', keys: 'table', values: { kind: 'text' } },
      doc: "Shows fields of the key as columns: column name to the field's path.",
      example: '{ userId: user.id }',
    },
  },
}

const source: ObjectShape = {
  kind: 'object',
  members: {
    topic: topic('The topic that is read.', 'payments.transactions'),
    value: {
      shape: valueSchema,
      required: true,
      doc: 'The Avro schema of the value: its fields are the columns of the table.',
      example: '{ subject: com.acme.payments.Transaction, version: latest }',
    },
    key: {
      shape: sourceKey,
      doc: 'Shows the key, or fields of it, as columns. Without a schema the key is text.',
      example: '{ column: userId }',
    },
    metadata: {
      shape: {
        kind: 'map',
        keys: 'table',
        values: {
          kind: 'choice',
          values: {
            timestamp: 'The timestamp of the record, TIMESTAMP_LTZ(3).',
            partition: 'The partition, INT.',
            offset: 'The offset in the partition, BIGINT.',
            headers: 'The headers, MAP<STRING, BYTES>.',
            topic: 'The topic, STRING.',
          },
        },
      },
      doc: 'Shows what Kafka keeps of a record as columns: column name to what it shows.',
      example: '{ sentAt: timestamp, part: partition }',
    },
    eventTime: {
      shape: eventTime,
      doc: 'Which time counts. Windows need it.',
      example: '{ column: createdAt, maxDelay: 5s, idleAfter: 30s }',
    },
    start: {
      shape: {
        kind: 'either',
        shapes: [
          {
            kind: 'choice',
            values: {
              earliest: 'With the oldest record of the topic.',
              latest: 'With what arrives after the start.',
              committed: 'Only where the pipeline stopped before; a pipeline that never ran is refused.',
            },
          },
          { kind: 'text', format: 'instant' },
        ],
      },
      doc: 'Where a pipeline that never ran begins. One that ran goes on where it stopped.',
      example: 'earliest',
      default: 'earliest',
    },
  },
}

const columns: Shape = { kind: 'list', items: { kind: 'text' }, min: 1 }

const sink: ObjectShape = {
  kind: 'object',
  members: {
    topic: topic('The topic that is written. It must exist.', 'payments.velocity'),
    value: {
      shape: valueSchema,
      required: true,
      doc: 'The registered Avro schema that records are written with. Nothing is ever registered.',
      example: '{ subject: com.acme.payments.Velocity, version: 3 }',
    },
    key: {
      shape: {
        kind: 'either',
        shapes: [
          columns,
          {
            kind: 'object',
            members: {
              columns: {
                shape: columns,
                required: true,
                doc: 'The columns that make the key.',
                example: '[userIdentifier]',
              },
              ...schemaMembers,
            },
            exactlyOne: schemaChoice,
          },
        ],
      },
      doc: 'The columns that make the key of the record. One STRING column is written as its text; anything else needs a schema.',
      example: '[userIdentifier]',
    },
    mode: {
      shape: {
        kind: 'choice',
        values: {
          append: 'Every row is a record; a query whose results change is refused.',
          upsert: 'A row replaces the older one of its key; a row that is gone becomes a tombstone.',
        },
      },
      doc: 'How rows become records.',
      example: 'upsert',
      default: 'append',
    },
    delivery: {
      shape: {
        kind: 'choice',
        values: {
          'exactly-once': 'Output and progress are committed together in a Kafka transaction.',
          'at-least-once': 'After a failure some records may be there twice; they are visible sooner.',
        },
      },
      doc: 'What a failure may do to the output.',
      example: 'at-least-once',
      default: 'exactly-once',
    },
  },
}

const policy = (doc: string): Member => ({
  shape: {
    kind: 'choice',
    values: {
      fail: 'The pipeline stops and says which record it was.',
      drop: 'The record is left out and counted.',
      'dead-letter': 'The record goes to the dead-letter topic as it came, with the reason.',
    },
  },
  doc,
  default: 'fail',
  example: 'dead-letter',
})

export const pipelineShape: ObjectShape = {
  kind: 'object',
  exactlyOne: ['sql', 'sqlFile'],
  members: {
    name: {
      shape: { kind: 'text', format: 'name' },
      required: true,
      doc: 'The name of the pipeline. Offsets and state belong to it, so it must not change.',
      example: 'card-velocity',
    },
    description: {
      shape: { kind: 'text' },
      doc: 'One sentence for people.',
      example: 'Payment attempts per user in 10 seconds',
    },
    sources: {
      shape: { kind: 'map', keys: 'table', values: source, min: 1 },
      required: true,
      doc: 'The tables that are read, by their names in the SQL.',
      example: '{ transactions: { … } }',
    },
    sql: {
      shape: { kind: 'text' },
      doc: 'The statements: views, and one INSERT per sink. With one sink, a SELECT will do.',
      example: 'SELECT …',
    },
    sqlFile: {
      shape: { kind: 'text' },
      doc: 'The file that holds the statements, relative to this one.',
      example: 'card-velocity.sql',
    },
    sinks: {
      shape: { kind: 'map', keys: 'table', values: sink, min: 1 },
      required: true,
      doc: 'The tables that are written, by their names in the SQL.',
      example: '{ velocity: { … } }',
    },
    timeZone: {
      shape: { kind: 'text', format: 'zone' },
      doc: "The session's time zone, for functions that show local time.",
      example: 'Europe/Berlin',
      default: 'UTC',
    },
    onError: {
      shape: {
        kind: 'object',
        members: {
          decode: policy('A record that cannot be read: no schema id, an unknown one, damaged bytes.'),
          unknownType: policy('A record of a type that the source does not read.'),
          null: policy('A null where the output schema allows none.'),
          evaluate: policy('An expression that fails on a row: a division by zero, a CAST that does not fit.'),
          encode: policy('A value that the output schema cannot hold.'),
          semanticChange: policy(
            'A record whose schema reads the same bytes as something else: another unit or scale.',
          ),
        },
      },
      doc: 'What happens to a record that cannot be processed.',
      example: '{ decode: dead-letter }',
    },
    deadLetterTopic: {
      shape: { kind: 'text', format: 'topic' },
      doc: 'Where dead letters go. It must exist if a policy says `dead-letter`.',
      example: 'payments.dead-letters',
      default: '<name>.dead-letters',
    },
    expect: {
      shape: {
        kind: 'object',
        members: {
          outputEvery: {
            shape: { kind: 'duration' },
            doc: 'An alert is raised when no output was written for this time.',
            example: '5m',
          },
          maxLag: {
            shape: { kind: 'integer', min: 0 },
            doc: 'An alert is raised when more records than this wait to be read.',
            example: '10000',
          },
        },
      },
      doc: 'What is normal for this pipeline; the rest becomes alerts.',
      example: '{ outputEvery: 5m, maxLag: 10000 }',
    },
  },
}
