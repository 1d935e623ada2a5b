import { expect, test } from 'vitest'
import { FramePool } from './frame-pool.ts'

test('a buffer is used again when all partitions that it holds are released', () => {
  const pool = new FramePool()
  const first = pool.allocate(100_000)
  const lease = pool.lease(first.buffer as ArrayBuffer)
  lease.hold()
  lease.hold()
  lease.release()
  expect(pool.allocate(100_000).buffer).not.toBe(first.buffer)
  lease.release()
  const again = pool.allocate(120_000)
  expect(again.buffer).toBe(first.buffer)
  expect(again.length).toBe(120_000)
})

test('what is not released is never given to another', () => {
  const pool = new FramePool()
  const buffers = Array.from({ length: 20 }, () => pool.allocate(70_000).buffer)
  expect(new Set(buffers).size).toBe(20)
})

test('small and huge answers are left to the garbage collector', () => {
  const pool = new FramePool()
  for (const length of [1000, 20_000_000]) {
    const lease = pool.lease(pool.allocate(length).buffer as ArrayBuffer)
    lease.hold()
    lease.release()
    expect(pool.allocate(length).length).toBe(length)
  }
})
