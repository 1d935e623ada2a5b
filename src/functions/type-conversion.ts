// CAST and TRY_CAST. Which casts exist is in types/casts.ts, what they do to a value in types/cast-value.ts.
import { JobError } from '../diagnostics/job-error.ts'
import { castOf } from '../types/cast-value.ts'
import { castRefusedByRuntime, validatorAcceptsCast } from '../types/casts.ts'
import { type LogicalType, MAX_LENGTH, withNullability } from '../types/logical-type.ts'
import { printType } from '../types/print-type.ts'
import type { Argument, CallPlace, FunctionDefinition, Mismatch } from './function-definition.ts'
import { any, form, forms } from './input-strategies.ts'

/** The target is `place.target`, its outermost NOT NULL without meaning. */
function checkCast(args: readonly Argument[], place: CallPlace, safe: boolean): readonly LogicalType[] | Mismatch {
  const { type, literal } = args[0]!
  const target = place.target!
  if (type.kind === 'NULL') return [withNullability(target, true)]
  const mismatch = (stage: Mismatch['stage']): Mismatch => ({
    code: 'TYP004',
    stage,
    argument: 0,
    expected: [`a type that can be cast to ${printType(withNullability(target, true))}`],
    found: printType(withNullability(type, true)),
  })
  if (!validatorAcceptsCast(type, target)) return mismatch('validate')
  // Flink evaluates the cast of a constant early: CAST while it converts the statement, TRY_CAST while it optimizes.
  // A TRY_CAST to an array is left alone until code is generated.
  const early = (literal !== undefined || args[0]!.constant === true) && !(safe && target.kind === 'ARRAY')
  if (castRefusedByRuntime(type, target)) return mismatch(early ? (safe ? 'plan' : 'validate') : 'codegen')
  return [type]
}

function cast(name: 'CAST' | 'TRY_CAST', doc: string): FunctionDefinition {
  const safe = name === 'TRY_CAST'
  return {
    name,
    kind: 'scalar',
    category: 'type conversion',
    syntax: 'special',
    input: { forms: ['(value AS type)'], count: [1, 1], check: (args, place) => checkCast(args, place, safe) },
    output: (_, args, place) => {
      const { type } = args[0]!
      return withNullability(place.target!, safe || type.nullable || type.kind === 'NULL')
    },
    nullRule: 'strict',
    deterministic: true,
    doc,
    example: `${name}(amount AS DECIMAL(10, 2))`,
    kernel: ({ argumentTypes, resultType, timeZone }) => {
      const convert = castOf(argumentTypes[0]!, resultType, timeZone)
      if (!safe) return ([value]) => convert(value!)
      return ([value]) => {
        try {
          return convert(value!)
        } catch (error) {
          // Flink's own TRY_CAST fails at NaN to DECIMAL, which has another code.
          if (error instanceof JobError && error.code === 'RUN302') return null
          throw error
        }
      }
    },
  }
}

export const typeConversionFunctions: readonly FunctionDefinition[] = [
  cast('CAST', 'The value as another type; the job stops at a value that cannot be converted.'),
  cast('TRY_CAST', 'The value as another type, NULL where it cannot be converted.'),
  {
    name: 'TYPEOF',
    kind: 'scalar',
    category: 'type conversion',
    syntax: 'function',
    input: forms(form(any), form(any, any)),
    output: () => ({ kind: 'VARCHAR', length: MAX_LENGTH, nullable: true }),
    nullRule: 'custom',
    deterministic: true,
    doc: 'The type of an expression as text.',
    example: 'TYPEOF(amount)',
    kernel: ({ argumentTypes }) => {
      const text = printType(argumentTypes[0]!)
      return () => text
    },
  },
]
