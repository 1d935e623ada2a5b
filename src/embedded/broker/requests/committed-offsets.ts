// OffsetCommit and OffsetFetch.
import { errorCode } from '../../../kafka/protocol/errors.ts'
import { offsetCommit, offsetFetch } from '../../../kafka/protocol/messages/group-offsets.ts'
import type { CommittedOffset } from '../committed-offsets.ts'
import { groupOf } from './groups.ts'
import { given, handler, type Node } from './request.ts'

const firstVersionWithTopicIds = 10
/** Kafka's offset.metadata.max.bytes. */
const maxMetadataLength = 4096

export const offsetCommitHandler = handler(offsetCommit, async (node, { version, body }) => {
  const { groupId, memberId, generationIdOrMemberEpoch: generation } = body
  const instanceId = given(body.groupInstanceId)
  const byId = version >= firstVersionWithTopicIds
  const known = node.groups.get(groupId)
  // A generation of a group that nobody remembers is from before a restart.
  const mistake =
    known === undefined && generation >= 0
      ? 'ILLEGAL_GENERATION'
      : groupOf(node, groupId).commitMistake({ memberId, instanceId, generation }, false)
  const accepted: CommittedOffset[] = []
  const topics = body.topics.map((asked) => {
    const topic = byId ? node.topics.byId(asked.topicId) : node.topics.get(asked.name)
    const partitions = asked.partitions.map((p) => {
      const { partitionIndex } = p
      const metadata = p.committedMetadata ?? ''
      const answer = (code: number) => ({ partitionIndex, errorCode: code })
      if (mistake !== undefined) return answer(errorCode[mistake])
      if (topic === undefined && byId) return answer(errorCode.UNKNOWN_TOPIC_ID)
      if (topic?.partitions[partitionIndex] === undefined) return answer(errorCode.UNKNOWN_TOPIC_OR_PARTITION)
      if (metadata.length > maxMetadataLength) return answer(errorCode.OFFSET_METADATA_TOO_LARGE)
      const { committedOffset: offset, committedLeaderEpoch: leaderEpoch } = p
      accepted.push({ topic: topic.name, partition: partitionIndex, offset, leaderEpoch, metadata })
      return answer(0)
    })
    return { name: asked.name, topicId: asked.topicId, partitions }
  })
  if (accepted.length > 0) await node.committed.commit(groupId, accepted)
  return { topics }
})

type AskedTopic = { readonly name: string; readonly topicId: string; readonly partitionIndexes: readonly number[] }

export const offsetFetchHandler = handler(offsetFetch, (node, { version, body }) => {
  if (version < 8) {
    const asked = body.topics?.map((topic) => ({ ...topic, topicId: '' })) ?? null
    return { topics: offsetsOf(node, body.groupId, asked, body.requireStable, false), errorCode: 0 }
  }
  const byId = version >= firstVersionWithTopicIds
  const groups = body.groups.map(({ groupId, topics }) => ({
    groupId,
    errorCode: 0,
    topics: offsetsOf(node, groupId, topics, body.requireStable, byId),
  }))
  return { groups }
})

/** `asked` null: all that the group has. */
function offsetsOf(
  node: Node,
  groupId: string,
  asked: readonly AskedTopic[] | null,
  requireStable: boolean,
  byId: boolean,
) {
  return (asked ?? committedTopics(node, groupId)).map(({ name, topicId, partitionIndexes }) => {
    const topic = byId && asked !== null ? node.topics.byId(topicId) : node.topics.get(name)
    const topicName = topic?.name ?? name
    const partitions = partitionIndexes.map((partitionIndex) => {
      const none = { partitionIndex, committedOffset: -1, committedLeaderEpoch: -1, metadata: '', errorCode: 0 }
      if (byId && topic === undefined) return { ...none, errorCode: errorCode.UNKNOWN_TOPIC_ID }
      if (requireStable && node.transactions.hasPendingOffset(groupId, topicName, partitionIndex)) {
        return { ...none, errorCode: errorCode.UNSTABLE_OFFSET_COMMIT }
      }
      const committed = node.committed.get(groupId, topicName, partitionIndex)
      if (committed === undefined) return none
      const { offset: committedOffset, leaderEpoch: committedLeaderEpoch, metadata } = committed
      return { partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode: 0 }
    })
    return { name: topicName, topicId: topic?.id ?? topicId, partitions }
  })
}

function committedTopics(node: Node, groupId: string): readonly AskedTopic[] {
  const byTopic = new Map<string, number[]>()
  for (const { topic, partition } of node.committed.of(groupId)) {
    const partitions = byTopic.get(topic)
    if (partitions === undefined) byTopic.set(topic, [partition])
    else partitions.push(partition)
  }
  return [...byTopic].map(([name, partitionIndexes]) => ({ name, topicId: '0'.repeat(32), partitionIndexes }))
}
