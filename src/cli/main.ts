// The `sluice` command: what can be asked, with examples. Each command's work is in its own file, loaded only when asked for.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { type ExitCode, endQuietlyOnBrokenPipe, exitCodes } from './output.ts'
import { reportFailure } from './report-failure.ts'

const positiveInteger = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number above 0.')
  return value
}

const portNumber = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 65_534)
    throw new InvalidArgumentError('expected a port between 1 and 65534.')
  return value
}

/** `90s`, `5m`, `1h`, `500ms`: milliseconds. */
const duration = (text: string): number => {
  const match = /^(\d+)(ms|s|m|h)$/.exec(text)
  if (!match) throw new InvalidArgumentError('expected a duration like 500ms, 20s, 5m or 1h.')
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] as 'ms' | 's' | 'm' | 'h']
  return Number(match[1]) * unit
}

const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`

const environmentOption = [
  '-e, --env <name>',
  'environment of sluice.yaml to use (default: the embedded one on this machine)',
] as const

function buildProgram(finish: (code: ExitCode) => void): Command {
  const program = new Command('sluice')
    .description('Streaming SQL on Kafka: proved before it starts, exactly once, one unit to watch and change.')
    .version('0.1.0')
    .exitOverride()
    .showHelpAfterError('(add --help for the options and examples)')
    .addHelpText(
      'after',
      examples(
        'sluice validate examples/card-velocity/card-velocity.yaml',
        'sluice run examples/card-velocity/card-velocity.yaml',
        'sluice tail payments.velocity --limit 5',
      ),
    )

  program
    .command('demo')
    .description('run the card-velocity example with an embedded Kafka, a schema registry and made-up card payments')
    .option('--port <port>', 'port of the embedded Kafka; the schema registry takes the next one', portNumber, 19092)
    .option('--for <duration>', 'end by itself after this time', duration)
    .option('--reset', 'forget all data of the demo and begin anew')
    .addHelpText('after', examples('npm start', 'npm start -- --for 20s', 'npm start -- --reset --port 29092'))
    .action(async (options) => finish(await (await import('./demo/demo.ts')).runDemo(options)))

  program
    .command('validate')
    .description('prove pipelines without starting anything: names, types, time, output schema')
    .argument('<file...>', 'pipeline files')
    .option(...environmentOption)
    .option('--json', 'print one JSON object per problem')
    .addHelpText(
      'after',
      examples('sluice validate pipelines/*.yaml', 'sluice validate pipelines/card-velocity.yaml --env staging --json'),
    )
    .action(async (files, options) => finish(await (await import('./validate.ts')).validateFiles(files, options)))

  program
    .command('run')
    .description('run a pipeline on this machine until it is stopped (Ctrl-C)')
    .argument('<file>', 'pipeline file')
    .option(...environmentOption)
    .option('--for <duration>', 'stop by itself after this time', duration)
    .addOption(
      new Option(
        '--state <choice>',
        'when the kept state is lost or no longer fits: read all input again, or begin empty',
      ).choices(['rebuild', 'empty']),
    )
    .option('--json', 'print status as JSON lines')
    .addHelpText(
      'after',
      examples(
        'sluice run pipelines/card-velocity.yaml',
        'sluice run pipelines/card-velocity.yaml --env production --json',
      ),
    )
    .action(async (file, options) => finish(await (await import('./run.ts')).runPipeline(file, options)))

  program
    .command('topics')
    .description('list topics with their partitions and offsets')
    .option(...environmentOption)
    .option('--json', 'print one JSON object per topic')
    .addHelpText('after', examples('sluice topics', 'sluice topics --env staging --json'))
    .action(async (options) => finish(await (await import('./topics.ts')).listTopics(options)))

  program
    .command('tail')
    .description('print records of a topic, decoded by their schema id')
    .argument('<topic>')
    .option(...environmentOption)
    .option(
      '--from <where>',
      'where to begin: earliest, latest, an age (5m), an ISO timestamp, or an offset (with every partition)',
      'latest',
    )
    .option('--limit <count>', 'end after so many records', positiveInteger)
    .option('--json', 'print one JSON object per record')
    .addHelpText(
      'after',
      examples(
        'sluice tail payments.velocity',
        'sluice tail payments.transactions --from earliest --limit 10 --json',
        'sluice tail payments.velocity --from 5m --env staging',
      ),
    )
    .action(async (topic, options) => finish(await (await import('./tail.ts')).tailTopic(topic, options)))

  program
    .command('schemas')
    .description('list the subjects of the schema registry, or show one')
    .argument('[subject]')
    .option(...environmentOption)
    .option('--json', 'print JSON')
    .addHelpText('after', examples('sluice schemas', 'sluice schemas com.acme.payments.Velocity --json'))
    .action(async (subject, options) => finish(await (await import('./schemas.ts')).showSchemas(subject, options)))

  for (const command of program.commands) command.exitOverride().showHelpAfterError('(add --help for examples)')
  return program
}

async function main(): Promise<void> {
  endQuietlyOnBrokenPipe()
  let exitCode: ExitCode = exitCodes.ok
  try {
    await buildProgram((code) => {
      exitCode = code
    }).parseAsync(process.argv)
  } catch (error) {
    exitCode =
      error instanceof CommanderError
        ? error.exitCode === 0
          ? exitCodes.ok
          : exitCodes.userMistake
        : reportFailure(error)
  }
  // Output may still be on its way through a pipe: let it drain instead of process.exit().
  process.exitCode = exitCode
}

await main()
