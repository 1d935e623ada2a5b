// RUN: failures while a job runs.
import type { CodeEntry } from './code-entry.ts'

export const runCodes = {
  RUN101: {
    title: 'Kafka cannot be reached',
    explanation:
      'No broker of the connection answers, or the leader of a partition stays away. The job tries again by itself, with longer and longer pauses.',
  },
  RUN102: {
    title: 'Kafka refuses access',
    explanation:
      'User name, password, token or certificate are wrong, or the user may not read, write or use what the message names.',
  },
  RUN103: {
    title: 'a topic or partition does not exist',
    explanation:
      'Sluice does not create topics on a real Kafka. A topic that was deleted and made anew is another topic, too.',
  },
  RUN104: {
    title: 'the input at this offset is gone',
    explanation:
      'The records that come next were deleted by retention, or the topic is shorter than it was. Sluice never jumps over the gap by itself: that would lose records without a word.',
  },
  RUN105: {
    title: 'a record batch is damaged',
    explanation:
      'The bytes that Kafka delivers are not a valid record batch: the checksum is wrong, a length does not fit, data grows without bound when decompressed, or the format is older than Kafka 0.11.',
  },
  RUN106: {
    title: 'Kafka refuses a request',
    explanation:
      'The broker answered with an error that trying again does not cure. The message names it as Kafka does.',
  },
  RUN107: {
    title: 'the broker is too old',
    explanation: 'Sluice needs Kafka 2.5 or later, or a broker that speaks its protocol.',
  },
  RUN108: {
    title: 'a record or batch is too large for the topic',
    explanation: 'The topic or broker limits the size of a record batch (max.message.bytes, message.max.bytes).',
  },
  RUN109: {
    title: 'the connection settings are wrong',
    explanation: 'A bootstrap server is written `host:port`; TLS settings are PEM texts.',
    bad: 'localhost',
    good: 'localhost:9092',
  },
  RUN110: {
    title: 'another copy of this job runs',
    explanation:
      'A newer producer with the same transactional id took over, so that this one may write nothing any more. It stops; restarting it would stop the other.',
  },
  RUN111: {
    title: 'the outcome of a transaction is unknown',
    explanation:
      'A request of a transaction got no answer or an answer that leaves open what happened. The job reads the committed offsets, which are the truth, and goes on from there.',
  },
  RUN201: {
    title: 'the embedded broker finds damaged data',
    explanation:
      'A file in the data folder was changed or lost after it was written. What a crash leaves unfinished is repaired at start; this is not that, so nothing is guessed.',
  },
  RUN202: {
    title: 'the data folder cannot be used',
    explanation: 'The embedded broker keeps its topics in a folder that it must be able to write to.',
  },
  RUN203: {
    title: 'the broker cannot listen on its port',
    explanation: 'Another program has the port, or the address does not belong to this machine.',
  },
  RUN204: {
    title: 'the embedded broker cannot create the topic',
    explanation:
      "The name, the number of partitions or a setting is outside what Kafka allows. Settings have Kafka's names.",
  },
  RUN210: {
    title: 'the embedded environment belongs to another process',
    explanation:
      'One process at a time runs the embedded broker and registry of a project. Other commands join it; it may still be starting, or may hang.',
  },
  RUN211: {
    title: 'a schema file does not fit the embedded registry',
    explanation:
      'The embedded registry checks schemas as a real one does: a file of sluice.yaml must parse, and must be compatible with the versions its subject has.',
  },
  RUN301: {
    title: 'division by zero',
    explanation:
      'Whole numbers and DECIMALs cannot be divided by zero; as in Flink the job stops. FLOAT and DOUBLE give infinity.',
  },
  RUN302: {
    title: 'a value cannot be cast',
    explanation:
      'CAST stops the job at a value that the target type cannot hold or a text it cannot read. TRY_CAST gives NULL instead.',
  },
  RUN303: {
    title: 'a function cannot work with a value',
    explanation:
      'The value is outside what the function is defined for, such as a malformed pattern or a date that is no date; as in Flink the job stops.',
  },
  RUN400: {
    title: 'the process of a job died',
    explanation:
      'The process ended without a reason of its own: it was killed, ran out of memory, or met a mistake of ours. It is started again and goes on from the committed offsets.',
  },
  RUN401: {
    title: 'a row has no event time',
    explanation:
      'A window table function needs the time of every row; as in Flink the job stops at a NULL. (Windows in GROUP BY leave such rows out.)',
    bad: "SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end",
    good: 'CREATE VIEW timed AS SELECT * FROM t WHERE ts IS NOT NULL',
  },
  RUN402: {
    title: 'the local state of a job is lost or damaged',
    explanation:
      'Offsets are committed for the job, but the snapshots and journal that belong to them are not in its data folder, or cannot be read. Going on without them would give wrong results, so the job asks: rebuild the state from the beginning of the input, or start with empty state at the committed offsets.',
  },
  RUN403: {
    title: 'a job has state but no committed offsets',
    explanation:
      'The data folder holds state of a job for which Kafka has no committed offsets any more (they were deleted or expired, or it is another cluster). Where to go on is then unknown.',
  },
  RUN404: {
    title: 'the offsets were committed by something else',
    explanation:
      'The consumer group of the job has offsets that Sluice did not write. Another program uses the same group name.',
  },
  RUN405: {
    title: 'the SQL changed and the state has another shape',
    explanation:
      'State that was made by one query cannot be used by another whose windows, keys or aggregates differ. The job asks: rebuild the state from the beginning of the input, or start with empty state at the committed offsets.',
  },
  RUN406: {
    title: 'the state of a job cannot be saved',
    explanation:
      'A snapshot or the journal could not be written: the disk is full, or the folder may not be written to. Nothing is lost: the job goes on from the committed offsets as soon as it can write again.',
  },
  RUN407: {
    title: 'the state is too large for the local engine',
    explanation: 'One table of keys takes at most 4 GiB, some tens of millions of keys.',
  },
  RUN408: {
    title: 'there are no committed offsets to start at',
    explanation:
      'A source with `start: committed` goes on where the pipeline was before. On the first start there is no such place, and Sluice does not choose one.',
    bad: 'start: committed',
    good: 'start: earliest',
  },
  RUN410: {
    title: 'a record of the input cannot be used',
    explanation:
      'The record is no framed Avro value, its schema is unknown or does not fit, or its bytes are damaged. The policy `onError` says what happens: fail (the default), drop, or dead-letter.',
    bad: 'onError: { decode: fail }',
    good: 'onError: { decode: dead-letter }',
  },
  RUN411: {
    title: 'a row cannot be written',
    explanation:
      'A value of the result has no place in the registered schema of the output: NULL in a field that takes none, a text that is no symbol of the enum, a number out of range.',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
