// Produce: judges each batch by its header and appends it as it came.
import { BATCH_HEADER_BYTES } from '../../../kafka/batch-header.ts'
import type { KafkaErrorName } from '../../../kafka/protocol/errors.ts'
import { errorCode } from '../../../kafka/protocol/errors.ts'
import { produce } from '../../../kafka/protocol/messages/produce.ts'
import { assignLogAppendTime, hasValidChecksum, readStoredBatch, type StoredBatch } from '../stored-batch.ts'
import type { Topic } from '../topics.ts'
import { handler, type Node } from './request.ts'

/** Compression 4 is zstd, which clients before v7 cannot read (KIP-110). */
const zstd = 4
const firstVersionWithZstd = 7
/** KIP-890: from here on producing adds the partition to the transaction. */
const firstVersionThatAdds = 12
const firstVersionWithAbortable = 11
const firstVersionWithTopicIds = 13

type Outcome =
  | { readonly error: KafkaErrorName; readonly message: string | null }
  | {
      readonly error: undefined
      readonly baseOffset: number
      readonly appendTime: number
      readonly logStartOffset: number
    }

const refuse = (error: KafkaErrorName, message: string | null = null): Outcome => ({ error, message })

export const produceHandler = handler(produce, (node, { version, body }) => {
  const responses = body.topicData.map((data) => {
    const byId = version >= firstVersionWithTopicIds
    const topic = byId ? node.topics.byId(data.topicId) : node.topics.get(data.name)
    const partitionResponses = data.partitionData.map(({ index, records }) => {
      const outcome = append(node, topic, byId, index, records, body.transactionalId, body.acks, version)
      if (outcome.error !== undefined) {
        const code = errorCode[outcome.error]
        return { index, errorCode: code, baseOffset: -1, errorMessage: outcome.message }
      }
      const { baseOffset, appendTime, logStartOffset } = outcome
      return { index, errorCode: 0, baseOffset, logAppendTimeMs: appendTime, logStartOffset }
    })
    return { name: data.name, topicId: data.topicId, partitionResponses }
  })
  return body.acks === 0 ? undefined : { responses }
})

function append(
  node: Node,
  topic: Topic | undefined,
  byId: boolean,
  index: number,
  records: Uint8Array | null,
  transactionalId: string | null,
  acks: number,
  version: number,
): Outcome {
  if (acks < -1 || acks > 1) return refuse('INVALID_REQUIRED_ACKS')
  const log = topic?.partitions[index]
  if (topic === undefined || log === undefined)
    return refuse(byId && !topic ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION')
  const batch = Buffer.from(records?.buffer ?? new ArrayBuffer(0), records?.byteOffset ?? 0, records?.byteLength ?? 0)
  if (batch.length < BATCH_HEADER_BYTES)
    return refuse('INVALID_RECORD', 'a request has exactly one batch per partition')
  const header = readStoredBatch(batch, 0)
  const mistake = mistakeIn(batch, header, topic.effective.maxMessageBytes, version)
  if (mistake !== undefined) return mistake

  const { producerId, producerEpoch: epoch } = header
  if (header.transactional) {
    const adds = version >= firstVersionThatAdds
    const error = node.transactions.checkProduce(transactionalId, { producerId, epoch }, topic.name, index, adds)
    if (error !== undefined) return refuse(inWordsOf(version, error))
  }
  const logStartOffset = log.logStartOffset
  if (producerId >= 0) {
    const verdict = log.producers.check(header)
    if (verdict.kind === 'old epoch') return refuse('INVALID_PRODUCER_EPOCH')
    if (verdict.kind === 'out of order') return refuse('OUT_OF_ORDER_SEQUENCE_NUMBER')
    if (verdict.kind === 'duplicate') {
      return { error: undefined, baseOffset: verdict.baseOffset, appendTime: -1, logStartOffset }
    }
  }
  const appendTime = topic.effective.logAppendTime ? Date.now() : -1
  if (appendTime >= 0) assignLogAppendTime(batch, appendTime)
  try {
    const stamped = appendTime >= 0 ? { ...header, maxTimestamp: appendTime } : header
    return { error: undefined, baseOffset: log.append(batch, stamped), appendTime, logStartOffset }
  } catch (error) {
    // A full disk, an I/O error: the log is as before, and the producer may try again.
    node.log(`cannot append to ${topic.name}-${index}: ${error instanceof Error ? error.message : String(error)}`)
    return refuse('KAFKA_STORAGE_ERROR')
  }
}

/** A partition that was not added: newer clients are told that aborting is the way out (KIP-890). */
function inWordsOf(version: number, error: KafkaErrorName): KafkaErrorName {
  return error === 'INVALID_TXN_STATE' && version >= firstVersionWithAbortable ? 'TRANSACTION_ABORTABLE' : error
}

function mistakeIn(batch: Buffer, header: StoredBatch, maxBytes: number, version: number): Outcome | undefined {
  if (header.magic !== 2) return refuse('UNSUPPORTED_FOR_MESSAGE_FORMAT', 'only record batches of magic 2 are taken')
  if (header.byteLength < BATCH_HEADER_BYTES || header.byteLength > batch.length) return refuse('CORRUPT_MESSAGE')
  if (header.byteLength < batch.length) return refuse('INVALID_RECORD', 'a request has exactly one batch per partition')
  if (batch.length > maxBytes)
    return refuse('MESSAGE_TOO_LARGE', `the batch has ${batch.length} bytes, ${maxBytes} are allowed`)
  if (!hasValidChecksum(batch)) return refuse('CORRUPT_MESSAGE')
  if (header.compression > zstd) return refuse('INVALID_RECORD', 'unknown compression')
  if (header.compression === zstd && version < firstVersionWithZstd) return refuse('UNSUPPORTED_COMPRESSION_TYPE')
  if (header.control) return refuse('INVALID_RECORD', 'clients may not write control batches')
  const count = header.lastOffset - header.baseOffset + 1
  if (count < 1 || count !== header.recordCount) return refuse('INVALID_RECORD', 'the batch counts its records wrongly')
  const identified = header.producerEpoch >= 0 && header.baseSequence >= 0
  if (header.producerId >= 0 ? !identified : header.transactional) {
    return refuse('INVALID_RECORD', 'the batch names its producer incompletely')
  }
  return undefined
}
