// The last resort of every command: one clear line for what stopped it, never a stack trace (unless SLUICE_DEBUG asks for it).
import { JobError, type JobErrorOrigin } from '../diagnostics/job-error.ts'
import { type ExitCode, exitCodes, paint, printError } from './output.ts'

/** What the operating system says, in words a user can act on. */
const systemErrors: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOENT: 'no such file or folder',
  ENOTDIR: 'is not a folder',
  EEXIST: 'is there already, and is no folder',
  EISDIR: 'is a folder, expected a file',
  EADDRINUSE: 'the port is in use by another process',
  ECONNREFUSED: 'nothing answers at that address',
  EMFILE: 'too many open files',
}

/** A job's failure, as an exception or as a target reports it. Returns the exit code that belongs to it. */
export function printFailure(failure: {
  readonly code: string
  readonly message: string
  readonly hint?: string | undefined
  readonly origin: JobErrorOrigin
}): ExitCode {
  printError(`${paint(['red', 'bold'], `error ${failure.code}`, process.stderr)}: ${failure.message}`)
  if (failure.hint !== undefined) printError(`hint: ${failure.hint}`)
  return failure.origin === 'user' ? exitCodes.userMistake : exitCodes.environment
}

/** Prints the failure and returns the exit code that belongs to it. */
export function reportFailure(error: unknown): ExitCode {
  if (process.env.SLUICE_DEBUG && error instanceof Error) printError(error.stack ?? error.message)
  if (error instanceof JobError) return printFailure(error)
  const { code, path, message } = error as NodeJS.ErrnoException
  const known = code === undefined ? undefined : systemErrors[code]
  printError(
    known === undefined
      ? `sluice: internal error: ${message} (set SLUICE_DEBUG=1 to see where)`
      : `sluice: ${path === undefined ? '' : `${path}: `}${known}`,
  )
  return exitCodes.environment
}
