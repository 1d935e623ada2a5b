// Metadata, DescribeCluster, FindCoordinator: one node that leads every partition and coordinates everything.
import { errorCode } from '../../../kafka/protocol/errors.ts'
import { findCoordinator } from '../../../kafka/protocol/messages/group-membership.ts'
import { describeCluster, metadata } from '../../../kafka/protocol/messages/metadata.ts'
import { leaderEpoch } from '../partition-log.ts'
import type { Topic } from '../topics.ts'
import { handler, type Node, nodeId } from './request.ts'

const noTopicId = '0'.repeat(32)
const coordinatorKeyTypes = 2

export const metadataHandler = handler(metadata, async (node, { version, body }) => {
  // Version 0 knows no null: an empty list asks for all.
  const all = body.topics === null || (version === 0 && body.topics.length === 0)
  const topics = all ? [...node.topics.all()].map(describeTopic) : []
  for (const { name, topicId } of all ? [] : body.topics!) {
    if (name === null || (name === '' && topicId !== noTopicId)) {
      const topic = node.topics.byId(topicId)
      topics.push(topic ? describeTopic(topic) : unknownTopic(null, topicId, errorCode.UNKNOWN_TOPIC_ID))
      continue
    }
    const topic = node.topics.get(name) ?? (body.allowAutoTopicCreation ? await autoCreated(node, name) : undefined)
    const mistake = node.topics.mistakeIn({ name, partitions: 1, config: {} })
    const code = mistake?.refused === 'INVALID_TOPIC_EXCEPTION' ? mistake.refused : 'UNKNOWN_TOPIC_OR_PARTITION'
    topics.push(topic ? describeTopic(topic) : unknownTopic(name, noTopicId, errorCode[code]))
  }
  return { brokers: [broker(node)], clusterId: node.clusterId, controllerId: nodeId, topics }
})

async function autoCreated(node: Node, name: string): Promise<Topic | undefined> {
  const topic = { name, partitions: 1, config: {} }
  if (!node.autoCreateTopics || node.topics.mistakeIn(topic) !== undefined) return undefined
  return node.topics.create(topic)
}

function broker(node: Node) {
  return { nodeId, host: node.host, port: node.port }
}

function describeTopic({ name, id, partitions }: Topic) {
  return {
    errorCode: 0,
    name: name as string | null,
    topicId: id,
    partitions: partitions.map((_, partitionIndex) => ({
      errorCode: 0,
      partitionIndex,
      leaderId: nodeId,
      leaderEpoch,
      replicaNodes: [nodeId],
      isrNodes: [nodeId],
    })),
  }
}

function unknownTopic(name: string | null, topicId: string, code: number): ReturnType<typeof describeTopic> {
  return { errorCode: code, name, topicId, partitions: [] }
}

export const describeClusterHandler = handler(describeCluster, (node) => ({
  clusterId: node.clusterId,
  controllerId: nodeId,
  brokers: [{ brokerId: nodeId, host: node.host, port: node.port }],
}))

export const findCoordinatorHandler = handler(findCoordinator, (node, { version, body }) => {
  const known = body.keyType < coordinatorKeyTypes
  const error = known ? 0 : errorCode.INVALID_REQUEST
  const errorMessage = known ? null : 'this broker coordinates groups and transactions only'
  if (version < 4) return { errorCode: error, errorMessage, ...broker(node) }
  return { coordinators: body.coordinatorKeys.map((key) => ({ key, errorCode: error, errorMessage, ...broker(node) })) }
})
