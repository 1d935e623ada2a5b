// What the control plane asks of a place where pipelines run: this machine, a Flink cluster, Amazon's managed Flink.
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { CompiledPipeline } from '../pipeline/compile.ts'
import type { JobMetrics } from './job-metrics.ts'

export type DeploymentState = 'starting' | 'running' | 'restarting' | 'stopping' | 'stopped' | 'finished' | 'failed'

/** A failure as users see it: `JobError` without its stack. */
export type Failure = {
  readonly code: string
  readonly message: string
  readonly hint?: string
  readonly origin: 'user' | 'external' | 'internal'
  readonly retry: 'never' | 'backoff'
}

export type DeploymentStatus = {
  readonly state: DeploymentState
  /** Why it failed, or why it is being restarted. */
  readonly failure?: Failure
  readonly restarts: number
  readonly metrics: JobMetrics
}

/** `ref` is the target's own name of a deployment, all that a caller stores of it. */
export interface Target {
  /** What this target refuses to run, by name. Empty: it runs it with the meaning that Flink gives it. */
  check(pipeline: CompiledPipeline): readonly Diagnostic[]
  /** Starts a checked pipeline; resolves as soon as the target has taken it over. */
  deploy(pipeline: CompiledPipeline): Promise<string>
  /** Throws when `ref` is unknown. */
  status(ref: string): Promise<DeploymentStatus>
  /** Commits, takes a snapshot and ends; resolves when the job is gone. Stopping a stopped job does nothing. */
  stop(ref: string): Promise<void>
}
