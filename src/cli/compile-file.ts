// From a pipeline file to a compiled pipeline: file, schemas from the registry, proof. Nothing is started.
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { type CompiledPipeline, compilePipeline } from '../pipeline/compile.ts'
import { loadPipelineSpec } from '../pipeline/load-spec.ts'
import { resolveSchemas } from '../pipeline/resolve-schemas.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import type { RegistryConnection } from '../registry/registry-connection.ts'

export type CompiledFile = {
  readonly pipeline: CompiledPipeline | undefined
  readonly diagnostics: readonly Diagnostic[]
  /** What diagnostics point into, by the file they name. */
  readonly texts: ReadonlyMap<string, string>
}

/** Throws when the registry does not answer; all that the user can mend is in `diagnostics`. */
export async function compileFile(file: string, registry: RegistryConnection): Promise<CompiledFile> {
  const { value: spec, diagnostics, texts } = loadPipelineSpec(file)
  if (spec === undefined) return { pipeline: undefined, diagnostics, texts }
  const client = new RegistryClient(registry)
  try {
    const schemas = await resolveSchemas(spec, client)
    if (schemas.value === undefined) {
      return { pipeline: undefined, diagnostics: [...diagnostics, ...schemas.diagnostics], texts }
    }
    const compiled = compilePipeline(spec, schemas.value)
    return { pipeline: compiled.value, diagnostics: [...diagnostics, ...compiled.diagnostics], texts }
  } finally {
    client.close()
  }
}
