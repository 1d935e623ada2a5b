// `npm start`, as a new user meets it.

import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePortPair, Project } from './project.ts'

const finding = /\d\d:\d\d:\d\d-\d\d:\d\d:\d\d {2}user-\d{4} {2}\d+ payment attempts/

describe('the demo', () => {
  let project: Project
  let port: string

  beforeAll(async () => {
    project = new Project()
    port = String(await freePortPair())
  })
  afterAll(() => project.remove())

  test('names who attempts too many payments, and ends by itself with exit code 0', () => {
    const { code, out, err } = project.sluice(['demo', '--port', port, '--for', '6s'])
    expect(err).toBe('')
    expect(out).toMatch(finding)
    expect(out).toMatch(/\d+ results, \d+ of them above 5 attempts in 10 seconds\n$/)
    expect(code).toBe(0)
  })

  test('goes on where it stopped, stops cleanly on Ctrl-C, and other commands join it while it runs', async () => {
    const demo = project.start(['demo', '--port', port])
    await demo.printed(finding)
    const topics = project.sluice(['topics', '--json'])
    const velocity = topics.out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
      .find(({ topic }) => topic === 'payments.velocity')
    expect(velocity.partitions.reduce((sum: number, each: { latest: number }) => sum + each.latest, 0)).toBeGreaterThan(
      0,
    )
    const tail = project.sluice(['tail', 'payments.velocity', '--from', 'earliest', '--limit', '2', '--json'])
    for (const line of tail.out.trim().split('\n')) {
      expect(JSON.parse(line)).toMatchObject({
        topic: 'payments.velocity',
        value: { paymentAttempts: expect.any(Number) },
      })
    }
    const second = project.sluice(['demo', '--port', port])
    expect(second).toMatchObject({ code: 2, out: '' })
    expect(second.err).toMatch(/^sluice: the embedded environment is in use by process \d+; end it first\n$/)
    const ended = await demo.end('SIGINT')
    expect(ended).toMatchObject({ code: 0, err: '' })
  })

  test('stops cleanly on SIGTERM too', async () => {
    const demo = project.start(['demo', '--port', port])
    await demo.printed(/Kafka on 127\.0\.0\.1/)
    expect((await demo.end('SIGTERM')).code).toBe(0)
  })

  test('a port in use is one clear line', async () => {
    const other = createServer()
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    const taken = String((other.address() as { port: number }).port)
    const { code, err } = project.sluice(['demo', '--port', taken])
    other.close()
    expect(err).toBe(
      `error RUN203: the broker cannot listen on \`127.0.0.1:${taken}\`: another program has this port\nhint: Stop the other program, or choose another port.\n`,
    )
    expect(code).toBe(2)
  })

  test('lost state of the pipeline is told, and --reset begins anew', () => {
    rmSync(join(project.folder, '.sluice', 'jobs'), { recursive: true })
    const lost = project.sluice(['demo', '--port', port, '--for', '10s'])
    expect(lost.err).toMatch(
      /^error RUN402: there is no state in .*\nhint: Begin anew with `npm start -- --reset`\.\n$/,
    )
    expect(lost.code).toBe(2)
    const anew = project.sluice(['demo', '--port', port, '--for', '5s', '--reset'])
    expect(anew).toMatchObject({ code: 0, err: '' })
    expect(anew.out).toMatch(finding)
  })

  test('a damaged data folder is one clear line', () => {
    const schemas = join(project.folder, '.sluice', 'embedded', 'registry', 'schemas.jsonl')
    writeFileSync(schemas, 'not what was written\n')
    const { code, err } = project.sluice(['demo', '--port', port])
    expect(err).toMatch(
      /^error AVR106: file `.*schemas\.jsonl` of the embedded schema registry is damaged in line 1\nhint: .*\n$/,
    )
    expect(code).toBe(2)
  })

  test('a data folder that cannot be made is one clear line', () => {
    rmSync(join(project.folder, '.sluice'), { recursive: true })
    writeFileSync(join(project.folder, '.sluice'), '')
    const { code, err } = project.sluice(['demo', '--port', port])
    expect(err).toMatch(/^sluice: .*\.sluice.*: is not a folder\n$/)
    expect(code).toBe(2)
  })
})
