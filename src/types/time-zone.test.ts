import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { instantToLocal, isKnownZone, localToInstant, zoneOffset } from './time-zone.ts'

const utc = (text: string) => Date.parse(`${text}Z`)

describe('in Europe/Berlin', () => {
  test('clocks show one hour more in winter and two in summer', () => {
    expect(zoneOffset('Europe/Berlin', utc('2024-01-15T12:00:00'))).toBe(3_600_000)
    expect(zoneOffset('Europe/Berlin', utc('2024-07-15T12:00:00'))).toBe(7_200_000)
  })

  test('a time that the clocks skip in spring is an hour later', () => {
    expect(localToInstant('Europe/Berlin', utc('2024-03-31T02:30:00'))).toBe(utc('2024-03-31T01:30:00'))
  })

  test('a time that comes twice in autumn is the first, or the last when asked', () => {
    expect(localToInstant('Europe/Berlin', utc('2024-10-27T02:30:00'))).toBe(utc('2024-10-27T00:30:00'))
    expect(localToInstant('Europe/Berlin', utc('2024-10-27T02:30:00'), 'last')).toBe(utc('2024-10-27T01:30:00'))
  })
})

test.each(['America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC', '+05:30'])(
  'in %s the instant of a shown time shows it again',
  (zone) => {
    const spring = utc('2024-01-01T00:00:00')
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 366 * 86_400_000 }), (offset) => {
        const local = instantToLocal(zone, spring + offset)
        expect(instantToLocal(zone, localToInstant(zone, local))).toBe(local)
      }),
    )
  },
)

test('a zone nobody knows is told from one', () => {
  expect(isKnownZone('Mars/Olympus')).toBe(false)
  expect(isKnownZone('Europe/Amsterdam')).toBe(true)
})
