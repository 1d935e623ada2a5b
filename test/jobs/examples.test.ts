// The examples as a user meets them: proved, run from topic to topic, and read back with the registered schemas.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AvroValue } from '../../src/avro/value.ts'
import { Job } from '../../src/connectors/job.ts'
import { compilePipeline } from '../../src/pipeline/compile.ts'
import { loadPipelineSpec } from '../../src/pipeline/load-spec.ts'
import { resolveSchemas } from '../../src/pipeline/resolve-schemas.ts'
import { RegistryClient } from '../../src/registry/registry-client.ts'
import { checkPipeline } from '../../src/targets/local/check-pipeline.ts'
import { jobSettings } from '../../src/targets/local/job-settings.ts'
import { framing, type LocalWorld, startLocalWorld } from '../support/local-world.ts'

const examples = fileURLToPath(new URL('../../examples', import.meta.url))
const schemaText = (path: string) => readFileSync(join(examples, path), 'utf8')

let world: LocalWorld
beforeEach(async () => {
  world = await startLocalWorld()
  await world.createTopic('payments.transactions', 2)
})
afterEach(() => world.close())

/** Runs an example over `transactions` and gives what it wrote, in the order of user or merchant and window. */
async function run(
  example: string,
  subject: string,
  sinkSchema: string,
  topic: string,
  transactions: readonly AvroValue[],
) {
  const text = schemaText('card-velocity/schemas/transaction.avsc')
  const input = framing(text, await world.register('com.acme.payments.Transaction', text))
  const output = framing(sinkSchema, await world.register(subject, sinkSchema))
  await world.createTopic(topic, 1)
  await world.createTopic(`${example}.dead-letters`, 1)
  const registry = new RegistryClient(world.registry)
  const written = loadPipelineSpec(join(examples, example, `${example}.yaml`)).value!
  const spec = { ...written, sources: written.sources.map((source) => ({ ...source, start: 'earliest' as const })) }
  const schemas = await resolveSchemas(spec, registry)
  registry.close()
  const compiled = compilePipeline(spec, schemas.value!)
  if (compiled.value === undefined) throw new Error(JSON.stringify(compiled.diagnostics))
  expect(checkPipeline(compiled.value)).toEqual([])
  await world.write(
    'payments.transactions',
    transactions.map((value, index) => ({ partition: index % 2, value: input.encode(value) })),
  )
  const settings = jobSettings(
    {
      pipeline: { ...compiled.value, onError: { ...compiled.value.onError, decode: 'fail' } },
      kafka: world.kafka,
      registry: world.registry,
      stateDirectory: world.stateDirectory,
      until: 'end and close',
    },
    () => undefined,
  )
  await new Job(settings).run()
  return (await world.read(topic)).map(({ key, value }) => ({ key, value: output.decode(value!) }))
}

const START = 1_700_000_040_000

type Payment = {
  user: string
  cents: bigint
  status: string
  second: number
  country?: string
  currency?: string
  merchant?: string
}

function transaction(payment: Payment, index: number): AvroValue {
  const { user, cents, status, second, country, currency = 'EUR', merchant = 'm1' } = payment
  const optional = (branch: string, value: AvroValue | undefined) => (value === undefined ? null : { branch, value })
  return [
    `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    user,
    BigInt(START + second * 1000),
    cents,
    currency,
    status,
    'card',
    optional('string', country),
    null,
    null,
    [merchant, `shop of ${merchant}`, 5411, null],
    optional('double', 0.5),
    1,
    false,
    'web',
  ]
}

const payments: readonly Payment[] = [
  { user: 'ann', cents: 100_000n, status: 'AUTHORIZED', second: 1, country: 'DE' },
  { user: 'bob', cents: 99_999n, status: 'AUTHORIZED', second: 2 },
  { user: 'ann', cents: 2_500_050n, status: 'CAPTURED', second: 3 },
  { user: 'ann', cents: 500_000n, status: 'DECLINED', second: 11, merchant: 'm2' },
  { user: 'bob', cents: -5n, status: 'REFUNDED', second: 59, currency: 'USD' },
  { user: 'zoë', cents: 1n, status: 'DECLINED', second: 60, merchant: 'm2' },
]

const at = (second: number) => BigInt(START + second * 1000)

test('card-velocity: who pays how often in ten seconds', async () => {
  const rows = await run(
    'card-velocity',
    'com.acme.payments.Velocity',
    schemaText('card-velocity/schemas/velocity.avsc'),
    'payments.velocity',
    payments.map(transaction),
  )
  expect(rows).toEqual([
    { key: 'ann', value: ['ann', at(0), at(10), 2n] },
    { key: 'bob', value: ['bob', at(0), at(10), 1n] },
    { key: 'ann', value: ['ann', at(10), at(20), 1n] },
    { key: 'bob', value: ['bob', at(50), at(60), 1n] },
    { key: 'zoë', value: ['zoë', at(60), at(70), 1n] },
  ])
})

test('large-payments: enums stay enums, decimals keep their digits, defaults fill what the query has not', async () => {
  const rows = await run(
    'large-payments',
    'com.acme.payments.LargePayment',
    schemaText('large-payments/schemas/large-payment.avsc'),
    'payments.large',
    payments.map(transaction),
  )
  expect(rows).toEqual([
    {
      key: 'ann',
      value: [
        expect.stringMatching(/0$/),
        'ann',
        100_000n,
        'EUR',
        'AUTHORIZED',
        'shop of m1',
        'DE',
        at(1),
        expect.any(BigInt),
        null,
      ],
    },
    {
      key: 'ann',
      value: [
        expect.stringMatching(/2$/),
        'ann',
        2_500_050n,
        'EUR',
        'CAPTURED',
        'shop of m1',
        'unknown',
        at(3),
        expect.any(BigInt),
        null,
      ],
    },
  ])
})

test('merchant-health: a view, a window table function, CASE and MAX over decimals', async () => {
  const rows = await run(
    'merchant-health',
    'payments.merchant-health-value',
    schemaText('merchant-health/schemas/merchant-health.avsc'),
    'payments.merchant-health',
    payments.map(transaction),
  )
  const order = (value: unknown) => JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item))
  expect(rows.sort((a, b) => (order(a) < order(b) ? -1 : 1))).toEqual([
    { key: 'm1', value: ['m1', at(0), at(60), 3n, 0, 2_500_050n] },
    { key: 'm2', value: ['m2', at(0), at(60), 1n, 1, 500_000n] },
    { key: 'm2', value: ['m2', at(60), at(120), 1n, 1, 1n] },
  ])
})
