// The proof: the velocity check on a real Kafka (and on the embedded one), killed again and again, read by librdkafka, and
// compared with what plain SQL over the generated rows says. Nothing lost, nothing doubled, nothing registered.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBroker } from '../../src/embedded/broker/broker.ts'
import { type EmbeddedRegistry, startRegistry } from '../../src/embedded/registry/registry.ts'
import { createKafkaClient } from '../../src/kafka/client.ts'
import { pythonPath, reasonToSkip, repositoryRoot } from '../needs.ts'
import { apiKeys, type KafkaProxy, startKafkaProxy } from './kafka-proxy.ts'
import { startRealKafka } from './real-kafka.ts'

const ROWS = Number(process.env.SLUICE_E2E_ROWS ?? 200_000)
const LATE_ROWS = 500
const PARTITIONS = 3
const KILLS = 10
const START_MS = 1_750_000_000_000
const folderOfTest = join(repositoryRoot, 'test', 'e2e')
const run = promisify(execFile)

type Cluster = { readonly port: number; stop(): Promise<void> }

const clusters = [
  {
    name: 'the embedded broker',
    reason: reasonToSkip('python'),
    start: async (folder: string, advertisedPort: number): Promise<Cluster> => {
      const broker = await startBroker({ dataDir: join(folder, 'broker'), port: 0, advertisedPort })
      return { port: broker.port, stop: () => broker.close() }
    },
  },
  {
    name: 'Apache Kafka',
    reason: reasonToSkip('python', 'jdk'),
    start: async (folder: string, advertisedPort: number): Promise<Cluster> => {
      const kafka = await startRealKafka({ dataDir: join(folder, 'kafka'), advertisedPort })
      return { port: kafka.port, stop: () => kafka.stop() }
    },
  },
]

/** `sluice run` with all it starts, as one process group that can be killed at once. */
class SluiceRun {
  readonly #child: ChildProcess
  readonly exited: Promise<unknown>
  output = ''

