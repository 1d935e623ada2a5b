// java.util.Random's generator, which its documentation fixes: a seed gives the same numbers everywhere.

const MULTIPLIER = 0x5deece66dn
const MASK = (1n << 48n) - 1n

export class JavaRandom {
  private seed: bigint

  constructor(seed: number) {
    this.seed = (BigInt(seed) ^ MULTIPLIER) & MASK
  }

  nextDouble(): number {
    return (this.next(26) * 2 ** 27 + this.next(27)) * 2 ** -53
  }

  /** From 0 to below `bound`, which is positive. */
  nextInt(bound: number): number {
    if ((bound & -bound) === bound) return Number((BigInt(bound) * BigInt(this.next(31))) >> 31n)
    for (;;) {
      const bits = this.next(31)
      const value = bits % bound
      // Draws that would favour small values are thrown away.
      if (bits - value + (bound - 1) < 2 ** 31) return value
    }
  }

  private next(bits: number): number {
    this.seed = (this.seed * MULTIPLIER + 0xbn) & MASK
    return Number(this.seed >> BigInt(48 - bits))
  }
}
