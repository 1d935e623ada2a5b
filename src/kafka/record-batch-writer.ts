// Writes one record batch (magic 2) into a preallocated buffer; the producer keeps a pool of writers. Reading: record-batch.ts.
import { BATCH_HEADER_BYTES, CRC_START, LENGTH_OVERHEAD } from './batch-header.ts'
import { codecs } from './compression/codecs.ts'
import { crc32c } from './crc32c.ts'
import type { RecordHeader } from './record-slices.ts'

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** What is known only when a batch is sent. */
export type BatchSeal = {
  readonly compression: Compression
  /** -1: not idempotent. */
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly isTransactional: boolean
}

/** Up to this many bytes a loop is faster than a native copy, which needs a view of its own. */
const LONG_COPY = 512
/** Of the fields of a record besides key, value and headers: at most 5 + 1 + 10 + 5 + 5 + 5 + 5 bytes. */
const MAX_RECORD_OVERHEAD = 36

export class RecordBatchWriter {
  private buffer: Buffer
  private view: DataView
  private readonly keys = new ByteSource()
  private readonly values = new ByteSource()
  private readonly capacity: number
  private end = BATCH_HEADER_BYTES
  private baseTimestamp = 0
  private maxTimestamp = 0
  count = 0

  constructor(capacity: number) {
    this.capacity = capacity
    this.buffer = Buffer.allocUnsafeSlow(capacity)
    this.view = viewOf(this.buffer)
  }

  /** Before compression, header included. */
  get byteLength(): number {
    return this.end
  }

  /** A record of these lengths fits without growing. */
  fits(keyLength: number, valueLength: number, headers?: readonly RecordHeader[]): boolean {
    const headerBytes = headers === undefined ? 0 : encodedHeaderBytes(headers)
    return this.end + MAX_RECORD_OVERHEAD + keyLength + valueLength + headerBytes <= this.buffer.length
  }

  /** `null`: no key, no value. A record larger than the buffer makes the buffer grow. Allocates nothing otherwise. */
  append(
    timestampMs: number,
    key: Uint8Array | null,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array | null,
    valueStart: number,
    valueEnd: number,
    headers?: readonly RecordHeader[],
  ): void {
    const keyLength = key === null ? -1 : keyEnd - keyStart
    const valueLength = value === null ? -1 : valueEnd - valueStart
    const headerBytes = headers === undefined ? 1 : encodedHeaderBytes(headers)
    const needed = this.end + MAX_RECORD_OVERHEAD + keyLength + valueLength + headerBytes
    if (needed > this.buffer.length) this.grow(needed)
    if (this.count === 0) {
      this.baseTimestamp = timestampMs
      this.maxTimestamp = timestampMs
    } else if (timestampMs > this.maxTimestamp) this.maxTimestamp = timestampMs
    const delta = timestampMs - this.baseTimestamp
    const bodyBytes =
      1 +
      varlongBytes(delta) +
      varintBytes(this.count) +
      varintBytes(keyLength) +
      Math.max(0, keyLength) +
      varintBytes(valueLength) +
      Math.max(0, valueLength) +
      headerBytes
    const { buffer, view } = this
    let at = writeVarint(buffer, this.end, bodyBytes)
    buffer[at++] = 0
    at = writeVarlong(buffer, at, delta)
    at = writeVarint(buffer, at, this.count)
    at = writeVarint(buffer, at, keyLength)
    if (key !== null) at = this.keys.copyTo(buffer, view, at, key, keyStart, keyEnd)
    at = writeVarint(buffer, at, valueLength)
    if (value !== null) at = this.values.copyTo(buffer, view, at, value, valueStart, valueEnd)
    if (headers === undefined) buffer[at++] = 0
    else at = writeHeaders(buffer, at, headers)
    this.end = at
    this.count++
  }

  private grow(size: number): void {
    const larger = Buffer.allocUnsafeSlow(size)
    this.buffer.copy(larger, 0, 0, this.end)
    this.buffer = larger
    this.view = viewOf(larger)
  }

