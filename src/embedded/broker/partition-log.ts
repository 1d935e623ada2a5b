// The durable log of one partition: segments, recovery after a crash, retention, reads. Bytes stay as producers sent them; only
// batch headers are looked at. Who may append is decided by the caller; sequences and transactions are in producer-states.ts.
//
// Durability: `append` hands the batch to the operating system before it returns, so it survives kill -9 of this process. It
// survives a power loss after `flush`: the broker calls it every second, before it commits a transaction, after it wrote the
// transaction's markers, and when it closes. (Kafka itself leaves that to replication, which one node does not have.)

import { mkdirSync, readdirSync } from 'node:fs'
import { BATCH_HEADER_BYTES, LENGTH_OVERHEAD } from '../../kafka/batch-header.ts'
import { syncFolder } from './journal.ts'
import { type AbortedTransaction, ProducerStates, type ProducerStatesSnapshot } from './producer-states.ts'
import { Segment, wholeBatches } from './segment.ts'
import { readSegmentState, writeSegmentState } from './segment-state.ts'
import { damaged } from './storage-error.ts'
import {
  assignOffset,
  isCommitMarker,
  isWholeBatch,
  makeMarker,
  readStoredBatch,
  type StoredBatch,
} from './stored-batch.ts'

export type LogConfig = {
  readonly segmentBytes: number
  /** -1: no bound. At most this and one segment stay on disk. */
  readonly retentionBytes: number
  /** -1: no bound. */
  readonly retentionMs: number
}

/** `nextOffset`: the offset after the last batch in `bytes`. */
export type LogRead = { readonly bytes: Buffer; readonly nextOffset: number }

const noBytes = Buffer.alloc(0)
/** Producers silent for a day are forgotten, as Kafka's producer.id.expiration.ms. */
const producerExpiryMs = 86_400_000
/** One node never changes its leader. */
export const leaderEpoch = 0
const recoveryChunkBytes = 4 << 20

type Sealed = { readonly segment: Segment; readonly producers: ProducerStatesSnapshot }

export class PartitionLog {
  readonly folder: string
  config: LogConfig
  readonly producers = new ProducerStates()
  readonly #segments: Segment[] = []
  #logStartOffset = 0
  /** Full segments whose state file is not written yet, oldest first. */
  readonly #sealed: Sealed[] = []
  #folderChanged = false
  #flushing: Promise<void> | undefined
  readonly #watchers = new Set<() => void>()

  private constructor(folder: string, config: LogConfig) {
    this.folder = folder
    this.config = config
  }

  static create(folder: string, config: LogConfig): PartitionLog {
    mkdirSync(folder, { recursive: true })
    return PartitionLog.open(folder, config, 0, () => {})
  }

  /** Recovers what a crash left; throws a `JobError` for damage that no crash can explain. */
  static open(folder: string, config: LogConfig, logStartOffset: number, log: (line: string) => void): PartitionLog {
    const partition = new PartitionLog(folder, config)
    partition.#recover(log)
    const first = partition.#segments[0]!.baseOffset
    partition.#logStartOffset = Math.min(Math.max(first, logStartOffset), partition.nextOffset)
    return partition
  }

