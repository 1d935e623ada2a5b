// A growing buffer that decompressed batches are written into one after another. Positions stay valid when it grows.

export class ByteArena {
  bytes: Uint8Array = new Uint8Array(0)
  used = 0

  clear(): void {
    this.used = 0
  }

  /** Makes room for `length` more bytes at `used`; `bytes` may be another array afterwards. */
  reserve(length: number): void {
    if (this.used + length <= this.bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.used + length, this.bytes.length * 2, 65_536))
    larger.set(this.bytes.subarray(0, this.used))
    this.bytes = new Uint8Array(larger.buffer, 0, larger.length)
  }

  append(source: Uint8Array): void {
    this.reserve(source.length)
    this.bytes.set(source, this.used)
    this.used += source.length
  }
}

/** Compressed bytes that cannot be true; the reader of the batch adds the place. */
export class CorruptCompression extends Error {
  override readonly name = 'CorruptCompression'
}
