import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Group, type JoinAnswer, type JoinRequest, type SyncAnswer } from './group.ts'

const sessionTimeoutMs = 10_000
const rebalanceTimeoutMs = 30_000
const subscription = (text: string) => new Uint8Array(Buffer.from(text))

let group: Group
beforeEach(() => {
  vi.useFakeTimers()
  group = new Group('g')
})
afterEach(() => {
  group.close()
  vi.useRealTimers()
})

const request = (changes: Partial<JoinRequest> = {}): JoinRequest => ({
  memberId: '',
  instanceId: null,
  clientId: 'client',
  clientHost: '/127.0.0.1',
  sessionTimeoutMs,
  rebalanceTimeoutMs,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: subscription('t') }],
  needsMemberId: true,
  canSkipAssignment: true,
  ...changes,
})

type Joined = Extract<JoinAnswer, { error: undefined }>

/** What an answer that may not be there yet is now. */
async function now<T>(promise: Promise<T>): Promise<T | 'waiting'> {
  await vi.advanceTimersByTimeAsync(0)
  return Promise.race([promise, Promise.resolve('waiting' as const)])
}

async function memberId(changes: Partial<JoinRequest> = {}): Promise<string> {
  const answer = await group.join(request(changes))
  expect(answer.error).toBe('MEMBER_ID_REQUIRED')
  return answer.memberId
}

const speaker = (joined: Joined, instanceId: string | null = null) => ({
  memberId: joined.memberId,
  instanceId,
  generation: joined.generation,
})

async function settled(promise: Promise<JoinAnswer>): Promise<Joined> {
  const answer = await promise
  expect(answer.error).toBeUndefined()
  return answer as Joined
}

/** A stable group of this many members; each is assigned its own number. */
async function stable(count: number, changes: Partial<JoinRequest> = {}): Promise<Joined[]> {
  const joining: Promise<JoinAnswer>[] = []
  for (let i = 0; i < count; i++) {
    const instance = changes.instanceId ? { instanceId: `${changes.instanceId}${i}` } : {}
    const id = changes.instanceId ? '' : await memberId()
    joining.push(group.join(request({ ...changes, ...instance, memberId: id })))
  }
  await vi.advanceTimersByTimeAsync(100)
  const joined = await Promise.all(joining.map(settled))
  const leader = joined.find((member) => member.memberId === member.leaderId)!
  const syncing = joined.map((member, i) => {
    const assignments =
      member === leader ? joined.map((m, n) => ({ memberId: m.memberId, assignment: subscription(`${n}`) })) : []
    return group.sync(speaker(member, changes.instanceId ? `${changes.instanceId}${i}` : null), assignments)
  })
  const synced = await Promise.all(syncing)
  expect(synced.map((answer) => answer.error === undefined && Buffer.from(answer.assignment).toString())).toEqual(
    joined.map((_, i) => `${i}`),
  )
  return joined
}

test('members that start together share one generation, the first leads and sees all', async () => {
  const [a, b, c] = await stable(3)
  expect([a!.generation, b!.generation, c!.generation]).toEqual([1, 1, 1])
  expect(a!.leaderId).toBe(a!.memberId)
  expect(a!.members.map((member) => member.memberId).sort()).toEqual([a, b, c].map((m) => m!.memberId).sort())
  expect(b!.members).toEqual([])
  expect(group.state).toBe('Stable')
})

test('a new member makes the others join again', async () => {
  const [a] = await stable(1)
  const id = await memberId()
  const joining = group.join(request({ memberId: id }))
  expect(await now(joining)).toBe('waiting')
  expect(group.heartbeat(speaker(a!))).toBe('REBALANCE_IN_PROGRESS')
  expect(await group.sync(speaker(a!), [])).toEqual({ error: 'REBALANCE_IN_PROGRESS' })
  const again = group.join(request({ memberId: a!.memberId }))
  const [first, second] = [await settled(again), await settled(joining)]
  expect([first.generation, second.generation]).toEqual([2, 2])
  expect(first.leaderId).toBe(a!.memberId)
  expect(group.heartbeat(speaker(a!))).toBe('ILLEGAL_GENERATION')
})

test('a member that does not join again in time is left behind', async () => {
  const [a, b] = await stable(2)
  const joining = group.join(
    request({ memberId: a!.memberId, protocols: [{ name: 'range', metadata: subscription('u') }] }),
  )
  for (let waited = 0; waited < rebalanceTimeoutMs; waited += 5000) {
    expect(await now(joining)).toBe('waiting')
    expect(group.heartbeat(speaker(b!))).toBe('REBALANCE_IN_PROGRESS')
    await vi.advanceTimersByTimeAsync(5000)
  }
  expect((await settled(joining)).members).toHaveLength(1)
  expect(group.heartbeat(speaker(b!))).toBe('UNKNOWN_MEMBER_ID')
})

test('a silent member is taken out after its session', async () => {
  const [a, b] = await stable(2)
  await vi.advanceTimersByTimeAsync(sessionTimeoutMs - 1)
  expect(group.heartbeat(speaker(a!))).toBeUndefined()
  await vi.advanceTimersByTimeAsync(1)
  expect(group.heartbeat(speaker(b!))).toBe('UNKNOWN_MEMBER_ID')
  expect(group.heartbeat(speaker(a!))).toBe('REBALANCE_IN_PROGRESS')
})

