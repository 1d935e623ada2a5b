// Runs after every `npm ci`: links the project's own command (npm does not link a root's bin) and stamps the install.
import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeStamp } from './install-stamp.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = join(root, 'node_modules', '.bin')
const link = join(bin, 'sluice')

mkdirSync(bin, { recursive: true })
if (existsSync(link) || lstatSync(link, { throwIfNoEntry: false })) rmSync(link)
symlinkSync(join('..', '..', 'bin', 'sluice'), link)
writeStamp(root)
