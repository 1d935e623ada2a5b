// Diagnostics for people: each with its place in the file, to stderr.
import { readFileSync } from 'node:fs'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { renderDiagnostic } from '../diagnostics/render.ts'
import { printError } from './output.ts'

/** `texts`: what diagnostics point into, by the file they name; what is not there is read from disk. */
export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  texts: ReadonlyMap<string, string> = new Map(),
): void {
  for (const diagnostic of diagnostics) printError(`${renderDiagnostic(diagnostic, textOf(diagnostic, texts))}\n`)
}

export function textOf(diagnostic: Diagnostic, texts: ReadonlyMap<string, string>): string {
  if (diagnostic.file === undefined) return ''
  const known = texts.get(diagnostic.file)
  if (known !== undefined) return known
  try {
    return readFileSync(diagnostic.file, 'utf8')
  } catch {
    // A file that cannot be read is what some diagnostics are about.
    return ''
  }
}
