// One consumer group under the classic protocol: members, generations, rebalances. Committed offsets are in committed-offsets.ts.
//
//   empty → preparing (members are asked to join again) → completing (the leader's assignment is awaited) → stable → preparing …
//
// Static members (KIP-345) keep their place over a restart; a member without an id is told one first (KIP-394).
import { randomUUID } from 'node:crypto'
import type { KafkaErrorName } from '../../kafka/protocol/errors.ts'

export type GroupProtocol = { readonly name: string; readonly metadata: Uint8Array }

export type JoinRequest = {
  readonly memberId: string
  readonly instanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly protocolType: string
  readonly protocols: readonly GroupProtocol[]
  /** Since JoinGroup v4: an unknown member is first told its id. */
  readonly needsMemberId: boolean
  /** Since JoinGroup v9: a returning static leader learns that no assignment is wanted from it. */
  readonly canSkipAssignment: boolean
}

export type JoinedMember = {
  readonly memberId: string
  readonly instanceId: string | null
  readonly metadata: Uint8Array
}

export type JoinAnswer =
  | { readonly error: KafkaErrorName; readonly memberId: string }
  | {
      readonly error: undefined
      readonly memberId: string
      readonly generation: number
      readonly leaderId: string
      readonly protocolName: string
      readonly members: readonly JoinedMember[]
      readonly skipAssignment: boolean
    }

export type SyncAnswer =
  | { readonly error: KafkaErrorName }
  | { readonly error: undefined; readonly assignment: Uint8Array }

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable'

/** Who speaks: what each request of a member repeats. */
export type Speaker = { readonly memberId: string; readonly instanceId: string | null; readonly generation: number }

export type Member = {
  readonly memberId: string
  readonly instanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  sessionTimeoutMs: number
  rebalanceTimeoutMs: number
  protocols: readonly GroupProtocol[]
  assignment: Uint8Array
  answerJoin: ((answer: JoinAnswer) => void) | undefined
  answerSync: ((answer: SyncAnswer) => void) | undefined
  session: NodeJS.Timeout | undefined
}

/** Members that start together join one generation. Kafka waits 3 s; a broker on the same machine need not. */
const initialRebalanceDelayMs = 50
const maxSessionTimeoutMs = 1_800_000
const noBytes = new Uint8Array(0)

export class Group {
  readonly id: string
  state: GroupState = 'Empty'
  generation = 0
  protocolType = ''
  protocolName: string | null = null
  readonly members = new Map<string, Member>()
  #leaderId: string | undefined
  readonly #byInstance = new Map<string, string>()
  /** Ids that were given out and not used yet. */
  readonly #promised = new Map<string, NodeJS.Timeout>()
  #rebalance: NodeJS.Timeout | undefined
  #firstMembersGather = false

  constructor(id: string) {
    this.id = id
  }

  join(request: JoinRequest): Promise<JoinAnswer> {
    const mistake = this.#joinMistake(request)
    if (mistake !== undefined) return Promise.resolve({ error: mistake, memberId: request.memberId })
    if (request.memberId === '') return this.#joinUnknown(request)
    const promised = this.#promised.get(request.memberId)
    if (promised !== undefined) {
      clearTimeout(promised)
      this.#promised.delete(request.memberId)
      return this.#add(request, request.memberId)
    }
    return this.#joinKnown(this.members.get(request.memberId)!, request)
  }

