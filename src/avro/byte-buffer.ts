// Bytes that grow at the end: what encoders write into, and where decoded bytes are kept that lie in no input.

export class ByteBuffer {
  bytes: Uint8Array
  length = 0

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity)
  }

  /** Forgets what was written and keeps the memory. */
  clear(): void {
    this.length = 0
  }

  /** Makes room for `count` more bytes behind `length`; `bytes` may be another array afterwards. */
  reserve(count: number): void {
    const needed = this.length + count
    if (needed <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }

  /** Copies source[start .. start + count) to the end; returns where it now begins. */
  append(source: Uint8Array, start: number, count: number): number {
    this.reserve(count)
    const at = this.length
    const { bytes } = this
    if (count <= 32) for (let i = 0; i < count; i++) bytes[at + i] = source[start + i]!
    else bytes.set(source.subarray(start, start + count), at)
    this.length = at + count
    return at
  }
}
