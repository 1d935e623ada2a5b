// Golden files: many short cases each. A case is a line `# why`, a text, `----`, and what is expected. UPDATE_GOLDENS=1 writes the
// files anew; the difference is then reviewed like code.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

type GoldenCase = { readonly why: string; readonly input: string; readonly expected: string }

/** Declares one test per case of every file in `folder` (beside this file). */
export function goldenTests(folder: string, answer: (input: string) => string): void {
  const path = join(import.meta.dirname, folder)
  for (const file of readdirSync(path).filter((name) => name.endsWith('.txt'))) {
    const cases = readCases(readFileSync(join(path, file), 'utf8'))
    if (process.env.UPDATE_GOLDENS === '1') writeFileSync(join(path, file), printCases(cases, answer))
    describe(`${folder}/${file}`, () => {
      for (const golden of readCases(readFileSync(join(path, file), 'utf8'))) {
        test(golden.why, () => {
          expect(answer(golden.input)).toBe(golden.expected)
        })
      }
    })
  }
}

function readCases(text: string): readonly GoldenCase[] {
  return text
    .split(/^(?=# )/m)
    .filter((part) => part.startsWith('# '))
    .map((part) => {
      const [head = '', expected = ''] = part.split(/^----\n/m)
      const newline = head.indexOf('\n')
      return { why: head.slice(2, newline), input: head.slice(newline + 1).trimEnd(), expected: expected.trimEnd() }
    })
}

function printCases(cases: readonly GoldenCase[], answer: (input: string) => string): string {
  return cases.map(({ why, input }) => `# ${why}\n${input}\n----\n${answer(input)}\n`).join('\n')
}
