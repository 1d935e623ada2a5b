// Keyed values that survive a crash: every change is appended to one file and the last value of a key counts, as in a compacted
// topic. Holds topics, transactions and committed offsets; records of topics are in partition-log.ts.
//
// Durability: `append` hands the change to the operating system before it returns, so it survives kill -9 of this process;
// `sync` resolves when everything appended so far also survives a power loss.
import {
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import { damaged } from './storage-error.ts'

/** What JSON can say; a value handed in is never changed afterwards by either side. */
export type JournalValue =
  | string
  | number
  | boolean
  | null
  | readonly JournalValue[]
  | { readonly [k: string]: JournalValue }

/** `undefined` takes the key away. */
export type Change = readonly [key: string, value: JournalValue | undefined]

const magic = Buffer.from('sluice journal 1\n')
const recordHeaderLength = 8
const compactionSlackBytes = 1 << 20

const fdatasyncAsync = promisify(fdatasync)

export class Journal {
  readonly #path: string
  readonly #values: Map<string, JournalValue>
  #file: number
  #size: number
  #sizeAfterCompaction: number
  #syncing: Promise<void> | undefined
  #appended = 0
  #durable = 0

  private constructor(path: string, file: number, values: Map<string, JournalValue>, size: number) {
    this.#path = path
    this.#file = file
    this.#values = values
    this.#size = size
    this.#sizeAfterCompaction = size
  }

  /** Makes the file when absent, cuts off a torn last record, and throws a `JobError` for damage before it. */
  static open(path: string): Journal {
    rmSync(`${path}.new`, { force: true })
    if (!existsSync(path)) {
      const file = openSync(path, constants.O_RDWR | constants.O_CREAT)
      writeSync(file, magic, 0, magic.length, 0)
      fdatasyncSync(file)
      syncFolder(dirname(path))
      return new Journal(path, file, new Map(), magic.length)
    }
    const bytes = readFileSync(path)
    if (bytes.length >= magic.length && !bytes.subarray(0, magic.length).equals(magic)) {
      throw damaged(path, 'it is not a journal of this version')
    }
    const values = new Map<string, JournalValue>()
    const size = replay(path, bytes, values)
    const file = openSync(path, constants.O_RDWR)
    if (size < bytes.length) ftruncateSync(file, size)
    if (bytes.length < magic.length) writeSync(file, magic, 0, magic.length, 0)
    return new Journal(path, file, values, size)
  }

  get(key: string): JournalValue | undefined {
    return this.#values.get(key)
  }

  /** Every key that starts with `prefix`, with its value. */
  *entries(prefix: string): Generator<readonly [key: string, value: JournalValue]> {
    for (const entry of this.#values) if (entry[0].startsWith(prefix)) yield entry
  }

  /** All changes take effect together or, after a crash, not at all. */
  append(changes: readonly Change[]): void {
    const record = encodeRecord(changes)
    try {
      writeAll(this.#file, record, this.#size)
    } catch (error) {
      // A full disk may have taken a part of it: nothing may follow a torn record.
      ftruncateSync(this.#file, this.#size)
      throw error
    }
    this.#size += record.length
    this.#appended++
    apply(this.#values, changes)
  }

  /** Callers that arrive while a sync runs share the next one. */
  async sync(): Promise<void> {
    const target = this.#appended
    while (this.#durable < target) {
      this.#syncing ??= this.#syncOnce().finally(() => {
        this.#syncing = undefined
      })
      await this.#syncing
    }
  }

  async close(): Promise<void> {
    await this.sync()
    closeSync(this.#file)
  }

  async #syncOnce(): Promise<void> {
    const covered = this.#appended
    if (this.#size > 4 * this.#sizeAfterCompaction + compactionSlackBytes) this.#compact()
    else await fdatasyncAsync(this.#file)
    this.#durable = covered
  }

  // Only here is the file exchanged, and only one sync runs at a time, so no fdatasync can hold the old one.
  #compact(): void {
    const next = `${this.#path}.new`
    const file = openSync(next, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC)
    const bytes = Buffer.concat([magic, ...[...this.#values].map((entry) => encodeRecord([entry]))])
    writeAll(file, bytes, 0)
    fdatasyncSync(file)
    renameSync(next, this.#path)
    syncFolder(dirname(this.#path))
    closeSync(this.#file)
    this.#file = file
    this.#size = bytes.length
    this.#sizeAfterCompaction = bytes.length
  }
}

/** Makes new, renamed and removed names in `folder` survive a power loss. */
export function syncFolder(folder: string): void {
  const file = openSync(folder, constants.O_RDONLY)
  fsyncSync(file)
  closeSync(file)
}

/** One write may take fewer bytes than it was given. */
export function writeAll(file: number, bytes: Uint8Array, position: number): void {
  let done = 0
  while (done < bytes.length) done += writeSync(file, bytes, done, bytes.length - done, position + done)
}

function encodeRecord(changes: readonly Change[]): Buffer {
  const text = JSON.stringify(changes.map(([key, value]) => (value === undefined ? [key] : [key, value])))
  const length = Buffer.byteLength(text)
  const record = Buffer.allocUnsafe(recordHeaderLength + length)
  record.write(text, recordHeaderLength)
  record.writeUInt32BE(length, 0)
  record.writeUInt32BE(crc32(record.subarray(recordHeaderLength)), 4)
  return record
}

function apply(values: Map<string, JournalValue>, changes: readonly Change[]): void {
  for (const [key, value] of changes) {
    if (value === undefined) values.delete(key)
    else values.set(key, value)
  }
}

/** Returns where the whole records end. */
function replay(path: string, bytes: Buffer, values: Map<string, JournalValue>): number {
  let position = magic.length
  for (;;) {
    const end = endOfRecord(bytes, position)
    if (end === undefined) break
    const text = bytes.toString('utf8', position + recordHeaderLength, end)
    apply(values, JSON.parse(text) as Change[])
    position = end
  }
  // A crash tears only the last record: whole ones behind a broken one mean that the file was damaged afterwards.
  if (position + recordHeaderLength <= bytes.length) {
    const next = position + recordHeaderLength + bytes.readUInt32BE(position)
    if (endOfRecord(bytes, next) !== undefined) throw damaged(path, `the record at byte ${position} fails its checksum`)
  }
  return position
}

function endOfRecord(bytes: Buffer, position: number): number | undefined {
  const start = position + recordHeaderLength
  if (start > bytes.length) return undefined
  const end = start + bytes.readUInt32BE(position)
  if (end === start || end > bytes.length) return undefined
  return crc32(bytes.subarray(start, end)) === bytes.readUInt32BE(position + 4) ? end : undefined
}
