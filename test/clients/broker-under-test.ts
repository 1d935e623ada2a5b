// The broker that foreign clients are tried against: the embedded one, or the real one that SLUICE_TEST_BOOTSTRAP names. The same
// scenarios run against both, so that a misreading of the protocol shows.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker } from '../../src/embedded/broker/broker.ts'

export type BrokerUnderTest = { readonly bootstrap: string; close(): Promise<void> }

export async function startBrokerUnderTest(): Promise<BrokerUnderTest> {
  const real = process.env.SLUICE_TEST_BOOTSTRAP
  if (real !== undefined) return { bootstrap: real, close: async () => {} }
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-clients-'))
  const broker = await startBroker({ dataDir, port: 0 })
  return {
    bootstrap: broker.bootstrap,
    close: async () => {
      await broker.close()
      rmSync(dataDir, { recursive: true })
    },
  }
}

let used = 0

/** A name that no earlier run against the same broker has used. */
export function freshName(subject: string): string {
  return `${subject}-${process.pid}-${Date.now()}-${used++}`
}
