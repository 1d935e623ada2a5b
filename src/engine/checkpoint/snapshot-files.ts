// Snapshots on disk: the state after a commit, in a file with checksums, listed by a manifest that is replaced in one step.
// The newest three are kept with the journals behind them; one that is damaged is passed over, and said so.
//
//   file => header_length header part*         header_length => UINT32 (little-endian), header => JSON of Header
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { SavedPart } from '../state/state-store.ts'
import { replaceFile } from './durable-file.ts'
import { journalPath } from './merge-journal.ts'

/** The state of a job after commit `commit`. */
export type Snapshot = {
  readonly commit: number
  /** The journal's digest at that commit. */
  readonly digest: string
  /** Next offset of each partition of each source, in the job's order. */
  readonly positions: readonly (readonly number[])[]
  readonly parts: readonly SavedPart[]
}

type ManifestEntry = { readonly commit: number; readonly bytes: number; readonly crc32: number }
type Manifest = { readonly format: 1; readonly snapshots: readonly ManifestEntry[] }

type Header = {
  readonly format: 1
  readonly commit: number
  readonly digest: string
  readonly positions: readonly (readonly number[])[]
  readonly parts: readonly { readonly operatorId: string; readonly shape: string; readonly length: number }[]
}

const KEPT = 3

export class SnapshotFiles {
  readonly directory: string
  #manifest: Manifest = { format: 1, snapshots: [] }

  private constructor(directory: string) {
    this.directory = directory
  }

  /** Makes the folder when it does not exist. */
  static async open(directory: string): Promise<SnapshotFiles> {
    await mkdir(directory, { recursive: true })
    const files = new SnapshotFiles(directory)
    const text = await readFile(files.#path('manifest.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (text !== undefined) files.#manifest = parseManifest(text)
    return files
  }

  /** No snapshot was ever finished here. */
  get isEmpty(): boolean {
    return this.#manifest.snapshots.length === 0
  }

  /** The newest whole snapshot of a commit not after `commit`; `damaged` are the newer ones that could not be read. */
  async loadNewest(commit: number): Promise<{ snapshot: Snapshot | undefined; damaged: number[] }> {
    const damaged: number[] = []
    for (const entry of this.#manifest.snapshots) {
      if (entry.commit > commit) continue
      const snapshot = await this.#load(entry)
      if (snapshot !== undefined) return { snapshot, damaged }
      damaged.push(entry.commit)
    }
    return { snapshot: undefined, damaged }
  }

  /** Writes a snapshot; it counts when the promise resolves. Older ones beyond those kept are removed with their journals. */
  async save(snapshot: Snapshot): Promise<void> {
    const header: Header = {
      format: 1,
      commit: snapshot.commit,
      digest: snapshot.digest,
      positions: snapshot.positions,
      parts: snapshot.parts.map(({ operatorId, shape, bytes }) => ({ operatorId, shape, length: bytes.length })),
    }
    const json = Buffer.from(JSON.stringify(header))
    const length = Buffer.alloc(4)
    length.writeUInt32LE(json.length)
    const pieces = [length, json, ...snapshot.parts.map((part) => part.bytes)]
    const checksum = pieces.reduce((crc, piece) => crc32(piece, crc), 0)
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
    await replaceFile(this.#path(snapshotName(snapshot.commit)), pieces)
    const older = this.#manifest.snapshots.filter((entry) => entry.commit < snapshot.commit)
    const snapshots = [{ commit: snapshot.commit, bytes, crc32: checksum }, ...older].slice(0, KEPT)
    this.#manifest = { format: 1, snapshots }
    await replaceFile(this.#path('manifest.json'), [Buffer.from(JSON.stringify(this.#manifest))])
    await this.#removeUnlisted()
  }

  /** Removes everything: a job begins anew. */
  async clear(): Promise<void> {
    this.#manifest = { format: 1, snapshots: [] }
    await rm(this.#path('manifest.json'), { force: true })
    await this.#removeUnlisted()
  }

  async #load(entry: ManifestEntry): Promise<Snapshot | undefined> {
    let file: Buffer
    try {
      file = await readFile(this.#path(snapshotName(entry.commit)))
    } catch {
      return undefined
    }
    if (file.length !== entry.bytes || crc32(file) !== entry.crc32) return undefined
    const headerLength = file.readUInt32LE(0)
    const header = JSON.parse(file.toString('utf8', 4, 4 + headerLength)) as Header
    let at = 4 + headerLength
    const parts = header.parts.map(({ operatorId, shape, length }) => {
      const bytes = file.subarray(at, at + length)
      at += length
      return { operatorId, shape, bytes }
    })
    return { commit: header.commit, digest: header.digest, positions: header.positions, parts }
  }

  /** Snapshots and journals older than the oldest snapshot that is kept. */
  async #removeUnlisted(): Promise<void> {
    const kept = new Set(this.#manifest.snapshots.map((entry) => entry.commit))
    const oldest = Math.min(...kept)
    for (const name of await readdir(this.directory)) {
      const match = /^(snapshot|journal)-(\d+)\.(bin|log)$/.exec(name)
      if (match === null) continue
      const commit = Number(match[2])
      const unlisted = match[1] === 'snapshot' ? !kept.has(commit) : commit < oldest
      if (unlisted)
        await rm(match[1] === 'journal' ? journalPath(this.directory, commit) : this.#path(name), { force: true })
    }
  }

  #path(name: string): string {
    return join(this.directory, name)
  }
}

function snapshotName(commit: number): string {
  return `snapshot-${commit}.bin`
}

/** A manifest is replaced in one step, so one that cannot be read was damaged by something else: then no snapshot counts. */
function parseManifest(text: string): Manifest {
  try {
    const manifest = JSON.parse(text) as Manifest
    if (manifest.format === 1 && Array.isArray(manifest.snapshots)) return manifest
  } catch {
    // Falls through: recovery says what is missing, and asks.
  }
  return { format: 1, snapshots: [] }
}
