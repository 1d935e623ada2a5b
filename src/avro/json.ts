// JSON text → nodes with spans, for schema texts. Like the JSON reader of Avro Java it allows comments, keeps the last of two
// equal keys, and tells integers from other numbers; unlike JSON.parse it keeps integers exact and `__proto__` a key.
import type { Span } from '../diagnostics/diagnostic.ts'
import type { Json } from './schema.ts'

export type JsonNode = Span &
  (
    | { readonly kind: 'scalar'; readonly value: null | boolean | bigint | number | string }
    | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
    | { readonly kind: 'object'; readonly entries: ReadonlyMap<string, JsonNode> }
  )

/** Why a text is not JSON, and where. Thrown by `parseJson` only. */
export class JsonProblem extends Error {
  readonly span: Span
  constructor(message: string, span: Span) {
    super(message)
    this.span = span
  }
}

/** Deeper texts are refused before they can exhaust the stack. */
const MAX_DEPTH = 500

/** The one value of `text`; throws JsonProblem. */
export function parseJson(text: string): JsonNode {
  const reader = new JsonReader(text)
  const node = reader.readValue(0)
  reader.skipSpace()
  if (reader.position < text.length) reader.fail('expected the end of the text')
  return node
}

/** The value without its spans. */
export function jsonOf(node: JsonNode): Json {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'array':
      return node.items.map(jsonOf)
    case 'object': {
      const value = new Map<string, Json>()
      for (const [key, entry] of node.entries) value.set(key, jsonOf(entry))
      return value
    }
  }
}

class JsonReader {
  readonly text: string
  position = 0

  constructor(text: string) {
    this.text = text
  }

  fail(message: string): never {
    const start = Math.min(this.position, this.text.length)
    throw new JsonProblem(message, { start, end: Math.min(start + 1, this.text.length) })
  }

  readValue(depth: number): JsonNode {
    if (depth > MAX_DEPTH) this.fail(`nesting is deeper than ${MAX_DEPTH}`)
    this.skipSpace()
    const start = this.position
    const character = this.text[start]
    if (character === undefined) this.fail('expected a value, found the end of the text')
    if (character === '{') return this.readObject(depth)
    if (character === '[') return this.readArray(depth)
    if (character === '"') return { kind: 'scalar', value: this.readString(), start, end: this.position }
    if (character === '-' || (character >= '0' && character <= '9')) {
      return { kind: 'scalar', value: this.readNumber(), start, end: this.position }
    }
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (this.text.startsWith(word, start) && !/[A-Za-z0-9_$]/.test(this.text[start + word.length] ?? '')) {
        this.position += word.length
        return { kind: 'scalar', value, start, end: this.position }
      }
    }
    return this.fail(`expected a value, found \`${character}\``)
  }

  private readObject(depth: number): JsonNode {
    const start = this.position++
    const entries = new Map<string, JsonNode>()
    if (this.take('}')) return { kind: 'object', entries, start, end: this.position }
    for (;;) {
      this.skipSpace()
      if (this.text[this.position] !== '"') this.fail('expected a key in double quotes')
      const key = this.readString()
      if (!this.take(':')) this.fail('expected `:`')
      entries.set(key, this.readValue(depth + 1))
      if (this.take('}')) return { kind: 'object', entries, start, end: this.position }
      if (!this.take(',')) this.fail('expected `,` or `}`')
    }
  }

  private readArray(depth: number): JsonNode {
    const start = this.position++
    const items: JsonNode[] = []
    if (this.take(']')) return { kind: 'array', items, start, end: this.position }
    for (;;) {
      items.push(this.readValue(depth + 1))
      if (this.take(']')) return { kind: 'array', items, start, end: this.position }
      if (!this.take(',')) this.fail('expected `,` or `]`')
    }
  }

  private readNumber(): bigint | number {
    const match = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
    match.lastIndex = this.position
    const found = match.exec(this.text)
    const after = found === null ? '' : (this.text[this.position + found[0].length] ?? '')
    if (found === null || /[0-9A-Za-z_.]/.test(after)) return this.fail('expected a number')
    if (found[0].length > 1000) return this.fail('number is longer than 1000 characters')
    this.position += found[0].length
    return found[1] === undefined && found[2] === undefined ? BigInt(found[0]) : Number(found[0])
  }

  private readString(): string {
    this.position++
    let result = ''
    let copied = this.position
    for (;;) {
      const code = this.text.charCodeAt(this.position)
      if (Number.isNaN(code)) this.fail('expected `"`, found the end of the text')
      if (code < 0x20) this.fail('a control character in a string must be written as `\\u00XX`')
      if (code === 0x22 || code === 0x5c) {
        result += this.text.slice(copied, this.position)
        this.position++
        if (code === 0x22) return result
        result += this.readEscape()
        copied = this.position
      } else {
        this.position++
      }
    }
  }

  private readEscape(): string {
    const character = this.text[this.position++]
    if (character === 'u') {
      const digits = this.text.slice(this.position, this.position + 4)
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.fail('expected four hexadecimal digits')
      this.position += 4
      return String.fromCharCode(Number.parseInt(digits, 16))
    }
    const plain = character === undefined ? undefined : escapes.get(character)
    if (plain === undefined) {
      this.position--
      this.fail('unknown escape')
    }
    return plain
  }

  private take(character: string): boolean {
    this.skipSpace()
    if (this.text[this.position] !== character) return false
    this.position++
    return true
  }

  /** Blanks and comments, as Avro Java's reader allows them. */
  skipSpace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.position)
      if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
        this.position++
      } else if (this.text.startsWith('//', this.position)) {
        const end = this.text.indexOf('\n', this.position)
        this.position = end < 0 ? this.text.length : end + 1
      } else if (this.text.startsWith('/*', this.position)) {
        const end = this.text.indexOf('*/', this.position + 2)
        if (end < 0) this.fail('comment has no end')
        this.position = end + 2
      } else {
        return
      }
    }
  }
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])
