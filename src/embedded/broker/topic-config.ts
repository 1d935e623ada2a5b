// The configuration of topics as one table: Kafka's names, types and defaults. Names that Kafka has and one node has no use for
// are taken and shown, without effect, so that tools and scripts written for Kafka run unchanged.
import type { LogConfig } from './partition-log.ts'

type ConfigType = 'boolean' | 'string' | 'int' | 'long' | 'double' | 'list'

/** Kafka's numbers for DescribeConfigs. */
export const configTypeCode: Readonly<Record<ConfigType, number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  long: 5,
  double: 6,
  list: 7,
}

export type ConfigRow = {
  readonly type: ConfigType
  readonly default: string
  readonly oneOf?: readonly string[]
  readonly min?: number
}

export const topicConfigRows: Readonly<Record<string, ConfigRow>> = {
  'cleanup.policy': {
    type: 'list',
    default: 'delete',
    oneOf: ['delete', 'compact', 'compact,delete', 'delete,compact'],
  },
  'max.message.bytes': { type: 'int', default: '1048588', min: 0 },
  'message.timestamp.type': { type: 'string', default: 'CreateTime', oneOf: ['CreateTime', 'LogAppendTime'] },
  'retention.bytes': { type: 'long', default: '536870912', min: -1 },
  // Not Kafka's 7 days: on one's own machine records with times of long ago are test data, not waste.
  'retention.ms': { type: 'long', default: '-1', min: -1 },
  'segment.bytes': { type: 'int', default: '67108864', min: 1024 },
  // Without effect from here on.
  'compression.type': { type: 'string', default: 'producer' },
  'delete.retention.ms': { type: 'long', default: '86400000', min: 0 },
  'file.delete.delay.ms': { type: 'long', default: '60000', min: 0 },
  'flush.messages': { type: 'long', default: '9223372036854775807', min: 1 },
  'flush.ms': { type: 'long', default: '9223372036854775807', min: 0 },
  'index.interval.bytes': { type: 'int', default: '4096', min: 0 },
  'max.compaction.lag.ms': { type: 'long', default: '9223372036854775807', min: 1 },
  'message.timestamp.after.max.ms': { type: 'long', default: '9223372036854775807', min: 0 },
  'message.timestamp.before.max.ms': { type: 'long', default: '9223372036854775807', min: 0 },
  'min.cleanable.dirty.ratio': { type: 'double', default: '0.5', min: 0 },
  'min.compaction.lag.ms': { type: 'long', default: '0', min: 0 },
  'min.insync.replicas': { type: 'int', default: '1', min: 1 },
  preallocate: { type: 'boolean', default: 'false', oneOf: ['true', 'false'] },
  'segment.index.bytes': { type: 'int', default: '10485760', min: 4 },
  'segment.jitter.ms': { type: 'long', default: '0', min: 0 },
  'segment.ms': { type: 'long', default: '604800000', min: 1 },
  'unclean.leader.election.enable': { type: 'boolean', default: 'false', oneOf: ['true', 'false'] },
}

export type TopicConfig = Readonly<Record<string, string>>

/** What is wrong with the setting, or undefined. */
export function configMistake(name: string, value: string): string | undefined {
  const row = Object.hasOwn(topicConfigRows, name) ? topicConfigRows[name] : undefined
  if (row === undefined) return `unknown topic config name: ${name}`
  if (row.oneOf !== undefined && !row.oneOf.includes(value)) {
    return `invalid value ${value} for configuration ${name}: expected ${row.oneOf.join(' or ')}`
  }
  const numeric = row.type === 'int' || row.type === 'long' || row.type === 'double'
  if (!numeric) return undefined
  const pattern = row.type === 'double' ? /^-?\d+(\.\d+)?$/ : /^-?\d{1,19}$/
  if (!pattern.test(value) || (row.min !== undefined && Number(value) < row.min)) {
    return `invalid value ${value} for configuration ${name}: expected a number of at least ${row.min}`
  }
  return undefined
}

/** The part of a topic's configuration that this broker obeys. */
export type EffectiveConfig = LogConfig & { readonly maxMessageBytes: number; readonly logAppendTime: boolean }

export function effectiveConfig(config: TopicConfig, defaults: TopicConfig): EffectiveConfig {
  const value = (name: string) => config[name] ?? defaults[name] ?? topicConfigRows[name]!.default
  // Compaction would have to rewrite batches; a compacted topic is kept whole instead, which its readers may not rely on to differ.
  const deletes = value('cleanup.policy').includes('delete')
  const retentionBytes = deletes ? Number(value('retention.bytes')) : -1
  const segmentBytes = Number(value('segment.bytes'))
  return {
    // Whole segments are deleted, so a small bound needs small segments to be worth something.
    segmentBytes: retentionBytes < 0 ? segmentBytes : Math.min(segmentBytes, Math.max(65_536, retentionBytes / 4)),
    retentionBytes,
    retentionMs: deletes ? Number(value('retention.ms')) : -1,
    maxMessageBytes: Number(value('max.message.bytes')),
    logAppendTime: value('message.timestamp.type') === 'LogAppendTime',
  }
}
