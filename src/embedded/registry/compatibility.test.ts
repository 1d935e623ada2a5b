import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { goldensRoot, reasonToSkip } from '../../../test/needs.ts'
import { checkLevel } from './compatibility.ts'
import { readSchemaText } from './schema-text.ts'
import type { Level } from './scopes.ts'

const read = (text: string) => readSchemaText(text, [], { normalize: false, strict: false })
const record = (...fields: object[]) => read(JSON.stringify({ type: 'record', name: 'R', fields }))

const a = { name: 'a', type: 'int' }
const b = { name: 'b', type: 'int', default: 0 }
const required = { name: 'b', type: 'int' }

const accepted = (level: Level, candidate: typeof v1, older: readonly (typeof v1)[]) =>
  checkLevel(level, candidate, older, true).length === 0
const v1 = record(a)

describe('what each level accepts', () => {
  test.each<[string, boolean, boolean, boolean]>([
    ['a field with a default more', true, true, true],
    ['a field without a default more', false, true, false],
    ['a field without a default less', true, false, false],
  ])('%s: BACKWARD %s, FORWARD %s, FULL %s', (change, backward, forward, full) => {
    const [older, newer] =
      change === 'a field with a default more'
        ? [record(a), record(a, b)]
        : change === 'a field without a default more'
          ? [record(a), record(a, required)]
          : [record(a, required), record(a)]
    expect(accepted('BACKWARD', newer, [older])).toBe(backward)
    expect(accepted('FORWARD', newer, [older])).toBe(forward)
    expect(accepted('FULL', newer, [older])).toBe(full)
    expect(accepted('NONE', newer, [older])).toBe(true)
  })

  test('only transitive levels look past the newest version', () => {
    const history = [v1, record(a, b)]
    expect(accepted('FULL', record(a, required), history)).toBe(true)
    expect(accepted('FULL_TRANSITIVE', record(a, required), history)).toBe(false)
  })
})

test("the reasons are told in Confluent's words", () => {
  expect(checkLevel('BACKWARD', record(a, required), [v1], true)).toEqual([
    "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'b' at path '/fields/1' in the new schema has no default value and is missing in the old schema', additionalInfo:'b'}",
    `{oldSchema: '${v1.canonical}'}`,
  ])
})

const file = join(goldensRoot, 'avro', 'compat-levels.jsonl')

test.skipIf(reasonToSkip('goldens') !== undefined || !existsSync(file))(
  "every golden verdict and message of Confluent's checker",
  () => {
    type Row = { id: string; versions: string[]; levels?: Record<Level, { compatible: boolean; messages: string[] }> }
    const rows = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row)
    // Their Avro 1.11 loses the path below a writer's union; ours says it, as 1.12 does.
    const withoutPaths = (messages: readonly string[]) =>
      messages.map((message) => message.replace(/path '[^']*'/, 'path'))
    const differing = rows.flatMap(({ id, versions, levels }) => {
      if (levels === undefined) return []
      const texts = versions.map(read)
      return (Object.keys(levels) as Level[])
        .filter((level) => {
          const messages = checkLevel(level, texts.at(-1)!, texts.slice(0, -1), true)
          return JSON.stringify(withoutPaths(messages)) !== JSON.stringify(withoutPaths(levels[level].messages))
        })
        .map((level) => `${id} ${level}`)
    })
    expect(rows.length).toBeGreaterThan(100)
    expect(differing).toEqual([])
  },
)
