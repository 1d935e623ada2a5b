import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addMonths,
  civilFromDays,
  dayOfWeek,
  daysFromCivil,
  daysFromHistoric,
  historicFromDays,
  isoWeek,
} from './civil-time.ts'

const anyDay = fc.integer({ min: -719_162, max: 2_932_896 })

describe('a day', () => {
  test('has the year, month and day that JavaScript gives it', () => {
    fc.assert(
      fc.property(anyDay, (days) => {
        const date = new Date(days * 86_400_000)
        const expected = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
        expect(civilFromDays(days)).toEqual(expected)
        expect(daysFromCivil(expected.year, expected.month, expected.day)).toBe(days)
        expect(dayOfWeek(days)).toBe(date.getUTCDay() + 1)
      }),
    )
  })

  test('moved by months keeps its number or becomes the last of the month', () => {
    expect(addMonths(daysFromCivil(2024, 1, 31), 1)).toBe(daysFromCivil(2024, 2, 29))
    expect(addMonths(daysFromCivil(2024, 3, 15), -14)).toBe(daysFromCivil(2023, 1, 15))
  })

  test.each([
    [2021, 1, 3, 2020, 53],
    [2024, 12, 30, 2025, 1],
    [2026, 1, 1, 2026, 1],
  ])('%i-%i-%i is in ISO week %i-W%i', (year, month, day, weekYear, week) => {
    expect(isoWeek(daysFromCivil(year, month, day))).toEqual({ year: weekYear, week })
  })

  test('before 15 October 1582 is a Julian one to the historic calendar', () => {
    expect(historicFromDays(daysFromCivil(1582, 10, 14))).toEqual({ year: 1582, month: 10, day: 4 })
    fc.assert(
      fc.property(anyDay, (days) => {
        const { year, month, day } = historicFromDays(days)
        expect(daysFromHistoric(year, month, day)).toBe(days)
      }),
    )
  })
})
