import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JobError } from '../diagnostics/job-error.ts'
import { InvalidPattern, javaRegExp } from './java-regexp.ts'

describe("a Java pattern finds what Java's does", () => {
  test.each([
    ['a++b', 'aab', 'aab'],
    ['a++a', 'aaa', undefined],
    ['(a|ab)*+c', 'abac', 'ac'],
    ['[[:alpha:]]+', 'x:ap:', ':ap:'],
    ['[a-c&&[^b]]+', 'bbacb', 'ac'],
    ['\\p{Alpha}+', '12abÉ', 'ab'],
    ['\\p{javaLowerCase}', 'Xß', 'ß'],
    ['\\Qa.b\\E', 'axb a.b', 'a.b'],
    ['(?i)B+', 'abB', 'bB'],
    ['.', '\u2028x', 'x'],
    ['x$', 'x\n', 'x'],
    ['[]a]+', '-]a', ']a'],
    ['(?<year>\\d{4})', 'in 2024', '2024'],
    ['\\h', 'a\u00a0', '\u00a0'],
    ['[\\w-]+', 'a-b c', 'a-b'],
  ])('%s in %j', (pattern, text, expected) => {
    expect(javaRegExp(pattern).first(text)?.groups[0]).toBe(expected)
  })

  test('groups keep their numbers beside a possessive quantifier', () => {
    const pattern = javaRegExp('(x)(?:(y)z)++(w)')
    expect(pattern.groupCount).toBe(3)
    expect(pattern.first('xyzyzw')?.groups).toEqual(['xyzyzw', 'x', 'y', 'w'])
  })

  test('plain text finds itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const quoted = text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
        expect(javaRegExp(quoted).first(`-${text}-`)?.groups[0]).toBe(text)
      }),
    )
  })
})

test.each(['(', '[a', 'a{', '\\', '*a', 'a)'])('%s is refused as Java refuses it', (pattern) => {
  expect(() => javaRegExp(pattern)).toThrow(InvalidPattern)
})

test.each(['(?>a)', '\\G', '(a)\\1b++'])('%s is refused by name: Sluice cannot run it', (pattern) => {
  expect(() => javaRegExp(pattern)).toThrow(JobError)
})
