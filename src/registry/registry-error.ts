// What a schema registry answered, or that it did not answer: a JobError that also carries the HTTP status and Confluent's error code.
import type { DiagnosticCode } from '../diagnostics/codes.ts'
import { JobError } from '../diagnostics/job-error.ts'

export class RegistryError extends JobError {
  /** 0: no answer arrived. */
  readonly status: number
  /** Confluent's `error_code` (40401, 42201 …); the HTTP status where the body has none. */
  readonly errorCode: number
  /** What a `Retry-After` header asked for. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: DiagnosticCode,
    message: string,
    details: {
      status: number
      errorCode: number
      retry: 'never' | 'backoff'
      origin?: 'user' | 'external'
      hint?: string
      retryAfterMs?: number
      cause?: unknown
    },
  ) {
    super(code, message, {
      origin: details.origin ?? 'external',
      retry: details.retry,
      ...(details.hint === undefined ? {} : { hint: details.hint }),
      cause: details.cause,
    })
    this.status = details.status
    this.errorCode = details.errorCode
    this.retryAfterMs = details.retryAfterMs
  }

  /** The subject, version, schema or id asked for does not exist (or is deleted). */
  get isNotFound(): boolean {
    return this.status === 404
  }
}
