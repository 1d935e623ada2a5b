import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  parseDate,
  parseDouble,
  parseInteger,
  parseShortDecimal,
  parseTimeOfDay,
  parseTimestamp,
} from './parse-value.ts'
import { printDate, printDouble, printFloat, printTimeOfDay, printTimestamp } from './print-value.ts'

describe('a number as text', () => {
  test.each([
    [1, '1.0'],
    [0.001, '0.001'],
    [0.0001, '1.0E-4'],
    [9_999_999, '9999999.0'],
    [1e7, '1.0E7'],
    [-0, '-0.0'],
    [5e-324, '4.9E-324'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [12345678.9, '1.23456789E7'],
  ])('%s is %s, as Java writes doubles', (value, text) => {
    expect(printDouble(value)).toBe(text)
  })

  test('a FLOAT has the fewest digits that name it', () => {
    expect(printFloat(Math.fround(0.1))).toBe('0.1')
    expect(printFloat(Math.fround(3.4028235e38))).toBe('3.4028235E38')
  })

  test('every double reads back as itself', () => {
    fc.assert(fc.property(fc.double(), (value) => Object.is(parseDouble(printDouble(value)), value)))
  })
})

describe('text as a value', () => {
  test.each([
    ['42', 42n],
    ['-1.9', -1n],
    [' 7 ', 7n],
    ['', undefined],
    ['1e3', undefined],
    ['-', undefined],
  ])('%j as a whole number is %s', (text, expected) => {
    expect(parseInteger(text)).toBe(expected)
  })

  test('Flink passes over one character behind a short decimal', () => {
    expect(parseShortDecimal('10f', 5, 2)).toBe(1000n)
    expect(parseShortDecimal('10fx', 5, 2)).toBeUndefined()
    expect(parseShortDecimal('1.005', 5, 2)).toBe(101n)
    expect(parseShortDecimal('12345', 5, 2)).toBeUndefined()
  })

  test.each([
    ['2024-02-29', '2024-02-29'],
    ['2024-2', '2024-02-01'],
    ['2024-02-29 10:00:00', '2024-02-29'],
  ])('%j is the date %s', (text, expected) => {
    expect(printDate(parseDate(text)!)).toBe(expected)
  })

  test.each(['2023-02-29', '2024-13-01', 'today', '10000-01-01'])('%j is no date', (text) => {
    expect(parseDate(text)).toBeUndefined()
  })

  test('30 February as a timestamp is the last day of the month', () => {
    expect(printTimestamp(parseTimestamp('2024-02-30 10:00:00.123456', 6)!, 6)).toBe('2024-02-29 10:00:00.123456')
  })

  test('a time of day keeps milliseconds and takes an offset', () => {
    expect(printTimeOfDay(parseTimeOfDay('10:11:12.5')!, 3)).toBe('10:11:12.5')
    expect(printTimeOfDay(parseTimeOfDay('10:00:00+02:30')!, 0)).toBe('12:30:00')
    expect(parseTimeOfDay('25:00:00')).toBeUndefined()
  })
})
