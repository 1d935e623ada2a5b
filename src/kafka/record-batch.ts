// Reads record batches (magic 2) from the bytes of a fetch into columns (record-slices.ts). Headers of batches are in
// batch-header.ts, writing is in record-batch-writer.ts.
import { BATCH_HEADER_BYTES, BatchHeader, CorruptRecordBatch } from './batch-header.ts'
import { CorruptCompression } from './compression/byte-arena.ts'
import { codecs } from './compression/codecs.ts'
import type { RecordHeader, RecordSlices } from './record-slices.ts'

export type AbortedTransaction = { readonly producerId: number; readonly firstOffset: number }

export type ParseOptions = {
  /** Records before it are left out: a fetch from the middle of a batch brings the whole batch. */
  readonly fromOffset: number
  /** Reading committed: what the broker listed with these bytes. Absent: aborted records are kept. */
  readonly abortedTransactions?: readonly AbortedTransaction[]
  /** Batches that begin at or after it are left out (reading committed: the last stable offset). */
  readonly endOffset?: number
  /** Of one batch. Default 64 MiB. */
  readonly maxDecompressedBytes?: number
}

const DEFAULT_MAX_DECOMPRESSED_BYTES = 64 * 1024 * 1024
/** Length, attributes, timestamp, offset, key length, value length, header count. */
const MIN_RECORD_BYTES = 7
const header = new BatchHeader()

/**
 * Replaces what is in `into`. Control batches and aborted records are left out. A last batch that is cut short is ignored.
 * Returns the offset after the last whole batch (`fromOffset` if there is none). Throws CorruptRecordBatch.
 */
export function parseRecordBatches(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: RecordSlices,
  options: ParseOptions,
): number {
  into.clear()
  const aborted =
    options.abortedTransactions === undefined ? undefined : new AbortedProducers(options.abortedTransactions)
  const endOffset = options.endOffset ?? Number.POSITIVE_INFINITY
  const limit = options.maxDecompressedBytes ?? DEFAULT_MAX_DECOMPRESSED_BYTES
  const copies = hasCompressedBatch(bytes, start, end, options.fromOffset)
  if (copies) into.arena.clear()
  into.data = copies ? into.arena.bytes : bytes
  let next = options.fromOffset
  let at = start
  while (at < end && header.read(bytes, at, end, next) && header.baseOffset < endOffset) {
    header.checkCrc(bytes)
    const visible = aborted === undefined ? !header.isControl : aborted.admits(bytes)
    if (visible && header.lastOffset >= options.fromOffset) {
      if (copies) {
        const recordsStart = into.arena.used
        loadRecords(bytes, into, limit)
        parseRecords(into, recordsStart, into.arena.used, options.fromOffset)
      } else {
        parseRecords(into, at + BATCH_HEADER_BYTES, header.end, options.fromOffset)
      }
      into.endBatch()
    }
    next = Math.max(next, header.lastOffset + 1)
    at = header.end
  }
  return next
}

function hasCompressedBatch(bytes: Uint8Array, start: number, end: number, fromOffset: number): boolean {
  for (let at = start; at < end && header.read(bytes, at, end, fromOffset); at = header.end) {
    if (header.compression !== 0) return true
  }
  return false
}

/** Appends the plain records of the batch to the arena. */
function loadRecords(bytes: Uint8Array, into: RecordSlices, limit: number): void {
  const start = header.start + BATCH_HEADER_BYTES
  if (header.compression === 0) into.arena.append(bytes.subarray(start, header.end))
  else {
    const codec = codecs[header.compression]
    if (codec === undefined) {
      throw new CorruptRecordBatch(
        header.baseOffset,
        `the record batch has the unknown compression ${header.compression}`,
      )
    }
    try {
      codec.decompress(bytes, start, header.end, into.arena, limit)
    } catch (error) {
      if (error instanceof CorruptCompression) throw new CorruptRecordBatch(header.baseOffset, error.message, error)
      throw error
    }
  }
  into.data = into.arena.bytes
}

/**
 * Which producers' records are aborted, batch by batch in log order. A transaction's records are hidden from its first offset to
 * its marker; a producer may have several in one fetch. The broker lists for each fetch every aborted transaction that overlaps
 * it, so nothing is carried over from earlier fetches: a transaction whose marker comes later is in the list of each.
 */
