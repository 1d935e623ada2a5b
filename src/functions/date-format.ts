// Patterns of Java's DateTimeFormatter and SimpleDateFormat, for the letters that streaming SQL uses. A letter that is not built is
// refused by name, never answered differently. `modern` is DateTimeFormatter (DATE_FORMAT and TO_TIMESTAMP of timestamps), `legacy` is
// SimpleDateFormat (FROM_UNIXTIME, UNIX_TIMESTAMP, TO_DATE, CONVERT_TZ, DATE_FORMAT of strings).
import { JobError } from '../diagnostics/job-error.ts'
import {
  civilFromDays,
  dayOfWeek,
  dayOfYear,
  daysFromCivil,
  daysFromHistoric,
  historicFromDays,
  lastDayOfMonth,
  splitMillis,
} from '../types/civil-time.ts'

/** A run of one letter, or literal text. */
export type PatternPart = { readonly letter: string; readonly count: number } | { readonly text: string }

/** `undefined`: Java refuses the pattern too. */
export function parsePattern(pattern: string): readonly PatternPart[] | undefined {
  const parts: PatternPart[] = []
  let at = 0
  while (at < pattern.length) {
    const c = pattern[at]!
    if (/[a-zA-Z]/.test(c)) {
      let end = at + 1
      while (pattern[end] === c) end++
      parts.push({ letter: c, count: end - at })
      at = end
    } else if (c === "'") {
      const quoted = readQuoted(pattern, at)
      if (!quoted) return undefined
      parts.push({ text: quoted.text })
      at = quoted.end
    } else if (c === '{' || c === '}' || c === '#') {
      return undefined
    } else {
      parts.push({ text: c })
      at++
    }
  }
  return parts
}

function readQuoted(pattern: string, start: number): { readonly text: string; readonly end: number } | undefined {
  let text = ''
  for (let at = start + 1; at < pattern.length; at++) {
    if (pattern[at] !== "'") text += pattern[at]
    else if (pattern[at + 1] === "'") {
      text += "'"
      at++
    } else return { text: at === start + 1 ? "'" : text, end: at + 1 }
  }
  return undefined
}

/** Digits of `S` in the pattern: the fraction that a text read by it can have. */
export function fractionDigits(pattern: string): number {
  const part = parsePattern(pattern)?.find((p) => 'letter' in p && p.letter === 'S')
  return part && 'letter' in part ? Math.min(part.count, 9) : 0
}

/** Weeks of the US, which Java's default locale has here: from Sunday, week 1 holds 1 January. */
function weekOfYear(days: number): { readonly year: number; readonly week: number } {
  const saturday = days + 7 - dayOfWeek(days)
  const { year } = civilFromDays(saturday)
  const firstSunday = daysFromCivil(year, 1, 1) - dayOfWeek(daysFromCivil(year, 1, 1)) + 1
  return { year, week: Math.floor((days - firstSunday) / 7) + 1 }
}

const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

function unknownLetter(letter: string): JobError {
  return new JobError('RUN303', `pattern letter \`${letter}\` is not one that Sluice can run`, {
    origin: 'user',
    retry: 'never',
    hint: 'Use y, M, d, H, h, k, K, m, s, S, a, E, D, e, w, Q and quoted text.',
  })
}

/** What formatting reads: wall-clock milliseconds, nanoseconds within the millisecond. */
export type Moment = { readonly localMillis: number; readonly nanos: number; readonly legacy: boolean }

export function formatMoment(parts: readonly PatternPart[], moment: Moment): string {
  const { days, millisOfDay } = splitMillis(moment.localMillis)
  const date = moment.legacy ? historicFromDays(days) : civilFromDays(days)
  let result = ''
  for (const part of parts) {
    if ('letter' in part) result += formatField(part, days, date, millisOfDay, moment)
    else if (moment.legacy || !isBracket(part)) result += part.text
  }
  return result
}

