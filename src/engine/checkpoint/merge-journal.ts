// The order in which a job merged its inputs, and every decision that a clock had a part in: what makes a replay give the
// same state. One block per commit, written and synced before the commit; the committed offsets name the block's digest.
//
//   block   => length crc32 payload            length, crc32 => UINT32 (little-endian), over the payload
//   payload => commit entries*                 commit => FLOAT64
//   entry   => kind table partition from to    kind => UINT8, table => UINT16, partition => UINT32, from, to => FLOAT64
import { createHash } from 'node:crypto'
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { assert } from '../../diagnostics/assert.ts'
import { replaceFile } from './durable-file.ts'

/** `table` and `partition` count as the job's sources do. */
export type JournalEntry =
  /** Records of a partition were processed, offsets from (included) to (not included). */
  | {
      readonly kind: 'records'
      readonly table: number
      readonly partition: number
      readonly from: number
      readonly to: number
    }
  /** A partition was declared idle. */
  | { readonly kind: 'idle'; readonly table: number; readonly partition: number }
  /** The input was declared complete. */
  | { readonly kind: 'end' }

export type JournalBlock = {
  readonly commit: number
  readonly entries: readonly JournalEntry[]
  readonly digest: string
}

const KINDS = ['records', 'idle', 'end'] as const
const ENTRY_BYTES = 23
/** Digest before the first block. */
export const EMPTY_DIGEST = '0'.repeat(16)

export function journalPath(directory: string, afterCommit: number): string {
  return join(directory, `journal-${afterCommit}.log`)
}

/** A file of the journal: the blocks behind one commit, up to the commit at which the next file begins. */
export type JournalSegment = {
  readonly afterCommit: number
  /** The journal's digest at `afterCommit`. */
  readonly digest: string
  readonly blocks: readonly JournalBlock[]
}

/** The segments behind commit `afterCommit` up to commit `upTo`; blocks of later commits, which never happened, are left out. */
export async function readJournal(
  directory: string,
  afterCommit: number,
  digest: string,
  upTo: number,
): Promise<JournalSegment[]> {
  const segments: JournalSegment[] = []
  let next: { afterCommit: number; digest: string } | undefined = { afterCommit, digest }
  while (next !== undefined) {
    const bytes = await readIfPresent(journalPath(directory, next.afterCommit))
    if (bytes === undefined) break
    const blocks: JournalBlock[] = decodeBlocks(bytes, next.digest).filter((block) => block.commit <= upTo)
    segments.push({ ...next, blocks })
    const last = blocks.at(-1)
    next = last === undefined ? undefined : { afterCommit: last.commit, digest: last.digest }
  }
  return segments
}

async function readIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Up to the first block that is incomplete or damaged. */
function decodeBlocks(bytes: Buffer, digest: string): JournalBlock[] {
  const blocks: JournalBlock[] = []
  let previous = digest
  let at = 0
  while (at + 8 <= bytes.length) {
    const length = bytes.readUInt32LE(at)
    const payload = bytes.subarray(at + 8, at + 8 + length)
    if (payload.length < length || length < 8 || crc32(payload) !== bytes.readUInt32LE(at + 4)) break
    previous = chain(previous, payload)
    blocks.push({ ...decodePayload(payload), digest: previous })
    at += 8 + length
  }
  return blocks
}

export class JournalWriter {
  readonly #file: FileHandle
  #entries: JournalEntry[] = []
  #digest: string

  private constructor(file: FileHandle, digest: string) {
    this.#file = file
    this.#digest = digest
  }

  /** Goes on behind the blocks of `segment`; whatever else the file held is dropped. */
  static async open(directory: string, segment: JournalSegment): Promise<JournalWriter> {
    const path = journalPath(directory, segment.afterCommit)
    await replaceFile(
      path,
      segment.blocks.map((block) => encodeBlock(encodePayload(block.commit, block.entries))),
    )
    return new JournalWriter(await open(path, 'a'), segment.blocks.at(-1)?.digest ?? segment.digest)
  }

  /** Digest of the last sealed block. */
  get digest(): string {
    return this.#digest
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** Notes what is about to be done. Records that continue the last entry lengthen it: where they were cut does not matter. */
  add(entry: JournalEntry): void {
    const last = this.#entries.at(-1)
    if (
      entry.kind === 'records' &&
      last?.kind === 'records' &&
      last.table === entry.table &&
      last.partition === entry.partition &&
      last.to === entry.from
    ) {
      this.#entries[this.#entries.length - 1] = { ...last, to: entry.to }
    } else {
      this.#entries.push(entry)
    }
  }

  /** Writes the block of a commit; on disk when it resolves, with the journal's new digest. */
  async seal(commit: number): Promise<string> {
    const payload = encodePayload(commit, this.#entries)
    await this.#file.writeFile(encodeBlock(payload))
    await this.#file.datasync()
    this.#digest = chain(this.#digest, payload)
    this.#entries = []
    return this.#digest
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

function chain(previous: string, payload: Uint8Array): string {
  return createHash('sha256').update(previous).update(payload).digest('hex').slice(0, 16)
}

function encodeBlock(payload: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32LE(payload.length, 0)
  header.writeUInt32LE(crc32(payload), 4)
  return Buffer.concat([header, payload])
}

function encodePayload(commit: number, entries: readonly JournalEntry[]): Buffer {
  const payload = Buffer.alloc(8 + entries.length * ENTRY_BYTES)
  payload.writeDoubleLE(commit, 0)
  let at = 8
  for (const entry of entries) {
    payload.writeUInt8(KINDS.indexOf(entry.kind), at)
    if (entry.kind !== 'end') {
      payload.writeUInt16LE(entry.table, at + 1)
      payload.writeUInt32LE(entry.partition, at + 3)
    }
    if (entry.kind === 'records') {
      payload.writeDoubleLE(entry.from, at + 7)
      payload.writeDoubleLE(entry.to, at + 15)
    }
    at += ENTRY_BYTES
  }
  return payload
}

function decodePayload(payload: Buffer): { commit: number; entries: JournalEntry[] } {
  const entries: JournalEntry[] = []
  for (let at = 8; at + ENTRY_BYTES <= payload.length; at += ENTRY_BYTES) {
    const kind = KINDS[payload.readUInt8(at)]
    assert(kind !== undefined, 'a journal block with a right checksum has known entries')
    const table = payload.readUInt16LE(at + 1)
    const partition = payload.readUInt32LE(at + 3)
    if (kind === 'end') entries.push({ kind })
    else if (kind === 'idle') entries.push({ kind, table, partition })
    else entries.push({ kind, table, partition, from: payload.readDoubleLE(at + 7), to: payload.readDoubleLE(at + 15) })
  }
  return { commit: payload.readDoubleLE(0), entries }
}
