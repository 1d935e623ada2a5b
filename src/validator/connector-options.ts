// Options of CREATE TABLE for the connectors and formats that Flink's users meet with Kafka: which must be there, which may be there.
// Checked when a table is used, as Flink does: a table that nothing reads may say anything.
import { didYouMean } from '../diagnostics/did-you-mean.ts'

export type Options = ReadonlyMap<string, string>

type Connector = {
  readonly required: readonly string[]
  readonly optional: readonly string[]
  /** Options of the client below, which are not checked. */
  readonly prefixes: readonly string[]
  readonly choices: Readonly<Record<string, readonly string[]>>
  readonly needsPrimaryKey: boolean
}

const watermarkOptions = [
  'scan.watermark.alignment.group',
  'scan.watermark.alignment.max-drift',
  'scan.watermark.alignment.update-interval',
  'scan.watermark.emit.strategy',
  'scan.watermark.idle-timeout',
]

const kafkaOptions = [
  ...watermarkOptions,
  ...[
    'key.fields',
    'key.fields-prefix',
    'key.format',
    'value.fields-include',
    'value.format',
    'format',
    'property-version',
  ],
  ...['properties.group.id', 'topic', 'topic-pattern', 'connector'],
  ...['scan.bounded.mode', 'scan.bounded.specific-offsets', 'scan.bounded.timestamp-millis', 'scan.parallelism'],
  ...['scan.startup.mode', 'scan.startup.specific-offsets', 'scan.startup.timestamp-millis'],
  'scan.topic-partition-discovery.interval',
  ...['sink.delivery-guarantee', 'sink.parallelism', 'sink.partitioner', 'sink.semantic'],
  ...['sink.transaction-naming-strategy', 'sink.transactional-id-prefix', 'properties.bootstrap.servers'],
]

const startupModes = ['earliest-offset', 'latest-offset', 'group-offsets', 'timestamp', 'specific-offsets']

const connectors: Readonly<Record<string, Connector>> = {
  kafka: {
    required: ['properties.bootstrap.servers'],
    optional: kafkaOptions,
    prefixes: ['properties.'],
    choices: {
      'scan.startup.mode': startupModes,
      'scan.bounded.mode': ['latest-offset', 'group-offsets', 'timestamp', 'specific-offsets', 'unbounded'],
      'sink.delivery-guarantee': ['exactly-once', 'at-least-once', 'none'],
    },
    needsPrimaryKey: false,
  },
  'upsert-kafka': {
    required: ['topic', 'properties.bootstrap.servers', 'key.format', 'value.format'],
    optional: [...kafkaOptions, 'sink.buffer-flush.max-rows', 'sink.buffer-flush.interval'],
    prefixes: ['properties.'],
    choices: {},
    needsPrimaryKey: true,
  },
  datagen: {
    required: [],
    optional: ['connector', 'rows-per-second', 'number-of-rows', 'scan.parallelism'],
    prefixes: ['fields.'],
    choices: {},
    needsPrimaryKey: false,
  },
  print: {
    required: [],
    optional: ['connector', 'print-identifier', 'standard-error', 'sink.parallelism'],
    prefixes: [],
    choices: {},
    needsPrimaryKey: false,
  },
  blackhole: {
    required: [],
    optional: ['connector', 'property-version'],
    prefixes: [],
    choices: {},
    needsPrimaryKey: false,
  },
}

const formats = [
  'avro',
  'avro-confluent',
  'canal-json',
  'csv',
  'debezium-avro-confluent',
  'debezium-json',
  'json',
  'maxwell-json',
  'ogg-json',
  'raw',
]
const formatKeys = ['format', 'key.format', 'value.format']

/** What is wrong with a table's options, as a message; undefined: nothing. */
export function checkOptions(
  options: Options,
  hasPrimaryKey: boolean,
): { readonly message: string; readonly hint?: string } | undefined {
  const name = options.get('connector')
  if (name === undefined) return { message: "the table has no option 'connector'" }
  const connector = connectors[name]
  if (!connector) return unknown('connector', name, Object.keys(connectors))
  const missing = connector.required.filter((key) => !options.has(key))
  if (missing.length > 0) return { message: `option '${missing[0]}' of connector '${name}' is missing` }
  if (name === 'kafka' && !options.has('topic') && !options.has('topic-pattern'))
    return { message: "option 'topic' of connector 'kafka' is missing" }
  if (name === 'kafka' && !options.has('format') && !options.has('value.format'))
    return { message: "option 'format' of connector 'kafka' is missing" }
  if (connector.needsPrimaryKey && !hasPrimaryKey) {
    return { message: `connector '${name}' needs a primary key`, hint: 'Declare PRIMARY KEY (…) NOT ENFORCED.' }
  }
  return checkValues(name, connector, options)
}

function checkValues(name: string, connector: Connector, options: Options) {
  const used = formatKeys.flatMap((key) => options.get(key) ?? [])
  const wrong = used.find((format) => !formats.includes(format))
  if (wrong !== undefined) return unknown('format', wrong, formats)
  for (const [key, value] of options) {
    const choices = connector.choices[key]
    if (choices && !choices.includes(value)) return unknown(`value of '${key}'`, value, choices)
    const known =
      isKnownOption(name, key) || used.some((format) => formatPrefixes(format).some((prefix) => key.startsWith(prefix)))
    if (!known) return unknown(`option of connector '${name}'`, key, connector.optional)
  }
  return undefined
}

export function isKnownOption(name: string, key: string): boolean {
  const connector = connectors[name]
  if (!connector) return true
  const { optional, required, prefixes } = connector
  return optional.includes(key) || required.includes(key) || prefixes.some((prefix) => key.startsWith(prefix))
}

function formatPrefixes(format: string): readonly string[] {
  return [`${format}.`, `value.${format}.`, `key.${format}.`]
}

function unknown(what: string, found: string, known: readonly string[]) {
  const near = didYouMean(found, known)
  return {
    message: `'${found}' is no ${what}`,
    hint: near !== undefined ? `Did you mean '${near}'?` : `There are ${known.slice(0, 8).join(', ')}.`,
  }
}
