// Strings by code points, as Flink's UTF-8 strings count characters. Strings without surrogates take the fast way.

const surrogate = /[\ud800-\udfff]/

export function codePointLength(text: string): number {
  return surrogate.test(text) ? [...text].length : text.length
}

/** From `start` (0-based) up to `end`, both counted in code points. */
export function sliceCodePoints(text: string, start: number, end: number): string {
  return surrogate.test(text) ? [...text].slice(start, end).join('') : text.slice(start, end)
}

/** Half a surrogate pair has no UTF-8 form: Java writes `?`. */
export function toWellFormed(text: string): string {
  return surrogate.test(text)
    ? text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '?')
    : text
}

/** SQL's SUBSTRING: positions from 1, negative ones from the end; the rest from there, or `length` characters. */
export function substring(text: string, position: number, length: number): string {
  if (length === 0 || text === '') return ''
  const count = codePointLength(text)
  const start = position > 0 ? position - 1 : position < 0 ? count + position : 0
  if (start < 0 || start >= count) return ''
  return sliceCodePoints(text, start, Math.min(start + length, count))
}

/** 1-based position of the first `part` at or after `from` (1-based); 0 when there is none. The empty string is at 1. */
export function position(part: string, text: string, from = 1): number {
  if (part === '') return 1
  const start = [...sliceCodePoints(text, 0, from - 1)].join('').length
  const at = text.indexOf(part, start)
  return at < 0 ? 0 : codePointLength(text.slice(0, at)) + 1
}