/** Optional sections of the modern patterns: `[.SSS]`. */
function isBracket(part: PatternPart): boolean {
  return 'text' in part && (part.text === '[' || part.text === ']')
}

function formatField(
  { letter, count }: { readonly letter: string; readonly count: number },
  days: number,
  date: { readonly year: number; readonly month: number; readonly day: number },
  millisOfDay: number,
  moment: Moment,
): string {
  const padded = (value: number) => String(value).padStart(count, '0')
  const hour = Math.floor(millisOfDay / 3_600_000)
  switch (letter) {
    case 'y':
    case 'u':
      if (letter === 'u' && moment.legacy) return padded(((dayOfWeek(days) + 5) % 7) + 1)
      return formatYear(date.year, count, moment.legacy)
    case 'M':
    case 'L':
      if (count >= 3) return nameOf(monthNames[date.month - 1]!, count)
      return padded(date.month)
    case 'd':
      return padded(date.day)
    case 'D':
      return padded(dayOfYear(days))
    case 'Q':
    case 'q':
      return padded(Math.floor((date.month + 2) / 3))
    case 'E':
      return nameOf(dayNames[dayOfWeek(days) - 1]!, count)
    case 'e':
    case 'c':
      return count >= 3 ? nameOf(dayNames[dayOfWeek(days) - 1]!, count) : padded(dayOfWeek(days))
    case 'H':
      return padded(hour)
    case 'k':
      return padded(hour === 0 ? 24 : hour)
    case 'K':
      return padded(hour % 12)
    case 'h':
      return padded(hour % 12 === 0 ? 12 : hour % 12)
    case 'a':
      return hour < 12 ? 'AM' : 'PM'
    case 'm':
      return padded(Math.floor(millisOfDay / 60_000) % 60)
    case 's':
      return padded(Math.floor(millisOfDay / 1000) % 60)
    case 'S': {
      if (moment.legacy) return padded(millisOfDay % 1000)
      const nanos = String((millisOfDay % 1000) * 1_000_000 + moment.nanos).padStart(9, '0')
      return nanos.slice(0, count).padEnd(count, '0')
    }
    case 'A':
      return padded(millisOfDay)
    case 'Y':
      return formatYear(weekOfYear(days).year, count, moment.legacy)
    case 'w':
      return padded(weekOfYear(days).week)
    case 'W':
      return padded(Math.ceil((date.day + dayOfWeek(days - date.day + 1) - 1) / 7))
    case 'G':
      return date.year > 0 ? 'AD' : 'BC'
    default:
      throw unknownLetter(letter)
  }
}

function formatYear(year: number, count: number, legacy: boolean): string {
  const absolute = Math.abs(year > 0 ? year : 1 - year)
  if (count === 2) return String(absolute % 100).padStart(2, '0')
  const text = String(absolute).padStart(count, '0')
  return absolute > 9999 && count >= 4 && !legacy ? `+${text}` : text
}

function nameOf(name: string, count: number): string {
  return count === 3 ? name.slice(0, 3) : count === 5 ? name.slice(0, 1) : name
}

/** The fields a text gave, with 1970-01-01 00:00 where it gave none. */
export type ParsedMoment = { readonly localMillis: number; readonly nanos: number }

type Fields = { -readonly [name in 'y' | 'M' | 'd' | 'H' | 'h' | 'm' | 's' | 'n' | 'a' | 'D']?: number }

/** Reads `text` wholly by the pattern, days past the month's end taken back to it; `undefined` when it does not fit. */
export function parseMoment(parts: readonly PatternPart[], text: string): ParsedMoment | undefined {
  for (const variant of variantsOf(parts)) {
    const moment = parseWhole(variant, text)
    if (moment) return moment
  }
  return undefined
}

/** Sections past this many are read as required: each one doubles the attempts. */
const MAX_OPTIONAL = 4

