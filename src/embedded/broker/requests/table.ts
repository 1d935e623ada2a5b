// Every API that the broker offers, and the answer that says so.
import type { Api } from '../../../kafka/protocol/api.ts'
import { errorCode } from '../../../kafka/protocol/errors.ts'
import { apiVersions } from '../../../kafka/protocol/messages/api-versions.ts'
import { offsetCommitHandler, offsetFetchHandler } from './committed-offsets.ts'
import { fetchHandler } from './fetch.ts'
import {
  deleteGroupsHandler,
  describeGroupsHandler,
  heartbeatHandler,
  joinGroupHandler,
  leaveGroupHandler,
  listGroupsHandler,
  syncGroupHandler,
} from './groups.ts'
import { describeClusterHandler, findCoordinatorHandler, metadataHandler } from './metadata.ts'
import { deleteRecordsHandler, listOffsetsHandler, offsetForLeaderEpochHandler } from './offsets.ts'
import { produceHandler } from './produce.ts'
import { type Handler, handler } from './request.ts'
import { createPartitionsHandler, createTopicsHandler, deleteTopicsHandler, describeConfigsHandler } from './topics.ts'
import {
  addOffsetsToTxnHandler,
  addPartitionsToTxnHandler,
  endTxnHandler,
  initProducerIdHandler,
  txnOffsetCommitHandler,
} from './transactions.ts'

/** KIP-890: at level 2 of this feature clients use transactions v2. */
const transactionFeature = { name: 'transaction.version', level: 2 }

const apiVersionsHandler = handler(apiVersions, () => ({
  errorCode: 0,
  apiKeys: offered,
  supportedFeatures: [{ name: transactionFeature.name, minVersion: 0, maxVersion: transactionFeature.level }],
  finalizedFeaturesEpoch: 0,
  finalizedFeatures: [
    {
      name: transactionFeature.name,
      minVersionLevel: transactionFeature.level,
      maxVersionLevel: transactionFeature.level,
    },
  ],
}))

const handlers: readonly Handler[] = [
  produceHandler,
  fetchHandler,
  listOffsetsHandler,
  metadataHandler,
  offsetCommitHandler,
  offsetFetchHandler,
  findCoordinatorHandler,
  joinGroupHandler,
  heartbeatHandler,
  leaveGroupHandler,
  syncGroupHandler,
  describeGroupsHandler,
  listGroupsHandler,
  apiVersionsHandler,
  createTopicsHandler,
  deleteTopicsHandler,
  deleteRecordsHandler,
  initProducerIdHandler,
  offsetForLeaderEpochHandler,
  addPartitionsToTxnHandler,
  addOffsetsToTxnHandler,
  endTxnHandler,
  txnOffsetCommitHandler,
  describeConfigsHandler,
  createPartitionsHandler,
  deleteGroupsHandler,
  describeClusterHandler,
]

const offered = handlers.map(({ api, minVersion, maxVersion }) => ({ apiKey: api.key, minVersion, maxVersion }))

const byKey: ReadonlyMap<number, Handler> = new Map(handlers.map((entry) => [entry.api.key, entry]))

export function handlerOf(api: Api, version: number): Handler | undefined {
  const found = byKey.get(api.key)
  return found !== undefined && version >= found.minVersion && version <= found.maxVersion ? found : undefined
}

/** Kafka answers an ApiVersions request of a version it does not know in version 0, so that the client can choose another (KIP-511). */
export const unsupportedApiVersions = {
  errorCode: errorCode.UNSUPPORTED_VERSION,
  apiKeys: offered.filter(({ apiKey }) => apiKey === apiVersions.key),
}
