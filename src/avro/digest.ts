// MD5 (RFC 1321) and SHA-256 (FIPS 180-4), because this folder also runs in a browser, which has no synchronous ones. For schema
// fingerprints and the registry's guids, never for secrets.

export function md5(bytes: Uint8Array): Uint8Array {
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476)
  const blocks = padded(bytes, true)
  for (let offset = 0; offset < blocks.byteLength; offset += 64) md5Block(state, blocks, offset)
  return bytesOf(state, true)
}

export function sha256(bytes: Uint8Array): Uint8Array {
  const state = Int32Array.from(sha256Start())
  const blocks = padded(bytes, false)
  const schedule = new Int32Array(64)
  for (let offset = 0; offset < blocks.byteLength; offset += 64) sha256Block(state, blocks, offset, schedule)
  return bytesOf(state, false)
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The message, a one bit, zeros, and its length in bits, in whole blocks of 64 bytes. */
function padded(bytes: Uint8Array, littleEndian: boolean): DataView {
  const result = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64)
  result.set(bytes)
  result[bytes.length] = 0x80
  const view = new DataView(result.buffer)
  view.setBigUint64(result.length - 8, BigInt(bytes.length) * 8n, littleEndian)
  return view
}

function bytesOf(state: Int32Array, littleEndian: boolean): Uint8Array {
  const result = new Uint8Array(state.length * 4)
  const view = new DataView(result.buffer)
  state.forEach((word, index) => {
    view.setInt32(index * 4, word, littleEndian)
  })
  return result
}

function rotateLeft(word: number, count: number): number {
  return (word << count) | (word >>> (32 - count))
}

const md5Shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

function md5Block(state: Int32Array, blocks: DataView, offset: number): void {
  let [a, b, c, d] = state as unknown as [number, number, number, number]
  for (let i = 0; i < 64; i++) {
    const round = i >> 4
    let mix: number
    let word: number
    if (round === 0) [mix, word] = [(b & c) | (~b & d), i]
    else if (round === 1) [mix, word] = [(d & b) | (~d & c), (5 * i + 1) % 16]
    else if (round === 2) [mix, word] = [b ^ c ^ d, (3 * i + 5) % 16]
    else [mix, word] = [c ^ (b | ~d), (7 * i) % 16]
    // RFC 1321: the i-th constant is the integer part of 2^32 · |sin(i + 1)|.
    const constant = Math.floor(Math.abs(Math.sin(i + 1)) * 4294967296) | 0
    const sum = (a + mix + constant + blocks.getInt32(offset + word * 4, true)) | 0
    a = d
    d = c
    c = b
    b = (b + rotateLeft(sum, md5Shifts[round * 4 + (i % 4)]!)) | 0
  }
  state[0]! += a
  state[1]! += b
  state[2]! += c
  state[3]! += d
}

/** FIPS 180-4: the first 32 bits of the fractional parts of roots of the first primes. */
function fractions(count: number, root: (prime: number) => number): number[] {
  const words: number[] = []
  for (let candidate = 2; words.length < count; candidate++) {
    if (!isPrime(candidate)) continue
    const value = root(candidate)
    words.push(Math.floor((value - Math.floor(value)) * 4294967296) | 0)
  }
  return words
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) return false
  return true
}

let sha256Constants: { readonly start: readonly number[]; readonly rounds: readonly number[] } | undefined

function sha256Tables(): { readonly start: readonly number[]; readonly rounds: readonly number[] } {
  sha256Constants ??= { start: fractions(8, Math.sqrt), rounds: fractions(64, Math.cbrt) }
  return sha256Constants
}

function sha256Start(): readonly number[] {
  return sha256Tables().start
}

function sha256Block(state: Int32Array, blocks: DataView, offset: number, schedule: Int32Array): void {
  const { rounds } = sha256Tables()
  for (let i = 0; i < 64; i++) {
    if (i < 16) {
      schedule[i] = blocks.getInt32(offset + i * 4)
      continue
    }
    const early = schedule[i - 15]!
    const late = schedule[i - 2]!
    const low = rotateLeft(early, 25) ^ rotateLeft(early, 14) ^ (early >>> 3)
    const high = rotateLeft(late, 15) ^ rotateLeft(late, 13) ^ (late >>> 10)
    schedule[i] = schedule[i - 16]! + low + schedule[i - 7]! + high
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number]
  for (let i = 0; i < 64; i++) {
    const choose = (e & f) ^ (~e & g)
    const rotatedE = rotateLeft(e, 26) ^ rotateLeft(e, 21) ^ rotateLeft(e, 7)
    const first = (h + rotatedE + choose + rounds[i]! + schedule[i]!) | 0
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const rotatedA = rotateLeft(a, 30) ^ rotateLeft(a, 19) ^ rotateLeft(a, 10)
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + rotatedA + majority) | 0
  }
  ;[a, b, c, d, e, f, g, h].forEach((word, index) => {
    state[index]! += word
  })
}
