import { expect, test } from 'vitest'
import { subjectOf } from './subject-strategy.ts'

test('subjects are named as Confluent names them: a suffix with TopicName only', () => {
  expect(subjectOf('TopicName', 'payments', 'key')).toBe('payments-key')
  expect(subjectOf('TopicName', 'payments', 'value')).toBe('payments-value')
  expect(subjectOf('RecordName', 'payments', 'key', 'com.acme.User')).toBe('com.acme.User')
  expect(subjectOf('RecordName', 'payments', 'value', 'com.acme.User')).toBe('com.acme.User')
  expect(subjectOf('TopicRecordName', 'payments', 'value', 'com.acme.User')).toBe('payments-com.acme.User')
  expect(subjectOf('RecordName', 'payments', 'value')).toBeUndefined()
})
