// A failure of a running job. Users see code, message and hint; supervisors read `retry`.
import type { DiagnosticCode } from './codes.ts'

/** Who must act: the user (data, query), somebody outside (broker, registry, disk), or us (a bug). */
export type JobErrorOrigin = 'user' | 'external' | 'internal'

export class JobError extends Error {
  override readonly name = 'JobError'
  readonly code: DiagnosticCode
  readonly origin: JobErrorOrigin
  /** `backoff`: the same job may succeed later. `never`: restarting repeats the failure. */
  readonly retry: 'never' | 'backoff'
  readonly hint: string | undefined
  readonly operatorId: string | undefined

  constructor(
    code: DiagnosticCode,
    message: string,
    details: {
      origin: JobErrorOrigin
      retry: 'never' | 'backoff'
      hint?: string
      operatorId?: string
      cause?: unknown
    },
  ) {
    super(message, { cause: details.cause })
    this.code = code
    this.origin = details.origin
    this.retry = details.retry
    this.hint = details.hint
    this.operatorId = details.operatorId
  }
}
