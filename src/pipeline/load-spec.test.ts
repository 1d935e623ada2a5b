import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadPipelineSpec } from './load-spec.ts'

test('a pipeline file and the SQL file beside it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-spec-'))
  try {
    const path = join(folder, 'p.yaml')
    expect(loadPipelineSpec(path).diagnostics).toMatchObject([
      { code: 'OPT009', message: `pipeline file \`${path}\` cannot be read` },
    ])
    writeFileSync(
      path,
      '\uFEFFname: p\nsources: { t: { topic: t, value: { schemaId: 1 } } }\nsqlFile: q.sql\nsinks: { s: { topic: s, value: { schemaId: 2 } } }\n',
    )
    expect(loadPipelineSpec(path).diagnostics).toMatchObject([
      { code: 'OPT009', message: 'file `q.sql` cannot be read' },
    ])
    writeFileSync(join(folder, 'q.sql'), 'SELECT 1')
    const { value, texts } = loadPipelineSpec(path)
    expect(value!.sql).toMatchObject({ text: 'SELECT 1', file: join(folder, 'q.sql') })
    expect([...texts.keys()]).toEqual([path, join(folder, 'q.sql')])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