  constructor(folder: string) {
    this.#child = spawn(
      join(repositoryRoot, 'bin', 'sluice'),
      ['run', join(folder, 'velocity.yaml'), '--env', 'proof', '--json'],
      { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.on('data', (chunk) => {
        this.output += chunk
      })
    }
    this.exited = once(this.#child, 'exit')
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  killGroup(): void {
    process.kill(-this.#child.pid!, 'SIGKILL')
  }

  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM')
    await this.exited
    return this.#child.exitCode
  }
}

describe.each(clusters)('the velocity check on $name', ({ start, reason }) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-e2e-'))
  const rows = join(folder, 'rows.sqlite')
  let cluster: Cluster | undefined
  let proxy: KafkaProxy | undefined
  let registry: EmbeddedRegistry | undefined
  let bootstrap = ''
  let requestsBeforeSluice = 0
  const ids: Record<string, number> = {}

  const python = (script: string, ...words: readonly string[]) =>
    run(pythonPath, [join(folderOfTest, script), ...words], { maxBuffer: 1 << 29 })

  const writeTransactions = (phase: 'main' | 'late', ...words: readonly string[]) =>
    python(
      'transactions.py',
      ...['--bootstrap', bootstrap, '--registry', registry!.url, '--topic', 'payments.transactions'],
      ...['--partitions', String(PARTITIONS), '--rows', rows, '--phase', phase, ...words],
    )

  type Output = { key: string; schemaId: number; value: Record<string, unknown> }
  const readTopic = async (topic: string): Promise<Output[]> => {
    const words = ['--bootstrap', bootstrap, '--registry', registry!.url, '--topic', topic]
    return parseLines<Output>((await python('read_topic.py', ...words)).stdout)
  }
  const countUncommitted = async (topic: string): Promise<number> => {
    const words = ['--bootstrap', bootstrap, '--registry', registry!.url, '--topic', topic]
    const { stdout } = await python('read_topic.py', ...words, '--raw', '--isolation', 'read_uncommitted')
    return JSON.parse(stdout).count
  }
  const expected = async (query: 'velocity' | 'declined') =>
    parseLines<Record<string, unknown>>((await python('expected.py', '--rows', rows, '--query', query)).stdout)

  beforeAll(async () => {
    if (reason) return
    proxy = await startKafkaProxy(() => cluster!.port)
    cluster = await start(folder, proxy.port)
    bootstrap = `127.0.0.1:${proxy.port}`
    registry = await startRegistry({ dataDir: join(folder, 'registry'), port: 0 })
    for (const name of ['transaction', 'velocity', 'declined']) {
      const schema = readFileSync(join(folderOfTest, 'pipeline', `${name}.avsc`), 'utf8')
      const { namespace, name: record } = JSON.parse(schema)
      const answer = await fetch(`${registry.url}/subjects/${namespace}.${record}/versions`, {
        method: 'POST',
        body: JSON.stringify({ schema }),
      })
      ids[name] = ((await answer.json()) as { id: number }).id
    }
    requestsBeforeSluice = registry.requests.length
    const client = createKafkaClient({ bootstrap: [bootstrap] })
    await client.createTopics(
      ['payments.transactions', 'payments.velocity', 'payments.declined'].map((name) => ({
        name,
        partitions: PARTITIONS,
        replicationFactor: 1,
        // The rows are from the past: retention by time would take them away while the test runs.
        config: { 'retention.ms': '-1' },
      })),
    )
    await client.close()
    writeFileSync(join(folder, 'velocity.yaml'), readFileSync(join(folderOfTest, 'pipeline', 'velocity.yaml')))
    writeFileSync(
      join(folder, 'sluice.yaml'),
      `environments:\n  proof:\n    kafka: { bootstrap: ["${bootstrap}"] }\n    registry: { urls: ["${registry.url}"] }\n`,
    )
  }, 120_000)

  afterAll(async () => {
    await registry?.close()
    await cluster?.stop()
    await proxy?.close()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  test(`killed ${KILLS} times over ${ROWS} rows, it writes exactly what SQL says`, async (context) => {
    if (reason) return context.skip(reason)
    const producing = writeTransactions('main', '--count', String(ROWS))

    // Kills at random instants of a fixed seed, and one between Produce and EndTxn.
    const random = seededRandom(20_260_102)
    let aborted = false
    for (let kill = 0; kill < KILLS; kill++) {
      const sluice = new SluiceRun(folder)
      if (kill === 3) {
        aborted = await killBeforeEndTxn(proxy!, sluice)
      } else {
        await Promise.race([sluice.exited, elapsed(300 + random() * 2500)])
        expect(sluice.ended, sluice.output).toBe(false)
        sluice.killGroup()
        await sluice.exited
      }
    }
    expect(aborted).toBe(true)
    await producing

    const sluice = new SluiceRun(folder)
    const lastWindowEnd = START_MS + Math.floor(((ROWS - 1) * 10) / 10_000) * 10_000 + 10_000
    const newestWindow = async () =>
      Math.max(0, ...(await readTopic('payments.velocity')).map((record) => Number(record.value.windowEnd)))
    await until(async () => (await newestWindow()) >= lastWindowEnd - 30_000, sluice)

    // Windows up to a minute before were seen in the output: rows for them are late for certain.
    const late = [
      '--count',
      String(LATE_ROWS),
      '--first-number',
      String(ROWS),
      '--before-ms',
      String(lastWindowEnd - 60_000),
    ]
    await writeTransactions('late', ...late)
    await until(async () => (await newestWindow()) >= lastWindowEnd, sluice)
    const declinedExpected = await expected('declined')
    await until(async () => (await readTopic('payments.declined')).length >= declinedExpected.length, sluice)
    expect(await sluice.stop(), sluice.output).toBe(0)

    const velocity = await readTopic('payments.velocity')
    expect(multiset(velocity.map((record) => record.value))).toEqual(multiset(await expected('velocity')))
    const declined = await readTopic('payments.declined')
    expect(multiset(declined.map((record) => record.value))).toEqual(multiset(declinedExpected))

    expect(new Set(velocity.map((record) => record.schemaId))).toEqual(new Set([ids.velocity]))
    expect(new Set(declined.map((record) => record.schemaId))).toEqual(new Set([ids.declined]))
    expect(velocity.every((record) => record.key === record.value.userIdentifier)).toBe(true)

    const visibleToAll = (await countUncommitted('payments.velocity')) + (await countUncommitted('payments.declined'))
    expect(visibleToAll).toBeGreaterThan(velocity.length + declined.length)

    const writes = registry!.requests
      .slice(requestsBeforeSluice)
      .filter(
        ({ method, path }) =>
          method === 'PUT' || method === 'DELETE' || (method === 'POST' && path.endsWith('/versions')),
      )
    expect(writes).toEqual([])
  }, 600_000)
})

/** Lets the job write, then kills it the moment it asks to commit: that request never reaches the broker. */
async function killBeforeEndTxn(proxy: KafkaProxy, sluice: SluiceRun): Promise<boolean> {
  let produced = 0
  let killed = false
  proxy.onRequest = (apiKey, clientId) => {
    if (clientId !== 'sluice') return 'forward'
    if (apiKey === apiKeys.produce) produced++
    if (apiKey !== apiKeys.endTxn || produced === 0 || killed) return 'forward'
    killed = true
    sluice.killGroup()
    return 'cut'
  }
  await Promise.race([sluice.exited, elapsed(60_000)])
  proxy.onRequest = () => 'forward'
  return killed
}

async function until(reached: () => Promise<boolean>, sluice: SluiceRun): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await reached())) {
    if (sluice.ended) throw new Error(`sluice ended before the output was complete:\n${sluice.output}`)
    if (Date.now() > deadline)
      throw new Error(`the output was not complete within 3 minutes:\n${sluice.output.slice(-2000)}`)
    await elapsed(200)
  }
}

const elapsed = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

function parseLines<T>(text: string): T[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}

/** Sorted JSON texts with sorted keys: equal as multisets. */
function multiset(values: readonly Record<string, unknown>[]): string[] {
  return values.map((value) => JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))).sort()
}

/** Mulberry32. */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
