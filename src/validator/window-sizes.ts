// Sizes of windows: constant, positive, of fixed length, and multiples of each other where Flink asks for it.
import type { Span } from '../diagnostics/diagnostic.ts'
import type { Findings } from '../plan/findings.ts'

/**
 * `sizes` in the order of the call, NaN for months, `undefined` for what is no constant interval. `style` `group` is TUMBLE in GROUP BY
 * (any sizes), `table` a window table function.
 */
export function checkWindowSizes(
  window: 'tumble' | 'hop' | 'session' | 'cumulate',
  sizes: readonly (number | undefined)[],
  span: Span,
  findings: Findings,
  style: 'group' | 'table',
): readonly number[] | undefined {
  const name = window.toUpperCase()
  const refuse = (message: string, hint?: string, stage: 'plan' | 'codegen' = 'plan') =>
    findings.error('STR006', span, message, { stage, hint })
  if (sizes.includes(undefined)) return refuse(`the sizes of window \`${name}\` must be constant intervals`)
  const known = sizes as readonly number[]
  if (known.some(Number.isNaN)) {
    return refuse(`window \`${name}\` cannot be as long as months or years`, 'Use days, hours, minutes or seconds.')
  }
  if (style === 'group') return known
  if (known.some((size) => size <= 0)) return refuse(`the sizes of window \`${name}\` must be positive`)
  if (window === 'hop' && known[1]! % known[0]! !== 0) {
    const hint = 'The slide comes before the size: HOP(TABLE t, DESCRIPTOR(time), slide, size).'
    return refuse('the size of window `HOP` must be a multiple of its slide', hint, 'codegen')
  }
  if (window === 'cumulate' && known[1]! % known[0]! !== 0) {
    const hint = 'The step comes before the size: CUMULATE(TABLE t, DESCRIPTOR(time), step, size).'
    return refuse('the size of window `CUMULATE` must be a multiple of its step', hint)
  }
  return known
}
