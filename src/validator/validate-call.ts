// Types one call: finds the function's result, casts its arguments to what it receives, words a mismatch.

import type { Span } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import { allFunctions, findFunction } from '../functions/find-function.ts'
import {
  type Argument,
  type CallPlace,
  type FunctionDefinition,
  inferCall,
  isMismatch,
  type Mismatch,
} from '../functions/function-definition.ts'
import type { Findings } from '../plan/findings.ts'
import type { LogicalType } from '../types/logical-type.ts'
import { sameTypeIgnoringNullability } from '../types/type-equality.ts'
import type { Bound } from './bound-expression.ts'
import { plainTime } from './build-plan.ts'

export type TypedCall = {
  readonly definition: FunctionDefinition
  readonly type: LogicalType
  /** Cast to what the function receives. */
  readonly arguments: readonly Bound[]
}

/** `span` is the whole call; `name` where its name or operator stands. */
export type CallSite = { readonly span: Span; readonly name: Span }

export function typeCall(
  name: string,
  args: readonly Bound[],
  site: CallSite,
  findings: Findings,
  place: CallPlace = {},
): TypedCall | undefined {
  const definition = findFunction(name)
  if (!definition) return unknownFunction(name, site, findings)
  return typeCallOf(definition, args, site, findings, place)
}

export function typeCallOf(
  definition: FunctionDefinition,
  args: readonly Bound[],
  site: CallSite,
  findings: Findings,
  place: CallPlace = {},
): TypedCall | undefined {
  const inference = inferCall(definition, args.map(argumentOf), place)
  if (isMismatch(inference)) {
    reportMismatch(definition, args, inference.mismatch, site, findings)
    return undefined
  }
  const received = args.map((arg, i) => castTo(arg, inference.argumentTypes[i] ?? arg.type))
  return { definition, type: inference.type, arguments: received }
}

/** A scalar call or operator. */
export function bindCall(
  name: string,
  args: readonly Bound[],
  site: CallSite,
  findings: Findings,
  place: CallPlace = {},
): Bound | undefined {
  const call = typeCall(name, args, site, findings, place)
  return (
    call && {
      kind: 'call',
      function: call.definition.name,
      arguments: call.arguments,
      type: call.type,
      span: site.span,
    }
  )
}

export function unknownFunction(name: string, site: CallSite, findings: Findings): undefined {
  const names = allFunctions.filter(({ syntax }) => syntax !== 'binary').map((row) => row.name)
  const near = didYouMean(name.toUpperCase(), names)
  return findings.error('NAM004', site.name, `function \`${name}\` does not exist`, {
    flinkSpan: site.span,
    hint: near === undefined ? undefined : `Did you mean \`${near}\`?`,
    ...(near !== undefined && { edit: { span: site.name, text: near } }),
  })
}

function argumentOf(bound: Bound): Argument {
  return bound.kind === 'literal' ? { type: bound.type, literal: bound.value } : { type: bound.type }
}

/** Flink casts where the function receives another type; a lost time attribute or nullability needs no cast. */
export function castTo(bound: Bound, type: LogicalType): Bound {
  if (sameTypeIgnoringNullability(plainTime(bound.type), plainTime(type))) return bound
  if (bound.type.kind === 'NULL' || type.kind === 'SYMBOL' || type.kind === 'DESCRIPTOR') return { ...bound, type }
  const nullable = bound.type.nullable
  return { kind: 'call', function: 'CAST', arguments: [bound], type: { ...type, nullable }, span: bound.span }
}

function reportMismatch(
  definition: FunctionDefinition,
  args: readonly Bound[],
  mismatch: Mismatch,
  site: CallSite,
  findings: Findings,
): void {
  const at = mismatch.argument === undefined ? undefined : args[mismatch.argument]
  const bareNull = at ?? args.find((arg) => arg.type.kind === 'NULL')
  if (mismatch.stage === 'validate' && mismatch.code !== 'TYP001' && bareNull?.type.kind === 'NULL') {
    findings.error('TYP005', bareNull.span, 'NULL has no type here', { hint: 'Write CAST(NULL AS a type).' })
    return
  }
  const constant = args.every(isConstant)
  // Constants are computed while planning, so what code generation refuses is found earlier.
  const stage = mismatch.stage === 'codegen' && constant ? 'plan' : mismatch.stage
  findings.error(mismatch.code, at?.span ?? site.span, describe(definition, args, mismatch), {
    stage,
    flinkSpan: mismatch.stage === 'validate' ? site.span : null,
    hint: mismatch.hint,
  })
}

function isConstant(bound: Bound): boolean {
  return bound.kind === 'literal' || (bound.kind === 'call' && bound.arguments.every(isConstant))
}

function describe(definition: FunctionDefinition, args: readonly Bound[], mismatch: Mismatch): string {
  const { expected, argument } = mismatch
  const found = mismatch.found.replaceAll(' NOT NULL', '')
  const wanted = expected.length > 1 ? `${expected.slice(0, -1).join(', ')} or ${expected.at(-1)}` : (expected[0] ?? '')
  if (mismatch.code === 'TYP001') return `function \`${definition.name}\` takes ${wanted}, found ${found}`
  if (mismatch.code === 'TYP008') return `\`${definition.name}\` needs ${wanted}, found ${found}`
  if (definition.syntax !== 'function' || argument === undefined) {
    const side = definition.syntax === 'binary' && argument !== undefined ? ['left side ', 'right side '][argument] : ''
    return `${side ?? ''}${side ? 'of ' : ''}\`${definition.name}\` must be ${wanted}, found ${found}`
  }
  return args.length === 1
    ? `argument of \`${definition.name}\` must be ${wanted}, found ${found}`
    : `argument ${argument + 1} of \`${definition.name}\` must be ${wanted}, found ${found}`
}
