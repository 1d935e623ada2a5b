// 100,000 damaged bodies per run: nothing crashes, nothing is read outside the record, nothing large is made from little.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyValueOf, schemaOf, schemaText } from '../../test/avro-samples.ts'
import { JobError } from '../diagnostics/job-error.ts'
import { createColumn } from '../types/column.ts'
import { compileColumnDecoder } from './column-decoder.ts'
import { compileDecoder } from './decode.ts'
import { DecodeFailures, MAX_EMPTY_ITEMS } from './decode-failure.ts'
import { compileEncoder } from './encode.ts'
import { compileSkip } from './skip.ts'
import { type AvroValue, isList, isMap, isUnion } from './value.ts'

const BODIES = 100_000
const SCHEMAS = 50

/** A generator of whole numbers from 0 to 2^32-1: mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

/** Zigzag varints of -1, 2^31, 2^62, -2^63, and one that never ends. */
const hostile = [
  [1],
  [0x80, 0x80, 0x80, 0x80, 0x10],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
]

function damage(body: Uint8Array, random: () => number): Uint8Array {
  const bytes = [...body]
  for (let i = random() % 3; i >= 0; i--) {
    const at = random() % (bytes.length + 1)
    const way = random() % 4
    if (way === 0) bytes.length = at
    else if (way === 1) bytes[Math.min(at, bytes.length)] = random() & 0xff
    else if (way === 2) bytes.splice(at, random() % 3, ...hostile[random() % hostile.length]!)
    else bytes.splice(at, 1)
  }
  return Uint8Array.from(bytes)
}

function nodesOf(value: AvroValue): number {
  if (isList(value)) return value.reduce<number>((sum, item) => sum + nodesOf(item), 1)
  if (isMap(value)) return [...value.values()].reduce<number>((sum, item) => sum + 1 + nodesOf(item), 1)
  if (isUnion(value)) return 1 + nodesOf(value.value)
  if (typeof value === 'string' || value instanceof Uint8Array) return 1 + value.length / 8
  return 1
}

test('damaged bodies are refused or read, and never anything else', { timeout: 120_000 }, () => {
  const samples = fc.sample(
    schemaText.chain((text) => anyValueOf(schemaOf(text)).map((value) => ({ text, value }))),
    { seed: 20260101, numRuns: SCHEMAS },
  )
  const random = randomNumbers(7)
  Error.stackTraceLimit = 0
  const failures = new DecodeFailures()
  let refused = 0
  const wrong: string[] = []
  for (const { text, value } of samples) {
    const schema = schemaOf(text)
    const decode = compileDecoder(schema)
    const skip = compileSkip(schema)
    const columns = compileColumnDecoder(schema, [], { prefixLength: 0 })
    const whole = { kind: 'RAW', className: 'any', nullable: true } as const
    const column = compileColumnDecoder(schema, [{ path: [], type: whole }], { prefixLength: 0 })
    const target = createColumn(whole, 1)
    const body = compileEncoder(schema)(value)
    for (let i = 0; i < BODIES / SCHEMAS; i++) {
      const bytes = damage(body, random)
      const length = Int32Array.of(bytes.length)
      const poison = random() & 0xff
      const inside = new Uint8Array(bytes.length + 32).fill(poison)
      inside.set(bytes, 16)
      let read: AvroValue | undefined
      try {
        read = decode(inside, 16, 16 + bytes.length)
      } catch (error) {
        if (!(error instanceof JobError)) throw error
        refused++
      }
      failures.clear()
      column.decode(inside, Int32Array.of(16), length, 0, 1, [target], 0, failures)
      const accepted = failures.count === 0
      failures.clear()
      columns.decode(inside, Int32Array.of(16), length, 0, 1, [], 0, failures)
      const skipped = skip(inside, 16, 16 + bytes.length, 0)
      const passed = failures.count === 0
      const shown = `${text} ${[...bytes]}`
      if (accepted !== (read !== undefined)) wrong.push(`the column disagrees with the value: ${shown}`)
      if (passed !== (skipped === 16 + bytes.length))
        wrong.push(`the inlined skip disagrees with the called one: ${shown}`)
      if (read === undefined) continue
      if (!passed) wrong.push(`what is read cannot be jumped over: ${shown}`)
      if (nodesOf(read) > 8 * bytes.length + MAX_EMPTY_ITEMS) wrong.push(`too much is made of it: ${shown}`)
    }
  }
  expect(wrong).toEqual([])
  expect(refused).toBeGreaterThan(BODIES / 2)
})
