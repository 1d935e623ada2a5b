// A TCP proxy before a Kafka broker that sees each request's API key before the broker does. A test can act at the exact
// moment between two requests of a client, without any hook in the product.

import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'

export const apiKeys = { produce: 0, endTxn: 26 } as const

/** What to do with a request: `cut` drops it with its connection, so the broker never sees it. */
export type Verdict = 'forward' | 'cut'

export type KafkaProxy = {
  readonly port: number
  /** Asked for every request, in order per connection. Replace it to act. */
  onRequest: (apiKey: number, clientId: string) => Verdict
  close(): Promise<void>
}

/** Listens on a port of the kernel's; `targetPort` is asked at each connection, so the broker may start later. */
export async function startKafkaProxy(targetPort: () => number): Promise<KafkaProxy> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((client) => {
    const broker = connect(targetPort(), '127.0.0.1')
    for (const socket of [client, broker]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => socket.destroy())
    }
    client.on('close', () => {
      broker.destroy()
      sockets.delete(client)
    })
    broker.on('close', () => {
      client.destroy()
      sockets.delete(broker)
    })
    broker.pipe(client)
    let pending: Buffer = Buffer.alloc(0)
    client.on('data', (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
      while (pending.length >= 4) {
        const size = 4 + pending.readInt32BE(0)
        if (pending.length < size) return
        // RequestHeader => size INT32, api_key INT16, api_version INT16, correlation_id INT32, client_id NULLABLE_STRING
        const clientIdLength = Math.max(0, pending.readInt16BE(12))
        const clientId = pending.toString('utf8', 14, 14 + clientIdLength)
        if (proxy.onRequest(pending.readInt16BE(4), clientId) === 'cut') {
          client.destroy()
          return
        }
        broker.write(pending.subarray(0, size))
        pending = pending.subarray(size)
      }
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const proxy: KafkaProxy = {
    port: (server.address() as AddressInfo).port,
    onRequest: () => 'forward',
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
  return proxy
}
