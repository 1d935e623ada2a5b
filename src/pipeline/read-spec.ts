// The text of a pipeline file → PipelineSpec, or everything that is wrong with it. Pure: the one file it may need is handed in.
import type { Checked, Diagnostic, Span } from '../diagnostics/diagnostic.ts'
import { type SubjectStrategy, subjectOf } from '../registry/subject-strategy.ts'
import { checkShape } from './check-shape.ts'
import { parseDurationMs } from './shape.ts'
import type {
  EventTime,
  MetadataColumn,
  PipelineSpec,
  RecordErrorKind,
  RecordErrorPolicy,
  SchemaSelector,
  SinkKey,
  SinkSpec,
  SourceKey,
  SourceSpec,
  SqlText,
  StartPosition,
} from './spec.ts'
import { pipelineShape } from './spec-shape.ts'
import { childOf, entriesOf, entriesOfTexts, mapOf, numberOf, textOf, textsOf } from './yaml-access.ts'
import { parseYaml, type YamlMap, type YamlNode, type YamlScalar } from './yaml-tree.ts'

/** `readFile` gives the text of `sqlFile` and the path to show for it, or undefined if it cannot be read. */
export type ReadFile = (relativePath: string) => { readonly path: string; readonly text: string } | undefined

/** `file` is the path as the user gave it; all diagnostics name it. */
export function readPipelineSpec(text: string, file: string, readFile: ReadFile): Checked<PipelineSpec> {
  const { value: root, diagnostics } = parseYaml(text, file)
  if (root === undefined) return { value: undefined, diagnostics }
  const misfits = checkShape(root, pipelineShape, file)
  if (misfits.length > 0 || root.kind !== 'map') return { value: undefined, diagnostics: misfits }
  const reader = new SpecReader(file, readFile)
  const value = reader.read(root)
  return { value: reader.diagnostics.length > 0 ? undefined : value, diagnostics: reader.diagnostics }
}

/** Reads a tree whose shape was checked; what is left to find is in the relations between keys. */
class SpecReader {
  readonly diagnostics: Diagnostic[] = []
  readonly #file: string
  readonly #readFile: ReadFile
  readonly #spans = new Map<string, Span>()

  constructor(file: string, readFile: ReadFile) {
    this.#file = file
    this.#readFile = readFile
  }

