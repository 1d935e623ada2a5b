// CRC-32C (Castagnoli) of a byte range; the only file that knows which library computes it.
import { crc32c as compute } from '@node-rs/crc32'

export function crc32c(bytes: Uint8Array, start: number, end: number): number {
  return compute(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)) >>> 0
}
