// What the demo shows: who attempts too many payments. A table that updates in place on a terminal, one line a finding elsewhere.
// "Too many" is this display's threshold; the query itself counts everybody.
import { formatTable, paint } from '../output.ts'

/** One decoded record of the output topic. */
export type VelocityRow = {
  readonly userIdentifier: string
  /** Milliseconds since the epoch. */
  readonly windowStart: number
  readonly windowEnd: number
  readonly paymentAttempts: number
}

/** More attempts than this in ten seconds are shown. */
const THRESHOLD = 5
const SHOWN_ROWS = 12

const timeOfDay = (millis: number): string => new Date(millis).toISOString().slice(11, 19)

export class VelocityBoard {
  readonly #output: NodeJS.WriteStream
  readonly #found: VelocityRow[] = []
  #results = 0
  #drawnLines = 0
  #suspects = 0

  constructor(output: NodeJS.WriteStream) {
    this.#output = output
  }

  get results(): number {
    return this.#results
  }

  /** Takes rows in the order they were read. */
  add(rows: readonly VelocityRow[]): void {
    const found = rows.filter((row) => row.paymentAttempts > THRESHOLD)
    this.#results += rows.length
    this.#suspects += found.length
    if (this.#output.isTTY) {
      this.#found.unshift(...found.toReversed())
      this.#found.length = Math.min(this.#found.length, SHOWN_ROWS)
      this.#redraw()
      return
    }
    for (const row of found) {
      this.#output.write(
        `${timeOfDay(row.windowStart)}-${timeOfDay(row.windowEnd)}  ${row.userIdentifier}  ${row.paymentAttempts} payment attempts\n`,
      )
    }
  }

  /** The closing sentence, below whatever stands on the screen. */
  summary(): string {
    return `${this.#results} results, ${this.#suspects} of them above ${THRESHOLD} attempts in 10 seconds`
  }

  #redraw(): void {
    const rows = this.#found.map((row) => [
      `${timeOfDay(row.windowStart)} - ${timeOfDay(row.windowEnd)}`,
      row.userIdentifier,
      String(row.paymentAttempts).padStart(8),
      '#'.repeat(Math.min(row.paymentAttempts, 40)),
    ])
    const text = [
      paint('bold', `Who attempts too many payments (more than ${THRESHOLD} in 10 seconds, times in UTC)`),
      '',
      formatTable(['window', 'user', 'attempts', ''], rows),
      '',
      paint('dim', `${this.summary()}. Ctrl-C ends.`),
      '',
    ].join('\n')
    // Back to where the last drawing began, then clear to the end of the screen.
    if (this.#drawnLines > 0) this.#output.write(`\u001b[${this.#drawnLines}A\u001b[0J`)
    this.#output.write(text)
    this.#drawnLines = text.split('\n').length - 1
  }
}
