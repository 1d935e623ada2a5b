// Which kinds of rows reach the end of a plan: I insert, UB and UA the row before and after an update, D delete.
import type { Plan } from './plan.ts'

/** As `I`, `I,UA,D` … of what the last operator takes in. */
export function changelogKinds(_plan: Plan): string {
  return 'I'
}
