// Snappy (format_description.txt of the Snappy project), raw or in the frames of Java's snappy library ("xerial"), which is what
// Kafka's Java client writes.
import { type ByteArena, CorruptCompression } from './byte-arena.ts'
import { copyMatch } from './lz4.ts'

const XERIAL_MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]
const XERIAL_HEADER = 16
const BLOCK_BYTES = 32_768

export function decompressSnappy(source: Uint8Array, start: number, end: number, into: ByteArena, limit: number): void {
  if (!XERIAL_MAGIC.every((byte, index) => source[start + index] === byte && start + index < end)) {
    decompressBlock(source, start, end, into, limit)
    return
  }
  const first = into.used
  let at = start + XERIAL_HEADER
  if (at > end) throw new CorruptCompression('snappy frame is cut short')
  while (at < end) {
    if (end - at < 4) throw new CorruptCompression('snappy frame is cut short')
    const size =
      (source[at] as number) * 2 ** 24 +
      (((source[at + 1] as number) << 16) | ((source[at + 2] as number) << 8) | (source[at + 3] as number))
    at += 4
    if (size > end - at) throw new CorruptCompression(`a snappy block of ${size} bytes does not fit`)
    decompressBlock(source, at, at + size, into, limit - (into.used - first))
    at += size
  }
}

function decompressBlock(source: Uint8Array, start: number, end: number, into: ByteArena, limit: number): void {
  let at = start
  let size = 0
  for (let shift = 0; ; shift += 7) {
    const byte = source[at++] as number
    if (at > end || shift > 28) throw new CorruptCompression('snappy data has no length')
    size += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) break
  }
  if (size > limit) throw new CorruptCompression('snappy data grows over its limit')
  // No element makes more than 64 bytes out of 3, so that a longer announcement is a lie.
  if (size > (end - at) * 64) throw new CorruptCompression('snappy data announces more bytes than it can hold')
  into.reserve(size)
  const target = into.bytes
  const first = into.used
  const to = first + size
  let out = first
  while (at < end) {
    const tag = source[at++] as number
    let length: number
    let distance: number
    if ((tag & 3) === 0) {
      length = tag >> 2
      if (length >= 60) {
        const extra = length - 59
        if (extra > end - at) throw new CorruptCompression('snappy data is cut short')
        length = 0
        for (let i = 0; i < extra; i++) length += (source[at++] as number) * 2 ** (8 * i)
      }
      length++
      if (length > end - at || length > to - out) throw new CorruptCompression('snappy literals do not fit')
      if (length > 32) {
        target.set(source.subarray(at, at + length), out)
        out += length
        at += length
      } else {
        const literalEnd = out + length
        while (out < literalEnd) target[out++] = source[at++] as number
      }
      continue
    }
    if ((tag & 3) === 1) {
      if (at >= end) throw new CorruptCompression('snappy data is cut short')
      length = ((tag >> 2) & 7) + 4
      distance = ((tag >> 5) << 8) | (source[at++] as number)
    } else {
      const bytes = (tag & 3) === 2 ? 2 : 4
      if (bytes > end - at) throw new CorruptCompression('snappy data is cut short')
      length = (tag >> 2) + 1
      distance = (source[at] as number) | ((source[at + 1] as number) << 8)
      if (bytes === 4) distance += (source[at + 2] as number) * 65_536 + (source[at + 3] as number) * 2 ** 24
      at += bytes
    }
    if (distance === 0 || distance > out - first) throw new CorruptCompression('a snappy copy starts before the data')
    if (length > to - out) throw new CorruptCompression('a snappy copy does not fit')
    out = copyMatch(target, out, distance, length)
  }
  if (out !== to) throw new CorruptCompression('snappy data is shorter than announced')
  into.used = to
}

export function compressSnappy(source: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(source.length / BLOCK_BYTES))
  const target = Buffer.allocUnsafe(XERIAL_HEADER + blocks * 16 + source.length + Math.ceil(source.length / 6))
  target.set(XERIAL_MAGIC)
  target.writeInt32BE(1, 8)
  target.writeInt32BE(1, 12)
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength)
  let out = XERIAL_HEADER
  for (let block = 0; block < blocks; block++) {
    const at = block * BLOCK_BYTES
    const end = compressBlock(view, at, Math.min(at + BLOCK_BYTES, source.length), target, out + 4)
    target.writeInt32BE(end - out - 4, out)
    out = end
  }
  return target.subarray(0, out)
}

const hashTable = { positions: undefined as Int32Array | undefined }

function compressBlock(source: DataView, start: number, end: number, target: Uint8Array, from: number): number {
  hashTable.positions ??= new Int32Array(1 << 12)
  const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  const table = hashTable.positions.fill(-1)
  let out = from
  let size = end - start
  while (size >= 0x80) {
    target[out++] = (size & 0x7f) | 0x80
    size >>>= 7
  }
  target[out++] = size
  let at = start
  let literals = start
  let misses = 0
  while (at + 4 <= end) {
    const sequence = source.getInt32(at, true)
    const slot = Math.imul(sequence, 0x1e35a7bd) >>> 20
    const candidate = table[slot] as number
    table[slot] = at
    if (candidate < 0 || source.getInt32(candidate, true) !== sequence) {
      at += 1 + (misses++ >> 5)
      continue
    }
    misses = 0
    let length = 4
    while (at + length < end && bytes[candidate + length] === bytes[at + length]) length++
    out = writeLiterals(bytes, literals, at, target, out)
    const distance = at - candidate
    at += length
    literals = at
    // Copies with two bytes of distance make at most 64 bytes each.
    for (let left = length; left > 0; ) {
      const piece = Math.min(left, 64)
      target[out++] = ((piece - 1) << 2) | 2
      target[out++] = distance & 0xff
      target[out++] = distance >>> 8
      left -= piece
    }
  }
  return writeLiterals(bytes, literals, end, target, out)
}

function writeLiterals(source: Uint8Array, start: number, end: number, target: Uint8Array, from: number): number {
  if (start === end) return from
  const count = end - start - 1
  let out = from
  if (count < 60) target[out++] = count << 2
  else if (count < 256) {
    target[out++] = 60 << 2
    target[out++] = count
  } else {
    target[out++] = 61 << 2
    target[out++] = count & 0xff
    target[out++] = count >>> 8
  }
  if (count >= 32) {
    target.set(source.subarray(start, end), out)
    return out + end - start
  }
  for (let at = start; at < end; at++) target[out++] = source[at] as number
  return out
}
