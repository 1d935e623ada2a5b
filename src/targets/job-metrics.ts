// What a running job counts, as a table: the child sends values by name, targets and server give them to Prometheus and the web.

export type MetricEntry = { readonly kind: 'counter' | 'gauge'; readonly unit: string; readonly help: string }

export const jobMetrics = {
  recordsIn: { kind: 'counter', unit: 'records', help: 'Records read from the input topics' },
  bytesIn: { kind: 'counter', unit: 'bytes', help: 'Bytes of record batches read, as they came over the network' },
  recordsOut: { kind: 'counter', unit: 'records', help: 'Records written to the output topics' },
  bytesOut: { kind: 'counter', unit: 'bytes', help: 'Bytes of keys and values written to the output topics' },
  recordsLate: { kind: 'counter', unit: 'records', help: 'Rows that came after their window was closed, dropped' },
  recordsNullTime: { kind: 'counter', unit: 'records', help: 'Rows without an event time, dropped' },
  recordsDropped: { kind: 'counter', unit: 'records', help: 'Records dropped by the onError policy' },
  recordsDeadLettered: { kind: 'counter', unit: 'records', help: 'Records written to the dead-letter topic' },
  commits: { kind: 'counter', unit: 'commits', help: 'Commits of outputs together with input offsets' },
  snapshots: { kind: 'counter', unit: 'snapshots', help: 'Snapshots of the state written to disk' },
  recoveries: { kind: 'counter', unit: 'recoveries', help: 'Recoveries from the committed offsets' },
  lag: { kind: 'gauge', unit: 'records', help: 'Records in the input topics that are not read yet' },
  watermark: { kind: 'gauge', unit: 'ms since epoch', help: 'Event time up to which the input counts as complete' },
  stateRows: { kind: 'gauge', unit: 'rows', help: 'Rows held in state' },
  stateBytes: { kind: 'gauge', unit: 'bytes', help: 'Memory reserved for state' },
  commitNumber: { kind: 'gauge', unit: 'commits', help: 'Number of the last commit' },
  commitDurationMs: { kind: 'gauge', unit: 'ms', help: 'Duration of the last commit' },
} as const satisfies Readonly<Record<string, MetricEntry>>

export type JobMetricName = keyof typeof jobMetrics

/** Values by name; a gauge that has no value yet (a watermark before the first row) is absent. */
export type JobMetrics = { readonly [Name in JobMetricName]?: number }
