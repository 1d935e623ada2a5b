import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { type CompiledPipeline, compilePipeline } from '../../pipeline/compile.ts'
import { readPipelineSpec } from '../../pipeline/read-spec.ts'
import type { PinnedSchema } from '../../pipeline/resolved-schemas.ts'
import { type FlinkDeployment, jobSpecOf } from './job-spec.ts'

const deployment: FlinkDeployment = {
  bootstrapServers: 'kafka:9092',
  registryUrl: 'http://registry:8081',
  groupId: 'payments',
  transactionalIdPrefix: 'payments-1',
  transactionTimeoutMs: 900_000,
  checkpointIntervalMs: 10_000,
}

function compiled(): CompiledPipeline {
  const text = `name: big-payments
sources:
  payments: { topic: payments.in, value: { subject: payment }, start: earliest }
sql: SELECT payer, status FROM payments
sinks:
  out: { topic: payments.out, value: { subject: out }, key: [payer] }
`
  const status = { type: 'enum', name: 'Status', symbols: ['APPROVED', 'DECLINED'] }
  const fields = [
    { name: 'payer', type: 'string' },
    { name: 'status', type: status },
  ]
  const pin = (id: number, name: string): PinnedSchema => ({
    id,
    text: JSON.stringify({ type: 'record', name, fields }),
    references: [],
  })
  const schemas = {
    sources: new Map([['payments', { value: pin(7, 'Payment') }]]),
    sinks: new Map([['out', { value: pin(9, 'Out') }]]),
  }
  const { value, diagnostics } = compilePipeline(readPipelineSpec(text, 'p.yaml', () => undefined).value!, schemas)
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return value!
}

test('the spec names topics, registered schemas and what fills each field', () => {
  const { text } = jobSpecOf(compiled(), deployment)
  expect(JSON.parse(text)).toMatchObject({
    format: 1,
    name: 'big-payments',
    sources: [{ name: 'payments', topic: 'payments.in', start: 'earliest', reader: { id: 7 } }],
    sinks: [
      {
        topic: 'payments.out',
        writer: { id: 9 },
        fields: [
          { name: 'payer', from: 'column', column: 0 },
          { name: 'status', from: 'column', column: 1 },
        ],
        key: { columns: [0] },
      },
    ],
    deployment: { transactionalIdPrefix: 'payments-1' },
  })
})

test('the digest is of the text, the same for the same pipeline, another for another deployment', () => {
  const spec = jobSpecOf(compiled(), deployment)
  expect(spec.sha256).toBe(createHash('sha256').update(spec.text).digest('hex'))
  expect(jobSpecOf(compiled(), deployment)).toEqual(spec)
  expect(jobSpecOf(compiled(), { ...deployment, transactionalIdPrefix: 'payments-2' }).sha256).not.toBe(spec.sha256)
})
