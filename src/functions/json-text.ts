// JSON read with numbers kept as written and text after the value allowed, as the reader behind Flink's JSON functions does.
import { printBigDecimal } from '../types/decimal.ts'

export type Json =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** Whole numbers as written, others as Java's BigDecimal writes them: no digit is lost. */
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: readonly Json[] }
  /** Keys in order of first appearance; a later equal key wins. */
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, Json> }

/** Nesting past this is refused, so that no text can exhaust the stack. */
const MAX_DEPTH = 1000

/** The first value of the text; `undefined` when it is malformed. An empty text is none. */
export function parseJson(text: string): Json | undefined {
  const reader = new JsonReader(text)
  try {
    return reader.value(0)
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

class Malformed extends Error {
  override readonly name = 'Malformed'
}

class JsonReader {
  private readonly text: string
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  value(depth: number): Json {
    if (depth > MAX_DEPTH) throw new Malformed()
    this.skipBlanks()
    const c = this.text[this.at]
    switch (c) {
      case '{':
        return this.object(depth)
      case '[':
        return this.array(depth)
      case '"':
        return { kind: 'string', value: this.string() }
      case 't':
        return this.word('true', { kind: 'boolean', value: true })
      case 'f':
        return this.word('false', { kind: 'boolean', value: false })
      case 'n':
        return this.word('null', { kind: 'null' })
      default:
        return this.number()
    }
  }

  private skipBlanks(): void {
    while (/[ \t\n\r]/.test(this.text[this.at] ?? '')) this.at++
  }

  private expect(c: string): void {
    this.skipBlanks()
    if (this.text[this.at] !== c) throw new Malformed()
    this.at++
  }

  private accept(c: string): boolean {
    this.skipBlanks()
    if (this.text[this.at] !== c) return false
    this.at++
    return true
  }

  private word(word: string, json: Json): Json {
    const end = this.at + word.length
    if (!this.text.startsWith(word, this.at) || /\w/.test(this.text[end] ?? '')) throw new Malformed()
    this.at = end
    return json
  }

  private number(): Json {
    const pattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
    pattern.lastIndex = this.at
    const text = pattern.exec(this.text)?.[0]
    if (text === undefined) throw new Malformed()
    this.at += text.length
    if (/[\w.]/.test(this.text[this.at] ?? '')) throw new Malformed()
    return { kind: 'number', text: numberAsWritten(text) }
  }

  private string(): string {
    const start = this.at
    for (let at = start + 1; at < this.text.length; at++) {
      if (this.text[at] === '\\') at++
      else if (this.text[at] === '"') {
        this.at = at + 1
        try {
          return JSON.parse(this.text.slice(start, at + 1))
        } catch {
          throw new Malformed()
        }
      }
    }
    throw new Malformed()
  }

  private array(depth: number): Json {
    this.at++
    const items: Json[] = []
    if (this.accept(']')) return { kind: 'array', items }
    do items.push(this.value(depth + 1))
    while (this.accept(','))
    this.expect(']')
    return { kind: 'array', items }
  }

  private object(depth: number): Json {
    this.at++
    const fields = new Map<string, Json>()
    if (this.accept('}')) return { kind: 'object', fields }
    do {
      this.skipBlanks()
      if (this.text[this.at] !== '"') throw new Malformed()
      const key = this.string()
      this.expect(':')
      fields.set(key, this.value(depth + 1))
    } while (this.accept(','))
    this.expect('}')
    return { kind: 'object', fields }
  }
}

/** A JSON number as the library behind Flink prints it. */
export function numberAsWritten(text: string): string {
  if (/^-?\d+$/.test(text)) return BigInt(text).toString()
  const [mantissa, power] = text.split(/[eE]/) as [string, string?]
  const point = mantissa.indexOf('.')
  const fraction = point < 0 ? 0 : mantissa.length - point - 1
  return printBigDecimal({ unscaled: BigInt(mantissa.replace('.', '')), scale: fraction - Number(power ?? 0) })
}

/** Compact, keys sorted. */
export function writeJson(json: Json): string {
  switch (json.kind) {
    case 'null':
      return 'null'
    case 'boolean':
      return String(json.value)
    case 'number':
      return json.text
    case 'string':
      return JSON.stringify(json.value)
    case 'array':
      return `[${json.items.map(writeJson).join(',')}]`
    case 'object':
      return `{${[...json.fields]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => `${JSON.stringify(key)}:${writeJson(value)}`)
        .join(',')}}`
  }
}
