// Record batches as the log keeps them: the header fields that a broker judges by, the fields that it assigns, and the control
// batches that it writes. The layout of the header is in kafka/batch-header.ts; the records inside are the clients' business.
import { BATCH_HEADER_BYTES, CRC_START, LENGTH_OVERHEAD, readInt64 } from '../../kafka/batch-header.ts'
import { crc32c } from '../../kafka/crc32c.ts'

const logAppendTimeBit = 0x08
const transactionalBit = 0x10
const controlBit = 0x20

/** Unlike the client's BatchHeader it is read from a header alone, and kept. */
export type StoredBatch = {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly byteLength: number
  readonly magic: number
  readonly compression: number
  readonly transactional: boolean
  readonly control: boolean
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly recordCount: number
}

/** Reads without judging; `bytes` holds at least a whole header from `start`. */
export function readStoredBatch(bytes: Buffer, start: number): StoredBatch {
  const baseOffset = readInt64(bytes, start)
  const attributes = bytes.readInt16BE(start + 21)
  return {
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(start + 23),
    byteLength: bytes.readInt32BE(start + 8) + LENGTH_OVERHEAD,
    magic: bytes[start + 16]!,
    compression: attributes & 0x07,
    transactional: (attributes & transactionalBit) !== 0,
    control: (attributes & controlBit) !== 0,
    baseTimestamp: readInt64(bytes, start + 27),
    maxTimestamp: readInt64(bytes, start + 35),
    producerId: readInt64(bytes, start + 43),
    producerEpoch: bytes.readInt16BE(start + 51),
    baseSequence: bytes.readInt32BE(start + 53),
    recordCount: bytes.readInt32BE(start + 57),
  }
}

/** Whether a whole, undamaged batch begins at `start`. */
export function isWholeBatch(bytes: Buffer, start: number): boolean {
  if (start + BATCH_HEADER_BYTES > bytes.length || bytes[start + 16] !== 2) return false
  const end = start + bytes.readInt32BE(start + 8) + LENGTH_OVERHEAD
  return end >= start + BATCH_HEADER_BYTES && end <= bytes.length && hasValidChecksum(bytes.subarray(start, end))
}

/** `batch` is exactly one batch. */
export function hasValidChecksum(batch: Buffer): boolean {
  return crc32c(batch, CRC_START, batch.length) === batch.readUInt32BE(17)
}

export function assignOffset(batch: Buffer, baseOffset: number, leaderEpoch: number): void {
  writeInt64(batch, baseOffset, 0)
  batch.writeInt32BE(leaderEpoch, 12)
}

/** `message.timestamp.type=LogAppendTime`: the batch's maximum stands for all its records, and the checksum covers it. */
export function assignLogAppendTime(batch: Buffer, timestamp: number): void {
  batch.writeInt16BE(batch.readInt16BE(21) | logAppendTimeBit, 21)
  writeInt64(batch, timestamp, 35)
  batch.writeUInt32BE(crc32c(batch, CRC_START, batch.length), 17)
}

/*
  One record: length: varint, attributes: int8, timestampDelta: varlong, offsetDelta: varint, keyLength: varint, key, valueLength:
  varint, value, headers: varint
  key => version: int16, type: int16 (0 abort, 1 commit); value => version: int16, coordinatorEpoch: int32
*/
const markerRecord = Buffer.from([32, 0, 0, 0, 8, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0])
const markerTypePosition = BATCH_HEADER_BYTES + 8

/** The control batch that ends a transaction in a partition. */
export function makeMarker(producerId: number, producerEpoch: number, commit: boolean, timestamp: number): Buffer {
  const batch = Buffer.alloc(BATCH_HEADER_BYTES + markerRecord.length)
  batch.writeInt32BE(batch.length - LENGTH_OVERHEAD, 8)
  batch[16] = 2
  batch.writeInt16BE(transactionalBit | controlBit, 21)
  writeInt64(batch, timestamp, 27)
  writeInt64(batch, timestamp, 35)
  writeInt64(batch, producerId, 43)
  batch.writeInt16BE(producerEpoch, 51)
  batch.writeInt32BE(-1, 53)
  batch.writeInt32BE(1, 57)
  markerRecord.copy(batch, BATCH_HEADER_BYTES)
  batch[markerTypePosition] = commit ? 1 : 0
  batch.writeUInt32BE(crc32c(batch, CRC_START, batch.length), 17)
  return batch
}

/** `batch` is a control batch made by `makeMarker`; the broker accepts none from clients. */
export function isCommitMarker(batch: Buffer): boolean {
  return batch[markerTypePosition] === 1
}

function writeInt64(bytes: Buffer, value: number, position: number): void {
  const high = Math.floor(value / 2 ** 32)
  bytes.writeInt32BE(high, position)
  bytes.writeUInt32BE(value - high * 2 ** 32, position + 4)
}