/** With every optional section, then without some. */
function variantsOf(parts: readonly PatternPart[]): readonly (readonly PatternPart[])[] {
  const open = parts.findIndex((part) => 'text' in part && part.text === '[')
  if (open < 0) return [parts]
  if (parts.filter(isBracket).length > MAX_OPTIONAL * 2) return [parts.filter((part) => !isBracket(part))]
  let depth = 0
  let close = open
  for (; close < parts.length; close++) {
    const part = parts[close]!
    if ('text' in part && part.text === '[') depth++
    if ('text' in part && part.text === ']' && --depth === 0) break
  }
  const head = parts.slice(0, open)
  const tail = parts.slice(close + 1)
  const inside = parts.slice(open + 1, close)
  return [...variantsOf([...head, ...inside, ...tail]), ...variantsOf([...head, ...tail])]
}

function parseWhole(parts: readonly PatternPart[], text: string): ParsedMoment | undefined {
  const fields: Fields = {}
  let at = 0
  for (const [i, part] of parts.entries()) {
    if ('text' in part) {
      if (!text.startsWith(part.text, at)) return undefined
      at += part.text.length
      continue
    }
    const adjacent = parts[i + 1] !== undefined && 'letter' in parts[i + 1]!
    const end = readField(part, text, at, fields, adjacent)
    if (end === undefined) return undefined
    at = end
  }
  return at === text.length ? momentOf(fields) : undefined
}

/** `adjacent`: another number follows at once, so this one has exactly its width. */
function readField(
  part: { readonly letter: string; readonly count: number },
  text: string,
  at: number,
  fields: Fields,
  adjacent: boolean,
): number | undefined {
  const { letter, count } = part
  if (letter === 'S') {
    const digits = /^\d+/.exec(text.slice(at, at + count))?.[0]
    if (digits?.length !== count) return undefined
    fields.n = Number(digits.slice(0, 9).padEnd(9, '0'))
    return at + count
  }
  if (letter === 'a') {
    const half = text.slice(at, at + 2).toUpperCase()
    if (half !== 'AM' && half !== 'PM') return undefined
    fields.a = half === 'PM' ? 1 : 0
    return at + 2
  }
  if ((letter === 'M' || letter === 'L') && count >= 3) return readMonthName(count, text, at, fields)
  if (letter === 'E') return readName(dayNames, count, text, at)?.end
  const name = numericFields[letter]
  if (!name) throw unknownLetter(letter)
  const widest = count === 1 ? 19 : letter === 'y' || letter === 'u' ? (count === 2 ? 2 : adjacent ? count : 15) : count
  const digits = /^\d+/.exec(text.slice(at, at + widest))?.[0]
  if (!digits || digits.length < count) return undefined
  // A year longer than its pattern needs a sign.
  if ((letter === 'y' || letter === 'u') && count >= 4 && digits.length > count) return undefined
  const value = Number(digits)
  fields[name] = letter === 'y' && count === 2 ? 2000 + value : letter === 'k' ? value % 24 : value
  return at + digits.length
}

const numericFields: Readonly<Record<string, keyof Fields>> = {
  y: 'y',
  u: 'y',
  M: 'M',
  L: 'M',
  d: 'd',
  D: 'D',
  H: 'H',
  k: 'H',
  h: 'h',
  K: 'h',
  m: 'm',
  s: 's',
}

function readMonthName(count: number, text: string, at: number, fields: Fields): number | undefined {
  const found = readName(monthNames, count, text, at)
  if (!found) return undefined
  fields.M = found.index + 1
  return found.end
}

function readName(names: readonly string[], count: number, text: string, at: number) {
  for (const [index, name] of names.entries()) {
    const wanted = nameOf(name, count)
    if (text.startsWith(wanted, at)) return { index, end: at + wanted.length }
  }
  return undefined
}

