// The open panes of a windowed aggregate: one table per pane, by start time, taken from a pool and given back in one step.
import { ByteTable, type SlotLayout } from './byte-table.ts'
import type { StatePart } from './state-store.ts'

/** Tables kept for reuse; more open panes than this are allocated anew. */
const POOL_SIZE = 4

export class PaneStore implements StatePart {
  readonly shape: string
  readonly layout: SlotLayout
  readonly #seed: number
  readonly #panes = new Map<number, ByteTable>()
  readonly #pool: ByteTable[] = []

  constructor(shape: string, layout: SlotLayout, seed: number) {
    this.shape = shape
    this.layout = layout
    this.#seed = seed
  }

  /** The pane's table, made when there is none. */
  open(startMs: number): ByteTable {
    let table = this.#panes.get(startMs)
    if (table === undefined) {
      table = this.#pool.pop() ?? new ByteTable(this.layout, this.#seed)
      this.#panes.set(startMs, table)
    }
    return table
  }

  get(startMs: number): ByteTable | undefined {
    return this.#panes.get(startMs)
  }

  /** Start times of the open panes for which `isDue` holds, rising. */
  startsDue(isDue: (startMs: number) => boolean): number[] {
    return [...this.#panes.keys()].filter(isDue).sort((a, b) => a - b)
  }

  close(startMs: number): void {
    const table = this.#panes.get(startMs)
    if (table === undefined) return
    this.#panes.delete(startMs)
    if (this.#pool.length < POOL_SIZE) {
      table.clear()
      this.#pool.push(table)
    }
  }

  rowCount(): number {
    let rows = 0
    for (const table of this.#panes.values()) rows += table.count
    return rows
  }

  reservedBytes(): number {
    let bytes = 0
    for (const table of this.#panes.values()) bytes += table.reservedBytes
    for (const table of this.#pool) bytes += table.reservedBytes
    return bytes
  }

  /** Number of panes (double), then per pane: start (double), length (double), image padded to 8 bytes. */
  snapshot(): Uint8Array {
    const images = [...this.#panes].map(([start, table]) => ({ start, image: table.snapshot() }))
    const size = images.reduce((sum, { image }) => sum + 16 + padded(image.length), 8)
    const bytes = new Uint8Array(size)
    const view = new DataView(bytes.buffer)
    view.setFloat64(0, images.length, true)
    let at = 8
    for (const { start, image } of images) {
      view.setFloat64(at, start, true)
      view.setFloat64(at + 8, image.length, true)
      bytes.set(image, at + 16)
      at += 16 + padded(image.length)
    }
    return bytes
  }

  restore(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const count = view.getFloat64(0, true)
    this.#panes.clear()
    let at = 8
    for (let pane = 0; pane < count; pane++) {
      const length = view.getFloat64(at + 8, true)
      const image = bytes.subarray(at + 16, at + 16 + length)
      this.#panes.set(view.getFloat64(at, true), ByteTable.restore(this.layout, image))
      at += 16 + padded(length)
    }
  }
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8
}
