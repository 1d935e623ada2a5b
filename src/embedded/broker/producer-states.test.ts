import { expect, test } from 'vitest'
import { type ProducerBatch, ProducerStates } from './producer-states.ts'

const batch = (baseSequence: number, changes: Partial<ProducerBatch> = {}): ProducerBatch => ({
  producerId: 1,
  producerEpoch: 0,
  baseSequence,
  recordCount: 10,
  maxTimestamp: 0,
  transactional: false,
  ...changes,
})

/** Appends as the broker does: only what is new. */
function offer(states: ProducerStates, next: ProducerBatch, offset: number): string {
  const { kind } = states.check(next)
  if (kind === 'new') states.append(next, offset)
  return kind
}

test('sequences must follow each other', () => {
  const states = new ProducerStates()
  expect(offer(states, batch(0), 0)).toBe('new')
  expect(offer(states, batch(20), 10)).toBe('out of order')
  expect(offer(states, batch(10), 10)).toBe('new')
  expect(offer(states, batch(5), 20)).toBe('out of order')
})

test('each of the last five batches is recognized when it is sent again', () => {
  const states = new ProducerStates()
  for (let i = 0; i < 7; i++) offer(states, batch(10 * i), 100 * i)
  for (let i = 2; i < 7; i++) expect(states.check(batch(10 * i))).toEqual({ kind: 'duplicate', baseOffset: 100 * i })
  expect(states.check(batch(10))).toEqual({ kind: 'out of order' })
})

test('sequences wrap after 2147483647', () => {
  const states = new ProducerStates()
  offer(states, batch(2147483640), 0)
  expect(states.check(batch(2))).toEqual({ kind: 'new' })
  expect(states.check(batch(3))).toEqual({ kind: 'out of order' })
})

test('a new epoch begins at sequence 0 and shuts the old one out', () => {
  const states = new ProducerStates()
  offer(states, batch(0), 0)
  expect(offer(states, batch(10, { producerEpoch: 1 }), 10)).toBe('out of order')
  expect(offer(states, batch(0, { producerEpoch: 1 }), 10)).toBe('new')
  expect(offer(states, batch(10), 20)).toBe('old epoch')
})

test('a marker with the next epoch shuts out late batches of its transaction', () => {
  const states = new ProducerStates()
  offer(states, batch(0, { transactional: true }), 0)
  states.appendMarker({ producerId: 1, producerEpoch: 1, timestamp: 0 }, true, 10)
  expect(states.check(batch(10, { transactional: true })).kind).toBe('old epoch')
  expect(states.check(batch(0, { transactional: true, producerEpoch: 1 })).kind).toBe('new')
})

test('the oldest open transaction holds the last stable offset', () => {
  const states = new ProducerStates()
  const of = (producerId: number) => batch(0, { producerId, transactional: true })
  states.append(of(1), 5)
  states.append(of(2), 15)
  expect(states.firstUnstableOffset()).toBe(5)
  states.appendMarker({ producerId: 1, producerEpoch: 0, timestamp: 0 }, false, 25)
  expect(states.firstUnstableOffset()).toBe(15)
  states.appendMarker({ producerId: 2, producerEpoch: 0, timestamp: 0 }, true, 26)
  expect(states.firstUnstableOffset()).toBeUndefined()
  expect(states.abortedBetween(0, 100)).toEqual([{ producerId: 1, firstOffset: 5, lastOffset: 25 }])
})

test('several aborted transactions of one producer are listed each by its range', () => {
  const states = new ProducerStates()
  for (const offset of [0, 20, 40]) {
    states.append(batch(offset / 2, { transactional: true }), offset)
    states.appendMarker({ producerId: 1, producerEpoch: 0, timestamp: 0 }, offset === 20, offset + 10)
  }
  const firsts = (from: number, to: number) => states.abortedBetween(from, to).map(({ firstOffset }) => firstOffset)
  expect(firsts(0, 100)).toEqual([0, 40])
  expect(firsts(11, 100)).toEqual([40])
  expect(firsts(10, 40)).toEqual([0])
  expect(firsts(51, 100)).toEqual([])
})

test('what is saved decides as before', () => {
  const states = new ProducerStates()
  states.append(batch(0, { transactional: true }), 3)
  states.append(batch(0, { producerId: 2, transactional: true }), 1)
  const restored = new ProducerStates()
  restored.restore(JSON.parse(JSON.stringify(states.snapshot())), [])
  expect(restored.firstUnstableOffset()).toBe(1)
  expect(restored.check(batch(0))).toEqual({ kind: 'duplicate', baseOffset: 3 })
  expect(restored.check(batch(10)).kind).toBe('new')
  expect(restored.snapshot()).toEqual(states.snapshot())
})

test('silent producers are forgotten, those with an open transaction are not', () => {
  const states = new ProducerStates()
  states.append(batch(0), 0)
  states.append(batch(0, { producerId: 2, transactional: true }), 10)
  states.expire(0, 1001, 1000)
  expect(states.check(batch(70)).kind).toBe('new')
  expect(states.check(batch(70, { producerId: 2 })).kind).toBe('out of order')
})
