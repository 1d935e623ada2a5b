import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { lockFolder } from './folder-lock.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'sluice-lock-'))

/** A second process that takes the lock, says so, and holds it until it is killed. */
async function holder(path: string) {
  const module = fileURLToPath(new URL('./folder-lock.ts', import.meta.url))
  const script = `import { lockFolder } from ${JSON.stringify(module)}
    console.log(lockFolder(${JSON.stringify(path)}) ? 'held' : 'refused'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout, 'data')
  return { child, answer: String(line).trim() }
}

test('a folder that another process holds is refused, and free again when that process is killed', async () => {
  const path = folder()
  const { child, answer } = await holder(path)
  expect(answer).toBe('held')
  expect(lockFolder(path)).toBeUndefined()
  child.kill('SIGKILL')
  await once(child, 'exit')
  const lock = lockFolder(path)
  expect(lock).toBeDefined()
  lock?.release()
})

test('a released folder can be locked again in the same process', () => {
  const path = folder()
  lockFolder(path)?.release()
  const again = lockFolder(path)
  expect(again).toBeDefined()
  again?.release()
})

test('a folder that does not exist is an error, not a lock', () => {
  expect(() => lockFolder(join(folder(), 'absent'))).toThrow()
})
