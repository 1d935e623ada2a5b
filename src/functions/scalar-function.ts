// Builds a row of kind `scalar` with the usual answers filled in.
import { JobError } from '../diagnostics/job-error.ts'
import type {
  FunctionCategory,
  FunctionDefinition,
  InputStrategy,
  Kernel,
  KernelContext,
  OutputStrategy,
} from './function-definition.ts'

export type ScalarFunction = {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly category: FunctionCategory
  /** `function` when absent. */
  readonly syntax?: FunctionDefinition['syntax']
  readonly input: InputStrategy
  readonly output: OutputStrategy
  /** `strict` when absent. */
  readonly nullRule?: FunctionDefinition['nullRule']
  /** `true` when absent. */
  readonly deterministic?: boolean
  readonly doc: string
  readonly example: string
  readonly kernel?: (context: KernelContext) => Kernel
}

export function scalar(definition: ScalarFunction): FunctionDefinition {
  return { kind: 'scalar', syntax: 'function', nullRule: 'strict', deterministic: true, ...definition }
}

/** A value the function is not defined for: the job stops, as Flink's does. */
export function failedCall(name: string, message: string): JobError {
  return new JobError('RUN303', `function \`${name}\`: ${message}`, { origin: 'user', retry: 'never' })
}
