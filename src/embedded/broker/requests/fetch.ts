// Fetch: bytes of the log as they are, at once or when enough of them are there.
import type { RequestOf } from '../../../kafka/protocol/api.ts'
import { errorCode } from '../../../kafka/protocol/errors.ts'
import { fetch } from '../../../kafka/protocol/messages/fetch.ts'
import { leaderEpoch, type PartitionLog } from '../partition-log.ts'
import { handler, type Node } from './request.ts'

const firstVersionWithTopicIds = 13
const readCommitted = 1
/** A client may ask for less; one that asks for gigabytes gets them in portions. */
const maxResponseBytes = 32 << 20
const maxWaitMs = 300_000

type Wanted = {
  readonly partition: number
  readonly fetchOffset: number
  readonly maxBytes: number
  /** Undefined with an error. */
  readonly log: PartitionLog | undefined
  readonly error: number
}

type WantedTopic = { readonly topic: string; readonly topicId: string; readonly partitions: readonly Wanted[] }

export const fetchHandler = handler(fetch, async (node, { version, body, gone }) => {
  // Sessions are declined: id 0 tells the client to name all partitions each time (KIP-227).
  if (body.sessionId !== 0) return { errorCode: errorCode.FETCH_SESSION_ID_NOT_FOUND }
  const topics = body.topics.map((topic) => wantedTopic(node, topic, version))
  const committedOnly = body.isolationLevel === readCommitted
  await enoughBytes(topics, committedOnly, body.minBytes, Math.min(body.maxWaitMs, maxWaitMs), gone)
  let budget = Math.min(body.maxBytes, maxResponseBytes)
  let empty = true
  const responses = topics.map(({ topic, topicId, partitions }) => ({
    topic,
    topicId,
    partitions: partitions.map((wanted) => {
      const { partition: partitionIndex, log, fetchOffset } = wanted
      if (log === undefined) return { partitionIndex, errorCode: wanted.error, highWatermark: -1, records: noRecords }
      const mistake = offsetMistake(log, fetchOffset)
      const { nextOffset: highWatermark, lastStableOffset, logStartOffset } = log
      if (mistake !== 0) {
        return {
          partitionIndex,
          errorCode: mistake,
          highWatermark,
          lastStableOffset,
          logStartOffset,
          records: noRecords,
        }
      }
      const end = committedOnly ? lastStableOffset : highWatermark
      const { bytes, nextOffset } = log.read(fetchOffset, end, Math.min(wanted.maxBytes, budget), empty)
      budget = Math.max(0, budget - bytes.length)
      empty &&= bytes.length === 0
      const abortedTransactions = committedOnly ? log.producers.abortedBetween(fetchOffset, nextOffset) : null
      const records = bytes
      return {
        partitionIndex,
        errorCode: 0,
        highWatermark,
        lastStableOffset,
        logStartOffset,
        abortedTransactions,
        records,
      }
    }),
  }))
  return { responses }
})

const noRecords = new Uint8Array(0)

function wantedTopic(node: Node, asked: RequestOf<typeof fetch>['topics'][number], version: number): WantedTopic {
  const byId = version >= firstVersionWithTopicIds
  const topic = byId ? node.topics.byId(asked.topicId) : node.topics.get(asked.topic)
  const partitions = asked.partitions.map(
    ({ partition, fetchOffset, partitionMaxBytes, currentLeaderEpoch }): Wanted => {
      const log = topic?.partitions[partition]
      const wanted = { partition, fetchOffset, maxBytes: partitionMaxBytes }
      if (log === undefined) {
        const error = byId && topic === undefined ? errorCode.UNKNOWN_TOPIC_ID : errorCode.UNKNOWN_TOPIC_OR_PARTITION
        return { ...wanted, log: undefined, error }
      }
      if (currentLeaderEpoch > leaderEpoch) return { ...wanted, log: undefined, error: errorCode.UNKNOWN_LEADER_EPOCH }
      return { ...wanted, log, error: 0 }
    },
  )
  return { topic: asked.topic, topicId: asked.topicId, partitions }
}

function offsetMistake(log: PartitionLog, offset: number): number {
  return offset < log.logStartOffset || offset > log.nextOffset ? errorCode.OFFSET_OUT_OF_RANGE : 0
}

/** Resolves when `minBytes` can be read, after `waitMs`, when something is wrong, or when the client is gone. */
async function enoughBytes(
  topics: readonly WantedTopic[],
  committedOnly: boolean,
  minBytes: number,
  waitMs: number,
  gone: AbortSignal,
): Promise<void> {
  const all = topics.flatMap((topic) => topic.partitions)
  const ready = (): boolean => {
    let bytes = 0
    for (const { log, fetchOffset } of all) {
      if (log === undefined || offsetMistake(log, fetchOffset) !== 0) return true
      bytes += log.bytesFrom(fetchOffset, committedOnly ? log.lastStableOffset : log.nextOffset)
      if (bytes >= minBytes) return true
    }
    return false
  }
  if (waitMs <= 0 || ready()) return
  await new Promise<void>((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      gone.removeEventListener('abort', finish)
      for (const stop of watches) stop()
      resolve()
    }
    const timer = setTimeout(finish, waitMs)
    gone.addEventListener('abort', finish)
    const watches = all.flatMap(({ log }) => (log === undefined ? [] : [log.watch(() => ready() && finish())]))
  })
}
