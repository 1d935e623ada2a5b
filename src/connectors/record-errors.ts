// What happens to a record that cannot be read or written: the pipeline's policy, the counts, and the dead-letter topic.
import { JobError } from '../diagnostics/job-error.ts'
import type { ProducerPartition } from '../kafka/producer-partition.ts'
import { headersAt } from '../kafka/record-batch.ts'
import type { RecordHeader, RecordSlices } from '../kafka/record-slices.ts'

export type RecordErrorKind = 'decode' | 'unknownType' | 'null' | 'evaluate' | 'encode' | 'semanticChange'
export type RecordErrorPolicy = 'fail' | 'drop' | 'dead-letter'
export type RecordErrorPolicies = Readonly<Record<RecordErrorKind, RecordErrorPolicy>>

/** A record of the input that was not used, by its place in `slices`. */
export type RejectedRecord = {
  readonly topic: string
  readonly partition: number
  readonly slices: RecordSlices
  readonly index: number
  readonly kind: RecordErrorKind
  /** One line, lower case, no period. */
  readonly reason: string
}

export class RecordErrors {
  dropped = 0
  deadLettered = 0
  /** While a journal is replayed: counted and written before. */
  suppressed = false
  readonly #policies: RecordErrorPolicies
  readonly #deadLetters: () => ProducerPartition | undefined

  /** `deadLetters` gives the partition to write to, within the running transaction. */
  constructor(policies: RecordErrorPolicies, deadLetters: () => ProducerPartition | undefined) {
    this.#policies = policies
    this.#deadLetters = deadLetters
  }

  /** Throws under the policy `fail`. */
  reject(record: RejectedRecord): void {
    const policy = this.#policies[record.kind]
    if (policy === 'fail') throw failure(record)
    if (this.suppressed) return
    if (policy === 'drop') this.dropped++
    else this.#deadLetter(record)
  }

  /** A row of the output that cannot be written; there is no record to keep, so `dead-letter` is not possible and fails. */
  rejectRow(kind: RecordErrorKind, topic: string, reason: string): void {
    if (this.#policies[kind] !== 'drop') {
      throw new JobError('RUN411', `a row cannot be written to topic \`${topic}\`: ${reason}`, {
        origin: 'user',
        retry: 'never',
        hint: `Change the query so that it gives only values the schema takes, or set onError: { ${kind}: drop }.`,
      })
    }
    if (!this.suppressed) this.dropped++
  }

  #deadLetter(record: RejectedRecord): void {
    const target = this.#deadLetters()
    if (target === undefined) throw failure(record)
    const { slices, index } = record
    const keyStart = slices.keyStarts[index]!
    const keyLength = slices.keyLengths[index]!
    const valueStart = slices.valueStarts[index]!
    const valueLength = slices.valueLengths[index]!
    target.append(
      slices.timestamps[index]!,
      keyLength < 0 ? null : slices.data,
      keyStart,
      keyStart + Math.max(0, keyLength),
      valueLength < 0 ? null : slices.data,
      valueStart,
      valueStart + Math.max(0, valueLength),
      [...headersAt(slices, index), ...reasonHeaders(record)],
    )
    this.deadLettered++
  }
}

/** Added behind the record's own headers. */
function reasonHeaders(record: RejectedRecord): RecordHeader[] {
  const values: Record<string, string> = {
    'sluice.error.kind': record.kind,
    'sluice.error.reason': record.reason,
    'sluice.topic': record.topic,
    'sluice.partition': String(record.partition),
    'sluice.offset': String(record.slices.offsets[record.index]),
  }
  return Object.entries(values).map(([key, value]) => ({ key, value: new TextEncoder().encode(value) }))
}

function failure(record: RejectedRecord): JobError {
  const { topic, partition, slices, index, kind, reason } = record
  const place = `the record at offset ${slices.offsets[index]} of partition ${partition} of topic \`${topic}\``
  return new JobError('RUN410', `${place} cannot be used: ${reason}`, {
    origin: 'user',
    retry: 'never',
    hint: `Set onError: { ${kind}: dead-letter } to keep such records in the dead-letter topic, or { ${kind}: drop } to leave them out.`,
  })
}
