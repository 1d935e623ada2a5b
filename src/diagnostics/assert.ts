// Invariants of ours. No user input may reach a failing assertion.

export function assert(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new Error(`bug in Sluice: ${sentence}`)
}

/** For the default branch of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new Error(`bug in Sluice: unexpected ${JSON.stringify(value)}`)
}
