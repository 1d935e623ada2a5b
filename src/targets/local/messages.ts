// What a local job's process and its supervisor say to each other, over Node's IPC channel (structured clone, no shell, no file).
import type { CrashPoint } from '../../connectors/crash-point.ts'
import type { JobSettings } from '../../connectors/job.ts'
import type { LostStateChoice } from '../../connectors/recovery.ts'
import type { CompiledPipeline } from '../../pipeline/compile.ts'
import type { JobMetrics } from '../job-metrics.ts'
import type { Failure } from '../target.ts'

/** Everything a job's process needs to know. */
export type JobDescription = {
  readonly pipeline: CompiledPipeline
  /** Without a token callback: the process asks its supervisor for tokens. */
  readonly kafka: JobSettings['kafka']
  readonly registry: JobSettings['registry']
  readonly stateDirectory: string
  readonly commitIntervalMs?: number
  readonly snapshotIntervalMs?: number
  readonly maxBytesPerPartition?: number
  readonly lostState?: LostStateChoice
  readonly until?: 'end' | 'end and close'
  /** Tests only: where the first process is killed; its successors run on. */
  readonly crashAt?: CrashPoint
}

export type ToChild =
  | { readonly kind: 'start'; readonly description: JobDescription; readonly asksForTokens: boolean }
  | { readonly kind: 'token'; readonly request: number; readonly token?: string; readonly error?: string }
  /** Commit, save the state, exit. */
  | { readonly kind: 'stop' }

export type FromChild =
  /** The job has its state and reads. */
  | { readonly kind: 'running' }
  | { readonly kind: 'metrics'; readonly metrics: JobMetrics }
  | { readonly kind: 'notice'; readonly message: string }
  | { readonly kind: 'needToken'; readonly request: number }
  /** The last message; the process exits. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly failure: Failure }

/** How often a process sends its metrics. */
export const METRICS_INTERVAL_MS = 500
