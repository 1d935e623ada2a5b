// LZ4 frames (lz4_Frame_format.md, lz4_Block_format.md of the LZ4 project) as record batches carry them. Checksums of the frame
// are not verified: the batch's CRC covers the same bytes.
import { type ByteArena, CorruptCompression } from './byte-arena.ts'

const MAGIC = 0x184d2204
const MIN_MATCH = 4
/** The last match starts 12 bytes before the end, the last 5 bytes are literals (end-of-block restrictions). */
const MATCH_LIMIT = 12
const LAST_LITERALS = 5
const WINDOW = 65_535

export function decompressLz4Frame(
  source: Uint8Array,
  start: number,
  end: number,
  into: ByteArena,
  limit: number,
): void {
  if (end - start < 7 || readUint32(source, start) !== MAGIC)
    throw new CorruptCompression('lz4 data has no frame header')
  const flags = source[start + 4] as number
  if (flags >> 6 !== 1) throw new CorruptCompression(`lz4 frame version ${flags >> 6} is unknown`)
  const blockChecksum = (flags & 0x10) !== 0
  const blockSizeCode = ((source[start + 5] as number) >> 4) & 7
  if (blockSizeCode < 4) throw new CorruptCompression(`lz4 block size code ${blockSizeCode} is unknown`)
  const blockBytes = 1 << (8 + 2 * blockSizeCode)
  let at = start + 7 + ((flags & 8) !== 0 ? 8 : 0) + ((flags & 1) !== 0 ? 4 : 0)
  const first = into.used
  for (;;) {
    if (at + 4 > end) throw new CorruptCompression('lz4 frame is cut short')
    const header = readUint32(source, at)
    at += 4
    if (header === 0) return
    const size = header & 0x7fffffff
    if (size > end - at || size > blockBytes) throw new CorruptCompression(`an lz4 block of ${size} bytes does not fit`)
    const room = Math.min(blockBytes, limit - (into.used - first))
    if (header >= 0x80000000) {
      if (size > room) throw new CorruptCompression(`lz4 data grows over the limit of ${limit} bytes`)
      into.append(source.subarray(at, at + size))
    } else {
      into.reserve(room)
      into.used = decompressBlock(source, at, at + size, into.bytes, first, into.used, into.used + room)
    }
    at += size + (blockChecksum ? 4 : 0)
  }
}

/** Matches may reach back to `first`: blocks of a frame may depend on earlier ones. Returns the end of the output. */
function decompressBlock(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  first: number,
  from: number,
  to: number,
): number {
  let at = start
  let out = from
  while (at < end) {
    const token = source[at++] as number
    let length = token >> 4
    if (length === 15) {
      let byte = 255
      while (byte === 255) {
        if (at >= end) throw new CorruptCompression('lz4 block is cut short')
        byte = source[at++] as number
        length += byte
      }
    }
    if (length > end - at || length > to - out) throw new CorruptCompression('lz4 literals do not fit')
    if (length > 32) {
      target.set(source.subarray(at, at + length), out)
      out += length
      at += length
    } else {
      const literalEnd = out + length
      while (out < literalEnd) target[out++] = source[at++] as number
    }
    if (at === end) return out
    if (at + 2 > end) throw new CorruptCompression('lz4 block is cut short')
    const distance = (source[at] as number) | ((source[at + 1] as number) << 8)
    at += 2
    if (distance === 0 || distance > out - first) throw new CorruptCompression('an lz4 match starts before the data')
    length = token & 15
    if (length === 15) {
      let byte = 255
      while (byte === 255) {
        if (at >= end) throw new CorruptCompression('lz4 block is cut short')
        byte = source[at++] as number
        length += byte
      }
    }
    length += MIN_MATCH
    if (length > to - out) throw new CorruptCompression('lz4 data grows over its limit')
    out = copyMatch(target, out, distance, length)
  }
  throw new CorruptCompression('lz4 block does not end in literals')
}

/** Copies inside one array; source and destination may overlap, which repeats the bytes between them. */
export function copyMatch(target: Uint8Array, out: number, distance: number, length: number): number {
  let from = out - distance
  const end = out + length
  if (length > 48 && distance >= length) {
    target.copyWithin(out, from, from + length)
    return end
  }
  let to = out
  while (to < end) target[to++] = target[from++] as number
  return end
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  )
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
  bytes[at + 2] = value >>> 16
  bytes[at + 3] = value >>> 24
}

