// Logical operators, in three-valued logic.
import type { Value } from '../types/value.ts'
import { and, or } from './comparison.ts'
import type { Emit, FunctionDefinition, Register } from './function-definition.ts'
import { boolean, form, forms } from './input-strategies.ts'
import { BOOLEAN, notNull, nullableIfAnyArgument, sameAs } from './output-strategies.ts'

type Truth = boolean | null

function connective(name: 'AND' | 'OR', combine: (a: Truth, b: Truth) => Truth, doc: string): FunctionDefinition {
  return {
    name,
    kind: 'scalar',
    category: 'logical',
    syntax: 'binary',
    input: forms(form(boolean, boolean)),
    output: nullableIfAnyArgument(BOOLEAN),
    nullRule: 'custom',
    deterministic: true,
    doc,
    example: `a > 1 ${name} b > 1`,
    kernel:
      () =>
      ([a, b]) =>
        combine(a as Truth, b as Truth),
    emit: emitConnective(name),
  }
}

/** The decisive value (FALSE for AND, TRUE for OR) wins over NULL. */
function emitConnective(name: 'AND' | 'OR'): Emit {
  return ([a, b], result) => {
    if (a?.carrier !== 'int32' || b?.carrier !== 'int32' || result.carrier !== 'int32') return undefined
    const decisive = name === 'AND' ? '0' : '1'
    const decides = (side: Register & { value: string }) => `(!(${side.isNull}) && ${side.value} === ${decisive})`
    return (
      `if (${decides(a)} || ${decides(b)}) { ${result.value} = ${decisive}; ${result.isNull} = false; } ` +
      `else { ${result.value} = ${name === 'AND' ? '1' : '0'}; ${result.isNull} = (${a.isNull}) || (${b.isNull}); }`
    )
  }
}

function truthTest(name: string, expected: Truth, negated: boolean): FunctionDefinition {
  const what = expected === null ? 'UNKNOWN' : String(expected).toUpperCase()
  return {
    name,
    kind: 'scalar',
    category: 'logical',
    syntax: 'postfix',
    input: forms(form(boolean)),
    output: notNull(BOOLEAN),
    nullRule: 'custom',
    deterministic: true,
    doc: `Whether a condition is ${negated ? 'not ' : ''}${what}; the answer is never NULL.`,
    example: `flagged ${name}`,
    kernel:
      () =>
      ([x]: readonly Value[]) =>
        (x === expected) !== negated,
    emit: ([x], result) => {
      if (x?.carrier !== 'int32' || result.carrier !== 'int32') return undefined
      const test = expected === null ? `(${x.isNull})` : `(!(${x.isNull}) && ${x.value} === ${expected ? 1 : 0})`
      return `${result.value} = ${negated ? '!' : ''}${test} ? 1 : 0; ${result.isNull} = false;`
    },
  }
}

export const logicalFunctions: readonly FunctionDefinition[] = [
  connective('AND', and, 'TRUE when both conditions are; NULL counts as unknown.'),
  connective('OR', or, 'TRUE when one of two conditions is; NULL counts as unknown.'),
  {
    name: 'NOT',
    kind: 'scalar',
    category: 'logical',
    syntax: 'prefix',
    input: forms(form(boolean)),
    output: sameAs(0),
    nullRule: 'strict',
    deterministic: true,
    doc: 'The opposite of a condition; NULL stays NULL.',
    example: 'NOT flagged',
    kernel:
      () =>
      ([x]) =>
        !x,
    emit: ([x], result) =>
      x?.carrier === 'int32' && result.carrier === 'int32' ? `${result.value} = ${x.value} === 0 ? 1 : 0;` : undefined,
  },
  truthTest('IS TRUE', true, false),
  truthTest('IS NOT TRUE', true, true),
  truthTest('IS FALSE', false, false),
  truthTest('IS NOT FALSE', false, true),
  truthTest('IS UNKNOWN', null, false),
  truthTest('IS NOT UNKNOWN', null, true),
]
