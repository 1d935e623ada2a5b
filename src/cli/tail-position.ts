// Where `sluice tail --from …` begins, as the user says it.
import type { OffsetPosition } from '../kafka/offsets.ts'

const AGE_UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `earliest`, `latest`, an age (`5m`), an ISO time, or an offset; undefined when it is none of these. */
export function parseTailPosition(
  text: string,
  nowMs: number,
): OffsetPosition | { readonly offset: number } | undefined {
  if (text === 'earliest' || text === 'latest') return text
  if (/^\d+$/.test(text)) return { offset: Number(text) }
  const age = /^(\d+)([smhd])$/.exec(text)
  if (age) return { timestampMs: nowMs - Number(age[1]) * AGE_UNITS_MS[age[2] as keyof typeof AGE_UNITS_MS] }
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return undefined
  const timestampMs = Date.parse(text)
  return Number.isNaN(timestampMs) ? undefined : { timestampMs }
}
