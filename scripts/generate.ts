// Writes what is made from tables in src/: run by hand after a table changed; a test fails while a file is out of date.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CodeEntry } from '../src/diagnostics/codes/code-entry.ts'
import { diagnosticCodes } from '../src/diagnostics/codes.ts'
import { projectShape } from '../src/pipeline/environment-shape.ts'
import { jsonSchemaOf } from '../src/pipeline/json-schema.ts'
import { pipelineShape } from '../src/pipeline/spec-shape.ts'
import { referencePage } from './reference-page.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Path in the repository → what makes its text. */
export const generatedFiles: Readonly<Record<string, () => string>> = {
  'docs/reference/pipeline.schema.json': () => printJson(jsonSchemaOf(pipelineShape, 'Sluice pipeline')),
  'docs/reference/diagnostics.md': diagnosticsPage,
  'docs/reference/pipeline.md': () =>
    referencePage(
      'The pipeline file',
      'Every key of a pipeline file. Editors that know JSON Schema complete and check it with [pipeline.schema.json](pipeline.schema.json).',
      pipelineShape,
    ),
  'docs/reference/sluice.md': () =>
    referencePage(
      'sluice.yaml',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the form that users write
      'Every key of `sluice.yaml`, which is searched from the folder of the pipeline file upward. A text may hold references to secrets, `${secret:name}`: the environment variable `SLUICE_SECRET_NAME`, or else the file `name` in the folder of secrets.',
      projectShape,
    ),
  'docs/reference/sluice.schema.json': () => printJson(jsonSchemaOf(projectShape, 'Sluice project (sluice.yaml)')),
}

const stages: Readonly<Record<string, string>> = {
  SYN: 'SQL that does not parse',
  NAM: 'Names',
  TYP: 'Types',
  STR: 'Streams',
  OPT: 'Pipeline files and settings',
  AVR: 'Avro schemas and the output proof',
  TGT: 'Targets',
  RUN: 'Running jobs',
}

function diagnosticsPage(): string {
  const lines = [
    '# Diagnostics',
    '',
    'Every code that Sluice can answer with. A code keeps its meaning for ever. This page is made from the table in the source.',
  ]
  for (const [stage, title] of Object.entries(stages)) {
    lines.push('', `## ${title}`)
    for (const [code, entry] of Object.entries<CodeEntry>(diagnosticCodes).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      if (!code.startsWith(stage)) continue
      lines.push('', `### ${code}: ${entry.title}`, '', entry.explanation)
      if (entry.bad !== undefined) lines.push('', 'Refused:', '', ...fenced(entry.bad))
      if (entry.good !== undefined) lines.push('', 'Accepted:', '', ...fenced(entry.good))
    }
  }
  return `${lines.join('\n')}\n`
}

const fenced = (text: string): readonly string[] => ['```', text, '```']

const LINE_WIDTH = 120

/** As the formatter wants it: objects on lines of their own, short lists on one. */
function printJson(value: unknown): string {
  return `${printValue(value, '', 0)}\n`
}

/** `used`: what stands on the line already, for lists that may fit on it. */
function printValue(value: unknown, indent: string, used: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    const line = `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
    const short = value.every((item) => typeof item !== 'object') && indent.length + used + line.length < LINE_WIDTH
    if (short) return line
    return `[\n${value.map((item) => inner + printValue(item, inner, 0)).join(',\n')}\n${indent}]`
  }
  const members = Object.entries(value).map(([name, member]) => {
    const key = `${JSON.stringify(name)}: `
    return inner + key + printValue(member, inner, key.length)
  })
  return members.length === 0 ? '{}' : `{\n${members.join(',\n')}\n${indent}}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, make] of Object.entries(generatedFiles)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), make())
    process.stdout.write(`wrote ${path}\n`)
  }
}
