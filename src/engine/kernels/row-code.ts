// Writes the body of a generated kernel: expressions become JavaScript statements over the registers of one row.
// The text holds only counters and checked numbers; every string and object goes through the constants array.
import { assert, unreachable } from '../../diagnostics/assert.ts'
import { findFunction } from '../../functions/find-function.ts'
import type { EmitScope, FunctionDefinition, KernelContext, Register } from '../../functions/function-definition.ts'
import type { Expression } from '../../plan/expression.ts'
import { carrierOf } from '../../types/column.ts'
import type { LogicalType } from '../../types/logical-type.ts'
import { box, literalOperand, loadColumn, type Operand, resultOperand, unbox } from './operand.ts'

/** What expressions may ask of their surroundings; the same on every run of a job. */
export type EvaluationSettings = Pick<KernelContext, 'timeZone' | 'now' | 'random'>

export class RowCode implements EmitScope {
  readonly lines: string[] = []
  readonly constants: unknown[] = []
  readonly settings: EvaluationSettings
  /** Reads of the columns used, run first for each row; and the arrays they read, fetched once per batch. */
  readonly loads: string[] = []
  readonly arrays: string[] = []
  readonly #inputTypes: readonly LogicalType[]
  readonly #columns = new Map<number, Operand>()
  #locals = 0

  constructor(inputTypes: readonly LogicalType[], settings: EvaluationSettings) {
    this.#inputTypes = inputTypes
    this.settings = settings
  }

  local(): string {
    return `x${this.#locals++}`
  }

  constant(value: unknown): string {
    return `k${this.constants.push(value) - 1}`
  }

  /** `let` for every local so far; it stands first in the loop. */
  declarations(): string {
    if (this.#locals === 0) return ''
    return `let ${Array.from({ length: this.#locals }, (_, index) => `x${index}`).join(',')}`
  }

  /** Reads column `index` of the input at row `i`. */
  column(index: number): Operand {
    let operand = this.#columns.get(index)
    if (operand === undefined) {
      operand = loadColumn(this, index, this.#inputTypes[index]!)
      this.#columns.set(index, operand)
    }
    return operand
  }

  /** Appends the statements that evaluate `expression` and says where its result is. */
  expression(expression: Expression): Operand {
    switch (expression.kind) {
      case 'column':
        return this.column(expression.index)
      case 'literal':
        return literalOperand(this, expression.value, expression.type)
      case 'call':
        return this.#call(expression)
      default:
        return unreachable(expression)
    }
  }

  #call(call: Expression & { kind: 'call' }): Operand {
    switch (call.function) {
      case 'AND':
        return this.#logical(call, '0')
      case 'OR':
        return this.#logical(call, '1')
      case 'CASE':
        return this.#case(call.arguments, call.type)
      case 'IF':
        return this.#case(call.arguments, call.type)
      case 'COALESCE':
        return this.#coalesce(call.arguments, call.type)
    }
    const definition = findFunction(call.function)
    assert(definition !== undefined, `function ${call.function} is known`)
    const operands = call.arguments.map((argument) => this.expression(argument))
    return this.#emitted(definition, call, operands) ?? this.#boxed(definition, call, operands)
  }

  #emitted(
    definition: FunctionDefinition,
    call: Expression & { kind: 'call' },
    operands: readonly Operand[],
  ): Operand | undefined {
    const registers = operands.filter((operand): operand is Register => operand.carrier !== 'value')
    if (definition.emit === undefined || registers.length < operands.length) return undefined
    if (carrierOf(call.type) === 'value') return undefined
    const result = resultOperand(this, call.type) as Register
    const types = { argumentTypes: call.arguments.map((argument) => argument.type), resultType: call.type }
    const text = definition.emit(registers, result, types, this)
    if (text === undefined) return undefined
    if (definition.nullRule === 'custom') {
      this.lines.push(text)
      return result
    }
    const nulls = anyNull(operands)
    if (nulls === 'false') {
      this.lines.push(text)
      return { ...result, isNull: 'false' }
    }
    this.lines.push(`${result.isNull} = ${nulls}; if (!${result.isNull}) {`, text, '}')
    return result
  }

