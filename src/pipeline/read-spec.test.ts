import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readPipelineSpec } from './read-spec.ts'
import { spanInFile } from './spec.ts'

const velocity = `name: card-velocity
description: Payment attempts per user in 10 seconds
sources:
  transactions:
    topic: payments.transactions
    value: { subject: com.acme.payments.Transaction, version: latest }
    eventTime: { column: createdAt, maxDelay: 5s, idleAfter: 30s }
    start: latest
sql: |
  INSERT INTO velocity
  SELECT userIdentifier,
         COUNT(*) AS paymentAttempts
  FROM transactions
sinks:
  velocity:
    topic: payments.velocity
    value: { subject: com.acme.payments.Velocity, version: 3 }
    key: [userIdentifier]
onError: { decode: dead-letter }
expect: { outputEvery: 5m, maxLag: 10000 }
`

const noFiles = () => undefined

/** \`line:column code message (hint)\` of everything that is wrong, as a user would see it. */
function problemsOf(text: string): readonly string[] {
  const { value, diagnostics } = readPipelineSpec(text, 'p.yaml', noFiles)
  expect(value === undefined).toBe(diagnostics.length > 0)
  return diagnostics.map(({ code, message, span, hint, file }) => {
    expect(file).toBe('p.yaml')
    const before = text.slice(0, span.start).split('\n')
    return `${before.length}:${before.at(-1)!.length + 1} ${code} ${message}${hint === undefined ? '' : ` (${hint})`}`
  })
}

const withLine = (line: string, replacement: string): string => {
  expect(velocity).toContain(line)
  return velocity.replace(line, replacement)
}

test('a pipeline file is read with its defaults', () => {
  const { value, diagnostics } = readPipelineSpec(velocity, 'p.yaml', noFiles)
  expect(diagnostics).toEqual([])
  const { sql, spans, ...rest } = value!
  expect(rest).toEqual({
    name: 'card-velocity',
    description: 'Payment attempts per user in 10 seconds',
    sources: [
      {
        name: 'transactions',
        topic: 'payments.transactions',
        value: { kind: 'subject', subject: 'com.acme.payments.Transaction', version: 'latest' },
        metadata: [],
        eventTime: { column: 'createdAt', maxDelayMs: 5_000, idleAfterMs: 30_000 },
        start: 'latest',
      },
    ],
    sinks: [
      {
        name: 'velocity',
        topic: 'payments.velocity',
        value: { kind: 'subject', subject: 'com.acme.payments.Velocity', version: 3 },
        key: { columns: ['userIdentifier'] },
        mode: 'append',
        delivery: 'exactly-once',
      },
    ],
    onError: {
      decode: 'dead-letter',
      unknownType: 'fail',
      null: 'fail',
      evaluate: 'fail',
      encode: 'fail',
      semanticChange: 'fail',
    },
    deadLetterTopic: 'card-velocity.dead-letters',
    expect: { outputEveryMs: 300_000, maxLag: 10_000 },
    timeZone: 'UTC',
    file: 'p.yaml',
  })
  expect(sql.text).toBe(
    'INSERT INTO velocity\nSELECT userIdentifier,\n       COUNT(*) AS paymentAttempts\nFROM transactions\n',
  )
  const place = spans.get('sources.transactions.eventTime.column')!
  expect(velocity.slice(place.start, place.end)).toBe('createdAt')
})