test('members whose leader never assigns join again', async () => {
  const ids = [await memberId(), await memberId()]
  const joining = ids.map((id) => group.join(request({ memberId: id, sessionTimeoutMs: 60_000 })))
  await vi.advanceTimersByTimeAsync(100)
  const joined = await Promise.all(joining.map(settled))
  const follower = joined.find((member) => member.memberId !== member.leaderId)!
  const syncing: Promise<SyncAnswer> = group.sync(speaker(follower), [])
  expect(await now(syncing)).toBe('waiting')
  await vi.advanceTimersByTimeAsync(rebalanceTimeoutMs)
  expect(await syncing).toEqual({ error: 'REBALANCE_IN_PROGRESS' })
  expect(group.heartbeat(speaker({ ...follower, memberId: follower.leaderId }))).toBe('UNKNOWN_MEMBER_ID')
  expect((await settled(group.join(request({ memberId: follower.memberId })))).leaderId).toBe(follower.memberId)
})

test('leaving moves the partitions at once, the last one leaves an empty group', async () => {
  const [a, b] = await stable(2)
  expect(group.leave(a!.memberId, null)).toBeUndefined()
  expect(group.leave(a!.memberId, null)).toBe('UNKNOWN_MEMBER_ID')
  expect(group.heartbeat(speaker(b!))).toBe('REBALANCE_IN_PROGRESS')
  expect((await settled(group.join(request({ memberId: b!.memberId })))).members).toHaveLength(1)
  group.leave(b!.memberId, null)
  expect(group.state).toBe('Empty')
})

test('members must share a protocol, the most wanted one is chosen', async () => {
  const protocols = (...names: string[]) => names.map((name) => ({ name, metadata: subscription(name) }))
  const joining: Promise<JoinAnswer>[] = []
  for (const wanted of [
    ['a', 'b'],
    ['b', 'a', 'c'],
    ['b', 'a'],
  ]) {
    const supported = { protocols: protocols(...wanted) }
    joining.push(group.join(request({ ...supported, memberId: await memberId(supported) })))
  }
  await vi.advanceTimersByTimeAsync(100)
  expect((await settled(joining[0]!)).protocolName).toBe('b')
  expect(await group.join(request({ protocols: protocols('c') }))).toMatchObject({
    error: 'INCONSISTENT_GROUP_PROTOCOL',
  })
  expect(await group.join(request({ protocolType: 'connect' }))).toMatchObject({ error: 'INCONSISTENT_GROUP_PROTOCOL' })
})

test('an id that is not used is forgotten after a session', async () => {
  const id = await memberId()
  const joining = group.join(request({ memberId: await memberId() }))
  await vi.advanceTimersByTimeAsync(100)
  await settled(joining)
  await vi.advanceTimersByTimeAsync(sessionTimeoutMs)
  expect(await group.join(request({ memberId: id }))).toEqual({ error: 'UNKNOWN_MEMBER_ID', memberId: id })
})

describe('static members', () => {
  test('come back without moving anybody, and shut their former self out', async () => {
    const [a, b] = await stable(2, { instanceId: 'i' })
    const back = await settled(group.join(request({ instanceId: 'i1' })))
    expect(back.generation).toBe(1)
    expect(back.memberId).not.toBe(b!.memberId)
    expect(group.heartbeat(speaker(a!, 'i0'))).toBeUndefined()
    expect(group.heartbeat(speaker(b!, 'i1'))).toBe('FENCED_INSTANCE_ID')
    const synced = await group.sync(speaker(back, 'i1'), [])
    expect(synced.error === undefined && Buffer.from(synced.assignment).toString()).toBe('1')
  })

  test('as leaders come back without assigning again', async () => {
    const [a] = await stable(2, { instanceId: 'i' })
    const back = await settled(group.join(request({ instanceId: 'i0' })))
    expect(back).toMatchObject({ generation: 1, skipAssignment: true, leaderId: back.memberId })
    const older = await settled(group.join(request({ instanceId: 'i0', canSkipAssignment: false })))
    expect(older.leaderId).not.toBe(older.memberId)
    expect(group.heartbeat(speaker(a!, 'i0'))).toBe('FENCED_INSTANCE_ID')
  })

  test('with another subscription make all join again', async () => {
    await stable(2, { instanceId: 'i' })
    const joining = group.join(
      request({ instanceId: 'i1', protocols: [{ name: 'range', metadata: subscription('u') }] }),
    )
    expect(await now(joining)).toBe('waiting')
    expect(group.state).toBe('PreparingRebalance')
  })
})

describe('committing', () => {
  const nobody = { memberId: '', instanceId: null, generation: -1 }

  test('without a group is allowed while nobody is in it', async () => {
    expect(group.commitMistake(nobody, false)).toBeUndefined()
    await stable(1)
    expect(group.commitMistake(nobody, false)).toBe('UNKNOWN_MEMBER_ID')
    expect(group.commitMistake(nobody, true)).toBeUndefined()
  })

  test('is for members of this generation', async () => {
    const [a] = await stable(1)
    expect(group.commitMistake(speaker(a!), false)).toBeUndefined()
    expect(group.commitMistake({ ...speaker(a!), generation: 0 }, true)).toBe('ILLEGAL_GENERATION')
    expect(group.commitMistake({ ...speaker(a!), memberId: 'other' }, true)).toBe('UNKNOWN_MEMBER_ID')
  })
})
