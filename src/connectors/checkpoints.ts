// What a job keeps on its own disk: the journal of the running commits, and a snapshot now and then, written while the job goes on.
// Which of it counts is decided by the committed offsets (recovery.ts).
import { JobError } from '../diagnostics/job-error.ts'
import { type JournalSegment, JournalWriter } from '../engine/checkpoint/merge-journal.ts'
import type { Snapshot, SnapshotFiles } from '../engine/checkpoint/snapshot-files.ts'
import type { StateStore } from '../engine/state/state-store.ts'
import type { ReachStep } from './crash-point.ts'

export class Checkpoints {
  /** Snapshots written. */
  written = 0
  readonly #files: SnapshotFiles
  readonly #state: StateStore
  readonly #intervalMs: number
  readonly #reach: ReachStep
  #journal: JournalWriter
  #lastCommit: number
  #lastAtMs = performance.now()
  #writing: Promise<void> | undefined
  #failure: JobError | undefined

  private constructor(
    files: SnapshotFiles,
    state: StateStore,
    journal: JournalWriter,
    lastCommit: number,
    intervalMs: number,
    reach: ReachStep,
  ) {
    this.#files = files
    this.#state = state
    this.#journal = journal
    this.#lastCommit = lastCommit
    this.#intervalMs = intervalMs
    this.#reach = reach
  }

  /** With the state as it is after commit `commit`: a snapshot of it, and nothing else. */
  static async begin(
    files: SnapshotFiles,
    state: StateStore,
    at: Omit<Snapshot, 'parts'>,
    intervalMs: number,
    reach: ReachStep,
  ): Promise<Checkpoints> {
    await files.clear()
    await files.save({ ...at, parts: state.snapshot() })
    const journal = await JournalWriter.open(files.directory, { afterCommit: at.commit, digest: at.digest, blocks: [] })
    return new Checkpoints(files, state, journal, at.commit, intervalMs, reach)
  }

  /** Goes on behind the last segment of a journal that was replayed. */
  static async resume(
    files: SnapshotFiles,
    state: StateStore,
    segment: JournalSegment,
    intervalMs: number,
    reach: ReachStep,
  ): Promise<Checkpoints> {
    const journal = await JournalWriter.open(files.directory, segment)
    return new Checkpoints(files, state, journal, segment.afterCommit, intervalMs, reach)
  }

  /** Of the commit that comes next. */
  get journal(): JournalWriter {
    return this.#journal
  }

  /** Call between a commit and the next record. Throws when an earlier snapshot could not be written. */
  async snapshotIfDue(commit: number, positions: Snapshot['positions']): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#writing !== undefined || performance.now() - this.#lastAtMs < this.#intervalMs) return
    await this.#snapshot(commit, positions)
  }

  /** The state at the end, so that the next start has nothing to replay. */
  async saveAtEnd(commit: number, positions: Snapshot['positions']): Promise<void> {
    await this.#writing
    if (this.#lastCommit !== commit) {
      await this.#snapshot(commit, positions)
      await this.#writing
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#journal.close()
  }

  /** Copies the state, begins a new journal, and writes the copy while the job goes on. */
  async #snapshot(commit: number, positions: Snapshot['positions']): Promise<void> {
    const { digest } = this.#journal
    const snapshot: Snapshot = { commit, digest, positions, parts: this.#state.snapshot() }
    this.#lastAtMs = performance.now()
    this.#lastCommit = commit
    this.#reach('state copied')
    await this.#journal.close()
    this.#journal = await JournalWriter.open(this.#files.directory, { afterCommit: commit, digest, blocks: [] })
    this.#writing = this.#write(snapshot)
  }

  async #write(snapshot: Snapshot): Promise<void> {
    try {
      await this.#files.save(snapshot)
      this.written++
      this.#reach('snapshot written')
    } catch (error) {
      this.#failure = cannotSave(this.#files.directory, error)
    } finally {
      this.#writing = undefined
    }
  }
}

function cannotSave(directory: string, cause: unknown): JobError {
  return new JobError('RUN406', `the state cannot be saved in ${directory}: ${(cause as Error).message}`, {
    origin: 'external',
    retry: 'backoff',
    hint: 'Check the free space and the permissions of the folder.',
    cause,
  })
}
