// Computes the columns of its output; plain columns pass through untouched. Rows stay where they are.
import type { Expression } from '../../plan/expression.ts'
import { type Column, createColumn } from '../../types/column.ts'
import { type Batch, rowsOf } from '../batch.ts'
import type { ProjectionKernel } from '../kernels/kernel.ts'
import type { Operator, Output } from '../operator.ts'

export class ProjectOperator implements Operator {
  readonly #expressions: readonly Expression[]
  readonly #kernel: ProjectionKernel
  readonly #next: Output
  #computed: Column[] = []
  #capacity = -1

  /** `kernel` computes those of `expressions` that are no plain column, in their order. */
  constructor(expressions: readonly Expression[], kernel: ProjectionKernel, next: Output) {
    this.#expressions = expressions
    this.#kernel = kernel
    this.#next = next
  }

  process(batch: Batch): void {
    this.#reserve(rowsOf(batch))
    this.#kernel(batch.columns, batch, this.#computed)
    let computed = 0
    const columns = this.#expressions.map((expression) =>
      expression.kind === 'column' ? batch.columns[expression.index]! : this.#computed[computed++]!,
    )
    this.#next.process({ ...batch, columns })
  }

  advance(watermark: number): void {
    this.#next.advance(watermark)
  }

  #reserve(rows: number): void {
    if (rows <= this.#capacity) return
    this.#capacity = rows
    this.#computed = this.#expressions
      .filter((expression) => expression.kind !== 'column')
      .map((expression) => createColumn(expression.type, rows))
  }
}
