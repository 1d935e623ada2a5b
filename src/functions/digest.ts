// MD5 (RFC 1321), SHA-1 and the SHA-2 family (FIPS 180-4) in plain JavaScript: kernels run in the browser too, and synchronously.

export type DigestName = 'MD5' | 'SHA1' | 'SHA224' | 'SHA256' | 'SHA384' | 'SHA512'

export function digest(name: DigestName, message: Uint8Array): Uint8Array {
  switch (name) {
    case 'MD5':
      return md5(message)
    case 'SHA1':
      return sha1(message)
    case 'SHA224':
      return sha256(message, initial224).slice(0, 28)
    case 'SHA256':
      return sha256(message, initial256)
    case 'SHA384':
      return sha512(message, initial384).slice(0, 48)
    case 'SHA512':
      return sha512(message, initial512)
  }
}

/** The message, a 1 bit, zeros, and the length in bits at the end of the last block. */
function padded(message: Uint8Array, block: number, lengthBytes: number, littleEndian: boolean): DataView {
  const total = Math.ceil((message.length + 1 + lengthBytes) / block) * block
  const bytes = new Uint8Array(total)
  bytes.set(message)
  bytes[message.length] = 0x80
  const view = new DataView(bytes.buffer)
  view.setBigUint64(littleEndian ? total - lengthBytes : total - 8, BigInt(message.length) * 8n, littleEndian)
  return view
}

const rotateLeft = (x: number, n: number) => (x << n) | (x >>> (32 - n))
const rotateRight = (x: number, n: number) => (x >>> n) | (x << (32 - n))

const md5Shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

function md5(message: Uint8Array): Uint8Array {
  const view = padded(message, 64, 8, true)
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476].map((x) => x | 0)
  for (let block = 0; block < view.byteLength; block += 64) {
    let [a, b, c, d] = state as [number, number, number, number]
    for (let i = 0; i < 64; i++) {
      const round = i >> 4
      const [f, g] = md5Round(round, i, b, c, d)
      const sine = Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0
      const sum = (a + f + sine + view.getInt32(block + g * 4, true)) | 0
      const next = (b + rotateLeft(sum, md5Shifts[round * 4 + (i % 4)]!)) | 0
      a = d
      d = c
      c = b
      b = next
    }
    state[0] = (state[0]! + a) | 0
    state[1] = (state[1]! + b) | 0
    state[2] = (state[2]! + c) | 0
    state[3] = (state[3]! + d) | 0
  }
  return words(state, true)
}

function md5Round(round: number, i: number, b: number, c: number, d: number): readonly [number, number] {
  switch (round) {
    case 0:
      return [(b & c) | (~b & d), i]
    case 1:
      return [(d & b) | (~d & c), (5 * i + 1) % 16]
    case 2:
      return [b ^ c ^ d, (3 * i + 5) % 16]
    default:
      return [c ^ (b | ~d), (7 * i) % 16]
  }
}

function words(state: readonly number[], littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(state.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [i, word] of state.entries()) view.setInt32(i * 4, word, littleEndian)
  return bytes
}

function sha1(message: Uint8Array): Uint8Array {
  const view = padded(message, 64, 8, false)
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0].map((x) => x | 0)
  const w = new Int32Array(80)
  for (let block = 0; block < view.byteLength; block += 64) {
    for (let i = 0; i < 80; i++) {
      w[i] = i < 16 ? view.getInt32(block + i * 4) : rotateLeft(w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!, 1)
    }
    let [a, b, c, d, e] = state as [number, number, number, number, number]
    for (let i = 0; i < 80; i++) {
      const f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d)
      const k = i < 20 ? 0x5a827999 : i < 40 ? 0x6ed9eba1 : i < 60 ? 0x8f1bbcdc : 0xca62c1d6
      const next = (rotateLeft(a, 5) + f + e + k + w[i]!) | 0
      e = d
      d = c
      c = rotateLeft(b, 30)
      b = a
      a = next
    }
    for (const [i, value] of [a, b, c, d, e].entries()) state[i] = (state[i]! + value) | 0
  }
  return words(state, false)
}

function primes(count: number): readonly number[] {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) if (found.every((p) => n % p !== 0)) found.push(n)
  return found
}

