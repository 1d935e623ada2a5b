// What the command line prints: to people in columns and colours, to programs as JSON lines. Broken pipes end quietly.
import { styleText } from 'node:util'

export type ExitCode = 0 | 1 | 2

/** 0: done. 1: the user's mistake. 2: ours, or the environment's. */
export const exitCodes = { ok: 0, userMistake: 1, environment: 2 } as const satisfies Readonly<Record<string, ExitCode>>

/** A reader that went away (`sluice tail … | head`) is no failure: end with what was asked for so far. */
export function endQuietlyOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(exitCodes.ok)
      throw error
    })
  }
}

type Style = Parameters<typeof styleText>[0]

/** Colours only where the stream shows them: styleText itself heeds NO_COLOR, FORCE_COLOR and whether it is a terminal. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream })
}

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`)
}

export function printError(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** One JSON object a line; a bigint past 2^53 is written as a string, as it would lose digits as a number. */
export function printJson(value: unknown): void {
  printLine(
    JSON.stringify(value, (_, item) =>
      typeof item === 'bigint' ? (Number.isSafeInteger(Number(item)) ? Number(item) : item.toString()) : item,
    ),
  )
}

/** Rows under a header, each column as wide as its widest cell. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd()
  return [paint('bold', line(header)), ...rows.map(line)].join('\n')
}
