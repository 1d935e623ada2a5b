// librdkafka, by way of Python's confluent-kafka, against the broker. The scenarios are the functions of librdkafka.py.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pythonPath, reasonToSkip, repositoryRoot } from '../needs.ts'
import { type BrokerUnderTest, startBrokerUnderTest, startTimeoutMs } from './broker-under-test.ts'

const script = join(repositoryRoot, 'test', 'clients', 'librdkafka.py')
const scenarios = [...readFileSync(script, 'utf8').matchAll(/^def (\w+)\(\):\n {4}(?!return)/gm)].map(
  ([, name]) => name!,
)
const reason = reasonToSkip('python')
if (reason !== undefined) console.log(`left out: librdkafka clients (${reason})`)

describe.skipIf(reason !== undefined)('librdkafka', () => {
  let broker: BrokerUnderTest
  beforeAll(async () => {
    broker = await startBrokerUnderTest()
  }, startTimeoutMs)
  afterAll(() => broker.close())

  test.for(scenarios)('%s', { timeout: 60_000 }, async (name) => {
    const run = promisify(execFile)(pythonPath, [script, broker.bootstrap, name], { timeout: 55_000 })
    const failure = await run
      .then(() => undefined)
      .catch((error: { stderr: string; message: string }) => error.stderr || error.message)
    expect(failure).toBeUndefined()
  })
})
