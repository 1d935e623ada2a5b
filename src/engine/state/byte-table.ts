// A hash table from key bytes to fixed-size accumulators, in typed arrays: open addressing, linear probing, the key inside
// the slot where it fits (else in an arena). It never trusts a hash: full keys are compared. Rows are visited in the order
// in which keys first came, which does not depend on the seed of the hash.
import { assert } from '../../diagnostics/assert.ts'
import { JobError } from '../../diagnostics/job-error.ts'

/** Length of a key that is NULL as a whole. */
export const NULL_KEY = -1

/** Where things stand in a slot, in 32-bit words: hash, key length + 2 (0: free slot), accumulators, inline key. */
export type SlotLayout = {
  readonly accumulatorWords: number
  readonly stride: number
  /** Bytes a key may have to stay in the slot. */
  readonly inlineBytes: number
  /** Word at which the inline key starts; for longer keys it holds the offset into the arena. */
  readonly keyWord: number
}

/** Words 0 and 1 of a slot are the table's, accumulators follow. */
export const HEADER_WORDS = 2

const INITIAL_CAPACITY = 64
/** Positions in a table are 32-bit numbers. */
const MAX_TABLE_BYTES = 2 ** 32
const MAX_ARENA_BYTES = 2 ** 31 - 1
const MIN_INLINE_BYTES = 16
/** A slot is a whole number of cache lines, so that a lookup touches as few of them as possible. */
const LINE_WORDS = 16

export function slotLayout(accumulatorWords: number): SlotLayout {
  const even = (accumulatorWords + 1) & ~1
  const needed = HEADER_WORDS + even + MIN_INLINE_BYTES / 4
  const stride = Math.ceil(needed / LINE_WORDS) * LINE_WORDS
  const keyWord = HEADER_WORDS + even
  return { accumulatorWords: even, stride, inlineBytes: (stride - keyWord) * 4, keyWord }
}

/** Hash of `length` bytes at `start`, four at a time. */
function hashBytes(view: DataView, start: number, length: number, seed: number): number {
  let hash = seed ^ length
  const wordsEnd = start + (length & ~3)
  let at = start
  for (; at < wordsEnd; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1)
    hash ^= hash >>> 15
  }
  const end = start + length
  if (at < end) {
    let tail = 0
    for (; at < end; at++) tail = (tail << 8) | view.getUint8(at)
    hash = Math.imul(hash ^ tail, 0x9e3779b1)
    hash ^= hash >>> 15
  }
  hash = Math.imul(hash, 0x85ebca6b)
  return hash ^ (hash >>> 13)
}

export class ByteTable {
  readonly layout: SlotLayout
  /** Views of the same memory; replaced on growth, so callers must read them again after every insert. */
  words: Int32Array
  doubles: Float64Array
  longs: BigInt64Array
  bytes: Uint8Array
  /** Keys that do not fit into their slot. */
  arena: Uint8Array
  arenaView: DataView
  arenaUsed: number
  /** Number of keys. */
  count: number
  /** First word of the slot of each key, in order of arrival. */
  order: Int32Array
  #seed: number
  #capacity: number

  constructor(layout: SlotLayout, seed: number) {
    this.layout = layout
    this.#seed = seed
    this.#capacity = INITIAL_CAPACITY
    this.words = new Int32Array(0)
    this.doubles = new Float64Array(0)
    this.longs = new BigInt64Array(0)
    this.bytes = new Uint8Array(0)
    this.#allocate(INITIAL_CAPACITY)
    this.order = new Int32Array(INITIAL_CAPACITY)
    this.arena = new Uint8Array(0)
    this.arenaView = new DataView(this.arena.buffer)
    this.arenaUsed = 0
    this.count = 0
  }

  get reservedBytes(): number {
    return this.bytes.length + this.arena.length + this.order.byteLength
  }

