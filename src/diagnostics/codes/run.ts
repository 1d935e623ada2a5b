// RUN: failures while a job runs.
import type { CodeEntry } from './code-entry.ts'

export const runCodes = {
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
  RUN401: {
    title: 'a row has no event time',
    explanation:
      'A window table function needs the time of every row; as in Flink the job stops at a NULL. (Windows in GROUP BY leave such rows out.)',
    bad: "SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end",
    good: 'CREATE VIEW timed AS SELECT * FROM t WHERE ts IS NOT NULL',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
