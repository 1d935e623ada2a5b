// Watermarks on every event: each partition's is the highest value of the WATERMARK expression so far, the stream's is the
// lowest of the partitions that are not idle (all idle: the highest). A partition without data holds the stream back.
import type { Batch } from '../batch.ts'
import { MAX_WATERMARK, MIN_WATERMARK, rowsOf } from '../batch.ts'
import type { WatermarkKernel } from '../kernels/kernel.ts'
import type { Operator, Output } from '../operator.ts'
import type { StatePart } from '../state/state-store.ts'

const BYTES_PER_PARTITION = 9

export class WatermarkOperator implements Operator, StatePart {
  readonly shape = 'watermark 1'
  readonly #kernel: WatermarkKernel
  readonly #next: Output
  #partitions: { watermark: number; idle: boolean }[] = []
  #announced = MIN_WATERMARK
  #watermarks = new Float64Array(0)

  constructor(kernel: WatermarkKernel, next: Output) {
    this.#kernel = kernel
    this.#next = next
  }

  /** Says how many partitions hold the watermark back; new ones start without data. */
  setPartitions(count: number): void {
    while (this.#partitions.length < count) this.#partitions.push({ watermark: MIN_WATERMARK, idle: false })
  }

  process(batch: Batch): void {
    const rows = rowsOf(batch)
    if (this.#watermarks.length < rows) this.#watermarks = new Float64Array(rows)
    this.setPartitions(batch.partition + 1)
    const partition = this.#partitions[batch.partition]!
    partition.idle = false
    // With every other partition idle there is no cap. The stream never falls behind what it announced: see `#rows`.
    const cap = this.#lowestBut(batch.partition)
    partition.watermark = this.#kernel(batch.columns, batch, this.#watermarks, partition.watermark, cap)
    this.#keepRising(batch)
    this.#next.process({ ...batch, watermarks: this.#watermarks, partition: 0 })
    this.#announce()
  }

  /** A partition becomes idle, or gets data again. The caller has written the decision into the journal. */
  setIdle(partition: number, idle: boolean): void {
    this.setPartitions(partition + 1)
    this.#partitions[partition]!.idle = idle
    this.#announce()
  }

  /** Lower values change nothing. */
  raise(watermark: number): void {
    if (watermark <= this.#announced) return
    this.#announced = watermark
    this.#next.advance(watermark)
  }

  /** Only the end of the input comes from upstream. */
  advance(watermark: number): void {
    if (watermark !== MAX_WATERMARK) return
    for (const partition of this.#partitions) partition.watermark = MAX_WATERMARK
    this.#announced = MAX_WATERMARK
    this.#next.advance(MAX_WATERMARK)
  }

  #lowestBut(index: number): number {
    let lowest = MAX_WATERMARK
    this.#partitions.forEach((partition, at) => {
      if (at !== index && !partition.idle) lowest = Math.min(lowest, partition.watermark)
    })
    return lowest
  }

  /** A partition that wakes up behind the stream does not pull the stream's watermark back. */
  #keepRising(batch: Batch): void {
    const announced = this.#announced
    const { selection } = batch
    for (let j = 0; j < batch.count; j++) {
      const row = selection === undefined ? j : selection[j]!
      if (this.#watermarks[row]! >= announced) return
      this.#watermarks[row] = announced
    }
  }

  #announce(): void {
    const active = this.#partitions.filter((partition) => !partition.idle)
    const watermark =
      active.length > 0
        ? Math.min(...active.map((partition) => partition.watermark))
        : Math.max(MIN_WATERMARK, ...this.#partitions.map((partition) => partition.watermark))
    this.raise(watermark)
  }

  get current(): number {
    return this.#announced
  }

  /** What was announced, then for each partition its watermark (double) and whether it is idle (byte). */
  snapshot(): Uint8Array {
    const bytes = new Uint8Array(8 + this.#partitions.length * BYTES_PER_PARTITION)
    const view = new DataView(bytes.buffer)
    view.setFloat64(0, this.#announced, true)
    this.#partitions.forEach(({ watermark, idle }, index) => {
      view.setFloat64(8 + index * BYTES_PER_PARTITION, watermark, true)
      view.setUint8(16 + index * BYTES_PER_PARTITION, idle ? 1 : 0)
    })
    return bytes
  }

  restore(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#announced = view.getFloat64(0, true)
    const known = this.#partitions.length
    this.#partitions = []
    for (let at = 8; at < bytes.length; at += BYTES_PER_PARTITION) {
      this.#partitions.push({ watermark: view.getFloat64(at, true), idle: view.getUint8(at + 8) === 1 })
    }
    // Partitions that were added since hold the watermark back like any without data.
    this.setPartitions(known)
    // Operators behind start without a watermark in a new process.
    if (this.#announced !== MIN_WATERMARK) this.#next.advance(this.#announced)
  }

  rowCount(): number {
    return 0
  }

  reservedBytes(): number {
    return 0
  }
}
