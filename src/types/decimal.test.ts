import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  divideHalfUp,
  divideToDigits,
  fitDecimal,
  parseBigDecimal,
  printBigDecimal,
  printDecimal,
  rescale,
  toDecimal,
} from './decimal.ts'

describe('a decimal', () => {
  test.each([
    [125n, 2, 1, 13n],
    [-125n, 2, 1, -13n],
    [124n, 2, 1, 12n],
    [5n, 0, 2, 500n],
  ])('%s of scale %i at scale %i is %s: halves round away from zero', (value, from, to, expected) => {
    expect(rescale(value, from, to)).toBe(expected)
  })

  test('that needs more digits than its type has is NULL', () => {
    expect(toDecimal(99_999n, 2, 4, 1)).toBeNull()
    expect(toDecimal(99_949n, 2, 4, 1)).toBe(9995n)
  })

  test('is printed with exactly its scale and read back', () => {
    expect(printDecimal(-5n, 2)).toBe('-0.05')
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }),
        fc.integer({ min: 0, max: 38 }),
        (value, scale) => {
          expect(parseBigDecimal(printDecimal(value, scale))).toEqual({ unscaled: value, scale })
        },
      ),
    )
  })

  test.each([
    ['1e3', '1000'],
    ['-.5', '-0.5'],
    ['1.50', '1.50'],
    ['0.0000001', '1E-7'],
  ])('%s is written as %s by Java', (text, expected) => {
    expect(printBigDecimal(parseBigDecimal(text)!)).toBe(expected)
  })

  test.each(['', '.', '1.2.3', 'ten', '1e99999'])('%j is no number', (text) => {
    expect(parseBigDecimal(text)).toBeUndefined()
  })

  test('division is within half a unit of the last of 38 digits', () => {
    const nonZero = fc.bigInt({ min: 1n, max: 10n ** 30n })
    fc.assert(
      fc.property(nonZero, nonZero, (a, b) => {
        const { unscaled, scale } = divideToDigits({ unscaled: a, scale: 0 }, { unscaled: b, scale: 0 }, 38)
        const shifted = scale >= 0 ? a * 10n ** BigInt(scale) : a
        const divisor = scale >= 0 ? b : b * 10n ** BigInt(-scale)
        const error = unscaled * divisor - shifted
        expect((error < 0n ? -error : error) * 2n).toBeLessThanOrEqual(divisor)
      }),
    )
  })

  test('1 / 3 as DECIMAL(10, 4)', () => {
    expect(fitDecimal(divideToDigits({ unscaled: 1n, scale: 0 }, { unscaled: 3n, scale: 0 }, 38), 10, 4)).toBe(3333n)
    expect(divideHalfUp(7n, 2n)).toBe(4n)
  })
})
