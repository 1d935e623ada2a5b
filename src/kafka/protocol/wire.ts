// Primitive types of the Kafka wire format over one buffer; messages are composed of them in codec.ts.
// INT64 is a double: offsets, timestamps and ids are exact up to 2^53, and nothing in Kafka grows past that.

/** Bytes that do not follow the wire format. The connection they came from cannot be used further. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage'
}

const TWO_32 = 4294967296
const EMPTY = new Uint8Array(0)

/** Reads one frame. Every length is checked against the bytes that are there before anything is allocated. */
export class WireReader {
  readonly bytes: Buffer
  position: number
  readonly end: number

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.position = position
    this.end = end
  }

  remaining(): number {
    return this.end - this.position
  }

  private take(length: number): number {
    const start = this.position
    if (length < 0 || length > this.end - start) {
      throw new MalformedMessage(`${length} bytes are announced where ${this.end - start} are left`)
    }
    this.position = start + length
    return start
  }

  bool(): boolean {
    return this.bytes[this.take(1)] !== 0
  }

  int8(): number {
    return this.bytes.readInt8(this.take(1))
  }

  int16(): number {
    return this.bytes.readInt16BE(this.take(2))
  }

  int32(): number {
    return this.bytes.readInt32BE(this.take(4))
  }

  int64(): number {
    const at = this.take(8)
    return this.bytes.readInt32BE(at) * TWO_32 + this.bytes.readUInt32BE(at + 4)
  }

  unsignedVarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.take(1)] as number
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new MalformedMessage('a varint is longer than five bytes')
  }

  /** A view, not a copy. */
  view(length: number): Uint8Array {
    const start = this.take(length)
    return length === 0 ? EMPTY : this.bytes.subarray(start, start + length)
  }

  text(length: number): string {
    const start = this.take(length)
    return this.bytes.toString('utf8', start, start + length)
  }

  /** UUIDs travel as 16 bytes and are hex strings of 32 characters in here. */
  uuid(): string {
    const start = this.take(16)
    return this.bytes.toString('hex', start, start + 16)
  }
}

/** Byte strings from this length on are not copied into the frame but sent as a chunk of their own. */
const BY_REFERENCE = 2048

/** Writes one frame as a list of chunks. Large byte strings go in by reference: leave them unchanged until they are sent. */
export class WireWriter {
  private buffer: Buffer
  private used = 0
  private chunkStart = 0
  private referenced = 0
  private readonly chunks: Uint8Array[] = []

  constructor(capacity = 512) {
    this.buffer = Buffer.allocUnsafe(capacity)
  }

  /** Bytes written so far, referenced ones included. */
  get length(): number {
    return this.used + this.referenced
  }

  private reserve(length: number): number {
    const start = this.used
    if (start + length > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, start + length))
      this.buffer.copy(larger, 0, 0, start)
      this.buffer = larger
    }
    this.used = start + length
    return start
  }

  bool(value: boolean): void {
    const at = this.reserve(1)
    this.buffer[at] = value ? 1 : 0
  }

  int8(value: number): void {
    const at = this.reserve(1)
    this.buffer.writeInt8(value, at)
  }

  int16(value: number): void {
    const at = this.reserve(2)
    this.buffer.writeInt16BE(value, at)
  }

  int32(value: number): void {
    const at = this.reserve(4)
    this.buffer.writeInt32BE(value, at)
  }

  int64(value: number): void {
    const at = this.reserve(8)
    const high = Math.floor(value / TWO_32)
    this.buffer.writeInt32BE(high, at)
    this.buffer.writeUInt32BE(value - high * TWO_32, at + 4)
  }

  unsignedVarint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      const at = this.reserve(1)
      this.buffer[at] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    const at = this.reserve(1)
    this.buffer[at] = rest
  }

  raw(bytes: Uint8Array): void {
    if (bytes.length < BY_REFERENCE) {
      const at = this.reserve(bytes.length)
      this.buffer.set(bytes, at)
      return
    }
    this.closeChunk()
    this.chunks.push(bytes)
    this.referenced += bytes.length
  }

  private closeChunk(): void {
    if (this.used > this.chunkStart) this.chunks.push(this.buffer.subarray(this.chunkStart, this.used))
    this.chunkStart = this.used
  }

  text(value: string, byteLength: number): void {
    const at = this.reserve(byteLength)
    this.buffer.write(value, at, byteLength, 'utf8')
  }

  uuid(hex: string): void {
    const at = this.reserve(16)
    this.buffer.write(hex, at, 16, 'hex')
  }

  /** The chunks in order. With `lengthPrefix`, the first four bytes (written by the caller) become the length of the rest. */
  finish(lengthPrefix: boolean): Uint8Array[] {
    this.closeChunk()
    if (lengthPrefix) (this.chunks[0] as Buffer).writeInt32BE(this.length - 4, 0)
    return this.chunks
  }
}
