// The plan of the velocity check, made by hand: the benches measure the engine, not the compiler.
import type { OutputMapping } from '../src/catalog/output-mapping.ts'
import type { Plan } from '../src/plan/plan.ts'
import type { LogicalType } from '../src/types/logical-type.ts'
import { MAX_DELAY_MS } from './transactions.ts'

const span = { start: 0, end: 0 }
const base = { changelog: 'append', span } as const
const user: LogicalType = { kind: 'VARCHAR', length: 2147483647, nullable: false }
const rowtime: LogicalType = { kind: 'TIMESTAMP_LTZ', precision: 3, nullable: false, timeAttribute: 'rowtime' }
const bound: LogicalType = { kind: 'TIMESTAMP', precision: 3, nullable: false }
const count: LogicalType = { kind: 'BIGINT', nullable: false }
const delay: LogicalType = { kind: 'INTERVAL', unit: 'DAY_TIME', nullable: false }

const input = [
  { name: 'userIdentifier', type: user },
  { name: 'createdAt', type: rowtime },
]
const output = [
  { name: 'userIdentifier', type: user },
  { name: 'paymentAttempts', type: count },
  { name: 'windowStart', type: bound },
  { name: 'windowEnd', type: bound },
]

const watermark: Plan = {
  ...base,
  kind: 'watermark',
  id: 'watermark',
  schema: input,
  input: { ...base, kind: 'scan', id: 'scan', table: 'transactions', schema: input },
  column: 1,
  expression: {
    kind: 'call',
    function: '-',
    type: rowtime,
    span,
    arguments: [
      { kind: 'column', index: 1, type: rowtime, span },
      { kind: 'literal', value: BigInt(MAX_DELAY_MS), type: delay, span },
    ],
  },
}

/** Payment attempts per user in 10 seconds. */
export const velocityPlan: Plan = {
  ...base,
  kind: 'sink',
  accepts: 'append',
  primaryKey: [],
  id: 'sink',
  table: 'velocity',
  schema: output,
  input: {
    ...base,
    kind: 'aggregate',
    id: 'aggregate',
    schema: output,
    input: watermark,
    keys: [0],
    calls: [{ function: 'COUNT', arguments: [], distinct: false, type: count, span }],
    window: {
      kind: 'tumble',
      timeColumn: 1,
      offsetMs: 0,
      sizeMs: 10_000,
      properties: ['start', 'end'],
      style: 'group',
    },
  },
}

/** The plan's columns as fields of velocitySchema. */
export const velocityMapping: OutputMapping = {
  table: 'velocity',
  fields: [
    { name: 'userIdentifier', from: 'column', column: 0, conversion: { checks: [] } },
    { name: 'windowStart', from: 'column', column: 2, conversion: { timeZone: 'UTC', checks: [] } },
    { name: 'windowEnd', from: 'column', column: 3, conversion: { timeZone: 'UTC', checks: [] } },
    { name: 'paymentAttempts', from: 'column', column: 1, conversion: { checks: [] } },
  ],
  key: [0],
}
