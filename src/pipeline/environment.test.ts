import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadEnvironment } from './environment.ts'

const project = `environments:
  staging:
    kafka:
      bootstrap: [broker-1:9092, broker-2:9092]
      tls: system
      sasl: { mechanism: SCRAM-SHA-512, username: sluice, password: "\${secret:kafka-password}" }
    registry:
      urls: [https://registry-1:8081, https://registry-2:8081]
      auth: { username: reader, password: "\${secret:registry-password}" }
      tls: { ca: certs/ca.pem }
  production:
    kafka: { bootstrap: [broker:9092] }
    registry: { urls: [http://registry:8081], context: prod, headers: { X-Team: fraud } }
`

let root: string
let pipelines: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-project-'))
  pipelines = join(root, 'pipelines', 'deep')
  mkdirSync(pipelines, { recursive: true })
  mkdirSync(join(root, 'certs'))
  writeFileSync(join(root, 'certs', 'ca.pem'), 'PEM')
})

afterEach(() => rmSync(root, { recursive: true }))

function write(text: string): void {
  writeFileSync(join(root, 'sluice.yaml'), text)
}

/** \`line:column code message (hint)\`. */
function problems(name: string | undefined, env: Record<string, string> = {}): readonly string[] {
  const { value, diagnostics } = loadEnvironment(pipelines, name, env)
  expect(value).toBeUndefined()
  return diagnostics.map(({ code, message, hint }) => `${code} ${message} (${hint ?? ''})`.replaceAll(root, ''))
}

test('without --env it is the embedded environment, its data beside sluice.yaml', () => {
  expect(loadEnvironment(pipelines, undefined, {}).value).toEqual({
    kind: 'embedded',
    name: 'embedded',
    dataDir: join(pipelines, '.sluice'),
    topics: [],
    schemas: [],
  })
  write(project)
  expect(loadEnvironment(pipelines, undefined, {}).value).toEqual({
    kind: 'embedded',
    name: 'embedded',
    dataDir: join(root, '.sluice'),
    topics: [],
    schemas: [],
  })
})

test('sluice.yaml may say which topics and schemas the embedded environment holds from its start', () => {
  write('embedded:\n  topics: { payments.velocity: 3 }\n  schemas: { com.acme.Velocity: schemas/velocity.avsc }\n')
  expect(loadEnvironment(pipelines, undefined, {}).value).toMatchObject({
    topics: [{ name: 'payments.velocity', partitions: 3 }],
    schemas: [{ subject: 'com.acme.Velocity', file: join(root, 'schemas', 'velocity.avsc') }],
  })
})

test('no other environment can be given topics', () => {
  write('environments:\n  staging:\n    topics: { payments.velocity: 3 }\n')
  expect(problems('staging')[0]).toContain('topics')
})

test('an environment of a sluice.yaml above is read, secrets and certificates put in', () => {
  write(project)
  mkdirSync(join(root, '.sluice', 'secrets'), { recursive: true })
  writeFileSync(join(root, '.sluice', 'secrets', 'registry-password'), 'from a file\n')
  const { value, diagnostics } = loadEnvironment(pipelines, 'staging', { SLUICE_SECRET_KAFKA_PASSWORD: 'from env' })
  expect(diagnostics).toEqual([])
  expect(value).toEqual({
    kind: 'configured',
    name: 'staging',
    dataDir: join(root, '.sluice'),
    target: 'local',
    kafka: {
      bootstrap: ['broker-1:9092', 'broker-2:9092'],
      tls: {},
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'sluice', password: 'from env' },
    },
    registry: {
      urls: ['https://registry-1:8081', 'https://registry-2:8081'],
      auth: { kind: 'basic', username: 'reader', password: 'from a file' },
      tls: { ca: 'PEM' },
    },
  })
  expect(loadEnvironment(pipelines, 'production', {}).value).toMatchObject({
    kafka: { bootstrap: ['broker:9092'] },
    registry: { urls: ['http://registry:8081'], context: 'prod', headers: { 'X-Team': 'fraud' } },
  })
})

describe('what is missing is told with what to do', () => {
  test('a secret, and only those of the environment that is used', () => {
    write(project)
    expect(problems('staging', { SLUICE_SECRET_KAFKA_PASSWORD: 'x' })).toEqual([
      'OPT010 secret `registry-password` is missing (Set the environment variable SLUICE_SECRET_REGISTRY_PASSWORD, or write the file /.sluice/secrets/registry-password.)',
    ])
  })

  test('a secret whose name leads elsewhere', () => {
    write(project.replace('secret:kafka-password', 'secret:../../etc/passwd'))
    expect(problems('staging', { SLUICE_SECRET_REGISTRY_PASSWORD: 'x' })[0]).toContain(
      'OPT010 `../../etc/passwd` is no name of a secret',
    )
  })

  test('the environment', () => {
    expect(problems('staging')).toEqual([
      'OPT012 environment `staging` needs a file `sluice.yaml`, but there is none here or above (Write one, or leave --env out to use the embedded environment.)',
    ])
    write(project)
    expect(problems('stagging')).toEqual([
      'OPT011 environment `stagging` does not exist in `/sluice.yaml` (Did you mean `staging`?)',
    ])
    expect(problems('qa')).toEqual([
      'OPT011 environment `qa` does not exist in `/sluice.yaml` (Its environments are `staging`, `production`.)',
    ])
  })

  test('keys and files', () => {
    write(
      project
        .replace('bootstrap: [broker:9092]', 'brokers: [broker:9092]')
        .replace('mechanism: SCRAM-SHA-512', 'mechanism: SCRAM'),
    )
    expect(problems(undefined)).toEqual([
      expect.stringContaining('OPT005 `environments.staging.kafka.sasl.mechanism` is `SCRAM`, expected'),
      expect.stringContaining('OPT002 `environments.production.kafka` has no key `brokers`'),
      expect.stringContaining('OPT003 `environments.production.kafka` lacks the key `bootstrap`'),
    ])
    write(
      project
        .replace('ca.pem', 'missing.pem')
        .replace(/, password: "\$.secret:registry-password."/, '')
        .replace('https://registry-1:8081', 'registry-1:8081'),
    )
    expect(problems('staging', { SLUICE_SECRET_KAFKA_PASSWORD: 'x' })).toEqual([
      'OPT003 `environments.staging.registry.auth` lacks the key `password` ()',
      'OPT009 file `certs/missing.pem` cannot be read (Its path is relative to sluice.yaml.)',
      'OPT005 `registry-1:8081` is not an address (An address is like http://localhost:8081.)',
    ])
  })
})
