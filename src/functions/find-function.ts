// The table of all functions and the lookup by name.
import { assert } from '../diagnostics/assert.ts'
import { basicAggregates } from './aggregate.ts'
import { collectingAggregates } from './aggregate-collect.ts'
import { statisticalAggregates } from './aggregate-statistics.ts'
import { arithmeticFunctions } from './arithmetic.ts'
import { arithmeticOperators } from './arithmetic-operators.ts'
import { collectionFunctions } from './collection.ts'
import { comparisonFunctions } from './comparison.ts'
import { conditionalFunctions } from './conditional.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { hashFunctions } from './hash.ts'
import { jsonFunctions } from './json.ts'
import { logicalFunctions } from './logical.ts'
import { otherFunctions } from './other.ts'
import { overFunctions } from './over.ts'
import { patternFunctions } from './pattern.ts'
import { regexpFunctions } from './regexp.ts'
import { stringFunctions } from './string.ts'
import { temporalFunctions } from './temporal.ts'
import { typeConversionFunctions } from './type-conversion.ts'
import { valueFunctions } from './value.ts'
import { windowFunctions } from './window.ts'

/** Every built-in function and operator, in the order of the documentation. */
export const allFunctions: readonly FunctionDefinition[] = [
  ...comparisonFunctions,
  ...logicalFunctions,
  ...arithmeticOperators,
  ...arithmeticFunctions,
  ...stringFunctions,
  ...regexpFunctions,
  ...hashFunctions,
  ...temporalFunctions,
  ...conditionalFunctions,
  ...typeConversionFunctions,
  ...collectionFunctions,
  ...jsonFunctions,
  ...valueFunctions,
  ...basicAggregates,
  ...collectingAggregates,
  ...statisticalAggregates,
  ...overFunctions,
  ...windowFunctions,
  ...patternFunctions,
  ...otherFunctions,
]

type Index = ReadonlyMap<string, FunctionDefinition>

let expressions: Index | undefined
let tables: Index | undefined

/** In an expression, by name or alias in any case; operators by their symbol. A table function only where nothing else has the name. */
export function findFunction(name: string): FunctionDefinition | undefined {
  expressions ??= indexByName((definition) => !isTableFunction(definition))
  return lookUp(expressions, name) ?? findTableFunction(name)
}

/** In FROM: kinds `table` and `windowTable`. */
export function findTableFunction(name: string): FunctionDefinition | undefined {
  tables ??= indexByName(isTableFunction)
  return lookUp(tables, name)
}

function isTableFunction(definition: FunctionDefinition): boolean {
  return definition.kind === 'table' || definition.kind === 'windowTable'
}

function lookUp(index: Index, name: string): FunctionDefinition | undefined {
  return index.get(name) ?? index.get(name.toUpperCase())
}

function indexByName(belongs: (definition: FunctionDefinition) => boolean): Index {
  const index = new Map<string, FunctionDefinition>()
  for (const definition of allFunctions.filter(belongs)) {
    for (const name of [definition.name, ...(definition.aliases ?? [])]) {
      assert(!index.has(name), `function ${name} is defined once`)
      index.set(name, definition)
    }
  }
  return index
}