  sync(speaker: Speaker, assignments: readonly { memberId: string; assignment: Uint8Array }[]): Promise<SyncAnswer> {
    const mistake = this.#mistakeOf(speaker)
    if (mistake !== undefined) return Promise.resolve({ error: mistake })
    const member = this.members.get(speaker.memberId)!
    this.#keepAlive(member)
    if (this.state === 'PreparingRebalance') return Promise.resolve({ error: 'REBALANCE_IN_PROGRESS' })
    if (this.state === 'Stable') return Promise.resolve({ error: undefined, assignment: member.assignment })
    const answer = new Promise<SyncAnswer>((resolve) => {
      member.answerSync = resolve
    })
    if (member.memberId === this.#leaderId) this.#assign(assignments)
    return answer
  }

  heartbeat(speaker: Speaker): KafkaErrorName | undefined {
    const mistake = this.#mistakeOf(speaker)
    if (mistake !== undefined) return mistake
    this.#keepAlive(this.members.get(speaker.memberId)!)
    return this.state === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : undefined
  }

  leave(memberId: string, instanceId: string | null): KafkaErrorName | undefined {
    if (instanceId !== null) {
      const known = this.#byInstance.get(instanceId)
      if (known === undefined) return 'UNKNOWN_MEMBER_ID'
      if (memberId !== '' && memberId !== known) return 'FENCED_INSTANCE_ID'
      this.#remove(this.members.get(known)!)
      return undefined
    }
    const promised = this.#promised.get(memberId)
    if (promised !== undefined) {
      clearTimeout(promised)
      this.#promised.delete(memberId)
      this.#completeJoinIfAllCame()
      return undefined
    }
    const member = this.members.get(memberId)
    if (member === undefined) return 'UNKNOWN_MEMBER_ID'
    this.#remove(member)
    return undefined
  }

  /** Whether offsets may be committed under this name. `transactional`: a producer that is no member may commit for the group. */
  commitMistake(speaker: Speaker, transactional: boolean): KafkaErrorName | undefined {
    if (speaker.generation < 0 && speaker.memberId === '' && speaker.instanceId === null) {
      return transactional || this.state === 'Empty' ? undefined : 'UNKNOWN_MEMBER_ID'
    }
    const mistake = this.#mistakeOf(speaker)
    if (mistake !== undefined) return mistake
    if (transactional) return undefined
    this.#keepAlive(this.members.get(speaker.memberId)!)
    return this.state === 'CompletingRebalance' ? 'REBALANCE_IN_PROGRESS' : undefined
  }

  /** Answers everybody who waits and stops all timers. */
  close(): void {
    clearTimeout(this.#rebalance)
    for (const timer of this.#promised.values()) clearTimeout(timer)
    for (const member of this.members.values()) {
      clearTimeout(member.session)
      this.#refuseWaiting(member, 'COORDINATOR_NOT_AVAILABLE')
    }
  }

  #joinMistake(request: JoinRequest): KafkaErrorName | undefined {
    if (request.sessionTimeoutMs <= 0 || request.sessionTimeoutMs > maxSessionTimeoutMs)
      return 'INVALID_SESSION_TIMEOUT'
    if (request.protocols.length === 0 || request.protocolType === '') return 'INCONSISTENT_GROUP_PROTOCOL'
    const known = this.members.has(request.memberId) || this.#promised.has(request.memberId)
    if (request.instanceId !== null && request.memberId !== '') {
      const current = this.#byInstance.get(request.instanceId)
      if (current !== undefined && current !== request.memberId) return 'FENCED_INSTANCE_ID'
    }
    if (request.memberId !== '' && !known) return 'UNKNOWN_MEMBER_ID'
    const others = [...this.members.values()].filter((member) => member.memberId !== request.memberId)
    if (others.length === 0) return undefined
    const shared = request.protocols.some((protocol) =>
      others.every((member) => member.protocols.some((theirs) => theirs.name === protocol.name)),
    )
    return request.protocolType === this.protocolType && shared ? undefined : 'INCONSISTENT_GROUP_PROTOCOL'
  }

  #joinUnknown(request: JoinRequest): Promise<JoinAnswer> {
    const memberId = `${request.instanceId ?? request.clientId}-${randomUUID()}`
    if (request.instanceId !== null) {
      const current = this.members.get(this.#byInstance.get(request.instanceId) ?? '')
      return current === undefined ? this.#add(request, memberId) : this.#replace(current, request, memberId)
    }
    if (!request.needsMemberId) return this.#add(request, memberId)
    const forget = setTimeout(() => this.leave(memberId, null), request.sessionTimeoutMs)
    forget.unref()
    this.#promised.set(memberId, forget)
    return Promise.resolve({ error: 'MEMBER_ID_REQUIRED', memberId })
  }

  #joinKnown(member: Member, request: JoinRequest): Promise<JoinAnswer> {
    const changed = !sameProtocols(member.protocols, request.protocols)
    const isLeader = member.memberId === this.#leaderId
    const answersAsBefore =
      (this.state === 'CompletingRebalance' && !changed) || (this.state === 'Stable' && !changed && !isLeader)
    if (answersAsBefore) {
      this.#keepAlive(member)
      return Promise.resolve(this.#joined(member, isLeader, false))
    }
    update(member, request)
    return this.#awaitJoin(member)
  }

  #add(request: JoinRequest, memberId: string): Promise<JoinAnswer> {
    if (this.members.size === 0) this.protocolType = request.protocolType
    const member: Member = {
      memberId,
      instanceId: request.instanceId,
      clientId: request.clientId,
      clientHost: request.clientHost,
      sessionTimeoutMs: request.sessionTimeoutMs,
      rebalanceTimeoutMs: request.rebalanceTimeoutMs,
      protocols: request.protocols,
      assignment: noBytes,
      answerJoin: undefined,
      answerSync: undefined,
      session: undefined,
    }
    this.members.set(memberId, member)
    if (member.instanceId !== null) this.#byInstance.set(member.instanceId, memberId)
    return this.#awaitJoin(member)
  }

  /** A static member came back under a new id: with the same subscription nobody else needs to move. */
  #replace(old: Member, request: JoinRequest, memberId: string): Promise<JoinAnswer> {
    clearTimeout(old.session)
    this.#refuseWaiting(old, 'FENCED_INSTANCE_ID')
    this.members.delete(old.memberId)
    const wasLeader = this.#leaderId === old.memberId
    if (wasLeader) this.#leaderId = memberId
    const unchanged = sameProtocols(old.protocols, request.protocols)
    const member: Member = { ...old, memberId, answerJoin: undefined, answerSync: undefined, session: undefined }
    update(member, request)
    this.members.set(memberId, member)
    this.#byInstance.set(request.instanceId!, memberId)
    if (this.state !== 'Stable' || !unchanged) return this.#awaitJoin(member)
    this.#keepAlive(member)
    if (wasLeader && request.canSkipAssignment) return Promise.resolve(this.#joined(member, true, true))
    // An older client that reads its own name as the leader's would assign again: it is shown its former name.
    const answer = this.#joined(member, false, false)
    return Promise.resolve(wasLeader && answer.error === undefined ? { ...answer, leaderId: old.memberId } : answer)
  }

  #awaitJoin(member: Member): Promise<JoinAnswer> {
    clearTimeout(member.session)
    // The same member may ask twice, after it gave up on the first connection.
    member.answerJoin?.({ error: 'UNKNOWN_MEMBER_ID', memberId: member.memberId })
    const answer = new Promise<JoinAnswer>((resolve) => {
      member.answerJoin = resolve
    })
    if (this.state !== 'PreparingRebalance') this.#prepareRebalance()
    this.#completeJoinIfAllCame()
    return answer
  }

