// A running job: reads its topics, pushes batches through the dataflow, and commits outputs together with input offsets in one
// Kafka transaction. The committed offsets are the only truth; after any failure the next process goes on from them.
import { setImmediate as breathe } from 'node:timers/promises'
import { JobError } from '../diagnostics/job-error.ts'
import { EMPTY_DIGEST, type JournalEntry } from '../engine/checkpoint/merge-journal.ts'
import { SnapshotFiles } from '../engine/checkpoint/snapshot-files.ts'
import type { Dataflow, DataflowSettings, ScanInput } from '../engine/dataflow.ts'
import { createEngineCounters } from '../engine/engine-counters.ts'
import { StateStore } from '../engine/state/state-store.ts'
import { createKafkaClient, type KafkaClient } from '../kafka/client.ts'
import { createFetcher, type Fetcher } from '../kafka/fetcher.ts'
import { listOffsets } from '../kafka/offsets.ts'
import { createProducer, type Producer } from '../kafka/producer.ts'
import type { KafkaConnectionSettings } from '../kafka/settings.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import type { RegistryConnection } from '../registry/registry-connection.ts'
import { Checkpoints } from './checkpoints.ts'
import { type CommittedState, offsetsToCommit, readCommittedState } from './committed-state.ts'
import { type CrashPoint, type ReachStep, watchForCrash } from './crash-point.ts'
import { JobInputs } from './job-inputs.ts'
import { KafkaSink, type SinkTable } from './kafka-sink.ts'
import { KafkaSource, type SourceTable } from './kafka-source.ts'
import { countPartitions, mapPartitions, type PartitionMap } from './partition-map.ts'
import { type RecordErrorPolicies, RecordErrors } from './record-errors.ts'
import { type LostStateChoice, planRecovery, type RecoveryPlan } from './recovery.ts'
import { WriterSchemas } from './writer-schemas.ts'

export type JobSource = SourceTable & {
  /** Where a job without committed offsets begins. */
  readonly start: 'earliest' | 'latest' | 'committed' | { readonly timestampMs: number }
}

export type JobSettings = {
  /** Stable name: the group of the committed offsets and the transactional id are made from it. */
  readonly name: string
  readonly kafka: KafkaConnectionSettings
  readonly registry: RegistryConnection
  readonly sources: readonly JobSource[]
  readonly sinks: readonly SinkTable[]
  readonly createDataflow: (settings: DataflowSettings) => Dataflow
  readonly timeZone: string
  readonly onError: RecordErrorPolicies
  readonly deadLetterTopic: string
  /** Snapshots and journal; nobody else may write there. */
  readonly stateDirectory: string
  /** Default 1,000. */
  readonly commitIntervalMs?: number
  /** Default 10,000. */
  readonly snapshotIntervalMs?: number
  /** How much is read, and noted in the journal, at once; default 1 MiB. */
  readonly maxBytesPerPartition?: number
  readonly lostState?: LostStateChoice
  /** Ends the job at the offsets that were the ends when it started; with `close`, all windows are closed then. */
  readonly until?: 'end' | 'end and close'
  /** Seeds the hashes of this process. */
  readonly seed: number
  /** What a user should read though the job goes on. */
  readonly notify: (message: string) => void
  readonly crashAt?: CrashPoint
}

const COMMIT_INTERVAL_MS = 1_000
const SNAPSHOT_INTERVAL_MS = 10_000
/** How long the loop sleeps at most when there is nothing to do: how soon a stop or an idle partition is noticed. */
const LONGEST_WAIT_MS = 100

export class Job {
  /** Called once, when the state is there and reading begins. */
  onStarted: () => void = () => undefined
  readonly #settings: JobSettings
  readonly #reach: ReachStep
  readonly #client: KafkaClient
  readonly #registry: RegistryClient
  readonly #fetcher: Fetcher
  readonly #producer: Producer
  /** For sinks with delivery at-least-once. */
  readonly #plainProducer: Producer | undefined
  readonly #state: StateStore
  readonly #counters = createEngineCounters()
  readonly #errors: RecordErrors
  readonly #sinks: readonly KafkaSink[]
  readonly #dataflow: Dataflow
  readonly #sources: readonly KafkaSource[]
  readonly #groupId: string
  #partitions: PartitionMap = { list: [], counts: [], indexOf: () => 0 }
  #files: SnapshotFiles | undefined
  #checkpoints: Checkpoints | undefined
  #inputs: JobInputs | undefined
  /** Number of the last commit. */
  #commit = 0
  #stopping = false
  #counts = { commits: 0, recoveries: 0, commitDurationMs: 0 }

