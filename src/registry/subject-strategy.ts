// Under which subject a record's schema is registered. Confluent's names and rules (…/subject/*NameStrategy.java); the
// strategy is not needed to decode a record, only to find the schema that a source or sink is pinned to.

export type SubjectStrategy = 'TopicName' | 'RecordName' | 'TopicRecordName'

/** A record's key and value have schemas of their own. */
export type RecordPart = 'key' | 'value'

/**
 * The subject by a strategy. `recordName` is the record's full name; the strategies that use it add no `-key` or `-value`.
 * The caller gives it for RecordName and TopicRecordName (undefined is answered when it is missing).
 */
export function subjectOf(
  strategy: SubjectStrategy,
  topic: string,
  part: RecordPart,
  recordName?: string,
): string | undefined {
  switch (strategy) {
    case 'TopicName':
      return `${topic}-${part}`
    case 'RecordName':
      return recordName
    case 'TopicRecordName':
      return recordName === undefined ? undefined : `${topic}-${recordName}`
  }
}
