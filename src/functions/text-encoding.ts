// Character sets and base 64, by Java's rules, without Node's Buffer.
import { failedCall } from './scalar-function.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

export function encodeBase64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += alphabet[group >> 18]! + alphabet[(group >> 12) & 63]!
    text += i + 1 < bytes.length ? alphabet[(group >> 6) & 63]! : '='
    text += i + 2 < bytes.length ? alphabet[group & 63]! : '='
  }
  return text
}

/** Strict, as java.util.Base64: another character, or wrong padding, stops the job. */
export function decodeBase64(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 61 && bytes.length - end < 2) end--
  const padding = bytes.length - end
  if (end % 4 === 1 || (padding > 0 && bytes.length % 4 !== 0))
    throw failedCall('FROM_BASE64', 'the text is no base 64')
  const result = new Uint8Array(Math.floor((end * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (let i = 0; i < end; i++) {
    const value = alphabet.indexOf(String.fromCharCode(bytes[i]!))
    if (value < 0) throw failedCall('FROM_BASE64', 'the text is no base 64')
    bits = ((bits << 6) | value) & 0xffffff
    held += 6
    if (held >= 8) {
      held -= 8
      result[at++] = (bits >> held) & 255
    }
  }
  return result
}

/** Other names Java knows the character sets by. */
const charsetAliases: Readonly<Record<string, string>> = {
  UTF8: 'UTF-8',
  ASCII: 'US-ASCII',
  LATIN1: 'ISO-8859-1',
  'ISO8859-1': 'ISO-8859-1',
  ISO8859_1: 'ISO-8859-1',
  UTF_16: 'UTF-16',
  UTF_16BE: 'UTF-16BE',
  UTF_16LE: 'UTF-16LE',
}

function charsetName(charset: string): string {
  const name = charset.toUpperCase()
  return charsetAliases[name] ?? name
}

export function encodeText(text: string, charset: string): Uint8Array {
  switch (charsetName(charset)) {
    case 'UTF-8':
      return new TextEncoder().encode(text)
    case 'US-ASCII':
      return singleBytes(text, 127)
    case 'ISO-8859-1':
      return singleBytes(text, 255)
    case 'UTF-16BE':
      return utf16(text, false)
    case 'UTF-16LE':
      return utf16(text, true)
    case 'UTF-16':
      return utf16(`\ufeff${text}`, false)
    default:
      throw failedCall('ENCODE', `character set \`${charset}\` is not supported`)
  }
}

export function decodeText(bytes: Uint8Array, charset: string): string {
  switch (charsetName(charset)) {
    case 'UTF-8':
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
    case 'US-ASCII':
      return String.fromCharCode(...[...bytes].map((byte) => (byte > 127 ? 0xfffd : byte)))
    case 'ISO-8859-1':
      return [...bytes].map((byte) => String.fromCharCode(byte)).join('')
    case 'UTF-16BE':
      return new TextDecoder('utf-16be', { ignoreBOM: true }).decode(bytes)
    case 'UTF-16LE':
      return new TextDecoder('utf-16le', { ignoreBOM: true }).decode(bytes)
    case 'UTF-16':
      return new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-16be').decode(bytes)
    default:
      throw failedCall('DECODE', `character set \`${charset}\` is not supported`)
  }
}

/** A character the set lacks becomes `?`. */
function singleBytes(text: string, last: number): Uint8Array {
  return Uint8Array.from([...text], (c) => (c.codePointAt(0)! <= last ? c.codePointAt(0)! : 63))
}

function utf16(text: string, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(text.length * 2)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), littleEndian)
  return bytes
}
