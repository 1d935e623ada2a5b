// Buffers of fetch answers, used again when their reader is done: megabytes that are allocated for each answer would keep the
// garbage collector busier than the records keep us.

const SMALLEST_BYTES = 64 * 1024
const LARGEST_BYTES = 16 * 1024 * 1024
const MOST_FREE = 8

export class FramePool {
  private readonly free: ArrayBuffer[] = []

  /** A buffer of exactly `length` bytes; its `buffer` may be larger. */
  allocate(length: number): Buffer {
    if (length < SMALLEST_BYTES || length > LARGEST_BYTES) return Buffer.allocUnsafeSlow(length)
    const at = this.free.findIndex((buffer) => buffer.byteLength >= length)
    const buffer = at < 0 ? undefined : this.free.splice(at, 1)[0]
    if (buffer !== undefined) return Buffer.from(buffer, 0, length)
    let size = SMALLEST_BYTES
    while (size < length) size *= 2
    return Buffer.from(Buffer.allocUnsafeSlow(size).buffer, 0, length)
  }

  /** One answer holds records of several partitions: its buffer is free when all of them are. */
  lease(buffer: ArrayBuffer): FrameLease {
    return new FrameLease(this, buffer)
  }

  giveBack(buffer: ArrayBuffer): void {
    if (buffer.byteLength < SMALLEST_BYTES || buffer.byteLength > LARGEST_BYTES) return
    if (this.free.length < MOST_FREE) this.free.push(buffer)
  }
}

export class FrameLease {
  private readonly pool: FramePool
  private readonly buffer: ArrayBuffer
  private holders = 0

  constructor(pool: FramePool, buffer: ArrayBuffer) {
    this.pool = pool
    this.buffer = buffer
  }

  hold(): void {
    this.holders++
  }

  release(): void {
    if (--this.holders === 0) this.pool.giveBack(this.buffer)
  }
}
