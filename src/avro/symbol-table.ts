// Finds an enum's symbol by its UTF-8 bytes without making a string: a hash table over the symbols.
import { encodeUtf8 } from './utf8.ts'

export class SymbolTable {
  private readonly bytes: Uint8Array
  private readonly starts: Int32Array
  /** Index + 1 by slot; 0: free. A power of two, at most half full. */
  private readonly slots: Int32Array

  constructor(symbols: readonly string[]) {
    const texts = symbols.map(encodeUtf8)
    this.starts = new Int32Array(texts.length + 1)
    texts.forEach((text, index) => {
      this.starts[index + 1] = this.starts[index]! + text.length
    })
    this.bytes = new Uint8Array(this.starts[texts.length]!)
    let size = 4
    while (size < texts.length * 2) size *= 2
    this.slots = new Int32Array(size)
    texts.forEach((text, index) => {
      this.bytes.set(text, this.starts[index])
      let slot = this.slotOf(text, 0, text.length)
      while (this.slots[slot] !== 0) slot = (slot + 1) & (size - 1)
      this.slots[slot] = index + 1
    })
  }

  /** The symbol's index, or -1. */
  find(data: Uint8Array, start: number, length: number): number {
    let slot = this.slotOf(data, start, length)
    for (;;) {
      const index = this.slots[slot]! - 1
      if (index < 0) return -1
      const at = this.starts[index]!
      if (this.starts[index + 1]! - at === length) {
        let i = 0
        while (i < length && this.bytes[at + i] === data[start + i]) i++
        if (i === length) return index
      }
      slot = (slot + 1) & (this.slots.length - 1)
    }
  }

  private slotOf(data: Uint8Array, start: number, length: number): number {
    if (length === 0) return 0
    const mixed = length * 31 + data[start]! * 7 + data[start + length - 1]! * 61 + data[start + (length >> 1)]! * 17
    return (mixed ^ (mixed >> 5)) & (this.slots.length - 1)
  }
}