  /** The finished batch. Uncompressed it is this writer's own buffer: no `reset` before it is no longer needed. */
  seal(options: BatchSeal): Uint8Array {
    const codec = options.compression === 'none' ? 0 : codecs.findIndex((entry) => entry?.name === options.compression)
    const entry = codecs[codec]
    let batch = this.buffer.subarray(0, this.end)
    if (entry !== undefined) {
      const packed = entry.compress(this.buffer.subarray(BATCH_HEADER_BYTES, this.end))
      batch = Buffer.allocUnsafe(BATCH_HEADER_BYTES + packed.length)
      batch.set(packed, BATCH_HEADER_BYTES)
    }
    writeInt64(batch, 0, 0)
    batch.writeInt32BE(batch.length - LENGTH_OVERHEAD, 8)
    batch.writeInt32BE(-1, 12)
    batch[16] = 2
    batch.writeInt16BE(codec | (options.isTransactional ? 16 : 0), 21)
    batch.writeInt32BE(this.count - 1, 23)
    writeInt64(batch, 27, this.baseTimestamp)
    writeInt64(batch, 35, this.maxTimestamp)
    writeInt64(batch, 43, options.producerId)
    batch.writeInt16BE(options.producerEpoch, 51)
    batch.writeInt32BE(options.baseSequence, 53)
    batch.writeInt32BE(this.count, 57)
    batch.writeUInt32BE(crc32c(batch, CRC_START, batch.length), 17)
    return batch
  }

  reset(): void {
    if (this.buffer.length !== this.capacity) {
      this.buffer = Buffer.allocUnsafeSlow(this.capacity)
      this.view = viewOf(this.buffer)
    }
    this.end = BATCH_HEADER_BYTES
    this.count = 0
  }
}

/** Remembers the view of the array that was read last: a new one per record would be most of the garbage there is. */
class ByteSource {
  private array: Uint8Array | undefined
  private view: DataView = new DataView(new ArrayBuffer(0))

  /** Returns where the copy ends. */
  copyTo(target: Buffer, targetView: DataView, at: number, source: Uint8Array, start: number, end: number): number {
    if (end - start > LONG_COPY) {
      target.set(source.subarray(start, end), at)
      return at + end - start
    }
    if (source !== this.array) {
      this.array = source
      this.view = viewOf(source)
    }
    const { view } = this
    let from = start
    let to = at
    for (const last = end - 8; from <= last; from += 8, to += 8) {
      targetView.setInt32(to, view.getInt32(from))
      targetView.setInt32(to + 4, view.getInt32(from + 4))
    }
    while (from < end) target[to++] = source[from++] as number
    return to
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function writeInt64(target: Buffer, at: number, value: number): void {
  const high = Math.floor(value / 4294967296)
  target.writeInt32BE(high, at)
  target.writeUInt32BE(value - high * 4294967296, at + 4)
}

function varintBytes(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  return zigzag < 0x80 ? 1 : zigzag < 0x4000 ? 2 : zigzag < 0x200000 ? 3 : zigzag < 0x10000000 ? 4 : 5
}

function writeVarint(target: Uint8Array, start: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  let at = start
  while (rest >= 0x80) {
    target[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  target[at++] = rest
  return at
}

function isShort(value: number): boolean {
  return value >= -0x40000000 && value < 0x40000000
}

function varlongBytes(value: number): number {
  if (isShort(value)) return varintBytes(value)
  let bytes = 1
  for (let rest = value < 0 ? -2 * value - 1 : 2 * value; rest >= 0x80; rest = Math.floor(rest / 128)) bytes++
  return bytes
}

function writeVarlong(target: Uint8Array, start: number, value: number): number {
  if (isShort(value)) return writeVarint(target, start, value)
  let at = start
  let rest = value < 0 ? -2 * value - 1 : 2 * value
  while (rest >= 0x80) {
    target[at++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  target[at++] = rest
  return at
}

function encodedHeaderBytes(headers: readonly RecordHeader[]): number {
  let bytes = varintBytes(headers.length)
  for (const header of headers) {
    const keyLength = Buffer.byteLength(header.key)
    const valueLength = header.value === null ? -1 : header.value.length
    bytes += varintBytes(keyLength) + keyLength + varintBytes(valueLength) + Math.max(0, valueLength)
  }
  return bytes
}

function writeHeaders(target: Buffer, start: number, headers: readonly RecordHeader[]): number {
  let at = writeVarint(target, start, headers.length)
  for (const header of headers) {
    at = writeVarint(target, at, Buffer.byteLength(header.key))
    at += target.write(header.key, at, 'utf8')
    at = writeVarint(target, at, header.value === null ? -1 : header.value.length)
    if (header.value !== null) {
      target.set(header.value, at)
      at += header.value.length
    }
  }
  return at
}
