// Holds a YAML tree against a shape: every key and value that does not fit is a diagnostic at its place.

import type { DiagnosticCode } from '../diagnostics/codes.ts'
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import {
  describeShape,
  listWords,
  type ObjectShape,
  parseDurationMs,
  type Shape,
  type TextFormat,
  type TextShape,
  textFormats,
} from './shape.ts'
import type { YamlEntry, YamlMap, YamlNode, YamlScalar } from './yaml-tree.ts'

/** All problems at once; none of them follows from another. `path` names the place for users: `sources.transactions`. */
export function checkShape(node: YamlNode, shape: Shape, file: string): readonly Diagnostic[] {
  const checker = new ShapeChecker(file)
  checker.check(node, shape, '')
  return checker.diagnostics
}

class ShapeChecker {
  readonly diagnostics: Diagnostic[] = []
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  check(node: YamlNode, shape: Shape, path: string): void {
    switch (shape.kind) {
      case 'object':
        if (node.kind === 'map') this.#checkObject(node, shape, path)
        else this.#wrongKind(node, shape, path)
        break
      case 'map':
        if (node.kind !== 'map') this.#wrongKind(node, shape, path)
        else {
          for (const entry of node.entries) this.#checkNamed(entry, shape, path)
          if (node.entries.length < (shape.min ?? 0)) this.#wrongKind(node, shape, path)
        }
        break
      case 'list':
        if (node.kind !== 'list') this.#wrongKind(node, shape, path)
        else {
          for (const item of node.items) this.check(item, shape.items, path)
          if (node.items.length < (shape.min ?? 0)) {
            this.#report('OPT004', `${called(path)} is an empty list`, node.span)
          }
        }
        break
      case 'either':
        this.#checkEither(node, shape, path)
        break
      default:
        if (node.kind === 'scalar') this.#checkScalar(node, shape, path)
        else this.#wrongKind(node, shape, path)
    }
  }