test('schemas are named by subject, by id, or by a strategy, for value and key independently', () => {
  const { value, diagnostics } = readPipelineSpec(
    `name: keys
sources:
  a:
    topic: t.a
    value: { strategy: TopicName, version: 2 }
    key: { strategy: RecordName, record: com.acme.Key, column: whole, columns: { userId: user.id } }
    metadata: { sentAt: timestamp, part: partition }
    eventTime: { timestamp: record }
    start: 2026-01-31T08:00:00Z
sql: SELECT 1
sinks:
  b:
    topic: t.b
    value: { schemaId: 17 }
    key: { columns: [x, y], strategy: TopicRecordName, record: com.acme.Key }
    mode: upsert
    delivery: at-least-once
`,
    'p.yaml',
    noFiles,
  )
  expect(diagnostics).toEqual([])
  expect(value!.sources[0]).toMatchObject({
    value: { kind: 'subject', subject: 't.a-value', version: 2 },
    key: {
      schema: { kind: 'subject', subject: 'com.acme.Key', version: 'latest' },
      columns: [
        { name: 'whole', path: [] },
        { name: 'userId', path: ['user', 'id'] },
      ],
    },
    metadata: [
      { name: 'sentAt', key: 'timestamp' },
      { name: 'part', key: 'partition' },
    ],
    eventTime: { column: { record: true }, maxDelayMs: 0 },
    start: { timestampMs: Date.UTC(2026, 0, 31, 8) },
  })
  expect(value!.sinks[0]).toMatchObject({
    value: { kind: 'id', schemaId: 17 },
    key: { columns: ['x', 'y'], schema: { kind: 'subject', subject: 't.b-com.acme.Key', version: 'latest' } },
    mode: 'upsert',
    delivery: 'at-least-once',
  })
})

