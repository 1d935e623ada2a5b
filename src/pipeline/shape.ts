// What a YAML file may hold, as data: each key with its kind, its words for users, an example. Read by check-shape.ts, by the
// JSON Schema for editors and by the reference pages.

export type Shape =
  | TextShape
  | ChoiceShape
  | {
      readonly kind: 'integer'
      readonly min: number
      readonly max?: number
    }
  /** `500ms`, `5s`, `10m`, `1h`, `2d`. */
  | { readonly kind: 'duration' }
  | { readonly kind: 'list'; readonly items: Shape; readonly min?: number }
  /** Keys are names that the user chooses. */
  | { readonly kind: 'map'; readonly values: Shape; readonly keys: TextFormat; readonly min?: number }
  | ObjectShape
  /** The first alternative that a value fits. */
  | { readonly kind: 'either'; readonly shapes: readonly Shape[] }

/** A fixed set of words, each with its sentence. */
type ChoiceShape = { readonly kind: 'choice'; readonly values: Readonly<Record<string, string>> }

export type TextShape = {
  readonly kind: 'text'
  readonly format?: TextFormat
}

/** `name`: of a pipeline; `table`: of a table in SQL; `topic`: Kafka's rule; `instant`: ISO 8601 with a zone; `zone`: IANA; `header`: of HTTP; `subject`: of the registry. */
export type TextFormat = 'name' | 'table' | 'topic' | 'instant' | 'zone' | 'header' | 'subject'

export type ObjectShape = {
  readonly kind: 'object'
  readonly members: Readonly<Record<string, Member>>
  /** Exactly one of these members is there. */
  readonly exactlyOne?: readonly string[]
}

export type Member = {
  readonly shape: Shape
  readonly required?: boolean
  /** One sentence for users. */
  readonly doc: string
  /** As it would be written. */
  readonly example?: string
  /** As it would be written. */
  readonly default?: string
}

export type FormatRule = {
  readonly pattern: RegExp
  /** What the value should be, to stand after "expected". */
  readonly words: string
}

export const textFormats: Readonly<Record<TextFormat, FormatRule>> = {
  name: {
    pattern: /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    words: 'a name of lower-case letters, digits and hyphens, at most 63 characters',
  },
  table: {
    pattern: /^[A-Za-z_][A-Za-z0-9_$]*$/,
    words: 'a name that SQL can use: letters, digits and underscores, not beginning with a digit',
  },
  topic: {
    pattern: /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/,
    words: "a topic's name: letters, digits, dots, hyphens and underscores, at most 249 characters",
  },
  instant: {
    pattern: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/,
    words: 'an instant like 2026-01-31T08:00:00Z',
  },
  zone: { pattern: /^[A-Za-z][A-Za-z0-9_+/-]*$/, words: 'a time zone like Europe/Berlin or UTC' },
  subject: { pattern: /^[^\u0000-\u001f]{1,249}$/, words: 'a subject of the schema registry' },
  header: { pattern: /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, words: 'the name of an HTTP header' },
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

export const durationPattern = /^(\d{1,9})\s?(ms|s|m|h|d)$/

/** Undefined for what is no duration. */
export function parseDurationMs(text: string): number | undefined {
  const match = durationPattern.exec(text)
  return match === null ? undefined : Number(match[1]) * unitMs[match[2]!]!
}

/** What a shape wants, to stand after "expected". */
export function describeShape(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return shape.format === undefined ? 'a text' : textFormats[shape.format].words
    case 'choice':
      return listWords(quotedValues(shape))
    case 'integer':
      return shape.max === undefined
        ? `a whole number of at least ${shape.min}`
        : `a whole number from ${shape.min} to ${shape.max}`
    case 'duration':
      return 'a duration like 500ms, 5s, 10m, 1h or 2d'
    case 'list':
      return 'a list'
    case 'map':
    case 'object':
      return 'a block of keys'
    case 'either':
      return listWords(
        shape.shapes.flatMap((each) => (each.kind === 'choice' ? quotedValues(each) : [describeShape(each)])),
      )
  }
}

function quotedValues(shape: ChoiceShape): readonly string[] {
  return Object.keys(shape.values).map((value) => `\`${value}\``)
}

export function listWords(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