  read(root: YamlMap): PipelineSpec {
    this.#keepSpans(root, '')
    const name = textOf(root, 'name')!
    const description = textOf(root, 'description')
    const sources = entriesOf(root, 'sources').map(([source, node]) => this.#source(source, node))
    const sinks = entriesOf(root, 'sinks').map(([sink, node]) => this.#sink(sink, node))
    for (const sink of sinks) {
      if (sources.some((source) => source.name === sink.name)) {
        this.#report(
          'OPT019',
          `source and sink are both named \`${sink.name}\``,
          this.#place(`sinks.${sink.name}`),
          'Give the sink another name; the topic may be the same.',
        )
      }
    }
    const expect = mapOf(root, 'expect')
    const outputEveryMs = durationOf(expect, 'outputEvery')
    const maxLag = numberOf(expect, 'maxLag')
    return {
      name,
      ...(description === undefined ? {} : { description }),
      sources,
      sql: this.#sql(root),
      sinks,
      onError: onErrorOf(mapOf(root, 'onError')),
      deadLetterTopic: textOf(root, 'deadLetterTopic') ?? `${name}.dead-letters`,
      expect: {
        ...(outputEveryMs === undefined ? {} : { outputEveryMs }),
        ...(maxLag === undefined ? {} : { maxLag }),
      },
      timeZone: textOf(root, 'timeZone') ?? 'UTC',
      file: this.#file,
      spans: this.#spans,
    }
  }

  #source(name: string, node: YamlMap): SourceSpec {
    const path = `sources.${name}`
    const topic = textOf(node, 'topic')!
    const key = mapOf(node, 'key')
    const eventTime = mapOf(node, 'eventTime')
    const metadata = entriesOfTexts(node, 'metadata').map(([column, what]) => ({
      name: column,
      key: what as MetadataColumn['key'],
    }))
    return {
      name,
      topic,
      value: this.#selector(mapOf(node, 'value')!, topic, 'value', `${path}.value`),
      ...(key === undefined ? {} : { key: this.#sourceKey(key, topic, `${path}.key`) }),
      metadata,
      ...(eventTime === undefined ? {} : { eventTime: eventTimeOf(eventTime) }),
      start: startOf(textOf(node, 'start')),
    }
  }

  #sourceKey(node: YamlMap, topic: string, path: string): SourceKey {
    const hasSchema = ['subject', 'schemaId', 'strategy'].some((key) => childOf(node, key) !== undefined)
    const whole = textOf(node, 'column')
    const fields = entriesOfTexts(node, 'columns').map(([name, field]) => ({ name, path: field.split('.') }))
    return {
      ...(hasSchema ? { schema: this.#selector(node, topic, 'key', path) } : {}),
      columns: [...(whole === undefined ? [] : [{ name: whole, path: [] }]), ...fields],
    }
  }

  #sink(name: string, node: YamlMap): SinkSpec {
    const path = `sinks.${name}`
    const topic = textOf(node, 'topic')!
    const keyNode = childOf(node, 'key')
    const key = keyNode === undefined ? undefined : this.#sinkKey(keyNode, topic, `${path}.key`)
    const mode = textOf(node, 'mode') === 'upsert' ? 'upsert' : 'append'
    if (mode === 'upsert' && key === undefined) {
      this.#report(
        'OPT021',
        `sink \`${name}\` is an upsert sink without a key`,
        this.#place(`${path}.mode`),
        'Add `key: [column]`.',
      )
    }
    return {
      name,
      topic,
      value: this.#selector(mapOf(node, 'value')!, topic, 'value', `${path}.value`),
      ...(key === undefined ? {} : { key }),
      mode,
      delivery: textOf(node, 'delivery') === 'at-least-once' ? 'at-least-once' : 'exactly-once',
    }
  }

  #sinkKey(node: YamlNode, topic: string, path: string): SinkKey {
    if (node.kind !== 'map') return { columns: textsOf(node) }
    return { columns: textsOf(childOf(node, 'columns')), schema: this.#selector(node, topic, 'key', path) }
  }

  #selector(node: YamlMap, topic: string, part: 'key' | 'value', path: string): SchemaSelector {
    const schemaId = numberOf(node, 'schemaId')
    const strategy = textOf(node, 'strategy') as SubjectStrategy | undefined
    const record = textOf(node, 'record')
    if (schemaId !== undefined && childOf(node, 'version') !== undefined) {
      this.#report(
        'OPT007',
        '`schemaId` and `version` exclude each other',
        this.#place(`${path}.version`),
        'An id names one schema; remove `version`.',
      )
    }
    if (record !== undefined && (strategy === undefined || strategy === 'TopicName')) {
      this.#report(
        'OPT007',
        '`record` has a meaning only with the strategies RecordName and TopicRecordName',
        this.#place(`${path}.record`),
        'Remove `record`.',
      )
    }
    if (schemaId !== undefined) return { kind: 'id', schemaId }
    const version = numberOf(node, 'version') ?? 'latest'
    const subject = strategy === undefined ? textOf(node, 'subject') : subjectOf(strategy, topic, part, record)
    if (subject === undefined) {
      this.#report(
        'OPT013',
        `strategy \`${strategy}\` needs the full name of the record`,
        this.#place(`${path}.strategy`),
        'Add `record: com.example.Name`.',
      )
      return { kind: 'subject', subject: '', version }
    }
    return { kind: 'subject', subject, version }
  }

  #sql(root: YamlMap): SqlText {
    const inline = childOf(root, 'sql')
    if (inline?.kind === 'scalar') {
      const segments = inline.segments.map(({ value, file }) => ({ sql: value, file }))
      return { text: String(inline.value), file: this.#file, segments }
    }
    const node = childOf(root, 'sqlFile') as YamlScalar
    const found = this.#readFile(String(node.value))
    if (found !== undefined) return { text: found.text, file: found.path, segments: [{ sql: 0, file: 0 }] }
    this.#report(
      'OPT009',
      `file \`${String(node.value)}\` cannot be read`,
      node.span,
      'Its path is relative to the pipeline file.',
    )
    return { text: '', file: String(node.value), segments: [] }
  }

  #keepSpans(node: YamlNode, path: string): void {
    if (node.kind !== 'map') return
    for (const { key, keySpan, value } of node.entries) {
      const own = path === '' ? key : `${path}.${key}`
      // A scalar's place is its value, a block's its key.
      this.#spans.set(own, value.kind === 'map' || value.span.end === value.span.start ? keySpan : value.span)
      this.#keepSpans(value, own)
    }
  }

  #place(path: string): Span {
    return this.#spans.get(path) ?? { start: 0, end: 0 }
  }

  #report(code: Diagnostic['code'], message: string, span: Span, hint: string): void {
    this.diagnostics.push({ code, severity: 'error', message, file: this.#file, span, hint })
  }
}

function eventTimeOf(node: YamlMap): EventTime {
  const column = textOf(node, 'column')
  const idleAfterMs = durationOf(node, 'idleAfter')
  return {
    column: column ?? { record: true },
    maxDelayMs: durationOf(node, 'maxDelay') ?? 0,
    ...(idleAfterMs === undefined ? {} : { idleAfterMs }),
  }
}

function startOf(text: string | undefined): StartPosition {
  if (text === undefined || text === 'earliest' || text === 'latest' || text === 'committed') return text ?? 'earliest'
  return { timestampMs: Date.parse(text) }
}

function onErrorOf(node: YamlMap | undefined): PipelineSpec['onError'] {
  const policy = (kind: RecordErrorKind) => (textOf(node, kind) ?? 'fail') as RecordErrorPolicy
  return {
    decode: policy('decode'),
    unknownType: policy('unknownType'),
    null: policy('null'),
    evaluate: policy('evaluate'),
    encode: policy('encode'),
    semanticChange: policy('semanticChange'),
  }
}

function durationOf(node: YamlMap | undefined, key: string): number | undefined {
  const text = textOf(node, key)
  return text === undefined ? undefined : parseDurationMs(text)
}
