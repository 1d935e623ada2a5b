// A copy of the project in a folder of its own, for tests that run the command as a user would: own data, own ports.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot } from '../needs.ts'

export type Finished = { readonly code: number | null; readonly out: string; readonly err: string }

export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), 'sluice-project-'))

  constructor() {
    for (const part of ['bin', 'src', 'examples', 'sluice.yaml', 'package.json']) {
      cpSync(join(repositoryRoot, part), join(this.folder, part), {
        recursive: true,
        filter: (path) => !path.endsWith('.test.ts'),
      })
    }
    symlinkSync(join(repositoryRoot, 'node_modules'), join(this.folder, 'node_modules'))
  }

  /** Runs the command to its end. */
  sluice(words: readonly string[], env: Readonly<Record<string, string>> = {}): Finished {
    const { status, stdout, stderr } = spawnSync(join(this.folder, 'bin', 'sluice'), words, {
      cwd: this.folder,
      env: { ...process.env, NO_COLOR: '1', ...env },
      encoding: 'utf8',
      timeout: 60_000,
    })
    return { code: status, out: stdout, err: stderr }
  }

  start(words: readonly string[]): Running {
    return new Running(
      spawn(join(this.folder, 'bin', 'sluice'), words, {
        cwd: this.folder,
        env: { ...process.env, NO_COLOR: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    )
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export class Running {
  readonly child: ChildProcess
  out = ''
  err = ''
  readonly #exited: Promise<unknown>

  constructor(child: ChildProcess) {
    this.child = child
    this.#exited = once(child, 'close')
    child.stdout?.on('data', (chunk) => {
      this.out += chunk
    })
    child.stderr?.on('data', (chunk) => {
      this.err += chunk
    })
  }

  /** Resolves when standard output matches; rejects when the process ends before. */
  async printed(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.out)) {
      const ended = await Promise.race([
        once(this.child.stdout!, 'data').then(() => false),
        this.#exited.then(() => true),
      ])
      if (ended && !pattern.test(this.out)) throw new Error(`ended without ${pattern}:\n${this.out}\n${this.err}`)
    }
  }

  async end(signal?: NodeJS.Signals): Promise<Finished> {
    if (signal !== undefined) this.child.kill(signal)
    await this.#exited
    return { code: this.child.exitCode, out: this.out, err: this.err }
  }
}

/** Two neighbouring ports that are free now. */
export async function freePortPair(): Promise<number> {
  for (;;) {
    const port = await freePort(0)
    if (port !== undefined && (await freePort(port + 1)) !== undefined) return port
  }
}

async function freePort(port: number): Promise<number | undefined> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  } catch {
    return undefined
  } finally {
    server.close()
  }
}
