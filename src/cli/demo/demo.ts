// `npm start`: an embedded Kafka and registry, made-up card payments, the card-velocity example in a process of its own, and on
// the screen who attempts too many payments.
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileDecoder } from '../../avro/decode.ts'
import { parseSchema } from '../../avro/parse-schema.ts'
import { assert } from '../../diagnostics/assert.ts'
import { hasErrors } from '../../diagnostics/diagnostic.ts'
import { createKafkaClient, type KafkaClient } from '../../kafka/client.ts'
import { createFetcher } from '../../kafka/fetcher.ts'
import { listOffsets } from '../../kafka/offsets.ts'
import { RecordSlices } from '../../kafka/record-slices.ts'
import { loadEnvironment } from '../../pipeline/environment.ts'
import { RegistryClient } from '../../registry/registry-client.ts'
import { ID_PREFIX_LENGTH } from '../../registry/wire-format.ts'
import { lockFolder } from '../../targets/local/folder-lock.ts'
import { LocalTarget } from '../../targets/local/local-target.ts'
import { compileFile } from '../compile-file.ts'
import { type EmbeddedEnvironment, openEmbedded } from '../embedded-environment.ts'
import { type ExitCode, exitCodes, printError, printLine } from '../output.ts'
import { printDiagnostics } from '../print-diagnostics.ts'
import { printFailure, reportFailure } from '../report-failure.ts'
import { stopSignal } from '../stop-signal.ts'
import { PaymentProducer } from './payment-producer.ts'
import { VelocityBoard, type VelocityRow } from './velocity-board.ts'

type Options = { readonly port: number; readonly for?: number; readonly reset?: boolean }

const projectFolder = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
const pipelineFile = join(projectFolder, 'examples', 'card-velocity', 'card-velocity.yaml')
const WAIT_MS = 200
/** Results appear at commits: a demo is watched, so it commits more often than a pipeline needs to. */
const COMMIT_INTERVAL_MS = 200

export async function runDemo(options: Options): Promise<ExitCode> {
  const stop = stopSignal(options.for)
  const { value: environment, diagnostics } = loadEnvironment(dirname(pipelineFile), undefined)
  printDiagnostics(diagnostics)
  if (environment?.kind !== 'embedded') return exitCodes.userMistake
  if (options.reset && !forget(environment.dataDir)) return runsAlready()
  const embedded = await openEmbedded(environment, { kafka: options.port, registry: options.port + 1 })
  if (!embedded.owned) return runsAlready(embedded)
  const data = relative(process.cwd(), environment.dataDir) || environment.dataDir
  printLine(`Kafka on ${embedded.bootstrap}, schema registry on ${embedded.registryUrl}, data in ${data}`)
  try {
    return await play(embedded, join(environment.dataDir, 'jobs', environment.name), stop.requested)
  } finally {
    stop.release()
    await embedded.close()
  }
}

/** False when somebody uses the data. */
function forget(dataDir: string): boolean {
  const folder = join(dataDir, 'embedded')
  mkdirSync(folder, { recursive: true })
  const lock = lockFolder(folder)
  if (lock === undefined) return false
  rmSync(join(dataDir, 'jobs', 'embedded'), { recursive: true, force: true })
  for (const part of ['broker', 'registry']) rmSync(join(folder, part), { recursive: true, force: true })
  lock.release()
  return true
}

function runsAlready(embedded?: EmbeddedEnvironment): ExitCode {
  const who = embedded === undefined ? 'another process' : `process ${embedded.pid}`
  printError(`sluice: the embedded environment is in use by ${who}; end it first`)
  return exitCodes.environment
}

