// Bytes appended one after the other, in memory that is kept from batch to batch.

export class ByteSink {
  bytes = new Uint8Array(1024)
  #used = 0

  clear(): void {
    this.#used = 0
  }

  /** Copies bytes in and returns where they start; `bytes` may be another array afterwards. */
  append(data: Uint8Array, start: number, length: number): number {
    const at = this.#used
    if (at + length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(at + length, this.bytes.length * 2))
      larger.set(this.bytes.subarray(0, at))
      this.bytes = larger
    }
    const bytes = this.bytes
    for (let i = 0; i < length; i++) bytes[at + i] = data[start + i]!
    this.#used = at + length
    return at
  }
}
