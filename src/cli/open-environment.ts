// From `--env` to connections: reads sluice.yaml, starts or joins the embedded environment where none is named.
import { join } from 'node:path'
import type { KafkaConnectionSettings } from '../kafka/settings.ts'
import { loadEnvironment } from '../pipeline/environment.ts'
import type { RegistryConnection } from '../registry/registry-connection.ts'
import { openEmbedded } from './embedded-environment.ts'
import { type ExitCode, exitCodes } from './output.ts'
import { printDiagnostics } from './print-diagnostics.ts'

export type OpenEnvironment = {
  readonly name: string
  readonly kafka: KafkaConnectionSettings
  readonly registry: RegistryConnection
  /** Where jobs on this machine keep their state, a folder each. */
  readonly stateDirectory: string
  close(): Promise<void>
}

/** Undefined when it was told why not. `folder` is where the search for sluice.yaml begins. */
async function openEnvironment(name: string | undefined, folder = process.cwd()): Promise<OpenEnvironment | undefined> {
  const { value: environment, diagnostics } = loadEnvironment(folder, name)
  printDiagnostics(diagnostics)
  if (environment === undefined) return undefined
  const stateDirectory = join(environment.dataDir, 'jobs', environment.name)
  if (environment.kind === 'configured') {
    const { kafka, registry } = environment
    return { name: environment.name, kafka, registry, stateDirectory, close: async () => undefined }
  }
  const embedded = await openEmbedded(environment)
  return {
    name: environment.name,
    kafka: { bootstrap: [embedded.bootstrap] },
    registry: { urls: [embedded.registryUrl] },
    stateDirectory,
    close: () => embedded.close(),
  }
}

export async function withEnvironment(
  name: string | undefined,
  work: (environment: OpenEnvironment) => Promise<ExitCode>,
  folder?: string,
): Promise<ExitCode> {
  const environment = await openEnvironment(name, folder)
  if (environment === undefined) return exitCodes.userMistake
  try {
    return await work(environment)
  } finally {
    await environment.close()
  }
}
