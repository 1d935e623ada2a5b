// LIKE patterns: compiled once where the pattern is a literal. The SQL standard's rules, as Flink runs them.
import { JobError } from '../diagnostics/job-error.ts'
import type { Kernel, KernelContext } from './function-definition.ts'

export function likeKernel(context: KernelContext, negated: boolean): Kernel {
  const [, pattern, escapeCharacter] = context.literals
  if (typeof pattern === 'string' && (context.argumentTypes.length === 2 || typeof escapeCharacter === 'string')) {
    let matcher: RegExp | undefined
    return ([text]) => {
      matcher ??= likeToRegExp(pattern, escapeCharacter as string | undefined)
      return matcher.test(text as string) !== negated
    }
  }
  return ([text, p, e]) => likeToRegExp(p as string, e as string | undefined).test(text as string) !== negated
}

/** `%` any text, `_` one code point, the escape character makes the next of `%`, `_` and itself plain. */
export function likeToRegExp(pattern: string, escapeCharacter: string | undefined): RegExp {
  if (escapeCharacter !== undefined && escapeCharacter.length > 1)
    throw malformed(`escape ${escapeCharacter} is not one character`)
  let source = ''
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!
    if (c === escapeCharacter) {
      const next = pattern[++i]
      if (next === undefined || (next !== '_' && next !== '%' && next !== escapeCharacter)) {
        throw malformed(`pattern ${pattern} escapes neither %, _ nor the escape character`)
      }
      source += quote(next)
    } else if (c === '%') source += '[^]*'
    else if (c === '_') source += '[^]'
    else source += quote(c)
  }
  return new RegExp(`^${source}$`, 'u')
}

function quote(c: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(c) ? `\\${c}` : c
}

function malformed(message: string): JobError {
  return new JobError('RUN303', message, { origin: 'user', retry: 'never' })
}