describe('what is wrong is told with its place', () => {
  test('an unknown key, with the one that was meant', () => {
    expect(problemsOf(withLine('    topic: payments.transactions', '    topik: payments.transactions'))).toEqual([
      '5:5 OPT002 `sources.transactions` has no key `topik` (Did you mean `topic`?)',
    ])
    expect(problemsOf(withLine('onError: { decode: dead-letter }', 'onError: { xyz: drop }'))).toEqual([
      '19:12 OPT002 `onError` has no key `xyz` (Its keys are `decode`, `unknownType`, `null`, `evaluate`, `encode`, `semanticChange`.)',
    ])
  })

  test('missing keys, all at once', () => {
    expect(problemsOf('description: nothing else\n')).toEqual([
      '1:1 OPT003 the file lacks the key `name` (For example: `name: card-velocity`.)',
      '1:1 OPT003 the file lacks the key `sources` (For example: `sources: { transactions: { … } }`.)',
      '1:1 OPT003 the file lacks the key `sinks` (For example: `sinks: { velocity: { … } }`.)',
      '1:1 OPT003 the file lacks one of `sql` or `sqlFile`',
    ])
    expect(problemsOf('')).toEqual(['1:1 OPT004 the file is empty, expected a block of keys'])
  })

  test('a value that is none of the choices', () => {
    expect(problemsOf(withLine('onError: { decode: dead-letter }', 'onError: { decode: deadletter }'))).toEqual([
      '19:20 OPT005 `onError.decode` is `deadletter`, expected `fail`, `drop` or `dead-letter` (Did you mean `dead-letter`?)',
    ])
    expect(problemsOf(withLine('start: latest', 'start: newest'))).toEqual([
      '8:12 OPT004 `sources.transactions.start` is `newest`, expected `earliest`, `latest`, `committed` or an instant like 2026-01-31T08:00:00Z',
    ])
  })

  test('values of another kind', () => {
    expect(problemsOf(withLine('    key: [userIdentifier]', '    key: userIdentifier'))).toEqual([
      '18:10 OPT004 `sinks.velocity.key` is `userIdentifier`, expected a list or a block of keys',
    ])
    expect(problemsOf(withLine('name: card-velocity', 'name: 42'))).toEqual([
      '1:7 OPT004 `name` is the number `42`, expected a name of lower-case letters, digits and hyphens, at most 63 characters (Write it in quotes: "42".)',
    ])
    expect(problemsOf(withLine('maxLag: 10000', 'maxLag: -1'))).toEqual([
      '20:36 OPT004 `expect.maxLag` is the number `-1`, expected a whole number of at least 0',
    ])
    expect(problemsOf(withLine('maxDelay: 5s', 'maxDelay: 5'))).toEqual([
      '7:47 OPT008 `sources.transactions.eventTime.maxDelay` is the number `5`, expected a duration like 500ms, 5s, 10m, 1h or 2d',
    ])
    expect(problemsOf(withLine('name: card-velocity', 'name:'))).toEqual([
      '1:6 OPT004 `name` is empty, expected a name of lower-case letters, digits and hyphens, at most 63 characters',
    ])
  })

  test('names that Kafka, SQL or the clock do not know', () => {
    expect(problemsOf(withLine('topic: payments.velocity', 'topic: payments/velocity'))[0]).toMatch(
      /^16:12 OPT005 `sinks.velocity.topic` is `payments\/velocity`, expected a topic's name/,
    )
    expect(problemsOf(withLine('  transactions:', '  card-transactions:'))[0]).toMatch(
      /^4:3 OPT005 `card-transactions` cannot be a name here/,
    )
    expect(problemsOf(`${velocity}timeZone: Mars/Olympus\n`)).toEqual([
      '21:11 OPT005 `timeZone` is `Mars/Olympus`, expected a time zone like Europe/Berlin or UTC',
    ])
    expect(problemsOf(withLine('start: latest', 'start: 2026-13-45T00:00:00Z'))[0]).toMatch(/^8:12 OPT004/)
  })

  test('keys that exclude each other', () => {
    expect(
      problemsOf(withLine('{ subject: com.acme.payments.Velocity, version: 3 }', '{ schemaId: 17, version: 3 }')),
    ).toEqual(['17:37 OPT007 `schemaId` and `version` exclude each other (An id names one schema; remove `version`.)'])
    expect(problemsOf(`${velocity}sqlFile: x.sql\n`)).toEqual([
      '21:1 OPT007 `sqlFile` and `sql` exclude each other (Keep one of them.)',
    ])
    expect(problemsOf(withLine('{ subject: com.acme.payments.Velocity, version: 3 }', '{ version: 3 }'))).toEqual([
      '17:14 OPT003 `sinks.velocity.value` lacks one of `subject`, `schemaId` or `strategy`',
    ])
    expect(
      problemsOf(withLine('{ subject: com.acme.payments.Velocity, version: 3 }', '{ strategy: RecordName }')),
    ).toEqual([
      '17:24 OPT013 strategy `RecordName` needs the full name of the record (Add `record: com.example.Name`.)',
    ])
  })

  test('an upsert sink without a key, a sink named like a source, a file that is not there', () => {
    expect(problemsOf(withLine('    key: [userIdentifier]', '    mode: upsert'))).toEqual([
      '18:11 OPT021 sink `velocity` is an upsert sink without a key (Add `key: [column]`.)',
    ])
    expect(problemsOf(velocity.replace('  velocity:\n', '  transactions:\n'))).toEqual([
      '15:3 OPT019 source and sink are both named `transactions` (Give the sink another name; the topic may be the same.)',
    ])
    expect(problemsOf(velocity.replace(/sql: \|\n( {2}.*\n)+/, 'sqlFile: nowhere.sql\n'))).toEqual([
      '9:10 OPT009 file `nowhere.sql` cannot be read (Its path is relative to the pipeline file.)',
    ])
  })

  test('text that is no YAML', () => {
    expect(problemsOf('name: [a\nsources: {}\n')[0]).toMatch(/^\d:\d+ OPT001 not valid YAML: /)
    expect(problemsOf('name: a\n\ttopic: b\n').at(-1)).toMatch(/OPT001 not valid YAML: .*Indent with spaces/)
    expect(problemsOf('name: a\nname: b\n')).toEqual(['2:1 OPT006 key `name` is there twice (Remove one of them.)'])
    expect(problemsOf('name: &n a\ndescription: *n\n')).toEqual([
      '2:14 OPT001 anchors and aliases are not supported (Write the value out.)',
    ])
    expect(problemsOf('- a\n- b\n')).toEqual(['1:1 OPT004 the file is a list, expected a block of keys'])
    expect(problemsOf('__proto__: { a: 1 }\nconstructor: x\n').slice(0, 2)).toEqual([
      expect.stringContaining('OPT002 the file has no key `__proto__`'),
      expect.stringContaining('OPT002 the file has no key `constructor`'),
    ])
  })
})

