// The three kernels over whole batches, generated once per operator: predicate, projection, maximum of a time.

import { ByteBuffer } from '../../avro/byte-buffer.ts'
import type { Expression } from '../../plan/expression.ts'
import type { Column } from '../../types/column.ts'
import type { LogicalType } from '../../types/logical-type.ts'
import type { Operand } from './operand.ts'
import { type EvaluationSettings, RowCode } from './row-code.ts'

export type Rows = { readonly count: number; readonly selection: Int32Array | undefined }

/** Writes the rows for which the predicate is TRUE to `kept` and returns how many there are. */
export type FilterKernel = (columns: readonly Column[], rows: Rows, kept: Int32Array) => number

export function compileFilter(
  predicate: Expression,
  inputTypes: readonly LogicalType[],
  settings: EvaluationSettings,
): FilterKernel {
  const code = new RowCode(inputTypes, settings)
  const verdict = code.expression(predicate) as Operand & { carrier: 'int32' }
  code.lines.push(`if (!(${verdict.isNull}) && ${verdict.value} === 1) kept[n++] = i`)
  return linkKernel(code, 'kept', 'let n = 0', 'return n') as FilterKernel
}

/** Evaluates expressions for every live row into the columns of `out`, at the same rows. */
export type ProjectionKernel = (columns: readonly Column[], rows: Rows, out: readonly Column[]) => void

export function compileProjection(
  expressions: readonly Expression[],
  inputTypes: readonly LogicalType[],
  settings: EvaluationSettings,
): ProjectionKernel {
  const code = new RowCode(inputTypes, settings)
  const before: string[] = []
  const after: string[] = []
  expressions.forEach((expression, index) => {
    const result = code.expression(expression)
    before.push(`const o${index} = out[${index}], on${index} = o${index}.nulls`)
    code.lines.push(store(code, result, index, before, after))
  })
  return linkKernel(code, 'out', before.join('\n'), after.join('\n')) as ProjectionKernel
}

/**
 * Writes to `watermarks`, by row, what `Math.min(cap, the largest time so far)` was just before the row; returns the largest
 * time. `cap` is the watermark of the other partitions, `largest` that of this one so far. Rows without a time change nothing.
 */
export type WatermarkKernel = (
  columns: readonly Column[],
  rows: Rows,
  watermarks: Float64Array,
  largest: number,
  cap: number,
) => number

export function compileWatermark(
  time: Expression,
  inputTypes: readonly LogicalType[],
  settings: EvaluationSettings,
): WatermarkKernel {
  const code = new RowCode(inputTypes, settings)
  const value = code.expression(time) as Operand & { carrier: 'timestamp' }
  code.lines.push(
    'watermarks[i] = largest < cap ? largest : cap',
    `if (!(${value.isNull}) && ${value.millis} > largest) largest = ${value.millis}`,
  )
  return linkKernel(code, 'watermarks, largest, cap', '', 'return largest') as WatermarkKernel
}

function store(code: RowCode, result: Operand, index: number, before: string[], after: string[]): string {
  const guard =
    result.isNull === 'false'
      ? `on${index}[i] = 0;`
      : `if (${result.isNull}) on${index}[i] = 1; else { on${index}[i] = 0;`
  const close = result.isNull === 'false' ? '' : '}'
  const arrays = (...names: string[]) => {
    for (const name of names) before.push(`const o${index}_${name} = o${index}.${name}`)
  }
  switch (result.carrier) {
    case 'int32':
    case 'float64':
    case 'value':
      arrays('values')
      return `${guard} o${index}_values[i] = ${result.value} ${close}`
    case 'int64':
      arrays('words')
      return `${guard} o${index}_words[2 * i] = ${result.low}; o${index}_words[2 * i + 1] = ${result.high} ${close}`
    case 'timestamp':
      arrays('millis', 'nanos')
      return `${guard} o${index}_millis[i] = ${result.millis}; if (o${index}_nanos !== undefined) o${index}_nanos[i] = ${result.nanos} ${close}`
    case 'bytes': {
      arrays('starts', 'lengths')
      const sink = code.constant(new ByteBuffer())
      before.push(`${sink}.clear()`)
      after.push(`o${index}.data = ${sink}.bytes`)
      return `${guard} o${index}_starts[i] = ${sink}.append(${result.data}, ${result.start}, ${result.length}); o${index}_lengths[i] = ${result.length} ${close}`
    }
  }
}

/** The function around the loop over live rows. */
export function linkKernel(code: RowCode, parameters: string, before: string, after: string): unknown {
  const constants = code.constants.map((_, index) => `const k${index} = constants[${index}]`).join('\n')
  const text = `'use strict'
${constants}
return function kernel(columns, rows, ${parameters}) {
const count = rows.count, selection = rows.selection
${code.arrays.join('\n')}
${before}
for (let j = 0; j < count; j++) {
const i = selection === undefined ? j : selection[j]
${code.declarations()}
${code.loads.join('\n')}
${code.lines.join('\n')}
}
${after}
}`
  return new Function('constants', text)(code.constants)
}
