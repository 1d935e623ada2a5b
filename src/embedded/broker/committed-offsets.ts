// The offsets that consumer groups have committed; durable through the journal. Groups and their members are in group.ts.
import type { Change, Journal } from './journal.ts'

export type CommittedOffset = {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string
}

type StoredOffset = readonly [offset: number, leaderEpoch: number, metadata: string]

const prefix = 'offset/'

export class CommittedOffsets {
  readonly #journal: Journal
  readonly #byGroup = new Map<string, Map<string, CommittedOffset>>()

  constructor(journal: Journal) {
    this.#journal = journal
    for (const [key, value] of journal.entries(prefix)) {
      const [group, topic, partition] = JSON.parse(key.slice(prefix.length)) as [string, string, number]
      const [offset, leaderEpoch, metadata] = value as StoredOffset
      this.#put(group, { topic, partition, offset, leaderEpoch, metadata })
    }
  }

  groups(): Iterable<string> {
    return this.#byGroup.keys()
  }

  has(group: string): boolean {
    return this.#byGroup.has(group)
  }

  get(group: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#byGroup.get(group)?.get(`${topic}/${partition}`)
  }

  of(group: string): Iterable<CommittedOffset> {
    return this.#byGroup.get(group)?.values() ?? []
  }

  /** Resolves when the offsets are durable. */
  async commit(group: string, offsets: readonly CommittedOffset[]): Promise<void> {
    this.#journal.append(this.changes(group, offsets))
    this.apply(group, offsets)
    await this.#journal.sync()
  }

  /** For a transaction, which writes these together with its own end and then calls `apply`. */
  changes(group: string, offsets: readonly CommittedOffset[]): readonly Change[] {
    return offsets.map((o) => [keyOf(group, o.topic, o.partition), [o.offset, o.leaderEpoch, o.metadata]])
  }

  apply(group: string, offsets: readonly CommittedOffset[]): void {
    for (const offset of offsets) this.#put(group, offset)
  }

  async deleteGroup(group: string): Promise<void> {
    this.#journal.append([...this.of(group)].map((o) => [keyOf(group, o.topic, o.partition), undefined]))
    this.#byGroup.delete(group)
    await this.#journal.sync()
  }

  /** A topic that comes back under the same name is another one. */
  deleteTopic(topic: string): void {
    const gone: Change[] = []
    for (const [group, offsets] of this.#byGroup) {
      for (const [key, offset] of offsets) {
        if (offset.topic !== topic) continue
        offsets.delete(key)
        gone.push([keyOf(group, topic, offset.partition), undefined])
      }
    }
    if (gone.length > 0) this.#journal.append(gone)
  }

  #put(group: string, offset: CommittedOffset): void {
    let offsets = this.#byGroup.get(group)
    if (offsets === undefined) {
      offsets = new Map()
      this.#byGroup.set(group, offsets)
    }
    offsets.set(`${offset.topic}/${offset.partition}`, offset)
  }
}

/** Names of groups may hold any character, so the key is JSON. */
function keyOf(group: string, topic: string, partition: number): string {
  return prefix + JSON.stringify([group, topic, partition])
}
