// `sluice schemas`: the registry's subjects, or one of them with its versions and newest text.
import { RegistryClient } from '../registry/registry-client.ts'
import { withEnvironment } from './open-environment.ts'
import { type ExitCode, exitCodes, formatTable, printJson, printLine } from './output.ts'

export async function showSchemas(
  subject: string | undefined,
  options: { readonly env?: string; readonly json?: boolean },
): Promise<ExitCode> {
  return withEnvironment(options.env, async (environment) => {
    const registry = new RegistryClient(environment.registry)
    try {
      await (subject === undefined ? listSubjects(registry, options) : showSubject(registry, subject, options))
      return exitCodes.ok
    } finally {
      registry.close()
    }
  })
}

async function listSubjects(registry: RegistryClient, options: { readonly json?: boolean }): Promise<void> {
  const subjects = [...(await registry.subjects())].sort()
  const rows = await Promise.all(subjects.map((name) => registry.version(name, 'latest')))
  if (options.json) {
    for (const { subject, version, id, schemaType } of rows) printJson({ subject, version, id, schemaType })
  } else if (rows.length === 0) {
    printLine('no subjects')
  } else {
    printLine(
      formatTable(
        ['subject', 'latest', 'id', 'type'],
        rows.map((row) => [row.subject, String(row.version), String(row.id), row.schemaType]),
      ),
    )
  }
}

async function showSubject(
  registry: RegistryClient,
  subject: string,
  options: { readonly json?: boolean },
): Promise<void> {
  const latest = await registry.version(subject, 'latest')
  const versions = await registry.versions(subject)
  if (options.json) {
    printJson({ subject, versions, latest: latest.version, id: latest.id, schema: JSON.parse(latest.text) })
    return
  }
  printLine(`${subject}: version ${latest.version} of ${versions.join(', ')}, id ${latest.id}`)
  printLine(JSON.stringify(JSON.parse(latest.text), null, 2))
}
