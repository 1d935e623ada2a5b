// Avro's times as ISO 8601 text, over the whole range of a long (years beyond 9999 get a sign).
import { civilFromDays } from '../types/civil-time.ts'

/** `2026-11-22T10:00:00.123Z`; `digits` of the second are what the unit of `value` counts. Without zone no `Z`. */
export function instantText(value: bigint, digits: number, hasZone: boolean): string {
  const perDay = 86_400n * 10n ** BigInt(digits)
  let days = value / perDay
  let rest = value % perDay
  if (rest < 0n) {
    days -= 1n
    rest += perDay
  }
  return `${dateText(Number(days))}T${timeText(rest, digits)}${hasZone ? 'Z' : ''}`
}

/** `10:00:00.123456`; what is no time of a day is shown as the number it is. */
export function timeText(value: bigint, digits: number): string {
  const perSecond = 10n ** BigInt(digits)
  if (value < 0n || value >= 86_400n * perSecond) return String(value)
  const seconds = Number(value / perSecond)
  const two = (part: number) => String(part).padStart(2, '0')
  const fraction = String(value % perSecond).padStart(digits, '0')
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${fraction}`
}

function dateText(days: number): string {
  const { year, month, day } = civilFromDays(days)
  const far = year < 0 || year > 9999
  const digits = String(Math.abs(year)).padStart(far ? 6 : 4, '0')
  const sign = year < 0 ? '-' : far ? '+' : ''
  return `${sign}${digits}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}
