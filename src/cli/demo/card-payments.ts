// Made-up card payments: a crowd that pays now and then, and a few cards that are tried again and again. Seeded, so that equal
// seeds and times give equal payments; the clock is the caller's.
import type { AvroValue } from '../../avro/value.ts'

export type CardPayment = {
  readonly userIdentifier: string
  readonly createdAt: number
  /** The fields of com.acme.payments.Transaction, in the schema's order. */
  readonly record: AvroValue
}

const USERS = 400
const PAYMENTS_PER_SECOND = 25
/** How often somebody begins to try a stolen card, and for how long. */
const ATTACK_EVERY_MS = 4_000
const ATTACK_LENGTH_MS = 9_000
const ATTACK_PAUSE_MS = 600

const MERCHANTS = [
  ['m-100', 'Bakery Lindner', 5462, 'DE'],
  ['m-101', 'Fuel & Go', 5541, 'FR'],
  ['m-102', 'Gadget Planet', 5732, 'US'],
  ['m-103', 'Lucky Casino', 7995, null],
  ['m-104', 'Corner Grocer', 5411, 'IL'],
] as const

type Attack = { readonly user: number; readonly endsAt: number; nextAt: number; attempts: number }

export class CardPayments {
  readonly #random: () => number
  #now: number
  #nextAttackAt: number
  #attacks: Attack[] = []

  /** Payments begin at `startMs`. */
  constructor(seed: number, startMs: number) {
    this.#random = seededRandom(seed)
    this.#now = startMs
    this.#nextAttackAt = startMs
  }

  /** The payments between the last call's time and this one's, in order of their time. */
  until(timeMs: number): CardPayment[] {
    const payments: CardPayment[] = []
    const step = 1000 / PAYMENTS_PER_SECOND
    for (; this.#now + step <= timeMs; this.#now += step) {
      payments.push(this.#payment(this.#pick(USERS), this.#now + this.#pick(step), 1))
      this.#attack(payments)
    }
    return payments.sort((a, b) => a.createdAt - b.createdAt)
  }

  #attack(payments: CardPayment[]): void {
    if (this.#now >= this.#nextAttackAt) {
      const user = this.#pick(USERS)
      this.#attacks.push({ user, endsAt: this.#now + ATTACK_LENGTH_MS, nextAt: this.#now, attempts: 0 })
      this.#nextAttackAt = this.#now + ATTACK_EVERY_MS / 2 + this.#pick(ATTACK_EVERY_MS)
    }
    for (const attack of this.#attacks) {
      if (this.#now < attack.nextAt) continue
      payments.push(this.#payment(attack.user, this.#now, ++attack.attempts))
      attack.nextAt = this.#now + this.#pick(2 * ATTACK_PAUSE_MS)
    }
    this.#attacks = this.#attacks.filter((attack) => this.#now < attack.endsAt)
  }

  #payment(user: number, atMs: number, attempt: number): CardPayment {
    const userIdentifier = `user-${String(user).padStart(4, '0')}`
    const createdAt = Math.floor(atMs)
    const merchant = MERCHANTS[this.#pick(MERCHANTS.length)]!
    const declined = attempt > 1 ? this.#random() < 0.8 : this.#random() < 0.05
    const optional = (branch: string, value: AvroValue): AvroValue => (this.#random() < 0.2 ? null : { branch, value })
    return {
      userIdentifier,
      createdAt,
      record: [
        this.#uuid(),
        userIdentifier,
        BigInt(createdAt),
        BigInt(100 + this.#pick(250_000)),
        this.#random() < 0.7 ? 'EUR' : 'USD',
        declined ? 'DECLINED' : 'AUTHORIZED',
        `card-${String(user * 7 + this.#pick(2)).padStart(5, '0')}`,
        optional('string', 'DE'),
        optional('string', `192.0.2.${this.#pick(256)}`),
        optional('string', `device-${this.#pick(900)}`),
        [merchant[0], merchant[1], merchant[2], merchant[3] === null ? null : { branch: 'string', value: merchant[3] }],
        optional('double', this.#random()),
        attempt,
        false,
        'web',
      ],
    }
  }

  /** A whole number below `limit`. */
  #pick(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  #uuid(): string {
    const digits = Array.from({ length: 32 }, () => this.#pick(16).toString(16))
    digits[12] = '4'
    digits[16] = '8'
    const text = digits.join('')
    return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`
  }
}

/** Mulberry32: small, seeded, good enough for made-up data. */
function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