/** The first 64 bits of the fraction of a root of a prime, as FIPS 180-4 defines its constants; found by integer roots. */
function rootFraction(prime: number, power: 2n | 3n): bigint {
  const scaled = BigInt(prime) << (64n * power)
  let low = 0n
  let high = 1n << 72n
  while (high - low > 1n) {
    const middle = (low + high) >> 1n
    if (middle ** power <= scaled) low = middle
    else high = middle
  }
  return BigInt.asUintN(64, low)
}

let roundConstants: readonly bigint[] | undefined
const constants = () => (roundConstants ??= primes(80).map((prime) => rootFraction(prime, 3n)))

let squareRoots: readonly bigint[] | undefined
const roots = () => (squareRoots ??= primes(16).map((prime) => rootFraction(prime, 2n)))

const initial512 = () => roots().slice(0, 8)
const initial384 = () => roots().slice(8)
const initial256 = () => initial512().map((x) => Number(x >> 32n) | 0)
/** SHA-224 starts from the second half of SHA-384's words. */
const initial224 = () => initial384().map((x) => Number(x & 0xffffffffn) | 0)

function sha256(message: Uint8Array, initial: () => number[]): Uint8Array {
  const view = padded(message, 64, 8, false)
  const state = initial()
  const k = constants()
    .slice(0, 64)
    .map((x) => Number(x >> 32n) | 0)
  const w = new Int32Array(64)
  for (let block = 0; block < view.byteLength; block += 64) {
    for (let i = 0; i < 64; i++) {
      if (i < 16) {
        w[i] = view.getInt32(block + i * 4)
        continue
      }
      const [x, y] = [w[i - 15]!, w[i - 2]!]
      const s0 = rotateRight(x, 7) ^ rotateRight(x, 18) ^ (x >>> 3)
      const s1 = rotateRight(y, 17) ^ rotateRight(y, 19) ^ (y >>> 10)
      w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0
    }
    let [a, b, c, d, e, f, g, h] = state as [number, number, number, number, number, number, number, number]
    for (let i = 0; i < 64; i++) {
      const s1 = rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25)
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + k[i]! + w[i]!) | 0
      const s0 = rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22)
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g
      g = f
      f = e
      e = (d + t1) | 0
      d = c
      c = b
      b = a
      a = (t1 + t2) | 0
    }
    for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = (state[i]! + value) | 0
  }
  return words(state, false)
}

const mask64 = (x: bigint) => BigInt.asUintN(64, x)
const rotateRight64 = (x: bigint, n: bigint) => mask64((x >> n) | (x << (64n - n)))

function sha512(message: Uint8Array, initial: () => bigint[]): Uint8Array {
  const view = padded(message, 128, 16, false)
  const state = initial()
  const k = constants()
  const w: bigint[] = new Array(80).fill(0n)
  for (let block = 0; block < view.byteLength; block += 128) {
    for (let i = 0; i < 80; i++) {
      if (i < 16) {
        w[i] = view.getBigUint64(block + i * 8)
        continue
      }
      const [x, y] = [w[i - 15]!, w[i - 2]!]
      const s0 = rotateRight64(x, 1n) ^ rotateRight64(x, 8n) ^ (x >> 7n)
      const s1 = rotateRight64(y, 19n) ^ rotateRight64(y, 61n) ^ (y >> 6n)
      w[i] = mask64(w[i - 16]! + s0 + w[i - 7]! + s1)
    }
    let [a, b, c, d, e, f, g, h] = state as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint]
    for (let i = 0; i < 80; i++) {
      const s1 = rotateRight64(e, 14n) ^ rotateRight64(e, 18n) ^ rotateRight64(e, 41n)
      const t1 = mask64(h + s1 + ((e & f) ^ (mask64(~e) & g)) + k[i]! + w[i]!)
      const s0 = rotateRight64(a, 28n) ^ rotateRight64(a, 34n) ^ rotateRight64(a, 39n)
      const t2 = mask64(s0 + ((a & b) ^ (a & c) ^ (b & c)))
      h = g
      g = f
      f = e
      e = mask64(d + t1)
      d = c
      c = b
      b = a
      a = mask64(t1 + t2)
    }
    for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = mask64(state[i]! + value)
  }
  const bytes = new Uint8Array(64)
  const result = new DataView(bytes.buffer)
  for (const [i, word] of state.entries()) result.setBigUint64(i * 8, word)
  return bytes
}
