// TO_CHANGELOG and FROM_CHANGELOG: the changes of a table as appended rows with their kind in a column, and back.
import type { Argument, Call, Descriptor } from '../sql/ast.ts'
import { type Field, MAX_LENGTH } from '../types/logical-type.ts'
import { plainTime } from './build-plan.ts'
import { type FromItem, type FromPlace, oneSource, unknownItem, type ValidateFrom } from './from-item.ts'

const operations = ['INSERT', 'UPDATE_AFTER', 'UPDATE_BEFORE', 'DELETE']

/** They have no plan of ours yet, only their columns. */
export function validateChangelogFunction(call: Call, place: FromPlace, validateFrom: ValidateFrom): FromItem {
  const { findings } = place.context
  const name = call.name.parts.at(-1)!.name.toUpperCase()
  const table = argument(call, 'INPUT') ?? call.args[0]
  if (table?.kind !== 'tableArgument' || table.table.kind !== 'identifier') {
    findings.error('TYP002', call.callSpan, `\`${name}\` takes a table: input => TABLE t`)
    return unknownItem(undefined, call.span)
  }
  if (table.partitionBy) {
    findings.error('TYP002', table.span, `\`${name}\` takes no PARTITION BY`, { flinkSpan: call.callSpan })
    return unknownItem(undefined, call.span)
  }
  checkMapping(argument(call, 'OP_MAPPING'), place)
  const identifier = table.table
  const input = validateFrom(
    { kind: 'table', name: identifier, hints: [], span: identifier.span },
    { ...place, left: undefined },
  )
  const columns = input.sources.flatMap((source) => source.columns)
  const descriptor = argument(call, 'OP')
  const kind = descriptor?.kind === 'descriptor' ? (descriptor as Descriptor).columns[0]?.name : undefined
  const rows = columns.map((field) => ({ ...field, type: plainTime(field.type) }))
  if (name === 'FROM_CHANGELOG')
    return oneSource(
      undefined,
      call.span,
      rows.filter((field) => field.name !== (kind ?? 'op')),
      undefined,
    )
  const operation: Field = { name: kind ?? 'op', type: { kind: 'VARCHAR', length: MAX_LENGTH, nullable: true } }
  return oneSource(undefined, call.span, [operation, ...rows], undefined)
}

function argument(call: Call, name: string): Argument | undefined {
  const found = call.args.find((arg) => arg.kind === 'namedArgument' && arg.name.name.toUpperCase() === name)
  return found?.kind === 'namedArgument' ? found.value : undefined
}

/** MAP['INSERT, UPDATE_AFTER', 'U']: one side names operations. */
function checkMapping(mapping: Argument | undefined, place: FromPlace): void {
  if (mapping?.kind !== 'collection') return
  const texts = mapping.items.map((item) => (item.kind === 'string' ? item : undefined))
  const named = (item: (typeof texts)[number]) =>
    item?.value.split(',').every((part) => operations.includes(part.trim()))
  for (let i = 0; i + 1 < texts.length; i += 2) {
    if (named(texts[i]) || named(texts[i + 1])) continue
    const { span } = mapping.items[i]!
    place.context.findings.error('TYP006', span, 'this is no operation', {
      flinkSpan: null,
      hint: `There are ${operations.join(', ')}.`,
    })
  }
}
