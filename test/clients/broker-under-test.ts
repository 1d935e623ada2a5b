// The brokers that clients are tried against. The same scenarios run on the embedded broker and on Kafka, so that a misreading of
// the protocol shows: transactions.test.ts runs on both wherever there is a JDK, and with SLUICE_TEST_BROKER=kafka all do.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker } from '../../src/embedded/broker/broker.ts'
import { startRealKafka } from '../e2e/real-kafka.ts'

export type BrokerKind = 'embedded' | 'kafka'

export type BrokerUnderTest = { readonly bootstrap: string; readonly port: number; close(): Promise<void> }

const defaultKind: BrokerKind = process.env.SLUICE_TEST_BROKER === 'kafka' ? 'kafka' : 'embedded'
/** For hooks: Kafka takes its time. */
export const startTimeoutMs = 180_000

export async function startBrokerUnderTest(kind = defaultKind): Promise<BrokerUnderTest> {
  if (kind === 'kafka') {
    const { port, stop } = await startRealKafka({ features: { 'transaction.version': 2 } })
    return { bootstrap: `127.0.0.1:${port}`, port, close: stop }
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-clients-'))
  const { bootstrap, port, close } = await startBroker({ dataDir, port: 0 })
  return {
    bootstrap,
    port,
    close: async () => {
      await close()
      rmSync(dataDir, { recursive: true })
    },
  }
}

let used = 0

/** A name that no other test against the same broker has used. */
export function freshName(subject: string): string {
  return `${subject}-${process.pid}-${Date.now()}-${used++}`
}
