// UTF-8 in and out without the fixed cost of TextDecoder on short texts. Surrogates and overlong forms are no UTF-8.

/** Whether data[start .. end) is UTF-8 as RFC 3629 defines it. */
export function isUtf8(data: Uint8Array, start: number, end: number): boolean {
  let i = start
  while (i < end) {
    const first = data[i]!
    if (first < 0x80) {
      i++
      continue
    }
    const more = first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : -1
    if (more < 0 || i + more >= end) return false
    const second = data[i + 1]!
    // The second byte excludes overlong forms, surrogates, and what is beyond U+10FFFF.
    const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
    const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
    if (second < lowest || second > highest) return false
    for (let j = 2; j <= more; j++) if ((data[i + j]! & 0xc0) !== 0x80) return false
    i += more + 1
  }
  return true
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const encoder = new TextEncoder()

/** The text of bytes that are known to be UTF-8. */
export function decodeUtf8(data: Uint8Array, start: number, end: number): string {
  if (end - start > 24) return decoder.decode(data.subarray(start, end))
  let text = ''
  for (let i = start; i < end; i++) {
    const byte = data[i]!
    if (byte >= 0x80) return decoder.decode(data.subarray(start, end))
    text += String.fromCharCode(byte)
  }
  return text
}

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** Whether every surrogate of the text has its partner, so that it can be written as UTF-8 without loss. */
export function isWellFormed(text: string): boolean {
  return text.isWellFormed()
}
