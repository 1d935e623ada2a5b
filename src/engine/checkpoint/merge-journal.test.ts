import { appendFile, mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EMPTY_DIGEST, type JournalEntry, JournalWriter, journalPath, readJournal } from './merge-journal.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'journal-'))
})
afterEach(() => rm(directory, { recursive: true }))

const records = (partition: number, from: number, to: number): JournalEntry => ({
  kind: 'records',
  table: 0,
  partition,
  from,
  to,
})

async function writeThreeCommits(): Promise<string[]> {
  const journal = await JournalWriter.open(directory, { afterCommit: 0, digest: EMPTY_DIGEST, blocks: [] })
  const digests: string[] = []
  for (const commit of [1, 2, 3]) {
    journal.add(records(0, commit * 10, commit * 10 + 5))
    journal.add(records(0, commit * 10 + 5, commit * 10 + 10))
    journal.add({ kind: 'idle', table: 0, partition: 1 })
    digests.push(await journal.seal(commit))
  }
  await journal.close()
  return digests
}

test('what was sealed is read again, and records that follow each other are one entry', async () => {
  const digests = await writeThreeCommits()
  const [segment] = await readJournal(directory, 0, EMPTY_DIGEST, 3)
  expect(segment!.blocks.map((block) => block.digest)).toEqual(digests)
  expect(segment!.blocks[1]!.entries).toEqual([records(0, 20, 30), { kind: 'idle', table: 0, partition: 1 }])
})

test('a block that a crash cut short, and one whose commit never happened, are left out', async () => {
  await writeThreeCommits()
  const whole = await readJournal(directory, 0, EMPTY_DIGEST, 2)
  expect(whole[0]!.blocks.map((block) => block.commit)).toEqual([1, 2])
  await truncate(journalPath(directory, 0), 3 * (8 + 8 + 2 * 23) - 1)
  const torn = await readJournal(directory, 0, EMPTY_DIGEST, 3)
  expect(torn[0]!.blocks.map((block) => block.commit)).toEqual([1, 2])
})

test('going on drops what lies behind the last commit that happened', async () => {
  const digests = await writeThreeCommits()
  await appendFile(journalPath(directory, 0), 'half a block')
  const segment = (await readJournal(directory, 0, EMPTY_DIGEST, 2))[0]!
  const journal = await JournalWriter.open(directory, segment)
  expect(journal.digest).toBe(digests[1])
  journal.add(records(2, 7, 8))
  await journal.seal(3)
  await journal.close()
  const blocks = (await readJournal(directory, 0, EMPTY_DIGEST, 3))[0]!.blocks
  expect(blocks.map((block) => block.entries.length)).toEqual([2, 2, 1])
  expect(blocks[2]!.digest).not.toBe(digests[2])
})

test('segments are read through: the next begins at the commit with which one ends', async () => {
  const digests = await writeThreeCommits()
  const next = await JournalWriter.open(directory, { afterCommit: 3, digest: digests[2]!, blocks: [] })
  next.add({ kind: 'end' })
  const last = await next.seal(4)
  await next.close()
  const segments = await readJournal(directory, 0, EMPTY_DIGEST, 4)
  expect(segments.map((segment) => segment.afterCommit)).toEqual([0, 3])
  expect(segments[1]!.blocks[0]).toEqual({ commit: 4, entries: [{ kind: 'end' }], digest: last })
})
