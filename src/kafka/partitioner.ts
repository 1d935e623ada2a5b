// The partition of a key as Java's default partitioner chooses it, so that Sluice and any other producer agree.

/** Murmur2 as Kafka's Java client computes it (seed 0x9747b28c), as a signed 32-bit integer. */
export function murmur2(bytes: Uint8Array, start: number, length: number): number {
  const m = 0x5bd1e995
  let hash = 0x9747b28c ^ length
  let at = start
  let left = length
  while (left >= 4) {
    let k =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    k = Math.imul(k, m)
    k = Math.imul(k ^ (k >>> 24), m)
    hash = Math.imul(hash, m) ^ k
    at += 4
    left -= 4
  }
  if (left === 3) hash ^= (bytes[at + 2] as number) << 16
  if (left >= 2) hash ^= (bytes[at + 1] as number) << 8
  if (left >= 1) hash = Math.imul(hash ^ (bytes[at] as number), m)
  hash = Math.imul(hash ^ (hash >>> 13), m)
  return hash ^ (hash >>> 15)
}

/** Records without a key have no partition by rule: spread them as you like. */
export function partitionOfKey(bytes: Uint8Array, start: number, length: number, partitionCount: number): number {
  return (murmur2(bytes, start, length) & 0x7fffffff) % partitionCount
}
