// `sluice validate`: proves pipeline files; exit code 1 when one of them would not start.
import { dirname } from 'node:path'
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts'
import { positionAt } from '../diagnostics/render.ts'
import type { CompiledPipeline } from '../pipeline/compile.ts'
import { type CompiledFile, compileFile } from './compile-file.ts'
import { withEnvironment } from './open-environment.ts'
import { type ExitCode, exitCodes, paint, printJson, printLine } from './output.ts'
import { printDiagnostics, textOf } from './print-diagnostics.ts'

type Options = { readonly env?: string; readonly json?: boolean }

export async function validateFiles(files: readonly string[], options: Options): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok
  for (const file of files) {
    const outcome = await withEnvironment(
      options.env,
      async (environment) => {
        const compiled = await compileFile(file, environment.registry)
        show(file, compiled, options)
        return compiled.pipeline === undefined || hasErrors(compiled.diagnostics) ? exitCodes.userMistake : exitCodes.ok
      },
      dirname(file),
    )
    if (outcome !== exitCodes.ok) code = outcome
  }
  return code
}

function show(file: string, { pipeline, diagnostics, texts }: CompiledFile, options: Options): void {
  if (options.json) {
    for (const diagnostic of diagnostics) printJson(asJson(file, diagnostic, textOf(diagnostic, texts)))
    return
  }
  printDiagnostics(diagnostics, texts)
  if (pipeline !== undefined && !hasErrors(diagnostics)) printLine(proof(file, pipeline))
}

function asJson(file: string, diagnostic: Diagnostic, text: string) {
  const { code, severity, message, span, expected, hint } = diagnostic
  const start = positionAt(text, span.start)
  const end = positionAt(text, span.end)
  return {
    file: diagnostic.file ?? file,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    severity,
    code,
    message,
    ...(expected === undefined ? {} : { expected }),
    ...(hint === undefined ? {} : { hint }),
  }
}

/** What was proved, and the Flink SQL that the pipeline stands for. */
function proof(file: string, pipeline: CompiledPipeline): string {
  const pinned = (schema: { readonly subject?: string; readonly version?: number; readonly id: number }) =>
    schema.subject === undefined ? `schema id ${schema.id}` : `${schema.subject} version ${schema.version}`
  return [
    `${paint('green', 'ok')} ${file}: pipeline ${pipeline.spec.name}`,
    ...pipeline.sources.map(({ spec, reader }) => `  reads ${spec.topic} (${pinned(reader)})`),
    ...pipeline.sinks.map(({ spec, writer }) => `  writes ${spec.topic} (${pinned(writer)}), ${spec.delivery}`),
    `  plan ${pipeline.fingerprint}: a version with the same plan goes on with the same state`,
    '',
    ...pipeline.statements.map((statement) => `${statement};`),
  ].join('\n')
}
