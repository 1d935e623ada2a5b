import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteTable, NULL_KEY, slotLayout } from './byte-table.ts'

const layout = slotLayout(2)
const keys = fc.array(fc.option(fc.string({ maxLength: 90 }), { freq: 20 }), { maxLength: 400 })

function count(table: ByteTable, key: string | null): void {
  const bytes = new TextEncoder().encode(key ?? '')
  // An offset of 3: keys stand anywhere in a fetch buffer.
  const buffer = new Uint8Array(bytes.length + 3)
  buffer.set(bytes, 3)
  const at = table.findOrInsert(new DataView(buffer.buffer), 3, key === null ? NULL_KEY : bytes.length)
  table.words[at + 2]!++
}

function contents(table: ByteTable): [string | null, number][] {
  return Array.from(table.order.subarray(0, table.count), (at) => {
    const length = table.keyLength(at)
    const source = table.isInline(at) ? table.bytes : table.arena
    const offset = table.keyOffset(at)
    const key = length === NULL_KEY ? null : new TextDecoder().decode(source.subarray(offset, offset + length))
    return [key, table.words[at + 2]!]
  })
}

function counted(input: readonly (string | null)[]): [string | null, number][] {
  const counts = new Map<string | null, number>()
  for (const key of input) counts.set(key, (counts.get(key) ?? 0) + 1)
  return [...counts]
}

test('keys of any bytes and length are counted apart, in the order in which they first came', () => {
  fc.assert(
    fc.property(keys, fc.integer(), (input, seed) => {
      const table = new ByteTable(layout, seed)
      for (const key of input) count(table, key)
      expect(contents(table)).toEqual(counted(input))
    }),
  )
})

test('a restored table goes on in a process with another seed', () => {
  fc.assert(
    fc.property(keys, keys, (before, after) => {
      const table = new ByteTable(layout, 1)
      for (const key of before) count(table, key)
      // As it comes out of a file: a Buffer, at any place in it.
      const file = Buffer.concat([Buffer.from('abc'), table.snapshot()])
      const restored = ByteTable.restore(layout, file.subarray(3))
      for (const key of after) count(restored, key)
      expect(contents(restored)).toEqual(counted([...before, ...after]))
    }),
  )
})

test('a cleared table is empty, whether it gave memory back or not', () => {
  const table = new ByteTable(layout, 7)
  for (const size of [1000, 900, 3, 0, 50]) {
    for (let i = 0; i < size; i++) count(table, `key ${i}`)
    expect(contents(table)).toEqual(Array.from({ length: size }, (_, i) => [`key ${i}`, 1]))
    table.clear()
  }
})

test('keys that only differ behind their first bytes, or in length, never meet', () => {
  const table = new ByteTable(layout, 0)
  const input = ['', '\0', '\0\0', 'a'.repeat(47), 'a'.repeat(48), 'a'.repeat(49), `${'a'.repeat(48)}b`]
  for (const key of input) count(table, key)
  expect(contents(table)).toEqual(counted(input))
})
