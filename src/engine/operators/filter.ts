// Keeps the rows for which the predicate is TRUE: as a selection, no row is copied.
import type { Batch } from '../batch.ts'
import type { FilterKernel } from '../kernels/kernel.ts'
import type { Operator, Output } from '../operator.ts'

export class FilterOperator implements Operator {
  readonly #kernel: FilterKernel
  readonly #next: Output
  #kept = new Int32Array(0)

  constructor(kernel: FilterKernel, next: Output) {
    this.#kernel = kernel
    this.#next = next
  }

  process(batch: Batch): void {
    if (this.#kept.length < batch.count) this.#kept = new Int32Array(batch.count)
    const count = this.#kernel(batch.columns, batch, this.#kept)
    if (count > 0) this.#next.process({ ...batch, count, selection: this.#kept })
  }

  advance(watermark: number): void {
    this.#next.advance(watermark)
  }
}
