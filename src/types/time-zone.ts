// Offsets of time zones over Intl, with daylight saving. Looking an offset up in Intl is slow, so each zone keeps the offset per
// quarter of an hour it was asked for: no zone changes its offset inside one.
import { daysFromCivil, MILLIS_PER_DAY } from './civil-time.ts'

const QUARTER_HOUR_MS = 900_000
const MAX_INSTANT = 8.64e15 - MILLIS_PER_DAY

/** Entries per zone before the cache is emptied: some 300 days of quarters, a few hundred kilobytes. */
const MAX_CACHED = 30_000

type Zone = { readonly offsets: Map<number, number>; readonly format: Intl.DateTimeFormat }

const zones = new Map<string, Zone>()

/** Milliseconds to add to UTC to get the zone's wall clock at this instant. `zone`: an IANA name, `UTC`, `+05:30` or `GMT+5`. */
export function zoneOffset(zone: string, epochMillis: number): number {
  const fixed = fixedOffset(zone)
  if (fixed !== undefined) return fixed
  let entry = zones.get(zone)
  if (!entry) {
    entry = { offsets: new Map(), format: formatFor(zone) }
    zones.set(zone, entry)
  }
  // Intl knows instants within 100 million days of 1970.
  const known = Math.max(Math.min(epochMillis, MAX_INSTANT), -MAX_INSTANT)
  const quarter = Math.floor(known / QUARTER_HOUR_MS)
  let offset = entry.offsets.get(quarter)
  if (offset === undefined) {
    if (entry.offsets.size >= MAX_CACHED) entry.offsets.clear()
    offset = computeOffset(entry.format, quarter * QUARTER_HOUR_MS)
    entry.offsets.set(quarter, offset)
  }
  return offset
}

/** The instant a wall-clock time means. A time the clocks skip is read with the offset before the gap; one that comes twice is the `first` or `last`. */
export function localToInstant(zone: string, localMillis: number, twice: 'first' | 'last' = 'first'): number {
  const before = zoneOffset(zone, localMillis - MILLIS_PER_DAY)
  const after = zoneOffset(zone, localMillis + MILLIS_PER_DAY)
  if (before === after && zoneOffset(zone, localMillis - before) === before) return localMillis - before
  const summerFirst = before > after ? [before, after] : [after, before]
  for (const offset of twice === 'first' ? summerFirst : summerFirst.toReversed()) {
    if (zoneOffset(zone, localMillis - offset) === offset) return localMillis - offset
  }
  return localMillis - before
}

export function instantToLocal(zone: string, epochMillis: number): number {
  return epochMillis + zoneOffset(zone, epochMillis)
}

export function isKnownZone(zone: string): boolean {
  if (fixedOffset(zone) !== undefined) return true
  try {
    formatFor(zone)
    return true
  } catch {
    return false
  }
}

const fixedPattern = /^(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?$/

function fixedOffset(zone: string): number | undefined {
  if (zone === 'UTC' || zone === 'GMT' || zone === 'Z' || zone === 'UT') return 0
  const match = fixedPattern.exec(zone)
  if (!match) return undefined
  const millis = (Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0)) * 1000
  return match[1] === '-' ? -millis : millis
}

function formatFor(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  })
}

function computeOffset(format: Intl.DateTimeFormat, epochMillis: number): number {
  const parts = new Map<string, string>(format.formatToParts(epochMillis).map(({ type, value }) => [type, value]))
  const part = (name: string) => Number(parts.get(name))
  const year = parts.get('era')?.startsWith('B') ? 1 - part('year') : part('year')
  const days = daysFromCivil(year, part('month'), part('day'))
  const seconds = part('hour') * 3600 + part('minute') * 60 + part('second')
  return days * MILLIS_PER_DAY + seconds * 1000 - Math.floor(epochMillis / 1000) * 1000
}
