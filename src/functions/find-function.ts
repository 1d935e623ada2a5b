// The table of all functions and the lookup by name.
import { assert } from '../diagnostics/assert.ts'
import { basicAggregates } from './aggregate.ts'
import { arithmeticOperators } from './arithmetic-operators.ts'
import { comparisonFunctions } from './comparison.ts'
import { conditionalFunctions } from './conditional.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { logicalFunctions } from './logical.ts'
import { typeConversionFunctions } from './type-conversion.ts'
import { windowFunctions } from './window.ts'

/** Every built-in function and operator, in the order of the documentation. */
export const allFunctions: readonly FunctionDefinition[] = [
  ...comparisonFunctions,
  ...logicalFunctions,
  ...arithmeticOperators,
  ...conditionalFunctions,
  ...typeConversionFunctions,
  ...basicAggregates,
  ...windowFunctions,
]

let byName: Map<string, FunctionDefinition> | undefined

/** By name or alias, in any case. Operators are found by their symbol. */
export function findFunction(name: string): FunctionDefinition | undefined {
  byName ??= indexByName()
  return byName.get(name) ?? byName.get(name.toUpperCase())
}

function indexByName(): Map<string, FunctionDefinition> {
  const index = new Map<string, FunctionDefinition>()
  for (const definition of allFunctions) {
    for (const name of [definition.name, ...(definition.aliases ?? [])]) {
      assert(!index.has(name), `function ${name} is defined once`)
      index.set(name, definition)
    }
  }
  return index
}
