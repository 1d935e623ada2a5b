import { expect, test } from 'vitest'
import { parseTailPosition } from './tail-position.ts'

const now = Date.UTC(2026, 10, 22, 12)

test.each([
  ['earliest', 'earliest'],
  ['latest', 'latest'],
  ['5m', { timestampMs: now - 300_000 }],
  ['2d', { timestampMs: now - 172_800_000 }],
  ['2026-11-22T11:00:00Z', { timestampMs: now - 3_600_000 }],
  ['42', { offset: 42 }],
])('--from %s is understood', (text, position) => {
  expect(parseTailPosition(text, now)).toEqual(position)
})

test.each(['yesterday', '5 minutes', '-1', '', '2026-13-45'])('--from %s is not', (text) => {
  expect(parseTailPosition(text, now)).toBeUndefined()
})
