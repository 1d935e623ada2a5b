// What the Flink runner is told of a pipeline: one JSON text and its SHA-256. The format is described in flink-job/README.md.
// No secret has a place in it: Flink's REST API shows program arguments, so credentials reach the cluster by its environment or files.
import { createHash } from 'node:crypto'
import type { CompiledPipeline } from '../../pipeline/compile.ts'

/** What a deployment decides and a pipeline does not. Absent: the cluster's own setting. */
export type FlinkDeployment = {
  readonly bootstrapServers: string
  readonly registryUrl: string
  readonly groupId: string
  /** Unique per deployment and epoch: two jobs with one prefix would abort each other's transactions. */
  readonly transactionalIdPrefix: string
  /** Must not exceed the broker's `transaction.max.timeout.ms`. */
  readonly transactionTimeoutMs: number
  readonly checkpointIntervalMs: number
  readonly parallelism?: number
  readonly maxParallelism?: number
  readonly stateTtlMs?: number
}

/** `text` is what the digest is of: it is handed on as it is, never printed anew. */
export type JobSpec = { readonly text: string; readonly sha256: string }

/** Readers refuse a version they don't know. */
const formatVersion = 1

/** Equal pipelines and deployments give equal bytes: keys stand in the order written here. */
export function jobSpecOf(pipeline: CompiledPipeline, deployment: FlinkDeployment): JobSpec {
  const { spec, statements, fingerprint, onError } = pipeline
  const text = JSON.stringify({
    format: formatVersion,
    name: spec.name,
    fingerprint,
    statements,
    timeZone: spec.timeZone,
    sources: pipeline.sources.map(sourceOf),
    sinks: pipeline.sinks.map(sinkOf),
    onError,
    deadLetterTopic: spec.deadLetterTopic,
    deployment,
  })
  return { text, sha256: createHash('sha256').update(text, 'utf8').digest('hex') }
}

function sourceOf({ spec, table, reader, keyReader }: CompiledPipeline['sources'][number]) {
  const { name, topic, start } = spec
  const { columns, eventTime } = table
  return { name, topic, start, columns, eventTime, reader, keyReader }
}

function sinkOf({ spec, table, writer, mapping, key }: CompiledPipeline['sinks'][number]) {
  const { name, topic, mode, delivery } = spec
  return { name, topic, mode, delivery, columns: table.columns, writer, fields: mapping.fields, key }
}
