import { copyFileSync, cpSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeBatch } from '../../../test/clients/wire-client.ts'
import { JobError } from '../../diagnostics/job-error.ts'
import { parseRecordBatches } from '../../kafka/record-batch.ts'
import { RecordSlices } from '../../kafka/record-slices.ts'
import { type LogConfig, PartitionLog } from './partition-log.ts'
import { readStoredBatch } from './stored-batch.ts'

const wide: LogConfig = { segmentBytes: 1 << 20, retentionBytes: -1, retentionMs: -1 }
/** Two batches of three records fill one segment. */
const narrow: LogConfig = { ...wide, segmentBytes: 200 }

let folder: string
let lines: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-log-'))
  lines = []
})
afterEach(() => rmSync(folder, { recursive: true }))

const open = (at = folder, config = wide, logStart = 0) =>
  PartitionLog.open(at, config, logStart, (line) => lines.push(line))

function append(log: PartitionLog, values: readonly string[], options: Parameters<typeof makeBatch>[1] = {}): number {
  const batch = makeBatch(values, options)
  return log.append(batch, readStoredBatch(batch, 0))
}

/** `offset:value` of all records from `from` on. */
function contents(log: PartitionLog, from = log.logStartOffset, end = log.nextOffset, maxBytes = 1 << 20): string[] {
  const slices = new RecordSlices()
  const found: string[] = []
  for (let next = from; next < end; ) {
    const { bytes, nextOffset } = log.read(next, end, maxBytes, true)
    expect(parseRecordBatches(bytes, 0, bytes.length, slices, { fromOffset: next })).toBe(nextOffset)
    for (let i = 0; i < slices.count; i++) {
      const start = slices.valueStarts[i]!
      const value = Buffer.from(slices.data).toString('utf8', start, start + slices.valueLengths[i]!)
      found.push(`${slices.offsets[i]}:${value}`)
    }
    next = nextOffset
  }
  return found
}

const logFiles = (at = folder) => readdirSync(at).filter((name) => name.endsWith('.log'))

describe('reading', () => {
  test('gives whole batches from any offset, over segments, in portions of any size', () => {
    const log = open(folder, narrow)
    for (let i = 0; i < 20; i++) append(log, [`a${i}`, `b${i}`, `c${i}`])
    expect(logFiles().length).toBeGreaterThan(5)
    const all = contents(log)
    expect(all).toHaveLength(60)
    for (let from = 0; from <= 60; from++) expect(contents(log, from)).toEqual(all.slice(from))
    expect(contents(log, 0, 60, 1)).toEqual(all)
  })

  test('stops before the batch that begins at the end offset', () => {
    const log = open()
    for (const value of ['a', 'b', 'c']) append(log, [value])
    expect(contents(log, 0, 2)).toEqual(['0:a', '1:b'])
    expect(log.read(2, 2, 1000, true)).toEqual({ bytes: Buffer.alloc(0), nextOffset: 2 })
  })

  test('gives nothing when the first batch is too large and need not come', () => {
    const log = open()
    append(log, ['a'.repeat(500)])
    expect(log.read(0, 1, 100, false).bytes).toHaveLength(0)
    expect(log.read(0, 1, 100, true).bytes.length).toBeGreaterThan(500)
  })

  test('finds the first batch at or after a time, also when times go back', () => {
    const log = open(folder, narrow)
    const times = [100, 300, 200, 500, 400, 600].map((t) => t * 1000)
    for (const timestamp of times) append(log, ['x'], { timestamp })
    const offsetAt = (timestamp: number) => log.locateTimestamp(timestamp)?.batch.baseOffset
    for (const t of [0, 99_999, 100_000, 100_001, 300_000, 300_001, 500_000, 550_000, 600_000, 600_001]) {
      const first = times.findIndex((time) => time >= t)
      expect(offsetAt(t)).toBe(first === -1 ? undefined : first)
    }
  })
})

