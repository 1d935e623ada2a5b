// The tables that golden queries read and write: a payment company's topics, with registered Avro schemas.
import { parseSchema } from '../../src/avro/parse-schema.ts'
import type { AvroSchema } from '../../src/avro/schema.ts'
import { type Catalog, makeCatalog } from '../../src/catalog/table.ts'
import { type TableDeclaration, tableFromAvro } from '../../src/catalog/table-from-avro.ts'
import { assert } from '../../src/diagnostics/assert.ts'

type FieldText = readonly [name: string, type: unknown, fallback?: unknown]

function record(name: string, ...fields: FieldText[]): AvroSchema {
  const written = fields.map(([field, type, fallback]) => ({
    name: field,
    type,
    ...(fallback !== undefined && { default: fallback }),
  }))
  const text = JSON.stringify({ type: 'record', name, namespace: 'com.acme', fields: written })
  const { value } = parseSchema(text)
  assert(value, `schema ${name} is right`)
  return value
}

const nullable = (type: unknown) => ['null', type]
const millis = { type: 'long', logicalType: 'timestamp-millis' }
const decimal = (precision: number, scale: number) => ({ type: 'bytes', logicalType: 'decimal', precision, scale })
const status = (name: string, ...symbols: string[]) => ({ type: 'enum', name, symbols })

const declarations: readonly TableDeclaration[] = [
  {
    name: 'transactions',
    role: 'source',
    value: record(
      'Transaction',
      ['userIdentifier', 'string'],
      ['amount', decimal(12, 2)],
      ['currency', 'string'],
      ['status', status('Status', 'APPROVED', 'DECLINED', 'PENDING')],
      ['country', nullable('string')],
      ['risk', nullable('int')],
      ['merchant', nullable({ type: 'record', name: 'Merchant', fields: [{ name: 'city', type: 'string' }] })],
      ['createdAt', millis],
    ),
    eventTime: { column: 'createdAt', maxDelayMs: 5000, idleAfterMs: 30_000 },
    metadata: [{ name: 'recordTime', key: 'timestamp' }],
  },
  {
    name: 'logins',
    role: 'source',
    value: record('Login', ['userIdentifier', 'string'], ['ip', nullable('string')], ['loggedInAt', millis]),
    eventTime: { column: 'loggedInAt', maxDelayMs: 1000 },
  },
  {
    name: 'velocity',
    role: 'sink',
    value: record(
      'Velocity',
      ['userIdentifier', 'string'],
      ['windowStart', millis],
      ['windowEnd', millis],
      ['paymentAttempts', 'long'],
      ['note', nullable('string'), null],
    ),
    primaryKey: ['userIdentifier'],
  },
  {
    name: 'alerts',
    role: 'sink',
    value: record(
      'Alert',
      ['userIdentifier', 'string'],
      ['amount', decimal(10, 2)],
      ['country', 'string'],
      ['level', status('Level', 'LOW', 'HIGH')],
      ['happenedAt', millis],
    ),
  },
  {
    name: 'totals',
    role: 'sink',
    value: record('Total', ['userIdentifier', 'string'], ['payments', 'long']),
    primaryKey: ['userIdentifier'],
    changelog: 'upsert',
  },
]

export const goldenCatalog: Catalog = makeCatalog(
  declarations.map((declaration) => {
    const { table, problems } = tableFromAvro(declaration)
    assert(problems.length === 0, `table ${declaration.name} is right: ${problems[0]?.message}`)
    return table
  }),
)
