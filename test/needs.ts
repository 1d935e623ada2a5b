// What a test needs beyond Node: a JDK with Maven, Python's clients, the shared goldens. Where a need is missing its tests are
// left out with the reason in the output; with CI=true or SLUICE_TEST=all that is a failure instead (goldens excepted: they
// live outside the repository).
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repositoryRoot = dirname(dirname(fileURLToPath(import.meta.url)))

/** Recorded answers of real Flink and Avro; SLUICE_GOLDENS names another folder. */
export const goldensRoot = process.env.SLUICE_GOLDENS ?? resolve(repositoryRoot, '..', 'shared', 'goldens')

export const pythonPath = join(repositoryRoot, '.venv', 'bin', 'python')

type Need = { readonly missing: () => string | undefined; readonly optionalInCi?: boolean }

const runs = (command: string, argument: string) => spawnSync(command, [argument], { stdio: 'ignore' }).status === 0

const needs = {
  jdk: {
    missing: () =>
      runs('java', '-version') && runs('mvn', '--version') ? undefined : 'no JDK with Maven on this machine',
  },
  python: {
    missing: () =>
      existsSync(pythonPath) ? undefined : 'no .venv with the Python clients (scripts/python-venv.sh makes it)',
  },
  goldens: {
    missing: () => (existsSync(goldensRoot) ? undefined : `no goldens at ${goldensRoot}`),
    optionalInCi: true,
  },
} as const satisfies Readonly<Record<string, Need>>

const everythingMustRun = process.env.CI === 'true' || process.env.SLUICE_TEST === 'all'

/** The reason to leave tests out, or undefined when all needs are met. Throws where leaving out is a failure. */
export function reasonToSkip(...names: readonly (keyof typeof needs)[]): string | undefined {
  for (const name of names) {
    const need: Need = needs[name]
    const reason = need.missing()
    if (reason === undefined) continue
    if (everythingMustRun && !need.optionalInCi) throw new Error(`cannot leave tests out here: ${reason}`)
    return reason
  }
  return undefined
}
