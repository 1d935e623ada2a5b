// Starts one real Apache Kafka broker (KRaft, loopback) from the jars that Maven brings. Call it where
// `reasonToSkip('jdk')` (test/needs.ts) is undefined; data lies in a temporary folder unless `dataDir` names one.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { repositoryRoot } from '../needs.ts'

const run = promisify(execFile)
const START_TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 20_000
const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java'

export type RealKafkaOptions = {
  /** An already formatted folder is used again. */
  readonly dataDir?: string
  /** The port that clients are told, as with a proxy before the broker. */
  readonly advertisedPort?: number
  /** Levels of features at format time, such as `transaction.version`. */
  readonly features?: Readonly<Record<string, number>>
  /** Opens a second listener with SASL PLAIN and SCRAM for this user. */
  readonly saslUser?: { readonly name: string; readonly password: string }
}

export type RealKafka = {
  readonly port: number
  /** Of the listener with SASL; 0 without `saslUser`. */
  readonly saslPort: number
  stop(): Promise<void>
  /** SIGKILL, as in a crash. */
  kill(): Promise<void>
}

export async function startRealKafka(options: RealKafkaOptions = {}): Promise<RealKafka> {
  const classPath = join(await kafkaJars(), '*')
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'sluice-kafka-'))
  mkdirSync(dataDir, { recursive: true })
  const [port, controllerPort, internalPort, saslPort] = await freePorts(4)
  const properties = join(dataDir, 'server.properties')
  writeFileSync(properties, serverProperties(dataDir, { port, controllerPort, internalPort, saslPort }, options))
  if (!existsSync(join(dataDir, 'data', 'meta.properties'))) await format(classPath, properties, options)
  const log: string[] = []
  const broker = spawn(
    java,
    [
      '-Xmx512m',
      '-Xms256m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-cp',
      classPath,
      'kafka.Kafka',
      properties,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const killWithUs = () => broker.kill('SIGKILL')
  process.once('exit', killWithUs)
  await started(broker, log)

  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    process.removeListener('exit', killWithUs)
    if (broker.exitCode === null && broker.signalCode === null) {
      broker.kill(signal)
      const hardKill = setTimeout(() => broker.kill('SIGKILL'), STOP_TIMEOUT_MS)
      await once(broker, 'exit')
      clearTimeout(hardKill)
    }
    if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true })
  }
  return {
    port,
    saslPort: options.saslUser === undefined ? 0 : saslPort,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}

/** Copied once per version of the pom; a rename makes it whole for others that start at the same time. */
async function kafkaJars(): Promise<string> {
  const pom = join(repositoryRoot, 'scripts', 'kafka', 'pom.xml')
  const hash = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12)
  const folder = join(repositoryRoot, 'node_modules', '.cache', `kafka-jars-${hash}`)
  if (existsSync(folder)) return folder
  const copy = `${folder}-${process.pid}`
  const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'
  await run('mvn', ['-q', '-B', '-f', pom, plugin, `-DoutputDirectory=${copy}`], { timeout: 300_000 })
  try {
    renameSync(copy, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
    rmSync(copy, { recursive: true })
  }
  return folder
}

type Ports = { port: number; controllerPort: number; internalPort: number; saslPort: number }

/** Brokers talk to each other on a listener of their own, so that a proxy sees clients only. */
function serverProperties(dataDir: string, ports: Ports, options: RealKafkaOptions): string {
  const user = options.saslUser
  const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule'
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule'
  const clientPort = options.advertisedPort ?? ports.port
  const listeners = [
    `CLIENT://127.0.0.1:${ports.port}`,
    `INTERNAL://127.0.0.1:${ports.internalPort}`,
    ...(user ? [`SASL://127.0.0.1:${ports.saslPort}`] : []),
  ]
  const advertised = [`CLIENT://127.0.0.1:${clientPort}`, ...listeners.slice(1)]
  const lines = [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${ports.controllerPort}`,
    `listeners=${[...listeners, `CONTROLLER://127.0.0.1:${ports.controllerPort}`].join(',')}`,
    `advertised.listeners=${advertised.join(',')}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT',
    'inter.broker.listener.name=INTERNAL',
    'auto.create.topics.enable=false',
    'offsets.topic.num.partitions=4',
    'offsets.topic.replication.factor=1',
    'transaction.state.log.num.partitions=4',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.abort.timed.out.transaction.cleanup.interval.ms=500',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    `log.dirs=${join(dataDir, 'data')}`,
  ]
  if (user) {
    lines.push(
      'listener.name.sasl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      // Sessions of five seconds, so that a test sees one being renewed.
      'listener.name.sasl.connections.max.reauth.ms=5000',
      `listener.name.sasl.plain.sasl.jaas.config=${plain} required user_${user.name}="${user.password}";`,
      `listener.name.sasl.scram-sha-256.sasl.jaas.config=${scram} required;`,
      `listener.name.sasl.scram-sha-512.sasl.jaas.config=${scram} required;`,
    )
  }
  return `${lines.join('\n')}\n`
}

async function format(classPath: string, properties: string, options: RealKafkaOptions): Promise<void> {
  const clusterId = Buffer.from(Array.from({ length: 16 }, (_, index) => index + 1)).toString('base64url')
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) =>
    options.saslUser
      ? ['--add-scram', `${mechanism}=[name=${options.saslUser.name},password=${options.saslUser.password}]`]
      : [],
  )
  const features = Object.entries(options.features ?? {}).flatMap(([name, level]) => ['--feature', `${name}=${level}`])
  const tool = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-cp', classPath, 'kafka.tools.StorageTool']
  await run(java, [...tool, 'format', '-t', clusterId, '-c', properties, ...features, ...scram])
}

async function started(broker: ChildProcess, log: string[]): Promise<void> {
  let isUp = false
  for (const stream of [broker.stdout, broker.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      const text = chunk.toString()
      log.push(text)
      if (log.length > 50) log.shift()
      if (log.slice(-2).join('').includes('Kafka Server started')) isUp = true
    })
  }
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!isUp) {
    if (broker.exitCode !== null) throw new Error(`the broker exited:\n${log.join('').slice(-4000)}`)
    if (Date.now() > deadline) {
      broker.kill('SIGKILL')
      throw new Error(`the broker did not start in ${START_TIMEOUT_MS} ms:\n${log.join('').slice(-4000)}`)
    }
    await pause(20)
  }
}

async function freePorts(count: 4): Promise<[number, number, number, number]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports as [number, number, number, number]
}
