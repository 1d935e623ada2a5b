// Offsets that a consumer group has committed.
import { defineApi } from '../api.ts'
import { array, arrayOf, bool, int16, int32, int64, string, uuid } from '../codec.ts'

export const offsetCommit = defineApi({
  name: 'OffsetCommit',
  key: 8,
  versions: '2-10',
  flexible: '8+',
  request: {
    groupId: string('0+'),
    generationIdOrMemberEpoch: int32('1+', { default: -1 }),
    memberId: string('1+'),
    groupInstanceId: string('7+', { nullable: '7+', default: null }),
    retentionTimeMs: int64('2-4', { default: -1 }),
    topics: array('0+', {
      name: string('0-9'),
      topicId: uuid('10+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        committedOffset: int64('0+'),
        committedLeaderEpoch: int32('6+', { default: -1 }),
        committedMetadata: string('0+', { nullable: '0+' }),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32('3+'),
    topics: array('0+', {
      name: string('0-9'),
      topicId: uuid('10+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        errorCode: int16('0+'),
      }),
    }),
  },
})

export const offsetFetch = defineApi({
  name: 'OffsetFetch',
  key: 9,
  versions: '1-10',
  flexible: '6+',
  request: {
    groupId: string('0-7'),
    topics: array(
      '0-7',
      {
        name: string('0-7'),
        partitionIndexes: arrayOf('int32', '0-7'),
      },
      { nullable: '2-7' },
    ),
    groups: array('8+', {
      groupId: string('8+'),
      memberId: string('9+', { nullable: '9+', default: null }),
      memberEpoch: int32('9+', { default: -1 }),
      topics: array(
        '8+',
        {
          name: string('8-9'),
          topicId: uuid('10+'),
          partitionIndexes: arrayOf('int32', '8+'),
        },
        { nullable: '8+' },
      ),
    }),
    requireStable: bool('7+'),
  },
  response: {
    throttleTimeMs: int32('3+'),
    topics: array('0-7', {
      name: string('0-7'),
      partitions: array('0-7', {
        partitionIndex: int32('0-7'),
        committedOffset: int64('0-7'),
        committedLeaderEpoch: int32('5-7', { default: -1 }),
        metadata: string('0-7', { nullable: '0-7' }),
        errorCode: int16('0-7'),
      }),
    }),
    errorCode: int16('2-7'),
    groups: array('8+', {
      groupId: string('8+'),
      topics: array('8+', {
        name: string('8-9'),
        topicId: uuid('10+'),
        partitions: array('8+', {
          partitionIndex: int32('8+'),
          committedOffset: int64('8+'),
          committedLeaderEpoch: int32('8+', { default: -1 }),
          metadata: string('8+', { nullable: '8+' }),
          errorCode: int16('8+'),
        }),
      }),
      errorCode: int16('8+'),
    }),
  },
})