function momentOf(fields: Fields): ParsedMoment | undefined {
  const year = fields.y ?? 1970
  const month = fields.M ?? 1
  const day = fields.d ?? 1
  const hour = fields.H === undefined ? hourOfHalf(fields) : fields.H % 24
  const minute = fields.m ?? 0
  const second = fields.s ?? 0
  if (month < 1 || month > 12 || day < 1 || day > 31 || (fields.H ?? 0) > 24) return undefined
  // 24:00:00 is the next midnight.
  const nextDay = fields.H === 24 ? 1 : 0
  if (nextDay === 1 && (minute > 0 || second > 0 || (fields.n ?? 0) > 0)) return undefined
  if (hour === undefined || minute > 59 || second > 59) return undefined
  const days =
    fields.D === undefined
      ? daysFromCivil(year, month, Math.min(day, lastDayOfMonth(year, month)))
      : daysFromCivil(year, 1, 1) + fields.D - 1
  const nanos = fields.n ?? 0
  const millisOfDay = (hour * 3600 + minute * 60 + second) * 1000 + Math.floor(nanos / 1_000_000)
  return { localMillis: (days + nextDay) * 86_400_000 + millisOfDay, nanos: nanos % 1_000_000 }
}

/** `hh` alone gives no hour of the day (Java leaves it unresolved): midnight. */
function hourOfHalf(fields: Fields): number | undefined {
  if (fields.h === undefined) return 0
  if (fields.h > 12) return undefined
  return fields.a === undefined ? 0 : (fields.h % 12) + fields.a * 12
}

/**
 * Reads the start of `text` as SimpleDateFormat does: numbers of any width unless another one follows at once, fields past their
 * range carried over (month 13 is January of the next year), what follows is not looked at.
 */
export function parseLegacy(parts: readonly PatternPart[], text: string): number | undefined {
  const fields: Fields = {}
  let at = 0
  for (const [i, part] of parts.entries()) {
    if ('text' in part) {
      if (!text.startsWith(part.text, at)) return undefined
      at += part.text.length
      continue
    }
    const next = parts[i + 1]
    const end = readLegacyField(part, text, at, fields, next !== undefined && 'letter' in next)
    if (end === undefined) return undefined
    at = end
  }
  const monthIndex = (fields.M ?? 1) - 1
  const year = (fields.y ?? 1970) + Math.floor(monthIndex / 12)
  const month = (((monthIndex % 12) + 12) % 12) + 1
  const days =
    fields.D === undefined
      ? daysFromHistoric(year, month, 1) + (fields.d ?? 1) - 1
      : daysFromCivil(year, 1, 1) + fields.D - 1
  const hour = fields.H ?? (fields.h === undefined ? 0 : (fields.h % 12) + (fields.a ?? 0) * 12)
  return days * 86_400_000 + (hour * 3600 + (fields.m ?? 0) * 60 + (fields.s ?? 0)) * 1000 + (fields.n ?? 0)
}

function readLegacyField(
  part: { readonly letter: string; readonly count: number },
  text: string,
  at: number,
  fields: Fields,
  adjacent: boolean,
): number | undefined {
  const { letter, count } = part
  if (letter === 'a' || letter === 'E' || ((letter === 'M' || letter === 'L') && count >= 3)) {
    return readField(part, text, at, fields, adjacent)
  }
  const name = letter === 'S' ? 'n' : numericFields[letter]
  if (!name || letter === 'u') throw unknownLetter(letter)
  const rest = adjacent ? text.slice(at, at + count) : text.slice(at)
  const digits = /^\s*-?\d+/.exec(rest)?.[0]
  if (digits === undefined) return undefined
  const value = Number(digits)
  const shortYear = letter === 'y' && count <= 2 && digits.trim().length === 2
  fields[name] = shortYear ? nearestCentury(value) : value
  return at + digits.length
}

/** Two digits of a year mean one within 80 years before and 20 after now; 2026 stands for now, so that plans stay deterministic. */
function nearestCentury(value: number): number {
  return value <= 46 ? 2000 + value : 1900 + value
}
