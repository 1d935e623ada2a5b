// Ctrl-C, SIGTERM, or the end of `--for`: one request to stop in order. A second signal ends the process at once.

export type StopSignal = {
  readonly requested: Promise<void>
  /** Stops waiting; a further Ctrl-C is the operating system's again. */
  release(): void
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

export function stopSignal(afterMs: number | undefined): StopSignal {
  let timer: NodeJS.Timeout | undefined
  let listener: () => void = () => undefined
  const requested = new Promise<void>((resolve) => {
    listener = resolve
    for (const signal of SIGNALS) process.once(signal, resolve)
    if (afterMs !== undefined) timer = setTimeout(resolve, afterMs)
  })
  return {
    requested,
    release() {
      clearTimeout(timer)
      for (const signal of SIGNALS) process.off(signal, listener)
    },
  }
}
