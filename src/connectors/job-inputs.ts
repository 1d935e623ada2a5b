// The inputs of a job: takes fetched records in some order, notes that order in the journal, and pushes them through the
// sources; or takes them in the order of the journal, when the state is rebuilt after a restart.
import { assert } from '../diagnostics/assert.ts'
import type { JournalEntry, JournalWriter } from '../engine/checkpoint/merge-journal.ts'
import type { ScanInput } from '../engine/dataflow.ts'
import type { FetchedRecords } from '../kafka/fetched-records.ts'
import type { Fetcher } from '../kafka/fetcher.ts'
import { RecordSlices } from '../kafka/record-slices.ts'
import type { KafkaSource } from './kafka-source.ts'
import type { PartitionMap } from './partition-map.ts'

/** How long a wait for one partition lasts before it is asked again; the fetcher itself says when a leader stays away. */
const REPLAY_WAIT_MS = 1_000

/** Records of one partition that were parsed, and which of them is next. */
type Held = { readonly slices: RecordSlices; next: number; nextOffset: number }

export class JobInputs {
  recordsIn = 0
  bytesIn = 0
  /** Next offset by partition of the map. */
  positions: number[] = []
  readonly #partitions: PartitionMap
  readonly #sources: readonly KafkaSource[]
  readonly #scans: readonly (readonly ScanInput[])[]
  readonly #fetcher: Fetcher
  readonly #slices = new RecordSlices()
  /** Offsets at which a bounded job stops. */
  #ends: readonly number[] | undefined
  #assigned = false
  #lagAtClose: number | undefined
  #lastDataMs: number[] = []
  #idle: boolean[] = []

  /** `scans`: those of each source, in the order of `sources`. */
  constructor(
    partitions: PartitionMap,
    sources: readonly KafkaSource[],
    scans: readonly (readonly ScanInput[])[],
    fetcher: Fetcher,
  ) {
    this.#partitions = partitions
    this.#sources = sources
    this.#scans = scans
    this.#fetcher = fetcher
    scans.forEach((ofSource, source) => {
      for (const scan of ofSource) scan.setPartitions(partitions.counts[source]!)
    })
  }

  /** Begins to fetch at `positions`. */
  start(nowMs: number, ends: readonly number[] | undefined): void {
    this.#ends = ends
    this.#lastDataMs = this.positions.map(() => nowMs)
    this.#idle = this.positions.map(() => false)
    this.#assign()
    this.positions.forEach((_, index) => {
      this.#pauseAtEnd(index)
    })
  }

  /** Every partition of a bounded job has reached its end. */
  get isComplete(): boolean {
    return this.#ends?.every((end, index) => this.positions[index]! >= end) === true
  }

