// Where pipelines run: sluice.yaml, searched upward, and the environment of it that --env names, with its secrets put in.
// Without the file or the name it is the embedded environment, which others start.
import { readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Checked, Diagnostic } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { RegistryConnection } from '../registry/registry-connection.ts'
import { checkShape } from './check-shape.ts'
import { EnvironmentReader, type KafkaSettings } from './environment-reader.ts'
import { projectShape } from './environment-shape.ts'
import { entriesOf, entriesOfTexts, mapOf, textOf } from './yaml-access.ts'
import { parseYaml, type YamlMap } from './yaml-tree.ts'

export type Environment =
  /** The broker and registry that come with Sluice. */
  | {
      readonly kind: 'embedded'
      readonly name: 'embedded'
      readonly dataDir: string
      /** What it holds from its start. */
      readonly topics: readonly { readonly name: string; readonly partitions: number }[]
      /** `file` is absolute. */
      readonly schemas: readonly { readonly subject: string; readonly file: string }[]
    }
  | {
      readonly kind: 'configured'
      readonly name: string
      /** `.sluice` beside sluice.yaml. */
      readonly dataDir: string
      readonly kafka: KafkaSettings
      readonly registry: RegistryConnection
      readonly target: 'local'
    }

const PROJECT_FILE = 'sluice.yaml'

/** `folder` is where the search for sluice.yaml begins: the pipeline file's folder, or the current one. */
export function loadEnvironment(
  folder: string,
  name: string | undefined,
  processEnv: Readonly<Record<string, string | undefined>> = process.env,
): Checked<Environment> {
  const file = findProjectFile(folder)
  const dataDir = join(file === undefined ? resolve(folder) : dirname(file), '.sluice')
  const embedded: Environment = { kind: 'embedded', name: 'embedded', dataDir, topics: [], schemas: [] }
  if (file === undefined) {
    if (name === undefined) return { value: embedded, diagnostics: [] }
    const hint = `Write one, or leave --env out to use the embedded environment.`
    return refused(
      'OPT012',
      `environment \`${name}\` needs a file \`${PROJECT_FILE}\`, but there is none here or above`,
      hint,
    )
  }
  const shown = shownPath(file)
  const { value: root, diagnostics } = parseYaml(readFileSync(file, 'utf8'), shown)
  if (root === undefined) return { value: undefined, diagnostics }
  const misfits = checkShape(root, projectShape, shown)
  if (misfits.length > 0 || root.kind !== 'map') return { value: undefined, diagnostics: misfits }
  if (name === undefined) return { value: { ...embedded, ...readSeed(root, dirname(file)) }, diagnostics: [] }
  return readEnvironment(root, name, file, dataDir, processEnv)
}

function readSeed(root: YamlMap, folder: string) {
  const embedded = mapOf(root, 'embedded')
  return {
    topics: entriesOfTexts(embedded, 'topics').map(([name, partitions]) => ({ name, partitions: Number(partitions) })),
    schemas: entriesOfTexts(embedded, 'schemas').map(([subject, file]) => ({ subject, file: resolve(folder, file) })),
  }
}

function readEnvironment(
  root: YamlMap,
  name: string,
  file: string,
  dataDir: string,
  processEnv: Readonly<Record<string, string | undefined>>,
): Checked<Environment> {
  const shown = shownPath(file)
  const environments = entriesOf(root, 'environments')
  const node = environments.find(([each]) => each === name)?.[1]
  if (node === undefined) {
    const names = environments.map(([each]) => each)
    const near = didYouMean(name, names)
    const hint =
      near === undefined
        ? `Its environments are ${names.map((each) => `\`${each}\``).join(', ') || 'none'}.`
        : `Did you mean \`${near}\`?`
    return refused('OPT011', `environment \`${name}\` does not exist in \`${shown}\``, hint)
  }
  const secretsDir = resolve(dirname(file), textOf(root, 'secrets') ?? join('.sluice', 'secrets'))
  const reader = new EnvironmentReader(file, shown, secretsDir, processEnv)
  const value: Environment = {
    kind: 'configured',
    name,
    dataDir,
    kafka: reader.kafka(node, name),
    registry: reader.registry(node, name),
    target: 'local',
  }
  return { value: reader.diagnostics.length > 0 ? undefined : value, diagnostics: reader.diagnostics }
}

function findProjectFile(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const candidate = join(at, PROJECT_FILE)
    if (statSync(candidate, { throwIfNoEntry: false })?.isFile() === true) return candidate
    if (dirname(at) === at) return undefined
  }
}

/** As a user would type it. */
function shownPath(file: string): string {
  const path = relative(process.cwd(), file)
  return path.startsWith('..') ? file : path
}

/** About a whole file or none: it has no place to show. */
function refused(code: Diagnostic['code'], message: string, hint: string): Checked<Environment> {
  return { value: undefined, diagnostics: [{ code, severity: 'error', message, span: { start: 0, end: 0 }, hint }] }
}
