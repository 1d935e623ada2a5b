// Who may import whom. The table is the one in ARCHITECTURE.md; a folder that is not in it may not exist.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { repositoryRoot } from './needs.ts'

const mayImport: Readonly<Record<string, readonly string[]>> = {
  diagnostics: [],
  types: ['diagnostics'],
  sql: ['diagnostics'],
  functions: ['types', 'diagnostics'],
  avro: ['types', 'diagnostics'],
  catalog: ['avro', 'types', 'diagnostics'],
  plan: ['types', 'functions', 'diagnostics'],
  validator: ['sql', 'catalog', 'avro', 'functions', 'plan', 'types', 'diagnostics'],
  planner: ['plan', 'functions', 'types', 'diagnostics'],
  registry: ['avro', 'diagnostics'],
  kafka: ['diagnostics'],
  engine: ['plan', 'functions', 'types', 'avro', 'diagnostics'],
  connectors: ['engine', 'kafka', 'avro', 'registry', 'catalog', 'plan', 'types', 'diagnostics'],
  pipeline: ['sql', 'catalog', 'validator', 'planner', 'plan', 'avro', 'registry', 'types', 'diagnostics'],
  replay: ['pipeline', 'plan', 'engine', 'connectors', 'diagnostics'],
  targets: ['pipeline', 'plan', 'engine', 'diagnostics'],
  'targets/local': ['targets', 'pipeline', 'plan', 'engine', 'connectors', 'kafka', 'registry', 'diagnostics'],
  embedded: ['kafka', 'avro', 'diagnostics'],
  api: ['diagnostics', 'types', 'pipeline'],
  server: [
    'pipeline',
    'replay',
    'targets',
    'api',
    'catalog',
    'embedded',
    'connectors',
    'registry',
    'kafka',
    'avro',
    'diagnostics',
  ],
  cli: [
    'pipeline',
    'replay',
    'targets',
    'targets/local',
    'api',
    'catalog',
    'embedded',
    'connectors',
    'registry',
    'kafka',
    'avro',
    'diagnostics',
    'sql',
  ],
}

/** Folders (and one file) that also run in the browser: no `node:` import, no Node global. */
const pure = ['diagnostics', 'types', 'sql', 'functions', 'avro', 'catalog', 'plan', 'validator', 'planner']
const pureEntry = 'pipeline/compile.ts'

const sourceRoot = join(repositoryRoot, 'src')

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (entry.name.endsWith('.ts')) yield path
  }
}

const importPattern = /(?:^|\n)\s*(?:import|export)\b[^'"\n]*(?:\n[^'"]*?)?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)/g

type Import = { readonly from: string; readonly to: string; readonly external: boolean }

const files = [...filesBelow(sourceRoot)].map((path) => relative(sourceRoot, path))
const isTest = (file: string) => file.endsWith('.test.ts')

const imports: readonly Import[] = files.flatMap((from) => {
  const text = readFileSync(join(sourceRoot, from), 'utf8')
  return [...text.matchAll(importPattern)].map((match): Import => {
    const specifier = (match[1] ?? match[2])!
    return specifier.startsWith('.')
      ? { from, to: normalize(join(dirname(from), specifier)), external: false }
      : { from, to: specifier, external: true }
  })
})

const folderOf = (file: string): string => {
  const [first, second] = file.split('/')
  return `${first}/${second}` in mayImport ? `${first}/${second}` : first!
}

const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

describe('the import table', () => {
  test('every folder of src is in it', () => {
    const folders = readdirSync(sourceRoot).filter((name) => statSync(join(sourceRoot, name)).isDirectory())
    expect(folders.filter((folder) => !(folder in mayImport))).toEqual([])
  })

  test('no file imports a folder that its own may not', () => {
    const wrong = imports
      .filter(({ from, external }) => !external && !isTest(from))
      .filter(({ from, to }) => folderOf(from) !== folderOf(to) && !mayImport[folderOf(from)]?.includes(folderOf(to)))
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
  })

  test('a third-party library is imported in one folder only', () => {
    const folders = new Map<string, Set<string>>()
    for (const { from, to, external } of imports) {
      if (!external || to.startsWith('node:') || isTest(from)) continue
      const name = packageOf(to)
      folders.set(name, (folders.get(name) ?? new Set()).add(folderOf(from)))
    }
    expect([...folders].filter(([, used]) => used.size > 1).map(([name, used]) => `${name}: ${[...used]}`)).toEqual([])
  })

  test('there is no import cycle between files', () => {
    const edges = new Map<string, string[]>()
    for (const { from, to, external } of imports) if (!external) edges.set(from, [...(edges.get(from) ?? []), to])
    const state = new Map<string, 'open' | 'done'>()
    const cycles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'done') return
      if (state.get(file) === 'open') {
        cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
        return
      }
      state.set(file, 'open')
      for (const next of edges.get(file) ?? []) visit(next, [...path, file])
      state.set(file, 'done')
    }
    for (const file of files) visit(file, [])
    expect(cycles).toEqual([])
  })
})

describe('the browser-safe part', () => {
  const reachable = new Set<string>()
  const reach = (file: string): void => {
    if (reachable.has(file)) return
    reachable.add(file)
    for (const { from, to, external } of imports) if (from === file && !external) reach(to)
  }
  for (const file of files) if (!isTest(file) && pure.includes(folderOf(file))) reach(file)
  if (files.includes(pureEntry)) reach(pureEntry)

  test('imports nothing of Node', () => {
    const wrong = imports.filter(({ from, to, external }) => reachable.has(from) && external && to.startsWith('node:'))
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
  })

  test('uses no Node global', () => {
    const wrong = [...reachable].filter((file) =>
      /\b(?:Buffer\.|process\.|__dirname|require\()/.test(
        readFileSync(join(sourceRoot, file), 'utf8').replaceAll(/\/\/.*|\/\*[\s\S]*?\*\//g, ''),
      ),
    )
    expect(wrong).toEqual([])
  })
})
