// The embedded registry through a client nobody here wrote: Python's confluent-kafka with its Avro serializers.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startRegistry } from '../../src/embedded/registry/registry.ts'
import { pythonPath, reasonToSkip, repositoryRoot } from '../needs.ts'

const reason = reasonToSkip('python')

test.skipIf(reason !== undefined)(
  `confluent-kafka for Python${reason === undefined ? '' : ` (${reason})`}`,
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'sluice-registry-clients-'))
    const registry = await startRegistry({ dataDir, port: 0 })
    try {
      const script = join(repositoryRoot, 'test', 'clients', 'registry_clients.py')
      const { stdout } = await promisify(execFile)(pythonPath, [script, registry.url])
      const lines = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { name: string; value: unknown })
      expect(Object.fromEntries(lines.map(({ name, value }) => [name, value]))).toEqual({
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
    } finally {
      await registry.close()
      rmSync(dataDir, { recursive: true })
    }
  },
)
