// YAML text → a small tree in which every key and value knows its place. The only file that imports the YAML library.
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import type { Checked, Diagnostic, Span } from '../diagnostics/diagnostic.ts'

export type YamlNode = YamlScalar | YamlList | YamlMap

export type YamlScalar = {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** As written. */
  readonly span: Span
  /** Of a text: from offset `value` of it on, the file's offset is `file` plus the distance. Ascending. */
  readonly segments: readonly { readonly value: number; readonly file: number }[]
}

type YamlList = { readonly kind: 'list'; readonly items: readonly YamlNode[]; readonly span: Span }

export type YamlEntry = { readonly key: string; readonly keySpan: Span; readonly value: YamlNode }

export type YamlMap = { readonly kind: 'map'; readonly entries: readonly YamlEntry[]; readonly span: Span }

/** An empty file is a scalar `null`. Diagnostics name `file`. */
export function parseYaml(text: string, file: string): Checked<YamlNode> {
  const diagnostics: Diagnostic[] = []
  const report = (code: 'OPT001' | 'OPT006', message: string, span: Span, hint?: string): void => {
    diagnostics.push({ code, severity: 'error', message, file, span, ...(hint === undefined ? {} : { hint }) })
  }
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false, logLevel: 'silent' })
  for (const { message, pos } of document.errors) {
    const start = Math.min(pos[0], text.length)
    report(
      'OPT001',
      describeYamlError(message),
      { start, end: Math.max(start, Math.min(pos[1], text.length)) },
      hintFor(text, start),
    )
  }
  if (diagnostics.length > 0) return { value: undefined, diagnostics }
  const value = new TreeReader(text, report).read(document.contents)
  return { value: diagnostics.length > 0 ? undefined : value, diagnostics }
}

type Report = (code: 'OPT001' | 'OPT006', message: string, span: Span, hint?: string) => void

class TreeReader {
  readonly #text: string
  readonly #report: Report

  constructor(text: string, report: Report) {
    this.#text = text
    this.#report = report
  }

  read(node: Node | null): YamlNode {
    if (node === null) return { kind: 'scalar', value: null, span: { start: 0, end: 0 }, segments: [] }
    const span = spanOf(node)
    if (isMap(node)) return this.#readMap(node, span)
    if (isSeq(node)) return this.#readList(node, span)
    if (isScalar(node)) return this.#readScalar(node, span)
    if (isAlias(node)) this.#report('OPT001', 'anchors and aliases are not supported', span, 'Write the value out.')
    return { kind: 'scalar', value: null, span, segments: [] }
  }

  #readList(node: YAMLSeq, span: Span): YamlList {
    return { kind: 'list', items: node.items.map((item) => this.read(item as Node | null)), span }
  }

  #readMap(node: YAMLMap, span: Span): YamlMap {
    const entries: YamlEntry[] = []
    const seen = new Set<string>()
    for (const pair of node.items) {
      const keyNode = pair.key as Node
      const keySpan = spanOf(keyNode)
      const key = isScalar(keyNode) ? String(keyNode.value ?? '') : undefined
      if (key === undefined) {
        this.#report('OPT001', 'a key must be a simple text', keySpan)
        continue
      }
      if (seen.has(key)) this.#report('OPT006', `key \`${key}\` is there twice`, keySpan, 'Remove one of them.')
      seen.add(key)
      const value =
        pair.value === null
          ? ({ kind: 'scalar', value: null, span: { start: keySpan.end, end: keySpan.end }, segments: [] } as const)
          : this.read(pair.value as Node)
      entries.push({ key, keySpan, value })
    }
    return { kind: 'map', entries, span }
  }

  #readScalar(node: Scalar, span: Span): YamlScalar {
    const { value } = node
    if (typeof value === 'string')
      return { kind: 'scalar', value, span, segments: segmentsOf(this.#text, node, value, span) }
    if (typeof value === 'number' || typeof value === 'boolean') return { kind: 'scalar', value, span, segments: [] }
    if (typeof value === 'bigint') return { kind: 'scalar', value: Number(value), span, segments: [] }
    return { kind: 'scalar', value: null, span, segments: [] }
  }
}

function spanOf(node: Node): Span {
  const range = node.range
  return range ? { start: range[0], end: range[1] } : { start: 0, end: 0 }
}

/** How offsets in a text lead back to the file: exactly for `|` blocks and one-line texts, by line for folded ones. */
function segmentsOf(text: string, node: Scalar, value: string, span: Span): YamlScalar['segments'] {
  if (node.type === 'BLOCK_LITERAL') return literalSegments(text, value, span)
  const quoted = node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE' ? 1 : 0
  if (text.startsWith(value, span.start + quoted)) return [{ value: 0, file: span.start + quoted }]
  return alignedSegments(text, value, span)
}

/** Line by line: the block's header ends at its line's end, each line begins behind the block's indentation. */
function literalSegments(text: string, value: string, span: Span): YamlScalar['segments'] {
  const lines = value.split('\n')
  let lineStart = text.indexOf('\n', span.start) + 1
  const starts = lines.map(() => {
    const start = lineStart
    const end = text.indexOf('\n', lineStart)
    lineStart = end < 0 ? text.length : end + 1
    return start
  })
  const first = lines.findIndex((line) => line.trim() !== '')
  const indent = first < 0 ? 0 : text.indexOf(lines[first]!, starts[first]!) - starts[first]!
  let offset = 0
  return lines.map((line, i) => {
    const segment = { value: offset, file: line === '' ? starts[i]! : starts[i]! + indent }
    offset += line.length + 1
    return segment
  })
}

/** Word by word: what lies between words was folded or escaped and leads to the word before it. */
function alignedSegments(text: string, value: string, span: Span): YamlScalar['segments'] {
  const segments: { value: number; file: number }[] = []
  let file = span.start
  for (const { 0: word, index } of value.matchAll(/\S+/g)) {
    const found = text.indexOf(word, file)
    if (found < 0 || found >= span.end) continue
    segments.push({ value: index, file: found })
    file = found + word.length
  }
  return segments.length > 0 && segments[0]!.value === 0 ? segments : [{ value: 0, file: span.start }, ...segments]
}

/** The library's sentences in our form: lower case, no position, no final period. */
function describeYamlError(message: string): string {
  const sentence = message
    .split('\n')[0]!
    .replace(/ at line \d+, column \d+:?$/, '')
    .replace(/[.:]$/, '')
  return `not valid YAML: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`
}

function hintFor(text: string, offset: number): string | undefined {
  const lineStart = text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1
  const line = text.slice(lineStart, text.indexOf('\n', lineStart) < 0 ? undefined : text.indexOf('\n', lineStart))
  return /^[ ]*\t/.test(line) ? 'Indent with spaces; YAML does not allow tabs there.' : undefined
}
