// Trying again: with longer and longer pauses, until a deadline.
import { setTimeout as pause } from 'node:timers/promises'
import { BrokerError, isTransient, toJobError } from './kafka-error.ts'

const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 1000
/** A topic that was just made may be unknown to some brokers for a moment; one that was misspelt stays so. */
export const UNKNOWN_TOPIC_PATIENCE_MS = 3000

/** Pauses of 20, 40, 80 … 1,000 ms. */
export function pauseMs(attempt: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10))
}

/** Repeats `attempt` while its error is transient and time is left; then rejects with a JobError that names `doing`. */
export async function retrying<T>(
  doing: string,
  timeoutMs: number,
  attempt: () => Promise<T>,
  isWorthTrying: (error: unknown) => boolean = isTransient,
): Promise<T> {
  const start = performance.now()
  for (let count = 0; ; count++) {
    try {
      return await attempt()
    } catch (error) {
      const wait = pauseMs(count)
      const isUnknownTopic = error instanceof BrokerError && error.errorName === 'UNKNOWN_TOPIC_OR_PARTITION'
      const patienceMs = isUnknownTopic ? Math.min(timeoutMs, UNKNOWN_TOPIC_PATIENCE_MS) : timeoutMs
      if (!isWorthTrying(error) || performance.now() + wait > start + patienceMs) throw toJobError(error, doing)
      await pause(wait)
    }
  }
}