  /** The first offset that can be read. */
  get logStartOffset(): number {
    return this.#logStartOffset
  }
  /** The offset of the next record: the log end, which on one node is the high watermark too. */
  get nextOffset(): number {
    return this.#active.nextOffset
  }
  /** Where read_committed readers stop. */
  get lastStableOffset(): number {
    return this.producers.firstUnstableOffset() ?? this.nextOffset
  }
  get byteLength(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.size, 0)
  }

  /** Assigns offsets inside `batch`, which the caller has checked, and returns the first. */
  append(batch: Buffer, header: StoredBatch): number {
    const baseOffset = this.nextOffset
    this.#write(batch, header, baseOffset)
    if (header.producerId >= 0) this.producers.append(header, baseOffset)
    this.#notify()
    return baseOffset
  }

  /** Ends the producer's transaction here. A partition in which it has none is left alone, so repeating is harmless. */
  appendMarker(producerId: number, producerEpoch: number, commit: boolean, timestamp: number): void {
    if (!this.producers.hasOpenTransaction(producerId)) return
    const offset = this.nextOffset
    const marker = makeMarker(producerId, producerEpoch, commit, timestamp)
    this.#write(marker, readStoredBatch(marker, 0), offset)
    this.producers.appendMarker({ producerId, producerEpoch, timestamp }, commit, offset)
    this.#notify()
  }

  /**
   * Whole batches from the one that holds `offset` on, that begin before `endOffset`, of at most `maxBytes`; with `atLeastOne` the
   * first comes however large it is. `offset` lies between the log's start and its end. One call reads from one segment.
   */
  read(offset: number, endOffset: number, maxBytes: number, atLeastOne: boolean): LogRead {
    if (offset >= endOffset) return { bytes: noBytes, nextOffset: offset }
    const segment = this.#segmentOf(offset)
    const { position, header } = segment.locate(offset)
    if (header.byteLength > maxBytes && !atLeastOne) return { bytes: noBytes, nextOffset: offset }
    const limit = Math.max(maxBytes, header.byteLength)
    const bytes = segment.read(position, limit)
    const { length, nextOffset } = wholeBatches(bytes, limit, endOffset)
    return { bytes: bytes.subarray(0, length), nextOffset }
  }

  /** An upper bound of what `read` can give, without reading. */
  bytesFrom(offset: number, endOffset: number): number {
    if (offset >= endOffset) return 0
    let bytes = 0
    for (let i = this.#segments.length - 1; i >= 0; i--) {
      const segment = this.#segments[i]!
      if (segment.baseOffset <= offset) {
        return bytes + segment.size - (offset < segment.nextOffset ? segment.locate(offset).position : segment.size)
      }
      bytes += segment.size
    }
    return bytes
  }

  /** The first batch with a timestamp of `timestamp` or later. */
  locateTimestamp(timestamp: number): { readonly batch: StoredBatch; readonly bytes: Buffer } | undefined {
    for (const segment of this.#segments) {
      const found = segment.locateTimestamp(timestamp, this.#logStartOffset)
      if (found === undefined) continue
      return { batch: found.header, bytes: segment.read(found.position, found.header.byteLength) }
    }
    return undefined
  }

  /** The largest timestamp in the log, -1 when it is empty. */
  maxTimestamp(): number {
    return this.#segments.reduce((max, segment) => Math.max(max, segment.maxTimestamp), -1)
  }

  /** Makes everything before `offset` unreadable and drops the segments that lie wholly before it. */
  deleteRecordsBefore(offset: number): void {
    this.#logStartOffset = Math.max(this.#logStartOffset, Math.min(offset, this.nextOffset))
    while (this.#segments.length > 1 && this.#segments[1]!.baseOffset <= this.#logStartOffset) this.#dropFirst()
  }

  applyRetention(now: number): void {
    const { retentionBytes, retentionMs } = this.config
    const expired = (segment: Segment) =>
      retentionMs >= 0 && segment.size > 0 && segment.maxTimestamp < now - retentionMs
    if (this.#segments.length === 1 && expired(this.#active)) this.#roll()
    while (this.#segments.length > 1) {
      const tooLarge = retentionBytes >= 0 && this.byteLength > retentionBytes
      if (!tooLarge && !expired(this.#segments[0]!)) break
      this.deleteRecordsBefore(this.#segments[1]!.baseOffset)
    }
    this.producers.expire(this.#logStartOffset, now, producerExpiryMs)
  }

  /** Calls `watcher` after each append and each end of a transaction, until the returned function is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** Resolves when everything appended before the call survives a power loss. */
  async flush(): Promise<void> {
    // One at a time, and in order: a state file says that its segment and all before it are durable.
    while (this.#flushing !== undefined) await this.#flushing
    this.#flushing = this.#flushSegments().finally(() => {
      this.#flushing = undefined
    })
    await this.#flushing
  }

  async close(): Promise<void> {
    await this.flush()
    writeSegmentState(this.#active, this.producers.snapshot(), this.#abortedIn(this.#active))
    for (const segment of this.#segments) segment.close()
    this.#segments.length = 0
  }

  /** For a deleted topic: nothing can be done with the log afterwards. */
  async remove(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing
    this.#sealed.length = 0
    for (const segment of this.#segments) {
      segment.unlink()
      segment.close()
    }
    this.#notify()
  }

  get #active(): Segment {
    return this.#segments.at(-1)!
  }

  #write(batch: Buffer, header: StoredBatch, baseOffset: number): void {
    if (this.#active.size > 0 && this.#active.size + batch.length > this.config.segmentBytes) {
      this.#roll()
      this.applyRetention(Date.now())
    }
    assignOffset(batch, baseOffset, leaderEpoch)
    const lastOffset = baseOffset + (header.lastOffset - header.baseOffset)
    this.#active.append(batch, { ...header, baseOffset, lastOffset })
  }

  #roll(): void {
    this.#sealed.push({ segment: this.#active, producers: this.producers.snapshot() })
    this.#segments.push(new Segment(this.folder, this.nextOffset))
    this.#folderChanged = true
  }

  #dropFirst(): void {
    const segment = this.#segments.shift()!
    const waiting = this.#sealed.findIndex((sealed) => sealed.segment === segment)
    if (waiting >= 0) this.#sealed.splice(waiting, 1)
    // A flush may hold the file: the name goes at once, the file when the flush is done.
    segment.unlink()
    if (this.#flushing === undefined) segment.close()
    else void this.#flushing.catch(() => {}).then(() => segment.close())
  }

  async #flushSegments(): Promise<void> {
    if (this.#folderChanged) {
      this.#folderChanged = false
      syncFolder(this.folder)
    }
    let sealed = this.#sealed[0]
    while (sealed !== undefined) {
      await sealed.segment.sync()
      if (this.#sealed[0] === sealed) {
        writeSegmentState(sealed.segment, sealed.producers, this.#abortedIn(sealed.segment))
        this.#sealed.shift()
      }
      sealed = this.#sealed[0]
    }
    await this.#segments.at(-1)?.sync()
  }

  /** A segment's state keeps the aborted transactions whose markers lie in it. */
  #abortedIn(segment: Segment): readonly AbortedTransaction[] {
    return this.producers
      .abortedBetween(segment.baseOffset, segment.nextOffset)
      .filter((aborted) => aborted.lastOffset < segment.nextOffset)
  }

  #segmentOf(offset: number): Segment {
    let low = 0
    for (let high = this.#segments.length; low < high; ) {
      const middle = (low + high) >>> 1
      if (this.#segments[middle]!.baseOffset <= offset) low = middle + 1
      else high = middle
    }
    return this.#segments[low - 1]!
  }

  #notify(): void {
    for (const watcher of this.#watchers) watcher()
  }

  #recover(log: (line: string) => void): void {
    const bases = readdirSync(this.folder)
      .filter((name) => /^\d{20}\.log$/.test(name))
      .map((name) => Number.parseInt(name, 10))
      .sort((a, b) => a - b)
    for (const base of bases) this.#segments.push(new Segment(this.folder, base))
    if (bases.length === 0) {
      this.#segments.push(new Segment(this.folder, 0))
      syncFolder(this.folder)
    }
    const states = this.#segments.map((segment) => readSegmentState(segment))
    const lastDurable = states.findLastIndex((state) => state !== undefined)
    for (let i = 0; i < this.#segments.length; i++) {
      const segment = this.#segments[i]!
      const previous = this.#segments[i - 1]
      if (previous !== undefined && previous.nextOffset !== segment.baseOffset) {
        throw damaged(segment.path, `it follows a file that ends at offset ${previous.nextOffset}`)
      }
      const state = states[i]
      if (state !== undefined) {
        segment.restore(state)
        this.producers.restore(state.producers, state.aborted)
      }
      this.#scan(segment)
      const torn = segment.fileSize() - segment.size
      if (torn === 0) {
        const full = i < this.#segments.length - 1
        if (full && state?.size !== segment.size) this.#sealed.push({ segment, producers: this.producers.snapshot() })
        continue
      }
      // What a state file declared durable cannot be torn by a crash, nor can anything before it.
      if (i < lastDurable) throw damaged(segment.path, `the batch at byte ${segment.size} fails its checksum`)
      segment.truncate()
      log(`cut ${torn} bytes of an unfinished write off ${segment.path}`)
      for (const lost of this.#segments.splice(i + 1)) {
        log(`removed ${lost.path}, written after it`)
        lost.unlink()
        lost.close()
      }
    }
  }

  #scan(segment: Segment): void {
    let position = segment.size
    const fileSize = segment.fileSize()
    while (position < fileSize) {
      const chunk = segment.readRaw(position, Math.min(recoveryChunkBytes, fileSize - position))
      let used = 0
      let next = chunk
      for (;;) {
        if (used + BATCH_HEADER_BYTES > next.length) break
        const length = next.readInt32BE(used + 8) + LENGTH_OVERHEAD
        if (length < BATCH_HEADER_BYTES || length > fileSize - position - used) return
        if (used + length > next.length) {
          if (used > 0) break
          next = segment.readRaw(position, length)
        }
        if (!isWholeBatch(next, used)) return
        const header = readStoredBatch(next, used)
        if (header.baseOffset !== segment.nextOffset || header.lastOffset < header.baseOffset) return
        segment.note(header)
        this.#learn(next.subarray(used, used + length), header)
        used += length
      }
      if (used === 0) return
      position += used
    }
  }

  #learn(batch: Buffer, header: StoredBatch): void {
    if (header.producerId < 0) return
    const { producerId, producerEpoch, maxTimestamp, baseOffset } = header
    if (header.control) {
      const marker = { producerId, producerEpoch, timestamp: maxTimestamp }
      this.producers.appendMarker(marker, isCommitMarker(batch), baseOffset)
    } else {
      this.producers.append(header, baseOffset)
    }
  }
}
