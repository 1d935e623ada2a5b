// An append-only file of JSON lines. An entry is on the disk before `append` returns; a line torn by a crash is cut off at the next start.
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { JobError } from '../../diagnostics/job-error.ts'

const NEWLINE = 0x0a

export class DurableLog {
  readonly #file: number
  #size: number

  private constructor(file: number, size: number) {
    this.#file = file
    this.#size = size
  }

  /** Hands every entry of the file to `replay`, in order, and opens it for more. */
  static open(path: string, replay: (entry: unknown) => void): DurableLog {
    mkdirSync(dirname(path), { recursive: true })
    const file = openSync(path, 'a+')
    const bytes = readFileSync(file)
    let start = 0
    for (let line = 1; start < bytes.length; line++) {
      const end = bytes.indexOf(NEWLINE, start)
      // Without its newline the entry was never acknowledged.
      if (end < 0) {
        ftruncateSync(file, start)
        break
      }
      replay(parseLine(bytes.toString('utf8', start, end), path, line))
      start = end + 1
    }
    syncFolder(dirname(path))
    return new DurableLog(file, start)
  }

  append(entry: unknown): void {
    const bytes = Buffer.from(`${JSON.stringify(entry)}\n`, 'utf8')
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written)
      fdatasyncSync(this.#file)
    } catch (error) {
      // A full disk may have taken half a line; the next entry must not stand behind it.
      ftruncateSync(this.#file, this.#size)
      throw error
    }
    this.#size += bytes.length
  }

  close(): void {
    closeSync(this.#file)
  }
}

function parseLine(text: string, path: string, line: number): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new JobError('AVR106', `file \`${path}\` of the embedded schema registry is damaged in line ${line}`, {
      origin: 'external',
      retry: 'never',
      hint: 'Restore the file from a copy, or delete the data folder to begin anew.',
      cause,
    })
  }
}

/** The file's name must survive a crash too. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  fsyncSync(folder)
  closeSync(folder)
}
