// The state of all operators of a job, by operator id. The job takes snapshots and restores; operators only add their parts.
import { assert } from '../../diagnostics/assert.ts'

/** A piece of state that an operator owns and the job saves. */
export type StatePart = {
  /** What the bytes mean; a part is only restored from bytes of equal shape. */
  readonly shape: string
  /** A copy that later changes do not touch. */
  snapshot(): Uint8Array
  restore(bytes: Uint8Array): void
  rowCount(): number
  reservedBytes(): number
}

/** Bytes of one part, as kept in a snapshot. */
export type SavedPart = { readonly operatorId: string; readonly shape: string; readonly bytes: Uint8Array }

export class StateStore {
  readonly #parts = new Map<string, StatePart>()
  /** Seeds the hashes of this process's tables, so that nobody can choose keys that collide. */
  readonly seed: number

  constructor(seed: number) {
    this.seed = seed
  }

  add(operatorId: string, part: StatePart): void {
    assert(!this.#parts.has(operatorId), `operator ${operatorId} has one state`)
    this.#parts.set(operatorId, part)
  }

  snapshot(): SavedPart[] {
    return [...this.#parts].map(([operatorId, part]) => ({ operatorId, shape: part.shape, bytes: part.snapshot() }))
  }

  /** Call only when `mismatches` is empty. */
  restore(saved: readonly SavedPart[]): void {
    for (const { operatorId, bytes } of saved) this.#parts.get(operatorId)!.restore(bytes)
  }

  /** Operators whose state is not what `saved` holds: they or their saved state are missing, or the shape differs. */
  mismatches(saved: readonly SavedPart[]): string[] {
    const shapes = new Map(saved.map((part) => [part.operatorId, part.shape]))
    const wrong = [...this.#parts].filter(([id, part]) => shapes.get(id) !== part.shape).map(([id]) => id)
    return [...wrong, ...saved.filter((part) => !this.#parts.has(part.operatorId)).map((part) => part.operatorId)]
  }

  rowCount(): number {
    return [...this.#parts.values()].reduce((sum, part) => sum + part.rowCount(), 0)
  }

  reservedBytes(): number {
    return [...this.#parts.values()].reduce((sum, part) => sum + part.reservedBytes(), 0)
  }
}
