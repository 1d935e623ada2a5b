import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Snapshot, SnapshotFiles } from './snapshot-files.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'snapshot-'))
})
afterEach(() => rm(directory, { recursive: true }))

const snapshotOf = (commit: number): Snapshot => ({
  commit,
  digest: `digest ${commit}`,
  positions: [[commit, 2], [3]],
  parts: [
    { operatorId: 'aggregate:a', shape: 'panes', bytes: Buffer.from(`state after ${commit}`) },
    { operatorId: 'watermark:b', shape: 'watermark', bytes: Buffer.alloc(0) },
  ],
})

async function flipBit(file: string): Promise<void> {
  const bytes = await readFile(join(directory, file))
  bytes[bytes.length - 3]! ^= 4
  await writeFile(join(directory, file), bytes)
}

test('the newest snapshot not after the committed offsets is restored, also by another process', async () => {
  const files = await SnapshotFiles.open(directory)
  for (const commit of [10, 20, 30]) await files.save(snapshotOf(commit))
  const again = await SnapshotFiles.open(directory)
  expect((await again.loadNewest(29)).snapshot).toEqual(snapshotOf(20))
  expect((await again.loadNewest(1000)).snapshot).toEqual(snapshotOf(30))
})

test('a snapshot with one flipped bit is passed over for the one before, and named', async () => {
  const files = await SnapshotFiles.open(directory)
  for (const commit of [10, 20]) await files.save(snapshotOf(commit))
  await flipBit('snapshot-20.bin')
  expect(await files.loadNewest(20)).toEqual({ snapshot: snapshotOf(10), damaged: [20] })
})

test('three snapshots are kept, and the journals from the oldest of them on', async () => {
  const files = await SnapshotFiles.open(directory)
  for (const commit of [10, 20, 30, 40]) {
    await writeFile(join(directory, `journal-${commit}.log`), '')
    await files.save(snapshotOf(commit))
  }
  expect((await readdir(directory)).sort()).toEqual([
    'journal-20.log',
    'journal-30.log',
    'journal-40.log',
    'manifest.json',
    'snapshot-20.bin',
    'snapshot-30.bin',
    'snapshot-40.bin',
  ])
})
