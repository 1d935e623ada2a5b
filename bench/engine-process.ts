// The process that is measured: one job over all that is in the input topic.
import { parseSchema } from '../src/avro/parse-schema.ts'
import { tableFromAvro } from '../src/catalog/table-from-avro.ts'
import { Job } from '../src/connectors/job.ts'
import { createDataflow } from '../src/engine/dataflow.ts'
import { transactionSchema, velocitySchema } from './transactions.ts'
import { velocityMapping, velocityPlan } from './velocity-plan.ts'

export type EngineTask = {
  readonly name: string
  readonly bootstrap: string
  readonly registry: string
  readonly input: string
  readonly output: string
  readonly outputId: number
  readonly stateDirectory: string
}

export type EngineReport = {
  readonly recordsIn: number
  readonly recordsOut: number
  readonly commits: number
  /** From the first fetch to the last commit. */
  readonly seconds: number
  /** User and system time of all threads, the start of the process included. */
  readonly cpuSeconds: number
  readonly peakRssBytes: number
}

process.once('message', (task: EngineTask) => {
  run(task).catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})

async function run(task: EngineTask): Promise<void> {
  const job = new Job({
    name: task.name,
    kafka: { bootstrap: [task.bootstrap] },
    registry: { urls: [task.registry] },
    sources: [{ table: tableOf('transactions', 'source', transactionSchema), topic: task.input, start: 'earliest' }],
    sinks: [
      {
        table: tableOf('velocity', 'sink', velocitySchema),
        topic: task.output,
        delivery: 'exactly-once',
        schemaId: task.outputId,
        mapping: velocityMapping,
        key: { columns: [0] },
      },
    ],
    createDataflow: (settings) => createDataflow([velocityPlan], settings),
    timeZone: 'UTC',
    onError: {
      decode: 'fail',
      unknownType: 'fail',
      null: 'fail',
      evaluate: 'fail',
      encode: 'fail',
      semanticChange: 'fail',
    },
    deadLetterTopic: 'none',
    stateDirectory: task.stateDirectory,
    until: 'end',
    seed: 1,
    notify: (message) => console.error(message),
  })
  let started = 0
  job.onStarted = () => {
    started = performance.now()
  }
  await job.run()
  const seconds = (performance.now() - started) / 1000
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const { recordsIn = 0, recordsOut = 0, commits = 0 } = job.metrics()
  const report: EngineReport = {
    recordsIn,
    recordsOut,
    commits,
    seconds,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakRssBytes: maxRSS * 1024,
  }
  process.send?.(report, () => process.exit(0))
}

function tableOf(name: string, role: 'source' | 'sink', schema: string) {
  return tableFromAvro({ name, role, value: parseSchema(schema).value! }).table
}
