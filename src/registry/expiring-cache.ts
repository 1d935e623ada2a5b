// A cache of answers that are fetched once however many callers wait and kept for a time; failures are kept apart, shortly and bounded.

type Entry<T> = { readonly answer: Promise<T>; expiresAt: number }

/** Records with made-up ids must not fill the memory with failures. */
const MAX_FAILURES = 1_000

export class ExpiringCache<T> {
  readonly #answers = new Map<string, Entry<T>>()
  readonly #failures = new Map<string, { readonly error: unknown; readonly expiresAt: number }>()
  readonly #ttlMs: number
  readonly #failureTtlMs: (error: unknown) => number
  readonly #now: () => number

  /** `ttlMs` Infinity keeps answers for ever; `failureTtlMs` says for how long a failure is told to those who ask again. */
  constructor(ttlMs: number, failureTtlMs: (error: unknown) => number, now: () => number = () => performance.now()) {
    this.#ttlMs = ttlMs
    this.#failureTtlMs = failureTtlMs
    this.#now = now
  }

  get(key: string, fetch: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(key)
    if (known !== undefined && this.#now() < known.expiresAt) return known.answer
    const failure = this.#failures.get(key)
    if (failure !== undefined && this.#now() < failure.expiresAt) return Promise.reject(failure.error)
    const entry: Entry<T> = { answer: fetch(), expiresAt: Infinity }
    this.#answers.set(key, entry)
    entry.answer.then(
      () => {
        entry.expiresAt = this.#now() + this.#ttlMs
        this.#failures.delete(key)
      },
      (error: unknown) => {
        this.#answers.delete(key)
        this.#keepFailure(key, error)
      },
    )
    return entry.answer
  }

  #keepFailure(key: string, error: unknown): void {
    const ttlMs = this.#failureTtlMs(error)
    if (ttlMs <= 0) return
    this.#failures.delete(key)
    this.#failures.set(key, { error, expiresAt: this.#now() + ttlMs })
    if (this.#failures.size > MAX_FAILURES) this.#failures.delete(this.#failures.keys().next().value!)
  }
}