class AbortedProducers {
  private readonly pending: AbortedTransaction[]
  private readonly producers = new Set<number>()

  constructor(transactions: readonly AbortedTransaction[]) {
    this.pending = [...transactions].sort((a, b) => b.firstOffset - a.firstOffset)
  }

  /** Whether the records of the batch in `header` are to be seen. */
  admits(bytes: Uint8Array): boolean {
    while ((this.pending.at(-1)?.firstOffset ?? Number.POSITIVE_INFINITY) <= header.lastOffset) {
      this.producers.add((this.pending.pop() as AbortedTransaction).producerId)
    }
    if (header.isControl) {
      if (isAbortMarker(bytes)) this.producers.delete(header.producerId)
      return false
    }
    return !(header.isTransactional && this.producers.has(header.producerId))
  }
}

/*
  A control batch holds one record, never compressed: length attributes timestampDelta offsetDelta keyLength
  key: version INT16, type INT16 (0 abort, 1 commit)
*/
function isAbortMarker(bytes: Uint8Array): boolean {
  let at = header.start + BATCH_HEADER_BYTES
  const skipVarint = () => {
    while (at < header.end && (bytes[at] as number) >= 0x80) at++
    at++
  }
  skipVarint()
  at++
  skipVarint()
  skipVarint()
  skipVarint()
  if (at + 4 > header.end) throw new CorruptRecordBatch(header.baseOffset, 'the transaction marker has no type')
  return bytes[at + 2] === 0 && bytes[at + 3] === 0
}

/** Where the last slow varint ended. */
let cursor = 0

/*
  Record => length VARINT, attributes INT8, timestampDelta VARLONG, offsetDelta VARINT,
            keyLength VARINT, key, valueLength VARINT, value, headerCount VARINT, headers
*/
function parseRecords(into: RecordSlices, start: number, end: number, fromOffset: number): void {
  const { baseOffset, baseTimestamp, lastOffset, recordCount } = header
  if (recordCount * MIN_RECORD_BYTES > end - start) {
    throw new CorruptRecordBatch(
      baseOffset,
      `the record batch announces ${recordCount} records in ${end - start} bytes`,
    )
  }
  into.reserve(into.count + recordCount)
  const { data, offsets, timestamps, keyStarts, keyLengths, valueStarts, valueLengths } = into
  const { headerStarts, headerEnds, headerCounts } = into
  const appendTime = header.isLogAppendTime ? header.maxTimestamp : Number.NaN
  const hasAppendTime = header.isLogAppendTime
  let index = into.count
  let at = start
  for (let i = 0; i < recordCount; i++) {
    // Varints of one and two bytes are read in place: they are nearly all there are, and calls would double the time.
    let byte = data[at] as number
    let number: number
    if (byte < 0x80) {
      number = byte
      at++
    } else if ((data[at + 1] as number) < 0x80) {
      number = (byte & 0x7f) | ((data[at + 1] as number) << 7)
      at += 2
    } else {
      number = slowVarint(data, at, end, baseOffset)
      at = cursor
    }
    const recordEnd = at + (number >>> 1)
    if ((number & 1) !== 0 || recordEnd > end) throw damaged(baseOffset, 'has a length that does not fit')
    at++

    byte = data[at] as number
    let timestamp: number
    if (byte < 0x80) {
      timestamp = baseTimestamp + ((byte >>> 1) ^ -(byte & 1))
      at++
    } else if ((data[at + 1] as number) < 0x80) {
      number = (byte & 0x7f) | ((data[at + 1] as number) << 7)
      timestamp = baseTimestamp + ((number >>> 1) ^ -(number & 1))
      at += 2
    } else {
      timestamp = baseTimestamp + slowVarlong(data, at, end, baseOffset)
      at = cursor
    }

    byte = data[at] as number
    if (byte < 0x80) {
      number = byte
      at++
    } else if ((data[at + 1] as number) < 0x80) {
      number = (byte & 0x7f) | ((data[at + 1] as number) << 7)
      at += 2
    } else {
      number = slowVarint(data, at, end, baseOffset)
      at = cursor
    }
    const offset = baseOffset + (number >>> 1)
    if ((number & 1) !== 0 || offset > lastOffset) throw damaged(baseOffset, 'has an offset outside its batch')

    byte = data[at] as number
    if (byte < 0x80) {
      number = byte
      at++
    } else if ((data[at + 1] as number) < 0x80) {
      number = (byte & 0x7f) | ((data[at + 1] as number) << 7)
      at += 2
    } else {
      number = slowVarint(data, at, end, baseOffset)
      at = cursor
    }
    const keyLength = (number >>> 1) ^ -(number & 1)
    const keyStart = at
    if (keyLength > 0) at += keyLength
    if (keyLength < -1 || at > recordEnd) throw damaged(baseOffset, 'has a key that does not fit')

    byte = data[at] as number
    if (byte < 0x80) {
      number = byte
      at++
    } else if ((data[at + 1] as number) < 0x80) {
      number = (byte & 0x7f) | ((data[at + 1] as number) << 7)
      at += 2
    } else {
      number = slowVarint(data, at, end, baseOffset)
      at = cursor
    }
    const valueLength = (number >>> 1) ^ -(number & 1)
    const valueStart = at
    if (valueLength > 0) at += valueLength
    if (valueLength < -1 || at >= recordEnd) throw damaged(baseOffset, 'has a value that does not fit')

    let headerCount = 0
    if (data[at] === 0) at++
    else {
      number = slowVarint(data, at, end, baseOffset)
      at = cursor
      headerCount = number >>> 1
      // A header takes two bytes at least.
      if ((number & 1) !== 0 || headerCount * 2 > recordEnd - at)
        throw damaged(baseOffset, 'has headers that do not fit')
    }
    if (headerCount === 0 && at !== recordEnd) throw damaged(baseOffset, 'is longer or shorter than it announces')
    if (offset >= fromOffset) {
      offsets[index] = offset
      timestamps[index] = hasAppendTime ? appendTime : timestamp
      keyStarts[index] = keyStart
      keyLengths[index] = keyLength
      valueStarts[index] = valueStart
      valueLengths[index] = valueLength
      headerStarts[index] = at
      headerEnds[index] = recordEnd
      headerCounts[index] = headerCount
      index++
    }
    at = recordEnd
  }
  if (at !== end) throw damaged(baseOffset, 'is followed by bytes that belong to none')
  into.count = index
}

