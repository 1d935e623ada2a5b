// Installs what package-lock.json names when node_modules does not hold it yet. Plain JavaScript: it must run
// on whatever Node the machine has, before the project's own Node 24 is installed.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isInstalled } from './install-stamp.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

if (!isInstalled(root)) {
  const npm = process.env.npm_execpath
  if (!npm) {
    console.error('sluice: run this through npm (npm start, npm test), or run `npm ci` first')
    process.exit(2)
  }
  console.error('sluice: installing dependencies (once) …')
  const result = spawnSync(process.execPath, [npm, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (result.status !== 0) {
    console.error(`sluice: npm ci failed in ${join(root)}; its messages are above`)
    process.exit(2)
  }
}