  #prepareRebalance(): void {
    this.#firstMembersGather = this.state === 'Empty'
    this.state = 'PreparingRebalance'
    for (const member of this.members.values()) {
      member.assignment = noBytes
      member.answerSync?.({ error: 'REBALANCE_IN_PROGRESS' })
      member.answerSync = undefined
      if (member.answerJoin === undefined) this.#keepAlive(member)
    }
    const patienceMs = Math.max(0, ...[...this.members.values()].map((member) => member.rebalanceTimeoutMs))
    this.#startRebalanceTimer(this.#firstMembersGather ? initialRebalanceDelayMs : patienceMs, () => {
      this.#firstMembersGather = false
      this.#completeJoin()
    })
  }

  #completeJoinIfAllCame(): void {
    if (this.state !== 'PreparingRebalance' || this.#firstMembersGather || this.#promised.size > 0) return
    for (const member of this.members.values()) if (member.answerJoin === undefined) return
    this.#completeJoin()
  }

  #completeJoin(): void {
    clearTimeout(this.#rebalance)
    for (const member of this.members.values()) {
      // Static members keep their place until their session ends.
      if (member.answerJoin === undefined && member.instanceId === null) this.#forget(member)
    }
    this.generation++
    if (this.members.size === 0) {
      this.state = 'Empty'
      this.protocolName = null
      this.#leaderId = undefined
      return
    }
    const leader = this.members.get(this.#leaderId ?? '')
    if (leader?.answerJoin === undefined) {
      const joined = [...this.members.values()].find((member) => member.answerJoin !== undefined)
      this.#leaderId = (joined ?? this.members.values().next().value!).memberId
    }
    this.state = 'CompletingRebalance'
    this.protocolName = this.#choice()
    for (const member of this.members.values()) {
      const answer = member.answerJoin
      member.answerJoin = undefined
      this.#keepAlive(member)
      answer?.(this.#joined(member, member.memberId === this.#leaderId, false))
    }
    const patienceMs = Math.max(...[...this.members.values()].map((member) => member.rebalanceTimeoutMs))
    this.#startRebalanceTimer(patienceMs, () => {
      for (const member of [...this.members.values()]) if (member.answerSync === undefined) this.#forget(member)
      this.#prepareRebalance()
      this.#completeJoinIfAllCame()
    })
  }

  #assign(assignments: readonly { memberId: string; assignment: Uint8Array }[]): void {
    clearTimeout(this.#rebalance)
    // Views of the request's frame would keep all of it in memory.
    for (const { memberId, assignment } of assignments) {
      const member = this.members.get(memberId)
      if (member !== undefined) member.assignment = assignment.slice()
    }
    this.state = 'Stable'
    for (const member of this.members.values()) {
      member.answerSync?.({ error: undefined, assignment: member.assignment })
      member.answerSync = undefined
      this.#keepAlive(member)
    }
  }

  /** Each member votes for the first of its protocols that all support. */
  #choice(): string {
    const members = [...this.members.values()]
    const votes = new Map<string, number>()
    for (const member of members) {
      const vote = member.protocols.find((p) => members.every((m) => m.protocols.some((q) => q.name === p.name)))!
      votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1)
    }
    return [...votes].reduce((best, next) => (next[1] > best[1] ? next : best))[0]
  }

  #joined(member: Member, asLeader: boolean, skipAssignment: boolean): JoinAnswer {
    const members = asLeader ? [...this.members.values()] : []
    return {
      error: undefined,
      memberId: member.memberId,
      generation: this.generation,
      leaderId: this.#leaderId ?? '',
      protocolName: this.protocolName ?? '',
      members: members.map(({ memberId, instanceId, protocols }) => ({
        memberId,
        instanceId,
        metadata: protocols.find((protocol) => protocol.name === this.protocolName)?.metadata ?? noBytes,
      })),
      skipAssignment,
    }
  }

  #mistakeOf(speaker: Speaker): KafkaErrorName | undefined {
    if (speaker.instanceId !== null) {
      const current = this.#byInstance.get(speaker.instanceId)
      if (current === undefined) return 'UNKNOWN_MEMBER_ID'
      if (current !== speaker.memberId) return 'FENCED_INSTANCE_ID'
    }
    if (!this.members.has(speaker.memberId)) return 'UNKNOWN_MEMBER_ID'
    return speaker.generation === this.generation ? undefined : 'ILLEGAL_GENERATION'
  }

  #remove(member: Member): void {
    this.#forget(member)
    if (this.state === 'Stable' || this.state === 'CompletingRebalance') this.#prepareRebalance()
    this.#completeJoinIfAllCame()
  }

  #forget(member: Member): void {
    clearTimeout(member.session)
    this.#refuseWaiting(member, 'UNKNOWN_MEMBER_ID')
    this.members.delete(member.memberId)
    if (member.instanceId !== null) this.#byInstance.delete(member.instanceId)
  }

  #refuseWaiting(member: Member, error: KafkaErrorName): void {
    member.answerJoin?.({ error, memberId: member.memberId })
    member.answerSync?.({ error })
    member.answerJoin = undefined
    member.answerSync = undefined
  }

  /** A member that waits for an answer of ours is alive. */
  #keepAlive(member: Member): void {
    clearTimeout(member.session)
    member.session = setTimeout(() => {
      if (member.answerJoin === undefined && member.answerSync === undefined) this.#remove(member)
    }, member.sessionTimeoutMs)
    member.session.unref()
  }

  #startRebalanceTimer(delayMs: number, expired: () => void): void {
    clearTimeout(this.#rebalance)
    this.#rebalance = setTimeout(expired, delayMs)
    this.#rebalance.unref()
  }
}

function update(member: Member, request: JoinRequest): void {
  member.protocols = request.protocols
  member.sessionTimeoutMs = request.sessionTimeoutMs
  member.rebalanceTimeoutMs = request.rebalanceTimeoutMs
}

function sameProtocols(a: readonly GroupProtocol[], b: readonly GroupProtocol[]): boolean {
  return (
    a.length === b.length &&
    a.every((protocol, i) => protocol.name === b[i]!.name && Buffer.compare(protocol.metadata, b[i]!.metadata) === 0)
  )
}
