// Hints: /*+ OPTIONS('k' = 'v') */ and the like. An unknown hint, or an option no connector has, is refused as in Flink.
import type { Table } from '../catalog/table.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Hint } from '../sql/ast.ts'
import { isKnownOption } from './connector-options.ts'
import type { Context } from './context.ts'

const queryHints = [
  ...['OPTIONS', 'LOOKUP', 'STATE_TTL', 'BROADCAST', 'SHUFFLE_HASH', 'SHUFFLE_MERGE', 'NEST_LOOP', 'MULTI_JOIN'],
  ...['EARLY_FIRE', 'JSON_AGGREGATE_WRAPPED'],
]

/** Behind SELECT. `names`: tables and aliases of the query. */
export function checkQueryHints(hints: readonly Hint[], names: readonly string[], context: Context): void {
  const { findings } = context
  for (const hint of hints) {
    const name = hint.name.name.toUpperCase()
    if (!queryHints.includes(name)) {
      const near = didYouMean(name, queryHints)
      findings.error('NAM004', hint.name.span, `hint \`${hint.name.name}\` does not exist`, {
        flinkSpan: null,
        hint: near === undefined ? undefined : `Did you mean \`${near}\`?`,
      })
    }
    if (name === 'LOOKUP' && !hint.options.some(({ key }) => key?.text === 'table')) {
      findings.error('STR020', hint.span, "hint `LOOKUP` needs the option 'table'", { flinkSpan: null })
    }
    if (name !== 'STATE_TTL') continue
    for (const option of hint.options) {
      if (!/^\d+\s*[a-z]*$/i.test(option.value.text.trim())) {
        findings.error('STR020', option.span, `'${option.value.text}' is no duration`, { flinkSpan: null })
      }
      if (option.key && !names.includes(option.key.text)) {
        findings.error('NAM006', option.span, `\`${option.key.text}\` is no table of the query`, { stage: 'plan' })
      }
    }
  }
}

/** Behind the name of a table. */
export function checkTableHints(
  hints: readonly Hint[],
  table: Table,
  context: Context,
  stage: 'validate' | 'plan',
): void {
  for (const hint of hints) {
    if (hint.name.name.toUpperCase() !== 'OPTIONS') continue
    for (const option of hint.options) {
      const key = option.key?.text
      if (key === undefined || isKnownOption(table.changelog === 'upsert' ? 'upsert-kafka' : 'kafka', key)) continue
      context.findings.error('STR020', option.span, `the connector has no option '${key}'`, { flinkSpan: null, stage })
    }
  }
}
