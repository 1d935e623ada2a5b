// The truth: the input offsets that Kafka has committed together with the outputs. Their metadata names the commit and the
// journal's digest, so that local state is matched to them and never guessed.
import { JobError } from '../diagnostics/job-error.ts'
import { MAX_WATERMARK, MIN_WATERMARK } from '../engine/batch.ts'
import type { KafkaClient } from '../kafka/client.ts'
import { type OffsetToCommit, readCommittedOffsets } from '../kafka/offsets.ts'

import type { PartitionMap } from './partition-map.ts'

/** What a commit says of itself, in the metadata of its offsets. */
export type CommitMark = {
  readonly commit: number
  /** Of the journal up to this commit. */
  readonly digest: string
  /** By scan of the dataflow; MIN_WATERMARK where there is none yet. */
  readonly watermarks: readonly number[]
}

export type CommittedState = CommitMark & {
  /** By partition of the map; undefined: the partition is new. */
  readonly offsets: readonly (number | undefined)[]
}

const MARK = 'sluice'

/** Undefined: the job has never committed. Call after `producer.init`, which ends what an older process left open. */
export async function readCommittedState(
  client: KafkaClient,
  groupId: string,
  partitions: PartitionMap,
): Promise<CommittedState | undefined> {
  const committed = await readCommittedOffsets(client, groupId, partitions.list)
  const known = committed.filter((entry) => entry.offset !== undefined)
  if (known.length === 0) return undefined
  const marks = new Set(known.map((entry) => entry.metadata))
  const mark = parseMark([...marks][0]!)
  if (marks.size !== 1 || mark === undefined) throw foreignOffsets(groupId)
  return { ...mark, offsets: committed.map((entry) => entry.offset) }
}

/** All partitions are committed each time: the offsets of a commit carry one mark. */
export function offsetsToCommit(
  partitions: PartitionMap,
  positions: readonly number[],
  mark: CommitMark,
): OffsetToCommit[] {
  const metadata = [MARK, mark.commit, mark.digest, ...mark.watermarks.map(printWatermark)].join(' ')
  return partitions.list.map(({ topic, partition }, index) => ({
    topic,
    partition,
    offset: positions[index]!,
    metadata,
  }))
}

function printWatermark(watermark: number): string {
  return Number.isFinite(watermark) ? String(watermark) : watermark > 0 ? 'end' : 'none'
}

function parseMark(metadata: string): CommitMark | undefined {
  const [mark, commit, digest, ...watermarks] = metadata.split(' ')
  if (mark !== MARK || digest === undefined || !/^\d+$/.test(commit ?? '')) return undefined
  return {
    commit: Number(commit),
    digest,
    watermarks: watermarks.map((text) =>
      text === 'none' ? MIN_WATERMARK : text === 'end' ? MAX_WATERMARK : Number(text),
    ),
  }
}

function foreignOffsets(groupId: string): JobError {
  return new JobError('RUN404', `group \`${groupId}\` has committed offsets that this job did not write`, {
    origin: 'user',
    retry: 'never',
    hint: 'Rename the pipeline, or delete the offsets of the group if nothing else needs them.',
  })
}
