import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createKafkaClient } from './client.ts'
import { Connection } from './connection.ts'
import { ConnectionLost } from './kafka-error.ts'
import type { ResponseInput } from './protocol/api.ts'
import { apis } from './protocol/apis.ts'
import { decodeRequest, encodeResponse, FrameSplitter } from './protocol/frames.ts'
import { apiVersions } from './protocol/messages/api-versions.ts'
import { metadata } from './protocol/messages/metadata.ts'
import { openTransport } from './transport.ts'

let server: Server | undefined
const open: Socket[] = []

afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy()
  server?.close()
})

/** What a broker does with a request; the answer to ApiVersions in `offer` is given by itself. */
type Behaviour = {
  offer?: ResponseInput<typeof apiVersions>
  onRequest?: (socket: Socket, id: number, key: number) => void
}

const everything: ResponseInput<typeof apiVersions> = {
  apiKeys: apis.map((api) => ({ apiKey: api.key, minVersion: api.minVersion, maxVersion: api.maxVersion })),
}

async function fakeBroker({ offer = everything, onRequest = () => {} }: Behaviour): Promise<number> {
  server = createServer((socket) => {
    open.push(socket)
    const splitter = new FrameSplitter((frame) => {
      const request = decodeRequest(frame)
      if (request.api !== apiVersions) return onRequest(socket, request.correlationId, request.apiKey)
      const isRefused = request.version > 0 && offer.errorCode === 35
      const version = isRefused ? 0 : request.version
      const answer = isRefused ? offer : { ...offer, errorCode: 0 }
      socket.write(Buffer.concat(encodeResponse(apiVersions, version, request.correlationId, answer)))
    })
    socket.on('data', (chunk: Buffer) => splitter.push(chunk))
    socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const connect = (port: number, requestTimeoutMs = 5000) =>
  Connection.open({ host: '127.0.0.1', port }, { bootstrap: [], requestTimeoutMs })

const answerWith = (controllerId: number) => (socket: Socket, id: number) =>
  socket.write(Buffer.concat(encodeResponse(metadata, 13, id, { controllerId })))

test('requests in flight find their answers', async () => {
  const connection = await connect(await fakeBroker({ onRequest: (socket, id) => answerWith(id)(socket, id) }))
  const answers = await Promise.all(Array.from({ length: 20 }, () => connection.send(metadata, {})))
  const ids = answers.map((answer) => answer.controllerId)
  expect(ids).toEqual(ids.map((_, index) => (ids[0] as number) + index))
  connection.close()
})

test('a broker that knows no newer ApiVersions is asked the old way', async () => {
  const connection = await connect(await fakeBroker({ offer: { ...everything, errorCode: 35 } }))
  expect(connection.versionOf(metadata)).toBe(13)
  connection.close()
})

test('a request that the broker does not offer names the broker', async () => {
  const connection = await connect(
    await fakeBroker({ offer: { apiKeys: [{ apiKey: 3, minVersion: 90, maxVersion: 99 }] } }),
  )
  await expect(connection.send(metadata, {})).rejects.toMatchObject({ code: 'RUN107', retry: 'never' })
  connection.close()
})

test('no answer in time: the request may have had its effect, and the connection is given up', async () => {
  const connection = await connect(await fakeBroker({}), 50)
  await expect(connection.send(metadata, {})).rejects.toMatchObject({
    sent: true,
    message: expect.stringContaining('gave no answer to Metadata in 50 ms'),
  })
  expect(connection.isLost).toBe(true)
  await expect(connection.send(metadata, {})).rejects.toMatchObject({ sent: false })
})

test('a broker that hangs up fails every request in flight', async () => {
  const connection = await connect(await fakeBroker({ onRequest: (socket) => socket.destroy() }))
  const results = await Promise.allSettled([connection.send(metadata, {}), connection.send(metadata, {})])
  expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected'])
})

test.each([
  ['text', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ['an answer that is cut', Buffer.from([0, 0, 0, 6, 0x40, 0, 0, 1, 0, 0])],
])('%s instead of an answer ends the connection, not the process', async (_, bytes) => {
  const connection = await connect(await fakeBroker({ onRequest: (socket) => socket.write(bytes) }))
  await expect(connection.send(metadata, {})).rejects.toBeInstanceOf(ConnectionLost)
  expect(connection.isLost).toBe(true)
})

test('where nobody listens the failure says where and why', async () => {
  const port = await fakeBroker({})
  server?.close()
  await expect(openTransport({ host: '127.0.0.1', port }, { bootstrap: [] })).rejects.toMatchObject({
    sent: false,
    message: `the connection to 127.0.0.1:${port} failed: ECONNREFUSED`,
  })
})

test('settings that cannot be right are refused by name', async () => {
  expect(() => createKafkaClient({ bootstrap: ['localhost'] })).toThrow(
    expect.objectContaining({ code: 'RUN109', message: 'bootstrap server `localhost` is not written host:port' }),
  )
  expect(() => createKafkaClient({ bootstrap: ['[::1]:9092', 'host:1'] })).not.toThrow()
  const broken = openTransport({ host: '127.0.0.1', port: 1 }, { bootstrap: [], tls: { cert: 'x', key: 'y' } })
  await expect(broken).rejects.toMatchObject({ code: 'RUN109', retry: 'never' })
})
