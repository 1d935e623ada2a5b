// Making and deleting topics.
import { defineApi } from '../api.ts'
import { array, arrayOf, bool, int8, int16, int32, string, uuid } from '../codec.ts'

export const createTopics = defineApi({
  name: 'CreateTopics',
  key: 19,
  versions: '2-7',
  flexible: '5+',
  request: {
    topics: array('0+', {
      name: string('0+'),
      numPartitions: int32('0+'),
      replicationFactor: int16('0+'),
      assignments: array('0+', {
        partitionIndex: int32('0+'),
        brokerIds: arrayOf('int32', '0+'),
      }),
      configs: array('0+', {
        name: string('0+'),
        value: string('0+', { nullable: '0+' }),
      }),
    }),
    timeoutMs: int32('0+', { default: 60000 }),
    validateOnly: bool('1+'),
  },
  response: {
    throttleTimeMs: int32('2+'),
    topics: array('0+', {
      name: string('0+'),
      topicId: uuid('7+'),
      errorCode: int16('0+'),
      errorMessage: string('1+', { nullable: '0+' }),
      topicConfigErrorCode: int16('5+', { tag: 0 }),
      numPartitions: int32('5+', { default: -1 }),
      replicationFactor: int16('5+', { default: -1 }),
      configs: array(
        '5+',
        {
          name: string('5+'),
          value: string('5+', { nullable: '5+' }),
          readOnly: bool('5+'),
          configSource: int8('5+', { default: -1 }),
          isSensitive: bool('5+'),
        },
        { nullable: '5+' },
      ),
    }),
  },
})

export const deleteTopics = defineApi({
  name: 'DeleteTopics',
  key: 20,
  versions: '1-6',
  flexible: '4+',
  request: {
    topics: array('6+', {
      name: string('6+', { nullable: '6+', default: null }),
      topicId: uuid('6+'),
    }),
    topicNames: arrayOf('string', '0-5'),
    timeoutMs: int32('0+'),
  },
  response: {
    throttleTimeMs: int32('1+'),
    responses: array('0+', {
      name: string('0+', { nullable: '6+' }),
      topicId: uuid('6+'),
      errorCode: int16('0+'),
      errorMessage: string('5+', { nullable: '5+', default: null }),
    }),
  },
})

export const createPartitions = defineApi({
  name: 'CreatePartitions',
  key: 37,
  versions: '0-3',
  flexible: '2+',
  request: {
    topics: array('0+', {
      name: string('0+'),
      count: int32('0+'),
      assignments: array(
        '0+',
        {
          brokerIds: arrayOf('int32', '0+'),
        },
        { nullable: '0+' },
      ),
    }),
    timeoutMs: int32('0+'),
    validateOnly: bool('0+'),
  },
  response: {
    throttleTimeMs: int32('0+'),
    results: array('0+', {
      name: string('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+', default: null }),
    }),
  },
})
