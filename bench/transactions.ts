// Card transactions as a producer writes them: about 110 bytes of Avro in 15 fields behind the registry's prefix, the same for
// the same seed. Shared by the benches; nothing here is measured.
import { ByteBuffer } from '../src/avro/byte-buffer.ts'

export const transactionSchema = JSON.stringify({
  type: 'record',
  name: 'Transaction',
  namespace: 'com.acme.payments',
  fields: [
    { name: 'userIdentifier', type: 'string' },
    { name: 'createdAt', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'transactionId', type: 'string' },
    { name: 'amount', type: 'double' },
    { name: 'currency', type: { type: 'enum', name: 'Currency', symbols: ['EUR', 'USD', 'GBP', 'CHF', 'PLN'] } },
    {
      name: 'status',
      type: { type: 'enum', name: 'Status', symbols: ['APPROVED', 'DECLINED', 'PENDING', 'REVERSED'] },
    },
    { name: 'merchantId', type: 'string' },
    { name: 'attempt', type: 'int' },
    { name: 'ip', type: 'string' },
    { name: 'userAgent', type: 'string' },
    { name: 'country', type: ['null', 'string'], default: null },
    { name: 'cardBin', type: ['null', 'string'], default: null },
    { name: 'deviceId', type: ['null', 'string'], default: null },
    { name: 'riskScore', type: ['null', 'double'], default: null },
    { name: 'loyaltyPoints', type: ['null', 'int'], default: null },
  ],
})

export const velocitySchema = JSON.stringify({
  type: 'record',
  name: 'Velocity',
  namespace: 'com.acme.payments',
  fields: [
    { name: 'userIdentifier', type: 'string' },
    { name: 'windowStart', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'windowEnd', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'paymentAttempts', type: 'long' },
  ],
})

export const FIRST_EVENT_MS = 1_700_000_000_000
/** How far a record may be behind the one before it. */
export const MAX_DELAY_MS = 200

/** Ten records in a millisecond, one in ten late by up to 200 ms; keys are uniform. */
export class TransactionWriter {
  /** The value of the last record. */
  readonly value = new ByteBuffer(256)
  eventMs = 0
  readonly #keys: readonly Uint8Array[]
  readonly #schemaId: number
  readonly #double = new DataView(new ArrayBuffer(8))
  #seed: number
  #count = 0

  constructor(keys: number, schemaId: number, seed = 42) {
    const encoder = new TextEncoder()
    this.#keys = Array.from({ length: keys }, (_, i) => encoder.encode(`user-${String(i).padStart(7, '0')}`))
    this.#schemaId = schemaId
    this.#seed = seed
  }

  /** Replaces `value`; returns the bytes of the record's key. */
  next(): Uint8Array {
    const number = this.#count++
    const { value } = this
    const late = this.#random(10) === 0 ? this.#random(MAX_DELAY_MS) : 0
    this.eventMs = FIRST_EVENT_MS + Math.floor(number / 10) - late
    const key = this.#keys[this.#random(this.#keys.length)]!
    value.clear()
    value.reserve(256)
    for (const byte of [0, this.#schemaId >>> 24, this.#schemaId >>> 16, this.#schemaId >>> 8, this.#schemaId]) {
      value.bytes[value.length++] = byte
    }
    this.#text(key)
    this.#long(this.eventMs)
    this.#digits('t', 11, number)
    this.#float64(this.#random(500_000) / 100)
    this.#long(this.#random(5))
    this.#long(this.#random(4))
    this.#digits('m', 6, this.#random(10_000))
    this.#long(this.#random(3) + 1)
    this.#digits('10.', 8, this.#random(16_777_216))
    this.#digits('ua', 10, this.#random(100))
    for (const width of [2, 6, 12]) {
      const present = this.#random(4) > 0
      this.#long(present ? 1 : 0)
      if (present) this.#digits('', width, this.#random(99))
    }
    const scored = this.#random(2)
    this.#long(scored)
    if (scored === 1) this.#float64(this.#random(1000) / 1000)
    const points = this.#random(2)
    this.#long(points)
    if (points === 1) this.#long(this.#random(5000))
    return key
  }

  /** A linear congruential generator: equal on every machine. */
  #random(below: number): number {
    this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) >>> 0
    return Math.floor((this.#seed / 4294967296) * below)
  }

  /** Zig-zag variable-length, for values that are exact in a double. */
  #long(value: number): void {
    const { bytes } = this.value
    let rest = value < 0 ? -value * 2 - 1 : value * 2
    while (rest >= 128) {
      bytes[this.value.length++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    bytes[this.value.length++] = rest
  }

  #float64(value: number): void {
    this.#double.setFloat64(0, value, true)
    for (let i = 0; i < 8; i++) this.value.bytes[this.value.length++] = this.#double.getUint8(i)
  }

  #text(text: Uint8Array): void {
    this.#long(text.length)
    this.value.append(text, 0, text.length)
  }

  #digits(prefix: string, width: number, value: number): void {
    this.#long(width)
    const { bytes } = this.value
    const start = this.value.length
    let rest = value
    for (let i = width - 1; i >= prefix.length; i--) {
      bytes[start + i] = 48 + (rest % 10)
      rest = Math.floor(rest / 10)
    }
    for (let i = 0; i < prefix.length; i++) bytes[start + i] = prefix.charCodeAt(i)
    this.value.length += width
  }
}
