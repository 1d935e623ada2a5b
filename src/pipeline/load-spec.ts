// Reads a pipeline file, and the SQL file that it may name, from disk.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Checked } from '../diagnostics/diagnostic.ts'
import { readPipelineSpec } from './read-spec.ts'
import type { PipelineSpec } from './spec.ts'

export type LoadedSpec = Checked<PipelineSpec> & {
  /** The texts that diagnostics may point into, by the `file` they name. */
  readonly texts: ReadonlyMap<string, string>
}

/** `path` as the user gave it. */
export function loadPipelineSpec(path: string): LoadedSpec {
  const texts = new Map<string, string>()
  const read = (file: string): string | undefined => {
    try {
      const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
      texts.set(file, text)
      return text
    } catch {
      return undefined
    }
  }
  const text = read(path)
  if (text === undefined) {
    const message = `pipeline file \`${path}\` cannot be read`
    const diagnostic = { code: 'OPT009', severity: 'error', message, span: { start: 0, end: 0 } } as const
    return { value: undefined, diagnostics: [diagnostic], texts }
  }
  const checked = readPipelineSpec(text, path, (relativePath) => {
    const file = join(dirname(path), relativePath)
    const sql = read(file)
    return sql === undefined ? undefined : { path: file, text: sql }
  })
  return { ...checked, texts }
}
