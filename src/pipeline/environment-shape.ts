// The keys of sluice.yaml, as data. A secret is a reference anywhere.
import type { Member, ObjectShape, Shape } from './shape.ts'

const text = (doc: string, example: string, required = false): Member => ({
  shape: { kind: 'text' },
  doc,
  example,
  ...(required ? { required } : {}),
})

/** How a reference to a secret is written. */
function secret(name: string): string {
  return `"\${secret:${name}}"`
}

const certificates: Readonly<Record<string, Member>> = {
  ca: text('File with the certificates of the authorities to trust, PEM; without it, those of Node.', 'certs/ca.pem'),
  certificate: text('File with the client certificate, PEM (mutual TLS).', 'certs/client.pem'),
  key: text("File with the client certificate's key, PEM.", 'certs/client.key'),
}

function tls(members: Readonly<Record<string, Member>>): Member {
  return {
    shape: {
      kind: 'either',
      shapes: [
        { kind: 'choice', values: { system: 'Trusts the authorities that Node trusts.' } },
        { kind: 'object', members },
      ],
    },
    doc: 'Encrypts the connection and verifies the server.',
    example: 'system',
  }
}

const kafka: ObjectShape = {
  kind: 'object',
  members: {
    bootstrap: {
      shape: { kind: 'list', items: { kind: 'text' }, min: 1 },
      required: true,
      doc: 'Some brokers, as host:port; the others are learned from them.',
      example: '[broker-1:9092, broker-2:9092]',
    },
    tls: tls(certificates),
    sasl: {
      shape: {
        kind: 'object',
        members: {
          mechanism: {
            shape: {
              kind: 'choice',
              values: {
                PLAIN: 'User and password in clear text; use it with TLS only.',
                'SCRAM-SHA-256': 'User and password, salted and hashed.',
                'SCRAM-SHA-512': 'User and password, salted and hashed.',
                OAUTHBEARER: 'An access token by OAuth 2.0 client credentials.',
              },
            },
            required: true,
            doc: 'How the broker knows who connects.',
            example: 'SCRAM-SHA-512',
          },
          username: text('The user.', 'sluice'),
          password: text('The password.', secret('kafka-password')),
          tokenUrl: text('OAUTHBEARER: where tokens are asked for.', 'https://login.example.com/token'),
          clientId: text('OAUTHBEARER: the client.', 'sluice'),
          clientSecret: text('OAUTHBEARER: its secret.', secret('kafka-client')),
          scope: text('OAUTHBEARER: the scope asked for.', 'kafka'),
        },
      },
      doc: 'Credentials.',
    },
  },
}

const registryAuth: Shape = {
  kind: 'object',
  exactlyOne: ['username', 'token', 'tokenUrl'],
  members: {
    username: text('Basic: the user.', 'sluice'),
    password: text('Basic: the password.', secret('registry-password')),
    token: text('Bearer: a token that does not change.', secret('registry-token')),
    tokenUrl: text('OAuth 2.0 client credentials: where tokens are asked for.', 'https://login.example.com/token'),
    clientId: text('OAuth: the client.', 'sluice'),
    clientSecret: text('OAuth: its secret.', secret('registry-client')),
    scope: text('OAuth: the scope asked for.', 'schemas:read'),
    logicalCluster: text('Confluent Cloud: the logical cluster of the registry.', 'lsrc-abc123'),
    identityPool: text('Confluent Cloud: the identity pool.', 'pool-abc'),
  },
}

const registry: ObjectShape = {
  kind: 'object',
  members: {
    urls: {
      shape: { kind: 'list', items: { kind: 'text' }, min: 1 },
      required: true,
      doc: 'Addresses of the schema registry; the next is asked when one does not answer.',
      example: '[http://registry:8081]',
    },
    auth: {
      shape: registryAuth,
      doc: 'Credentials. Sluice only reads: a read-only account is enough.',
      example: `{ username: sluice, password: ${secret('registry-password')} }`,
    },
    tls: tls({ ...certificates, keyPassword: text('Password of the key.', secret('client-key')) }),
    context: text('The context that subjects and ids live in.', 'staging'),
    headers: {
      shape: { kind: 'map', keys: 'header', values: { kind: 'text' } },
      doc: 'Headers to send with every request.',
    },
  },
}

const environment: ObjectShape = {
  kind: 'object',
  members: {
    kafka: { shape: kafka, required: true, doc: 'The Kafka cluster.', example: '{ bootstrap: [localhost:9092] }' },
    registry: {
      shape: registry,
      required: true,
      doc: 'The schema registry.',
      example: '{ urls: [http://localhost:8081] }',
    },
    target: {
      shape: { kind: 'choice', values: { local: 'A process of its own on this machine.' } },
      doc: 'Where pipelines run.',
      example: 'local',
      default: 'local',
    },
  },
}

const embedded: ObjectShape = {
  kind: 'object',
  members: {
    topics: {
      shape: { kind: 'map', keys: 'topic', values: { kind: 'integer', min: 1, max: 100 } },
      doc: 'Topics that the embedded broker makes at its start: name to number of partitions.',
      example: '{ payments.transactions: 3, payments.velocity: 3 }',
    },
    schemas: {
      shape: { kind: 'map', keys: 'subject', values: { kind: 'text' } },
      doc: 'Avro schemas that the embedded registry holds from its start: subject to file, relative to this file.',
      example: '{ com.acme.payments.Velocity: schemas/velocity.avsc }',
    },
  },
}

export const projectShape: ObjectShape = {
  kind: 'object',
  members: {
    embedded: {
      shape: embedded,
      doc: 'What the environment on this machine holds from its start. No other environment is ever given topics or schemas.',
    },
    environments: {
      shape: { kind: 'map', keys: 'name', values: environment },
      doc: 'Where pipelines can run, by name. Without --env, the embedded environment on this machine is used.',
      example: '{ staging: { … } }',
    },
    secrets: text(
      'Folder with one file per secret, relative to this file; used for secrets that are not in the process environment.',
      'secrets',
    ),
  },
}
