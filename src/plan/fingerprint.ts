// Stable names for operators and plans: hashes of what an operator does and of what feeds it, with neither names of columns nor places
// in the text. The same operator over the same inputs keeps its id, and so its state, in every deployment.
import { printType } from '../types/print-type.ts'
import { byPosition, describeOperator } from './describe-operator.ts'
import { inputsOf, type Plan, withInputs } from './plan.ts'

/** Sets every operator's id. Equal operators of one plan are told apart by a number, in the order of the text. */
export function assignIds(plan: Plan, taken: Map<string, number> = new Map()): Plan {
  const inputs = inputsOf(plan).map((input) => assignIds(input, taken))
  const operator = withInputs(plan, inputs)
  const hash = hashText(canonicalText(operator, inputs))
  const count = (taken.get(hash) ?? 0) + 1
  taken.set(hash, count)
  return { ...operator, id: count === 1 ? `${plan.kind}-${hash}` : `${plan.kind}-${hash}-${count}` }
}

function canonicalText(plan: Plan, inputs: readonly Plan[]): string {
  const types = plan.schema.map(({ type }) => printType(type)).join(', ')
  return [describeOperator(plan, byPosition), types, ...inputs.map(({ id }) => id)].join('\n')
}

/** One text for a whole pipeline: equal when all its operators are. */
export function fingerprint(plans: readonly Plan[]): string {
  return hashText(plans.map(({ id }) => id).join('\n'))
}

const prime = 0x100000001b3n
const mask = 0xffffffffffffffffn

/** FNV-1a of 64 bits over UTF-16 units, as 16 hexadecimal digits. Not for secrets: it only tells different texts apart. */
function hashText(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (let i = 0; i < text.length; i++) hash = ((hash ^ BigInt(text.charCodeAt(i))) * prime) & mask
  return hash.toString(16).padStart(16, '0')
}
