// The velocity check over small transactions, and what it must give: computed from the records, by other code than the engine's.
import { framing, type LocalWorld, type RecordToWrite } from './local-world.ts'

export const transactionSchema = JSON.stringify({
  type: 'record',
  name: 'Transaction',
  namespace: 'com.acme.payments',
  fields: [
    { name: 'transactionId', type: 'string' },
    { name: 'userIdentifier', type: 'string' },
    { name: 'amount', type: 'long' },
    { name: 'createdAt', type: { type: 'long', logicalType: 'timestamp-millis' } },
  ],
})

const velocitySchema = JSON.stringify({
  type: 'record',
  name: 'Velocity',
  namespace: 'com.acme.payments',
  fields: [
    { name: 'userIdentifier', type: 'string' },
    { name: 'windowStart', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'windowEnd', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'paymentAttempts', type: 'long' },
    { name: 'total', type: ['null', 'long'], default: null },
  ],
})

export const pipelineYaml = `
name: velocity
sources:
  transactions:
    topic: transactions
    value: { subject: com.acme.payments.Transaction, version: latest }
    eventTime: { column: createdAt, maxDelay: 5s, idleAfter: 30s }
    start: earliest
sql: |
  SELECT userIdentifier, TUMBLE_START(createdAt, INTERVAL '10' SECONDS) AS windowStart,
         TUMBLE_END(createdAt, INTERVAL '10' SECONDS) AS windowEnd, COUNT(*) AS paymentAttempts, SUM(amount) AS total
  FROM transactions WINDOW TUMBLING (SIZE 10 SECONDS) GROUP BY userIdentifier;
sinks:
  velocity:
    topic: velocity
    value: { subject: com.acme.payments.Velocity, version: latest }
    key: [userIdentifier]
    mode: append
    delivery: exactly-once
onError: { decode: dead-letter }
deadLetterTopic: dead-letters
`

const PARTITIONS = 3

export type Transaction = {
  readonly partition: number
  readonly user: string
  readonly amount: bigint
  readonly createdAt: number
}

export async function prepareVelocity(world: LocalWorld) {
  const transaction = framing(
    transactionSchema,
    await world.register('com.acme.payments.Transaction', transactionSchema),
  )
  const velocity = framing(velocitySchema, await world.register('com.acme.payments.Velocity', velocitySchema))
  await world.createTopic('transactions', PARTITIONS)
  await world.createTopic('velocity', PARTITIONS)
  await world.createTopic('dead-letters', 1)
  return { transaction, velocity, pipeline: await world.compile(pipelineYaml) }
}

export type Velocity = Awaited<ReturnType<typeof prepareVelocity>>

/** `count` transactions of 20 users in order of time per partition, about one every `stepMs`. */
export function transactions(count: number, stepMs: number): Transaction[] {
  let seed = 7
  const random = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return Math.floor((seed / 4294967296) * below)
  }
  return Array.from({ length: count }, (_, i) => ({
    partition: random(PARTITIONS),
    user: `user-${random(20)}`,
    amount: BigInt(random(1_000_000)),
    // Out of order, but never by more than the five seconds that the pipeline allows.
    createdAt: 1_700_000_000_000 + i * stepMs - random(4_000),
  }))
}

export function recordOf(velocity: Velocity, transaction: Transaction, id: number): RecordToWrite {
  const { partition, user, amount, createdAt } = transaction
  const value = velocity.transaction.encode([`t${id}`, user, amount, BigInt(createdAt)])
  return { partition, key: user, value }
}

/** One line per user and window: `user start count total`. */
export function expectedLines(all: readonly Transaction[]): string[] {
  const totals = new Map<string, { count: bigint; total: bigint }>()
  for (const { user, amount, createdAt } of all) {
    const key = `${user} ${createdAt - (createdAt % 10_000)}`
    const { count, total } = totals.get(key) ?? { count: 0n, total: 0n }
    totals.set(key, { count: count + 1n, total: total + amount })
  }
  return [...totals].map(([key, { count, total }]) => `${key} ${count} ${total}`).sort()
}

export async function writtenLines(world: LocalWorld, velocity: Velocity): Promise<string[]> {
  const records = await world.read('velocity')
  return records
    .map(({ value }) => {
      const [user, start, , count, total] = velocity.velocity.decode(value!) as [
        string,
        bigint,
        bigint,
        bigint,
        { value: bigint },
      ]
      return `${user} ${start} ${count} ${total.value}`
    })
    .sort()
}
