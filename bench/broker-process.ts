// The embedded broker in a process of its own, so that its work is not counted as the engine's. Ends with its parent.
import { startBroker } from '../src/embedded/broker/broker.ts'

const broker = await startBroker({ dataDir: process.argv[2]!, port: 0, retention: { bytes: 2 ** 40 } })
process.once('disconnect', () => void broker.close().then(() => process.exit(0)))
process.send?.(broker.bootstrap)
