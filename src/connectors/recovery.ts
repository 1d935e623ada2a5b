// Where a job begins: from nothing, or at the committed offsets with the state that belongs to them. Local state that does
// not belong to the committed offsets is refused, and the choices are named; nothing is guessed.
import { JobError } from '../diagnostics/job-error.ts'
import { type JournalSegment, readJournal } from '../engine/checkpoint/merge-journal.ts'
import type { Snapshot, SnapshotFiles } from '../engine/checkpoint/snapshot-files.ts'
import type { StateStore } from '../engine/state/state-store.ts'
import type { CommittedState } from './committed-state.ts'

/** What the user chose where state is lost: read the input again from its beginning, or begin with empty state. */
export type LostStateChoice = 'rebuild' | 'empty'

export type RecoveryPlan =
  /** Nothing was ever committed. */
  | { readonly kind: 'fresh' }
  /** Load `snapshot`, then replay the segments without output. */
  | {
      readonly kind: 'restore'
      readonly snapshot: Snapshot
      readonly segments: readonly JournalSegment[]
      readonly damaged: readonly number[]
    }
  /** State is lost and the user chose what to do. */
  | { readonly kind: LostStateChoice }

export async function planRecovery(
  files: SnapshotFiles,
  committed: CommittedState | undefined,
  state: StateStore,
  choice: LostStateChoice | undefined,
): Promise<RecoveryPlan> {
  if (committed === undefined) {
    const { snapshot } = await files.loadNewest(Number.MAX_SAFE_INTEGER)
    // The snapshot of commit 0 is written before that commit, so a crash between leaves it alone.
    if (snapshot === undefined || snapshot.commit === 0) return { kind: 'fresh' }
    throw offsetsGone(files.directory, snapshot.commit)
  }
  const { snapshot, damaged } = await files.loadNewest(committed.commit)
  if (snapshot === undefined) return lost(choice, 'RUN402', describeLoss(files, damaged), choices)
  const wrong = state.mismatches(snapshot.parts)
  if (wrong.length > 0) {
    const message = `the SQL changed: the state of ${wrong.length === 1 ? 'operator' : 'operators'} ${wrong.join(', ')} has another shape than the saved one`
    return lost(choice, 'RUN405', message, choices)
  }
  const segments = await readJournal(files.directory, snapshot.commit, snapshot.digest, committed.commit)
  const reached = endOf(snapshot, segments)
  if (reached.commit !== committed.commit || reached.digest !== committed.digest) {
    const message = `the journal in ${files.directory} does not lead from snapshot ${snapshot.commit} to commit ${committed.commit}`
    return lost(choice, 'RUN402', message, choices)
  }
  return { kind: 'restore', snapshot, segments, damaged }
}

const choices =
  'Choose: --state rebuild reads the input again from its beginning, without writing the results that were written before; --state empty goes on at the committed offsets with empty state.'

/** Commit and digest that a snapshot and the journal behind it lead to. */
function endOf(snapshot: Snapshot, segments: readonly JournalSegment[]): { commit: number; digest: string } {
  let end: { commit: number; digest: string } = snapshot
  for (const segment of segments) {
    for (const block of segment.blocks) if (block.commit === end.commit + 1) end = block
  }
  return end
}

function describeLoss(files: SnapshotFiles, damaged: readonly number[]): string {
  if (damaged.length > 0) return `the snapshots ${damaged.join(', ')} in ${files.directory} are damaged`
  return `there is no state in ${files.directory}, but the job has committed offsets`
}

function lost(
  choice: LostStateChoice | undefined,
  code: 'RUN402' | 'RUN405',
  message: string,
  hint: string,
): RecoveryPlan {
  if (choice !== undefined) return { kind: choice }
  throw new JobError(code, message, { origin: 'user', retry: 'never', hint })
}

function offsetsGone(directory: string, commit: number): JobError {
  return new JobError(
    'RUN403',
    `${directory} holds the state of commit ${commit}, but Kafka has no committed offsets for the job`,
    {
      origin: 'user',
      retry: 'never',
      hint: 'Check that the connection names the right cluster. To begin anew, delete the folder.',
    },
  )
}
