// The file beside a segment that says what is known of its first `size` bytes: index, producers, aborted transactions. It exists
// only after those bytes are durable. Without it, or when it fails its checksum, recovery reads the segment itself.
import { closeSync, fdatasyncSync, openSync, readFileSync, renameSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { writeAll } from './journal.ts'
import type { AbortedTransaction, ProducerStatesSnapshot } from './producer-states.ts'
import type { Segment, SegmentIndex } from './segment.ts'
import { damaged } from './storage-error.ts'

type SegmentState = {
  readonly size: number
  readonly nextOffset: number
  readonly maxTimestamp: number
  readonly index: SegmentIndex
  readonly producers: ProducerStatesSnapshot
  readonly aborted: readonly AbortedTransaction[]
}

const checksumLength = 8

export function writeSegmentState(
  segment: Segment,
  producers: ProducerStatesSnapshot,
  aborted: readonly AbortedTransaction[],
): void {
  const { size, nextOffset, maxTimestamp, index } = segment
  const state: SegmentState = { size, nextOffset, maxTimestamp, index, producers, aborted }
  const text = JSON.stringify(state)
  const next = `${segment.statePath}.new`
  const file = openSync(next, 'w')
  writeAll(file, Buffer.from(checksumOf(text) + text), 0)
  fdatasyncSync(file)
  closeSync(file)
  renameSync(next, segment.statePath)
}

export function readSegmentState(segment: Segment): SegmentState | undefined {
  let text: string
  try {
    text = readFileSync(segment.statePath, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const content = text.slice(checksumLength)
  if (checksumOf(content) !== text.slice(0, checksumLength)) return undefined
  const state = JSON.parse(content) as SegmentState
  if (state.size > segment.fileSize()) {
    throw damaged(segment.path, `it had ${state.size} bytes and has ${segment.fileSize()}`)
  }
  return state
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(checksumLength, '0')
}
