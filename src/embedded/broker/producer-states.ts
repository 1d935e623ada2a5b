// What one partition knows about its producers: sequences for idempotence, open and aborted transactions, the last stable offset.
// Rebuilt from batch headers; it decides about batches but writes none (partition-log.ts does).
//
// The rules are Kafka's: KIP-98 (exactly once), KIP-360 (epoch bumps), KIP-890 (markers of transactions v2 carry the next epoch).

/** The producer's part of a batch header. */
export type ProducerBatch = {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly recordCount: number
  readonly maxTimestamp: number
  readonly transactional: boolean
}

export type AbortedTransaction = {
  readonly producerId: number
  readonly firstOffset: number
  /** The offset of the abort marker. */
  readonly lastOffset: number
}

export type SequenceVerdict =
  | { readonly kind: 'new' }
  | { readonly kind: 'duplicate'; readonly baseOffset: number }
  | { readonly kind: 'out of order' | 'old epoch' }

/** Five, because a client may have five requests in flight and repeat any of them (KIP-98). */
const rememberedBatches = 5
const sequenceModulus = 2 ** 31

type RememberedBatch = { readonly firstSequence: number; readonly lastSequence: number; readonly baseOffset: number }

type ProducerState = {
  epoch: number
  batches: RememberedBatch[]
  lastTimestamp: number
  /** -1: no open transaction here. */
  transactionStart: number
}

/** JSON form, for the state file of a segment. */
export type ProducerStatesSnapshot = readonly (readonly [
  producerId: number,
  epoch: number,
  lastTimestamp: number,
  transactionStart: number,
  batches: readonly (readonly [firstSequence: number, lastSequence: number, baseOffset: number])[],
])[]

export class ProducerStates {
  readonly #producers = new Map<number, ProducerState>()
  /** Producer ids with an open transaction, in the order in which the transactions began. */
  readonly #open = new Map<number, number>()
  /** By the offset of the marker, ascending. */
  #aborted: AbortedTransaction[] = []

  check(batch: ProducerBatch): SequenceVerdict {
    const state = this.#producers.get(batch.producerId)
    // An unknown producer may begin anywhere: retention may have removed what it wrote before.
    if (state === undefined) return { kind: 'new' }
    if (batch.producerEpoch < state.epoch) return { kind: 'old epoch' }
    if (batch.producerEpoch > state.epoch) {
      return batch.baseSequence === 0 ? { kind: 'new' } : { kind: 'out of order' }
    }
    const lastSequence = lastSequenceOf(batch)
    const same = state.batches.find((b) => b.firstSequence === batch.baseSequence && b.lastSequence === lastSequence)
    if (same !== undefined) return { kind: 'duplicate', baseOffset: same.baseOffset }
    const previous = state.batches.at(-1)
    // Only a marker has been seen in this epoch: the producer starts at 0.
    const expected = previous === undefined ? 0 : (previous.lastSequence + 1) % sequenceModulus
    return batch.baseSequence === expected ? { kind: 'new' } : { kind: 'out of order' }
  }

  /** Takes note of a batch that was appended at `baseOffset`. */
  append(batch: ProducerBatch, baseOffset: number): void {
    const state = this.#stateOf(batch.producerId, batch.producerEpoch)
    state.batches.push({ firstSequence: batch.baseSequence, lastSequence: lastSequenceOf(batch), baseOffset })
    if (state.batches.length > rememberedBatches) state.batches.shift()
    state.lastTimestamp = batch.maxTimestamp
    if (batch.transactional && state.transactionStart < 0) {
      state.transactionStart = baseOffset
      this.#open.set(batch.producerId, baseOffset)
    }
  }

  /** Takes note of a commit or abort marker that was appended at `offset`. */
  appendMarker(
    marker: { producerId: number; producerEpoch: number; timestamp: number },
    commit: boolean,
    offset: number,
  ) {
    const state = this.#stateOf(marker.producerId, marker.producerEpoch)
    state.lastTimestamp = marker.timestamp
    if (state.transactionStart < 0) return
    if (!commit) {
      this.#aborted.push({ producerId: marker.producerId, firstOffset: state.transactionStart, lastOffset: offset })
    }
    state.transactionStart = -1
    this.#open.delete(marker.producerId)
  }

  hasOpenTransaction(producerId: number): boolean {
    return this.#open.has(producerId)
  }

  openTransactions(): readonly { readonly producerId: number; readonly epoch: number }[] {
    return [...this.#open.keys()].map((producerId) => ({ producerId, epoch: this.#producers.get(producerId)!.epoch }))
  }

  /** The first offset of the oldest open transaction, or undefined: read_committed readers stop there. */
  firstUnstableOffset(): number | undefined {
    for (const offset of this.#open.values()) return offset
    return undefined
  }

  /** The aborted transactions that touch [from, to). */
  abortedBetween(from: number, to: number): readonly AbortedTransaction[] {
    let low = 0
    for (let high = this.#aborted.length; low < high; ) {
      const middle = (low + high) >>> 1
      if (this.#aborted[middle]!.lastOffset < from) low = middle + 1
      else high = middle
    }
    return this.#aborted.slice(low).filter((transaction) => transaction.firstOffset < to)
  }

  /** Forgets aborted transactions before the log's start, and producers silent for longer than `expiryMs`. */
  expire(logStartOffset: number, now: number, expiryMs: number): void {
    this.#aborted = this.#aborted.filter((transaction) => transaction.lastOffset >= logStartOffset)
    for (const [producerId, state] of this.#producers) {
      if (state.transactionStart < 0 && now - state.lastTimestamp > expiryMs) this.#producers.delete(producerId)
    }
  }

  snapshot(): ProducerStatesSnapshot {
    return [...this.#producers].map(([producerId, state]) => [
      producerId,
      state.epoch,
      state.lastTimestamp,
      state.transactionStart,
      state.batches.map((batch) => [batch.firstSequence, batch.lastSequence, batch.baseOffset]),
    ])
  }

  /** Replaces the producers; aborted transactions are added, since each segment keeps its own. */
  restore(snapshot: ProducerStatesSnapshot, aborted: readonly AbortedTransaction[]): void {
    this.#producers.clear()
    this.#open.clear()
    this.#aborted.push(...aborted)
    for (const [producerId, epoch, lastTimestamp, transactionStart, batches] of snapshot) {
      this.#producers.set(producerId, {
        epoch,
        lastTimestamp,
        transactionStart,
        batches: batches.map(([firstSequence, lastSequence, baseOffset]) => ({
          firstSequence,
          lastSequence,
          baseOffset,
        })),
      })
    }
    const open = snapshot.filter(([, , , transactionStart]) => transactionStart >= 0).sort((a, b) => a[3] - b[3])
    for (const [producerId, , , transactionStart] of open) this.#open.set(producerId, transactionStart)
  }

  #stateOf(producerId: number, epoch: number): ProducerState {
    let state = this.#producers.get(producerId)
    if (state === undefined) {
      state = { epoch, batches: [], lastTimestamp: 0, transactionStart: -1 }
      this.#producers.set(producerId, state)
    } else if (epoch > state.epoch) {
      state.epoch = epoch
      state.batches = []
    }
    return state
  }
}

/** Sequences wrap from 2^31 - 1 to 0. */
function lastSequenceOf(batch: ProducerBatch): number {
  return (batch.baseSequence + batch.recordCount - 1) % sequenceModulus
}
