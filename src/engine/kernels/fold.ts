// The kernel of windowed aggregation: one generated loop that finds each row's window, drops late rows, finds the key's slot
// and folds the row into its accumulators.
import { type Column, carrierOf } from '../../types/column.ts'
import type { LogicalType } from '../../types/logical-type.ts'
import type { ByteTable } from '../state/byte-table.ts'
import type { PaneStore } from '../state/pane-store.ts'
import type { WindowTime } from '../window-time.ts'
import { type AccumulatorLayout, foldRow } from './accumulators.ts'
import type { Rows } from './kernel.ts'
import { linkKernel } from './kernel.ts'
import { isPlainKey, KeyScratch, keyText } from './key-code.ts'
import type { Operand } from './operand.ts'
import { type EvaluationSettings, RowCode } from './row-code.ts'

/** What the loop reads and leaves between batches: the window of the last row with its table, and what it dropped. */
export type FoldState = {
  readonly panes: PaneStore
  table: ByteTable | undefined
  startMs: number
  endMs: number
  /** The watermark at which that window closes. */
  closeMs: number
  late: number
  withoutTime: number
}

/** `watermark` holds for all rows when `watermarks` is undefined. */
export type FoldKernel = (
  columns: readonly Column[],
  rows: Rows,
  watermarks: Float64Array | undefined,
  watermark: number,
  state: FoldState,
) => void

export function compileFold(
  window: {
    readonly keys: readonly number[]
    readonly timeColumn: number
    readonly sizeMs: number
    readonly offsetMs: number
    readonly time: WindowTime
  },
  layout: AccumulatorLayout,
  inputTypes: readonly LogicalType[],
  settings: EvaluationSettings,
): FoldKernel {
  const code = new RowCode(inputTypes, settings)
  const time = code.column(window.timeColumn) as Operand & { carrier: 'timestamp' }
  const remainder = code.local()
  const at = 'at'
  const { before, find } = findText(code, window.keys, inputTypes)
  if (time.isNull !== 'false') code.lines.push(`if (${time.isNull}) { withoutTime++; continue }`)
  const { toLocal, lastInstant } = window.time
  const local = toLocal === undefined ? time.millis : code.local()
  if (toLocal !== undefined) code.lines.push(`${local} = ${code.constant(toLocal)}(${time.millis})`)
  code.lines.push(
    `if (${local} < startMs || ${local} >= endMs) {`,
    `${remainder} = (${local} - ${numeric(window.offsetMs)}) % ${numeric(window.sizeMs)}`,
    `startMs = ${local} - (${remainder} < 0 ? ${remainder} + ${numeric(window.sizeMs)} : ${remainder})`,
    `endMs = startMs + ${numeric(window.sizeMs)}`,
    `closeMs = ${code.constant(lastInstant)}(endMs)`,
    'table = undefined',
    '}',
    'if ((watermarks === undefined ? watermark : watermarks[i]) >= closeMs) { late++; continue }',
    'if (table === undefined) table = panes.open(startMs)',
    `const ${at} = ${find}`,
    'const words = table.words, doubles = table.doubles',
    ...layout.slots.map((slot) => foldRow(code, slot)),
  )
  return linkKernel(
    code,
    'watermarks, watermark, state',
    `const panes = state.panes\nlet { table, startMs, endMs, closeMs } = state, late = 0, withoutTime = 0\n${before}`,
    'state.table = table; state.startMs = startMs; state.endMs = endMs; state.closeMs = closeMs; state.late = late; state.withoutTime = withoutTime',
  ) as FoldKernel
}

/** `find`: an expression whose value is the slot of the row's key. */
function findText(code: RowCode, keys: readonly number[], inputTypes: readonly LogicalType[]) {
  const types = keys.map((key) => inputTypes[key]!)
  const operands = keys.map((key) => code.column(key))
  const [only] = operands
  if (only?.carrier === 'bytes' && isPlainKey(types, types.map(carrierOf))) {
    const before = `const keyView = new DataView(${only.data}.buffer, ${only.data}.byteOffset, ${only.data}.byteLength)`
    const length = only.isNull === 'false' ? only.length : `${only.isNull} ? -1 : ${only.length}`
    return { before, find: `table.findOrInsert(keyView, ${only.start}, ${length})` }
  }
  const scratch = code.constant(new KeyScratch())
  code.lines.push(keyText(operands, scratch))
  return { before: '', find: `table.findOrInsert(${scratch}.view, 0, ${scratch}.length)` }
}

function numeric(value: number): string {
  return value < 0 ? `(${value})` : String(value)
}