async function play(embedded: EmbeddedEnvironment, stateDirectory: string, stopped: Promise<void>): Promise<ExitCode> {
  const registryConnection = { urls: [embedded.registryUrl] }
  const kafka = { bootstrap: [embedded.bootstrap] }
  const { pipeline, diagnostics, texts } = await compileFile(pipelineFile, registryConnection)
  printDiagnostics(diagnostics, texts)
  if (pipeline === undefined || hasErrors(diagnostics)) return exitCodes.userMistake
  const client = createKafkaClient(kafka)
  const registry = new RegistryClient(registryConnection)
  const job = { commitIntervalMs: COMMIT_INTERVAL_MS }
  const target = new LocalTarget({ kafka, registry: registryConnection, stateDirectory, notify: printError, job })
  let producer: PaymentProducer | undefined
  let failProducer: (error: unknown) => void = () => undefined
  const producerFailed = new Promise<never>((_, reject) => {
    failProducer = reject
  })
  try {
    const source = pipeline.sources[0]!.spec
    const schema = await registry.version('com.acme.payments.Transaction', 'latest')
    const board = new VelocityBoard(process.stdout)
    const results = new ResultReader(client, pipeline.sinks[0]!.spec.topic, pipeline.sinks[0]!.writer.text, board)
    await results.start()
    const ref = await target.deploy(pipeline)
    producer = await PaymentProducer.start(client, source.topic, schema, failProducer)
    const ended = target.job(ref).ended()
    await Promise.race([stopped, ended, producerFailed, results.follow()])
    await target.stop(ref)
    await results.stop()
    const last = await ended
    if (last.failure !== undefined && last.state === 'failed') {
      printFailure({ ...last.failure, hint: 'Begin anew with `npm start -- --reset`.' })
      return exitCodes.environment
    }
    printLine(board.summary())
    return exitCodes.ok
  } catch (error) {
    return reportFailure(error)
  } finally {
    await producer?.stop()
    registry.close()
    await client.close()
  }
}

/** Reads the output topic as any other consumer would: committed records only, decoded by their schema. */
class ResultReader {
  readonly #client: KafkaClient
  readonly #topic: string
  readonly #board: VelocityBoard
  readonly #decode: ReturnType<typeof compileDecoder>
  readonly #fetcher: ReturnType<typeof createFetcher>
  #stopped = false

  constructor(client: KafkaClient, topic: string, schemaText: string, board: VelocityBoard) {
    const { value: schema } = parseSchema(schemaText)
    assert(schema !== undefined, 'a schema that was compiled against parses')
    this.#client = client
    this.#topic = topic
    this.#board = board
    this.#decode = compileDecoder(schema)
    this.#fetcher = createFetcher(client)
  }

  async start(): Promise<void> {
    const [description] = await this.#client.describeTopics([this.#topic])
    const partitions = description!.partitions.map((_, partition) => ({ topic: this.#topic, partition }))
    const ends = await listOffsets(this.#client, partitions, 'latest')
    this.#fetcher.assign(partitions.map((partition, i) => ({ ...partition, offset: ends[i]! })))
  }

  async follow(): Promise<void> {
    const slices = new RecordSlices()
    while (!this.#stopped) {
      const fetched = this.#fetcher.take()
      if (fetched === undefined) {
        await this.#fetcher.ready(WAIT_MS)
        continue
      }
      fetched.parse(slices)
      const rows = Array.from({ length: slices.count }, (_, i) => this.#row(slices, i))
      if (rows.length > 0) this.#board.add(rows)
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#fetcher.close()
  }

  #row(slices: RecordSlices, i: number): VelocityRow {
    const start = slices.valueStarts[i]!
    const body = slices.data.subarray(start + ID_PREFIX_LENGTH, start + slices.valueLengths[i]!)
    const [userIdentifier, windowStart, windowEnd, paymentAttempts] = this.#decode(body) as [
      string,
      bigint,
      bigint,
      bigint,
    ]
    return {
      userIdentifier,
      windowStart: Number(windowStart),
      windowEnd: Number(windowEnd),
      paymentAttempts: Number(paymentAttempts),
    }
  }
}
