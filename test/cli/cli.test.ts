// The command line: help, exit codes, output for people and for programs.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Project } from './project.ts'

const commands = ['demo', 'validate', 'run', 'topics', 'tail', 'schemas']
const cardVelocity = join('examples', 'card-velocity', 'card-velocity.yaml')

describe('the command line', () => {
  let project: Project
  beforeAll(() => {
    project = new Project()
  })
  afterAll(() => project.remove())

  /** The card-velocity example with one text replaced by another. */
  const changed = (from: string, to: string): string => {
    const text = readFileSync(join(project.folder, cardVelocity), 'utf8')
    expect(text).toContain(from)
    const file = join('examples', 'card-velocity', 'changed.yaml')
    writeFileSync(join(project.folder, file), text.replaceAll(from, to))
    return file
  }

  test('--help names every command, and every command shows examples', () => {
    const { code, out } = project.sluice(['--help'])
    expect(code).toBe(0)
    for (const command of commands) {
      expect(out).toContain(`  ${command} `)
      const help = project.sluice([command, '--help'])
      expect(help.code).toBe(0)
      expect(help.out).toMatch(/Examples:\n {2}\$ /)
    }
  })

  test.each([
    [['valdate'], /unknown command 'valdate'.*\(Did you mean validate\?\)/s],
    [['tail'], /missing required argument 'topic'/],
    [['topics', '--jsn'], /unknown option '--jsn'/],
    [['tail', 'payments.velocity', '--limit', 'none'], /expected a whole number above 0/],
    [['tail', 'payments.velocity', '--from', 'yesterday'], /--from yesterday: expected earliest, latest/],
    [['demo', '--port', '99999'], /expected a port/],
    [['demo', '--for', 'ever'], /expected a duration like 500ms/],
    [['tail', 'payments.nothing'], /topic `payments\.nothing` does not exist/],
    [['schemas', 'com.acme.Nothing'], /com\.acme\.Nothing/],
    [['topics', '--env', 'stagin'], /environment `stagin` does not exist/],
    [['validate', 'absent.yaml'], /pipeline file `absent\.yaml` cannot be read/],
  ])('%j is the user’s mistake: exit code 1, one clear text, no stack trace', (words, message) => {
    const { code, err, out } = project.sluice(words)
    expect(err).toMatch(message)
    expect(err).not.toMatch(/^\s+at /m)
    expect(out).toBe('')
    expect(code).toBe(1)
  })

  test('an environment that does not answer is not the user’s mistake: exit code 2', () => {
    const elsewhere = join(project.folder, 'elsewhere')
    cpSync(join(project.folder, 'examples', 'card-velocity'), elsewhere, { recursive: true })
    writeFileSync(
      join(elsewhere, 'sluice.yaml'),
      'environments:\n  nowhere:\n    kafka: { bootstrap: ["127.0.0.1:1"] }\n    registry: { urls: ["http://127.0.0.1:1"] }\n',
    )
    const { code, err } = project.sluice(['validate', 'elsewhere/card-velocity.yaml', '--env', 'nowhere'])
    expect(err).toMatch(/127\.0\.0\.1:1/)
    expect(err).not.toMatch(/^\s+at /m)
    expect(code).toBe(2)
  })

  test.skipIf(!existsSync('/sys/kernel'))('a folder that may not be written to is one clear line', () => {
    const { status, stderr } = spawnSync(join(project.folder, 'bin', 'sluice'), ['topics'], {
      cwd: '/sys',
      encoding: 'utf8',
    })
    expect(stderr).toMatch(
      /^sluice: \/sys\/\.sluice\/embedded: (operation not permitted|permission denied|the file system is read-only)\n$/,
    )
    expect(status).toBe(2)
  })

  test('validate says what was proved and shows the Flink SQL', () => {
    const { code, out, err } = project.sluice(['validate', cardVelocity])
    expect(err).toBe('')
    expect(code).toBe(0)
    expect(out).toContain('writes payments.velocity (com.acme.payments.Velocity version 1), exactly-once')
    expect(out).toContain("GROUP BY `userIdentifier`, TUMBLE(`createdAt`, INTERVAL '10' SECOND)")
    expect(out).not.toContain('WINDOW TUMBLING')
  })

  test('validate names the place of a mistake in the YAML file, and the cure', () => {
    const file = changed('GROUP BY userIdentifier', 'GROUP BY userIdentifer')
    const { code, err } = project.sluice(['validate', file])
    expect(code).toBe(1)
    expect(err).toContain('column `userIdentifer` does not exist')
    expect(err).toContain('GROUP BY userIdentifer;')
    expect(err).toContain('hint: Did you mean `userIdentifier`?')
    const json = JSON.parse(project.sluice(['validate', file, '--json']).out.split('\n')[0]!)
    expect(json).toMatchObject({ file, line: 13, severity: 'error' })
  })

  test('a schema that is not registered is told before anything starts', () => {
    const file = changed('com.acme.payments.Velocity', 'com.acme.payments.Velocty')
    const { code, err } = project.sluice(['run', file])
    expect(code).toBe(1)
    expect(err).toContain('subject `com.acme.payments.Velocty` does not exist in the schema registry')
    expect(err).toContain('Did you mean `com.acme.payments.Velocity`?')
  })

  test('an output topic that does not exist is refused with the command that makes it', () => {
    const file = changed('topic: payments.velocity', 'topic: payments.speed')
    const { code, err } = project.sluice(['run', file, '--for', '20s'])
    expect(err).toContain('topic `payments.speed` does not exist')
    expect(err).toContain('kafka-topics.sh')
    expect(code).toBe(1)
  })

  test('run ends by itself with --for, and prints its status as JSON on request', () => {
    const { code, out } = project.sluice(['run', cardVelocity, '--for', '2s', '--json'])
    expect(code).toBe(0)
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.at(-1)).toMatchObject({ state: 'stopped', restarts: 0 })
  })

  test('a reader that goes away early ends the command quietly', () => {
    const command = `${join(project.folder, 'bin', 'sluice')} schemas com.acme.payments.Transaction | head -n 1`
    const { stdout, stderr, status } = spawnSync('sh', ['-c', command], { cwd: project.folder, encoding: 'utf8' })
    expect(stdout).toMatch(/^com\.acme\.payments\.Transaction: version 1/)
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  test('colours stay away from pipes, and come when they are forced', () => {
    expect(project.sluice(['topics']).out).not.toContain('\u001b[')
    const env: Record<string, string> = { ...process.env, FORCE_COLOR: '1' } as Record<string, string>
    delete env.NO_COLOR
    const forced = spawnSync(join(project.folder, 'bin', 'sluice'), ['topics'], {
      cwd: project.folder,
      env,
      encoding: 'utf8',
    })
    expect(forced.stdout).toContain('\u001b[')
  })
})
