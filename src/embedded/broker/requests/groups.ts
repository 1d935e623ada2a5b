// JoinGroup, SyncGroup, Heartbeat, LeaveGroup, DescribeGroups, ListGroups, DeleteGroups.
import { errorCode, type KafkaErrorName } from '../../../kafka/protocol/errors.ts'
import { deleteGroups, describeGroups, listGroups } from '../../../kafka/protocol/messages/group-admin.ts'
import { heartbeat, joinGroup, leaveGroup, syncGroup } from '../../../kafka/protocol/messages/group-membership.ts'
import { Group } from '../group.ts'
import { given, handler, type Node } from './request.ts'

/** The group of that name, begun anew when nobody has used it. */
export function groupOf(node: Node, id: string): Group {
  let group = node.groups.get(id)
  if (group === undefined) {
    group = new Group(id)
    node.groups.set(id, group)
  }
  return group
}

const codeOf = (error: KafkaErrorName | undefined) => (error === undefined ? 0 : errorCode[error])

export const joinGroupHandler = handler(joinGroup, async (node, { version, clientId, clientHost, body }) => {
  const { groupId, memberId, sessionTimeoutMs, protocolType } = body
  if (groupId === '') return { errorCode: errorCode.INVALID_GROUP_ID, memberId }
  const answer = await groupOf(node, groupId).join({
    memberId,
    instanceId: given(body.groupInstanceId),
    clientId,
    clientHost,
    sessionTimeoutMs,
    rebalanceTimeoutMs: body.rebalanceTimeoutMs < 0 ? sessionTimeoutMs : body.rebalanceTimeoutMs,
    protocolType,
    // Copies: views would keep the whole frame in memory as long as the member lives.
    protocols: body.protocols.map(({ name, metadata }) => ({ name, metadata: metadata.slice() })),
    needsMemberId: version >= 4,
    canSkipAssignment: version >= 9,
  })
  if (answer.error !== undefined) {
    return { errorCode: errorCode[answer.error], memberId: answer.memberId, protocolName: version >= 7 ? null : '' }
  }
  return {
    errorCode: 0,
    generationId: answer.generation,
    protocolType,
    protocolName: answer.protocolName,
    leader: answer.leaderId,
    skipAssignment: answer.skipAssignment,
    memberId: answer.memberId,
    members: answer.members.map(({ memberId, instanceId, metadata }) => ({
      memberId,
      groupInstanceId: instanceId,
      metadata,
    })),
  }
})

export const syncGroupHandler = handler(syncGroup, async (node, { body }) => {
  const { groupId, memberId, generationId: generation } = body
  const instanceId = given(body.groupInstanceId)
  const protocolType = given(body.protocolType)
  const protocolName = given(body.protocolName)
  const group = node.groups.get(groupId)
  if (group === undefined) return { errorCode: errorCode.UNKNOWN_MEMBER_ID }
  const otherProtocol =
    (protocolType !== null && protocolType !== group.protocolType) ||
    (protocolName !== null && protocolName !== group.protocolName)
  if (otherProtocol && group.members.has(memberId)) return { errorCode: errorCode.INCONSISTENT_GROUP_PROTOCOL }
  const answer = await group.sync({ memberId, instanceId, generation }, body.assignments)
  if (answer.error !== undefined) return { errorCode: errorCode[answer.error] }
  const { protocolType: type, protocolName: name } = group
  return { errorCode: 0, protocolType: type, protocolName: name, assignment: answer.assignment }
})

export const heartbeatHandler = handler(heartbeat, (node, { body }) => {
  const { memberId, generationId: generation } = body
  const instanceId = given(body.groupInstanceId)
  const group = node.groups.get(body.groupId)
  return { errorCode: codeOf(group ? group.heartbeat({ memberId, instanceId, generation }) : 'UNKNOWN_MEMBER_ID') }
})

export const leaveGroupHandler = handler(leaveGroup, (node, { version, body }) => {
  const group = node.groups.get(body.groupId)
  const leave = (memberId: string, instanceId: string | null) =>
    codeOf(group ? group.leave(memberId, instanceId) : 'UNKNOWN_MEMBER_ID')
  if (version < 3) return { errorCode: leave(body.memberId, null) }
  const members = body.members.map(({ memberId, groupInstanceId }) => ({
    memberId,
    groupInstanceId,
    errorCode: leave(memberId, given(groupInstanceId)),
  }))
  return { errorCode: 0, members }
})

const dead = { groupState: 'Dead', protocolType: '', protocolData: '', members: [] }
const noBytes = new Uint8Array(0)

export const describeGroupsHandler = handler(describeGroups, (node, { version, body }) => ({
  groups: body.groups.map((groupId) => {
    const group = node.groups.get(groupId)
    if (group === undefined && !node.committed.has(groupId)) {
      return version < 6
        ? { groupId, errorCode: 0, ...dead }
        : { groupId, errorCode: errorCode.GROUP_ID_NOT_FOUND, errorMessage: `there is no group ${groupId}`, ...dead }
    }
    if (group === undefined) return { groupId, errorCode: 0, ...dead, groupState: 'Empty' }
    const { state, protocolType, protocolName } = group
    const members = [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: member.protocols.find(({ name }) => name === protocolName)?.metadata ?? noBytes,
      memberAssignment: member.assignment,
    }))
    return { groupId, errorCode: 0, groupState: state, protocolType, protocolData: protocolName ?? '', members }
  }),
}))

const groupType = 'classic'

export const listGroupsHandler = handler(listGroups, (node, { body }) => {
  const wanted = (filter: readonly string[], value: string) =>
    filter.length === 0 || filter.some((name) => name.toLowerCase() === value.toLowerCase())
  const ids = new Set([...node.groups.keys(), ...node.committed.groups()])
  const groups = [...ids].flatMap((groupId) => {
    const group = node.groups.get(groupId)
    const groupState = group?.state ?? 'Empty'
    if (!wanted(body.statesFilter, groupState) || !wanted(body.typesFilter, groupType)) return []
    return [{ groupId, protocolType: group?.protocolType ?? '', groupState, groupType }]
  })
  return { errorCode: 0, groups }
})

export const deleteGroupsHandler = handler(deleteGroups, async (node, { body }) => {
  const results = []
  for (const groupId of body.groupsNames) {
    const group = node.groups.get(groupId)
    const exists = group !== undefined || node.committed.has(groupId)
    const error = !exists ? 'GROUP_ID_NOT_FOUND' : group && group.members.size > 0 ? 'NON_EMPTY_GROUP' : undefined
    if (error === undefined) {
      group?.close()
      node.groups.delete(groupId)
      await node.committed.deleteGroup(groupId)
    }
    results.push({ groupId, errorCode: codeOf(error) })
  }
  return { results }
})