describe('a place in the SQL is a place in the file that holds it', () => {
  const head =
    'name: p\nsources: { t: { topic: t, value: { schemaId: 1 } } }\nsinks: { s: { topic: s, value: { schemaId: 2 } } }\n'

  test.each([
    ['a literal block', 'sql: |\n  SELECT a,\n\n    bcd\n  FROM t\n'],
    [
      'a literal block with an indentation indicator and Windows line ends',
      'sql: |2-\r\n  SELECT a,\r\n    bcd\r\n  FROM t\r\n',
    ],
    ['a folded block', 'sql: >\n  SELECT a,\n  bcd\n  FROM t\n'],
    ['one line', 'sql: SELECT a, bcd FROM t\n'],
    ['single quotes', "sql: 'SELECT ''x'' AS a, bcd FROM t'\n"],
    ['double quotes', 'sql: "SELECT a, \\n  bcd FROM t"\n'],
  ])('%s', (_name, tail) => {
    const text = head + tail
    const { value, diagnostics } = readPipelineSpec(text, 'p.yaml', noFiles)
    expect(diagnostics).toEqual([])
    const { sql } = value!
    for (const word of ['SELECT', 'a', 'bcd', 'FROM']) {
      const start = sql.text.search(new RegExp(`\\b${word}\\b`))
      const span = spanInFile(sql, { start, end: start + word.length })
      expect(text.slice(span.start, span.end)).toBe(word)
      expect(span.start).toBeGreaterThan(head.length)
    }
  })

  test('an SQL file is its own', () => {
    const readFile = (path: string) =>
      path === 'q.sql' ? { path: 'pipelines/q.sql', text: 'SELECT a FROM t' } : undefined
    const { value } = readPipelineSpec(`${head}sqlFile: q.sql\n`, 'pipelines/p.yaml', readFile)
    expect(value!.sql).toMatchObject({ text: 'SELECT a FROM t', file: 'pipelines/q.sql' })
    expect(spanInFile(value!.sql, { start: 7, end: 8 })).toEqual({ start: 7, end: 8 })
  })
})

test('whatever the text, it is read or told what is wrong with it, within the text', () => {
  const pieces = fc.constantFrom(
    '\n',
    '  ',
    '    ',
    '- ',
    ': ',
    '{',
    '}',
    '[',
    ']',
    '|',
    '>',
    '"',
    "'",
    '#',
    '\t',
    '&a',
    '*a',
    'null',
    '7',
    'x',
    '__proto__: 1',
    '\r',
    '\u2028',
    '😀',
    '!!int',
  )
  const mutation = fc.tuple(fc.nat(velocity.length), fc.nat(12), pieces)
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      let text = velocity
      for (const [at, length, piece] of mutations) text = text.slice(0, at) + piece + text.slice(at + length)
      const { value, diagnostics } = readPipelineSpec(text, 'p.yaml', noFiles)
      expect(value === undefined).toBe(diagnostics.length > 0)
      for (const { span } of diagnostics) {
        expect(span.start).toBeGreaterThanOrEqual(0)
        expect(span.end).toBeGreaterThanOrEqual(span.start)
        expect(span.end).toBeLessThanOrEqual(text.length)
      }
      for (const { file } of value?.sql.segments ?? []) expect(file).toBeLessThanOrEqual(text.length)
    }),
    { numRuns: 1000 },
  )
})
