// The last resort of every command: one clear line for what stopped it, never a stack trace (unless SLUICE_DEBUG asks for it).
import { JobError } from '../diagnostics/job-error.ts'
import { type ExitCode, exitCodes, paint, printError } from './output.ts'

/** What the operating system says, in words a user can act on. */
const systemErrors: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOENT: 'no such file or folder',
  EISDIR: 'is a folder, expected a file',
  EADDRINUSE: 'the port is in use by another process',
  ECONNREFUSED: 'nothing answers at that address',
  EMFILE: 'too many open files',
}

/** Prints the failure and returns the exit code that belongs to it. */
export function reportFailure(error: unknown): ExitCode {
  if (process.env.SLUICE_DEBUG && error instanceof Error) printError(error.stack ?? error.message)
  if (error instanceof JobError) {
    printError(`${paint(['red', 'bold'], `error ${error.code}`, process.stderr)}: ${error.message}`)
    if (error.hint) printError(`hint: ${error.hint}`)
    return error.origin === 'user' ? exitCodes.userMistake : exitCodes.environment
  }
  const { code, path, message } = error as NodeJS.ErrnoException
  const known = code === undefined ? undefined : systemErrors[code]
  printError(
    known === undefined
      ? `sluice: internal error: ${message} (set SLUICE_DEBUG=1 to see where)`
      : `sluice: ${path === undefined ? '' : `${path}: `}${known}`,
  )
  return exitCodes.environment
}
