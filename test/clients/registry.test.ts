// The embedded registry through clients nobody here wrote: Python's confluent-kafka with its Avro serializers, and Confluent's own
// Java client as Flink packs it.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startRegistry } from '../../src/embedded/registry/registry.ts'
import { pythonPath, reasonToSkip, repositoryRoot } from '../needs.ts'

const run = promisify(execFile)
const folder = join(repositoryRoot, 'test', 'clients')

/** What a client prints when it works with a fresh registry. */
async function drive(command: (url: string) => Promise<{ stdout: string }>): Promise<readonly string[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-registry-clients-'))
  const registry = await startRegistry({ dataDir, port: 0 })
  try {
    return (await command(registry.url)).stdout.trim().split('\n')
  } finally {
    await registry.close()
    rmSync(dataDir, { recursive: true })
  }
}

const withoutPython = reasonToSkip('python')

test.skipIf(withoutPython !== undefined)(`confluent-kafka for Python ${withoutPython ?? ''}`, async () => {
  const lines = await drive((url) => run(pythonPath, [join(folder, 'registry_clients.py'), url]))
  const seen = lines.map((line) => JSON.parse(line) as { name: string; value: unknown })
  expect(Object.fromEntries(seen.map(({ name, value }) => [name, value]))).toEqual({
    register: 1,
    'register again': 1,
    'by id': true,
    lookup: 1,
    latest: 1,
    subjects: ['com.acme.User'],
    compatible: false,
    incompatible: [409, 409],
    level: 'FORWARD',
    config: 'FULL_TRANSITIVE',
    'no subject': [404, 40401],
    'no version': [404, 40402],
    'no schema': [404, 40403],
    'no schema text': [422, 42201],
    'payments-value': [2, true, true],
    'com.acme.Payment': [2, true, true],
    'payments-com.acme.Payment': [2, true, true],
    'delete version': 1,
    'delete subject': [1],
    'delete for good': [1],
    referenced: [422, 42206],
  })
})

/** Maven's copy, made once per version. */
async function javaClientJars(): Promise<string> {
  const pom = join(repositoryRoot, 'scripts', 'registry-client', 'pom.xml')
  const hash = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12)
  const jars = join(repositoryRoot, 'node_modules', '.cache', `registry-client-jars-${hash}`)
  if (existsSync(jars)) return jars
  const copy = `${jars}-${process.pid}`
  const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'
  await run('mvn', ['-q', '-B', '-f', pom, plugin, `-DoutputDirectory=${copy}`])
  renameSync(copy, jars)
  return jars
}

const withoutJava = reasonToSkip('jdk')

test.skipIf(withoutJava !== undefined)(
  `Confluent's Java client ${withoutJava ?? ''}`,
  async () => {
    const jars = await javaClientJars()
    const lines = await drive((url) => run('java', ['-cp', join(jars, '*'), join(folder, 'RegistryClient.java'), url]))
    expect(lines).toEqual([
      'register=1',
      'register again=1',
      'by id=true',
      'id=1',
      'version=1',
      'latest=1',
      'versions=[1]',
      'subjects=[users]',
      'subjects of id=[users]',
      'compatible=false',
      'why=true',
      'incompatible=409 409',
      'level=FORWARD',
      'level read=FORWARD',
      'forward=2',
      'mode=READONLY',
      'mode read=READONLY',
      'read only=422 42205',
      'mode back=READWRITE',
      'missing id=404 40403',
      'missing subject=404 40401',
      'missing version=404 40402',
      'delete version=2',
      'delete subject=[1]',
      'delete for good=[1, 2]',
    ])
  },
  300_000,
)
