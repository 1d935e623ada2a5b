// `npm run bench`: the velocity check from Kafka to Kafka, exactly-once, 1 s commits. Only the engine's process is measured.
// Without --bootstrap the embedded broker runs in a process of its own.
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startRegistry } from '../src/embedded/registry/registry.ts'
import { createKafkaClient, type KafkaClient } from '../src/kafka/client.ts'
import { createProducer } from '../src/kafka/producer.ts'
import type { Compression } from '../src/kafka/record-batch-writer.ts'
import type { EngineReport, EngineTask } from './engine-process.ts'
import { TransactionWriter, transactionSchema, velocitySchema } from './transactions.ts'

type Result = {
  readonly job: 'tumble'
  readonly keys: number
  readonly compression: Compression
  readonly delivery: 'exactly-once'
  readonly recordsPerSecond: number
  readonly recordsPerCpuSecond: number
  readonly peakRssBytes: number
}

const { values } = parseArgs({
  options: {
    bootstrap: { type: 'string' },
    records: { type: 'string', default: '2000000' },
    keys: { type: 'string', default: '1000,100000,1000000' },
    compression: { type: 'string', default: 'none,lz4' },
    json: { type: 'string' },
  },
})
const records = Number(values.records)
// The events' times are of the past: retention must not take them away.
const keepAll = { 'retention.ms': '-1', 'retention.bytes': '-1' }
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))

try {
  await main()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function main(): Promise<void> {
  const broker = values.bootstrap === undefined ? await startBrokerProcess() : undefined
  const bootstrap = broker?.bootstrap ?? values.bootstrap!
  const registry = await startRegistry({ dataDir: join(folder, 'registry'), port: 0 })
  const client = createKafkaClient({ bootstrap: [bootstrap] })
  try {
    const schemaId = await register(registry.url, 'com.acme.payments.Transaction', transactionSchema)
    const outputId = await register(registry.url, 'com.acme.payments.Velocity', velocitySchema)
    const results: Result[] = []
    for (const compression of values.compression.split(',') as Compression[]) {
      for (const keys of values.keys.split(',').map(Number)) {
        const run = `${process.pid}-${keys}-${compression}`
        const task: EngineTask = {
          name: `bench-${run}`,
          bootstrap,
          registry: registry.url,
          input: `bench-in-${run}`,
          output: `bench-out-${run}`,
          outputId,
          stateDirectory: join(folder, run),
        }
        await createTopics(client, task)
        await fill(client, task.input, keys, compression, schemaId)
        results.push(report(keys, compression, await runEngine(task)))
      }
    }
    if (values.json !== undefined)
      writeFileSync(values.json, `${JSON.stringify({ machine: machine(), results }, null, 2)}\n`)
  } finally {
    await client.close()
    await registry.close()
    await broker?.stop()
  }
}

function report(keys: number, compression: Compression, engine: EngineReport): Result {
  if (engine.recordsIn !== records) throw new Error(`read ${engine.recordsIn} of ${records} records`)
  const result: Result = {
    job: 'tumble',
    keys,
    compression,
    delivery: 'exactly-once',
    recordsPerSecond: Math.round(records / engine.seconds),
    recordsPerCpuSecond: Math.round(records / engine.cpuSeconds),
    peakRssBytes: engine.peakRssBytes,
  }
  const millions = (rate: number) => `${(rate / 1e6).toFixed(2)} M`
  console.log(
    `tumble ${String(keys).padStart(8)} keys ${compression.padEnd(5)} ${millions(result.recordsPerSecond)} records/s, ` +
      `${millions(result.recordsPerCpuSecond)} records per CPU second, ${(engine.peakRssBytes / 2 ** 20).toFixed(0)} MiB, ` +
      `${engine.recordsOut} rows out, ${engine.commits} commits`,
  )
  return result
}

function machine() {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    load: loadavg(),
    node: process.version,
  }
}

async function register(registry: string, subject: string, schema: string): Promise<number> {
  const answer = await fetch(`${registry}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema }),
  })
  return ((await answer.json()) as { id: number }).id
}

async function createTopics(client: KafkaClient, task: EngineTask): Promise<void> {
  await client.createTopics([
    { name: task.input, partitions: 1, config: keepAll },
    { name: task.output, partitions: 1, config: keepAll },
  ])
}

async function fill(client: KafkaClient, topic: string, keys: number, compression: Compression, schemaId: number) {
  const producer = createProducer(client, { compression, batchBytes: 256 * 1024 })
  await producer.init()
  const partition = producer.partition(topic, 0)
  const writer = new TransactionWriter(keys, schemaId)
  for (let i = 0; i < records; i++) {
    const key = writer.next()
    const { bytes, length } = writer.value
    partition.append(writer.eventMs, key, 0, key.length, bytes, 0, length)
    if (i % 10_000 === 0) await producer.drained()
  }
  await producer.flush()
  await producer.close()
}

async function startBrokerProcess(): Promise<{ bootstrap: string; stop(): Promise<void> }> {
  const child = fork(script('broker-process.ts'), [join(folder, 'broker')], { stdio: 'inherit' })
  const bootstrap = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve(message as string))
    child.once('exit', (code) => reject(new Error(`the broker's process ended with code ${code}`)))
  })
  child.removeAllListeners('exit')
  const stop = () =>
    new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.disconnect()
    })
  return { bootstrap, stop }
}

function runEngine(task: EngineTask): Promise<EngineReport> {
  // As the supervisor starts a job: with modules compiled before.
  const cache = fileURLToPath(new URL('../node_modules/.cache/node-compile', import.meta.url))
  const env = { NODE_COMPILE_CACHE: cache, ...process.env }
  const child = fork(script('engine-process.ts'), [], { stdio: 'inherit', env })
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as EngineReport))
    child.once('exit', (code) => reject(new Error(`the engine's process ended with code ${code}`)))
    child.send(task)
  })
}

function script(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url))
}