  constructor(settings: JobSettings) {
    this.#settings = settings
    this.#reach = watchForCrash(settings.crashAt)
    this.#groupId = `sluice-${settings.name}`
    this.#client = createKafkaClient(settings.kafka)
    const { maxBytesPerPartition } = settings
    this.#fetcher = createFetcher(this.#client, maxBytesPerPartition === undefined ? {} : { maxBytesPerPartition })
    this.#producer = createProducer(this.#client, { transactionalId: `sluice-${settings.name}-0` })
    const plain = settings.sinks.some((sink) => sink.delivery === 'at-least-once')
    this.#plainProducer = plain ? createProducer(this.#client) : undefined
    this.#state = new StateStore(settings.seed)
    this.#errors = new RecordErrors(settings.onError, () => this.#producer.partition(settings.deadLetterTopic, 0))
    this.#sinks = settings.sinks.map((table) => {
      const producer = table.delivery === 'at-least-once' ? this.#plainProducer! : this.#producer
      return new KafkaSink(table, producer, this.#errors)
    })
    this.#dataflow = settings.createDataflow({
      state: this.#state,
      counters: this.#counters,
      timeZone: settings.timeZone,
      // supports.ts refuses functions that ask for the time or for chance: a replay could not repeat them.
      now: () => Number.NaN,
      random: () => Number.NaN,
      sinkOutput: (table, schema) =>
        this.#sinks.find((sink) => sink.settings.table.name === table)!.createOutput(schema),
    })
    this.#registry = new RegistryClient(settings.registry)
    const schemas = new WriterSchemas(this.#registry)
    this.#sources = settings.sources.map(
      (source) => new KafkaSource(source, this.#scansOf(source), schemas, this.#errors),
    )
  }

  /** Resolves when the job was stopped or its bounded input is done; rejects with what ended it, usually a JobError. */
  async run(): Promise<void> {
    try {
      const inputs = await this.#start()
      this.onStarted()
      await this.#loop(inputs)
      await this.#commitNow(inputs)
      await this.#checkpoints!.saveAtEnd(this.#commit, this.#positionsBySource(inputs))
    } finally {
      await this.#close()
    }
  }

  /** Asks the job to commit, save its state and end; `run` resolves then. */
  stop(): void {
    this.#stopping = true
  }

  /** What the job has counted and where it stands, by the names of targets/job-metrics.ts. */
  metrics() {
    const watermark = Math.min(...this.#dataflow.scans.map((scan) => scan.watermark()))
    return {
      ...this.#counts,
      snapshots: this.#checkpoints?.written ?? 0,
      recordsIn: this.#inputs?.recordsIn ?? 0,
      bytesIn: this.#inputs?.bytesIn ?? 0,
      recordsOut: this.#sinks.reduce((sum, sink) => sum + sink.recordsOut, 0),
      bytesOut: this.#sinks.reduce((sum, sink) => sum + sink.bytesOut, 0),
      recordsLate: this.#counters.recordsLate,
      recordsNullTime: this.#counters.recordsNullTime,
      recordsDropped: this.#errors.dropped,
      recordsDeadLettered: this.#errors.deadLettered,
      lag: this.#inputs?.lag ?? 0,
      ...(Number.isFinite(watermark) ? { watermark } : {}),
      stateRows: this.#state.rowCount(),
      stateBytes: this.#state.reservedBytes(),
      commitNumber: this.#commit,
    }
  }

  async #start(): Promise<JobInputs> {
    const settings = this.#settings
    this.#files = await SnapshotFiles.open(settings.stateDirectory)
    this.#partitions = await mapPartitions(
      this.#client,
      settings.sources.map((source) => source.topic),
    )
    await this.#openOutputs()
    const scans = settings.sources.map((source) => this.#scansOf(source))
    const inputs = new JobInputs(this.#partitions, this.#sources, scans, this.#fetcher)
    this.#inputs = inputs
    // First the older process is fenced and its transaction ended, then what it committed is read.
    await this.#producer.init()
    await this.#plainProducer?.init()
    const committed = await readCommittedState(this.#client, this.#groupId, this.#partitions)
    const plan = await planRecovery(this.#files, committed, this.#state, settings.lostState)
    if (committed === undefined) await this.#beginFresh(inputs)
    else await this.#recover(inputs, committed, plan)
    const ends =
      settings.until === undefined
        ? undefined
        : await listOffsets(this.#client, this.#partitions.list, 'latest', 'read_committed')
    inputs.start(performance.now(), ends)
    return inputs
  }

  async #openOutputs(): Promise<void> {
    const topics = this.#sinks.map((sink) => sink.settings.topic)
    const counts = await countPartitions(this.#client, topics)
    this.#sinks.forEach((sink, index) => {
      sink.open(counts[index]!)
    })
    if (Object.values(this.#settings.onError).includes('dead-letter')) {
      await countPartitions(this.#client, [this.#settings.deadLetterTopic])
    }
  }

  /** Commit 0 fixes where the job begins, so that `latest` means one place however often the start is interrupted. */
  async #beginFresh(inputs: JobInputs): Promise<void> {
    for (const [source, { start, table }] of this.#settings.sources.entries()) {
      const partitions = this.#partitions.list.filter((partition) => partition.source === source)
      if (start === 'committed') throw nothingCommitted(table.name, this.#groupId)
      inputs.positions.push(...(await listOffsets(this.#client, partitions, start, 'read_committed')))
    }
    await this.#beginCheckpoints(inputs, 0, EMPTY_DIGEST)
    this.#producer.begin()
    await this.#sendOffsets(inputs, 0, EMPTY_DIGEST)
    await this.#producer.commit()
  }

  async #recover(inputs: JobInputs, committed: CommittedState, plan: RecoveryPlan): Promise<void> {
    this.#counts.recoveries++
    this.#commit = committed.commit
    const earliest = await listOffsets(this.#client, this.#partitions.list, 'earliest')
    const target = committed.offsets.map((offset, index) => offset ?? earliest[index]!)
    if (plan.kind === 'restore') {
      for (const commit of plan.damaged) this.#settings.notify(`snapshot ${commit} is damaged; an older one is used`)
      const { snapshot, segments } = plan
      this.#state.restore(snapshot.parts)
      inputs.positions = this.#partitions.list.map(
        ({ source, partition }, index) => snapshot.positions[source]?.[partition] ?? earliest[index]!,
      )
      await this.#replay(
        inputs,
        segments.flatMap((segment) => segment.blocks.flatMap((block) => block.entries)),
      )
      const last = segments.at(-1) ?? { afterCommit: snapshot.commit, digest: snapshot.digest, blocks: [] }
      this.#checkpoints = await Checkpoints.resume(
        this.#files!,
        this.#state,
        last,
        this.#snapshotIntervalMs,
        this.#reach,
      )
      return
    }
    if (plan.kind === 'rebuild') {
      inputs.positions = [...earliest]
      await this.#replay(
        inputs,
        this.#partitions.list.map(({ source, partition }, index) => {
          return { kind: 'records', table: source, partition, from: earliest[index]!, to: target[index]! } as const
        }),
      )
    }
    inputs.positions = target
    this.#closeWindowsUpTo(committed.watermarks)
    await this.#beginCheckpoints(inputs, committed.commit, committed.digest)
  }

  async #replay(inputs: JobInputs, entries: readonly JournalEntry[]): Promise<void> {
    this.#suppress(true)
    await inputs.replay(entries)
    this.#suppress(false)
    Object.assign(this.#counters, createEngineCounters())
  }

  /**
   * Windows whose results were committed are closed without a word, also those that an idle partition, which a rebuilt state
   * knows nothing of, would now hold open: nothing is written twice.
   */
  #closeWindowsUpTo(watermarks: readonly number[]): void {
    const { scans } = this.#dataflow
    if (watermarks.length !== scans.length) return
    this.#suppress(true)
    scans.forEach((scan, index) => {
      scan.raiseWatermark(watermarks[index]!)
    })
    this.#suppress(false)
  }

  /** What was written before is neither written again nor counted. */
  #suppress(suppressed: boolean): void {
    this.#errors.suppressed = suppressed
    for (const sink of this.#sinks) sink.suppressed = suppressed
  }

  /** The state as it is belongs to `commit`. */
  async #beginCheckpoints(inputs: JobInputs, commit: number, digest: string): Promise<void> {
    const at = { commit, digest, positions: this.#positionsBySource(inputs) }
    this.#checkpoints = await Checkpoints.begin(this.#files!, this.#state, at, this.#snapshotIntervalMs, this.#reach)
  }

  get #snapshotIntervalMs(): number {
    return this.#settings.snapshotIntervalMs ?? SNAPSHOT_INTERVAL_MS
  }

  async #loop(inputs: JobInputs): Promise<void> {
    const checkpoints = this.#checkpoints!
    const interval = this.#settings.commitIntervalMs ?? COMMIT_INTERVAL_MS
    let commitAt = performance.now() + interval
    this.#producer.begin()
    while (!this.#stopping && !inputs.isComplete) {
      if (await inputs.processNext(checkpoints.journal, performance.now())) {
        this.#reach('records taken')
        await this.#producer.drained()
        await this.#plainProducer?.drained()
        // Sockets and timers have their turn between two chunks.
        await breathe()
      } else {
        await this.#fetcher.ready(Math.max(1, Math.min(commitAt - performance.now(), LONGEST_WAIT_MS)))
      }
      if (performance.now() < commitAt) continue
      inputs.declareIdle(checkpoints.journal, performance.now())
      await this.#commitNow(inputs)
      await checkpoints.snapshotIfDue(this.#commit, this.#positionsBySource(inputs))
      commitAt = performance.now() + interval
    }
    if (inputs.isComplete && this.#settings.until === 'end and close') inputs.end(checkpoints.journal)
  }

  /** One commit, unless nothing happened since the last. */
  async #commitNow(inputs: JobInputs): Promise<void> {
    const { journal } = this.#checkpoints!
    if (journal.isEmpty) return
    const begun = performance.now()
    const commit = this.#commit + 1
    this.#reach('commit begun')
    const digest = await journal.seal(commit)
    this.#reach('journal written')
    await this.#plainProducer?.flush()
    await this.#producer.flush()
    this.#reach('outputs acknowledged')
    await this.#sendOffsets(inputs, commit, digest)
    this.#reach('offsets sent')
    await this.#producer.commit()
    this.#reach('transaction committed')
    this.#commit = commit
    this.#counts.commits++
    this.#counts.commitDurationMs = performance.now() - begun
    this.#producer.begin()
  }

  async #sendOffsets(inputs: JobInputs, commit: number, digest: string): Promise<void> {
    const watermarks = this.#dataflow.scans.map((scan) => scan.watermark())
    const offsets = offsetsToCommit(this.#partitions, inputs.positions, { commit, digest, watermarks })
    await this.#producer.sendOffsets(this.#groupId, offsets)
  }

  #positionsBySource(inputs: JobInputs): number[][] {
    const bySource: number[][] = this.#settings.sources.map(() => [])
    this.#partitions.list.forEach(({ source }, index) => {
      bySource[source]!.push(inputs.positions[index]!)
    })
    return bySource
  }

  #scansOf(source: JobSource): readonly ScanInput[] {
    return this.#dataflow.scans.filter((scan) => scan.table === source.table.name)
  }

  async #close(): Promise<void> {
    await (this.#inputs ?? this.#fetcher).close()
    await this.#plainProducer?.close()
    await this.#producer.close()
    await this.#checkpoints?.close()
    await this.#client.close()
    this.#registry.close()
  }
}

function nothingCommitted(table: string, groupId: string): JobError {
  return new JobError(
    'RUN408',
    `source \`${table}\` starts at the committed offsets, but group \`${groupId}\` has none`,
    {
      origin: 'user',
      retry: 'never',
      hint: 'Set `start` to earliest, latest or a timestamp for the first start.',
    },
  )
}
