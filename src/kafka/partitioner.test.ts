import { expect, test } from 'vitest'
import { murmur2, partitionOfKey } from './partitioner.ts'

const text = new TextEncoder()

// The vectors of Kafka's own UtilsTest.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
])('murmur2 of %s is the one of Java', (key, hash) => {
  const bytes = text.encode(key)
  expect(murmur2(bytes, 0, bytes.length)).toBe(hash)
  expect(murmur2(text.encode(`--${key}--`), 2, bytes.length)).toBe(hash)
})

test('a key goes to the partition that Java chooses, also for negative hashes', () => {
  expect(partitionOfKey(text.encode('21'), 0, 2, 10)).toBe((-973932308 & 0x7fffffff) % 10)
})
