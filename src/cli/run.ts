// `sluice run`: proves a pipeline, then runs it on this machine in a process of its own until it is stopped.
import { dirname } from 'node:path'
import { hasErrors } from '../diagnostics/diagnostic.ts'
import { LocalTarget } from '../targets/local/local-target.ts'
import type { DeploymentStatus } from '../targets/target.ts'
import { compileFile } from './compile-file.ts'
import { type OpenEnvironment, withEnvironment } from './open-environment.ts'
import { type ExitCode, exitCodes, printError, printJson, printLine } from './output.ts'
import { printDiagnostics } from './print-diagnostics.ts'
import { printFailure } from './report-failure.ts'
import { stopSignal } from './stop-signal.ts'

type JobMetrics = DeploymentStatus['metrics']

type Options = {
  readonly env?: string
  readonly for?: number
  readonly state?: 'rebuild' | 'empty'
  readonly json?: boolean
}

const STATUS_INTERVAL_MS = 5_000
const JSON_INTERVAL_MS = 1_000

export async function runPipeline(file: string, options: Options): Promise<ExitCode> {
  return withEnvironment(options.env, (environment) => runIn(environment, file, options), dirname(file))
}

async function runIn(environment: OpenEnvironment, file: string, options: Options): Promise<ExitCode> {
  const { pipeline, diagnostics, texts } = await compileFile(file, environment.registry)
  printDiagnostics(diagnostics, texts)
  if (pipeline === undefined || hasErrors(diagnostics)) return exitCodes.userMistake
  const notify = (message: string) => (options.json ? printJson({ notice: message }) : printError(message))
  const target = new LocalTarget({
    kafka: environment.kafka,
    registry: environment.registry,
    stateDirectory: environment.stateDirectory,
    notify,
    ...(options.state === undefined ? {} : { job: { lostState: options.state } }),
  })
  const refusals = target.check(pipeline)
  printDiagnostics(refusals, texts)
  if (hasErrors(refusals)) return exitCodes.userMistake

  const stop = stopSignal(options.for)
  const ref = await target.deploy(pipeline)
  if (!options.json) printLine(`${pipeline.spec.name} starts in ${environment.name}; Ctrl-C stops it`)
  const report = setInterval(
    async () => print(await target.status(ref), options),
    options.json ? JSON_INTERVAL_MS : STATUS_INTERVAL_MS,
  )
  const ended = target.job(ref).ended()
  await Promise.race([stop.requested, ended])
  clearInterval(report)
  stop.release()
  await target.stop(ref)
  const last = await ended
  print(last, options)
  return exitCodeOf(last)
}

function exitCodeOf({ state, failure }: DeploymentStatus): ExitCode {
  if (state !== 'failed') return exitCodes.ok
  return failure?.origin === 'user' ? exitCodes.userMistake : exitCodes.environment
}

function print(status: DeploymentStatus, options: Options): void {
  if (options.json) {
    printJson({ time: new Date().toISOString(), ...status })
    return
  }
  const { state, failure, restarts, metrics } = status
  printLine(`${state}${restarts > 0 ? ` (restarted ${restarts} times)` : ''}${describe(metrics)}`)
  if (failure !== undefined) printFailure(failure)
}

/** What a person wants to know at a glance; `--json` has it all. */
const shownMetrics: readonly (readonly [keyof JobMetrics, string])[] = [
  ['recordsIn', 'read'],
  ['recordsOut', 'written'],
  ['recordsLate', 'late'],
  ['recordsDropped', 'dropped'],
  ['recordsDeadLettered', 'dead-lettered'],
  ['lag', 'behind'],
]

function describe(metrics: JobMetrics): string {
  const always: readonly (keyof JobMetrics)[] = ['recordsIn', 'recordsOut']
  const parts = shownMetrics.flatMap(([name, word]) => {
    const value = metrics[name]
    return value === undefined || (value === 0 && !always.includes(name)) ? [] : [`${value} ${word}`]
  })
  if (metrics.watermark !== undefined) parts.push(`event time ${new Date(metrics.watermark).toISOString()}`)
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`
}
