import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Journal } from './journal.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-journal-'))
  path = join(folder, 'journal')
})
afterEach(() => rmSync(folder, { recursive: true }))

const contents = (journal: Journal) => Object.fromEntries(journal.entries(''))

test('the last value of a key counts, also after reopening', async () => {
  const journal = Journal.open(path)
  journal.append([
    ['a', 1],
    ['b', { nested: [true, null, 'ü'] }],
  ])
  journal.append([
    ['a', 2],
    ['c', 3],
  ])
  journal.append([['c', undefined]])
  const expected = { a: 2, b: { nested: [true, null, 'ü'] } }
  expect(contents(journal)).toEqual(expected)
  await journal.close()
  expect(contents(Journal.open(path))).toEqual(expected)
})

test('changes appended together survive a torn write together or not at all', async () => {
  const journal = Journal.open(path)
  journal.append([['before', 1]])
  const whole = statSync(path).size
  journal.append([
    ['x', 1],
    ['y', 2],
  ])
  const size = statSync(path).size
  for (let length = 0; length <= size; length++) {
    const copy = join(folder, 'copy')
    copyFileSync(path, copy)
    truncateSync(copy, length)
    const reopened = Journal.open(copy)
    const expected = length === size ? { before: 1, x: 1, y: 2 } : length >= whole ? { before: 1 } : {}
    expect(contents(reopened), `cut at ${length}`).toEqual(expected)
    reopened.append([['after', 3]])
    await reopened.close()
    expect(contents(Journal.open(copy)).after).toBe(3)
    rmSync(copy)
  }
})

test('a damaged record with whole ones behind it is refused by name', async () => {
  const journal = Journal.open(path)
  journal.append([['a', 1]])
  const at = statSync(path).size - 3
  journal.append([['b', 2]])
  await journal.close()
  const bytes = readFileSync(path)
  bytes[at]! ^= 1
  writeFileSync(path, bytes)
  expect(() => Journal.open(path)).toThrow(
    `the data file \`${path}\` is damaged: the record at byte 17 fails its checksum`,
  )
})

test('another file in its place is refused', () => {
  writeFileSync(path, 'this is something else altogether')
  expect(() => Journal.open(path)).toThrow('it is not a journal of this version')
})

test('the file is rewritten when most of it is outdated', async () => {
  const journal = Journal.open(path)
  const long = 'x'.repeat(1000)
  for (let i = 0; i < 3000; i++) journal.append([[`key ${i % 10}`, `${long}${i}`]])
  const before = statSync(path).size
  await journal.sync()
  expect(statSync(path).size).toBeLessThan(before / 100)
  journal.append([['late', 1]])
  const expected = contents(journal)
  await journal.close()
  expect(contents(Journal.open(path))).toEqual(expected)
})