  /** One call of the boxed kernel for each row. */
  #boxed(definition: FunctionDefinition, call: Expression & { kind: 'call' }, operands: readonly Operand[]): Operand {
    assert(definition.kernel !== undefined, `supports.ts lets only functions with a kernel pass, not ${call.function}`)
    const kernel = definition.kernel({
      ...this.settings,
      argumentTypes: call.arguments.map((argument) => argument.type),
      resultType: call.type,
      literals: call.arguments.map((argument) => (argument.kind === 'literal' ? argument.value : undefined)),
    })
    const boxes = operands.map((operand, index) => box(this, operand, call.arguments[index]!.type))
    const value = this.local()
    const invoke = `${value} = ${this.constant(kernel)}([${boxes.join(', ')}])`
    const nulls = definition.nullRule === 'strict' ? anyNull(operands) : 'false'
    this.lines.push(nulls === 'false' ? invoke : `if (${nulls}) ${value} = null; else ${invoke}`)
    return unbox(this, value, call.type)
  }

  /** AND and OR as Flink evaluates them: operands behind a deciding one (`stop`) are not evaluated. */
  #logical(call: Expression & { kind: 'call' }, stop: '0' | '1'): Operand {
    const isNull = this.local()
    const value = this.local()
    this.lines.push(`${isNull} = false; ${value} = ${stop === '0' ? 1 : 0}`)
    for (const argument of call.arguments) {
      this.lines.push(`if (${isNull} || ${value} !== ${stop}) {`)
      const operand = this.expression(argument) as Operand & { carrier: 'int32' }
      this.lines.push(
        `if (${operand.isNull}) { ${isNull} = true; ${value} = ${stop === '0' ? 1 : 0} }`,
        `else if (${operand.value} === ${stop}) { ${isNull} = false; ${value} = ${stop} } }`,
      )
    }
    return { carrier: 'int32', isNull, value }
  }

  /** condition, result, condition, result, …, otherwise: a branch is evaluated only when it is taken. */
  #case(branches: readonly Expression[], type: LogicalType): Operand {
    const result = resultOperand(this, type)
    let open = 0
    let at = 0
    for (; at + 1 < branches.length; at += 2) {
      const condition = this.expression(branches[at]!) as Operand & { carrier: 'int32' }
      this.lines.push(`if (!(${condition.isNull}) && ${condition.value} === 1) {`)
      this.#assign(result, this.expression(branches[at + 1]!))
      this.lines.push('} else {')
      open++
    }
    if (at < branches.length) this.#assign(result, this.expression(branches[at]!))
    else this.lines.push(`${result.isNull} = true`)
    this.lines.push('}'.repeat(open))
    return result
  }

  #coalesce(candidates: readonly Expression[], type: LogicalType): Operand {
    const result = resultOperand(this, type)
    this.lines.push(`${result.isNull} = true`)
    for (const candidate of candidates) {
      this.lines.push(`if (${result.isNull}) {`)
      this.#assign(result, this.expression(candidate))
      this.lines.push('}')
    }
    return result
  }

  #assign(result: Operand, from: Operand): void {
    this.lines.push(`${result.isNull} = ${from.isNull}`)
    if (from.isNull === 'true') return
    const target: Record<string, string> = { ...result }
    const source: Record<string, string> = { ...from }
    for (const part of ['value', 'low', 'high', 'millis', 'nanos', 'data', 'start', 'length']) {
      if (target[part] !== undefined) this.lines.push(`${target[part]} = ${source[part]}`)
    }
  }
}

function anyNull(operands: readonly Operand[]): string {
  const nullable = operands.map((operand) => operand.isNull).filter((isNull) => isNull !== 'false')
  return nullable.length === 0 ? 'false' : nullable.join(' || ')
}