const BLOCK_BYTES = WINDOW
const hashTable = { positions: undefined as Int32Array | undefined }

/** Independent blocks of up to 64 KiB, as Kafka's Java client writes them. */
export function compressLz4Frame(source: Uint8Array): Uint8Array {
  const blocks = Math.ceil(source.length / BLOCK_BYTES)
  const target = Buffer.allocUnsafe(11 + blocks * 4 + source.length + Math.ceil(source.length / 255) + 16)
  writeUint32(target, 0, MAGIC)
  target[4] = 0x60
  target[5] = 0x40
  target[6] = (xxHash32(target, 4, 2) >>> 8) & 0xff
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength)
  let out = 7
  for (let at = 0; at < source.length; at += BLOCK_BYTES) {
    const end = Math.min(at + BLOCK_BYTES, source.length)
    const size = compressBlock(view, at, end, target, out + 4) - out - 4
    if (size < end - at) {
      writeUint32(target, out, size)
      out += 4 + size
    } else {
      writeUint32(target, out, ((end - at) | 0x80000000) >>> 0)
      target.set(source.subarray(at, end), out + 4)
      out += 4 + end - at
    }
  }
  writeUint32(target, out, 0)
  return target.subarray(0, out + 4)
}

function compressBlock(source: DataView, start: number, end: number, target: Uint8Array, from: number): number {
  hashTable.positions ??= new Int32Array(1 << 13)
  const table = hashTable.positions.fill(-1)
  const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  const lastMatch = end - MATCH_LIMIT
  const longestEnd = end - LAST_LITERALS
  let at = start
  let literals = start
  let out = from
  let misses = 0
  while (at < lastMatch) {
    const sequence = source.getInt32(at, true)
    const slot = Math.imul(sequence, 0x9e3779b1) >>> 19
    const candidate = table[slot] as number
    table[slot] = at
    // A block is no longer than the window, so that every candidate is near enough.
    if (candidate < 0 || source.getInt32(candidate, true) !== sequence) {
      // The longer nothing matches, the larger the steps: incompressible data stays cheap.
      at += 1 + (misses++ >> 5)
      continue
    }
    misses = 0
    let length = MIN_MATCH
    while (
      at + length + 4 <= longestEnd &&
      source.getInt32(candidate + length, true) === source.getInt32(at + length, true)
    ) {
      length += 4
    }
    while (at + length < longestEnd && bytes[candidate + length] === bytes[at + length]) length++
    out = writeSequence(bytes, literals, at, target, out, length)
    target[out++] = (at - candidate) & 0xff
    target[out++] = (at - candidate) >>> 8
    out = writeLength(target, out, length - MIN_MATCH)
    at += length
    literals = at
  }
  return writeSequence(bytes, literals, end, target, out, MIN_MATCH)
}

/** The token and the literals before a match of `matchLength`. */
function writeSequence(
  source: Uint8Array,
  literals: number,
  literalEnd: number,
  target: Uint8Array,
  from: number,
  matchLength: number,
): number {
  const count = literalEnd - literals
  target[from] = (Math.min(count, 15) << 4) | Math.min(matchLength - MIN_MATCH, 15)
  let out = writeLength(target, from + 1, count)
  if (count > 32) {
    target.set(source.subarray(literals, literalEnd), out)
    return out + count
  }
  for (let at = literals; at < literalEnd; at++) target[out++] = source[at] as number
  return out
}

function writeLength(target: Uint8Array, from: number, length: number): number {
  let out = from
  if (length < 15) return out
  let rest = length - 15
  while (rest >= 255) {
    target[out++] = 255
    rest -= 255
  }
  target[out++] = rest
  return out
}

/** Seed 0, for inputs under 16 bytes: all that a frame header needs. */
function xxHash32(bytes: Uint8Array, start: number, length: number): number {
  let hash = (0x165667b1 + length) | 0
  let at = start
  const end = start + length
  for (; at + 4 <= end; at += 4) {
    hash = (hash + Math.imul(readUint32(bytes, at), 0xc2b2ae3d)) | 0
    hash = Math.imul((hash << 17) | (hash >>> 15), 0x27d4eb2f)
  }
  for (; at < end; at++) {
    hash = (hash + Math.imul(bytes[at] as number, 0x165667b1)) | 0
    hash = Math.imul((hash << 11) | (hash >>> 21), 0x9e3779b1)
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca77)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae3d)
  return (hash ^ (hash >>> 16)) >>> 0
}
