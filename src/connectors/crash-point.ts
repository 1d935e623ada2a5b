// The steps of a commit at which tests kill the process, to prove that each may be the last.

export const crashSteps = [
  'records taken',
  'commit begun',
  'journal written',
  'outputs acknowledged',
  'offsets sent',
  'transaction committed',
  'state copied',
  'snapshot written',
] as const

export type CrashStep = (typeof crashSteps)[number]

/** Kills the process when it reaches `step` for the `count`-th time. */
export type CrashPoint = { readonly step: CrashStep; readonly count: number }

/** Called at each step; does nothing without a crash point. */
export type ReachStep = (step: CrashStep) => void

export function watchForCrash(crashAt: CrashPoint | undefined): ReachStep {
  let left = crashAt?.count ?? 0
  return (step) => {
    if (crashAt?.step === step && --left === 0) process.kill(process.pid, 'SIGKILL')
  }
}
