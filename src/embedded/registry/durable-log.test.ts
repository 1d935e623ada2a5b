import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DurableLog } from './durable-log.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-log-'))
  path = join(folder, 'deep', 'log.jsonl')
})

afterEach(() => rmSync(folder, { recursive: true }))

function readAll(): unknown[] {
  const entries: unknown[] = []
  DurableLog.open(path, (entry) => entries.push(entry)).close()
  return entries
}

test('entries come back in order, however often the log is opened', () => {
  for (const entry of [{ a: 1 }, { b: 'zwei\n' }, { c: '三' }]) {
    const log = DurableLog.open(path, () => undefined)
    log.append(entry)
    log.close()
  }
  expect(readAll()).toEqual([{ a: 1 }, { b: 'zwei\n' }, { c: '三' }])
})

test('cut off at any byte, what was whole is there, and writing goes on behind it', () => {
  const log = DurableLog.open(path, () => undefined)
  const entries = [{ a: 1 }, { b: 'zwei' }, { c: '三' }]
  for (const entry of entries) log.append(entry)
  log.close()
  const bytes = readFileSync(path)
  for (let length = 0; length <= bytes.length; length++) {
    writeFileSync(path, bytes.subarray(0, length))
    const whole = bytes.subarray(0, length).toString('utf8').split('\n').length - 1
    expect(readAll()).toEqual(entries.slice(0, whole))
    const again = DurableLog.open(path, () => undefined)
    again.append({ d: 4 })
    again.close()
    expect(readAll()).toEqual([...entries.slice(0, whole), { d: 4 }])
  }
})