describe('after a crash', () => {
  test('a last batch cut at any byte is dropped, everything before it stays', async () => {
    const log = open()
    append(log, ['a', 'b'])
    append(log, ['c'])
    const whole = statSync(join(folder, logFiles()[0]!)).size
    append(log, ['torn', 'torn'])
    const size = statSync(join(folder, logFiles()[0]!)).size
    for (let length = whole; length < size; length++) {
      const copy = mkdtempSync(join(tmpdir(), 'sluice-torn-'))
      copyFileSync(join(folder, logFiles()[0]!), join(copy, logFiles()[0]!))
      truncateSync(join(copy, logFiles()[0]!), length)
      const recovered = open(copy)
      expect(contents(recovered)).toEqual(['0:a', '1:b', '2:c'])
      append(recovered, ['d'])
      await recovered.close()
      expect(contents(open(copy))).toEqual(['0:a', '1:b', '2:c', '3:d'])
      rmSync(copy, { recursive: true })
    }
    expect(lines).toHaveLength(size - whole - 1)
  })

  test('a last batch with any byte changed is dropped, unless the byte is not covered by its checksum', () => {
    const log = open()
    append(log, ['a'])
    const before = statSync(join(folder, logFiles()[0]!)).size
    append(log, ['b'])
    const file = join(folder, logFiles()[0]!)
    const bytes = Buffer.from(log.read(0, 2, 1000, true).bytes)
    const leaderEpoch = [12, 13, 14, 15]
    for (let at = 0; at < bytes.length - before; at++) {
      const changed = Buffer.from(bytes)
      changed[before + at]! ^= 0x55
      writeFileSync(file, changed)
      const kept = leaderEpoch.includes(at)
      expect(open().nextOffset, `byte ${at}`).toBe(kept ? 2 : 1)
    }
  })

  test('the index is built anew when its files are lost or damaged', async () => {
    const log = open(folder, narrow)
    for (let i = 0; i < 9; i++) append(log, [`v${i}`], { producerId: 7, epoch: 0, sequence: i, transactional: i < 4 })
    log.appendMarker(7, 0, false, 1)
    const all = contents(log)
    const aborted = log.producers.abortedBetween(0, 100)
    await log.close()
    const states = readdirSync(folder).filter((name) => name.endsWith('.state'))
    expect(states).toHaveLength(logFiles().length)
    states.forEach((name, i) => {
      if (i % 2 === 0) rmSync(join(folder, name))
      else writeFileSync(join(folder, name), 'nonsense')
    })
    const reopened = open(folder, narrow)
    expect(contents(reopened)).toEqual(all)
    expect(reopened.producers.abortedBetween(0, 100)).toEqual(aborted)
    expect(
      reopened.producers.check({
        producerId: 7,
        producerEpoch: 0,
        baseSequence: 9,
        recordCount: 1,
        maxTimestamp: 0,
        transactional: false,
      }),
    ).toEqual({ kind: 'new' })
  })

  test('a process killed at any moment leaves a log that opens with what was appended', async () => {
    const log = open(folder, narrow)
    const expected: string[] = []
    for (let i = 0; i < 30; i++) {
      append(log, [`v${i}`])
      expected.push(`${i}:v${i}`)
      if (i % 7 === 0) await log.flush()
      const copy = mkdtempSync(join(tmpdir(), 'sluice-killed-'))
      cpSync(folder, copy, { recursive: true })
      expect(contents(open(copy, narrow))).toEqual(expected)
      rmSync(copy, { recursive: true })
    }
    expect(lines).toEqual([])
  })

  test('damage that no crash explains is refused', async () => {
    const log = open(folder, narrow)
    for (let i = 0; i < 9; i++) append(log, [`v${i}`])
    await log.close()
    const [first, second] = logFiles()
    const damages: readonly (() => void)[] = [
      () => truncateSync(join(folder, first!), 10),
      () => rmSync(join(folder, second!)),
      () => truncateSync(join(folder, logFiles().at(-1)!), 10),
    ]
    const saved = mkdtempSync(join(tmpdir(), 'sluice-saved-'))
    cpSync(folder, saved, { recursive: true })
    for (const damage of damages) {
      rmSync(folder, { recursive: true })
      cpSync(saved, folder, { recursive: true })
      damage()
      expect(() => open(folder, narrow)).toThrow(JobError)
    }
    rmSync(saved, { recursive: true })
  })
})

describe('retention', () => {
  test('by size keeps at most the bound and one segment', () => {
    const log = open(folder, { ...narrow, retentionBytes: 1000 })
    for (let i = 0; i < 100; i++) {
      append(log, [`v${i}`])
      expect(log.byteLength).toBeLessThanOrEqual(1200)
    }
    expect(log.logStartOffset).toBeGreaterThan(0)
    expect(contents(log).at(-1)).toBe('99:v99')
  })

  test('by time drops what is old, the active segment too, and keeps the next offset over a restart', async () => {
    const config = { ...narrow, retentionMs: 1000 }
    const log = open(folder, config)
    for (let i = 0; i < 6; i++) append(log, [`v${i}`], { timestamp: 10_000 * i })
    log.applyRetention(41_000 + 1)
    expect(contents(log)).toEqual(['4:v4', '5:v5'])
    log.applyRetention(51_000 + 1)
    expect(contents(log)).toEqual([])
    expect(log.logStartOffset).toBe(6)
    await log.close()
    const reopened = open(folder, config)
    expect(reopened.nextOffset).toBe(6)
    expect(append(reopened, ['next'])).toBe(6)
  })

  test('a flush and a deletion at the same time do not meet in one file', async () => {
    const log = open(folder, { ...narrow, retentionBytes: 400 })
    const flushes: Promise<void>[] = []
    for (let i = 0; i < 200; i++) {
      append(log, [`v${i}`])
      if (i % 3 === 0) flushes.push(log.flush())
      if (i % 50 === 0) await flushes.at(-1)
    }
    await Promise.all(flushes)
    await log.close()
    expect(contents(open(folder, narrow)).at(-1)).toBe('199:v199')
  })

  test('deleted records stay deleted', () => {
    const log = open(folder, narrow)
    for (let i = 0; i < 9; i++) append(log, [`v${i}`])
    log.deleteRecordsBefore(5)
    expect(contents(log)[0]).toBe('5:v5')
    expect(contents(open(folder, narrow, 5))[0]).toBe('5:v5')
  })
})

test('watchers are told of appends and ends of transactions until they stop', () => {
  const log = open()
  let told = 0
  const stop = log.watch(() => told++)
  append(log, ['a'], { producerId: 1, epoch: 0, sequence: 0, transactional: true })
  expect(log.lastStableOffset).toBe(0)
  log.appendMarker(1, 0, true, 5)
  expect(log.lastStableOffset).toBe(2)
  log.appendMarker(1, 0, true, 5)
  expect([told, log.nextOffset]).toEqual([2, 2])
  stop()
  append(log, ['b'])
  expect(told).toBe(2)
})
