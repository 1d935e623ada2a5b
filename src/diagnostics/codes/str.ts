// STR: queries that cannot run as a stream.
import type { CodeEntry } from './code-entry.ts'

export const streamingCodes = {
  STR001: {
    title: 'column cannot be the event time',
    explanation:
      'Event time is a TIMESTAMP_LTZ or TIMESTAMP of at most milliseconds: in Avro, a field of logical type timestamp-millis.',
  },
  STR002: {
    title: 'column is neither grouped nor aggregated',
    explanation:
      'A query with GROUP BY, or with an aggregate, gives one row per group. Each column outside an aggregate must be in GROUP BY.',
    bad: 'SELECT user_id, amount FROM transactions GROUP BY user_id',
    good: 'SELECT user_id, MAX(amount) FROM transactions GROUP BY user_id',
  },
  STR003: {
    title: 'window needs a time attribute',
    explanation:
      'Windows follow the event time that a source declares (or processing time). A time that was computed or cast, or that passed a join or a grouping, is an ordinary column.',
    bad: "SELECT COUNT(*) FROM transactions GROUP BY TUMBLE(CAST(event_time AS TIMESTAMP(3)), INTERVAL '1' MINUTE)",
    good: "SELECT COUNT(*) FROM transactions GROUP BY TUMBLE(event_time, INTERVAL '1' MINUTE)",
  },
  STR004: {
    title: 'aggregate is not allowed here',
    explanation:
      'WHERE, ON and GROUP BY see single rows, before any grouping. Conditions on aggregates stand in HAVING.',
    bad: 'SELECT user_id FROM transactions WHERE COUNT(*) > 3 GROUP BY user_id',
    good: 'SELECT user_id FROM transactions GROUP BY user_id HAVING COUNT(*) > 3',
  },
  STR005: {
    title: 'window function without its window',
    explanation:
      'TUMBLE_START and its like belong to a group window of the same arguments in GROUP BY, which stands nowhere else.',
    bad: "SELECT TUMBLE_START(event_time, INTERVAL '1' HOUR) FROM transactions GROUP BY TUMBLE(event_time, INTERVAL '1' MINUTE)",
    good: "SELECT TUMBLE_START(event_time, INTERVAL '1' HOUR) FROM transactions GROUP BY TUMBLE(event_time, INTERVAL '1' HOUR)",
  },
  STR006: {
    title: 'window has an impossible size',
    explanation:
      'Sizes are positive, fixed lengths (no months), and the size of a hopping or cumulating window is a multiple of its step.',
    bad: "SELECT COUNT(*) FROM TABLE(HOP(TABLE transactions, DESCRIPTOR(event_time), INTERVAL '4' MINUTE, INTERVAL '10' MINUTE)) GROUP BY window_start, window_end",
    good: "SELECT COUNT(*) FROM TABLE(HOP(TABLE transactions, DESCRIPTOR(event_time), INTERVAL '5' MINUTE, INTERVAL '10' MINUTE)) GROUP BY window_start, window_end",
  },
  STR007: {
    title: 'a stream cannot be sorted this way',
    explanation:
      'A stream never ends, so it can be sorted by its time attribute, ascending, only. With LIMIT it becomes a Top-N, which may sort by anything.',
    bad: 'SELECT amount FROM transactions ORDER BY amount',
    good: 'SELECT amount FROM transactions ORDER BY amount DESC LIMIT 10',
  },
  STR008: {
    title: 'Flink cannot run this as a stream',
    explanation: 'The statement is valid SQL, but Flink has no streaming operator for it.',
    bad: 'SELECT amount FROM transactions OFFSET 10',
    good: 'SELECT amount FROM transactions ORDER BY amount DESC LIMIT 10',
  },
  STR009: {
    title: 'sink takes no updates',
    explanation:
      'The query changes rows that it has given before (a count that grows, a join that finds its match later), and an append sink can only add rows.',
    bad: 'INSERT INTO fraud_alerts SELECT user_id, COUNT(*) FROM transactions GROUP BY user_id',
    good: "INSERT INTO fraud_alerts SELECT user_id, COUNT(*) FROM TABLE(TUMBLE(TABLE transactions, DESCRIPTOR(event_time), INTERVAL '1' MINUTE)) GROUP BY user_id, window_start, window_end",
  },
  STR010: {
    title: 'operation takes no updates',
    explanation:
      'OVER, MATCH_RECOGNIZE and windows work on rows that never change again. Their input comes from something that changes its rows.',
  },
  STR011: {
    title: 'rows of the sink are not updated by their key',
    explanation:
      'The query updates rows by another key than the primary key of the sink, so a later row could overwrite another one. ON CONFLICT says what shall happen then.',
  },
  STR012: {
    title: 'Top-N without its end',
    explanation:
      'ROW_NUMBER runs on a stream only as a Top-N: the query around it must keep the rows up to a fixed number.',
    bad: 'SELECT * FROM (SELECT user_id, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY amount) AS n FROM transactions)',
    good: 'SELECT * FROM (SELECT user_id, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY amount) AS n FROM transactions) WHERE n <= 3',
  },
  STR013: {
    title: 'OVER window that a stream cannot have',
    explanation:
      'On a stream, OVER is ordered by one time attribute, ascending, and looks back: from some rows or some time before, to the current row.',
  },
  STR014: {
    title: 'join that a stream cannot have',
    explanation:
      'Temporal joins need a time attribute on the left, and a key and event time on the right; table functions join by TRUE.',
  },
  STR015: {
    title: 'pattern that a stream cannot match',
    explanation:
      'MATCH_RECOGNIZE on a stream is ordered by a time attribute, gives one row per match, and knows no groups, alternatives or exclusions.',
  },
  STR016: {
    title: 'more than one event time',
    explanation: 'A row can be written with one event time only. A CAST makes the others ordinary columns.',
    bad: 'SELECT t.event_time, l.event_time FROM transactions t JOIN logins l ON t.user_id = l.user_id',
    good: 'SELECT t.event_time, CAST(l.event_time AS TIMESTAMP_LTZ(3)) FROM transactions t JOIN logins l ON t.user_id = l.user_id',
  },
  STR017: {
    title: 'statement has no meaning in a pipeline',
    explanation:
      'A pipeline reads, transforms and writes. UPDATE, DELETE, ANALYZE and other commands of a batch session do nothing here.',
  },
  STR018: {
    title: 'Flink does not support this',
    explanation: 'Flink reads the syntax, and then refuses it by name.',
  },
  STR019: {
    title: 'constant expression fails',
    explanation: 'Flink evaluates constant expressions while it plans the query; this one cannot be evaluated.',
    bad: 'SELECT 1 / 0',
    good: 'SELECT 1 / 1',
  },
  STR020: {
    title: 'CREATE TABLE is contradictory',
    explanation: 'Columns, keys, watermarks and options of a table must fit together.',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
