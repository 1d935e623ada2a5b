// All input partitions of a job in one order: by source, then by number. The fetcher's assignment, positions and the journal
// count in it.
import { JobError } from '../diagnostics/job-error.ts'
import type { KafkaClient } from '../kafka/client.ts'
import type { TopicPartition } from '../kafka/offsets.ts'

export type PartitionMap = {
  readonly list: readonly (TopicPartition & { readonly source: number })[]
  /** Number of partitions of each source. */
  readonly counts: readonly number[]
  indexOf(source: number, partition: number): number
}

export async function mapPartitions(client: KafkaClient, topics: readonly string[]): Promise<PartitionMap> {
  const counts = await countPartitions(client, topics)
  const starts: number[] = []
  const list: (TopicPartition & { source: number })[] = []
  topics.forEach((topic, source) => {
    starts.push(list.length)
    for (let partition = 0; partition < counts[source]!; partition++) list.push({ topic, partition, source })
  })
  return { list, counts, indexOf: (source, partition) => starts[source]! + partition }
}

/** Number of partitions by topic; a topic that does not exist is refused. */
export async function countPartitions(client: KafkaClient, topics: readonly string[]): Promise<number[]> {
  const descriptions = await client.describeTopics(topics)
  return descriptions.map((description, index) => {
    if (description === undefined) {
      throw new JobError('RUN103', `topic \`${topics[index]}\` does not exist`, {
        origin: 'user',
        retry: 'never',
        hint: `Create it, for example: kafka-topics.sh --create --topic ${topics[index]} --partitions 3 --bootstrap-server ${client.settings.bootstrap[0]}`,
      })
    }
    return description.partitions.length
  })
}
