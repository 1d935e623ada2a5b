// The process of one local job: gets its description from the supervisor, runs it, reports, and ends when asked, when the
// supervisor is gone, or when the job fails. Restarting is the supervisor's.

import { Job, type JobSettings } from '../../connectors/job.ts'
import { JobError } from '../../diagnostics/job-error.ts'
import type { Failure } from '../target.ts'
import { jobSettings } from './job-settings.ts'
import { type FromChild, type JobDescription, METRICS_INTERVAL_MS, type ToChild } from './messages.ts'

/** A commit that does not come to its end (no broker) must not keep an orphan alive. */
const LONGEST_STOP_MS = 15_000

let job: Job | undefined
/** The job has its state; before that there is nothing that a stop must save. */
let started = false
const tokens = new Map<number, { resolve: (token: string) => void; reject: (error: Error) => void }>()
let tokenRequests = 0

process.on('message', (message: ToChild) => {
  if (message.kind === 'start') void run(message.description, message.asksForTokens)
  else if (message.kind === 'stop') stop()
  else answerToken(message)
})
process.on('SIGTERM', stop)
// Ctrl-C reaches the whole process group; the supervisor decides what stops.
process.on('SIGINT', () => undefined)
process.on('disconnect', stop)

async function run(description: JobDescription, asksForTokens: boolean): Promise<void> {
  let reporting: NodeJS.Timeout | undefined
  try {
    const kafka = asksForTokens ? withTokensOfSupervisor(description.kafka) : description.kafka
    const running = new Job(jobSettings({ ...description, kafka }, (message) => send({ kind: 'notice', message })))
    job = running
    running.onStarted = () => {
      started = true
      send({ kind: 'running' })
    }
    reporting = setInterval(() => send({ kind: 'metrics', metrics: running.metrics() }), METRICS_INTERVAL_MS)
    await running.run()
    send({ kind: 'metrics', metrics: running.metrics() })
    exitAfter({ kind: 'ended' }, 0)
  } catch (error) {
    exitAfter({ kind: 'failed', failure: failureOf(error) }, 1)
  } finally {
    clearInterval(reporting)
  }
}

function stop(): void {
  if (job === undefined || !started) process.exit(0)
  job.stop()
  setTimeout(() => process.exit(1), LONGEST_STOP_MS).unref()
}

function send(message: FromChild): void {
  if (process.connected) process.send?.(message)
}

function exitAfter(message: FromChild, code: number): void {
  if (!process.connected) process.exit(code)
  process.send?.(message, () => process.exit(code))
}

/** A failure that is no JobError is a bug of ours; its stack goes to the log, never to a user. */
function failureOf(error: unknown): Failure {
  if (error instanceof JobError) {
    return {
      code: error.code,
      message: error.message,
      origin: error.origin,
      retry: error.retry,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    }
  }
  console.error(error)
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'RUN400', message, origin: 'internal', retry: 'backoff' }
}

function withTokensOfSupervisor(kafka: JobSettings['kafka']): JobSettings['kafka'] {
  const token = () =>
    new Promise<string>((resolve, reject) => {
      const request = ++tokenRequests
      tokens.set(request, { resolve, reject })
      send({ kind: 'needToken', request })
    })
  return { ...kafka, sasl: { mechanism: 'OAUTHBEARER', token } }
}

function answerToken(answer: Extract<ToChild, { kind: 'token' }>): void {
  const waiting = tokens.get(answer.request)
  tokens.delete(answer.request)
  if (answer.token !== undefined) waiting?.resolve(answer.token)
  else waiting?.reject(new Error(answer.error ?? 'no token'))
}
