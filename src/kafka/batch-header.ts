// The 61 bytes before the records of a batch (magic 2). Reader and writer of batches and the embedded broker share them.
import { crc32c } from './crc32c.ts'

/*
  baseOffset INT64 (0)  batchLength INT32 (8)  partitionLeaderEpoch INT32 (12)  magic INT8 (16)  crc UINT32 (17)
  attributes INT16 (21): 0-2 compression, 3 LogAppendTime, 4 transactional, 5 control, 6 base timestamp is a delete horizon
  lastOffsetDelta INT32 (23)  baseTimestamp INT64 (27)  maxTimestamp INT64 (35)
  producerId INT64 (43)  producerEpoch INT16 (51)  baseSequence INT32 (53)  recordCount INT32 (57)
*/
export const BATCH_HEADER_BYTES = 61
/** Of the bytes before the CRC'd part and of those that `batchLength` does not count. */
export const CRC_START = 21
export const LENGTH_OVERHEAD = 12
const TWO_32 = 4294967296

/** Bytes that are not the record batches they should be. `offset` is the batch's, or the next expected one. */
export class CorruptRecordBatch extends Error {
  override readonly name = 'CorruptRecordBatch'
  readonly offset: number

  constructor(offset: number, reason: string, cause?: unknown) {
    super(reason, { cause })
    this.offset = offset
  }
}

/** One object is reused for header after header. */
export class BatchHeader {
  /** Where the batch lies; `end` is exclusive. */
  start = 0
  end = 0
  baseOffset = 0
  /** Of the last record that was written; compaction may have removed it, the offset stays used. */
  lastOffset = 0
  partitionLeaderEpoch = 0
  attributes = 0
  baseTimestamp = 0
  maxTimestamp = 0
  producerId = -1
  producerEpoch = -1
  baseSequence = -1
  recordCount = 0

  get compression(): number {
    return this.attributes & 7
  }
  get isLogAppendTime(): boolean {
    return (this.attributes & 8) !== 0
  }
  get isTransactional(): boolean {
    return (this.attributes & 16) !== 0
  }
  get isControl(): boolean {
    return (this.attributes & 32) !== 0
  }

  /**
   * Reads the header of the batch at `at`. False: the bytes up to `end` do not hold the whole batch. The records are not looked
   * at and the CRC is not checked (`checkCrc`). Throws CorruptRecordBatch; `expectedOffset` is named where the bytes give none.
   */
  read(bytes: Uint8Array, at: number, end: number, expectedOffset: number): boolean {
    if (end - at < 17) return false
    this.baseOffset = readInt64(bytes, at)
    const magic = bytes[at + 16] as number
    // The older formats have their magic in the same place; Kafka 4 no longer serves them.
    if (magic !== 2) {
      throw new CorruptRecordBatch(
        magic < 2 ? this.baseOffset : expectedOffset,
        magic < 2
          ? `the records have the old message format ${magic}; only format 2 (Kafka 0.11 and later) is read`
          : `the record batch has the unknown format ${magic}`,
      )
    }
    const length = readInt32(bytes, at + 8)
    if (length < BATCH_HEADER_BYTES - LENGTH_OVERHEAD) {
      throw new CorruptRecordBatch(this.baseOffset, `the record batch announces a length of ${length} bytes`)
    }
    if (length > end - at - LENGTH_OVERHEAD) return false
    this.start = at
    this.end = at + LENGTH_OVERHEAD + length
    this.partitionLeaderEpoch = readInt32(bytes, at + 12)
    this.attributes = ((bytes[at + 21] as number) << 8) | (bytes[at + 22] as number)
    const lastOffsetDelta = readInt32(bytes, at + 23)
    this.lastOffset = this.baseOffset + lastOffsetDelta
    this.baseTimestamp = readInt64(bytes, at + 27)
    this.maxTimestamp = readInt64(bytes, at + 35)
    this.producerId = readInt64(bytes, at + 43)
    this.producerEpoch = (((bytes[at + 51] as number) << 24) >> 16) | (bytes[at + 52] as number)
    this.baseSequence = readInt32(bytes, at + 53)
    this.recordCount = readInt32(bytes, at + 57)
    if (lastOffsetDelta < 0 || this.recordCount < 0 || this.baseOffset < 0) {
      throw new CorruptRecordBatch(this.baseOffset, 'the record batch has negative counts in its header')
    }
    return true
  }

  checkCrc(bytes: Uint8Array): void {
    const announced = readInt32(bytes, this.start + 17) >>> 0
    if (crc32c(bytes, this.start + CRC_START, this.end) !== announced) {
      throw new CorruptRecordBatch(this.baseOffset, 'the checksum of the record batch does not fit its bytes')
    }
  }
}

function readInt32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  )
}

export function readInt64(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at) * TWO_32 + (readInt32(bytes, at + 4) >>> 0)
}
