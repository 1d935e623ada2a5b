// Dates and times of day as numbers, in the proleptic Gregorian calendar. Days count from 1970-01-01, milliseconds from midnight.

export const MILLIS_PER_DAY = 86_400_000

export type CivilDate = { readonly year: number; readonly month: number; readonly day: number }

/** Any year: the calendar repeats every 400 years of 146,097 days (computed with years that begin in March). */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

export function civilFromDays(days: number): CivilDate {
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
  }
}

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}

export function lastDayOfMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** The day moved by months; a day the month lacks becomes its last one. */
export function addMonths(days: number, months: number): number {
  const { year, month, day } = civilFromDays(days)
  const total = year * 12 + (month - 1) + months
  const newYear = Math.floor(total / 12)
  const newMonth = total - newYear * 12 + 1
  return daysFromCivil(newYear, newMonth, Math.min(day, lastDayOfMonth(newYear, newMonth)))
}

/** 1 Sunday … 7 Saturday. */
export function dayOfWeek(days: number): number {
  return ((((days + 4) % 7) + 7) % 7) + 1
}

export function dayOfYear(days: number): number {
  return days - daysFromCivil(civilFromDays(days).year, 1, 1) + 1
}

/** ISO 8601: weeks begin on Monday, week 1 holds the year's first Thursday. */
export function isoWeek(days: number): { readonly year: number; readonly week: number } {
  const thursday = days + 3 - ((((days + 3) % 7) + 7) % 7)
  const { year } = civilFromDays(thursday)
  return { year, week: Math.floor((thursday - daysFromCivil(year, 1, 1)) / 7) + 1 }
}

export function splitMillis(millis: number): { readonly days: number; readonly millisOfDay: number } {
  const days = Math.floor(millis / MILLIS_PER_DAY)
  return { days, millisOfDay: millis - days * MILLIS_PER_DAY }
}

/** From 15 October 1582 on the Gregorian calendar, before it the Julian one, as java.util's classes count. */
export function historicFromDays(days: number): CivilDate {
  if (days >= FIRST_GREGORIAN_DAY) return civilFromDays(days)
  const c = days + JULIAN_DAY_OF_EPOCH + 32_082
  const d = Math.floor((4 * c + 3) / 1461)
  const e = c - Math.floor((1461 * d) / 4)
  const m = Math.floor((5 * e + 2) / 153)
  return {
    year: d - 4800 + Math.floor(m / 10),
    month: m + 3 - 12 * Math.floor(m / 10),
    day: e - Math.floor((153 * m + 2) / 5) + 1,
  }
}

export function daysFromHistoric(year: number, month: number, day: number): number {
  const gregorian = daysFromCivil(year, month, day)
  if (gregorian >= FIRST_GREGORIAN_DAY) return gregorian
  const a = Math.floor((14 - month) / 12)
  const y = year + 4800 - a
  const m = month + 12 * a - 3
  return day + Math.floor((153 * m + 2) / 5) + 365 * y + Math.floor(y / 4) - 32_083 - JULIAN_DAY_OF_EPOCH
}

const FIRST_GREGORIAN_DAY = -141_427
const JULIAN_DAY_OF_EPOCH = 2_440_588