  /** Records that could be read but were not yet; after `close` those that were left. */
  get lag(): number {
    if (this.#lagAtClose !== undefined) return this.#lagAtClose
    if (!this.#assigned) return 0
    return this.positions.reduce(
      (sum, position, index) => sum + Math.max(0, this.#fetcher.state(index).readableTo - position),
      0,
    )
  }

  async close(): Promise<void> {
    this.#lagAtClose = this.lag
    await this.#fetcher.close()
  }

  /** Processes the oldest fetched records; false when there are none. */
  async processNext(journal: JournalWriter, nowMs: number): Promise<boolean> {
    const records = this.#fetcher.take()
    if (records === undefined) return false
    const { index } = records
    const from = this.positions[index]!
    const end = this.#ends?.[index] ?? Number.POSITIVE_INFINITY
    records.parse(this.#slices)
    const to = Math.min(records.nextOffset, end)
    if (to > from) {
      const { source, partition } = this.#partitions.list[index]!
      journal.add({ kind: 'records', table: source, partition, from, to })
      const count = firstAtOrAfter(this.#slices, 0, to)
      await this.#process(index, this.#slices, 0, count)
      this.positions[index] = to
      this.recordsIn += count
      this.bytesIn += records.byteLength
      if (count > 0) {
        this.#lastDataMs[index] = nowMs
        this.#idle[index] = false
      }
    }
    this.#pauseAtEnd(index)
    return true
  }

  /** Declares partitions idle that had no data for the time their source allows, though everything there is was read. */
  declareIdle(journal: JournalWriter, nowMs: number): void {
    this.#partitions.list.forEach(({ source, partition }, index) => {
      const scans = this.#scans[source]!
      const idleAfterMs = scans.find((scan) => scan.idleAfterMs !== undefined)?.idleAfterMs
      if (idleAfterMs === undefined || this.#idle[index] === true) return
      const { readableTo } = this.#fetcher.state(index)
      if (readableTo < 0 || readableTo > this.positions[index]!) return
      if (nowMs - this.#lastDataMs[index]! < idleAfterMs) return
      this.#idle[index] = true
      journal.add({ kind: 'idle', table: source, partition })
      for (const scan of scans) scan.setIdle(partition, true)
    })
  }

  /** Closes all windows: nothing more will come. */
  end(journal: JournalWriter): void {
    journal.add({ kind: 'end' })
    this.#end()
  }

  /** Processes again what the journal says, from `positions` on. */
  async replay(entries: readonly JournalEntry[]): Promise<void> {
    this.#assign()
    const held: (Held | undefined)[] = this.positions.map(() => undefined)
    for (const entry of entries) {
      if (entry.kind === 'end') this.#end()
      else if (entry.kind === 'idle') for (const scan of this.#scans[entry.table]!) scan.setIdle(entry.partition, true)
      else await this.#replayRecords(held, this.#partitions.indexOf(entry.table, entry.partition), entry.from, entry.to)
    }
  }

  async #replayRecords(held: (Held | undefined)[], index: number, from: number, to: number): Promise<void> {
    assert(this.positions[index] === from, 'the journal of a partition has no gaps')
    while (this.positions[index]! < to) {
      let chunk = held[index]
      if (chunk === undefined || chunk.next === chunk.slices.count) {
        if (chunk !== undefined && chunk.nextOffset >= to) break
        const records = await this.#takeOf(index)
        chunk ??= { slices: new RecordSlices(), next: 0, nextOffset: 0 }
        records.parse(chunk.slices)
        chunk.next = 0
        chunk.nextOffset = records.nextOffset
        held[index] = chunk
      }
      const next = firstAtOrAfter(chunk.slices, chunk.next, to)
      await this.#process(index, chunk.slices, chunk.next, next)
      chunk.next = next
      this.positions[index] = next < chunk.slices.count ? to : Math.min(chunk.nextOffset, to)
    }
    this.positions[index] = to
  }

  async #takeOf(index: number): Promise<FetchedRecords> {
    for (;;) {
      const records = this.#fetcher.take(index)
      if (records !== undefined) return records
      await this.#fetcher.ready(REPLAY_WAIT_MS, index)
    }
  }

  async #process(index: number, slices: RecordSlices, from: number, to: number): Promise<void> {
    const { source, partition } = this.#partitions.list[index]!
    const reader = this.#sources[source]!
    const loading = reader.prepare(slices, from, to)
    if (loading !== undefined) await loading
    reader.process(slices, from, to, partition)
  }

  #assign(): void {
    this.#assigned = true
    this.#fetcher.assign(
      this.#partitions.list.map(({ topic, partition }, index) => ({
        topic,
        partition,
        offset: this.positions[index]!,
      })),
    )
  }

  #pauseAtEnd(index: number): void {
    if (this.#ends !== undefined && this.positions[index]! >= this.#ends[index]!) this.#fetcher.pause(index)
  }

  #end(): void {
    for (const scan of this.#scans.flat()) scan.end()
  }
}

/** Index of the first record from `start` on whose offset is at least `offset`. */
function firstAtOrAfter(slices: RecordSlices, start: number, offset: number): number {
  if (slices.count === 0 || slices.offsets[slices.count - 1]! < offset) return slices.count
  let low = start
  let high = slices.count
  while (low < high) {
    const middle = (low + high) >> 1
    if (slices.offsets[middle]! < offset) low = middle + 1
    else high = middle
  }
  return low
}
