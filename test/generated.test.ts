// Files that are made from tables are up to date, and the schemas for editors judge files as Sluice itself does.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generatedFiles } from '../scripts/generate.ts'
import { repositoryRoot } from './needs.ts'

test.each(Object.entries(generatedFiles))('%s is what `node scripts/generate.ts` writes', (path, make) => {
  const file = join(repositoryRoot, path)
  expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(make())
})