  #checkObject(node: YamlMap, shape: ObjectShape, path: string): void {
    // Keys that are there, or were meant by one that is misspelt: they are not missing.
    const keys = new Set<string>()
    for (const entry of node.entries) {
      const member = Object.hasOwn(shape.members, entry.key) ? shape.members[entry.key] : undefined
      if (member !== undefined) this.check(entry.value, member.shape, join(path, entry.key))
      keys.add(member === undefined ? this.#unknownKey(entry, Object.keys(shape.members), path) : entry.key)
    }
    for (const [key, member] of Object.entries(shape.members)) {
      if (member.required === true && !keys.has(key)) {
        const hint = member.example === undefined ? undefined : `For example: \`${key}: ${member.example}\`.`
        this.#report('OPT003', `${called(path)} lacks the key \`${key}\``, placeOf(node), hint)
      }
    }
    const alternatives = shape.exactlyOne
    if (alternatives === undefined) return
    const present = node.entries.filter((entry) => alternatives.includes(entry.key))
    const words = listWords(alternatives.map((key) => `\`${key}\``))
    if (!alternatives.some((key) => keys.has(key)))
      this.#report('OPT003', `${called(path)} lacks one of ${words}`, placeOf(node))
    for (const entry of present.slice(1)) {
      this.#report(
        'OPT007',
        `\`${entry.key}\` and \`${present[0]!.key}\` exclude each other`,
        entry.keySpan,
        'Keep one of them.',
      )
    }
  }

  #checkNamed(entry: YamlEntry, shape: Shape & { kind: 'map' }, path: string): void {
    const rule = textFormats[shape.keys]
    if (!rule.pattern.test(entry.key)) {
      this.#report('OPT005', `\`${entry.key}\` cannot be a name here: expected ${rule.words}`, entry.keySpan)
    }
    this.check(entry.value, shape.values, join(path, entry.key))
  }

  #checkEither(node: YamlNode, shape: Shape & { kind: 'either' }, path: string): void {
    const attempts = shape.shapes.map((alternative) => {
      const attempt = new ShapeChecker(this.#file)
      attempt.check(node, alternative, path)
      return { alternative, found: attempt.diagnostics }
    })
    if (attempts.some(({ found }) => found.length === 0)) return
    // A block is judged by the block alternative, so that its keys are told, not just that it does not fit.
    const sameKind = attempts.filter(({ alternative }) => nodeKindOf(alternative) === node.kind)
    if (node.kind !== 'scalar' && sameKind.length === 1) this.diagnostics.push(...sameKind[0]!.found)
    else this.#wrongKind(node, shape, path)
  }

  #checkScalar(node: YamlScalar, shape: Shape, path: string): void {
    const { value } = node
    if (shape.kind === 'integer') {
      const fits = typeof value === 'number' && Number.isSafeInteger(value)
      if (!fits || value < shape.min || value > (shape.max ?? Infinity)) this.#wrongKind(node, shape, path)
    } else if (shape.kind === 'duration') {
      if (typeof value !== 'string' || parseDurationMs(value) === undefined) {
        this.#report('OPT008', `${called(path)} is ${shown(node)}, expected ${describeShape(shape)}`, node.span)
      }
    } else if (shape.kind === 'choice') {
      if (typeof value !== 'string' || !Object.hasOwn(shape.values, value)) {
        this.#wrongChoice(node, Object.keys(shape.values), path)
      }
    } else if (shape.kind === 'text') this.#checkText(node, shape, path)
  }

  #checkText(node: YamlScalar, shape: TextShape, path: string): void {
    const { value } = node
    if (typeof value !== 'string') {
      const hint = value === null ? undefined : `Write it in quotes: "${String(value)}".`
      this.#wrongKind(node, shape, path, hint)
    } else if (value.trim() === '') this.#report('OPT004', `${called(path)} is empty`, node.span)
    else if (shape.format !== undefined && !hasFormat(value, shape.format)) {
      this.#report('OPT005', `${called(path)} is \`${value}\`, expected ${textFormats[shape.format].words}`, node.span)
    }
  }

  #wrongChoice(node: YamlScalar, values: readonly string[], path: string): void {
    const near = typeof node.value === 'string' ? didYouMean(node.value, values) : undefined
    const words = listWords(values.map((value) => `\`${value}\``))
    this.diagnostics.push({
      code: 'OPT005',
      severity: 'error',
      message: `${called(path)} is ${shown(node)}, expected ${words}`,
      file: this.#file,
      span: node.span,
      ...(near === undefined ? {} : { hint: `Did you mean \`${near}\`?`, edit: { span: node.span, text: near } }),
    })
  }

  /** The key that was probably meant, or the wrong one. */
  #unknownKey(entry: YamlEntry, known: readonly string[], path: string): string {
    const near = didYouMean(entry.key, known)
    this.diagnostics.push({
      code: 'OPT002',
      severity: 'error',
      message: `${called(path)} has no key \`${entry.key}\``,
      file: this.#file,
      span: entry.keySpan,
      ...(near === undefined
        ? { hint: `Its keys are ${known.map((key) => `\`${key}\``).join(', ')}.` }
        : { hint: `Did you mean \`${near}\`?`, edit: { span: entry.keySpan, text: near } }),
    })
    return near ?? entry.key
  }

  #wrongKind(node: YamlNode, shape: Shape, path: string, hint?: string): void {
    this.#report('OPT004', `${called(path)} is ${shown(node)}, expected ${describeShape(shape)}`, placeOf(node), hint)
  }

  #report(code: DiagnosticCode, message: string, span: Span, hint?: string): void {
    this.diagnostics.push({
      code,
      severity: 'error',
      message,
      file: this.#file,
      span,
      ...(hint === undefined ? {} : { hint }),
    })
  }
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

function called(path: string): string {
  return path === '' ? 'the file' : `\`${path}\``
}

function shown(node: YamlNode): string {
  if (node.kind === 'list') return node.items.length === 0 ? 'an empty list' : 'a list'
  if (node.kind === 'map') return node.entries.length === 0 ? 'an empty block' : 'a block of keys'
  if (node.value === null) return 'empty'
  return typeof node.value === 'string' ? `\`${node.value}\`` : `the ${typeof node.value} \`${String(node.value)}\``
}

/** A block's place is its first key: the whole block would mark half the file. */
function placeOf(node: YamlNode): Span {
  return node.kind === 'map' ? (node.entries[0]?.keySpan ?? node.span) : node.span
}

function nodeKindOf(shape: Shape): YamlNode['kind'] {
  if (shape.kind === 'object' || shape.kind === 'map') return 'map'
  return shape.kind === 'list' ? 'list' : 'scalar'
}

function hasFormat(text: string, format: TextFormat): boolean {
  if (!textFormats[format].pattern.test(text)) return false
  if (format === 'zone') return isTimeZone(text)
  return format !== 'instant' || !Number.isNaN(Date.parse(text))
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
