// One process at a time in a folder. SQLite's file lock is given back by the kernel when its holder ends, however it ends,
// so there is no stale lock to break and no race between two that would break it.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const SQLITE_BUSY = 5

export type FolderLock = { release(): void }

/** The lock, or undefined when another process holds it. The folder must exist and be writable; else it throws the file system's error. */
export function lockFolder(folder: string): FolderLock | undefined {
  const database = new DatabaseSync(join(folder, 'lock'))
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined
    throw error
  }
  return { release: () => database.close() }
}
