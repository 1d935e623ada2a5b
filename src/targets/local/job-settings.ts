// A compiled pipeline as the settings of a job: what connectors and engine need of it, and nothing else.
import { randomInt } from 'node:crypto'
import type { JobSettings } from '../../connectors/job.ts'
import { createDataflow } from '../../engine/dataflow.ts'
import type { JobDescription } from './messages.ts'

export function jobSettings(description: JobDescription, notify: (message: string) => void): JobSettings {
  const { pipeline, kafka, registry, stateDirectory, ...options } = description
  const { name, timeZone, deadLetterTopic } = pipeline.spec
  return {
    ...options,
    name,
    kafka,
    registry,
    stateDirectory,
    timeZone,
    deadLetterTopic,
    onError: pipeline.onError,
    sources: pipeline.sources.map(({ spec, table }) => ({ table, topic: spec.topic, start: spec.start })),
    sinks: pipeline.sinks.map(({ spec, table, writer, mapping, key }) => ({
      topic: spec.topic,
      delivery: spec.delivery,
      table,
      schemaId: writer.id,
      mapping,
      ...(key === undefined
        ? {}
        : { key: { columns: key.columns, ...(key.schema === undefined ? {} : { schemaId: key.schema.id }) } }),
    })),
    createDataflow: (settings) => createDataflow(pipeline.plans, settings),
    seed: randomInt(2 ** 31),
    notify,
  }
}
