import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { VelocityBoard, type VelocityRow } from './velocity-board.ts'

const row = (userIdentifier: string, paymentAttempts: number): VelocityRow => ({
  userIdentifier,
  windowStart: Date.UTC(2026, 0, 2, 10, 0, 0),
  windowEnd: Date.UTC(2026, 0, 2, 10, 0, 10),
  paymentAttempts,
})

function boardOn(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY })
  const board = new VelocityBoard(stream as unknown as NodeJS.WriteStream)
  return { board, written: () => String(stream.read() ?? '') }
}

test('in a pipe every user above the threshold is one line, and nobody else is named', () => {
  const { board, written } = boardOn(false)
  board.add([row('user-1', 5), row('user-2', 6), row('user-3', 17)])
  expect(written()).toBe(
    '10:00:00-10:00:10  user-2  6 payment attempts\n10:00:00-10:00:10  user-3  17 payment attempts\n',
  )
  expect(board.summary()).toBe('3 results, 2 of them above 5 attempts in 10 seconds')
})

test('on a terminal the table is drawn over itself, newest finding first', () => {
  const { board, written } = boardOn(true)
  board.add([row('user-2', 6)])
  expect(written()).toContain('user-2')
  board.add([row('user-3', 17)])
  const second = written()
  expect(second.startsWith('\u001b[')).toBe(true)
  expect(second.indexOf('user-3')).toBeLessThan(second.indexOf('user-2'))
})

test('the table never grows beyond a screen', () => {
  const { board, written } = boardOn(true)
  board.add(Array.from({ length: 100 }, (_, i) => row(`user-${i}`, 9)))
  expect(written().split('\n').length).toBeLessThan(25)
})
