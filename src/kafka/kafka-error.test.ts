import { expect, test } from 'vitest'
import { JobError } from '../diagnostics/job-error.ts'
import { BrokerError, ConnectionLost, toJobError } from './kafka-error.ts'
import { errorCode, type KafkaErrorName } from './protocol/errors.ts'

test.each([
  ['PRODUCER_FENCED', 'RUN110', 'never'],
  ['INVALID_PRODUCER_EPOCH', 'RUN110', 'never'],
  ['TOPIC_AUTHORIZATION_FAILED', 'RUN102', 'never'],
  ['UNKNOWN_TOPIC_OR_PARTITION', 'RUN103', 'never'],
  ['MESSAGE_TOO_LARGE', 'RUN108', 'never'],
  ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'RUN111', 'backoff'],
  ['NOT_LEADER_OR_FOLLOWER', 'RUN101', 'backoff'],
  ['UNKNOWN_SERVER_ERROR', 'RUN106', 'backoff'],
  ['POLICY_VIOLATION', 'RUN106', 'never'],
] as const)('%s is %s, to be tried again: %s', (name: KafkaErrorName, code, retry) => {
  const error = toJobError(new BrokerError(errorCode[name], 'as the broker says'), 'write records')
  expect(error).toMatchObject({
    code,
    retry,
    message: `cannot write records: Kafka answers ${name}: as the broker says`,
  })
})

test('a lost connection is to be tried again; a JobError stays what it is', () => {
  expect(toJobError(new ConnectionLost('b:1 closed the connection', true), 'read')).toMatchObject({
    code: 'RUN101',
    retry: 'backoff',
    message: 'cannot read: b:1 closed the connection',
  })
  const known = new JobError('RUN104', 'gone', { origin: 'user', retry: 'never' })
  expect(toJobError(known, 'read')).toBe(known)
})
