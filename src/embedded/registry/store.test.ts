import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deleteSubject, deleteVersion, register } from './operations.ts'
import { Refusal } from './refusal.ts'
import { Store } from './store.ts'

type Operation =
  | { readonly kind: 'register'; readonly subject: string; readonly schema: string }
  | { readonly kind: 'deleteVersion'; readonly subject: string; readonly version: string; readonly permanent: boolean }
  | { readonly kind: 'deleteSubject'; readonly subject: string; readonly permanent: boolean }
  | { readonly kind: 'config'; readonly scope: string; readonly level: string | null }
  | { readonly kind: 'mode'; readonly scope: string; readonly mode: string | null }

const subject = fc.constantFrom('a-value', 'b-value', ':.east:a-value', '__proto__', 'constructor')
const schema = fc.constantFrom('"int"', '"long"', '"string"', '{"type":"record","name":"R","fields":[]}')
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('register' as const), subject, schema }) },
  fc.record({
    kind: fc.constant('deleteVersion' as const),
    subject,
    version: fc.constantFrom('1', '2', 'latest'),
    permanent: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('deleteSubject' as const), subject, permanent: fc.boolean() }),
  fc.record({ kind: fc.constant('config' as const), scope: subject, level: fc.constantFrom('NONE', 'FULL', null) }),
  fc.record({
    kind: fc.constant('mode' as const),
    scope: subject,
    mode: fc.constantFrom('READONLY', 'READWRITE', null),
  }),
)

function apply(store: Store, op: Operation): void {
  try {
    if (op.kind === 'register') register(store, op.subject, { schema: op.schema, references: [] }, false)
    else if (op.kind === 'deleteVersion') deleteVersion(store, op.subject, op.version, op.permanent)
    else if (op.kind === 'deleteSubject') deleteSubject(store, op.subject, op.permanent)
    else if (op.kind === 'config') store.setConfig(op.scope, op.level === null ? null : { compatibility: op.level })
    else store.setMode(op.scope, op.mode)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
}

function everything(store: Store): unknown {
  const subjects = [...store.subjects()].sort()
  const ids = store
    .contexts()
    .map((context) => [context, Array.from({ length: 12 }, (_, id) => store.byId(context, id)?.schema)])
  return { subjects: subjects.map((name) => [store.versions(name), store.config(name), store.mode(name)]), ids }
}

test('whatever was done, a restart finds the same, and ids and versions never mean two things', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-store-'))
  let run = 0
  try {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 25 }), (operations) => {
        const path = join(folder, `${run++}.jsonl`)
        const store = new Store(path)
        const meanings = new Map<string, string>()
        for (const op of operations) {
          apply(store, op)
          for (const name of store.subjects()) {
            for (const entry of store.versions(name)) {
              const key = `${name.startsWith(':.east:')} ${entry.id}`
              expect(meanings.get(key) ?? entry.schema).toBe(entry.schema)
              meanings.set(key, entry.schema)
            }
          }
        }
        const before = everything(store)
        store.close()
        const again = new Store(path)
        expect(everything(again)).toEqual(before)
        again.close()
      }),
      { numRuns: 60 },
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})
