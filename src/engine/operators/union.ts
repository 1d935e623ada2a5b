// Several inputs become one stream; its watermark is the lowest of theirs.
import type { Batch } from '../batch.ts'
import { MIN_WATERMARK } from '../batch.ts'
import type { Operator, Output } from '../operator.ts'

/** One entry for each input, in the order of the plan. */
export function createUnion(inputs: number, next: Output): Operator[] {
  const watermarks = new Array<number>(inputs).fill(MIN_WATERMARK)
  let announced = MIN_WATERMARK
  return watermarks.map((_, input) => ({
    // A row's own watermark is that of its input, which says nothing about the others.
    process: (batch: Batch) => next.process({ ...batch, watermarks: undefined, partition: 0 }),
    advance: (watermark: number) => {
      watermarks[input] = watermark
      const lowest = Math.min(...watermarks)
      if (lowest > announced) {
        announced = lowest
        next.advance(lowest)
      }
    },
  }))
}
