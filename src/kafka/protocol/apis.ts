// Every API that Sluice speaks, by name and key; client and embedded broker read the same table.
import type { Api } from './api.ts'
import { apiVersions } from './messages/api-versions.ts'
import { describeConfigs } from './messages/configs.ts'
import { fetch } from './messages/fetch.ts'
import { deleteGroups, describeGroups, listGroups } from './messages/group-admin.ts'
import { findCoordinator, heartbeat, joinGroup, leaveGroup, syncGroup } from './messages/group-membership.ts'
import { offsetCommit, offsetFetch } from './messages/group-offsets.ts'
import { describeCluster, metadata } from './messages/metadata.ts'
import { deleteRecords, listOffsets, offsetForLeaderEpoch } from './messages/offsets.ts'
import { produce } from './messages/produce.ts'
import { saslAuthenticate, saslHandshake } from './messages/sasl.ts'
import { createPartitions, createTopics, deleteTopics } from './messages/topics.ts'
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  txnOffsetCommit,
} from './messages/transactions.ts'

export const apis: readonly Api[] = [
  produce,
  fetch,
  listOffsets,
  metadata,
  offsetCommit,
  offsetFetch,
  findCoordinator,
  joinGroup,
  heartbeat,
  leaveGroup,
  syncGroup,
  describeGroups,
  listGroups,
  saslHandshake,
  apiVersions,
  createTopics,
  deleteTopics,
  deleteRecords,
  initProducerId,
  offsetForLeaderEpoch,
  addPartitionsToTxn,
  addOffsetsToTxn,
  endTxn,
  txnOffsetCommit,
  describeConfigs,
  saslAuthenticate,
  createPartitions,
  deleteGroups,
  describeCluster,
]

export const apiByKey: ReadonlyMap<number, Api> = new Map(apis.map((api) => [api.key, api]))
