// Writing files so that a crash leaves the old one or the new one, never something between.
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes beside `path`, syncs, renames over it, and syncs the folder so that the name survives too. */
export async function replaceFile(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.tmp`
  const file = await open(temporary, 'w')
  try {
    for (const part of parts) await file.writeFile(part)
    await file.datasync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  await syncFolder(dirname(path))
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
