// Where windows lie on the time line. Those over a TIMESTAMP are counted in UTC; those over a TIMESTAMP_LTZ by the wall clock of the
// session's zone, so that a day may have 23 or 25 hours (Flink, "Time Zone", windows over TIMESTAMP_LTZ).
import type { LogicalType } from '../types/logical-type.ts'
import { instantToLocal, localToInstant, zoneOffset } from '../types/time-zone.ts'

export type WindowTime = {
  /** The wall clock by which a row's window is chosen; undefined: the time itself. */
  readonly toLocal: ((instantMs: number) => number) | undefined
  /** The last instant of a window that ends, by the wall clock, at `endMs`: when the watermark is there, it closes. */
  readonly lastInstant: (endMs: number) => number
}

const utc: WindowTime = { toLocal: undefined, lastInstant: (endMs) => endMs - 1 }

export function windowTime(time: LogicalType, timeZone: string): WindowTime {
  if (time.kind !== 'TIMESTAMP_LTZ' || timeZone === 'UTC') return utc
  return {
    toLocal: (instantMs) => instantToLocal(timeZone, instantMs),
    // An hour that comes twice is over only after its second time.
    lastInstant: (endMs) => localToInstant(timeZone, endMs - 1, 'last'),
  }
}

/**
 * Whether Flink gives every row of such windows: in a zone without daylight saving it looks for windows to close only at whole
 * multiples of their size in UTC, and loses rows of windows that end between (golden window-dst-0038).
 */
export function closesWithUtc(time: LogicalType, timeZone: string, sizeMs: number, offsetMs: number): boolean {
  if (time.kind !== 'TIMESTAMP_LTZ') return true
  const [winter, summer] = [zoneOffset(timeZone, Date.UTC(2024, 0, 1)), zoneOffset(timeZone, Date.UTC(2024, 6, 1))]
  return timeZone === 'UTC' || winter !== summer || (offsetMs - winter) % sizeMs === 0
}
