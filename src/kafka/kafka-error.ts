// What can go wrong between us and a broker, and how it looks to the job: one table from Kafka's errors to RUN codes.
import type { DiagnosticCode } from '../diagnostics/codes.ts'
import { JobError, type JobErrorOrigin } from '../diagnostics/job-error.ts'
import { errorName, isRetriable } from './protocol/errors.ts'

/** A broker answered with an error code. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError'
  readonly errorName: string
  readonly retriable: boolean

  constructor(code: number, detail?: string | null) {
    super(detail ? `${errorName(code)}: ${detail}` : errorName(code))
    this.errorName = errorName(code)
    this.retriable = isRetriable(code)
  }
}

/** No answer. `sent`: the request may have had its effect. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
  readonly sent: boolean

  constructor(message: string, sent: boolean, cause?: unknown) {
    super(message, { cause })
    this.sent = sent
  }
}

export function throwIfError(code: number, detail?: string | null): void {
  if (code !== 0) throw new BrokerError(code, detail)
}

export function isTransient(error: unknown): boolean {
  return error instanceof ConnectionLost || (error instanceof BrokerError && error.retriable)
}

type Row = {
  readonly code: DiagnosticCode
  readonly origin: JobErrorOrigin
  readonly retry: 'never' | 'backoff'
  readonly hint?: string
}

const access: Row = {
  code: 'RUN102',
  origin: 'user',
  retry: 'never',
  hint: 'Check the credentials of the connection and the rights of its user.',
}
const missing: Row = { code: 'RUN103', origin: 'user', retry: 'never', hint: 'Create the topic, or correct its name.' }
const fenced: Row = {
  code: 'RUN110',
  origin: 'external',
  retry: 'never',
  hint: 'Keep one copy of the job; the newer one goes on from the committed offsets.',
}
const unknownOutcome: Row = { code: 'RUN111', origin: 'external', retry: 'backoff' }
const tooLarge: Row = {
  code: 'RUN108',
  origin: 'user',
  retry: 'never',
  hint: 'Raise `max.message.bytes` of the topic, or write smaller records.',
}

const rows: Readonly<Record<string, Row>> = {
  TOPIC_AUTHORIZATION_FAILED: access,
  GROUP_AUTHORIZATION_FAILED: access,
  CLUSTER_AUTHORIZATION_FAILED: access,
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: access,
  SASL_AUTHENTICATION_FAILED: access,
  UNSUPPORTED_SASL_MECHANISM: access,
  UNKNOWN_TOPIC_OR_PARTITION: missing,
  UNKNOWN_TOPIC_ID: missing,
  INCONSISTENT_TOPIC_ID: missing,
  INVALID_TOPIC_EXCEPTION: missing,
  PRODUCER_FENCED: fenced,
  INVALID_PRODUCER_EPOCH: fenced,
  OUT_OF_ORDER_SEQUENCE_NUMBER: unknownOutcome,
  UNKNOWN_PRODUCER_ID: unknownOutcome,
  INVALID_PRODUCER_ID_MAPPING: unknownOutcome,
  INVALID_TXN_STATE: unknownOutcome,
  TRANSACTION_ABORTABLE: unknownOutcome,
  TRANSACTION_COORDINATOR_FENCED: unknownOutcome,
  UNKNOWN_SERVER_ERROR: { code: 'RUN106', origin: 'external', retry: 'backoff' },
  MESSAGE_TOO_LARGE: tooLarge,
  RECORD_LIST_TOO_LARGE: tooLarge,
}

/** `doing`: what was tried, as in "commit a transaction". A JobError stays as it is. */
export function toJobError(error: unknown, doing: string): JobError {
  if (error instanceof JobError) return error
  if (error instanceof BrokerError) {
    const row = rows[error.errorName] ?? {
      code: error.retriable ? ('RUN101' as const) : ('RUN106' as const),
      origin: 'external' as const,
      retry: error.retriable ? ('backoff' as const) : ('never' as const),
    }
    return new JobError(row.code, `cannot ${doing}: Kafka answers ${error.message}`, { ...row, cause: error })
  }
  if (error instanceof ConnectionLost) {
    return new JobError('RUN101', `cannot ${doing}: ${error.message}`, {
      origin: 'external',
      retry: 'backoff',
      hint: 'Check the address, that the broker runs, and whether its listener wants TLS or SASL.',
      cause: error,
    })
  }
  return new JobError('RUN106', `cannot ${doing}: ${(error as Error).message}`, {
    origin: 'internal',
    retry: 'backoff',
    cause: error,
  })
}