  /** First word of the key's slot; a new key gets a slot whose accumulators are zero. `length` may be NULL_KEY. */
  findOrInsert(view: DataView, start: number, length: number): number {
    const stored = length < 0 ? 0 : length
    const hash = hashBytes(view, start, stored, this.#seed)
    const { stride } = this.layout
    const words = this.words
    const mask = this.#capacity - 1
    let slot = hash & mask
    for (;;) {
      const at = slot * stride
      const held = words[at + 1]!
      if (held === 0) return this.#insert(hash, slot, view, start, length)
      if (words[at] === hash && held === length + 2 && this.#equals(at, view, start, stored)) return at
      slot = (slot + 1) & mask
    }
  }

  /** Byte offset of a key: in `bytes` when the key is inline, else in `arena`. */
  keyOffset(at: number): number {
    return this.isInline(at) ? (at + this.layout.keyWord) * 4 : this.words[at + this.layout.keyWord]!
  }

  /** Length of the key of a slot, NULL_KEY for NULL. */
  keyLength(at: number): number {
    return this.words[at + 1]! - 2
  }

  isInline(at: number): boolean {
    return this.words[at + 1]! - 2 <= this.layout.inlineBytes
  }

  /** Forgets all keys; memory that the last use needed little of is given back. */
  clear(): void {
    if (this.count * 8 < this.#capacity && this.#capacity > INITIAL_CAPACITY) {
      const capacity = capacityFor(this.count)
      this.#allocate(capacity)
      this.order = new Int32Array(capacity)
      this.arena = new Uint8Array(0)
      this.arenaView = new DataView(this.arena.buffer)
    } else {
      this.words.fill(0)
    }
    this.count = 0
    this.arenaUsed = 0
  }

  /** Room for `length` more bytes in the arena; the offset of the first. Accumulators of variable size live there too. */
  reserve(length: number): number {
    const offset = this.arenaUsed
    const needed = offset + length
    if (needed > this.arena.length) {
      if (needed >= MAX_ARENA_BYTES) throw tooLarge()
      const arena = new Uint8Array(Math.min(Math.max(needed, this.arena.length * 2, 1024), MAX_ARENA_BYTES))
      arena.set(this.arena.subarray(0, offset))
      this.arena = arena
      this.arenaView = new DataView(arena.buffer)
    }
    this.arenaUsed = needed
    return offset
  }

  /** Copies bytes into the arena and returns where they are. */
  keep(data: Uint8Array, start: number, length: number): number {
    const offset = this.reserve(length)
    for (let i = 0; i < length; i++) this.arena[offset + i] = data[start + i]!
    return offset
  }

  #equals(at: number, view: DataView, start: number, length: number): boolean {
    const { keyWord, inlineBytes } = this.layout
    const words = this.words
    const whole = length & ~3
    if (length > inlineBytes) {
      const offset = words[at + keyWord]!
      const arena = this.arenaView
      for (let i = 0; i < whole; i += 4)
        if (arena.getInt32(offset + i, true) !== view.getInt32(start + i, true)) return false
      for (let i = whole; i < length; i++) if (arena.getUint8(offset + i) !== view.getUint8(start + i)) return false
      return true
    }
    const key = at + keyWord
    for (let i = 0; i < whole; i += 4) if (words[key + (i >> 2)] !== view.getInt32(start + i, true)) return false
    const bytes = this.bytes
    for (let i = whole; i < length; i++) if (bytes[key * 4 + i] !== view.getUint8(start + i)) return false
    return true
  }

  #insert(hash: number, slot: number, view: DataView, start: number, length: number): number {
    if (this.count * 8 >= this.#capacity * 5) {
      this.#grow()
      slot = this.#freeSlot(hash)
    }
    const at = slot * this.layout.stride
    const key = at + this.layout.keyWord
    if (length > this.layout.inlineBytes) {
      const offset = this.reserve(length)
      for (let i = 0; i < length; i++) this.arena[offset + i] = view.getUint8(start + i)
      this.words[key] = offset
    } else {
      for (let i = 0; i < length; i++) this.bytes[key * 4 + i] = view.getUint8(start + i)
    }
    this.words[at] = hash
    this.words[at + 1] = length + 2
    this.order[this.count++] = at
    return at
  }

  #freeSlot(hash: number): number {
    const mask = this.#capacity - 1
    let slot = hash & mask
    while (this.words[slot * this.layout.stride + 1] !== 0) slot = (slot + 1) & mask
    return slot
  }

  #grow(): void {
    const { stride } = this.layout
    const old = this.words
    const order = new Int32Array(this.#capacity * 2)
    this.#allocate(this.#capacity * 2)
    for (let i = 0; i < this.count; i++) {
      const from = this.order[i]!
      const to = this.#freeSlot(old[from]!) * stride
      for (let word = 0; word < stride; word++) this.words[to + word] = old[from + word]!
      order[i] = to
    }
    this.order = order
  }

  #allocate(capacity: number): void {
    const size = capacity * this.layout.stride * 4
    if (size > MAX_TABLE_BYTES) throw tooLarge()
    const memory = new ArrayBuffer(size)
    this.#capacity = capacity
    this.words = new Int32Array(memory)
    this.doubles = new Float64Array(memory)
    this.longs = new BigInt64Array(memory)
    this.bytes = new Uint8Array(memory)
  }

  /** A copy of everything, the seed included: a restored table finds its keys in a process with another seed. */
  snapshot(): Uint8Array {
    const header = 7 * 4
    const image = new Uint8Array(header + this.bytes.length + this.count * 4 + this.arenaUsed)
    const numbers = [this.#seed, this.#capacity, this.count, this.arenaUsed]
    new Int32Array(image.buffer, 0, 7).set([...numbers, this.layout.accumulatorWords, this.layout.stride, 0])
    image.set(this.bytes, header)
    const order = new Uint8Array(this.order.buffer, this.order.byteOffset, this.count * 4)
    image.set(order, header + this.bytes.length)
    image.set(this.arena.subarray(0, this.arenaUsed), header + this.bytes.length + order.length)
    return image
  }

  /** The table an image was made of. The image is trusted: the caller has checked its checksum and the state's shape. */
  static restore(layout: SlotLayout, image: Uint8Array): ByteTable {
    // Not `slice`: of a Buffer that would be a view, at any alignment.
    const copy = new Uint8Array(image)
    const [seed, capacity, count, arenaUsed, accumulatorWords, stride] = new Int32Array(copy.buffer, 0, 7)
    assert(
      accumulatorWords === layout.accumulatorWords && stride === layout.stride,
      'a table image has the slots of its operator',
    )
    const table = new ByteTable(layout, seed!)
    table.#allocate(capacity!)
    const header = 7 * 4
    table.bytes.set(copy.subarray(header, header + table.bytes.length))
    table.order = new Int32Array(capacity!)
    const orderAt = header + table.bytes.length
    table.order.set(new Int32Array(copy.buffer, orderAt, count!))
    table.count = count!
    table.reserve(arenaUsed!)
    table.arena.set(copy.subarray(orderAt + count! * 4))
    return table
  }
}

function tooLarge(): JobError {
  return new JobError('RUN407', 'one window has more keys than the local engine can hold', {
    origin: 'user',
    retry: 'never',
    hint: 'Use a shorter window or fewer keys, or choose a Flink target for this pipeline.',
  })
}

function capacityFor(keys: number): number {
  let capacity = INITIAL_CAPACITY
  while (capacity * 5 <= keys * 8) capacity *= 2
  return capacity
}
