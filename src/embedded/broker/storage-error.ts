// The failures of the broker's surroundings as one line each: a damaged folder, a folder or port that cannot be had.
import { JobError } from '../../diagnostics/job-error.ts'

const external = { origin: 'external', retry: 'never' } as const

export function damaged(path: string, what: string): JobError {
  return new JobError('RUN201', `the data file \`${path}\` is damaged: ${what}`, {
    ...external,
    hint: 'Restore the folder from a copy, or start anew with --reset, which deletes all topics.',
  })
}

/** Turns an error of the file system into what the user must do; anything else is passed on as it is. */
export function storageFailure(folder: string, cause: unknown): unknown {
  const reason = reasons[errorCode(cause) ?? '']
  if (reason === undefined) return cause
  return new JobError('RUN202', `the data folder \`${folder}\` cannot be used: ${reason}`, {
    ...external,
    hint: 'Give this user the right to write there, free some space, or choose another folder.',
    cause,
  })
}

export function portFailure(host: string, port: number, cause: unknown): unknown {
  const reason = portReasons[errorCode(cause) ?? '']
  if (reason === undefined) return cause
  return new JobError('RUN203', `the broker cannot listen on \`${host}:${port}\`: ${reason}`, {
    ...external,
    hint: 'Stop the other program, or choose another port.',
    cause,
  })
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'no permission to write',
  EPERM: 'no permission to write',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: "the user's disk quota is used up",
  ENOTDIR: 'a file stands where the folder should be',
  EEXIST: 'a file stands where the folder should be',
  EIO: 'the disk reports an error',
  EMFILE: 'too many open files',
}

const portReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has this port',
  EACCES: 'no permission to use this port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'this machine has no such address',
}

function errorCode(cause: unknown): string | undefined {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? code : undefined
}
