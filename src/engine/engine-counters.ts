// What operators count while they run, for the whole job.

/** Rows that were left out, by reason. */
export type EngineCounters = { recordsLate: number; recordsNullTime: number }

export function createEngineCounters(): EngineCounters {
  return { recordsLate: 0, recordsNullTime: 0 }
}
