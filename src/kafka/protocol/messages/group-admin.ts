// Looking at and deleting consumer groups.
import { defineApi } from '../api.ts'
import { array, arrayOf, bool, bytes, int16, int32, string } from '../codec.ts'

export const describeGroups = defineApi({
  name: 'DescribeGroups',
  key: 15,
  versions: '0-6',
  flexible: '5+',
  request: {
    groups: arrayOf('string', '0+'),
    includeAuthorizedOperations: bool('3+'),
  },
  response: {
    throttleTimeMs: int32('1+'),
    groups: array('0+', {
      errorCode: int16('0+'),
      errorMessage: string('6+', { nullable: '6+', default: null }),
      groupId: string('0+'),
      groupState: string('0+'),
      protocolType: string('0+'),
      protocolData: string('0+'),
      members: array('0+', {
        memberId: string('0+'),
        groupInstanceId: string('4+', { nullable: '4+', default: null }),
        clientId: string('0+'),
        clientHost: string('0+'),
        memberMetadata: bytes('0+'),
        memberAssignment: bytes('0+'),
      }),
      authorizedOperations: int32('3+', { default: -2147483648 }),
    }),
  },
})

export const listGroups = defineApi({
  name: 'ListGroups',
  key: 16,
  versions: '0-5',
  flexible: '3+',
  request: {
    statesFilter: arrayOf('string', '4+'),
    typesFilter: arrayOf('string', '5+'),
  },
  response: {
    throttleTimeMs: int32('1+'),
    errorCode: int16('0+'),
    groups: array('0+', {
      groupId: string('0+'),
      protocolType: string('0+'),
      groupState: string('4+'),
      groupType: string('5+'),
    }),
  },
})

export const deleteGroups = defineApi({
  name: 'DeleteGroups',
  key: 42,
  versions: '0-2',
  flexible: '2+',
  request: {
    groupsNames: arrayOf('string', '0+'),
  },
  response: {
    throttleTimeMs: int32('0+'),
    results: array('0+', {
      groupId: string('0+'),
      errorCode: int16('0+'),
    }),
  },
})
