// One file of a partition's log: whole record batches as producers sent them, found by a sparse index of offsets and timestamps.
// Knows batch headers and no records; which segments there are and what they mean is in partition-log.ts.

import { closeSync, constants, fdatasync, fstatSync, ftruncateSync, openSync, readSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { BATCH_HEADER_BYTES } from '../../kafka/batch-header.ts'
import { writeAll } from './journal.ts'
import { readStoredBatch, type StoredBatch } from './stored-batch.ts'

/** One index entry for each 4 KiB of log, as Kafka's index.interval.bytes. */
const indexIntervalBytes = 4096
const windowBytes = 8192

/** The index as three columns. `times[i]` is the largest timestamp in the segment up to the batches before entry i + 1. */
export type SegmentIndex = { readonly offsets: number[]; readonly positions: number[]; readonly times: number[] }

export type LocatedBatch = { readonly position: number; readonly header: StoredBatch }

const fdatasyncAsync = promisify(fdatasync)

export class Segment {
  readonly baseOffset: number
  readonly #folder: string
  readonly #file: number
  #size = 0
  #nextOffset: number
  #maxTimestamp = -1
  #index: SegmentIndex = { offsets: [], positions: [], times: [] }
  #dirty = false
  readonly #window = Buffer.allocUnsafe(windowBytes)
  #windowStart = 0
  #windowEnd = 0

  /** Opens the file, or makes an empty one. An existing file must be told its content by `restore` or `note`. */
  constructor(folder: string, baseOffset: number) {
    this.#folder = folder
    this.baseOffset = baseOffset
    this.#nextOffset = baseOffset
    this.#file = openSync(this.path, constants.O_RDWR | constants.O_CREAT)
  }

  get path(): string {
    return join(this.#folder, segmentFileName(this.baseOffset, 'log'))
  }
  get statePath(): string {
    return join(this.#folder, segmentFileName(this.baseOffset, 'state'))
  }
  /** Bytes of whole batches. */
  get size(): number {
    return this.#size
  }
  get nextOffset(): number {
    return this.#nextOffset
  }
  /** -1 while empty. */
  get maxTimestamp(): number {
    return this.#maxTimestamp
  }
  get index(): SegmentIndex {
    return this.#index
  }

  fileSize(): number {
    return fstatSync(this.#file).size
  }

  restore(state: { size: number; nextOffset: number; maxTimestamp: number; index: SegmentIndex }): void {
    this.#size = state.size
    this.#nextOffset = state.nextOffset
    this.#maxTimestamp = state.maxTimestamp
    this.#index = state.index
  }

  /** The batch is complete, with its base offset in it. */
  append(batch: Buffer, header: StoredBatch): void {
    try {
      writeAll(this.#file, batch, this.#size)
    } catch (error) {
      // A full disk may have taken a part of it: nothing may follow a torn batch.
      ftruncateSync(this.#file, this.#size)
      throw error
    }
    this.note(header)
  }

  /** Counts the batch at the end of the known part as content: it was just written, or found by recovery. */
  note(header: StoredBatch): void {
    const { offsets, positions, times } = this.#index
    this.#maxTimestamp = Math.max(this.#maxTimestamp, header.maxTimestamp)
    const lastIndexed = positions.at(-1)
    if (lastIndexed === undefined || this.#size - lastIndexed >= indexIntervalBytes) {
      offsets.push(header.baseOffset)
      positions.push(this.#size)
      times.push(this.#maxTimestamp)
    } else {
      times[times.length - 1] = this.#maxTimestamp
    }
    this.#size += header.byteLength
    this.#nextOffset = header.lastOffset + 1
    this.#dirty = true
  }

  /** Cuts off everything behind the known batches. */
  truncate(): void {
    ftruncateSync(this.#file, this.#size)
  }

  /** The batch that holds `offset`, which must lie inside the segment. */
  locate(offset: number): LocatedBatch {
    let batch = this.#batchAt(this.#index.positions[lastNotAbove(this.#index.offsets, offset)]!)
    while (batch.header.lastOffset < offset) batch = this.#batchAt(batch.position + batch.header.byteLength)
    return batch
  }

  /** The first batch that has a timestamp of `timestamp` or later and an offset of `fromOffset` or later. */
  locateTimestamp(timestamp: number, fromOffset: number): LocatedBatch | undefined {
    const entry = lastNotAbove(this.#index.times, timestamp - 1) + 1
    let position = this.#index.positions[entry] ?? this.#size
    while (position < this.#size) {
      const batch = this.#batchAt(position)
      if (batch.header.maxTimestamp >= timestamp && batch.header.lastOffset >= fromOffset) return batch
      position += batch.header.byteLength
    }
    return undefined
  }

  /** Fresh bytes of the file; fewer at its end. */
  read(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(Math.min(length, this.#size - position))
    return bytes.subarray(0, readInto(this.#file, bytes, position))
  }

  /** Like `read`, but over bytes not yet known as batches. */
  readRaw(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(length)
    return bytes.subarray(0, readInto(this.#file, bytes, position))
  }

  /** Resolves when what was appended before the call survives a power loss. */
  async sync(): Promise<void> {
    if (!this.#dirty) return
    this.#dirty = false
    try {
      await fdatasyncAsync(this.#file)
    } catch (error) {
      this.#dirty = true
      throw error
    }
  }

  close(): void {
    closeSync(this.#file)
  }

  /** Takes the names away; the open file stays readable until `close`. */
  unlink(): void {
    rmSync(this.statePath, { force: true })
    rmSync(this.path, { force: true })
  }

  #batchAt(position: number): LocatedBatch {
    if (position < this.#windowStart || position + BATCH_HEADER_BYTES > this.#windowEnd) {
      this.#windowStart = position
      this.#windowEnd = position + readInto(this.#file, this.#window, position)
    }
    return { position, header: readStoredBatch(this.#window, position - this.#windowStart) }
  }
}

function segmentFileName(baseOffset: number, extension: 'log' | 'state'): string {
  return `${String(baseOffset).padStart(20, '0')}.${extension}`
}

export type WholeBatches = { readonly length: number; readonly nextOffset: number }

/** The whole batches at the start of `bytes` within `limit` that begin before `endOffset`: their bytes, the offset after them. */
export function wholeBatches(bytes: Buffer, limit: number, endOffset: number): WholeBatches {
  const available = Math.min(limit, bytes.length)
  let length = 0
  let nextOffset = -1
  while (length + BATCH_HEADER_BYTES <= available) {
    const header = readStoredBatch(bytes, length)
    if (length + header.byteLength > available || header.baseOffset >= endOffset) break
    length += header.byteLength
    nextOffset = header.lastOffset + 1
  }
  return { length, nextOffset }
}

function readInto(file: number, bytes: Buffer, position: number): number {
  let done = 0
  while (done < bytes.length) {
    const count = readSync(file, bytes, done, bytes.length - done, position + done)
    if (count === 0) break
    done += count
  }
  return done
}

/** Index of the last element that is not above `value` in an ascending list, -1 when there is none. */
function lastNotAbove(ascending: readonly number[], value: number): number {
  let low = 0
  for (let high = ascending.length; low < high; ) {
    const middle = (low + high) >>> 1
    if (ascending[middle]! <= value) low = middle + 1
    else high = middle
  }
  return low - 1
}
