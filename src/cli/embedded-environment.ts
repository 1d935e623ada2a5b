// The environment on this machine: an embedded Kafka and schema registry with their data in `.sluice/embedded`. One process owns
// it at a time; other commands join the one that runs, or start it for as long as they need it.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as elapsed } from 'node:timers/promises'
import { JobError } from '../diagnostics/job-error.ts'
import { type Broker, startBroker } from '../embedded/broker/broker.ts'
import { type EmbeddedRegistry, startRegistry } from '../embedded/registry/registry.ts'
import type { Environment } from '../pipeline/environment.ts'
import { type FolderLock, lockFolder } from '../targets/local/folder-lock.ts'

type EmbeddedSettings = Extract<Environment, { readonly kind: 'embedded' }>

type Address = { readonly bootstrap: string; readonly registryUrl: string; readonly pid: number }

export type EmbeddedEnvironment = Address & {
  /** False: another process runs it, and `close` leaves it running. */
  readonly owned: boolean
  close(): Promise<void>
}

/** 0: any free port. */
export type EmbeddedPorts = { readonly kafka: number; readonly registry: number }

/** How long the owner may take from its lock to its address. */
const JOIN_TIMEOUT_MS = 10_000

/** Disk use is capped: both bounds hold for each partition. */
const RETENTION = { bytes: 128 * 1024 * 1024, ms: 24 * 3_600_000 }

/** Joins the embedded environment that runs, or starts it. Throws a JobError, or the file system's error. */
export async function openEmbedded(
  settings: EmbeddedSettings,
  ports: EmbeddedPorts = { kafka: 0, registry: 0 },
): Promise<EmbeddedEnvironment> {
  const folder = join(settings.dataDir, 'embedded')
  mkdirSync(folder, { recursive: true })
  const lock = lockFolder(folder)
  return lock === undefined ? joinRunning(folder) : start(settings, folder, lock, ports)
}

async function joinRunning(folder: string): Promise<EmbeddedEnvironment> {
  for (const deadline = Date.now() + JOIN_TIMEOUT_MS; Date.now() < deadline; await elapsed(20)) {
    const address = readAddress(folder)
    if (address !== undefined) return { ...address, owned: false, close: async () => undefined }
  }
  throw new JobError('RUN210', `another process holds \`${folder}\`, but does not say where it listens`, {
    origin: 'external',
    retry: 'backoff',
    hint: 'End the other process, or wait until it has started.',
  })
}

async function start(
  settings: EmbeddedSettings,
  folder: string,
  lock: FolderLock,
  ports: EmbeddedPorts,
): Promise<EmbeddedEnvironment> {
  let registry: EmbeddedRegistry | undefined
  let broker: Broker | undefined
  const addressFile = join(folder, 'address.json')
  const close = async () => {
    rmSync(addressFile, { force: true })
    await broker?.close()
    await registry?.close()
    lock.release()
  }
  try {
    rmSync(addressFile, { force: true })
    registry = await startRegistry({ dataDir: join(folder, 'registry'), port: ports.registry })
    broker = await startBroker({
      dataDir: join(folder, 'broker'),
      port: ports.kafka,
      retention: RETENTION,
      topics: settings.topics,
    })
    for (const { subject, file } of settings.schemas) await seedSchema(registry.url, subject, file)
    const address: Address = { bootstrap: broker.bootstrap, registryUrl: registry.url, pid: process.pid }
    writeFileSync(`${addressFile}.new`, JSON.stringify(address))
    renameSync(`${addressFile}.new`, addressFile)
    return { ...address, owned: true, close }
  } catch (error) {
    await close()
    throw error
  }
}

function readAddress(folder: string): Address | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'address.json'), 'utf8')) as Address
  } catch {
    return undefined
  }
}

/** The user's own schema files, into the user's own registry: pipelines have no such call. */
async function seedSchema(url: string, subject: string, file: string): Promise<void> {
  const answer = await fetch(`${url}/subjects/${encodeURIComponent(subject)}/versions`, {
    method: 'POST',
    body: JSON.stringify({ schema: readFileSync(file, 'utf8') }),
  })
  if (answer.ok) return
  const { message } = (await answer.json()) as { message: string }
  throw new JobError('RUN211', `schema file \`${file}\` does not fit subject \`${subject}\`: ${message}`, {
    origin: 'user',
    retry: 'never',
    hint: 'Mend the file, or name another subject for it in sluice.yaml.',
  })
}
