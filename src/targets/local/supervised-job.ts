// One deployment on this machine: a child process that is started, watched, restarted with longer and longer pauses after
// failures that may pass, and stopped for good after those that repeat.
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { JobMetrics } from '../job-metrics.ts'
import type { DeploymentState, DeploymentStatus, Failure } from '../target.ts'
import type { FromChild, JobDescription, ToChild } from './messages.ts'

export type Backoff = { readonly firstMs: number; readonly longestMs: number }

const defaultBackoff: Backoff = { firstMs: 500, longestMs: 60_000 }

/** A job that ran this long before it failed starts again with the first pause. */
const STABLE_AFTER_MS = 60_000
/** After asking a child to stop, it is killed: the committed offsets make that safe. */
const KILL_AFTER_MS = 20_000

const childPath = fileURLToPath(new URL('./child.ts', import.meta.url))
const compileCache = fileURLToPath(new URL('../../../node_modules/.cache/node-compile', import.meta.url))

export class SupervisedJob {
  readonly #description: JobDescription
  readonly #backoff: Backoff
  readonly #notify: (message: string) => void
  #child: ChildProcess | undefined
  #state: DeploymentState = 'starting'
  #failure: Failure | undefined
  #restarts = 0
  #failuresInRow = 0
  #metrics: JobMetrics = {}
  #startedAtMs = 0
  #restartTimer: NodeJS.Timeout | undefined
  readonly #waiting: (() => void)[] = []

  constructor(description: JobDescription, notify: (message: string) => void, backoff: Backoff = defaultBackoff) {
    this.#description = description
    this.#notify = notify
    this.#backoff = backoff
    this.#start()
  }

  get status(): DeploymentStatus {
    return {
      state: this.#state,
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
      restarts: this.#restarts,
      metrics: this.#metrics,
    }
  }

  /** Of the running child; for tests and tools that measure it. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Resolves when the state is one that stays: stopped, finished or failed. */
  async ended(): Promise<DeploymentStatus> {
    while (!isFinal(this.#state)) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return this.status
  }

  async stop(): Promise<void> {
    if (isFinal(this.#state)) return
    clearTimeout(this.#restartTimer)
    this.#become('stopping')
    const child = this.#child
    if (child === undefined) {
      this.#become('stopped')
      return
    }
    this.#send(child, { kind: 'stop' })
    const kill = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
    await this.ended()
    clearTimeout(kill)
  }

  #start(): void {
    const { kafka } = this.#description
    const asksForTokens = kafka.sasl?.mechanism === 'OAUTHBEARER'
    const child = fork(childPath, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // Compiled modules are kept between runs: a job is up in a third of the time.
      env: { NODE_COMPILE_CACHE: compileCache, ...process.env },
    })
    this.#child = child
    this.#startedAtMs = performance.now()
    let last: FromChild | undefined
    child.on('message', (message: FromChild) => {
      last = message
      this.#handle(child, message)
    })
    child.once('exit', (code, signal) => {
      this.#child = undefined
      this.#afterExit(last, code, signal)
    })
    child.once('error', (error) => this.#notify(`the job's process: ${error.message}`))
    // A callback cannot be sent: the child asks for each token.
    const { sasl: _, ...withoutSasl } = kafka
    const { crashAt, ...rest } = this.#description
    const description = {
      ...rest,
      ...(asksForTokens ? { kafka: withoutSasl } : {}),
      ...(crashAt === undefined || this.#restarts > 0 ? {} : { crashAt }),
    }
    this.#send(child, { kind: 'start', description, asksForTokens })
  }

  #handle(child: ChildProcess, message: FromChild): void {
    switch (message.kind) {
      case 'running':
        if (this.#state !== 'stopping') this.#become('running')
        return
      case 'metrics':
        this.#metrics = message.metrics
        return
      case 'notice':
        this.#notify(message.message)
        return
      case 'needToken':
        void this.#answerToken(child, message.request)
        return
      case 'failed':
        this.#failure = message.failure
        return
      case 'ended':
        return
    }
  }

  #afterExit(last: FromChild | undefined, code: number | null, signal: NodeJS.Signals | null): void {
    if (last?.kind === 'ended') {
      this.#failure = undefined
      this.#become(this.#state === 'stopping' ? 'stopped' : 'finished')
      return
    }
    const stopped = this.#state === 'stopping' && code === 0
    if (last?.kind !== 'failed' && !stopped) this.#failure = died(code, signal)
    if (this.#state === 'stopping' || this.#failure?.retry === 'never') {
      this.#become(this.#state === 'stopping' ? 'stopped' : 'failed')
      return
    }
    if (performance.now() - this.#startedAtMs > STABLE_AFTER_MS) this.#failuresInRow = 0
    const pauseMs = Math.min(this.#backoff.longestMs, this.#backoff.firstMs * 2 ** this.#failuresInRow++)
    this.#become('restarting')
    this.#restarts++
    this.#restartTimer = setTimeout(() => this.#start(), pauseMs)
  }

  async #answerToken(child: ChildProcess, request: number): Promise<void> {
    const { sasl } = this.#description.kafka
    if (sasl?.mechanism !== 'OAUTHBEARER') return
    try {
      this.#send(child, { kind: 'token', request, token: await sasl.token() })
    } catch (error) {
      this.#send(child, { kind: 'token', request, error: (error as Error).message })
    }
  }

  #send(child: ChildProcess, message: ToChild): void {
    // A child that is just dying is told by its exit.
    if (child.connected) child.send(message, () => undefined)
  }

  #become(state: DeploymentState): void {
    this.#state = state
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

function isFinal(state: DeploymentState): boolean {
  return state === 'stopped' || state === 'finished' || state === 'failed'
}

function died(code: number | null, signal: NodeJS.Signals | null): Failure {
  const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`
  return { code: 'RUN400', message: `the job's process ${how}`, origin: 'external', retry: 'backoff' }
}
