// The documents at the root say nothing that is not there.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { repositoryRoot } from './needs.ts'

describe.each(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'])('%s', (document) => {
  const text = readFileSync(join(repositoryRoot, document), 'utf8')

  test('names only paths that exist', () => {
    const named = [...text.matchAll(/(?:^|[\s(`])((?:src|test|bench|examples|docs|scripts|bin)\/[\w./-]*)/g)].map(
      (match) => match[1]!.replace(/[.,]$/, ''),
    )
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((path) => !existsSync(join(repositoryRoot, path)))).toEqual([])
  })

  test('names only npm scripts that exist', () => {
    const scripts = Object.keys(JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')).scripts)
    const named = [...text.matchAll(/npm run (?:-s |--silent )?([\w:-]+)/g)].map((match) => match[1]!)
    expect(named.filter((name) => !scripts.includes(name))).toEqual([])
  })
})
