// `sluice topics`: which topics there are, and how much is in them.
import { createKafkaClient } from '../kafka/client.ts'
import { listOffsets } from '../kafka/offsets.ts'
import { withEnvironment } from './open-environment.ts'
import { type ExitCode, exitCodes, formatTable, printJson, printLine } from './output.ts'

export async function listTopics(options: { readonly env?: string; readonly json?: boolean }): Promise<ExitCode> {
  return withEnvironment(options.env, async (environment) => {
    const client = createKafkaClient(environment.kafka)
    try {
      const topics = (await client.listTopics())
        .filter((topic) => !topic.internal)
        .sort((a, b) => (a.name < b.name ? -1 : 1))
      const partitions = topics.flatMap(({ name, partitions }) =>
        partitions.map((_, partition) => ({ topic: name, partition })),
      )
      const earliest = await listOffsets(client, partitions, 'earliest')
      const latest = await listOffsets(client, partitions, 'latest')
      let next = 0
      const rows = topics.map((topic) => {
        const ranges = topic.partitions.map((_, partition) => {
          const at = next++
          return { partition, earliest: earliest[at]!, latest: latest[at]! }
        })
        return { topic: topic.name, partitions: ranges }
      })
      if (options.json) for (const row of rows) printJson(row)
      else if (rows.length === 0) printLine('no topics')
      else
        printLine(
          formatTable(
            ['topic', 'partitions', 'records', 'offsets'],
            rows.map(({ topic, partitions: ranges }) => [
              topic,
              String(ranges.length),
              String(ranges.reduce((sum, range) => sum + range.latest - range.earliest, 0)),
              ranges.map((range) => `${range.earliest}-${range.latest}`).join(' '),
            ]),
          ),
        )
      return exitCodes.ok
    } finally {
      await client.close()
    }
  })
}
