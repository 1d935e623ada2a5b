// ListOffsets, OffsetForLeaderEpoch, DeleteRecords: where a log begins and ends, and which offset belongs to a time.
import { errorCode } from '../../../kafka/protocol/errors.ts'
import { deleteRecords, listOffsets, offsetForLeaderEpoch } from '../../../kafka/protocol/messages/offsets.ts'
import { parseRecordBatches } from '../../../kafka/record-batch.ts'
import { RecordSlices } from '../../../kafka/record-slices.ts'
import { leaderEpoch, type PartitionLog } from '../partition-log.ts'
import { handler } from './request.ts'

const readCommitted = 1
/** Special timestamps of ListOffsets (KIP-79, KIP-734, KIP-405, KIP-1005). */
const latest = -1
const earliest = -2
const ofMaxTimestamp = -3
const earliestLocal = -4

type Found = { readonly offset: number; readonly timestamp: number }

const nothing: Found = { offset: -1, timestamp: -1 }

export const listOffsetsHandler = handler(listOffsets, (node, { body }) => ({
  topics: body.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, timestamp, currentLeaderEpoch }) => {
      const log = node.topics.partition(name, partitionIndex)
      if (log === undefined) return { partitionIndex, errorCode: errorCode.UNKNOWN_TOPIC_OR_PARTITION }
      if (currentLeaderEpoch > leaderEpoch) return { partitionIndex, errorCode: errorCode.UNKNOWN_LEADER_EPOCH }
      const end = body.isolationLevel === readCommitted ? log.lastStableOffset : log.nextOffset
      return { partitionIndex, errorCode: 0, leaderEpoch, ...offsetAt(log, timestamp, end) }
    }),
  })),
}))

function offsetAt(log: PartitionLog, timestamp: number, end: number): Found {
  switch (timestamp) {
    case latest:
      return { offset: end, timestamp: -1 }
    case earliest:
    case earliestLocal:
      return { offset: log.logStartOffset, timestamp: -1 }
    case ofMaxTimestamp:
      return firstRecordAt(log, log.maxTimestamp(), end)
    default:
      return timestamp < 0 ? nothing : firstRecordAt(log, timestamp, end)
  }
}

const slices = new RecordSlices()

/** The first record before `end` whose timestamp is at least `timestamp`: here alone a batch is opened. */
function firstRecordAt(log: PartitionLog, timestamp: number, end: number): Found {
  const found = log.locateTimestamp(timestamp)
  if (found === undefined || found.batch.baseOffset >= end) return nothing
  const { batch, bytes } = found
  const fromOffset = Math.max(batch.baseOffset, log.logStartOffset)
  parseRecordBatches(bytes, 0, bytes.length, slices, { fromOffset })
  for (let i = 0; i < slices.count; i++) {
    if (slices.timestamps[i]! >= timestamp) return { offset: slices.offsets[i]!, timestamp: slices.timestamps[i]! }
  }
  // A control batch has a time but no records for clients.
  return { offset: fromOffset, timestamp: batch.maxTimestamp }
}

export const offsetForLeaderEpochHandler = handler(offsetForLeaderEpoch, (node, { body }) => ({
  topics: body.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, leaderEpoch: asked }) => {
      const log = node.topics.partition(topic, partition)
      if (log === undefined) return { partition, errorCode: errorCode.UNKNOWN_TOPIC_OR_PARTITION }
      if (asked !== leaderEpoch) return { partition, errorCode: 0 }
      return { partition, errorCode: 0, leaderEpoch, endOffset: log.nextOffset }
    }),
  })),
}))

const toTheEnd = -1

export const deleteRecordsHandler = handler(deleteRecords, (node, { body }) => ({
  topics: body.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, offset }) => {
      const log = node.topics.partition(name, partitionIndex)
      if (log === undefined)
        return { partitionIndex, lowWatermark: -1, errorCode: errorCode.UNKNOWN_TOPIC_OR_PARTITION }
      const before = offset === toTheEnd ? log.nextOffset : offset
      if (before < 0 || before > log.nextOffset) {
        return { partitionIndex, lowWatermark: -1, errorCode: errorCode.OFFSET_OUT_OF_RANGE }
      }
      log.deleteRecordsBefore(before)
      node.topics.storeLogStart(name, partitionIndex, log)
      return { partitionIndex, lowWatermark: log.logStartOffset, errorCode: 0 }
    }),
  })),
}))