function damaged(baseOffset: number, what: string): CorruptRecordBatch {
  return new CorruptRecordBatch(baseOffset, `a record of the batch ${what}`)
}

/** An unsigned varint of up to 32 bits, still zigzag encoded; `cursor` is where it ends. */
function slowVarint(data: Uint8Array, start: number, end: number, baseOffset: number): number {
  let value = 0
  let at = start
  for (let shift = 0; shift < 35; shift += 7) {
    if (at >= end) break
    const byte = data[at++] as number
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) {
      cursor = at
      if (value > 0xffffffff) break
      return value | 0
    }
  }
  throw damaged(baseOffset, 'has a number that is cut short or too long')
}

/** A zigzag varint of up to 64 bits as a double; `cursor` is where it ends. */
function slowVarlong(data: Uint8Array, start: number, end: number, baseOffset: number): number {
  let value = 0
  let at = start
  for (let shift = 0; shift < 70; shift += 7) {
    if (at >= end) break
    const byte = data[at++] as number
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) {
      cursor = at
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
  }
  throw damaged(baseOffset, 'has a number that is cut short or too long')
}

/** The headers of one record. Throws CorruptRecordBatch. */
export function headersAt(slices: RecordSlices, index: number): RecordHeader[] {
  const { data } = slices
  const end = slices.headerEnds[index] as number
  const offset = slices.offsets[index] as number
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const headers: RecordHeader[] = []
  let at = slices.headerStarts[index] as number
  const length = (): number => {
    const number = slowVarint(data, at, end, offset)
    at = cursor
    const value = (number >>> 1) ^ -(number & 1)
    if (value < -1 || value > end - at) throw damaged(offset, 'has a header that does not fit')
    return value
  }
  for (let i = 0; i < (slices.headerCounts[index] as number); i++) {
    const keyLength = length()
    if (keyLength < 0) throw damaged(offset, 'has a header without a name')
    const key = text.toString('utf8', at, at + keyLength)
    at += keyLength
    const valueLength = length()
    headers.push({ key, value: valueLength < 0 ? null : new Uint8Array(text.subarray(at, at + valueLength)) })
    at += Math.max(0, valueLength)
  }
  if (at !== end) throw damaged(offset, 'is longer or shorter than its headers')
  return headers
}
