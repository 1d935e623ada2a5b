// This machine as a target: each pipeline runs in a process of its own, with its state in a folder of its own.
import { join } from 'node:path'
import type { JobSettings } from '../../connectors/job.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { CompiledPipeline } from '../../pipeline/compile.ts'
import type { DeploymentStatus, Target } from '../target.ts'
import { checkPipeline } from './check-pipeline.ts'
import type { JobDescription } from './messages.ts'
import { type Backoff, SupervisedJob } from './supervised-job.ts'

export type LocalTargetOptions = {
  readonly kafka: JobSettings['kafka']
  readonly registry: JobSettings['registry']
  /** Each pipeline has its state in a folder of its name below. */
  readonly stateDirectory: string
  /** What a user should read though the job goes on. */
  readonly notify: (message: string) => void
  readonly job?: Omit<JobDescription, 'pipeline' | 'kafka' | 'registry' | 'stateDirectory'>
  readonly backoff?: Backoff
}

export class LocalTarget implements Target {
  readonly #options: LocalTargetOptions
  readonly #jobs = new Map<string, SupervisedJob>()

  constructor(options: LocalTargetOptions) {
    this.#options = options
  }

  check(pipeline: CompiledPipeline): readonly Diagnostic[] {
    return checkPipeline(pipeline)
  }

  /** The reference is the pipeline's name: one deployment of a pipeline at a time. */
  async deploy(pipeline: CompiledPipeline): Promise<string> {
    const { name } = pipeline.spec
    await this.#jobs.get(name)?.stop()
    const { kafka, registry, stateDirectory, notify, job, backoff } = this.#options
    const description = { ...job, pipeline, kafka, registry, stateDirectory: join(stateDirectory, name) }
    this.#jobs.set(name, new SupervisedJob(description, notify, backoff))
    return name
  }

  async status(ref: string): Promise<DeploymentStatus> {
    return this.job(ref).status
  }

  async stop(ref: string): Promise<void> {
    await this.job(ref).stop()
  }

  /** The supervisor of a deployment, for callers in the same process. */
  job(ref: string): SupervisedJob {
    const job = this.#jobs.get(ref)
    if (job === undefined) throw new Error(`no deployment ${ref} on this machine`)
    return job
  }
}
