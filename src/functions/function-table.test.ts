import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { goldensRoot } from '../../test/needs.ts'
import { allFunctions, findFunction, findTableFunction } from './find-function.ts'

const reference = join(goldensRoot, 'flink-2.3/reference/functions.jsonl')

describe('the function table', () => {
  test.each(allFunctions.map((row) => [row.name, row] as const))('%s has a sentence and an example', (_, row) => {
    expect(row.doc).toMatch(/^[^\n]{8,}\.$/)
    expect(row.example.length).toBeGreaterThan(0)
    expect(row.input.forms.length).toBeGreaterThan(0)
  })

  test('is asked by name or alias in any case', () => {
    expect(findFunction('upper')?.name).toBe('UPPER')
    expect(findFunction('Character_Length')?.name).toBe('CHAR_LENGTH')
    expect(findFunction('mod')?.name).toBe('%')
    expect(findFunction('NO_SUCH')).toBeUndefined()
  })

  test('tells the group window of a name from the table function of that name', () => {
    expect(findFunction('TUMBLE')?.kind).toBe('groupWindow')
    expect(findTableFunction('TUMBLE')?.kind).toBe('windowTable')
    expect(findFunction('CUMULATE')?.kind).toBe('windowTable')
  })

  test.skipIf(!existsSync(reference))('has every function of Flink 2.3 that SQL can call', () => {
    const rows = readFileSync(reference, 'utf8').trimEnd().split('\n')
    const missing = rows
      .map((line) => JSON.parse(line))
      .filter((row) => row.from === 'BuiltInFunctionDefinitions' && row.hasRuntimeImplementation && !row.internal)
      .map((row) => row.sqlName as string)
      .filter((name) => findFunction(name) === undefined && !notForUsers.has(name))
    expect(missing).toEqual([])
  })
})

/** Steps of Flink's own decimal sums. */
const notForUsers = new Set(['AGG_DECIMAL_PLUS', 'HIVE_AGG_DECIMAL_PLUS', 'AGG_DECIMAL_MINUS'])
