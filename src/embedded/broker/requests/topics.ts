// CreateTopics, DeleteTopics, CreatePartitions, DescribeConfigs.
import { errorCode } from '../../../kafka/protocol/errors.ts'
import { describeConfigs } from '../../../kafka/protocol/messages/configs.ts'
import { createPartitions, createTopics, deleteTopics } from '../../../kafka/protocol/messages/topics.ts'
import { configTypeCode, topicConfigRows } from '../topic-config.ts'
import type { NewTopic, Refusal, Topic } from '../topics.ts'
import { handler, type Node, nodeId } from './request.ts'

const noTopicId = '0'.repeat(32)
const resourceTopic = 2
const resourceBroker = 4
const sourceTopic = 1
const sourceDefault = 5

function refusal(refused: Refusal['refused'], message: string): Refusal {
  return { refused, message }
}

function replicationMistake(replicationFactor: number): Refusal | undefined {
  if (replicationFactor === 1 || replicationFactor === -1) return undefined
  return refusal(
    'INVALID_REPLICATION_FACTOR',
    `there is one broker, so the replication factor is 1, not ${replicationFactor}`,
  )
}

export const createTopicsHandler = handler(createTopics, async (node, { body }) => {
  const topics = []
  for (const asked of body.topics) {
    const { name, numPartitions, replicationFactor, assignments } = asked
    const partitions = assignments.length > 0 ? assignments.length : numPartitions === -1 ? 1 : numPartitions
    const config = Object.fromEntries(
      asked.configs.flatMap(({ name, value }) => (value === null ? [] : [[name, value]])),
    )
    const topic: NewTopic = { name, partitions, config }
    const twice = body.topics.some((other) => other !== asked && other.name === name)
    const mistake = twice
      ? refusal('INVALID_REQUEST', `the topic ${name} is named twice`)
      : (node.topics.mistakeIn(topic) ?? (assignments.length > 0 ? undefined : replicationMistake(replicationFactor)))
    if (mistake !== undefined) {
      topics.push({ name, errorCode: errorCode[mistake.refused], errorMessage: mistake.message, configs: null })
      continue
    }
    const topicId = body.validateOnly ? noTopicId : (await node.topics.create(topic)).id
    const configs = configEntries(config).map(({ synonyms, configType, documentation, ...entry }) => entry)
    topics.push({ name, topicId, errorMessage: null, numPartitions: partitions, replicationFactor: 1, configs })
  }
  return { topics }
})

export const deleteTopicsHandler = handler(deleteTopics, async (node, { version, body }) => {
  const asked =
    version >= 6 ? body.topics : body.topicNames.map((name) => ({ name: name as string | null, topicId: noTopicId }))
  const responses = []
  for (const { name, topicId } of asked) {
    const topic = name === null ? node.topics.byId(topicId) : node.topics.get(name)
    if (topic === undefined) {
      const code = name === null ? errorCode.UNKNOWN_TOPIC_ID : errorCode.UNKNOWN_TOPIC_OR_PARTITION
      responses.push({ name, topicId, errorCode: code })
      continue
    }
    node.transactions.forgetTopic(topic.name)
    node.committed.deleteTopic(topic.name)
    await node.topics.delete(topic)
    responses.push({ name: topic.name, topicId: topic.id, errorCode: 0 })
  }
  return { responses }
})

export const createPartitionsHandler = handler(createPartitions, async (node, { body }) => {
  const results = []
  for (const { name, count } of body.topics) {
    const topic = node.topics.get(name)
    const mistake = partitionsMistake(node, topic, count)
    if (mistake === undefined && topic !== undefined && !body.validateOnly)
      await node.topics.addPartitions(topic, count)
    results.push({ name, errorCode: mistake ? errorCode[mistake.refused] : 0, errorMessage: mistake?.message ?? null })
  }
  return { results }
})

function partitionsMistake(node: Node, topic: Topic | undefined, count: number): Refusal | undefined {
  if (topic === undefined) return refusal('UNKNOWN_TOPIC_OR_PARTITION', 'there is no such topic')
  const have = topic.partitions.length
  if (count <= have) return refusal('INVALID_PARTITIONS', `the topic has ${have} partitions already`)
  const mistake = node.topics.mistakeIn({ name: topic.name, partitions: count, config: {} })
  return mistake?.refused === 'INVALID_PARTITIONS' ? mistake : undefined
}

export const describeConfigsHandler = handler(describeConfigs, (node, { body }) => ({
  results: body.resources.map(({ resourceType, resourceName, configurationKeys }) => {
    const resource = { resourceType, resourceName }
    const topic = resourceType === resourceTopic ? node.topics.get(resourceName) : undefined
    const isThisBroker = resourceType === resourceBroker && (resourceName === '' || resourceName === String(nodeId))
    if (topic === undefined && !isThisBroker) {
      const code = resourceType === resourceTopic ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'INVALID_REQUEST'
      return { ...resource, errorCode: errorCode[code], errorMessage: 'there is no such topic or broker', configs: [] }
    }
    const entries = topic === undefined ? [] : configEntries({ ...node.topics.defaults, ...topic.config }, topic.config)
    const configs = entries.filter(({ name }) => configurationKeys === null || configurationKeys.includes(name))
    return { ...resource, errorCode: 0, errorMessage: null, configs }
  }),
}))

function configEntries(values: Readonly<Record<string, string>>, own = values) {
  return Object.entries(topicConfigRows).map(([name, row]) => ({
    name,
    value: values[name] ?? row.default,
    readOnly: false,
    configSource: Object.hasOwn(own, name) ? sourceTopic : sourceDefault,
    isSensitive: false,
    synonyms: [],
    configType: configTypeCode[row.type],
    documentation: null,
  }))
}
